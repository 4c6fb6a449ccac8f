"""The database of the records: SQLite in the store's folder, or PostgreSQL."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from core.errors import FullError, MissingExtraError, StoreError
from core.store.migrations import migrate

FILE = "records.db"
WAIT = 30  # seconds for another process to end its transaction
POSTGRESQL = "postgresql"


class Records:
    """Transactions on the tables of `core.store.tables`, brought to the newest version."""

    def __init__(self, where: str | Path) -> None:
        self._engine = _engine(where)
        shown = self._engine.url.render_as_string(hide_password=True)
        self.where = str(where) if isinstance(where, Path) else shown
        try:
            with self.change() as connection:
                migrate(connection)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def change(self, owner: str | None = None) -> Iterator[Connection]:
        """A transaction that writes: all of it is kept, or with an error nothing.

        owner: of whom no other transaction changes the quota meanwhile.
        """
        with self._told(), self._engine.begin() as connection:
            if owner is not None and connection.dialect.name == POSTGRESQL:
                number = int.from_bytes(hashlib.sha256(owner.encode()).digest()[:7], "big")
                connection.execute(text(f"SELECT pg_advisory_xact_lock({number})"))
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one state, and does not wait for those that write."""
        with self._told(), self._engine.connect() as connection:
            reading = connection.execution_options(reads=True)
            with reading.begin():
                yield reading

    def close(self) -> None:
        """Let go of all connections."""
        self._engine.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise _said(self.where, error) from error
        except SQLAlchemyError as error:
            raise StoreError(f"The records of the store, {self.where}: {error}.") from error


def insert(connection: Connection, table: Any) -> Any:
    """An INSERT that can say what to do where the row is there already."""
    made = postgresql.insert if connection.dialect.name == POSTGRESQL else sqlite.insert
    return made(table)


def _engine(where: str | Path) -> Engine:
    if isinstance(where, Path):
        url = URL.create("sqlite", database=str(where))
        engine = create_engine(url, connect_args={"timeout": WAIT, "check_same_thread": False})
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine
    try:
        url = make_url(where)
        if url.get_backend_name() != POSTGRESQL:
            raise StoreError(
                f"The records of the store can be in a folder or in postgresql://; got "
                f"{url.drivername}://."
            )
        return create_engine(url.set(drivername="postgresql+psycopg"), pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise StoreError("The address of the store's database cannot be understood.") from error
    except ImportError as error:
        raise MissingExtraError("A store in PostgreSQL", "psycopg", "replicas") from error


def _prepare(connection: Any, _record: Any) -> None:
    """One connection to SQLite.

    With a log beside the file, readers do not wait for who writes, and a process that is killed
    leaves nothing half-written. "normal": a power cut may take the last transactions, never part of
    one (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, see `_begin`
    cursor = connection.cursor()
    for pragma in ("journal_mode = wal", "synchronous = normal", f"busy_timeout = {WAIT * 1000}"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _said(where: str, error: DBAPIError) -> StoreError:
    reason = str(error.orig).strip().splitlines()[0][:200] if str(error.orig).strip() else "?"
    if "disk is full" in reason or "No space left" in reason or "disk I/O error" in reason:
        return FullError(
            f"There is no room left for the records of the store, {where}. Nothing was changed: "
            "delete workspaces, or give it a larger disk."
        )
    if "malformed" in reason or "not a database" in reason:
        return StoreError(
            f"The records of the store, {where}, are damaged: {reason}. Put a copy of this file "
            "back, or move it away to begin anew; the files of arrays are not touched."
        )
    return StoreError(f"The records of the store, {where}, cannot be read or written: {reason}.")
