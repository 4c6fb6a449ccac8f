"""What is said of one item's surroundings: its copies, its in-degree among lists, its slope."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Metric, length_metric, lengths
from core.index import Neighbors, exact_neighbors
from core.metrics import local_intrinsic_dimension
from core.studies.parts.near_length import near_length

MOST_COPIES = 200
LONGEST_LIST = 10_000  # looked through for near copies, equal rows among them
HUB_TIMES = 3.0  # of the mean, as usual where hubs are counted
Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Copies:
    """equal: other rows of the same values. near: others within `bound`, nearest first.

    lengths: (m,) of the near ones. bound: NaN where near copies are not sought.
    """

    equal: Ids
    near: Ids
    lengths: npt.NDArray[np.float64]
    bound: float


def copies_of(vectors: npt.NDArray[np.float32], item: int, metric: Metric) -> Copies:
    """Rows of `vectors` (n, d) that hold the same values as one, or nearly.

    Near are at most 2 % of the median length to the 10th nearest, as `near_length` has it; at most
    200 are named.
    """
    same = np.flatnonzero((vectors == vectors[item]).all(axis=1))
    equal = same[same != item]
    bound = near_length(vectors, metric)
    if not np.isfinite(bound):
        return Copies(equal, np.empty(0, np.int64), np.empty(0), bound)
    k = min(len(vectors) - 1, MOST_COPIES + len(equal), LONGEST_LIST)
    measured = length_metric(metric)
    near = exact_neighbors(vectors, vectors[[item]], k, metric=measured, exclude=[item])
    far = lengths(near.distances[0], measured)
    kept = (far <= bound) & ~np.isin(near.ids[0], equal)
    return Copies(equal, near.ids[0][kept], far[kept], bound)


@dataclass(frozen=True)
class Popularity:
    """occurrence: in how many lists an item stands. mean: of all. below: share with fewer."""

    occurrence: int
    mean: float
    below: float
    never: float

    @property
    def kind(self) -> str:
        """A "hub" from three times the mean, "anti-hub" in no list, else "usual"."""
        if self.occurrence == 0:
            return "anti-hub"
        return "hub" if self.occurrence >= HUB_TIMES * self.mean else "usual"


def popularity(occurrences: Ids, item: int) -> Popularity:
    """Where the k-occurrence of an item stands among those of all, (n,).

    never: share of items in no list (anti-hubs; Radovanovic et al., JMLR 2010).

    >>> popularity(np.array([0, 1, 9, 2]), 2)
    Popularity(occurrence=9, mean=3.0, below=0.75, never=0.25)
    """
    own = int(occurrences[item])
    return Popularity(
        own,
        float(occurrences.mean()),
        float(np.mean(occurrences < own)),
        float(np.mean(occurrences == 0)),
    )


def slope_line(near: Neighbors, metric: Metric) -> tuple[float, npt.NDArray[np.float64]]:
    """The local intrinsic dimension of one item and the distances it expects, (k,), by rank.

    near: (1, k) under cosine or Euclidean distance. In m dimensions the number of rows within a
    length r grows as r^m, so rank j stands at r_k (j / k)^(1 / m); m by Levina and Bickel. Given
    back as distances of the metric; NaN where m is not defined.
    """
    far = lengths(near.distances, metric)
    dimension = float(local_intrinsic_dimension(far, estimator="levina_bickel")[0])
    k = far.shape[1]
    if not np.isfinite(dimension) or dimension <= 0:
        return dimension, np.full(k, np.nan)
    expected = far[0, -1] * (np.arange(1, k + 1) / k) ** (1 / dimension)
    return dimension, expected if metric == "euclidean" else expected**2 / 2


def levels_of(levels: npt.NDArray[np.integer[Any]], item: int) -> tuple[int, float]:
    """The highest layer of an item, and the share of items that reach it.

    >>> levels_of(np.array([0, 0, 2, 1]), 3)
    (1, 0.5)
    """
    own = int(levels[item])
    return own, float(np.mean(levels >= own))
