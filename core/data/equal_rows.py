"""Exact duplicates: which rows hold the same values."""

import numpy as np
import numpy.typing as npt

from core.distances import Floats

BLOCK = 2**14  # rows at a time, for the memory beside the rows
Rows = npt.NDArray[np.int64]


def first_equal_rows(vectors: Floats) -> Rows:
    """The first row that is equal, value by value, to each of `vectors` (n, d): (n,) row ids.

    vectors: finite. -0.0 equals 0.0.
    A row without an earlier copy is its own first; `np.bincount` of the result counts the rows of
    each group. Rows are grouped by a 64-bit hash, and then compared, so the answer is exact; it
    takes some 40 bytes of memory per row.

    >>> first_equal_rows(np.array([[1.0, 2.0], [0.0, 0.0], [1.0, 2.0], [-0.0, 0.0]])).tolist()
    [0, 1, 0, 1]
    """
    _, first, group = np.unique(_hashes(vectors), return_index=True, return_inverse=True)
    firsts = first[group].astype(np.int64)
    unlike = _unlike(vectors, firsts)
    if len(unlike):  # their hash is that of another row by chance
        firsts[unlike] = unlike[_first_equal_bytes(vectors[unlike])]
    return np.asarray(firsts)


def is_first(firsts: Rows) -> npt.NDArray[np.bool_]:
    """Whether each row has no earlier copy, (n,), from what `first_equal_rows` gives."""
    return np.asarray(firsts == np.arange(len(firsts)))


def _hashes(vectors: Floats) -> npt.NDArray[np.uint64]:
    """A 64-bit hash of each row, (n,), the same for equal rows.

    Values of opposite sign have products that differ in the upper half only: it is folded onto the
    lower one and multiplied again, so that all 64 bits differ between rows of opposite signs.
    """
    word = np.dtype(f"u{min(4, vectors.dtype.itemsize)}")
    words = vectors.shape[1] * vectors.dtype.itemsize // word.itemsize
    weights = np.random.default_rng(0).integers(2**63, size=words, dtype=np.uint64) * 2 + 1
    hashes = np.empty(len(vectors), np.uint64)
    for block in _blocks(len(vectors)):
        products = _without_minus_zero(vectors[block]).view(word) * weights
        hashes[block] = ((products ^ (products >> np.uint64(32))) * weights).sum(axis=1)
    return hashes


def _unlike(vectors: Floats, firsts: Rows) -> Rows:
    """The rows that differ from the one they are grouped with, ascending."""
    copies = np.flatnonzero(~is_first(firsts))
    return np.concatenate(
        [
            np.empty(0, np.int64),
            *[
                rows[(vectors[rows] != vectors[firsts[rows]]).any(axis=1)]
                for rows in (copies[block] for block in _blocks(len(copies)))
            ],
        ]
    )


def _first_equal_bytes(vectors: Floats) -> Rows:
    """`first_equal_rows` by the bytes of the rows, which are few."""
    content = _without_minus_zero(vectors)
    width = content.dtype.itemsize * content.shape[1]
    keys = content.view(np.dtype((np.void, width))).ravel()
    _, first, group = np.unique(keys, return_index=True, return_inverse=True)
    return np.asarray(first[group])


def _without_minus_zero(vectors: Floats) -> Floats:
    return np.ascontiguousarray(vectors) + vectors.dtype.type(0)


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + BLOCK) for start in range(0, count, BLOCK)]
