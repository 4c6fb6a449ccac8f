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

Vectors = npt.NDArray[np.float32]
Tiles = list[tuple[slice, slice]]


def labelled() -> tuple[Vectors, npt.NDArray[np.int64]]:
    """Vectors around the centers of their classes, shuffled."""
    random = np.random.default_rng(0)
    centers = random.normal(size=(CLASSES, DIM))
    labels = random.integers(0, CLASSES, ROWS)
    vectors = centers[labels] + 1.2 * random.normal(size=(ROWS, DIM))
    return vectors.astype(np.float32), labels


def fresh_products(vectors: Vectors, tiles: Tiles) -> None:
    for rows, columns in tiles:
        vectors[rows] @ vectors[columns].T


def buffered_products(vectors: Vectors, tiles: Tiles, buffer: Vectors) -> None:
    for rows, columns in tiles:
        left, right = vectors[rows], vectors[columns]
        block = buffer[: len(left) * len(right)].reshape(len(left), len(right))
        np.matmul(left, right.T, out=block)


def main() -> None:
    vectors, labels = labelled()
    tiles = list(ClassPairs(vectors, labels).impostor_tiles())
    sizes = [(r.stop - r.start) * (c.stop - c.start) for r, c in tiles]
    buffer = np.empty(max(sizes), dtype=np.float32)
    ours, fresh, buffered = alternate(
        RUNS,
        lambda: opis(vectors, labels),
        lambda: fresh_products(vectors, tiles),
        lambda: buffered_products(vectors, tiles, buffer),
    )
    show(
        f"opis: {ROWS:,} x {DIM}, {CLASSES} classes, {sum(sizes):,} products, medians of {RUNS}",
        ("what", "seconds", "opis against it", "budget"),
        (
            ("opis", statistics.median(ours), 1.0, ""),
            ("products, fresh blocks", statistics.median(fresh), ratio(ours, fresh), "at most 2"),
            ("products, one buffer", statistics.median(buffered), ratio(ours, buffered), ""),
        ),
    )


if __name__ == "__main__":
    main()
