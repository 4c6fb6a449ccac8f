"""Faults of classes: alone, small beside the largest, or missing."""

import numpy as np

from core.data import EmbeddingSet
from core.data.embedding_set import MISSING
from core.studies.inspection.preflight.finding import Finding, Ids
from core.studies.inspection.preflight.remedies import Remedy

IMBALANCE = 10
SEED = 0
OF_LARGE_CLASSES = "rows of classes over 10 times the smallest"


def classes_of_one(embeddings: EmbeddingSet) -> Finding | None:
    """Classes with one member, which have no genuine pair."""
    codes = np.flatnonzero(embeddings.class_sizes == 1)
    rows = _members(embeddings, codes)
    if not len(codes):
        return None
    remedy = Remedy("leave out rows", "rows alone in their class", rows)
    return Finding(
        "classes of one",
        "class",
        codes,
        len(embeddings.class_sizes),
        rows,
        remedy=remedy if len(rows) < embeddings.n else None,
    )


def small_classes(embeddings: EmbeddingSet) -> Finding | None:
    """Classes of two members or more that hold less than a tenth of the largest's.

    The remedy draws, of each class that is too large beside the smallest of them, as many rows that
    no class is small any more.
    """
    sizes = embeddings.class_sizes
    codes = np.flatnonzero((sizes > 1) & (sizes * IMBALANCE < sizes.max(initial=0)))
    if not len(codes):
        return None
    left_out = _beyond(embeddings, IMBALANCE * int(sizes[codes].min()))
    return Finding(
        "small classes",
        "class",
        codes,
        len(sizes),
        _members(embeddings, codes),
        value=float(sizes.max()),
        seed=SEED,
        remedy=Remedy("leave out rows", OF_LARGE_CLASSES, left_out),
    )


def rows_without_a_label(embeddings: EmbeddingSet) -> Finding | None:
    """Rows whose label is missing, where there are labels."""
    if embeddings.labels is None:
        return None
    rows = np.flatnonzero(embeddings.labels == MISSING)
    if not len(rows):
        return None
    remedy = Remedy("leave out rows", "rows without a label", rows)
    return Finding(
        "rows without a label",
        "row",
        rows,
        embeddings.n,
        rows,
        remedy=remedy if len(rows) < embeddings.n else None,
    )


def _members(embeddings: EmbeddingSet, codes: Ids) -> Ids:
    labels = embeddings.labels
    return np.empty(0, np.int64) if labels is None else np.flatnonzero(np.isin(labels, codes))


def _beyond(embeddings: EmbeddingSet, most: int) -> Ids:
    """Rows of larger classes that are not among the `most` drawn of each, ascending."""
    random = np.random.default_rng(SEED)
    left_out = [
        random.permutation(_members(embeddings, np.array([code])))[most:]
        for code in np.flatnonzero(embeddings.class_sizes > most)
    ]
    return np.sort(np.concatenate(left_out))
