"""How long hnswlib itself takes to search a graph, by the clock of this machine."""

import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_number
from core.distances import Floats
from core.errors import ParameterError
from core.index.beam_search import check_ef
from core.index.checks import check_k, check_queries
from core.index.graph import HnswGraph
from core.index.native import answered_queries, native_index
from core.limits import default_threads
from core.progress import Progress, unheard

Float64s = npt.NDArray[np.float64]
Vectors = npt.NDArray[np.float32]
Nanoseconds = npt.NDArray[np.int64]
Clock = Callable[[], int]
PERCENTILES = (50, 95, 99)
PILOT, FEWEST = 32, 200  # queries that show how long one takes; that a 99th percentile needs
ROWS_PER_THREAD = 4  # hnswlib takes one thread for so many rows per thread, or fewer
ORDER_SEED = 0
CPU_INFO = Path("/proc/cpuinfo")


@dataclass(frozen=True, eq=False)
class Latency:
    """Times of hnswlib's `knn_query`, called from Python; arrays (e,) follow `ef`.

    p50_ms, p95_ms, p99_ms: of calls with one query each on one thread: percentiles over the queries
    of a round, the median over the rounds. single_qps: queries per second of such calls, one over
    their mean time. batch_qps, threads_qps: of all queries in one call, on one thread and on
    `threads`; each the median over the rounds; threads_qps is NaN where there were too few queries
    for so many threads. spread, spread_p99: distance between the quartiles of the rounds' p50, and
    of their p99, over their median: how much of a difference is noise; NaN for one round. queries:
    how many were timed. machine: processor, cores and versions.
    """

    ef: npt.NDArray[np.int64]
    k: int
    p50_ms: Float64s
    p95_ms: Float64s
    p99_ms: Float64s
    single_qps: Float64s
    batch_qps: Float64s
    threads_qps: Float64s
    spread: Float64s
    spread_p99: Float64s
    threads: int
    rounds: int
    queries: int
    machine: str


@dataclass(frozen=True, eq=False)
class _Bench:
    """hnswlib's index, and what it is searched for: queries (q, d), each row a query."""

    index: Any
    queries: Vectors
    k: int
    threads: int
    clock: Clock

    def single(self) -> Nanoseconds:
        """Of each query in a call of its own, (q,)."""
        ask, k, clock = self.index.knn_query, self.k, self.clock
        times = np.empty(len(self.queries), np.int64)
        for i, row in enumerate(self.queries[:, None]):
            start = clock()
            ask(row, k, num_threads=1)
            times[i] = clock() - start
        return times

    def batch(self, threads: int) -> int:
        """Of all queries in one call."""
        start = self.clock()
        self.index.knn_query(self.queries, self.k, num_threads=threads)
        return self.clock() - start


@dataclass(frozen=True, eq=False)
class _Times:
    """Nanoseconds: single (r, e, q), batch and threaded (r, e); r rounds, e values of ef."""

    single: Nanoseconds
    batch: Nanoseconds
    threaded: Nanoseconds


def measure_latency(
    graph: HnswGraph,
    queries: Floats,
    k: int,
    efs: Sequence[int],
    *,
    rounds: int = 5,
    seconds: float = 1.0,
    threads: int | None = None,
    clock: Clock = time.perf_counter_ns,
    progress: Progress | None = None,
) -> Latency:
    """Time hnswlib's own `knn_query` on `graph` at each of `efs`, for queries (q, d).

    The graph is written to a temporary file and loaded by hnswlib. In each round, at each ef, every
    query is searched for in a call of its own, then all in one call on one thread, then all in one
    call on `threads` (default: all cores). Every other round goes through the efs in a shuffled
    order, so that a busy moment does not always meet the same ef; one more round at the start is
    not counted.

    seconds: the calls of one query in one round take about this long: as many queries as that
    allows are taken, at least 200, evenly spaced over those given. Queries that reach fewer than k
    rows are left out, for hnswlib refuses to answer them.
    hnswlib's trap: where a call has at most 4 queries per thread, `knn_query` silently takes one
    thread. threads_qps is NaN then.
    clock: nanoseconds. progress: called as progress(share done, words) between the measurements; an
    exception that it raises stops the work.

    Raises ParameterError where an argument is out of range or no query reaches k rows, and
    IndexFileError where hnswlib answers otherwise than `search`.
    """
    report = progress or unheard
    k, rows, graph = check_k(k), check_queries(graph, queries), graph.in_own_space()
    efs = _check_efs(efs, k)
    check_k(rounds, "rounds")
    _check_seconds(seconds)
    threads = default_threads() if threads is None else check_k(threads, "threads")
    report(0.0, "handing the graph to hnswlib")
    index = native_index(graph)
    rows = answered_queries(graph, index, rows, k, efs[0])
    pilot = _Bench(index, _evenly(rows, PILOT), k, threads, clock)
    most = max(_affordable(pilot, efs, seconds), FEWEST, ROWS_PER_THREAD * threads + 1)
    bench = _Bench(index, _evenly(rows, most), k, threads, clock)
    return _summary(efs, bench, _timed(bench, efs, rounds, report))


