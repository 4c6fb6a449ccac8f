"""Vectors with what is known about them, checked once."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.conversion import to_float32
from core.data.labels import propose_label
from core.data.media import PICTURES, SOUNDS, is_medium, with_media
from core.data.names import check_distinct
from core.data.naming import id_column, name_column
from core.data.pictures import is_picture_link
from core.data.plain_columns import plain_frame
from core.distances import Metric, check_metric
from core.errors import DataError

MISSING = -1


@dataclass(frozen=True, eq=False)
class EmbeddingSet:
    """Vectors (n, d) float32, read-only and finite, with what is known of each row.

    Made by `from_arrays`, which checks everything.

    metadata: one row per vector, in plain columns (see `plain_columns`). label_column: the column
    that holds the classes, or None.
    notes: what was converted, dropped or guessed on the way in. queries: (q, d) that came with the
    data, or None. ground_truth: (q, k) row ids of their true neighbors as the file states them, or
    None. metric: that the file states, or None. tags: columns that were written here for selections
    of rows; what they hold is no text of the items.
    """

    vectors: npt.NDArray[np.float32]
    metadata: pd.DataFrame
    label_column: str | None
    name: str
    notes: tuple[str, ...] = ()
    queries: npt.NDArray[np.float32] | None = None
    ground_truth: npt.NDArray[np.int64] | None = None
    metric: Metric | None = None
    tags: tuple[str, ...] = ()
    _codes: tuple[npt.NDArray[np.int64], tuple[str, ...]] | None = field(default=None, repr=False)
    _bare: "EmbeddingSet | None" = field(default=None, repr=False)

    @classmethod
    def from_arrays(
        cls,
        vectors: npt.ArrayLike,
        *,
        metadata: pd.DataFrame | None = None,
        label_column: str | None = None,
        name: str,
        notes: Iterable[str] = (),
        queries: npt.ArrayLike | None = None,
        ground_truth: npt.ArrayLike | None = None,
        metric: Metric | None = None,
    ) -> "EmbeddingSet":
        """Check everything and convert to float32; raises DataError.

        label_column: by default a column named label, labels, class or target in any case, else
        one of a name such as category or topic, whose values repeat (see `propose_label`).

        >>> frame = pd.DataFrame({"label": ["b", "a", None]})
        >>> items = EmbeddingSet.from_arrays(np.eye(3), metadata=frame, name="three")
        >>> items.labels.tolist(), items.class_names, items.notes
        ([1, 0, -1], ('a', 'b'), ('float64 converted to float32',))
        """
        rows, converted = to_float32(vectors, "vectors")
        shown, pictures = with_media(_check_metadata(metadata, len(rows)))
        frame, plain = plain_frame(shown)
        column = find_label_column(frame, label_column)
        checked_queries, query_notes = None, list[str]()
        if queries is not None:
            checked_queries, query_notes = _check_queries(queries, rows.shape[1])
        return cls(
            vectors=rows,
            metadata=frame,
            label_column=column,
            name=name,
            notes=tuple(dict.fromkeys((*notes, *converted, *pictures, *plain, *query_notes))),
            queries=checked_queries,
            ground_truth=_check_ground_truth(ground_truth, checked_queries, len(rows)),
            metric=None if metric is None else check_metric(metric),
            _codes=None if column is None else class_codes(frame[column]),
        )

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.vectors)

    @property
    def dim(self) -> int:
        """Number of dimensions."""
        return int(self.vectors.shape[1])

    @property
    def labels(self) -> npt.NDArray[np.int64] | None:
        """(n,) codes into `class_names`, -1 where the label is missing; None without labels."""
        return None if self._codes is None else self._codes[0]

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in order of their codes; empty without labels."""
        return () if self._codes is None else self._codes[1]

    @cached_property
    def class_sizes(self) -> npt.NDArray[np.int64]:
        """(c,) members of each class, in order of the codes; empty without labels."""
        present = np.empty(0, np.int64) if self.labels is None else self.labels
        sizes = np.bincount(present[present != MISSING], minlength=len(self.class_names))
        sizes.setflags(write=False)
        return sizes

    @property
    def label_texts(self) -> npt.NDArray[np.str_]:
        """(n,) the class of each row by name, "" where it is missing; all "" without labels."""
        names = np.array([*self.class_names, ""], dtype=np.str_)
        codes = np.full(self.n, MISSING) if self.labels is None else self.labels
        return np.asarray(names[np.where(codes == MISSING, len(names) - 1, codes)])

    @cached_property
    def bare(self) -> "EmbeddingSet":
        """The vectors alone: of one fingerprint for all sets that differ in anything else.

        What is made of the vectors only is named by it, so that other labels or other metadata do
        not ask for it anew. It has no name: whoever has equal vectors shares what is made of it.
        """
        if self._bare is not None and self._bare.vectors is self.vectors:  # else made for others
            return self._bare
        return EmbeddingSet(self.vectors, pd.DataFrame(index=pd.RangeIndex(self.n)), None, "")

    @cached_property
    def fingerprint(self) -> str:
        """32 hex digits that name the content: vectors, metadata, label column, queries, metric.

        Columns of other types differ, also where their values are equal, as 0 and False are. The
        set's name and its notes are no part of it.
        """
        known = (self.queries, self.ground_truth, self.label_column, self.metric, self.tags or None)
        digest = hashlib.blake2b(digest_size=16)
        if all(each is None for each in known) and not len(self.metadata.columns):
            digest.update(repr(self.vectors.shape).encode())
            digest.update(np.ascontiguousarray(self.vectors).data)
            return digest.hexdigest()
        digest.update(self.bare.fingerprint.encode())
        for array in (self.queries, self.ground_truth):
            digest.update(repr(None if array is None else array.shape).encode())
            digest.update(b"" if array is None else np.ascontiguousarray(array).data)
        digest.update(repr((self.label_column, list(self.metadata.columns))).encode())
        digest.update(repr([_kind(self.metadata[name]) for name in self.metadata]).encode())
        if len(self.metadata.columns):
            digest.update(_row_hashes(self.metadata).data)
        if self.metric is not None:
            digest.update(self.metric.encode())
        if self.tags:
            digest.update(repr(self.tags).encode())
        return digest.hexdigest()

    @cached_property
    def identity(self) -> str:
        """32 hex digits that name the content, and what it is called: its name and its notes.

        A result that holds the set is named by it, so that one person's words reach no other.
        """
        words = repr((self.fingerprint, self.name, self.notes))
        return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()

    @cached_property
    def text_columns(self) -> tuple[str, ...]:
        """Metadata columns of text without images given as data and tags; the longest text last."""
        lengths = {
            name: _mean_length(self.metadata[name])
            for name in self.metadata.columns
            if name not in self.tags and _is_text(self.metadata[name])
        }
        return tuple(sorted(lengths, key=lengths.__getitem__))

    @cached_property
    def name_column(self) -> str | None:
        """The metadata column that names the items best, text or an id; None where none does."""
        return name_column(self.metadata, self.text_columns, self.label_column)

    @cached_property
    def id_column(self) -> str | None:
        """The metadata column with an id of its own for each row, or None."""
        return id_column(self.metadata, self.label_column)

    @cached_property
    def picture_column(self) -> str | None:
        """The first metadata column that holds pictures, as data URIs; None where none does."""
        return self._first_column(PICTURES.holds)

    @cached_property
    def sound_column(self) -> str | None:
        """The first metadata column that holds sounds, as data URIs; None where none does."""
        return self._first_column(SOUNDS.holds)

    @cached_property
    def picture_link_column(self) -> str | None:
        """The first metadata column with addresses of pictures on the web, or None."""
        return self._first_column(is_picture_link)

    def _first_column(self, holds: Callable[[object], bool]) -> str | None:
        """The first column of text for whose first cell `holds` is true, or None."""
        for name, column in self.metadata.items():
            if _first(column, holds):
                return str(name)
        return None

    def with_metadata(self, metadata: pd.DataFrame) -> "EmbeddingSet":
        """The same vectors with other metadata of as many rows; labels are found anew.

        Notes on how the table was read, `metadata.attrs["notes"]`, are added to those of the set.
        """
        made = EmbeddingSet.from_arrays(
            self.vectors,
            metadata=metadata,
            name=self.name,
            notes=(*self.notes, *metadata.attrs.get("notes", ())),
            queries=self.queries,
            ground_truth=self.ground_truth,
            metric=self.metric,
        )
        left = tuple(name for name in self.tags if name in made.metadata.columns)
        return replace(made, tags=left, _bare=self.bare)

    def relabeled(self, label_column: str | None) -> "EmbeddingSet":
        """The same rows with classes from another column; None for no classes."""
        frame = self.metadata
        codes = None
        if label_column is not None:
            codes = class_codes(frame[find_label_column(frame, label_column)])
        return replace(self, label_column=label_column, _codes=codes, _bare=self.bare)


