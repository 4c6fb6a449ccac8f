"""`map_quality` against scikit-learn's trustworthiness, and at 100,000 rows in time and memory.

scikit-learn gives one figure of the whole map from all distances, (n, n) float64; ours gives
trustworthiness, continuity and the share kept of every row.

python -m benchmarks.map_quality [peer | sample | all]
"""

import resource
import sys
import time

from sklearn.manifold import trustworthiness

from benchmarks._timing import clustered, show
from core.projection import project_pca
from core.studies import map_quality

SIZES, DIM, K = (2_000, 5_000, 10_000), 64, 15
LARGE, LARGE_DIM, SAMPLE = 100_000, 384, 2_000


def against_sklearn() -> None:
    rows = []
    small, _ = clustered(500, DIM)  # loads what both of them need
    map_quality(small, small[:, :2], K, metric="euclidean")
    trustworthiness(small, small[:, :2], n_neighbors=K)
    for n in SIZES:
        vectors, _ = clustered(n, DIM)
        places = project_pca(vectors).coordinates
        start = time.perf_counter()
        quality = map_quality(vectors, places, K, metric="euclidean")
        middle = time.perf_counter()
        theirs = trustworthiness(vectors, places, n_neighbors=K)
        ours, peer = middle - start, time.perf_counter() - middle
        apart = abs(quality.mean("trust") - theirs)
        rows.append((f"{n:,}", f"{ours:.2f} s", f"{peer:.2f} s", peer / ours, apart))
    show(
        f"map_quality, true neighbors included, x {DIM}, k = {K}, one run",
        ("rows", "ours (3 figures)", "scikit-learn (1)", "speed", "difference"),
        rows,
    )


def large(measured: int) -> None:
    """Seconds on the clock, and of processors: those that other programs took are not ours."""
    vectors, _ = clustered(LARGE, LARGE_DIM)
    places = project_pca(vectors).coordinates
    map_quality(vectors[:500], places[:500], K, metric="cosine")  # loads what it needs
    before, clock, work = _peak(), time.perf_counter(), time.process_time()
    map_quality(vectors, places, K, metric="cosine", rows_at_most=measured)
    clock, work = time.perf_counter() - clock, time.process_time() - work
    grown = max(0.0, _peak() - before)
    row = (f"{measured:,}", f"{clock:.1f} s", f"{work:.1f} s", f"{1000 * work / measured:.2f} ms")
    show(
        f"map_quality of the PCA of {LARGE:,} x {LARGE_DIM}, {vectors.nbytes / 1e6:.0f} MB",
        ("rows measured", "clock", "of processors", "of them a row", "peak grows by MB"),
        [(*row, grown)],
    )


def _peak() -> float:
    """MB of memory that the process has had at most."""
    unit = 1e6 if sys.platform == "darwin" else 1e3
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["peer", "sample", "all"]
    if "peer" in wanted:
        against_sklearn()
    if "sample" in wanted:
        large(SAMPLE)
    if "all" in wanted:
        large(LARGE)
