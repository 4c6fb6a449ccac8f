"""Finding items by what is typed: ids and names before texts, whole words before parts of words.

| rank | what is typed is                     |
|------|--------------------------------------|
| 0    | the id of the item                   |
| 1    | its name                             |
| 2    | whole words of its name              |
| 3    | the beginning of a word of its name  |
| 4    | whole words of another of its texts  |
| 5    | within its name or another text      |

Within a rank shorter names come first, then lower rows. Case does not matter.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Rows = npt.NDArray[np.int64]
IS_ID, IS_NAME, NAME_WORD, NAME_BEGINNING, TEXT_WORD, WITHIN = range(6)
LONGEST_NAME = 2**20
_compute: Any = pc  # pyarrow makes its functions when it is loaded, where no type checker sees them


@dataclass(frozen=True, eq=False)
class Searchable:
    """Lower-case texts of n items: an id of each or None, its name, and its other texts."""

    ids: Any | None
    names: Any
    texts: tuple[Any, ...]
    name_lengths: npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Hits:
    """The best hits, best first, their ranks, and how many there are in all."""

    rows: Rows
    ranks: npt.NDArray[np.int64]
    total: int


def searchable(
    names: Iterable[str],
    texts: Iterable["pd.Series[Any]"] = (),
    ids: "pd.Series[Any] | None" = None,
) -> Searchable:
    """Prepare the columns of n items, so that each search is one pass over them."""
    lower = _lower(pd.Series(list(names), dtype=object))
    lengths = _compute.utf8_length(lower).to_numpy(zero_copy_only=False).astype(np.int64)
    return Searchable(
        None if ids is None else _lower(ids),
        lower,
        tuple(_lower(column) for column in texts),
        np.minimum(lengths, LONGEST_NAME - 1),
    )


def find(items: Searchable, typed: str, most: int) -> Hits:
    """The items that hold what is typed, at most `most` of them, in the order of the ranks.

    >>> words = searchable(["shark", "pine", "white pine"], [pd.Series(["of Pine", "a tree", ""])])
    >>> find(words, "pine", 9).rows.tolist()
    [1, 2, 0]
    """
    wanted = _encodable(" ".join(typed.split()).lower())
    rank = np.full(len(items.names), WITHIN + 1, np.int64)
    if wanted:
        for column in (*items.texts, *([] if items.ids is None else [items.ids])):
            _grade(rank, column, wanted, ((TEXT_WORD, _whole_words),))
        _grade(
            rank,
            items.names,
            wanted,
            ((NAME_BEGINNING, _beginning), (NAME_WORD, _whole_words), (IS_NAME, _equal)),
        )
        if items.ids is not None:
            rank[_as_bools(_equal(items.ids, wanted))] = IS_ID
    rows = np.flatnonzero(rank <= WITHIN)
    order = rank[rows] * LONGEST_NAME + items.name_lengths[rows]
    total = len(rows)
    if most < total:  # all that are level with the last that is wanted, then a stable sort
        near = order <= np.partition(order, most - 1)[most - 1]
        rows, order = rows[near], order[near]
    rows = rows[np.argsort(order, kind="stable")][:most]
    return Hits(rows, rank[rows], total)


def _encodable(text: str) -> str:
    """A text without half characters, which a browser may send and UTF-8 has no bytes for."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _grade(
    rank: npt.NDArray[np.int64],
    column: Any,
    wanted: str,
    finer: tuple[tuple[int, Callable[[Any, str], Any]], ...],
) -> None:
    """Lower the rank of the rows whose text holds `wanted`; `finer` tests are asked of those."""
    rows = np.flatnonzero(_as_bools(_compute.match_substring(column, wanted)))
    rank[rows] = np.minimum(rank[rows], WITHIN)
    for better, test in finer:
        if not len(rows):
            return
        rows = rows[_as_bools(test(column.take(pa.array(rows)), wanted))]
        rank[rows] = np.minimum(rank[rows], better)


def _beginning(column: Any, wanted: str) -> Any:
    return _compute.match_substring_regex(column, rf"(^|[^\pL\pN]){re.escape(wanted)}")


def _whole_words(column: Any, wanted: str) -> Any:
    pattern = rf"(^|[^\pL\pN]){re.escape(wanted)}($|[^\pL\pN])"
    return _compute.match_substring_regex(column, pattern)


def _equal(column: Any, wanted: str) -> Any:
    return _compute.equal(column, wanted)


def _as_bools(mask: Any) -> npt.NDArray[np.bool_]:
    return np.asarray(mask.to_numpy(zero_copy_only=False), dtype=bool)


def _lower(column: "pd.Series[Any]") -> Any:
    """The texts of a column in lower case, "" where one is missing."""
    if column.dtype.kind in "iu":
        column = column.astype(str)
    try:
        texts = pa.array(column, pa.large_string(), from_pandas=True).fill_null("")
    except (pa.ArrowInvalid, pa.ArrowTypeError):  # not all of them are texts
        plain = column.astype(object).where(column.notna(), "").map(str)
        texts = pa.array(plain.tolist(), pa.large_string())
    return _compute.utf8_lower(texts)
