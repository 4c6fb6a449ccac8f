"""What a person works on: a title, a state, and the contents that it holds by key."""

import json
import secrets
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, get_args

from sqlalchemy import Connection, delete, func, insert, select, update

from core.errors import ConflictError, NotHereError, QuotaError, StoreError
from core.store.blobs import MANIFEST, check_digest
from core.store.records import POSTGRESQL, Records
from core.store.tables import HOLDINGS, ID, OBJECTS, PARTS, WORKSPACES

Visibility = Literal["private", "link", "everyone"]
VISIBILITIES: tuple[Visibility, ...] = get_args(Visibility)
TOKEN_BYTES = 16  # 128 random bits
SECOND = 10**6  # in microseconds
DAY = 24 * 3600 * SECOND
NOTED_AGAIN = 3600 * SECOND  # that it was opened is written at most once in this time
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_TITLE = 200
LONGEST_STATE = 4_000_000


class DamagedState(dict[str, Any]):
    """In place of a state that is no JSON, so that its workspace can be listed and deleted."""

    def __init__(self, problem: str) -> None:
        super().__init__()
        self.problem = problem


@dataclass(frozen=True)
class Workspace:
    """What a person works on, as it was read.

    token: 128 random bits, url-safe: whoever knows it may see what is shared by link.
    visibility: who else than the owner may see it: nobody, who has the link, or everybody here.
    state: what JSON can hold. holdings: the digests of its contents by key. changed: also tells
    whether somebody has changed it since. bytes: of all files of its contents, and of its state.
    """

    token: str
    owner: str
    title: str
    visibility: Visibility
    state: Mapping[str, Any]
    holdings: Mapping[str, str]
    created: datetime
    changed: datetime
    opened: datetime
    expires: datetime
    bytes: int = field(compare=False)

    def may_see(self, who: str) -> bool:
        """Whether this person may read it, once they know its token."""
        return self.owner == who or self.visibility != "private"

    def may_change(self, who: str) -> bool:
        """Whether this person may save, rename, share and delete it."""
        return self.owner == who


@dataclass(frozen=True)
class Terms:
    """What an owner may keep. owner_bytes: in all. days: a workspace that nobody opens."""

    owner_bytes: int
    days: int


