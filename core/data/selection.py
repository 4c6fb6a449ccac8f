"""What a selection of rows has about it that the whole set has not."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_ids
from core.data.embedding_set import MISSING, EmbeddingSet


@dataclass(frozen=True)
class ClassShare:
    """A class by name, its share of the labeled rows selected, and of all labeled rows."""

    name: str
    share: float
    usual: float


def commoner_classes(
    embeddings: EmbeddingSet, rows: npt.ArrayLike, *, most: int = 3
) -> list[ClassShare]:
    """The classes that are commoner among `rows` than in the whole set, by the difference.

    rows: row ids.
    most: how many classes at most.

    Of equal differences the class of the lower code comes first. Empty without labels, or where no
    selected row has one. Raises ParameterError for an id that is no row.
    """
    ids = check_ids(rows, "rows", embeddings.n, empty=False)
    most = check_count(most, "most")
    if embeddings.labels is None:
        return []
    codes = embeddings.labels[ids]
    inside = np.bincount(codes[codes != MISSING], minlength=len(embeddings.class_names))
    if not inside.any():
        return []
    share = inside / inside.sum()
    usual = embeddings.class_sizes / embeddings.class_sizes.sum()
    commonest = np.argsort(usual - share, kind="stable")[:most]
    return [
        ClassShare(embeddings.class_names[i], float(share[i]), float(usual[i]))
        for i in commonest
        if share[i] > usual[i]
    ]
