"""What neighbor lists show of labels: rows among whose neighbors all are of another class."""

import numpy as np

from core.checks import check_count
from core.data import EmbeddingSet
from core.studies.inspection.preflight.finding import Finding
from core.studies.inspection.preflight.remedies import Remedy
from core.studies.parts.knn import KnnLists

K = 10


def labels_that_look_wrong(embeddings: EmbeddingSet, lists: KnnLists, k: int = K) -> Finding | None:
    """Rows whose k nearest neighbors all carry one and the same other label.

    lists: of at least k neighbors; fewer are taken where they have fewer. Only rows of classes of
    more than k members are looked at: the others could not have k neighbors of their own.
    `partners` are the nearest neighbors.
    """
    k = min(check_count(k, "k"), lists.k)
    labels = embeddings.labels
    if labels is None or k == 0:
        return None
    around = labels[lists.neighbors.ids[:, :k]]
    own = labels[lists.rows]
    large = np.append(embeddings.class_sizes > k, False)[own]
    alike = (around == around[:, :1]).all(axis=1) & (around[:, 0] >= 0)
    wrong = np.flatnonzero(large & (own >= 0) & alike & (around[:, 0] != own))
    if not len(wrong):
        return None
    rows = lists.rows[wrong]
    return Finding(
        "labels that look wrong",
        "row",
        rows,
        embeddings.n,
        rows,
        partners=lists.neighbors.ids[wrong, 0],
        distances=lists.neighbors.distances[wrong, 0],
        value=float(k),
        checked=len(lists.rows) if lists.is_sample else None,
        seed=lists.seed,
        remedy=Remedy("leave out rows", "labels that look wrong", rows),
    )
