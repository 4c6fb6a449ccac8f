"""How long hnswlib itself takes to search a graph, by the clock of this machine."""

import os
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt

from core.errors import CoreError, ParameterError
from core.index.blocks import default_threads
from core.index.build import SPACES
from core.index.checks import check_k, check_vectors
from core.index.graph import HnswGraph
from core.index.hnswlib_writer import write_hnswlib
from core.index.search import check_ef, search
from core.spaces import Floats

Float64s = npt.NDArray[np.float64]
Clock = Callable[[], int]
SINGLE_AT_MOST = 200
AGREEING = 0.99
PERCENTILES = (50, 95, 99)
NANOSECONDS = 1e9


class LatencyError(CoreError):
    """hnswlib answers otherwise than the graph says, so its times would be those of another."""


@dataclass(frozen=True, eq=False)
class Latency:
    """Measured times of `knn_query`; arrays (e,) follow `ef`.

    p50_ms, p95_ms, p99_ms: of single queries on one thread, medians over the rounds. single_qps,
    batch_qps, threads_qps: queries per second one by one, in one call on one thread, in one call on
    `threads` threads. spread: of the rounds' p50, distance between quartiles over the median.
    machine: processor, cores and versions. k, rounds, queries: as asked for.
    """

    k: int
    ef: npt.NDArray[np.int64]
    p50_ms: Float64s
    p95_ms: Float64s
    p99_ms: Float64s
    single_qps: Float64s
    batch_qps: Float64s
    threads_qps: Float64s
    spread: Float64s
    threads: int
    rounds: int
    queries: int
    machine: str


def measure_latency(
    graph: HnswGraph,
    queries: Floats,
    k: int,
    efs: Sequence[int],
    *,
    rounds: int = 5,
    seed: int = 0,
    clock: Clock = time.perf_counter_ns,
    progress: Callable[[float, str], None] | None = None,
) -> Latency:
    """Time hnswlib's own `knn_query` from Python on `graph`, at each of `efs`.

    The graph is written to a temporary file and loaded by hnswlib. A round asks, at each ef, up to
    200 of the queries (q, d) one by one, then all in one call on one thread, then all on all cores;
    each round takes the efs in another order, drawn with `seed`, so that a busy moment does not
    always meet the same ef. One more round at the start is not counted. With at most 4 queries per
    thread hnswlib silently uses one thread; threads_qps is NaN then. clock: nanoseconds.
    progress: called between the steps; an exception that it raises stops the work.

    Raises LatencyError where hnswlib's answers are not those of `search`.
    """
    k, asked = check_k(k), check_vectors(queries, "queries", graph.dim)
    efs = sorted({check_ef(ef, k) for ef in efs})
    if not efs or rounds < 1 or not len(asked):
        raise ParameterError(
            f"At least one ef, one round and one query are needed; got {len(efs)} values of ef, "
            f"{rounds} rounds and {len(asked)} queries."
        )
    report = progress or (lambda _share, _words: None)
    report(0.0, "handing the graph to hnswlib")
    index = _loaded(graph)
    _check_answers(graph, index, asked, k, efs[0])
    random = np.random.default_rng(seed)
    taken: dict[int, list[_Round]] = {ef: [] for ef in efs}
    for turn in range(rounds + 1):
        order = efs if turn == 0 else random.permutation(efs).tolist()
        for place, ef in enumerate(order):
            words = "warming up" if turn == 0 else f"round {turn} of {rounds}"
            report((turn + place / len(efs)) / (rounds + 1), f"{words}, ef {ef}")
            one = _round(index, asked, k, ef, clock)
            if turn > 0:
                taken[ef].append(one)
    return _summary(k, efs, taken, len(asked), rounds)


@dataclass(frozen=True, eq=False)
class _Round:
    """Nanoseconds of each single query, of the whole batch on one thread, and on all."""

    single: Float64s
    batch: float
    threads: float


def _loaded(graph: HnswGraph) -> Any:
    index = hnswlib.Index(space=SPACES[graph.metric], dim=graph.dim)
    with tempfile.TemporaryDirectory(prefix="nearfield-") as folder:
        path = Path(folder) / "index"
        with path.open("wb") as file:
            write_hnswlib(graph, file)
        index.load_index(str(path))
    return index


def _check_answers(
    graph: HnswGraph, index: Any, queries: npt.NDArray[np.float32], k: int, ef: int
) -> None:
    some = queries[:SINGLE_AT_MOST]
    index.set_ef(ef)
    labels, _ = index.knn_query(some, k, num_threads=1)
    ours = search(graph, some, k, ef).ids
    same = [
        set(theirs.tolist()) == set(graph.labels[row].tolist())
        for theirs, row in zip(labels, ours, strict=True)
    ]
    if np.mean(same) < AGREEING:
        raise LatencyError(
            f"hnswlib answers {len(same) - sum(same)} of {len(same)} queries otherwise than the "
            "graph, so nothing is measured. Ties do this: remove exact duplicates."
        )


def _round(index: Any, queries: npt.NDArray[np.float32], k: int, ef: int, clock: Clock) -> _Round:
    index.set_ef(ef)
    single = []
    for query in queries[:SINGLE_AT_MOST]:
        start = clock()
        index.knn_query(query, k, num_threads=1)
        single.append(clock() - start)
    start = clock()
    index.knn_query(queries, k, num_threads=1)
    middle = clock()
    index.knn_query(queries, k, num_threads=default_threads())
    return _Round(np.array(single, np.float64), float(middle - start), float(clock() - middle))


def _summary(
    k: int, efs: list[int], taken: dict[int, list[_Round]], queries: int, rounds: int
) -> Latency:
    medians = np.array([[np.percentile(r.single, PERCENTILES) for r in taken[ef]] for ef in efs])
    p50, p95, p99 = (np.median(medians[:, :, i], axis=1) / 1e6 for i in range(3))
    low, high = np.percentile(medians[:, :, 0], [25, 75], axis=1)
    threads = default_threads()
    on_all = np.array([np.median([r.threads for r in taken[ef]]) for ef in efs])
    return Latency(
        k=k,
        ef=np.array(efs),
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        single_qps=_per_second(1, [[r.single.mean() for r in taken[ef]] for ef in efs]),
        batch_qps=_per_second(queries, [[r.batch for r in taken[ef]] for ef in efs]),
        threads_qps=np.where(queries > 4 * threads, queries * NANOSECONDS / on_all, np.nan),
        spread=(high - low) / 1e6 / p50,
        threads=threads,
        rounds=rounds,
        queries=queries,
        machine=machine(),
    )


def _per_second(queries: int, nanoseconds: list[list[float]]) -> Float64s:
    return np.asarray(queries * NANOSECONDS / np.median(np.array(nanoseconds), axis=1))


def machine() -> str:
    """Processor, cores and versions, as a measurement has to name them."""
    return (
        f"{_processor()}, {default_threads()} of {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, numpy {np.__version__}, hnswlib {version('hnswlib')}"
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:  # not a Linux
        pass
    return platform.processor() or platform.machine()
