"""What can be said of each row: its classes, the words of its text, what is missing, its numbers.

Collected once for a set, so that every selection is compared with the rest by one sparse product.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.data.filters import numbers
from core.data.histograms import MOST_NUMBERS, REPEATED
from core.data.media import is_medium
from core.distances import Float64s
from core.progress import Progress, counted
from core.projection.regions_words import Words, count_words

Kind = Literal["label", "category", "word", "missing", "number", "date"]
FEWEST_HOLD = 5  # rows of the set: what fewer hold is not tested


@dataclass(frozen=True, eq=False)
class Numbers:
    """A column of numbers or dates. values: (n,), NaN where missing; dates as nanoseconds."""

    kind: Literal["number", "date"]
    column: str
    values: Float64s


@dataclass(frozen=True, eq=False)
class Facts:
    """All that a selection of a set can be told by.

    kinds, columns, names: of each fact that a row holds or not (w,): "label", "category", "word" or
    "missing"; its column; the class or the word, "" for a missing value. held: (n, w) sparse, 1
    where a row holds a fact. numbers: columns of numbers and dates. fingerprint: of the set.
    """

    kinds: tuple[Kind, ...]
    columns: tuple[str, ...]
    names: tuple[str, ...]
    held: sparse.csr_array
    numbers: tuple[Numbers, ...]
    fingerprint: str

    @property
    def totals(self) -> npt.NDArray[np.int64]:
        """(w,) how many rows hold each fact."""
        return np.bincount(self.held.indices, minlength=len(self.names)).astype(np.int64)


def facts_of(
    embeddings: EmbeddingSet, words: Words | None = None, *, progress: Progress | None = None
) -> Facts:
    """Collect the facts of a set.

    words: of the longest text, `embeddings.text_columns[-1]`, where they are counted already.

    The label column gives labels. Any other column is of categories where its values repeat (two
    rows for each different one on average; numbers only up to 20 different ones), else of numbers
    or dates. Words come from the longest text that is no category: runs of three letters or more,
    in small letters, once in a text. A column with missing values also gives the fact that its
    value is missing. What fewer than 5 rows hold is left out.

    >>> frame = pd.DataFrame({"gloss": ["a red fox"] * 5 + ["a dog"] * 4})
    >>> facts = facts_of(EmbeddingSet.from_arrays(np.eye(9), metadata=frame, name="nine"))
    >>> list(zip(facts.kinds, facts.names, facts.totals.tolist()))[:1]
    [('category', 'a red fox', 5)]
    """
    collected, compared = _Collected(embeddings.n), list[Numbers]()
    texts = list[str]()
    for name in map(str, embeddings.metadata.columns):
        column = embeddings.metadata[name]
        if name in embeddings.text_columns:
            texts.append(name)
        missing = column.isna().to_numpy(dtype=bool)
        if missing.any() and not missing.all():
            collected.add("missing", name, np.where(missing, 0, -1), ("",))
        own = _own_kind(embeddings, name, column)
        if own in ("label", "category"):
            collected.add(own, name, *class_codes(column))
            texts = [each for each in texts if each != name]
        elif own == "date" or own == "number":
            compared.append(Numbers(own, name, numbers(column)))
    free = [each for each in embeddings.text_columns if each in texts]
    if free:
        held = words if free[-1] == embeddings.text_columns[-1] else None
        collected.add_words(free[-1], held or _words(embeddings, free[-1], progress))
    return collected.facts(tuple(compared), embeddings.fingerprint)


def _words(embeddings: EmbeddingSet, column: str, progress: Progress | None) -> Words:
    texts = embeddings.metadata[column].fillna("").astype(str).tolist()
    return count_words(texts, progress=counted(progress, "words of {:,} of {:,} texts"))


def _own_kind(embeddings: EmbeddingSet, name: str, column: "pd.Series[Any]") -> Kind | None:
    """What a column is besides words and missing values; None for pictures, ids and free text."""
    if name == embeddings.label_column:
        return "label"
    present = column.dropna()
    if not len(present):
        return None
    kind = column.dtype.kind
    if kind == "M":
        return "date"
    different = int(present.nunique())
    if kind in "iuf":
        return "category" if different <= MOST_NUMBERS else "number"
    if is_medium(present.iloc[0]):
        return None
    return "category" if kind == "b" or different * REPEATED <= len(present) else None


class _Collected:
    """Facts while they are being collected."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._kinds: list[Kind] = []
        self._columns: list[str] = []
        self._names: list[str] = []
        self._parts: list[sparse.csr_array] = []

    def add(
        self, kind: Kind, column: str, codes: npt.NDArray[np.integer], names: tuple[str, ...]
    ) -> None:
        """One fact for each name; codes: (n,) which of them a row holds, -1 for none."""
        rows = np.flatnonzero(codes >= 0)
        self._add(kind, column, rows, codes[rows], names)

    def add_words(self, column: str, words: Words) -> None:
        """One fact for each word."""
        held = words.held.tocoo()
        rows, codes = (each.astype(np.int64) for each in held.coords)
        self._add("word", column, rows, codes, words.words)

    def _add(
        self,
        kind: Kind,
        column: str,
        rows: npt.NDArray[np.int64],
        codes: npt.NDArray[np.integer],
        names: tuple[str, ...],
    ) -> None:
        totals = np.bincount(codes, minlength=len(names))
        kept = np.flatnonzero((totals >= FEWEST_HOLD) & (totals < self._n))
        place = np.full(len(names) + 1, -1)
        place[kept] = np.arange(len(kept))
        codes = place[codes]
        rows, codes = rows[codes >= 0], codes[codes >= 0]
        shape = (self._n, len(kept))
        self._parts.append(sparse.csr_array((np.ones(len(rows), np.float32), (rows, codes)), shape))
        self._kinds += [kind] * len(kept)
        self._columns += [column] * len(kept)
        self._names += [names[each] for each in kept]

    def facts(self, numbers: tuple[Numbers, ...], fingerprint: str) -> Facts:
        """All of them."""
        empty = sparse.csr_array((self._n, 0), dtype=np.float32)
        held = sparse.csr_array(sparse.hstack([empty, *self._parts], format="csr"))
        kinds, columns, names = tuple(self._kinds), tuple(self._columns), tuple(self._names)
        return Facts(kinds, columns, names, held, numbers, fingerprint)
