"""Numbered columns of numbers, x0, x1, x2, ..., as one vector."""

import itertools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.column_names import has_fractions, vector_name_rank
from core.errors import DataError

NUMBERED = re.compile(r"(.*?)(\d{1,8})\Z", re.DOTALL)
LEAST_WITH_GAPS = 3
MOST_BAD = 0.5  # share of the cells of a column: beyond, it is a text
SPAN = 2  # numbers counted for each column that is there, at most


@dataclass(frozen=True)
class NumberGroup:
    """Columns with one prefix, in order of their numbers.

    missing: numbers that no column has. named: how surely the prefix is a name of
    vectors (`vector_name_rank`).
    kind: 2 with a number that is no whole number, 1 with whole numbers, 0 with only yes and no.
    """

    prefix: str
    columns: tuple[str, ...]
    missing: tuple[int, ...]
    named: int
    kind: int

    @property
    def rank(self) -> tuple[int, int, int]:
        """Groups of a higher rank are likelier the vectors."""
        return (self.named, self.kind, len(self.columns))

    @property
    def words(self) -> str:
        """The columns, and the numbers between them that are missing."""
        said = f"{self.columns[0]} to {self.columns[-1]}"
        if self.missing:
            said += f", numbered with gaps: {len(self.columns):,} columns"
        return said


def number_groups(frame: pd.DataFrame) -> list[NumberGroup]:
    """All groups of a table, the likeliest first."""
    members: dict[str, dict[int, str]] = {}
    for name in frame.columns:
        match = NUMBERED.match(name)
        if match and frame[name].dtype.kind in "biuf":
            members.setdefault(match[1], {})[int(match[2])] = name
    groups = [_group(frame, prefix, columns) for prefix, columns in members.items()]
    return sorted(filter(None, groups), key=lambda group: group.rank, reverse=True)


def siblings_of_text(frame: pd.DataFrame, taken: tuple[str, ...]) -> dict[str, "pd.Series[float]"]:
    """Columns that a few bad cells turned into text among the numbered columns taken, as numbers.

    Left out in silence, they would leave vectors of fewer dimensions. A bad cell is NaN, as an
    empty one. Raises DataError where more than half of the cells of such a column are bad.
    """
    prefixes = {_stem(name) for name in taken} - {None}
    found = {}
    for name in frame.columns:
        if name in taken or _stem(name) not in prefixes or frame[name].dtype.kind in "biufM":
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce").astype(np.float64)
        bad = bad_cells(frame[name], numbers)
        if not len(bad) or not numbers.notna().any():
            continue
        if len(bad) > MOST_BAD * len(frame):
            raise DataError(said_of_bad_cells(frame, taken, {name: numbers}))
        found[name] = numbers
    return found


def bad_cells(cells: "pd.Series[Any]", numbers: "pd.Series[float]") -> npt.NDArray[np.int64]:
    """Places of the cells that are not empty and no numbers."""
    return np.flatnonzero((numbers.isna() & cells.notna()).to_numpy())


def said_of_bad_cells(
    frame: pd.DataFrame, taken: tuple[str, ...], siblings: dict[str, "pd.Series[float]"]
) -> str:
    """What is wrong with the first of the columns of `siblings_of_text`."""
    name, numbers = next(iter(siblings.items()))
    bad = bad_cells(frame[name], numbers)
    return (
        f"The column {name!r} must hold numbers, as {taken[0]!r} does; row {bad[0]:,} "
        f"holds {str(frame[name].iloc[bad[0]])[:60]!r} ({len(bad):,} such rows). Mend or "
        "leave out these rows."
    )


def _group(frame: pd.DataFrame, prefix: str, columns: dict[int, str]) -> NumberGroup | None:
    numbers = sorted(columns)
    first, last = numbers[0], numbers[-1]
    bare = prefix.rstrip("_-. ")
    named = vector_name_rank(bare)
    contiguous = last - first + 1 == len(numbers)
    if len(numbers) < 2 or (first > 1 and not named):
        return None
    if not contiguous and (
        len(numbers) < LEAST_WITH_GAPS or last - first + 1 > SPAN * len(numbers) + 1
    ):
        return None
    names = tuple(columns[number] for number in numbers)
    kind = max(_kind(frame[name]) for name in names)
    missing = tuple(itertools.filterfalse(columns.__contains__, range(first, last + 1)))
    return NumberGroup(bare, names, missing, named, kind)


def _kind(column: "pd.Series[Any]") -> int:
    if column.dtype.kind != "f":
        return 0 if column.dtype.kind == "b" else 1
    return 2 if has_fractions(column) else 1


def _stem(name: str) -> str | None:
    match = NUMBERED.match(name)
    return match[1] if match else None
