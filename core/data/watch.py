"""How far the reading of a file is; what a reader says ends it once nobody waits for it.

Readers call one another in many forms, so the report is not handed down: `heard` sets it for all
that a thread reads inside, and a loop of a reader says how far it is.

>>> with heard(print):
...     bytes_read(120_000_000, 400_000_000)
0.3 120 of 400 MB
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from core.progress import Progress, unheard

MEGABYTE = 1_000_000
MILLION = 1_000_000

_REPORT: ContextVar[Progress] = ContextVar("reading", default=unheard)


@contextmanager
def heard(progress: Progress) -> Iterator[None]:
    """Inside, what is read is told to `progress`, whose exception ends the reading."""
    before = _REPORT.set(progress)
    try:
        yield
    finally:
        _REPORT.reset(before)


def bytes_read(done: int, total: int) -> None:
    """Say that `done` of `total` bytes are read."""
    words = f"{done / MEGABYTE:,.0f} of {total / MEGABYTE:,.0f} MB"
    _REPORT.get()(done / max(total, 1), words)


def rows_read(done: int, total: int) -> None:
    """Say that `done` of `total` rows are read.

    >>> with heard(print):
    ...     rows_read(500, 1000)
    ...     rows_read(1_200_000, 4_000_000)
    0.5 500 of 1,000 rows
    0.3 1.2 of 4.0 M rows
    """
    words = f"{done:,} of {total:,} rows"
    if total >= MILLION:
        words = f"{done / MILLION:,.1f} of {total / MILLION:,.1f} M rows"
    _REPORT.get()(done / max(total, 1), words)


def items_read(done: int, total: int, what: str) -> None:
    """Say that `done` of `total` things are read; what: they are called, such as "columns"."""
    _REPORT.get()(done / max(total, 1), f"{done:,} of {total:,} {what}")


def still_reading(words: str, share: float = 0.0) -> None:
    """Say what is read, where nobody knows of how much."""
    _REPORT.get()(share, words)
