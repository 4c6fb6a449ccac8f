"""Find the vectors in a table: a column of lists, numbered columns, or all that is numeric."""

import itertools
import json
import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.embedding_set import LABEL_NAMES
from core.data.limits import check_size
from core.data.readers.found import Found, Options
from core.errors import ChoiceError, DataError

VECTOR_NAMES = ("vector", "vectors", "embedding", "embeddings", "emb", "vec")
IDS = ("id", "ids", "index", "row", "unnamed: 0", "")
NUMBERED = re.compile(r"(.*?)(\d+)\Z", re.DOTALL)


def split_table(frame: pd.DataFrame, options: Options) -> Found:
    """Vectors and metadata of a table whose columns have different names."""
    if len(frame) == 0:
        raise DataError("The table has no rows. Add at least one.")
    lists = [name for name in frame.columns if _holds_lists(frame[name])]
    names, note = _choose(frame, lists, options)
    if names[0] not in lists:
        _check_siblings(frame, names)
    metadata = frame.drop(columns=names)
    vectors = stack_lists(frame[names[0]]) if names[0] in lists else _numbers(frame[names])
    return Found(vectors, metadata if len(metadata.columns) else None, (note,))


def _choose(frame: pd.DataFrame, lists: list[str], options: Options) -> tuple[list[str], str]:
    if options.vector_column is not None:
        return _chosen(frame, options.vector_column, lists), "vectors as asked"
    if lists:
        name = _one_of([name for name in lists if not _holds_texts(frame[name])] or lists)
        return [name], f"vectors taken from the column {name!r}"
    for group in _numbered_groups(frame):
        return group, f"vectors taken from the columns {group[0]} to {group[-1]}"
    aside = (*LABEL_NAMES, *IDS, (options.label_column or "").casefold())
    numeric = [n for n in _numeric(frame) if n.casefold() not in aside]
    if not numeric:
        raise DataError(
            "No vectors were found: there is no column of lists and no column of numbers. The "
            f"columns are: {_listing(frame)}. Say which holds the vectors (vector_column)."
        )
    return numeric, f"vectors guessed: all {len(numeric):,} columns of numbers"


def _chosen(frame: pd.DataFrame, chosen: str, lists: list[str]) -> list[str]:
    if chosen in lists or (chosen in frame.columns and chosen in _numeric(frame)):
        return [chosen]
    for group in _numbered_groups(frame):
        if _prefix(group[0]) == chosen:
            return group
    if chosen in frame.columns:
        raise DataError(f"The column {chosen!r} holds no vectors: it is neither lists nor numbers.")
    raise DataError(
        f"vector_column {chosen!r} is not a column. The columns are: {_listing(frame)}."
    )


def _one_of(lists: list[str]) -> str:
    named = [name for wanted in VECTOR_NAMES for name in lists if name.casefold() == wanted]
    if not named and len(lists) > 1:
        raise ChoiceError(
            f"Several columns hold lists: {', '.join(lists)}. Say which holds the vectors "
            "(vector_column).",
            lists,
        )
    return named[0] if named else lists[0]


def _numbered_groups(frame: pd.DataFrame) -> list[list[str]]:
    """Numeric columns that share a prefix and count 0, 1, 2, ... or 1, 2, ...; largest first."""
    groups: dict[str, dict[int, str]] = {}
    for name in _numeric(frame):
        match = NUMBERED.match(name)
        if match and len(match[2]) < 9:
            groups.setdefault(match[1], {})[int(match[2])] = name
    runs = [
        [members[number] for number in sorted(members)]
        for members in groups.values()
        if len(members) > 1 and sorted(members) in (_count(members, 0), _count(members, 1))
    ]
    return sorted(runs, key=len, reverse=True)


def _check_siblings(frame: pd.DataFrame, taken: list[str]) -> None:
    """Refuse a column that one bad cell turned into text among the numbered columns taken.

    Left out in silence, it would leave vectors of one dimension less.
    """
    prefixes = {_stem(name) for name in taken} - {None}
    for name in frame.columns:
        if name in taken or _stem(name) not in prefixes or frame[name].dtype.kind in "iufbM":
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce")
        bad = np.flatnonzero((numbers.isna() & frame[name].notna()).to_numpy())
        if len(bad) and numbers.notna().any():
            raise DataError(
                f"The column {name!r} must hold numbers, as {taken[0]!r} does; row {bad[0]:,} "
                f"holds {str(frame[name].iloc[bad[0]])[:60]!r} ({len(bad):,} such rows). Mend or "
                "leave out these rows."
            )


def _stem(name: str) -> str | None:
    match = NUMBERED.match(name)
    return match[1] if match else None


def _count(members: dict[int, str], first: int) -> list[int]:
    return list(range(first, first + len(members)))


def _prefix(name: str) -> str:
    match = NUMBERED.match(name)
    return match[1].rstrip("_-. ") if match else name


def _numeric(frame: pd.DataFrame) -> list[str]:
    return [name for name in frame.columns if frame[name].dtype.kind in "iuf"]


def _numbers(frame: pd.DataFrame) -> npt.NDArray[np.generic]:
    check_size(*frame.shape)
    return frame.to_numpy()


def _holds_lists(column: "pd.Series[Any]") -> bool:
    if column.dtype.kind in "iufbM":
        return False
    values = column.dropna()
    first = values.iloc[0] if len(values) else None
    if isinstance(first, str):
        return first.lstrip().startswith("[")
    return isinstance(first, list | tuple | np.ndarray)


def _holds_texts(column: "pd.Series[Any]") -> bool:
    """Whether the first list that is not empty begins with a text, as lists of tags do."""
    lists = (value for value in column if isinstance(value, list | tuple | np.ndarray))
    return any(isinstance(value[0], str) for value in itertools.islice(filter(len, lists), 1))


def stack_lists(column: "pd.Series[Any]") -> npt.NDArray[np.generic]:
    """(n, d) numbers of a column of lists or of texts like "[1, 2]"; NaN for a missing list."""
    lists = [_parse(value, row) for row, value in enumerate(column)]
    present = [value for value in lists if value is not None]
    dim = len(present[0]) if present else 0
    check_size(len(lists), dim)
    for row, value in enumerate(lists):
        if value is not None and len(value) != dim:
            raise DataError(
                f"All vectors must have the same length: row {row:,} of the column "
                f"{column.name!r} has {len(value):,} values, the first vector has {dim:,}. "
                "Mend or leave out that row."
            )
    filled = [np.full(dim, np.nan) if value is None else value for value in lists]
    try:
        return np.array(filled, dtype=np.result_type(*{np.asarray(v).dtype for v in filled}))
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(
            f"The lists in the column {column.name!r} must hold only numbers: {error}."
        ) from error


def _parse(value: object, row: int) -> list[Any] | npt.NDArray[np.generic] | None:
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise DataError(
                f"Row {row:,} of the vectors is not a list of numbers such as [0.1, 0.2]: {error}."
            ) from error
    if isinstance(value, np.ndarray) and value.ndim == 1 and value.dtype.kind in "iuf":
        return value
    if isinstance(value, list | tuple | np.ndarray):
        return [np.nan if item is None else item for item in value]
    if value is None or value is pd.NA or (isinstance(value, float) and np.isnan(value)):
        return None
    raise DataError(f"Row {row:,} of the vectors is no list of numbers but {str(value)[:60]!r}.")


def _listing(frame: pd.DataFrame) -> str:
    names = list(map(str, frame.columns))
    return ", ".join(names[:30]) + (f", ... ({len(names):,} in all)" if len(names) > 30 else "")
