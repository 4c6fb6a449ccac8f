"""Fair samples of rows, for what is too large to draw."""

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError

Rows = npt.NDArray[np.int64]


def sample_rows(
    n: int, size: int, *, labels: npt.NDArray[np.integer] | None = None, seed: int = 0
) -> Rows:
    """`size` of the rows 0..n-1, ascending, drawn without replacement; all rows if n <= size.

    labels: (n,) codes; each class then gets its share of the sample, rounded by largest remainder,
    and at least one row while there is room.

    >>> labels = np.array([0, 0, 0, 0, 1, 1])
    >>> labels[sample_rows(6, 3, labels=labels)].tolist()
    [0, 0, 1]
    """
    if size < 1:
        raise ParameterError(f"size must be at least 1; got {size}.")
    if n <= size:
        return np.arange(n)
    random = np.random.default_rng(seed)
    if labels is None:
        return np.sort(random.choice(n, size, replace=False))
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    shares = _shares(counts, size)
    rank = np.empty(n, dtype=np.int64)
    order = np.lexsort((random.random(n), codes))
    rank[order] = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.asarray(np.flatnonzero(rank < shares[codes]))


def _shares(counts: Rows, size: int) -> Rows:
    """How many rows of each class, summing to `size`."""
    exact = counts * (size / counts.sum())
    shares = np.floor(exact).astype(np.int64)
    if len(counts) <= size:
        shares = np.maximum(shares, 1)
    while shares.sum() > size:
        spare = shares > 1 if len(counts) <= size else shares > 0
        shares[np.argmax(np.where(spare, shares - exact, -np.inf))] -= 1
    remainder = np.argsort(shares - exact, kind="stable")
    shares[remainder[: size - int(shares.sum())]] += 1
    return np.asarray(np.minimum(shares, counts))
