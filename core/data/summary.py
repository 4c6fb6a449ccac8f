"""The first facts about a set."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.embedding_set import MISSING, EmbeddingSet
from core.data.equal_rows import first_equal_rows, is_first
from core.distances import Floats

LONG = 3.0  # times the median length: a vector that dominates under inner product


@dataclass(frozen=True)
class DataSummary:
    """Counts of rows, lengths (Euclidean norms) and classes.

    n_duplicate_rows: rows equal, value by value, to an earlier row. n_long_rows: rows over 3 times
    the median length. The class figures are 0 or None without labels; n_unlabeled counts rows
    whose label is missing.
    """

    n: int
    dim: int
    n_zero_rows: int
    n_duplicate_rows: int
    n_long_rows: int
    norm_min: float
    norm_median: float
    norm_max: float
    n_classes: int
    n_singleton_classes: int
    n_unlabeled: int
    smallest_class: tuple[str, int] | None
    largest_class: tuple[str, int] | None


def summarize(embeddings: EmbeddingSet) -> DataSummary:
    """Measure a set; one pass over the vectors."""
    vectors, norms = embeddings.vectors, row_norms(embeddings.vectors)
    median = float(np.median(norms))
    labels, names, sizes = embeddings.labels, embeddings.class_names, embeddings.class_sizes
    return DataSummary(
        n=embeddings.n,
        dim=embeddings.dim,
        n_zero_rows=int(np.count_nonzero(~vectors.any(axis=1))),
        n_long_rows=int(np.count_nonzero(norms > LONG * median)),
        n_duplicate_rows=int(np.count_nonzero(~is_first(first_equal_rows(vectors)))),
        norm_min=float(norms.min()),
        norm_median=median,
        norm_max=float(norms.max()),
        n_classes=len(names),
        n_singleton_classes=int(np.count_nonzero(sizes == 1)),
        n_unlabeled=0 if labels is None else int(np.count_nonzero(labels == MISSING)),
        smallest_class=(names[int(sizes.argmin())], int(sizes.min())) if names else None,
        largest_class=(names[int(sizes.argmax())], int(sizes.max())) if names else None,
    )


def row_norms(vectors: Floats) -> npt.NDArray[np.float64]:
    """Euclidean length of each of the vectors (n, d), summed in float64, (n,)."""
    return np.asarray(np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64)))
