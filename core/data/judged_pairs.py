"""Pairs with a judgment: a table of query, item, relevant, or of two ids and same or different."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.column_names import is_id_name
from core.data.embedding_set import EmbeddingSet
from core.data.judged_columns import (
    ROLES,
    JudgedColumns,
    find_judged_columns,
    is_query_name,
    read_judgments,
)
from core.data.read import Source, read_metadata
from core.errors import ChoiceError, DataError

Rows = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
NUMBERS = "row numbers"
MISSING = -1
NAMED = 5
ASKED = {"left": "the first item", "right": "the second item", "judgment": "the judgment"}


@dataclass(frozen=True, eq=False)
class JudgedPairs:
    """Pairs of items (m,) that were judged.

    left, right: (m,) row ids of the data; with `of_queries`, left are rows of the queries that were
    handed in. same: (m,) whether the two belong together. name: of the file. notes: how the columns
    and their values were read. left_out: lines of the table, from 1, that could not be used: line,
    left, right, judgment, why.
    """

    left: Rows
    right: Rows
    same: Flags
    of_queries: bool
    name: str
    notes: tuple[str, ...]
    left_out: pd.DataFrame

    @property
    def n(self) -> int:
        """Number of pairs."""
        return len(self.left)

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that name the pairs and their judgments."""
        digest = hashlib.blake2b(repr((self.n, self.of_queries)).encode(), digest_size=16)
        for part in (self.left, self.right, self.same):
            digest.update(np.ascontiguousarray(part).data)
        return digest.hexdigest()


def read_judged_pairs(
    source: Source,
    embeddings: EmbeddingSet,
    *,
    queries: EmbeddingSet | None = None,
    name: str | None = None,
    left: str | None = None,
    right: str | None = None,
    judgment: str | None = None,
) -> JudgedPairs:
    """Read a table (CSV, TSV, JSON Lines, Parquet) of judged pairs of the rows of `embeddings`.

    source, name: as `read_metadata` takes them. queries: of which the first items may be rows. The
    rest is that of `resolve_judged_pairs`.
    """
    frame = read_metadata(source, name=name)
    title = name or getattr(source, "name", None) or "judged pairs"
    return resolve_judged_pairs(
        frame,
        embeddings,
        queries=queries,
        name=str(title),
        left=left,
        right=right,
        judgment=judgment,
    )


def resolve_judged_pairs(
    frame: pd.DataFrame,
    embeddings: EmbeddingSet,
    *,
    queries: EmbeddingSet | None = None,
    name: str = "judged pairs",
    left: str | None = None,
    right: str | None = None,
    judgment: str | None = None,
) -> JudgedPairs:
    """The judged pairs of a table, one a line.

    left, right, judgment: its columns; by default found by the rules of `judged_columns`. An id is
    a row number, from 0, or a value of a column of the metadata that has another value in each row:
    whichever finds more of a column's ids; a column named as an id before row numbers, those before
    other columns. Raises ChoiceError where several columns may hold a role, and DataError where
    none does, where no line can be used, and for a column that the table does not have.
    """
    given = {"left": left, "right": right, "judgment": judgment}
    columns = candidate_columns(frame, embeddings, queries)
    chosen = {role: _chosen(role, given[role], columns, frame) for role in ROLES}
    if len(set(chosen.values())) < len(ROLES):
        raise DataError(
            f"left, right and judgment must be three columns; got {', '.join(chosen.values())}."
        )
    one, other = frame[chosen["left"]], frame[chosen["right"]]
    judged = read_judgments(frame[chosen["judgment"]])
    if judged is None:
        raise DataError(
            f"The column {chosen['judgment']!r} holds no judgments: write 1 or 0, yes or no, same "
            "or different, or a grade."
        )
    ways, asked = _ways(embeddings), [] if queries is None else _ways(queries)
    first, in_queries = _resolved(one, ways, asked, prefer=is_query_name(chosen["left"]))
    second, _ = _resolved(other, ways, [], prefer=False)
    why = _reasons(first, second, judged.known, in_queries=in_queries)
    used = why == ""
    left_out = pd.DataFrame(
        {
            "line": np.flatnonzero(~used) + 1,
            "left": _texts(one)[~used],
            "right": _texts(other)[~used],
            "judgment": _texts(frame[chosen["judgment"]])[~used],
            "why": why[~used],
        }
    )
    if not used.any():
        raise DataError(
            f"None of the {len(frame):,} judged pairs can be used; {_some(left_out)}. Ids are row "
            "numbers from 0, or values of a metadata column that differ in each row."
        )
    notes = (
        f"{chosen['left']} as {first.way}{' of the queries' if in_queries else ''}, "
        f"{chosen['right']} as {second.way}",
        f"{chosen['judgment']}: {judged.rule}",
        *_left_out_words(left_out),
        *_contradictions(first.rows[used], second.rows[used], judged.same[used], in_queries),
    )
    return JudgedPairs(
        first.rows[used],
        second.rows[used],
        judged.same[used],
        in_queries,
        name,
        notes,
        left_out,
    )


def candidate_columns(
    frame: pd.DataFrame, embeddings: EmbeddingSet, queries: EmbeddingSet | None = None
) -> JudgedColumns:
    """Which columns may hold the two ids and the judgment; see `judged_columns`."""
    ways = [*_ways(embeddings), *([] if queries is None else _ways(queries))]
    return find_judged_columns(frame, lambda column: _share_found(column, ways))


