"""`exact_neighbors` against faiss, scikit-learn and numpy, all threads, and where they are wrong.

Budget: at least 0.9 of the speed of the fastest.
"""

import statistics

import faiss
import numpy as np
import numpy.typing as npt
from sklearn.neighbors import NearestNeighbors

from benchmarks._timing import SIZES, alternate, clustered, ratio, show
from core.index import exact_neighbors

K, RUNS = 10, 7

Vectors = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int64]


def by_faiss(vectors: Vectors, queries: Vectors) -> Ids:
    index = faiss.IndexFlatL2(vectors.shape[1])
    index.add(vectors)
    return np.asarray(index.search(queries, K)[1])


def by_sklearn(vectors: Vectors, queries: Vectors) -> Ids:
    model = NearestNeighbors(n_neighbors=K, algorithm="brute").fit(vectors)
    return np.asarray(model.kneighbors(queries, return_distance=False))


def by_numpy(vectors: Vectors, queries: Vectors) -> Ids:
    lengths = np.einsum("ij,ij->i", vectors, vectors)
    found = []
    for start in range(0, len(queries), 250):
        products = lengths - 2 * queries[start : start + 250] @ vectors.T
        nearest = np.argpartition(products, K, axis=1)[:, :K]
        order = np.argsort(np.take_along_axis(products, nearest, axis=1), axis=1)
        found.append(np.take_along_axis(nearest, order, axis=1))
    return np.concatenate(found)


def by_us(vectors: Vectors, queries: Vectors) -> Ids:
    return exact_neighbors(vectors, queries, K, metric="euclidean").ids


PEERS = {"faiss": by_faiss, "scikit-learn": by_sklearn, "numpy": by_numpy}


def speed() -> None:
    rows = []
    for n, dim in (*SIZES, (100_000, 384)):
        vectors, queries = clustered(n, dim)
        taken = alternate(
            RUNS,
            *(
                lambda f=function: f(vectors, queries)  # type: ignore[misc]  # noqa: B023
                for function in (by_us, *PEERS.values())
            ),
        )
        medians = [statistics.median(seconds) for seconds in taken]
        fastest = min(range(1, len(taken)), key=medians.__getitem__)
        rows.append(
            (
                f"{n:,} x {dim}",
                *(f"{1000 * median:.0f} ms" for median in medians),
                ratio(taken[fastest], taken[0]),
                "at least 0.9",
            )
        )
    show(
        f"exact_neighbors: 1,000 queries, k = {K}, medians of {RUNS}",
        ("data", "ours", *PEERS, "speed against the fastest", "budget"),
        rows,
    )


def rightness() -> None:
    rows = []
    random = np.random.default_rng(0)
    for offset in (0, 100, 10_000):
        vectors = (random.normal(size=(20_000, 32)) + offset).astype(np.float32)
        queries = vectors[:200]
        wide, asked = vectors.astype(np.float64), queries.astype(np.float64)
        distances = np.stack([np.square(wide - query).sum(axis=1) for query in asked])
        truth = np.argsort(distances, axis=1, kind="stable")[:, :K]
        shares = [
            np.mean(
                [
                    len(np.intersect1d(a, b)) / K
                    for a, b in zip(f(vectors, queries), truth, strict=True)
                ]
            )
            for f in (by_us, *PEERS.values())
        ]
        rows.append((f"mean at {offset:,}", *(f"{share:.4f}" for share in shares)))
    show(
        "exact_neighbors: share of the true 10 nearest named, 20,000 x 32, unit variance",
        ("data", "ours", *PEERS),
        rows,
    )


if __name__ == "__main__":
    speed()
    rightness()
