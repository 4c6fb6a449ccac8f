"""`retrieval_scores` of every row against bare blocked products with argpartition, in one run.

The bare loop multiplies the same float64 rows in blocks and takes the R nearest of each query by
argpartition: no order among them, no ties, no other figure. Ours gives nine figures, exact ranks
and every cutoff up to 100.
"""

import statistics

import numpy as np
import numpy.typing as npt

from benchmarks._timing import alternate, ratio, show
from core.metrics import retrieval_scores

SIZES, DIM, QUERIES = (5_000, 20_000), 384, 2_000
CLASSES, RUNS, BLOCK_CELLS = 50, 3, 8_000_000
MOST_KS = range(1, 101)

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def labeled(n: int) -> tuple[Vectors, Ids]:
    """Vectors around the centers of their classes, shuffled."""
    random = np.random.default_rng(0)
    labels = random.integers(0, CLASSES, n)
    centers = random.normal(size=(CLASSES, DIM))
    return (centers[labels] + 3.0 * random.normal(size=(n, DIM))).astype(np.float32), labels


def bare(vectors: Vectors, queries: Ids, nearest: int) -> None:
    rows = vectors.astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    size = BLOCK_CELLS // len(rows)
    for start in range(0, len(queries), size):
        block = queries[start : start + size]
        products = rows[block] @ rows.T
        np.argpartition(products, len(rows) - nearest, axis=1)[:, -nearest:]


def line(n: int) -> tuple[object, ...]:
    vectors, labels = labeled(n)
    queries = np.random.default_rng(1).permutation(n)[:QUERIES]
    nearest = n // CLASSES
    ours, products = alternate(
        RUNS,
        lambda: retrieval_scores(vectors, labels, k=MOST_KS, queries=queries),
        lambda: bare(vectors, queries, nearest),
    )
    seconds = (statistics.median(taken) for taken in (ours, products))
    return (f"{n:,}", f"{len(queries):,}", *seconds, ratio(ours, products))


def main() -> None:
    show(
        f"retrieval_scores: x {DIM}, {CLASSES} classes, medians of {RUNS}, seconds",
        ("rows", "queries", "ours", "products and argpartition", "ratio"),
        [line(n) for n in SIZES],
    )


if __name__ == "__main__":
    main()
