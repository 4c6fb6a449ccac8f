"""The first facts about a set."""

from dataclasses import dataclass

import numpy as np

from core.data.embedding_set import MISSING, EmbeddingSet
from core.data.equal_rows import first_equal_rows, is_first


@dataclass(frozen=True)
class DataSummary:
    """Counts of rows, lengths (Euclidean norms) and classes.

    n_duplicate_rows: rows equal, value by value, to an earlier row. The class figures are 0 or
    None without labels; n_unlabeled counts rows whose label is missing.
    """

    n: int
    dim: int
    n_zero_rows: int
    n_duplicate_rows: int
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
    vectors = embeddings.vectors
    norms = np.sqrt(np.einsum("ij,ij->i", vectors, vectors, dtype=np.float64))
    labels, names = embeddings.labels, embeddings.class_names
    present = np.empty(0, np.int64) if labels is None else labels[labels != MISSING]
    sizes = np.bincount(present, minlength=len(names))
    return DataSummary(
        n=embeddings.n,
        dim=embeddings.dim,
        n_zero_rows=int(np.count_nonzero(~vectors.any(axis=1))),
        n_duplicate_rows=int(np.count_nonzero(~is_first(first_equal_rows(vectors)))),
        norm_min=float(norms.min()),
        norm_median=float(np.median(norms)),
        norm_max=float(norms.max()),
        n_classes=len(names),
        n_singleton_classes=int(np.count_nonzero(sizes == 1)),
        n_unlabeled=0 if labels is None else int(np.count_nonzero(labels == MISSING)),
        smallest_class=(names[int(sizes.argmin())], int(sizes.min())) if names else None,
        largest_class=(names[int(sizes.argmax())], int(sizes.max())) if names else None,
    )
