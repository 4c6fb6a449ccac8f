"""The three metrics: their names, how vectors are prepared for them, and distances between rows.

| metric          | distance                 | similarity |
|-----------------|--------------------------|------------|
| "cosine"        | 1 - cos                  | cos        |
| "euclidean"     | length of the difference | -distance  |
| "inner_product" | 1 - dot                  | dot        |

Lower distances are nearer. Arithmetic is float64. Under cosine a zero vector has no direction: its
cosine with anything counts as 0, so its distance is 1, as in hnswlib.

Only the euclidean distance is a length. Formulas about lengths (intrinsic dimension, contrast) take
what `lengths` makes of a distance: under cosine the chord between the unit vectors, sqrt(2 d).
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from core.checks import check_choice, check_numbers
from core.errors import ParameterError

Metric = Literal["cosine", "euclidean", "inner_product"]
METRICS: tuple[Metric, ...] = get_args(Metric)
ROWS_AT_ONCE = 256  # which stay in a core's cache from one step to the next
ROUNDING = 1e-6  # of a distance that is 0 but was computed in float32

Floats = npt.NDArray[np.floating[Any]]
Float64s = npt.NDArray[np.float64]


def check_metric(metric: str) -> Metric:
    """Return `metric` if it is one of `METRICS`, else raise a ParameterError that lists them."""
    check_choice(metric, "metric", METRICS)
    return cast(Metric, metric)


def metric_name(metric: str) -> str:
    """A metric's name in words.

    >>> metric_name("inner_product")
    'inner product'
    """
    return metric.replace("_", " ")


def unit_rows(vectors: Floats, *, threads: int = 1) -> Float64s:
    """Rows scaled to length 1 in float64, (n, d); a zero row stays zero."""
    unit = np.empty(vectors.shape)

    def scale(some: slice) -> None:
        rows = unit[some]
        rows[:] = vectors[some]
        largest = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
        rows /= np.where(largest > 0, largest, 1.0)  # squares of huge and tiny rows stay in range
        length = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
        rows /= np.where(length > 0, length, 1.0)

    each_block(len(vectors), scale, threads)
    return unit


def each_block(n: int, work: Callable[[slice], None], threads: int) -> None:
    """Call `work` with slices that cover n rows, a few hundred at once, on so many threads."""
    blocks = [slice(start, start + ROWS_AT_ONCE) for start in range(0, n, ROWS_AT_ONCE)]
    if threads == 1 or len(blocks) <= 1:
        for block in blocks:
            work(block)
        return
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(work, blocks):
            pass


def length_metric(metric: Metric) -> Metric:
    """The metric whose distances give lengths in the space that `metric` searches.

    It is `metric` itself but for "inner_product", whose values are no lengths of anything: there it
    is "euclidean", so that the lengths are those between the same rows.
    """
    return "euclidean" if metric == "inner_product" else metric


def lengths(distances: npt.ArrayLike, metric: Metric) -> Float64s:
    """Distances of a metric as lengths, which grow in proportion; any shape, float64.

    euclidean: as they are. cosine: the chord between the unit vectors, sqrt(2 d), for 1 - cos is
    half of its square. NaN, the place that a search left empty, stays. Raises ParameterError under
    inner product, and for a distance below 0 by more than rounding (1e-6).

    >>> lengths([0.0, 0.5, 2.0], "cosine").tolist()
    [0.0, 1.0, 2.0]
    """
    if check_metric(metric) == "inner_product":
        raise ParameterError(
            "distances under inner_product are no lengths: 1 - dot may be negative. Take the "
            "euclidean distances between the same rows."
        )
    values = check_numbers(distances, "distances")
    if (values < -ROUNDING).any():
        raise ParameterError(
            f"distances under {metric} must be 0 or more; got {float(np.nanmin(values))!r}. Name "
            "the metric that they were measured with."
        )
    values = np.maximum(values, 0.0)
    return values if metric == "euclidean" else np.sqrt(2.0 * values)


def paired_distances(left: Floats, right: Floats, metric: Metric) -> Float64s:
    """Distance of each row of `left` to the same row of `right`.

    Both are (m, d); the result is (m,) float64, computed from the difference of the rows (not from
    a Gram product), so that it is right far from the origin and exactly 0 for equal rows under
    "euclidean" and "cosine".
    """
    if metric == "euclidean":
        difference = left.astype(np.float64) - right.astype(np.float64)
        return np.asarray(np.sqrt(np.einsum("ij,ij->i", difference, difference)))
    if metric == "cosine":
        return _paired_cosine(unit_rows(left), unit_rows(right))
    dot = np.einsum("ij,ij->i", left.astype(np.float64), right.astype(np.float64))
    return np.asarray(1.0 - dot)


def _paired_cosine(left: Float64s, right: Float64s) -> Float64s:
    """1 - cos as half the squared length between unit vectors, which is right near 0 as well."""
    difference = left - right
    distance = np.einsum("ij,ij->i", difference, difference) / 2.0
    return np.where(left.any(axis=1) & right.any(axis=1), distance, 1.0)


def distance_matrix(left: Floats, right: Floats, metric: Metric) -> Float64s:
    """All distances between the rows of `left` (a, d) and of `right` (b, d): (a, b) float64.

    Meant for blocks: the caller bounds a x b. Euclidean distances are taken about the mean of
    `right`, which keeps the Gram product right for data far from the origin.
    """
    if metric == "cosine":
        left, right = unit_rows(left), unit_rows(right)
    else:
        left, right = left.astype(np.float64), right.astype(np.float64)
    if metric != "euclidean":
        return np.asarray(1.0 - left @ right.T)
    center = right.mean(axis=0)
    left, right = left - center, right - center
    squared = (
        np.einsum("ij,ij->i", left, left)[:, None]
        + np.einsum("ij,ij->i", right, right)[None, :]
        - 2.0 * (left @ right.T)
    )
    return np.asarray(np.sqrt(np.maximum(squared, 0.0)))
