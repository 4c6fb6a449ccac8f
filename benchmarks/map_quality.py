"""`map_quality` against scikit-learn's trustworthiness, and at 100,000 rows in time and memory.

scikit-learn gives one figure of the whole map from all distances, (n, n) float64; ours gives
trustworthiness, continuity and the share kept of every row.
"""

import resource
import sys
import time

from sklearn.manifold import trustworthiness

from benchmarks._timing import clustered, show
from core.projection import project_pca
from core.studies import knn_lists, map_quality

SIZES, DIM, K = (2_000, 5_000, 10_000), 64, 15
LARGE, LARGE_DIM, MEASURED = 100_000, 384, (1_000, 5_000)


def against_sklearn() -> None:
    rows = []
    small, _ = clustered(500, DIM)  # loads what both of them need
    map_quality(small, small[:, :2], knn_lists(small, K, "euclidean"), K)
    trustworthiness(small, small[:, :2], n_neighbors=K)
    for n in SIZES:
        vectors, _ = clustered(n, DIM)
        places = project_pca(vectors).coordinates
        start = time.perf_counter()
        lists = knn_lists(vectors, K, "euclidean")
        quality = map_quality(vectors, places, lists, K, rows_at_most=n)
        middle = time.perf_counter()
        theirs = trustworthiness(vectors, places, n_neighbors=K)
        ours, peer = middle - start, time.perf_counter() - middle
        apart = abs(quality.mean("trust") - theirs)
        rows.append((f"{n:,}", f"{ours:.2f} s", f"{peer:.2f} s", peer / ours, apart))
    show(
        f"map_quality with its true neighbors, x {DIM}, k = {K}, one run",
        ("rows", "ours (3 figures)", "scikit-learn (1)", "speed", "difference"),
        rows,
    )


def large() -> None:
    vectors, _ = clustered(LARGE, LARGE_DIM)
    places = project_pca(vectors).coordinates
    rows = []
    for measured in MEASURED:
        start = time.perf_counter()
        lists = knn_lists(vectors, K, "cosine", rows_at_most=measured)
        found = time.perf_counter()
        before = _peak()
        map_quality(vectors, places, lists, K, rows_at_most=measured)
        end = time.perf_counter()
        grown = max(0.0, _peak() - before)
        seconds = f"{found - start:.1f} s", f"{end - found:.1f} s"
        rows.append((f"{measured:,}", *seconds, f"{1000 * (end - found) / measured:.2f} ms", grown))
    show(
        f"map_quality at {LARGE:,} x {LARGE_DIM}, {vectors.nbytes / 1e6:.0f} MB of vectors",
        ("rows measured", "their true neighbors", "map_quality", "a row", "peak grows by MB"),
        rows,
    )


def _peak() -> float:
    """MB of memory that the process has had at most."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    against_sklearn()
    large()
