"""Fair samples of rows, for what is too large to draw."""

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_labels, check_whole

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
    size = check_count(size, "size")
    if labels is not None:
        labels = check_labels(labels, n)
    if n <= size:
        return np.arange(n)
    random = np.random.default_rng(seed)
    if labels is None:
        return np.sort(random.choice(n, size, replace=False))
    _, codes, counts = np.unique(labels, return_inverse=True, return_counts=True)
    shares = _shares(counts, size)
    return np.asarray(np.flatnonzero(_ranks(codes, counts, random) < shares[codes]))


def sample_classes(labels: npt.NDArray[np.integer], size: int, *, seed: int = 0) -> Rows:
    """About `size` rows of whole classes, ascending; all labeled rows if they are no more.

    labels: (n,) codes, below 0 for a missing label, whose rows are left out. Classes are drawn with
    `seed` until there are enough rows, two of more than one member at least, so that the sizes stay
    as they are. Only of a class larger than a tenth of `size` no more than that tenth is drawn.
    Rows alone in their class get their share of the sample.
    """
    size = check_whole(size, "size", 20)
    codes = check_labels(labels, None)
    rows = np.flatnonzero(codes >= 0)
    if len(rows) <= size:
        return rows
    random = np.random.default_rng(seed)
    _, inverse, counts = np.unique(codes[rows], return_inverse=True, return_counts=True)
    taken = np.minimum(counts, size // 10)
    alone = counts == 1
    among = round(size * float(taken[~alone].sum() / taken.sum()))
    shuffled = random.permutation(np.flatnonzero(~alone))
    started = np.cumsum(taken[shuffled]) - taken[shuffled] < among
    started[:2] = True
    chosen = np.zeros(len(counts), dtype=np.int64)
    chosen[shuffled[started]] = taken[shuffled[started]]
    chosen[random.permutation(np.flatnonzero(alone))[: size - among]] = 1
    return np.asarray(rows[_ranks(inverse, counts, random) < chosen[inverse]])


def _ranks(codes: Rows, counts: Rows, random: np.random.Generator) -> Rows:
    """A random rank of each row among those of its code, from 0."""
    ranks = np.empty(len(codes), dtype=np.int64)
    order = np.lexsort((random.random(len(codes)), codes))
    ranks[order] = np.arange(len(codes)) - np.repeat(np.cumsum(counts) - counts, counts)
    return ranks


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
