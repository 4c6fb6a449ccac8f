"""umap-learn's layout, with a report after every epoch and without holding Python's lock.

umap-learn can only print its progress, and one epoch on a large map keeps every other thread of the
process waiting. Its optimizer is a plain function over a compiled one, so here a copy of the plain
one gets its own progress bar and its own compilation; umap-learn itself is left as it is, for a
change in its module would reach every thread.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from core.projection.libraries import copied, kept_code

Step = Callable[[int, int, npt.NDArray[np.float32]], None]

# Guards the compiled parallel loop of the graph: not every threading layer of numba may run twice.
_one_graph_at_a_time = threading.Lock()
FARTHEST = 1e12  # what umap-learn takes for different classes at the weight 1


def fuzzy_graph(ids: npt.NDArray[np.int32], distances: npt.NDArray[np.float32]) -> Any:
    """UMAP's weighted graph, scipy sparse (n, n), from k-NN lists (n, k) with self first."""
    umap, _ = _load()
    with _one_graph_at_a_time:
        graph, _, _ = umap.fuzzy_simplicial_set(
            ids, ids.shape[1], None, "precomputed", knn_indices=ids, knn_dists=distances
        )
    return graph


def with_classes(graph: Any, codes: npt.NDArray[np.int64], weight: float) -> Any:
    """The graph with links between different classes weakened, as umap-learn's `fit(X, y)` does.

    codes: (n,), -1 where there is none: such links are weakened by a constant. weight: from 0 (not
    at all) to 1 (cut). The distance between two classes is 2.5 / (1 - weight), as in `UMAP.fit`.
    """
    umap, _ = _load()
    far = 2.5 / (1.0 - weight) if weight < 1.0 else FARTHEST
    with _one_graph_at_a_time:
        return umap.discrete_metric_simplicial_set_intersection(graph, codes, far_dist=far)


def optimize(
    start: npt.NDArray[np.float32], graph: Any, min_dist: float, seed: int, step: Step
) -> npt.NDArray[np.float32]:
    """Move the points of `start` (n, components) until near ones in `graph` are near on the map.

    500 epochs up to 10,000 points, 200 above, as in umap-learn. `step(done, epochs, points)` is
    called before each epoch and may raise to stop.
    """
    umap, layouts = _load()
    epochs = 500 if len(start) <= 10_000 else 200
    edges = graph.tocoo()
    edges.sum_duplicates()
    edges.data[edges.data < edges.data.max() / epochs] = 0.0
    edges.eliminate_zeros()
    a, b = umap.find_ab_params(1.0, min_dist)
    integers = np.iinfo(np.int32)
    state = np.random.default_rng(seed).integers(integers.min, integers.max, 3, dtype=np.int64)
    moved = start.astype(np.float32, order="C")
    return np.asarray(
        _reporting_optimizer(layouts, lambda done: step(done, epochs, moved))(
            moved,
            moved,
            edges.row,
            edges.col,
            epochs,
            len(moved),
            umap.make_epochs_per_sample(edges.data, epochs),
            a,
            b,
            state,
            move_other=True,
        )
    )


def _reporting_optimizer(layouts: ModuleType, report: Callable[[int], None]) -> FunctionType:
    """A copy of umap-learn's optimizer that reports and compiles without Python's lock."""

    def steps(epochs: Iterable[int], **_: Any) -> Iterator[int]:
        for epoch in epochs:
            report(epoch)
            yield epoch

    return copied(
        layouts.optimize_layout_euclidean,
        layouts,
        tqdm=steps,
        _get_optimize_layout_euclidean_single_epoch_fn=lambda _: _compiled_epoch(),
    )


@cache
def _compiled_epoch() -> Any:
    from numba import njit

    _, layouts = _load()
    with kept_code("umap"):
        epoch = layouts._optimize_layout_euclidean_single_epoch
        return njit(epoch, fastmath=True, nogil=True, cache=True)


@cache
def _load() -> tuple[Any, Any]:
    """umap-learn's modules, imported at the first use: it takes seconds."""
    with kept_code("umap"):
        from umap import layouts, umap_

        for function in (umap_.smooth_knn_dist, umap_.compute_membership_strengths):
            function.enable_caching()  # without it, these two take seconds at every start
    return umap_, layouts
