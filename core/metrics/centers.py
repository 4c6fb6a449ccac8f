"""Centers of groups of rows, and how far rows lie from them."""

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Float64s, Floats, Metric, check_metric, paired_distances, unit_rows
from core.progress import CountProgress, unheard

VALUES_AT_ONCE = 4_000_000  # in a block, whose float64 copy is made


def centers_of(vectors: Floats, codes: npt.ArrayLike, groups: int, *, metric: Metric) -> Float64s:
    """(groups, d) the mean of the rows of each group, NaN for a group without rows.

    vectors: (n, d). codes: (n,) the group of each row, below 0 for none. Under cosine rows are
    scaled to length 1 first, so that each counts by its direction alone.

    >>> centers_of(np.array([[1.0, 0], [3, 0], [0, 5]]), [0, 0, 1], 2, metric="euclidean").tolist()
    [[2.0, 0.0], [0.0, 5.0]]
    """
    rows = check_rows(vectors, "vectors")
    group = check_labels(codes, len(rows), "codes")
    sums = np.zeros((groups, rows.shape[1]))
    sizes = np.bincount(group[group >= 0], minlength=groups)
    for block in _blocks(*rows.shape):
        values = unit_rows(rows[block]) if metric == "cosine" else rows[block].astype(np.float64)
        inside = group[block] >= 0
        order = np.argsort(group[block][inside], kind="stable")
        sorted_codes = group[block][inside][order]
        if len(order):
            starts = np.flatnonzero(np.diff(sorted_codes, prepend=-1))
            sums[sorted_codes[starts]] += np.add.reduceat(values[inside][order], starts)
    return np.asarray(sums / np.where(sizes > 0, sizes, np.nan)[:, None])


def distances_to_centers(
    vectors: Floats,
    centers: Floats,
    codes: npt.ArrayLike,
    *,
    metric: Metric,
    progress: CountProgress | None = None,
) -> Float64s:
    """(n,) distance of each row to the center of its group, NaN for a row without one.

    vectors: (n, d). centers: (groups, d). codes: (n,) the center that a row is compared with, below
    0 for none. progress: called as progress(rows done, n).

    >>> distances_to_centers(np.eye(2), np.zeros((1, 2)), [0, -1], metric="euclidean").tolist()
    [1.0, nan]
    """
    check_metric(metric)
    rows = check_rows(vectors, "vectors")
    group, report = check_labels(codes, len(rows), "codes"), progress or unheard
    found = np.full(len(rows), np.nan)
    for block in _blocks(*rows.shape):
        report(block.start, len(rows))
        own = np.flatnonzero(group[block] >= 0)
        near = centers[group[block][own]]
        found[block.start + own] = paired_distances(rows[block][own], near, metric)
    return found


def _blocks(n: int, dim: int) -> list[slice]:
    size = max(1, VALUES_AT_ONCE // dim)
    return [slice(start, min(start + size, n)) for start in range(0, n, size)]