def class_codes(column: "pd.Series[Any]") -> tuple[npt.NDArray[np.int64], tuple[str, ...]]:
    """(n,) codes, -1 where missing, and the names of the classes, numbers in numeric order.

    An empty text is no class: where a file cannot leave a text out, it stands for a missing one.
    Lists and objects are distinguished by their text.
    """
    try:
        found, values = pd.factorize(column, sort=True)
    except TypeError:
        found, values = pd.factorize(column.map(str, na_action="ignore"), sort=True)
    names = [_label_text(value) for value in values]
    codes = np.asarray(found, dtype=np.int64)
    if "" in names:
        empty = names.index("")
        codes = np.where(codes == empty, MISSING, codes - (codes > empty))
        del names[empty]
    codes.setflags(write=False)
    return codes, tuple(names)


def _label_text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def find_label_column(frame: pd.DataFrame, chosen: str | None) -> str | None:
    """The column of labels: `chosen`, or for None the one that `propose_label` finds, if any.

    Raises DataError where there is no column `chosen`.
    """
    if chosen is not None:
        if chosen not in frame.columns:
            raise DataError(
                f"label_column {chosen!r} is not a column of the metadata. The columns are: "
                f"{', '.join(map(str, frame.columns)) or 'none'}."
            )
        return chosen
    return propose_label(frame)


