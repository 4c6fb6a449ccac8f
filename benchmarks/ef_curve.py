"""`ef_curve` for every ef in [10, 512] against one hnswlib `knn_query` at ef 512, one thread each.

Budget: at most 1.5 times.
"""

import statistics

from benchmarks._timing import SIZES, alternate, clustered, native_index, parsed, ratio, show
from core.index import ef_curve, exact_neighbors

K, EF_MAX, RUNS = 10, 512, 9


def main() -> None:
    rows = []
    for n, dim in SIZES:
        vectors, queries = clustered(n, dim)
        index = native_index(vectors, threads=2)
        graph = parsed(index)
        truth = exact_neighbors(vectors, queries, K, metric="euclidean")
        index.set_ef(EF_MAX)
        curve, native = alternate(
            RUNS,
            lambda: ef_curve(graph, queries, truth, ef_max=EF_MAX, threads=1),  # noqa: B023
            lambda: index.knn_query(queries, K, num_threads=1),  # noqa: B023
        )
        rows.append(
            (
                f"{n:,} x {dim}",
                f"{1000 * statistics.median(curve):.0f} ms",
                f"{1000 * statistics.median(native):.0f} ms",
                ratio(curve, native),
                "at most 1.5",
            )
        )
    show(
        f"ef_curve: {EF_MAX - K + 1} values of ef, 1,000 queries, k = {K}, medians of {RUNS}",
        ("data", "every ef", "one ef (hnswlib)", "ratio", "budget"),
        rows,
    )


if __name__ == "__main__":
    main()
