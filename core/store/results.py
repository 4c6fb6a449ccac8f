"""Results of jobs by key, bounded in bytes: those that were used longest ago leave first."""

from dataclasses import dataclass

from sqlalchemy import delete, func, select, update

from core.errors import StoreError
from core.store.records import Records, insert
from core.store.tables import CONTENTS, HOLDINGS, ID, RESULTS
from core.store.workspaces import DAY, SECOND, microseconds

AT_ONCE = 500  # contents in one question to the database
USE_NOTED_AGAIN = 60 * SECOND  # that it was used is written at most once in this time


@dataclass(frozen=True)
class Orphaned:
    """What nothing holds any more. data: fingerprints of sets and graphs. results: digests of
    those that were computed from them, whose records were removed.
    """

    data: frozenset[str]
    results: list[str]


@dataclass(frozen=True)
class Kept:
    """A result as it is recorded. source: the fingerprint of what it was computed from, or ""."""

    key: str
    digest: str
    owner: str
    bytes: int
    source: str = ""


class Results:
    """The records of results. most: bytes of all. days: one that nobody uses."""

    def __init__(self, records: Records, most: int, days: int) -> None:
        self._records, self._most, self._days = records, most, days

    @property
    def most(self) -> int:
        """Bytes of all results."""
        return self._most

    def keep(self, kept: Kept) -> None:
        """Record a result, in place of another of its key, and let others leave for it."""
        if not 0 < len(kept.key) <= ID:
            raise StoreError(f"The key of a result must have 1 to {ID} characters.")
        now = microseconds()
        row = {**vars(kept), "created": now, "used": now}
        with self._records.change() as connection:
            made = insert(connection, RESULTS).values(row)
            given = {name: made.excluded[name] for name in row if name != "key"}
            connection.execute(made.on_conflict_do_update(index_elements=["key"], set_=given))
        self.make_room(self._most)

    def digest(self, key: str) -> str | None:
        """The digest of the result of this key; None where there is none."""
        now = microseconds()
        this = RESULTS.c.key == key
        with self._records.read() as connection:
            row = connection.execute(select(RESULTS).where(this)).one_or_none()
        if row is None:
            return None
        if now - row.used > USE_NOTED_AGAIN:
            with self._records.change() as connection:
                connection.execute(update(RESULTS).where(this), {"used": now})
        return str(row.digest)

    def forget(self, key: str) -> None:
        """Remove the record of a result."""
        with self._records.change() as connection:
            connection.execute(delete(RESULTS).where(RESULTS.c.key == key))

    def make_room(self, most: int) -> int:
        """Remove the records used longest ago until the others take at most `most` bytes."""
        gone = 0
        with self._records.change() as connection:
            held = connection.execute(select(func.coalesce(func.sum(RESULTS.c.bytes), 0))).scalar()
            excess = int(held or 0) - most
            if excess <= 0:
                return 0
            oldest = select(RESULTS.c.key, RESULTS.c.bytes).order_by(RESULTS.c.used, RESULTS.c.key)
            for key, size in connection.execute(oldest).all():
                if excess <= 0:
                    break
                connection.execute(delete(RESULTS).where(RESULTS.c.key == key))
                excess, gone = excess - size, gone + 1
        return gone

    def expire(self) -> int:
        """Remove the records that nobody used for too long; their number."""
        unused = RESULTS.c.used < microseconds() - self._days * DAY
        with self._records.change() as connection:
            return connection.execute(delete(RESULTS).where(unused)).rowcount

    def forget_without_data(self, digests: list[str]) -> Orphaned:
        """Remove the results of data that only these contents held.

        digests: of contents that a workspace held and holds no longer.
        """
        held = (
            select(CONTENTS.c.fingerprint)
            .join(HOLDINGS, HOLDINGS.c.digest == CONTENTS.c.digest)
            .distinct()
        )
        data, found = set[str](), list[str]()
        with self._records.change() as connection:
            for start in range(0, len(digests), AT_ONCE):
                these = CONTENTS.c.digest.in_(digests[start : start + AT_ONCE])
                gone = select(CONTENTS.c.fingerprint).where(
                    these, CONTENTS.c.fingerprint.not_in(held)
                )
                data |= set(connection.execute(gone).scalars())
                orphaned = RESULTS.c.source.in_(gone)
                found += connection.execute(select(RESULTS.c.digest).where(orphaned)).scalars()
                connection.execute(delete(RESULTS).where(orphaned))
        return Orphaned(frozenset(data), found)
