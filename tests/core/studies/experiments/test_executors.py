"""Every study gives the same on any executor, and hands its cells little to carry."""

import pickle
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest

from core.index import Adjacency, HnswGraph, HnswParams, Neighbors, build_hnsw
from core.studies import (
    build_grid,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    rebuild_spread,
    updates,
)
from core.studies.experiments.insertion_order import LID
from core.studies.experiments.insertion_order_results import OrderRun
from core.studies.inspection.rebuild_spread import _cell as _rebuild
from core.studies.inspection.rebuild_spread import _Rebuild
from core.studies.parts.blocks import _span
from core.studies.parts.cells import SoFar, _Outcome

N, DIM = 400, 8
PARAMS = HnswParams("euclidean", m=4, ef_construction=12)
Study = Callable[..., Any]


def data(n: int, dim: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows with every tenth one a copy of the one before, and four classes."""
    random = np.random.default_rng(0)
    vectors = random.normal(size=(n, dim)).astype(np.float32)
    vectors[9::10] = vectors[8:-1:10]
    return vectors, random.integers(0, 4, n)


VECTORS, LABELS = data(N, DIM)


def grid(vectors: Any, _labels: Any, _graph: Any, **more: Any) -> Any:
    params = [
        HnswParams("euclidean", m=m, ef_construction=12, seed=s) for m in (4, 8) for s in (0, 1)
    ]
    return build_grid(vectors, params, k=5, queries=20, ef_max=60, **more)


def order(vectors: Any, labels: Any, _graph: Any, **more: Any) -> Any:
    return insertion_order(vectors, PARAMS, labels, k=5, seeds=(0, 1), queries=20, **more)


def dimension(vectors: Any, _labels: Any, _graph: Any, **more: Any) -> Any:
    return intrinsic_dimension(vectors, PARAMS, k=5, efs=(5, 20), queries=20, rows=200, **more)


def filters(vectors: Any, labels: Any, graph: Any, **more: Any) -> Any:
    return filtered_search(
        graph, vectors, k=3, target=0.9, column=labels, queries=10, ef_max=60, **more
    )


def changes(vectors: Any, _labels: Any, _graph: Any, **more: Any) -> Any:
    return updates(vectors, PARAMS, k=5, ef=12, rounds=2, queries=20, **more)


def grown(vectors: Any, _labels: Any, _graph: Any, **more: Any) -> Any:
    return growth(vectors, PARAMS, k=5, target=0.8, sizes=(90, 180, 360), queries=20, **more)


def rebuilds(vectors: Any, _labels: Any, _graph: Any, **more: Any) -> Any:
    return rebuild_spread(vectors, PARAMS, k=5, ef_max=12, rebuilds=3, queries=20, **more)


STUDIES: dict[str, tuple[Callable[..., Any], int]] = {
    "build_grid": (grid, 4),
    "insertion_order": (order, 11),
    "intrinsic_dimension": (dimension, 4),
    "filtered_search": (filters, 4),
    "updates": (changes, 4),
    "growth": (grown, 3),
    "rebuild_spread": (rebuilds, 3),
}
every_study = pytest.mark.parametrize(("study", "parts"), STUDIES.values(), ids=STUDIES.keys())


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, PARAMS)


def same(left: Any, right: Any) -> bool:
    """Equal to the last bit, but for times by the clock."""
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and bool(np.array_equal(left, right, equal_nan=True))
    if isinstance(left, HnswGraph):
        return left.fingerprint == right.fingerprint
    if isinstance(left, tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if is_dataclass(left) and not isinstance(left, type):
        names = [each.name for each in fields(left) if not each.name.endswith("seconds")]
        return type(left) is type(right) and all(
            same(getattr(left, name), getattr(right, name)) for name in names
        )
    return bool(left == right) or (left != left and right != right)  # NaN is like NaN


@contextmanager
def two_threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


@every_study
def test_threads_and_processes_give_the_same_as_no_executor(
    study: Study, parts: int, graph: HnswGraph, processes: ProcessPoolExecutor
) -> None:
    alone: dict[Hashable, Any] = {}
    plain = study(VECTORS, LABELS, graph, done=alone)
    assert len(alone) == parts
    with two_threads() as threads:
        for executor in (threads, processes):
            told: list[float] = []
            done: dict[Hashable, Any] = {}
            found = study(
                VECTORS,
                LABELS,
                graph,
                executor=executor,
                done=done,
                progress=lambda share, _words, told=told: told.append(share),
            )
            assert same(found, plain)
            assert set(done) == set(alone)
            assert told == sorted(told)
            assert told[-1] == pytest.approx(1.0)


@every_study
def test_the_finished_parts_are_told_and_make_the_study_at_the_end(
    study: Study, parts: int, graph: HnswGraph
) -> None:
    seen: list[SoFar[Any]] = []
    whole = study(VECTORS, LABELS, graph, so_far=seen.append)
    assert {each.total for each in seen} == {parts}
    counts = [each.finished for each in seen]
    assert counts == sorted(counts)
    assert (counts[0], counts[-1]) == (0, parts)
    assert seen[0].result is None
    assert same(seen[-1].result, whole)
    there = [each.result is not None for each in seen]
    assert there == sorted(there)  # once it can be drawn, it always can
    assert sum(there) >= 2


class Weighing(Executor):
    """Weighs what would travel to another process, and answers without running anything."""

    def __init__(self, answer: Callable[[tuple[Any, ...]], Any]) -> None:
        self.weights: list[int] = []
        self._answer = answer

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.weights.append(len(pickle.dumps((fn, args, kwargs))))
        future: Future[Any] = Future()
        future.set_result(_Outcome(self._answer(args)))
        return future


def ring(vectors: np.ndarray) -> HnswGraph:
    """A graph of many rows that takes no time to make: each row links to the next."""
    n = len(vectors)
    none = Adjacency(np.zeros(1, np.int64), np.zeros(0, np.int32))
    following = ((np.arange(n) + 1) % n).astype(np.int32)
    return HnswGraph(
        vectors,
        "euclidean",
        4,
        12,
        0,
        np.zeros(n, np.int32),
        np.arange(n),
        np.zeros(n, bool),
        Adjacency(np.arange(n + 1), following),
        none,
        np.zeros(n, np.int64),
    )


@pytest.fixture(scope="module")
def large() -> tuple[np.ndarray, np.ndarray, HnswGraph]:
    vectors, labels = data(50_000, 100)
    assert vectors.nbytes == 20_000_000
    return vectors, labels, ring(vectors)


def stand_in(args: tuple[Any, ...]) -> Any:
    """What a cell could have given, where its study looks at it."""
    function, _progress, arguments = args
    if function is _rebuild:
        plan = arguments[0].value
        shape = len(plan.queries), plan.ef_max - plan.truth.ids.shape[1] + 1
        return _Rebuild(np.zeros(shape, np.uint16), np.zeros(shape, np.int32), 0)
    if function is _span:
        question = arguments[0].value
        shape = len(question.queries), question.k
        return Neighbors(np.zeros(shape, np.int64), np.zeros(shape))
    if function is _rebuild:
        hits = np.zeros((20, 8), np.uint16)
        return _Rebuild(hits, hits.astype(np.int32), 0)
    if not isinstance(arguments[-1], tuple) or len(arguments) < 2 or len(arguments[1]) != 2:
        return None
    order, seed = arguments[1]
    if order == LID:
        return np.arange(50_000.0), True
    return OrderRun(order, seed, np.zeros((20, 2)), np.zeros(2))


@every_study
def test_cells_of_twenty_megabytes_carry_less_than_a_hundred_kilobytes(
    study: Study, parts: int, large: tuple[np.ndarray, np.ndarray, HnswGraph]
) -> None:
    executor = Weighing(stand_in)
    study(*large, executor=executor)
    assert len(executor.weights) >= parts
    assert max(executor.weights) < 100_000