class Workspaces:
    """The records of all workspaces."""

    def __init__(self, records: Records, terms: Terms) -> None:
        self._records, self._terms = records, terms

    def create(
        self,
        owner: str,
        title: str,
        state: Mapping[str, Any],
        holdings: Mapping[str, str],
        visibility: Visibility = "private",
    ) -> Workspace:
        """Keep a new workspace; its contents must be in the store."""
        now = microseconds()
        row = {
            "token": secrets.token_urlsafe(TOKEN_BYTES),
            "owner": _check_name(owner, "The owner"),
            "title": _check_title(title),
            "visibility": _check_visibility(visibility),
            "state": state_text(state),
            "created": now,
            "changed": now,
            "opened": now,
            "expires": now + self._terms.days * DAY,
            "bytes": 0,
        }
        with self._records.change(owner) as connection:
            connection.execute(insert(WORKSPACES), row)
            self._hold(connection, str(row["token"]), owner, holdings)
            return _read(connection, str(row["token"]))

    def read(self, token: str, who: str) -> Workspace:
        """The workspace of this token; raises NotHereError where `who` may not see it.

        That it was opened puts off its end.
        """
        now = microseconds()
        with self._records.read() as connection:
            found = _read(connection, token)
        if not found.may_see(who):
            raise _not_here()
        if isinstance(found.state, DamagedState):
            raise StoreError(found.state.problem)
        if now - of_moment(found.opened) < NOTED_AGAIN:
            return found
        times = {"opened": now, "expires": now + self._terms.days * DAY}
        with self._records.change() as connection:
            connection.execute(update(WORKSPACES).where(WORKSPACES.c.token == token), times)
            return _read(connection, token)

    def save(self, changed: Workspace, who: str) -> Workspace:
        """Keep the title, visibility, state and holdings of a workspace as it now is.

        Raises ConflictError where it was changed since `changed` was read: read it again.
        """
        values = {
            "title": _check_title(changed.title),
            "visibility": _check_visibility(changed.visibility),
            "state": state_text(changed.state),
        }
        with self._records.change(changed.owner) as connection:
            self._change(connection, changed.token, who, values, changed.changed)
            self._hold(connection, changed.token, changed.owner, changed.holdings)
            return _read(connection, changed.token)

    def rename(self, token: str, who: str, title: str) -> Workspace:
        """Give a workspace another title."""
        with self._records.change() as connection:
            self._change(connection, token, who, {"title": _check_title(title)})
            return _read(connection, token)

    def share(self, token: str, who: str, visibility: Visibility) -> Workspace:
        """Say who may see a workspace."""
        with self._records.change() as connection:
            self._change(connection, token, who, {"visibility": _check_visibility(visibility)})
            return _read(connection, token)

    def duplicate(
        self,
        token: str,
        who: str,
        title: str | None = None,
        owner: str | None = None,
        visibility: Visibility = "private",
    ) -> Workspace:
        """A copy, of `owner` or else of `who`, of a workspace that `who` may see."""
        found = self.read(token, who)
        return self.create(
            owner or who, title or found.title, found.state, found.holdings, visibility
        )

    def delete(self, token: str, who: str) -> Workspace:
        """Remove a workspace and return what it was; its contents are left to the caller."""
        with self._records.change() as connection:
            found = _read(connection, token)
            _check_owner(found, who)
            _delete(connection, [token])
            return found

    def list_of(self, owner: str) -> list[Workspace]:
        """All workspaces of an owner, the one that was opened last first."""
        return self._list(WORKSPACES.c.owner == owner)

    def list_public(self) -> list[Workspace]:
        """All workspaces that everybody here may see, the one that was opened last first."""
        return self._list(WORKSPACES.c.visibility == "everyone")

    def holders(self, key: str) -> list[Workspace]:
        """All workspaces that hold a content by this key, whosoever they are."""
        holding = select(HOLDINGS.c.token).where(HOLDINGS.c.key == key)
        return self._list(WORKSPACES.c.token.in_(holding))

    def bytes_of(self, owner: str) -> int:
        """Bytes of all that an owner keeps; a file that two workspaces hold counts once."""
        with self._records.read() as connection:
            return _bytes_kept(connection, WORKSPACES.c.owner == owner)

    def owners(self) -> list[str]:
        """All who keep a workspace, in the order of their names."""
        with self._records.read() as connection:
            asked = select(WORKSPACES.c.owner).distinct().order_by(WORKSPACES.c.owner)
            return list(connection.execute(asked).scalars())

    def expired(self) -> list[Workspace]:
        """Remove the workspaces that nobody opened for too long, and return what they were."""
        with self._records.change() as connection:
            over = select(WORKSPACES.c.token).where(WORKSPACES.c.expires < microseconds())
            found = [_read(connection, token) for token in connection.execute(over).scalars().all()]
            _delete(connection, [each.token for each in found])
            return found

    def _list(self, condition: Any) -> list[Workspace]:
        order = WORKSPACES.c.opened.desc(), WORKSPACES.c.token
        with self._records.read() as connection:
            rows = connection.execute(select(WORKSPACES).where(condition).order_by(*order)).all()
            asked = select(HOLDINGS).join(WORKSPACES, WORKSPACES.c.token == HOLDINGS.c.token)
            held: dict[str, dict[str, str]] = {}
            for token, key, digest in connection.execute(asked.where(condition)):
                held.setdefault(token, {})[key] = digest
        return [_workspace(row, held.get(row.token, {})) for row in rows]

    def _change(
        self,
        connection: Connection,
        token: str,
        who: str,
        values: Mapping[str, Any],
        read: datetime | None = None,
    ) -> None:
        """Write values of a workspace of `who`, last changed at `read` if that is given."""
        found = _read(connection, token, lock=True)
        _check_owner(found, who)
        if read is not None and found.changed != read:
            raise ConflictError(
                f"{found.title!r} was changed in another window or by another server since it was "
                "opened here. Open it again, and repeat the last step."
            )
        now = max(microseconds(), of_moment(found.changed) + 1)
        times = {"changed": now, "opened": now, "expires": now + self._terms.days * DAY}
        this = WORKSPACES.c.token == token
        connection.execute(update(WORKSPACES).where(this), {**values, **times})

    def _hold(
        self, connection: Connection, token: str, owner: str, holdings: Mapping[str, str]
    ) -> None:
        """Make these the contents of a workspace; raises QuotaError or NotHereError."""
        this = HOLDINGS.c.token == token
        held = {row.key: row.digest for row in connection.execute(select(HOLDINGS).where(this))}
        if held != dict(holdings):
            added = set(holdings.values()) - set(held.values())
            _lock_contents(connection, added)
            connection.execute(delete(HOLDINGS).where(this))
            rows = [
                {"token": token, "key": _check_name(key, "A key"), "digest": check_digest(digest)}
                for key, digest in holdings.items()
            ]
            if rows:
                connection.execute(insert(HOLDINGS), rows)
        size = _bytes_kept(connection, WORKSPACES.c.token == token)
        before = connection.execute(
            select(WORKSPACES.c.bytes).where(WORKSPACES.c.token == token)
        ).scalar()
        connection.execute(update(WORKSPACES).where(WORKSPACES.c.token == token), {"bytes": size})
        if size > int(before or 0):
            self._check_quota(connection, owner)

    def _check_quota(self, connection: Connection, owner: str) -> None:
        kept, most = _bytes_kept(connection, WORKSPACES.c.owner == owner), self._terms.owner_bytes
        if kept > most:
            raise QuotaError(
                f"Your workspaces would take {kept / 1e6:,.1f} MB, and one person may keep "
                f"{most / 1e6:,.0f} MB here. Nothing was changed: delete workspaces that you no "
                "longer need."
            )


