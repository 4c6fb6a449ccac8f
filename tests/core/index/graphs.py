"""Graphs written down by hand."""

from collections.abc import Mapping, Sequence

import numpy as np

from core.distances import Metric
from core.index import Adjacency, HnswGraph

Layer = Mapping[int, Sequence[int]]


def _rows(lists: Sequence[Sequence[int]]) -> Adjacency:
    indptr = np.cumsum([0, *(len(links) for links in lists)]).astype(np.int64)
    return Adjacency(indptr, np.array([i for links in lists for i in links], dtype=np.int32))


def hand_graph(
    layers: Sequence[Layer],
    entry: int,
    *,
    vectors: np.ndarray | None = None,
    metric: Metric = "euclidean",
    m: int = 2,
    deleted: Sequence[int] = (),
) -> HnswGraph:
    """layers[l] gives the links of each node on layer l; layer 0 names every node.

    vectors: by default node i stands at i on a line.
    """
    n = len(layers[0])
    levels = np.array(
        [max(i for i, layer in enumerate(layers) if node in layer) for node in range(n)]
    )
    upper = [layers[layer][node] for node in range(n) for layer in range(1, levels[node] + 1)]
    line = np.arange(n, dtype=np.float32)[:, None]
    return HnswGraph(
        vectors=line if vectors is None else vectors,
        metric=metric,
        m=m,
        ef_construction=None,
        entry_point=entry,
        levels=levels.astype(np.int32),
        labels=np.arange(n),
        deleted=np.isin(np.arange(n), deleted),
        base=_rows([layers[0][node] for node in range(n)]),
        upper=_rows(upper),
        upper_start=np.cumsum(levels) - levels,
    )


def broken(n: int = 2000, dim: int = 24) -> np.ndarray:
    """Clusters, then 2 % near copies of their mean: an index in this order loses items."""
    random = np.random.default_rng(5)
    centers = random.normal(size=(40, dim))
    rows = centers[random.integers(0, 40, n)] + 0.3 * random.normal(size=(n, dim))
    copies = rows.mean(axis=0) + 1e-3 * random.normal(size=(n // 50, dim))
    return np.concatenate([rows, copies]).astype(np.float32)
