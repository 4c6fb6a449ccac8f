"""`search` against hnswlib's `knn_query` on the same graph: queries per second.

Budget: at least 0.9 of hnswlib's, with one thread and with all.
"""

import statistics

from benchmarks._timing import SIZES, alternate, clustered, native_index, parsed, ratio, show
from core.index import search
from core.limits import default_threads

K, EFS, RUNS = 10, (10, 40, 100, 400), 11


def main() -> None:
    rows = []
    for n, dim in SIZES:
        vectors, queries = clustered(n, dim, 2000)
        index = native_index(vectors, threads=2)
        graph = parsed(index)
        for ef in EFS:
            index.set_ef(ef)
            for threads in sorted({1, default_threads()}):
                native, ours = alternate(
                    RUNS,
                    lambda: index.knn_query(queries, K, num_threads=threads),  # noqa: B023
                    lambda: search(graph, queries, K, ef, threads=threads),  # noqa: B023
                )
                rows.append(
                    (
                        f"{n:,} x {dim}",
                        ef,
                        threads,
                        f"{len(queries) / statistics.median(ours):,.0f}",
                        f"{len(queries) / statistics.median(native):,.0f}",
                        ratio(native, ours),
                        "at least 0.9",
                    )
                )
    show(
        f"search: queries per second, k = {K}, medians of {RUNS}",
        ("data", "ef", "threads", "ours", "hnswlib", "ratio", "budget"),
        rows,
    )


if __name__ == "__main__":
    main()
