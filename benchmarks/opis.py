"""`opis` over every pair against the bare matrix products in the same blocks.

Budget: at most 2 times the products. Products are timed twice: each block in fresh memory, as
`rows @ columns.T` gives it, and all blocks written to one buffer, which saves the system pages.
"""

import statistics

import numpy as np
import numpy.typing as npt

from benchmarks._timing import alternate, ratio, show
from core.metrics import opis
from core.metrics.class_pairs import ClassPairs

ROWS, DIM, CLASSES, RUNS = 10_000, 384, 100, 9

Vectors = npt.NDArray[np.floating]
Tiles = list[tuple[slice, slice]]


def labeled(dtype: npt.DTypeLike) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """Vectors around the centers of their classes, shuffled."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(CLASSES, DIM))
    labels = random.integers(0, CLASSES, ROWS)
    vectors = centers[labels] + 1.2 * random.normal(size=(ROWS, DIM))
    return vectors.astype(dtype), labels


def fresh_products(vectors: Vectors, tiles: Tiles) -> None:
    for rows, columns in tiles:
        vectors[rows] @ vectors[columns].T


def buffered_products(vectors: Vectors, tiles: Tiles, buffer: Vectors) -> None:
    for rows, columns in tiles:
        left, right = vectors[rows], vectors[columns]
        block = buffer[: len(left) * len(right)].reshape(len(left), len(right))
        np.matmul(left, right.T, out=block)


def compare(dtype: npt.DTypeLike) -> tuple[object, ...]:
    vectors, labels = labeled(dtype)
    tiles = list(ClassPairs(vectors, labels).impostor_tiles())
    largest = max((r.stop - r.start) * (c.stop - c.start) for r, c in tiles)
    buffer = np.empty(largest, dtype=dtype)
    ours, fresh, buffered = alternate(
        RUNS,
        lambda: opis(vectors, labels),
        lambda: fresh_products(vectors, tiles),
        lambda: buffered_products(vectors, tiles, buffer),
    )
    seconds = (statistics.median(taken) for taken in (ours, fresh, buffered))
    return (vectors.dtype, *seconds, ratio(ours, fresh), ratio(ours, buffered), "at most 2")


def main() -> None:
    show(
        f"opis: {ROWS:,} x {DIM}, {CLASSES} classes, every pair once, medians of {RUNS}, seconds",
        ("vectors", "opis", "fresh", "one buffer", "opis / fresh", "opis / one buffer", "budget"),
        [compare(np.float32), compare(np.float64)],
    )


if __name__ == "__main__":
    main()