def _check_metadata(metadata: pd.DataFrame | None, n: int) -> pd.DataFrame:
    if metadata is None:
        return pd.DataFrame(index=pd.RangeIndex(n))
    if len(metadata) != n:
        raise DataError(
            f"The metadata must have one row per vector: there are {n:,} vectors and "
            f"{len(metadata):,} rows of metadata. Leave out or add the rows that differ."
        )
    names = [str(column) for column in metadata.columns]
    check_distinct(names)
    checked = metadata.set_axis(names, axis=1).reset_index(drop=True)
    checked.attrs = {}
    return checked


def _check_queries(queries: npt.ArrayLike, dim: int) -> tuple[npt.NDArray[np.float32], list[str]]:
    rows, notes = to_float32(queries, "queries")
    if rows.shape[1] != dim:
        raise DataError(
            f"The queries must have {dim:,} dimensions, as the vectors have; got {rows.shape[1]:,}."
        )
    return rows, [f"queries: {note}" for note in notes]


def _check_ground_truth(
    ground_truth: npt.ArrayLike | None, queries: npt.NDArray[np.float32] | None, n: int
) -> npt.NDArray[np.int64] | None:
    if ground_truth is None:
        return None
    ids = np.asarray(ground_truth)
    if queries is None or ids.ndim != 2 or len(ids) != len(queries) or ids.dtype.kind not in "iu":
        raise DataError(
            "The ground truth must hold row ids, one row for each query, (q, k); got shape "
            f"{ids.shape} of {ids.dtype} for {'no' if queries is None else len(queries)} queries."
        )
    if ids.size and (ids.min() < 0 or ids.max() >= n):
        raise DataError(
            f"The ground truth must hold row ids below n = {n:,}; got values from {ids.min()} to "
            f"{ids.max()}. Number the rows from 0."
        )
    checked = ids.astype(np.int64)
    checked.setflags(write=False)
    return checked


def _kind(column: "pd.Series[Any]") -> str:
    """The type of a column of numbers, flags or dates; that of all others is in their values."""
    return str(column.dtype) if column.dtype.kind in "biufM" else "O"


def _row_hashes(frame: pd.DataFrame) -> npt.NDArray[np.uint64]:
    plain = frame.apply(lambda column: column if column.dtype.kind in "biufM" else column.map(repr))
    hashes = pd.util.hash_pandas_object(plain, index=False).to_numpy(dtype=np.uint64)
    return np.ascontiguousarray(hashes)


def _is_text(column: "pd.Series[Any]") -> bool:
    return _first(column, lambda cell: isinstance(cell, str) and not is_medium(cell))


def _may_hold_text(column: "pd.Series[Any]") -> bool:
    return pd.api.types.is_string_dtype(column) or column.dtype == object


def _first(column: "pd.Series[Any]", holds: Callable[[object], bool]) -> bool:
    """Whether `holds` is true of the first cell that is not empty; False without text."""
    place = column.first_valid_index() if _may_hold_text(column) else None
    return place is not None and holds(column[place])


def _mean_length(column: "pd.Series[Any]") -> float:
    return float(column.dropna().head(1000).str.len().mean())
