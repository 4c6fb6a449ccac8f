"""Two models in one file: two clouds of different mean or of different length.

Along a direction that holds variance, or along the logarithm of the length, the values are cut in
two where the sum of squares about the two means is least (Otsu, 1979, on all values). Ashman's
D = |m1 - m2| / sqrt((s1^2 + s2^2) / 2) says how far apart the parts are (Ashman, Bird and Zepf,
1994): one normal cloud that is cut in its middle gives 2.65, an even spread 3.46. Here above 5 they
are two clouds.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet, row_norms
from core.distances import Float64s
from core.metrics.spectrum import blocks_of
from core.studies.inspection.preflight.finding import Finding
from core.studies.inspection.preflight.remedies import Remedy

APART = 5.0  # Ashman's D
SMALLEST, FEWEST = 0.01, 5  # share of the rows in the smaller cloud, and how many
WHOLE = 0.95  # of a class in one part: then the classes explain the parts
DIRECTIONS = 5
FEWEST_ROWS = 20


@dataclass(frozen=True)
class Cut:
    """at: values above it are of the upper part. apart: Ashman's D; 0 where there is no spread."""

    at: float
    apart: float


def best_cut(values: Float64s) -> Cut:
    """Where values (n,) fall into two parts with the least squares about their means.

    >>> cut = best_cut(np.array([0.0, 2.0, 20.0, 22.0]))  # means 1 and 21, deviations 1 and 1
    >>> cut.at, cut.apart
    (11.0, 20.0)
    """
    ordered = np.sort(values)
    ordered = ordered - ordered[len(ordered) // 2]
    n, low = len(ordered), np.arange(1, len(ordered))
    sums, squares = np.cumsum(ordered), np.cumsum(ordered**2)
    first = squares[:-1] - sums[:-1] ** 2 / low
    rest = sums[-1] - sums[:-1]
    second = squares[-1] - squares[:-1] - rest**2 / (n - low)
    place = int(np.argmin(np.maximum(first, 0) + np.maximum(second, 0)))
    spread = max(0.0, float(first[place]) / low[place]) / 2
    spread += max(0.0, float(second[place]) / (n - low[place])) / 2
    gap = float(rest[place] / (n - low[place]) - sums[place] / low[place])
    at = float((np.sort(values)[place] + np.sort(values)[place + 1]) / 2)
    if gap <= 0:
        return Cut(at, 0.0)
    return Cut(at, gap / math.sqrt(spread) if spread > 0 else math.inf)


def two_clouds(embeddings: EmbeddingSet, mean: Float64s, axes: Float64s) -> Finding | None:
    """The rows of the smaller cloud, if the vectors are two; `rows` and `ids` are ascending.

    Parts that the labels explain are none: of each class of two or more 95 % lie in one part.

    mean: (d,) of the vectors. axes: (d, some) principal directions as columns, the one of the most
    variance first.
    """
    if embeddings.n < FEWEST_ROWS:
        return None
    vectors = embeddings.vectors
    along = axes[:, :DIRECTIONS]
    places = np.concatenate([(block - mean) @ along for block in blocks_of(vectors)])
    norms = row_norms(vectors)
    positive = norms > 0
    if not positive.any():
        return None
    logs = np.full(len(norms), np.median(np.log(norms[positive])))
    logs[positive] = np.log(norms[positive])
    candidates = [*places.T, logs]
    split = [(best_cut(values), values) for values in candidates if np.ptp(values) > 0]
    parted = [(cut, values > cut.at) for cut, values in split if cut.apart > APART]
    least = max(FEWEST, SMALLEST * embeddings.n)
    clouds = [
        (cut, upper)
        for cut, upper in parted
        if least <= upper.sum() <= len(upper) - least and not _are_classes(embeddings, upper)
    ]
    if not clouds:
        return None
    cut, upper = max(clouds, key=lambda each: each[0].apart)
    smaller = np.flatnonzero(upper if upper.mean() <= 0.5 else ~upper)
    remedy = Remedy("leave out rows", "rows of the smaller cloud", smaller)
    return Finding(
        "two clouds", "row", smaller, embeddings.n, smaller, value=cut.apart, remedy=remedy
    )


def _are_classes(embeddings: EmbeddingSet, upper: npt.NDArray[np.bool_]) -> bool:
    """Whether the parts consist of whole classes, some in each."""
    labels, sizes = embeddings.labels, embeddings.class_sizes
    if labels is None or len(sizes) < 2:
        return False
    inside = np.bincount(labels[upper & (labels >= 0)], minlength=len(sizes))
    shares = (inside / np.maximum(sizes, 1))[sizes > 1]
    if not len(shares) or not (shares > 0.5).any() or (shares > 0.5).all():
        return False
    return bool((np.maximum(shares, 1 - shares) >= WHOLE).all())