def _check_efs(efs: Sequence[int], k: int) -> list[int]:
    checked = sorted({check_ef(ef, k) for ef in efs})
    if not checked:
        raise ParameterError("efs must name at least one ef to measure at; got none.")
    return checked


def _check_seconds(seconds: float) -> None:
    if not 0 < check_number(seconds, "seconds") < float("inf"):
        raise ParameterError(f"seconds must be a positive number; got {seconds}.")


def _evenly(rows: Vectors, most: int) -> Vectors:
    """At most so many of the rows, from the first to the last, evenly spaced."""
    if most >= len(rows):
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]


def _affordable(pilot: _Bench, efs: list[int], seconds: float) -> int:
    """How many queries fit into the time of a round; by medians, which a busy moment spares."""
    total = 0.0
    for ef in efs:
        pilot.index.set_ef(ef)
        total += float(np.median(pilot.single()))
    return int(seconds * 1e9 // max(total, 1))


def _timed(bench: _Bench, efs: list[int], rounds: int, report: Progress) -> _Times:
    single = np.empty((rounds + 1, len(efs), len(bench.queries)), np.int64)
    batch, threaded = (np.empty((rounds + 1, len(efs)), np.int64) for _ in range(2))
    for done, (turn, place) in enumerate(_turns(rounds, len(efs))):
        words = f"round {turn} of {rounds}" if turn else "warming up"
        report(done / batch.size, f"{words}, ef {efs[place]:,}")
        bench.index.set_ef(efs[place])
        single[turn, place] = bench.single()
        batch[turn, place] = bench.batch(1)
        threaded[turn, place] = bench.batch(bench.threads)
    report(1.0, "measured")
    return _Times(single[1:], batch[1:], threaded[1:])


def _turns(rounds: int, efs: int) -> Iterator[tuple[int, int]]:
    """(round, place of the ef): round 0 warms up; rounds 0, 1, 3, ... ascend, 2, 4, ... do not."""
    random = np.random.default_rng(ORDER_SEED)
    for turn in range(rounds + 1):
        ascending = turn % 2 or turn == 0
        for place in range(efs) if ascending else random.permutation(efs).tolist():
            yield turn, place


def _summary(efs: list[int], bench: _Bench, times: _Times) -> Latency:
    rounds, _, queries = times.single.shape
    percentiles = np.percentile(times.single, PERCENTILES, axis=2) / 1e6
    p50, p95, p99 = np.median(percentiles, axis=1)
    low, high = np.percentile(percentiles, (25, 75), axis=1)
    spread = np.where(rounds > 1, (high - low) / np.stack((p50, p95, p99)), np.nan)
    threaded = _per_second(queries, times.threaded)
    return Latency(
        ef=np.array(efs),
        k=bench.k,
        p50_ms=p50,
        p95_ms=p95,
        p99_ms=p99,
        single_qps=_per_second(1, times.single.mean(axis=2)),
        batch_qps=_per_second(queries, times.batch),
        threads_qps=np.where(queries > ROWS_PER_THREAD * bench.threads, threaded, np.nan),
        spread=spread[0],
        spread_p99=spread[2],
        threads=bench.threads,
        rounds=rounds,
        queries=queries,
        machine=machine(),
    )


def _per_second(queries: int, nanoseconds: npt.NDArray[Any]) -> Float64s:
    """Queries per second, the median over the rounds, from (r, e) to (e,)."""
    return np.asarray(np.median(queries * 1e9 / nanoseconds, axis=0))


def machine() -> str:
    """Processor, cores and versions, as a measurement has to name them."""
    return (
        f"{_processor()}, {default_threads()} of {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, numpy {np.__version__}, hnswlib {version('hnswlib')}"
    )


def _processor() -> str:
    try:
        for line in CPU_INFO.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:  # not a Linux
        pass
    return platform.processor() or platform.machine()
