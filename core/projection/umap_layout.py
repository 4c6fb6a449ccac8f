"""umap-learn's layout, with a report after every epoch and without holding Python's lock.

umap-learn can only print its progress, and one epoch on a large map keeps every other thread of the
process waiting. Its optimizer is a plain function over a compiled one, so here a copy of the plain
one gets its own progress bar and its own compilation; umap-learn itself is left as it is, for a
change in its module would reach every thread.
"""

import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from core.compiled import CACHE_SETTING, code_folder
from core.progress import Progress

# Guards the compiled parallel loop of the graph: not every threading layer of numba may run twice.
_one_graph_at_a_time = threading.Lock()


def fuzzy_graph(ids: npt.NDArray[np.int32], distances: npt.NDArray[np.float32]) -> Any:
    """UMAP's weighted graph, scipy sparse (n, n), from k-NN lists (n, k) with self first."""
    umap, _ = _load()
    with _one_graph_at_a_time:
        graph, _, _ = umap.fuzzy_simplicial_set(
            ids, ids.shape[1], None, "precomputed", knn_indices=ids, knn_dists=distances
        )
    return graph


def optimize(
    start: npt.NDArray[np.float32], graph: Any, min_dist: float, seed: int, progress: Progress
) -> npt.NDArray[np.float32]:
    """Move the points of `start` (n, components) until near ones in `graph` are near on the map.

    500 epochs up to 10,000 points, 200 above, as in umap-learn. `progress` is called before each
    epoch and may raise to stop.
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
        _reporting_optimizer(layouts, progress)(
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


def _reporting_optimizer(layouts: ModuleType, progress: Progress) -> FunctionType:
    """A copy of umap-learn's optimizer that calls `progress` and compiles without Python's lock."""

    def steps(epochs: Iterable[int], **_: Any) -> Iterator[int]:
        done = list(epochs)
        for epoch in done:
            progress(epoch / len(done), f"epoch {epoch + 1:,} of {len(done):,}")
            yield epoch

    original = layouts.optimize_layout_euclidean
    names = {
        **vars(layouts),
        "tqdm": steps,
        "_get_optimize_layout_euclidean_single_epoch_fn": lambda _: _compiled_epoch(),
    }
    return FunctionType(original.__code__, names, argdefs=original.__defaults__)


@cache
def _compiled_epoch() -> Any:
    from numba import njit

    _, layouts = _load()
    with _kept_code():
        epoch = layouts._optimize_layout_euclidean_single_epoch
        return njit(epoch, fastmath=True, nogil=True, cache=True)


@cache
def _load() -> tuple[Any, Any]:
    """umap-learn's modules, imported at the first use: it takes seconds."""
    with warnings.catch_warnings(), _kept_code():
        # It warns that TensorFlow is missing, which only its neural variant needs.
        warnings.simplefilter("ignore", ImportWarning)
        from umap import layouts, umap_

        for function in (umap_.smooth_knn_dist, umap_.compute_membership_strengths):
            function.enable_caching()  # without it, these two take seconds at every start
    return umap_, layouts


@contextmanager
def _kept_code() -> Iterator[None]:
    """Functions compiled with `cache=True` inside are kept where this user can write.

    umap-learn and pynndescent ask for a cache as they are imported, and fail where numba finds no
    folder for one. Where there is none at all, they are compiled without.
    """
    from numba import config

    settings: Any = config
    source = _installed("umap")
    folder = code_folder(source)
    with CACHE_SETTING:
        before = settings.CACHE_DIR
        if folder not in (None, source / "__pycache__"):
            settings.CACHE_DIR = str(folder)
        try:
            with _no_cache() if folder is None else nullcontext():
                yield
        finally:
            settings.CACHE_DIR = before


def _installed(package: str) -> Path:
    """The package's folder, without importing it."""
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@contextmanager
def _no_cache() -> Iterator[None]:
    """numba compiles without keeping the code, also where `cache=True` is given."""
    from numba.core.dispatcher import Dispatcher
    from numba.np.ufunc.ufuncbuilder import UFuncDispatcher

    kinds: tuple[Any, ...] = (Dispatcher, UFuncDispatcher)
    before = [kind.enable_caching for kind in kinds]
    for kind in kinds:
        kind.enable_caching = _keep_nothing
    try:
        yield
    finally:
        for kind, method in zip(kinds, before, strict=True):
            kind.enable_caching = method


def _keep_nothing(_: Any) -> None:
    """Stands for the method that would look for a folder."""
