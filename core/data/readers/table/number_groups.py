"""Numbered columns of numbers, x0, x1, x2, ..., as one vector."""

import itertools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.column_names import has_fractions, vector_name_rank
from core.errors import DataError

NUMBERED = re.compile(r"(.*?)(\d{1,8})\Z", re.DOTALL)
LEAST_WITH_GAPS = 3
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


def check_siblings(frame: pd.DataFrame, taken: tuple[str, ...]) -> None:
    """Refuse a column that one bad cell turned into text among the numbered columns taken.

    Left out in silence, it would leave vectors of one dimension less.
    """
    prefixes = {_stem(name) for name in taken} - {None}
    for name in frame.columns:
        if name in taken or _stem(name) not in prefixes or frame[name].dtype.kind in "biufM":
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = np.flatnonzero((numbers.isna() & frame[name].notna()).to_numpy())
        if len(bad) and numbers.notna().any():
            raise DataError(
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
