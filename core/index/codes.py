"""Whether vectors are those that the codes of an index were made from."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats, unit_rows
from core.index.graph import HnswGraph

OTHERS = (1, 2, 3, 5, 8, 13, 21, 34)  # how far off in the list the other rows stand
MANY_OTHERS = (*OTHERS, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765, 10946, 17711)
OWN_CODES = 0.9  # of the rows must have the nearest code: all have, but for rounding
SLACK = 1e-4  # relative, for codes that are equally near


def as_compared(graph: HnswGraph, vectors: Floats) -> Float64s:
    """Vectors (n, graph.dim) as the graph would store them, but for its codes, (n, stored_dim)."""
    rows = np.asarray(vectors)
    if graph.transform is not None:
        rows = graph.transform.apply(rows.astype(np.float32))
    return unit_rows(rows) if graph.metric == "cosine" else rows.astype(np.float64)


def own_code_share(ours: Float64s, theirs: Float64s) -> float:
    """Share of the rows of `ours` (n, w) to which their own row of `theirs` is the nearest tried.

    Eight other rows are tried for each. A quantizer gives a vector the code whose decoded vector
    is the nearest of all, however far that is; rows that belong to others get there in one of nine
    by chance.

    >>> rows = np.arange(40.0)[:, None]
    >>> own_code_share(rows, rows + 0.3), own_code_share(rows, rows[::-1]) < 0.2
    (1.0, True)
    """
    return float(have_own_code(ours, theirs, np.arange(len(theirs))).mean())


def have_own_code(
    ours: Float64s, theirs: Floats, places: npt.NDArray[np.int64], others: Sequence[int] = OTHERS
) -> npt.NDArray[np.bool_]:
    """Whether no other row tried is nearer to each of `ours` than its own row of `theirs`, (m,).

    ours: (m, w) rows as the graph would store them. theirs: (n, w) decoded vectors. places: (m,)
    the own row of each. others: how far behind the own one, in a circle, the rows tried stand.
    """
    own = np.linalg.norm(ours - theirs[places], axis=1)
    kept = np.ones(len(ours), dtype=bool)
    for shift in others:
        other = np.linalg.norm(ours - theirs[(places + shift) % len(theirs)], axis=1)
        kept &= own <= (1 + SLACK) * other
    return kept
