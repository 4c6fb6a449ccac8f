"""Faults of single rows: zero vectors, exact copies, dominating lengths."""

import numpy as np

from core.data import EmbeddingSet, first_equal_rows, is_first, row_norms
from core.data.summary import LONG
from core.studies.inspection.preflight.finding import Finding
from core.studies.inspection.preflight.remedies import Remedy


def zero_vectors(embeddings: EmbeddingSet) -> Finding | None:
    """Rows of zeros only: they have no direction."""
    rows = np.flatnonzero(~embeddings.vectors.any(axis=1))
    if not len(rows):
        return None
    remedy = Remedy("leave out rows", "zero vectors", rows) if len(rows) < embeddings.n else None
    return Finding("zero vectors", "row", rows, embeddings.n, rows, remedy=remedy)


def exact_duplicates(embeddings: EmbeddingSet) -> Finding | None:
    """Rows equal, value by value, to an earlier row; `partners` are the first of each group."""
    firsts = first_equal_rows(embeddings.vectors)
    rows = np.flatnonzero(~is_first(firsts))
    if not len(rows):
        return None
    return Finding(
        "exact duplicates",
        "row",
        rows,
        embeddings.n,
        np.union1d(rows, firsts[rows]),
        partners=firsts[rows],
        distances=np.zeros(len(rows)),
        remedy=Remedy("leave out rows", "exact duplicates", rows),
    )


def long_vectors(embeddings: EmbeddingSet) -> Finding | None:
    """Rows over 3 times the median length."""
    norms = row_norms(embeddings.vectors)
    median = float(np.median(norms))
    rows = np.flatnonzero(norms > LONG * median)
    if not len(rows):
        return None
    longest = rows[np.argsort(-norms[rows], kind="stable")]
    ratio = float(norms.max() / median) if median > 0 else float("inf")
    remedy = Remedy("scale to length 1", "long vectors")
    return Finding(
        "long vectors", "row", longest, embeddings.n, longest, value=ratio, remedy=remedy
    )
