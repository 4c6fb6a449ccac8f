"""`ef_curve` for every ef in [10, 512] against one hnswlib `knn_query` at ef 512, one thread each.

Budget: at most 1.5 times. Beside it three k at once, which has no budget of its own.
"""

import statistics

from benchmarks._timing import SIZES, alternate, clustered, native_index, parsed, ratio, show
from core.index import ef_curve, ef_curves, exact_neighbors

K, KS, EF_MAX, RUNS = 10, (1, 10, 100), 512, 9


def main() -> None:
    rows = []
    for n, dim in SIZES:
        vectors, queries = clustered(n, dim)
        index = native_index(vectors, threads=2)
        graph = parsed(index)
        deep = exact_neighbors(vectors, queries, max(KS), metric="euclidean").ids
        truth = deep[:, :K]
        index.set_ef(EF_MAX)
        curve, several, native = alternate(
            RUNS,
            lambda: ef_curve(graph, queries, truth, ef_max=EF_MAX, threads=1),  # noqa: B023
            lambda: ef_curves(graph, queries, deep, KS, ef_max=EF_MAX, threads=1),  # noqa: B023
            lambda: index.knn_query(queries, K, num_threads=1),  # noqa: B023
        )
        rows.append(
            (
                f"{n:,} x {dim}",
                f"{1000 * statistics.median(curve):.0f} ms",
                f"{1000 * statistics.median(native):.0f} ms",
                ratio(curve, native),
                "at most 1.5",
                ratio(several, native),
            )
        )
    show(
        f"ef_curve: {EF_MAX - K + 1} values of ef, 1,000 queries, k = {K}, medians of {RUNS}",
        ("data", "every ef", "one ef (hnswlib)", "ratio", "budget", f"k = {KS}"),
        rows,
    )


if __name__ == "__main__":
    main()