@dataclass(frozen=True, eq=False)
class _Way:
    """A way to read ids: name, places of texts, rank among those that find as many."""

    name: str
    places: Callable[[npt.NDArray[np.object_]], Rows]
    rank: int


@dataclass(frozen=True, eq=False)
class _Resolved:
    """rows: (m,) of a column's ids, below 0 where none is found. way: by which, in words."""

    rows: Rows
    way: str


def _ways(items: EmbeddingSet) -> list[_Way]:
    found = [_Way(NUMBERS, lambda texts: _numbers(texts, items.n), 1)]
    for column in map(str, items.metadata.columns):
        values = items.metadata[column]
        if values.isna().any() or not values.is_unique:
            continue
        index = pd.Index(_texts(values))
        if index.is_unique:
            rank = 0 if is_id_name(column) else 2
            found.append(_Way(f"values of {column}", _lookup(index), rank))
    return found


def _lookup(index: "pd.Index[Any]") -> Callable[[npt.NDArray[np.object_]], Rows]:
    return lambda texts: np.asarray(index.get_indexer(pd.Index(texts)), dtype=np.int64)


def _numbers(texts: npt.NDArray[np.object_], n: int) -> Rows:
    whole = np.array([text.isascii() and text.isdigit() and len(text) < 16 for text in texts], bool)
    rows = np.full(len(texts), MISSING, np.int64)
    rows[whole] = texts[whole].astype(np.int64)
    rows[rows >= n] = MISSING
    return rows


def _texts(column: "pd.Series[Any]") -> npt.NDArray[np.object_]:
    """Values as texts without blanks around them, whole numbers without a point; "" for none."""
    if column.dtype.kind == "f":
        numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
        return np.array([_number_text(number) for number in numbers], dtype=object)
    return np.array(["" if missing else str(value).strip() for value, missing in zip(
        column, column.isna(), strict=True
    )], dtype=object)  # fmt: skip


def _number_text(number: float) -> str:
    if np.isnan(number):
        return ""
    return f"{number:.0f}" if number % 1 == 0 else str(number)


def _resolved(
    column: "pd.Series[Any]", ways: list[_Way], of_queries: list[_Way], *, prefer: bool
) -> tuple[_Resolved, bool]:
    """The rows of ids by the way that finds most, and whether they are rows of the queries.

    prefer: whether the queries come first where as many are found.
    """
    texts = _texts(column)
    tried = [(way, way.places(texts), False) for way in ways]
    tried += [(way, way.places(texts), True) for way in of_queries]

    def order(each: tuple[_Way, Rows, bool]) -> tuple[int, bool, int]:
        way, rows, queries = each
        return (-int(np.count_nonzero(rows >= 0)), queries != prefer, way.rank)

    way, rows, queries = min(tried, key=order)
    return _Resolved(rows, way.name), queries


def _share_found(column: "pd.Series[Any]", ways: list[_Way]) -> float:
    texts = _texts(column)
    most = max(int(np.count_nonzero(way.places(texts) >= 0)) for way in ways)
    return most / max(1, len(texts))


def _chosen(role: str, given: str | None, columns: JudgedColumns, frame: pd.DataFrame) -> str:
    names = ", ".join(map(str, frame.columns))
    if given is not None:
        if given not in frame.columns:
            raise DataError(f"{role} {given!r} is not a column of the table: {names}.")
        return given
    candidates = columns.of(role)
    if len(candidates) > 1:
        raise ChoiceError(
            f"Several columns could hold {ASKED[role]}: {', '.join(candidates)}. Choose one as "
            f"{role}.",
            candidates,
        )
    if not candidates:
        raise DataError(
            f"No column holds {ASKED[role]}. The columns are: {names}. Name them query, item and "
            f"relevant, or id1, id2 and same, or choose one as {role}."
        )
    return candidates[0]


def _reasons(
    first: _Resolved, second: _Resolved, known: Flags, *, in_queries: bool
) -> npt.NDArray[np.object_]:
    """Why each pair cannot be used, "" where it can."""
    why = np.full(len(known), "", dtype=object)
    if not in_queries:
        why[first.rows == second.rows] = "an item with itself"
    why[~known] = "no judgment"
    why[second.rows < 0] = "second item not in the data"
    why[first.rows < 0] = "first item not in the data"
    why[(first.rows < 0) & (second.rows < 0)] = "neither item in the data"
    return why


def _left_out_words(left_out: pd.DataFrame) -> list[str]:
    if left_out.empty:
        return []
    lines = "1 line" if len(left_out) == 1 else f"{len(left_out):,} lines"
    return [f"{lines} left out: {_some(left_out)}"]


def _some(left_out: pd.DataFrame) -> str:
    """The first lines that were left out, with the reason."""
    told = [
        f"line {line:,} ({left}, {right}): {why}"
        for line, left, right, why in left_out[["line", "left", "right", "why"]]
        .head(NAMED)
        .itertuples(index=False)
    ]
    return "; ".join(told) + ("; ..." if len(left_out) > NAMED else "")


def _contradictions(left: Rows, right: Rows, same: Flags, in_queries: bool) -> list[str]:
    """A note where a pair was judged both ways."""
    low, high = (left, right) if in_queries else (np.minimum(left, right), np.maximum(left, right))
    judged = pd.DataFrame({"low": low, "high": high, "same": same})
    both = int((judged.groupby(["low", "high"])["same"].nunique() > 1).sum())
    if not both:
        return []
    return [f"{both:,} {'pair was' if both == 1 else 'pairs were'} judged both ways; both count"]
