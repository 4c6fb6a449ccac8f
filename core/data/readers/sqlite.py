"""SQLite databases, read by Python's own library from a copy in memory.

Nothing but tables is read: no view and no virtual table, whose text would run. A statement is
stopped after a bounded number of steps. Format: https://sqlite.org/fileformat.html
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any, NamedTuple

import pandas as pd

from core.data import watch
from core.data.limits import check_bytes, check_size, max_bytes
from core.data.readers.columns import split_table
from core.data.readers.content import head
from core.data.readers.found import Content, Found, Options
from core.errors import ChoiceError, DataError

MAGIC = b"SQLite format 3\x00"
JOURNAL = slice(18, 20)  # 2: a write-ahead log beside the file, which is not here
STEP = 10_000
MOST_STEPS = 200_000  # times STEP instructions of SQLite's machine
MOST_TABLES = 200
MOST_COLUMNS = 2_000
BATCH = 10_000
CELL = 50  # bytes of a Python object beside its value
NAMED = 20


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether the bytes begin as those of SQLite."""
    return head(content, len(MAGIC)) == MAGIC


def read(content: Content, options: Options) -> Found:
    """The table that holds vectors, its other columns as metadata.

    `options.vector_column` may name the table, or a column as "table.column".
    """
    with _opened(content) as database:
        tables, virtual = _tables(database)
        chosen, column = _chosen(tables, options.vector_column)
        candidates, reasons = dict[str, Candidate](), dict[str, str]()
        for name in tables if chosen is None else [chosen]:
            try:
                candidates[name] = _candidate(
                    _frame(database, name), replace(options, vector_column=column)
                )
            except ChoiceError as error:
                raise ChoiceError(
                    f"Table {name!r}: {error}", [f"{name}.{each}" for each in error.candidates]
                ) from error
            except DataError as error:
                reasons[name] = str(error)
    found = _one_of(candidates, reasons, virtual)
    if not virtual:
        return found
    note = f"not read: the virtual tables {_listing(virtual)}; export them as CSV"
    return replace(found, notes=(*found.notes, note))


def frame(content: Content) -> pd.DataFrame:
    """The only table, for metadata; raises ChoiceError where there are several."""
    with _opened(content) as database:
        tables, _ = _tables(database)
        if len(tables) > 1:
            raise ChoiceError(
                f"The database holds several tables: {_listing(tables)}. Save the one with the "
                "metadata as .csv.",
                tables,
            )
        return _frame(database, tables[0])


class Candidate(NamedTuple):
    """A table as vectors; in_cells: whether one cell holds several numbers, which is no guess."""

    found: Found
    in_cells: bool


def _candidate(table: pd.DataFrame, options: Options) -> Candidate:
    found = split_table(table, options)
    kept = set() if found.metadata is None else set(found.metadata.columns)
    vectors = [name for name in table.columns if name not in kept]
    of_texts = any(table[name].dtype.kind not in "iufb" for name in vectors)
    return Candidate(found, of_texts and found.vectors.shape[-1] > 1)


def _one_of(candidates: dict[str, Candidate], reasons: dict[str, str], virtual: list[str]) -> Found:
    names = [name for name in candidates if candidates[name].in_cells] or list(candidates)
    if len(names) > 1:
        raise ChoiceError(
            f"Several tables could hold the vectors: {_listing(names)}. Say which (vector_column).",
            names,
        )
    if not names:
        why = "".join(f" Table {name!r}: {reason}" for name, reason in list(reasons.items())[:1])
        unread = f" The virtual tables {_listing(virtual)} are not read." if virtual else ""
        raise DataError(f"No table of the database holds vectors.{why}{unread}")
    others = [name for name in (*candidates, *reasons) if name not in names]
    unused = [f"not used: the tables {_listing(others)}"] if others else []
    only = candidates[names[0]].found
    return replace(only, notes=(f"read from the table {names[0]!r}", *only.notes, *unused))


def _chosen(tables: list[str], asked: str | None) -> tuple[str | None, str | None]:
    """The table and the column that `asked` names; None for what is found by itself."""
    if asked is None or asked in tables:
        return asked, None
    table, _, column = asked.partition(".")
    if table in tables and column:
        return table, column
    return None, asked


@contextmanager
def _opened(content: Content) -> Iterator[sqlite3.Connection]:
    copy = bytearray(content)
    copy[JOURNAL] = b"\1\1"
    try:
        with closing(sqlite3.connect(":memory:")) as database:
            database.deserialize(bytes(copy))
            del copy
            database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, min(max_bytes(), 2**31 - 1))
            database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
            database.set_progress_handler(_Steps(), STEP)
            database.execute("PRAGMA trusted_schema = OFF")
            database.execute("PRAGMA query_only = ON")
            database.execute("PRAGMA cell_size_check = ON")
            yield database
    except (sqlite3.Error, UnicodeDecodeError, OverflowError, MemoryError) as error:
        raise DataError(
            f"The file is not a readable SQLite database: {str(error)[:200]}. It is damaged, or "
            "reading it takes too long; export the table as CSV: sqlite3 -header -csv FILE 'SELECT "
            "* FROM my_table'."
        ) from error


class _Steps:
    """Stops a database after so many steps altogether."""

    def __init__(self) -> None:
        self._left = MOST_STEPS

    def __call__(self) -> int:
        self._left -= 1
        return int(self._left < 0)


def _tables(database: sqlite3.Connection) -> tuple[list[str], list[str]]:
    """Names of the tables, and of the virtual ones, whose own tables are left out with them."""
    rows = database.execute(
        "SELECT name, rootpage FROM sqlite_master WHERE type = 'table' "
        f"AND name NOT LIKE 'sqlite_%' ORDER BY name LIMIT {MOST_TABLES + 1}"
    ).fetchall()
    if len(rows) > MOST_TABLES:
        raise DataError(
            f"The database holds more than {MOST_TABLES} tables. Export the one with the vectors "
            "as CSV or Parquet."
        )
    virtual = [str(name) for name, page in rows if not page]
    prefixes = tuple(f"{name}_" for name in virtual)
    names = [str(name) for name, page in rows if page and not str(name).startswith(prefixes)]
    if not names:
        unread = f" that can be read, for {_listing(virtual)} are virtual" if virtual else ""
        raise DataError(
            f"The database holds no table{unread}. Export the table with the vectors as CSV."
        )
    return names, virtual


def _frame(database: sqlite3.Connection, table: str) -> pd.DataFrame:
    quoted = '"' + table.replace('"', '""') + '"'
    cursor = database.execute(f"SELECT * FROM {quoted}")
    names = [str(column[0]) for column in cursor.description]
    if len(names) > MOST_COLUMNS:
        raise DataError(f"It has {len(names):,} columns, and {MOST_COLUMNS:,} are read.")
    rows: list[tuple[Any, ...]] = []
    size = 0
    while batch := cursor.fetchmany(BATCH):
        watch.still_reading(f"{len(rows):,} rows")
        size += sum(CELL + _size(value) for row in batch for value in row)
        check_bytes(size, f"The table {table!r}")
        check_size(len(rows) + len(batch), len(names))
        rows += batch
    return pd.DataFrame(rows, columns=pd.Index(names, dtype=object))


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | bytes) else 0


def _listing(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (", ..." if len(names) > NAMED else "")
