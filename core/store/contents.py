"""Values in the store by digest: files in a folder or an object store, and a row for each file.

How two processes keep out of each other's way: whoever keeps a value first writes the rows of its
files with the present time, then the files that are not there. Whoever removes a file locks its
row, asks once more whether anything holds it and when it was last put, and removes row and file in
one transaction. So a file is removed before it is asked for, and written again, or it stays.
"""

import hashlib
import weakref
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, select

from core.errors import FullError, NotHereError, StoreError
from core.store import codec
from core.store.blobs import CHUNK, MANIFEST, Blob, check_digest
from core.store.codec import Content
from core.store.records import POSTGRESQL, Records, insert
from core.store.tables import CONTENTS, HOLDINGS, OBJECTS, PARTS, RESULTS

AT_ONCE = 500  # names in one question to the database


class Objects(Protocol):
    """Where files are kept: `Folder` or `Remote`."""

    @property
    def where(self) -> str:
        """The place, in messages."""

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where it is not there."""

    def local(self, name: str) -> Path | None:
        """A path on this machine; None where the file is not there."""

    def write(self, blob: Blob) -> None:
        """Keep a blob, whole or not at all."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    def forget_copy(self, name: str) -> bool:
        """Let go of this machine's copy of a file that is kept elsewhere; False where it is not."""

    def copies(self) -> Iterable[str]:
        """The names of the files that are kept elsewhere and have a copy on this machine."""

    def sweep(self, seconds: float) -> None:
        """Remove what was left half-written, `seconds` ago or longer."""


class Contents:
    """Values by digest. largest: bytes of all files."""

    def __init__(self, objects: Objects, records: Records, largest: int) -> None:
        self._objects, self._records, self._largest = objects, records, largest
        self._sound: dict[str, tuple[int, int, int]] = {}
        self._damaged: set[str] = set()
        self._living: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()

    def put(self, content: Content, names: Iterable[str], now: int) -> str:
        """Keep a content and return its digest; names: fingerprints that results may refer to."""
        with self._records.change() as connection:
            self._check_room(connection, content.blobs)
            _list(connection, content, names, now)
        try:
            for blob in content.blobs:
                if self._objects.size(blob.name) != blob.bytes or blob.name in self._damaged:
                    self._objects.write(blob)
                    self._damaged.discard(blob.name)
        except StoreError:
            with suppress(StoreError):  # what was written so far; else a sweep does it
                self.remove(now, [content.digest])
            raise
        return content.digest

    def get(self, digest: str) -> Any:
        """The value of this digest; raises NotHereError, or StoreError where it is damaged."""
        held = self._living.get(check_digest(digest))
        if held is not None:
            return held
        value = codec.decode(self.manifest(digest), self.locate)
        if is_dataclass(value) and getattr(value, "__weakref__", self) is None:
            self._living[digest] = value
        return value

    def manifest(self, digest: str) -> bytes:
        """The manifest of this digest."""
        if self._objects.local(check_digest(digest) + MANIFEST) is None:
            raise NotHereError(f"The content {digest} is not in the store.")
        return self.locate(digest + MANIFEST).read_bytes()

    def locate(self, name: str) -> Path:
        """The path of a file, once it is known to hold what its name says.

        The bytes are read through once per process; the copy of a file that is kept elsewhere is
        fetched anew where it is damaged.
        """
        path = self._objects.local(name)
        if path is not None and not self._is_sound(path, name) and self._objects.forget_copy(name):
            path = self._objects.local(name)
        if path is None:
            raise StoreError(f"The file {name} of the store, {self._objects.where}, is missing.")
        if not self._is_sound(path, name):
            self._damaged.add(name)
            raise StoreError(
                f"The file {name} of the store, {self._objects.where}, is damaged: it does not "
                "hold what was written. Put a copy of it back, or upload the data again."
            )
        return path

    def holds(self, digest: str) -> bool:
        """Whether the content is there: its manifest is written last."""
        return self._objects.size(check_digest(digest) + MANIFEST) is not None

    def remove(self, before: int, digests: list[str] | None = None) -> tuple[int, int]:
        """Remove all files that nothing holds and that were last put at `before` or earlier.

        digests: of these contents only. Returns how many, and their bytes. Manifests go first, so
        that no content is there in part.
        """
        free = and_(OBJECTS.c.put <= before, ~_held_by(HOLDINGS), ~_held_by(RESULTS))
        asked = select(OBJECTS.c.name).where(free)
        if digests is not None:
            theirs = select(PARTS.c.object).where(PARTS.c.digest.in_(digests))
            asked = asked.where(OBJECTS.c.name.in_(theirs))
        with self._records.read() as connection:
            found = connection.execute(asked).scalars().all()
        gone = [
            self._remove(name, free)
            for name in sorted(found, key=lambda name: (not name.endswith(MANIFEST), name))
        ]
        return sum(size is not None for size in gone), sum(size or 0 for size in gone)

    def sweep(self, seconds: float) -> None:
        """Remove what was left half-written, `seconds` ago or longer, and copies without a file."""
        self._objects.sweep(seconds)
        copies = list(self._objects.copies())
        with self._records.read() as connection:
            kept = _known(connection, copies)
        for name in copies:
            if name not in kept:
                self._objects.forget_copy(name)

    def _remove(self, name: str, free: "ColumnElement[bool]") -> int | None:
        """Remove one file that is still free; its bytes, or None where it stays."""
        this = OBJECTS.c.name == name
        with self._records.change() as connection:
            row = select(OBJECTS.c.bytes).where(this)
            if connection.dialect.name == POSTGRESQL:
                row = row.with_for_update()
            size = connection.execute(row).scalar()
            if not connection.execute(delete(OBJECTS).where(this, free)).rowcount:
                return None
            connection.execute(delete(PARTS).where(PARTS.c.object == name))
            if name.endswith(MANIFEST):
                digest = name.removesuffix(MANIFEST)
                connection.execute(delete(PARTS).where(PARTS.c.digest == digest))
                connection.execute(delete(CONTENTS).where(CONTENTS.c.digest == digest))
                self._living.pop(digest, None)
            self._objects.delete(name)
            self._sound.pop(name, None)
        return int(size or 0)

    def _check_room(self, connection: Connection, blobs: tuple[Blob, ...]) -> None:
        known = _known(connection, [blob.name for blob in blobs])
        wanted = sum(blob.bytes for blob in blobs if blob.name not in known)
        held = int(
            connection.execute(select(func.coalesce(func.sum(OBJECTS.c.bytes), 0))).scalar() or 0
        )
        if wanted and held + wanted > self._largest:
            raise FullError(
                f"The store holds {held / 1e6:,.0f} MB, may hold {self._largest / 1e6:,.0f}, and "
                f"{wanted / 1e6:,.1f} more are to be kept. Nothing was changed: delete workspaces, "
                "or raise NEARFIELD_STORE_MB."
            )

    def _is_sound(self, path: Path, name: str) -> bool:
        """Whether the file's bytes have the sha256 of its name."""
        try:
            found = path.stat()
            state = (found.st_size, found.st_mtime_ns, found.st_ino)
            if self._sound.get(name) != state and _sha256(path) != name.split(".")[0]:
                return False
        except OSError as error:
            raise StoreError(f"The file {name} of the store cannot be read: {error}.") from error
        self._sound[name] = state
        return True


