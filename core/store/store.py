"""The store: contents by digest, workspaces that hold them, and results of jobs."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO

from core.data.embedding_set import EmbeddingSet
from core.errors import FullError, NotHereError, StoreError
from core.index.graph import HnswGraph
from core.limits import KEEP_DAYS, OWNER_MB, RESULTS_MB, STORE_MB
from core.store import address, archive, codec
from core.store.archive import Described
from core.store.codec import Content
from core.store.contents import Contents
from core.store.results import Kept, Results
from core.store.workspaces import (
    SECOND,
    Terms,
    Visibility,
    Workspace,
    Workspaces,
    microseconds,
    of_moment,
)

SAVING = 60  # seconds from a put to a save, while somebody else deletes
GRACE = 3600  # seconds for which nobody need hold what was put


@dataclass(frozen=True)
class Swept:
    """What a sweep removed: numbers of workspaces, results and files, and bytes of these.

    data: fingerprints of the sets and graphs that no workspace holds any more.
    """

    workspaces: int
    results: int
    files: int
    bytes: int
    data: frozenset[str] = frozenset()


class Store:
    """Contents, workspaces and results, in one place that several processes and machines use.

    Every method raises StoreError, or one of its kinds, in words that a page can show; then nothing
    was changed. An instance can be used by several threads.
    """

    def __init__(self, where: str) -> None:
        parts = address.parse(where)
        files = address.open_files(parts)
        self._records = address.open_records(parts)
        self._contents = Contents(files, self._records, STORE_MB.bytes)
        self._spaces = Workspaces(self._records, Terms(OWNER_MB.bytes, KEEP_DAYS.value))
        self._results = Results(self._records, RESULTS_MB.bytes, KEEP_DAYS.value)
        self.where = f"{self._records.where}, {files.where}"

    def close(self) -> None:
        """Let go of the database; what was read stays usable."""
        self._records.close()

    def put(self, value: Any) -> str:
        """Keep a value and return its digest, 64 hex digits that name all it holds.

        value: a set, a graph, any frozen dataclass of core, arrays, frames, plain values. A value
        that is there already is not written again. It stays for an hour; to stay longer, a
        workspace must hold it.
        """
        return self._put(codec.encode(value), value)

    def get(self, digest: str) -> Any:
        """The value of this digest, its arrays read-only and the large ones mapped from disk.

        Raises NotHereError where it is not in the store, and StoreError where it is damaged, which
        names the file.
        """
        return self._contents.get(digest)

    def holds(self, digest: str) -> bool:
        """Whether a content is in the store."""
        return self._contents.holds(digest)

    def create(
        self,
        owner: str,
        title: str,
        state: Mapping[str, Any],
        holdings: Mapping[str, str],
        visibility: Visibility = "private",
    ) -> Workspace:
        """Keep a new workspace. holdings: digests of contents that were put, by any key."""
        self._check_held(holdings.values())
        return self._spaces.create(owner, title, state, holdings, visibility)

    def read(self, token: str, who: str) -> Workspace:
        """The workspace of this token; raises NotHereError where `who` may not see it."""
        return self._spaces.read(token, who)

    def save(self, changed: Workspace, who: str) -> Workspace:
        """Keep title, visibility, state and holdings as they now are; the workspace as it is kept.

        changed: what was read, by `dataclasses.replace`. Raises ConflictError where somebody saved
        it since, and StoreError where it is not that of `who`.
        """
        self._check_held(changed.holdings.values())
        return self._spaces.save(changed, who)

    def rename(self, token: str, who: str, title: str) -> Workspace:
        """Give a workspace of `who` another title."""
        return self._spaces.rename(token, who, title)

    def share(self, token: str, who: str, visibility: Visibility) -> Workspace:
        """Say who may see a workspace of `who`."""
        return self._spaces.share(token, who, visibility)

    def duplicate(
        self,
        token: str,
        who: str,
        title: str | None = None,
        *,
        owner: str | None = None,
        visibility: Visibility = "private",
    ) -> Workspace:
        """A copy of a workspace that `who` may see: of `who`, unless an owner is named."""
        return self._spaces.duplicate(token, who, title, owner, visibility)

    def delete(self, token: str, who: str) -> frozenset[str]:
        """Remove a workspace of `who`, and at once all that nothing else holds.

        Returns the fingerprints of the sets and graphs that no other workspace holds, whose results
        go with it. What somebody has put in the last minute, and not saved yet, is left to the
        sweep.
        """
        gone = self._spaces.delete(token, who)
        digests = sorted(set(gone.holdings.values()))
        orphaned = self._results.forget_without_data(digests)
        before = max(of_moment(gone.changed), microseconds() - SAVING * SECOND)
        with suppress(StoreError):  # the workspace is gone; a sweep removes what is left
            self._contents.remove(before, digests)
            self._contents.remove(microseconds(), orphaned.results)
        return orphaned.data

    def list_of(self, owner: str) -> list[Workspace]:
        """All workspaces of an owner, the one that was opened last first."""
        return self._spaces.list_of(owner)

    def list_public(self) -> list[Workspace]:
        """All workspaces that everybody here may see, the one that was opened last first."""
        return self._spaces.list_public()

    def holders(self, key: str) -> list[Workspace]:
        """All workspaces that hold a content by this key, whoever may see them."""
        return self._spaces.holders(key)

    def owners(self) -> list[str]:
        """All who keep a workspace, in the order of their names."""
        return self._spaces.owners()

    def bytes_of(self, owner: str) -> int:
        """Bytes that an owner keeps; a file that two of their workspaces hold counts once."""
        return self._spaces.bytes_of(owner)

    def export(self, token: str, who: str, out: BinaryIO) -> None:
        """Write a workspace that `who` may see, with all that it holds, as one zip."""
        found = self._spaces.read(token, who)
        described = Described(found.title, found.state, found.holdings)
        archive.write(described, out, self._contents.manifest, self._contents.locate)

    def take_in(self, source: BinaryIO, owner: str) -> Workspace:
        """A new private workspace from a zip of `export`; raises StoreError where it is refused."""
        described = archive.read(source, OWNER_MB.bytes, self._take)
        return self.create(owner, described.title, described.state, described.holdings)

    def keep_result(self, key: str, value: Any, owner: str, source: str = "") -> bool:
        """Keep the result of a job by its key; False where there is no room for it.

        source: the fingerprint of the data that it was computed from, with which it goes. Those
        used longest ago leave first.
        """
        content = codec.encode(value)
        size = sum(blob.bytes for blob in content.blobs)
        if size > self._results.most:
            return False
        try:
            digest = self._contents.put(content, _names(value), microseconds())
        except FullError:
            return False
        self._results.keep(Kept(key, digest, owner, size, source))
        return True

    def result(self, key: str) -> Any | None:
        """The result of this key; None where there is none, or it is damaged."""
        digest = self._results.digest(key)
        if digest is None:
            return None
        try:
            return self._contents.get(digest)
        except StoreError:
            self._results.forget(key)
            return None

    def sweep(self, grace: float = GRACE) -> Swept:
        """Remove what has expired, and files that nothing holds.

        grace: seconds for which a file stays that was put and that nothing holds yet. Several
        processes may sweep at once, while others write.
        """
        spaces = self._spaces.expired()
        digests = sorted({digest for each in spaces for digest in each.holdings.values()})
        orphaned = self._results.forget_without_data(digests)
        results = len(orphaned.results) + self._results.expire()
        results += self._results.make_room(self._results.most)
        before = microseconds() - int(grace * SECOND)
        files, size = self._contents.remove(before)
        self._contents.sweep(grace)
        return Swept(len(spaces), results, files, size, orphaned.data)

    def _put(self, content: Content, value: Any) -> str:
        try:
            return self._contents.put(content, _names(value), microseconds())
        except FullError:
            if not self._results.make_room(0):
                raise
            self._contents.remove(microseconds() - GRACE * SECOND)
            return self._contents.put(content, _names(value), microseconds())

    def _take(self, content: Content, value: Any) -> None:
        self._put(content, value)

    def _check_held(self, digests: Iterable[str]) -> None:
        for digest in sorted(set(digests)):
            if not self._contents.holds(digest):
                raise NotHereError(f"The content {digest} is not in the store: put it there first.")


def open_store(where: str) -> Store:
    """Open a store, or make a new one. where: a folder, or "postgresql://...;s3://bucket/prefix".

    Raises StoreError, and MissingExtraError where a library is not installed.
    """
    return Store(where)


def _names(value: Any) -> tuple[str, ...]:
    """The fingerprints by which results tell what they were computed from."""
    if isinstance(value, EmbeddingSet):
        return value.fingerprint, value.bare.fingerprint
    return (value.fingerprint,) if isinstance(value, HnswGraph) else ()