def microseconds() -> int:
    """The present time, as the tables have it."""
    return time.time_ns() // 1000


def moment(stored: int) -> datetime:
    """A time of the tables."""
    return EPOCH + timedelta(microseconds=stored)


def of_moment(shown: datetime) -> int:
    """A time, as the tables have it."""
    return (shown - EPOCH) // timedelta(microseconds=1)


def state_text(state: Mapping[str, Any]) -> str:
    """The state as JSON; raises StoreError where it is none."""
    try:
        text = json.dumps(dict(state), separators=(",", ":"), allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise StoreError(f"The state of a workspace must be JSON: {error}.") from error
    if len(text) > LONGEST_STATE:
        raise StoreError(
            f"The state of a workspace has {len(text):,} characters as JSON; at most "
            f"{LONGEST_STATE:,} are kept."
        )
    return text


def _read(connection: Connection, token: str, *, lock: bool = False) -> Workspace:
    """The workspace of this token, whoever asks."""
    asked = select(WORKSPACES).where(WORKSPACES.c.token == token)
    if lock and connection.dialect.name == POSTGRESQL:
        asked = asked.with_for_update()
    row = connection.execute(asked).one_or_none()
    if row is None:
        raise _not_here()
    holdings = connection.execute(select(HOLDINGS).where(HOLDINGS.c.token == token))
    return _workspace(row, {each.key: each.digest for each in holdings})


def _workspace(row: Any, holdings: Mapping[str, str]) -> Workspace:
    """The row as a workspace."""
    try:
        state = json.loads(row.state)
    except ValueError as error:
        state = DamagedState(f"The state of the workspace {row.title!r} is damaged: {error}.")
    return Workspace(
        token=row.token,
        owner=row.owner,
        title=row.title,
        visibility=row.visibility,
        state=state,
        holdings=dict(holdings),
        created=moment(row.created),
        changed=moment(row.changed),
        opened=moment(row.opened),
        expires=moment(row.expires),
        bytes=row.bytes,
    )


def _delete(connection: Connection, tokens: Iterable[str]) -> None:
    for token in tokens:
        connection.execute(delete(HOLDINGS).where(HOLDINGS.c.token == token))
        connection.execute(delete(WORKSPACES).where(WORKSPACES.c.token == token))


def _lock_contents(connection: Connection, digests: Iterable[str]) -> None:
    """Make sure that contents are there, and stay until the transaction ends."""
    for digest in sorted(digests):
        name = check_digest(digest) + MANIFEST
        asked = (
            select(OBJECTS.c.name)
            .join(PARTS, PARTS.c.object == OBJECTS.c.name)
            .where(PARTS.c.digest == digest)
            .order_by(OBJECTS.c.name)
        )
        if connection.dialect.name == POSTGRESQL:
            asked = asked.with_for_update(of=OBJECTS)
        if name not in set(connection.execute(asked).scalars()):
            raise NotHereError(f"The content {digest} is not in the store: put it there first.")


def _bytes_kept(connection: Connection, condition: Any) -> int:
    """Bytes of the workspaces for which `condition` is true: all files, each once, and states."""
    held = (
        select(PARTS.c.object)
        .join(HOLDINGS, HOLDINGS.c.digest == PARTS.c.digest)
        .join(WORKSPACES, WORKSPACES.c.token == HOLDINGS.c.token)
        .where(condition)
    )
    files = select(func.sum(OBJECTS.c.bytes)).where(OBJECTS.c.name.in_(held))
    states = select(func.sum(func.length(WORKSPACES.c.state))).where(condition)
    return sum(int(connection.execute(asked).scalar() or 0) for asked in (files, states))


def _check_owner(found: Workspace, who: str) -> None:
    if not found.may_see(who):
        raise _not_here()
    if not found.may_change(who):
        raise StoreError(
            f"{found.title!r} belongs to somebody else, so it cannot be changed here. Duplicate "
            "it, and change the copy."
        )


def _not_here() -> NotHereError:
    return NotHereError(
        "There is no such workspace here, or it is not shared with you. It may have been deleted, "
        "or nobody opened it for too long. Ask whoever gave you the link."
    )


def _check_title(title: str) -> str:
    shown = " ".join(str(title).split())
    if not shown or len(shown) > LONGEST_TITLE:
        raise StoreError(f"A title must have 1 to {LONGEST_TITLE} characters; got {len(shown):,}.")
    return shown


def _check_name(name: str, what: str) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= ID or "\x00" in name:
        raise StoreError(f"{what} must be a text of 1 to {ID} characters; got {name!r:.80}.")
    return name


def _check_visibility(visibility: str) -> str:
    if visibility not in VISIBILITIES:
        raise StoreError(
            f"visibility must be one of {', '.join(VISIBILITIES)}; got {visibility!r}."
        )
    return visibility