def _known(connection: Connection, names: list[str]) -> set[str]:
    """Those names that have a row."""
    known = set[str]()
    for start in range(0, len(names), AT_ONCE):
        asked = select(OBJECTS.c.name).where(OBJECTS.c.name.in_(names[start : start + AT_ONCE]))
        known |= set(connection.execute(asked).scalars())
    return known


def _list(connection: Connection, content: Content, names: Iterable[str], now: int) -> None:
    """Write the rows of a content, in one order for all processes."""
    files = insert(connection, OBJECTS)
    files = files.on_conflict_do_update(
        index_elements=["name"], set_={"put": files.excluded.put, "bytes": files.excluded.bytes}
    )
    rows = [
        {"name": blob.name, "bytes": blob.bytes, "put": now}
        for blob in sorted(content.blobs, key=lambda blob: blob.name)
    ]
    connection.execute(files, rows)
    parts = [{"digest": content.digest, "object": row["name"]} for row in rows]
    connection.execute(insert(connection, PARTS).on_conflict_do_nothing(), parts)
    known = [{"digest": content.digest, "fingerprint": name} for name in sorted(set(names))]
    if known:
        connection.execute(insert(connection, CONTENTS).on_conflict_do_nothing(), known)


def _held_by(table: Any) -> "ColumnElement[bool]":
    """Whether a file belongs to a content that a row of `table` holds."""
    joined = PARTS.join(table, table.c.digest == PARTS.c.digest)
    return exists().select_from(joined).where(PARTS.c.object == OBJECTS.c.name)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
