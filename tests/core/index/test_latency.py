"""Times of hnswlib: exact figures from a clock that the test moves, and a run by the true one."""

import platform
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import IndexFileError, ParameterError
from core.index import HnswGraph, HnswParams, Latency, build_hnsw, measure_latency, search
from core.index import latency as latency_module
from core.index.latency import machine
from core.index.native import native_index
from pages.ui.jobs.processes import Workers
from tests.core.index.datasets import duplicated, grid
from tests.core.index.graphs import hand_graph

RANDOM = np.random.default_rng(7)
VECTORS = RANDOM.normal(size=(400, 8)).astype(np.float32)
QUERIES = RANDOM.normal(size=(101, 8)).astype(np.float32)
MICROSECOND = 1000
SPEEDS = (1000, 1, 2, 100, 3, 4)  # how slow the warm-up and the five rounds are; their median is 3
THREADS = 3

Cost = Callable[[int, int], int]


class Timed:
    """hnswlib's index, each of whose calls takes as long as the test says, and is written down.

    cost: nanoseconds of a query alone, of its place among the queries and ef. A call for all takes
    40 microseconds times ef on one thread, 10 on several. All are slower by `SPEEDS`, per round.
    """

    def __init__(self, index: Any, queries: np.ndarray, cost: Cost) -> None:
        self.index, self.cost, self.now, self.ef = index, cost, 0, 0
        self.places = {row.tobytes(): i for i, row in enumerate(queries)}
        self.calls: list[tuple[int, tuple[int, ...], int]] = []  # ef, places of queries, threads

    def set_ef(self, ef: int) -> None:
        self.ef = ef
        self.index.set_ef(ef)

    def knn_query(self, rows: np.ndarray, k: int, num_threads: int) -> Any:
        asked = tuple(self.places[row.tobytes()] for row in rows)
        turn = sum(ef == self.ef and threads > 1 for ef, _, threads in self.calls)
        alone = self.cost(asked[0], self.ef) if len(asked) == 1 else None
        together = (40 if num_threads == 1 else 10) * MICROSECOND * self.ef
        self.now += SPEEDS[turn] * (together if alone is None else alone)
        self.calls.append((self.ef, asked, num_threads))
        return self.index.knn_query(rows, k, num_threads=num_threads)

    def batches(self) -> list[int]:
        """The ef of each call for all queries on one thread, the check of the answers aside."""
        return [ef for ef, asked, threads in self.calls if len(asked) > 1 and threads == 1][1:]


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=40))


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[Latency, Timed]]:
    def measure(
        graph: HnswGraph,
        queries: np.ndarray = QUERIES,
        cost: Cost = lambda place, ef: (place + 1 if place < 100 else 1111) * ef * MICROSECOND,
        efs: tuple[int, ...] = (10, 20),
        **options: Any,
    ) -> tuple[Latency, Timed]:
        index = Timed(native_index(graph), queries, cost)
        monkeypatch.setattr(latency_module, "native_index", lambda _graph: index)
        given: dict[str, Any] = {"threads": THREADS, "clock": lambda: index.now}
        return measure_latency(graph, queries, 5, efs, **given | options), index

    return measure


def test_percentiles_and_medians_by_hand(graph: HnswGraph, timed: Any) -> None:
    # 101 queries take 1, 2, ..., 100 and 1,111 times ef microseconds: places 50, 95 and 99 of them,
    # from 0, are 51, 96 and 100; their mean is (5,050 + 1,111) / 101 = 61. The median round is 3
    # times as slow.
    measured, _ = timed(graph)
    ef = np.array([10, 20])
    assert measured.ef.tolist() == ef.tolist()
    np.testing.assert_allclose(measured.p50_ms, 51 * ef * 3 / 1000)
    np.testing.assert_allclose(measured.p95_ms, 96 * ef * 3 / 1000)
    np.testing.assert_allclose(measured.p99_ms, 100 * ef * 3 / 1000)
    np.testing.assert_allclose(measured.single_qps, 1e6 / (61 * ef * 3))
    np.testing.assert_allclose(measured.batch_qps, 101 * 1e6 / (40 * ef * 3))
    np.testing.assert_allclose(measured.threads_qps, 101 * 1e6 / (10 * ef * 3))
    # Rounds 1, 2, 3, 4 and 100 times 51 ef: quartiles 2 and 4, median 3.
    np.testing.assert_allclose(measured.spread, [2 / 3, 2 / 3])
    np.testing.assert_allclose(measured.spread_p99, [2 / 3, 2 / 3])
    assert (measured.k, measured.rounds, measured.queries, measured.threads) == (5, 5, 101, 3)
    assert measured.machine == machine()


def test_the_warm_up_does_not_count_and_one_round_has_no_spread(
    graph: HnswGraph, timed: Any
) -> None:
    measured, index = timed(graph, efs=(10,), rounds=1)
    np.testing.assert_allclose(measured.p50_ms, [51 * 10 / 1000])
    assert np.isnan(measured.spread).tolist() == [True]
    assert np.isnan(measured.spread_p99).tolist() == [True]
    assert index.batches() == [10, 10]


def test_the_99th_percentile_may_vary_where_the_median_does_not(graph: HnswGraph) -> None:
    # Of 101 times place 99 is 100, 150 and 200 in three rounds: quartiles 125 and 175, median 150.
    single = np.tile(np.arange(101), (3, 1, 1))
    single[:, 0, 99], single[:, 0, 100] = (100, 150, 200), 1000
    bench = latency_module._Bench(native_index(graph), QUERIES, 5, THREADS, lambda: 0)
    one = np.ones((3, 1), np.int64)
    found = latency_module._summary([10], bench, latency_module._Times(single, one, one))
    np.testing.assert_allclose(found.spread, [0])
    np.testing.assert_allclose(found.spread_p99, [1 / 3])


def test_every_other_round_shuffles_the_order(graph: HnswGraph, timed: Any) -> None:
    efs = [5, 8, 13, 21, 34, 55]
    measured, index = timed(graph, efs=(34, 5, 8, 55, 13, 21, 5), rounds=4)
    assert measured.ef.tolist() == efs
    turns = np.array(index.batches()).reshape(5, 6).tolist()
    assert [turn == efs for turn in turns] == [True, True, False, True, False]
    assert [sorted(turn) for turn in turns] == 5 * [efs]
    assert turns[2] != turns[4]


def test_each_measurement_asks_one_by_one_then_all_then_on_threads(
    graph: HnswGraph, timed: Any
) -> None:
    _, index = timed(graph, efs=(10, 20), rounds=1)
    everyone = tuple(range(101))
    step = [((i,), 1) for i in everyone] + [(everyone, 1), (everyone, THREADS)]
    check, pilot = 1, 2 * 32
    asked = [call[1:] for call in index.calls[check + pilot :]]
    assert asked == 4 * step
    assert index.calls[0] == (10, everyone, 1)


@pytest.mark.parametrize(
    ("seconds", "threads", "expected"),
    [
        (0.6, 2, 300),  # 2 ms for one query at both ef
        (0.1, 2, 200),  # the fewest that make a 99th percentile
        (0.1, 60, 241),  # more than 4 for each thread
        (100.0, 2, 1000),  # all there are
    ],
)
def test_as_many_queries_as_the_time_allows_evenly_spaced(
    graph: HnswGraph, timed: Any, seconds: float, threads: int, expected: int
) -> None:
    many = RANDOM.normal(size=(1000, 8)).astype(np.float32)
    options = {"seconds": seconds, "threads": threads, "rounds": 1}
    # A microsecond each, and 1,000 times as long before the first round that counts.
    measured, index = timed(graph, many, lambda _place, _ef: MICROSECOND, **options)
    assert measured.queries == expected
    assert not np.isnan(measured.threads_qps).any()
    asked = np.array(index.calls[-1][1])
    assert (len(asked), asked[0], asked[-1]) == (expected, 0, 999)
    assert np.ptp(np.diff(asked)) <= 1


def test_too_few_queries_for_the_threads_are_nan(graph: HnswGraph, timed: Any) -> None:
    # hnswlib takes one thread where rows <= 4 x threads: 101 > 4 x 25, and 101 < 4 x 26.
    enough, _ = timed(graph, rounds=1, threads=25)
    np.testing.assert_allclose(enough.threads_qps, 101 * 1e6 / (10 * np.array([10, 20])))
    too_few, _ = timed(graph, rounds=1, threads=26)
    assert np.isnan(too_few.threads_qps).tolist() == [True, True]
    np.testing.assert_array_equal(too_few.batch_qps, enough.batch_qps)


def test_progress_is_told_and_may_stop(graph: HnswGraph, timed: Any) -> None:
    told: list[tuple[float, str]] = []

    def progress(share: float, words: str) -> None:
        told.append((share, words))
        if len(told) == 6:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        timed(graph, rounds=4, progress=progress)
    assert told == [
        (0.0, "handing the graph to hnswlib"),
        (0.0, "warming up, ef 10"),
        (0.1, "warming up, ef 20"),
        (0.2, "round 1 of 4, ef 10"),
        (pytest.approx(0.3), "round 1 of 4, ef 20"),
        (0.4, "round 2 of 4, ef " + told[-1][1].split()[-1]),
    ]


def test_queries_that_reach_too_few_rows_are_left_out(timed: Any) -> None:
    # On layer 0 rows 0-2 and 3-8 are apart; the descent ends in the part that is nearer.
    parts = ((0, 3), (3, 9))
    base = {i: [j for j in range(a, b) if j != i] for a, b in parts for i in range(a, b)}
    graph = hand_graph([base, {0: [5], 5: [0]}], 0, m=4)
    queries = np.array([[0.2], [8.0], [1.0], [6.6]], dtype=np.float32)
    assert (search(graph, queries, 5, 5).ids[:, -1] >= 0).tolist() == [False, True, False, True]
    measured, index = timed(graph, queries, efs=(5,), rounds=1)
    assert measured.queries == 2
    assert {place for _, asked, _ in index.calls for place in asked} == {1, 3}


def test_more_rows_asked_for_than_any_query_reaches(graph: HnswGraph) -> None:
    parts = [{0: [1], 1: [0], 2: [3], 3: [2]}]  # two pairs apart: k = 3 is reached from nowhere
    apart = hand_graph(parts, 0, m=4)
    with pytest.raises(ParameterError, match=r"No query reaches k = 3 rows .* has 4"):
        measure_latency(apart, np.zeros((2, 1), np.float32), 3, (5,))
    with pytest.raises(ParameterError, match="k must be at most 400: there are 400 rows; got 401"):
        measure_latency(graph, QUERIES, 401, (500,))


def test_an_index_that_answers_otherwise_is_not_measured(
    graph: HnswGraph, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = build_hnsw(VECTORS[::-1].copy(), HnswParams("euclidean", m=4, ef_construction=40))
    monkeypatch.setattr(latency_module, "native_index", lambda _graph: native_index(other))
    with pytest.raises(IndexFileError, match=r"101 of 101 queries otherwise .* at ef 10"):
        measure_latency(graph, QUERIES, 5, (10,))


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("make", [duplicated, grid])
def test_ties_are_no_other_answer(make: Callable[[], np.ndarray], metric: Metric) -> None:
    vectors = make()
    graph = build_hnsw(vectors, HnswParams(metric, m=6, ef_construction=40))
    measured = measure_latency(graph, vectors[::20], 5, (5,), rounds=1, seconds=0.001)
    assert measured.queries == len(vectors[::20])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"efs": ()}, "at least one ef"),
        ({"efs": (4,)}, "between k = 5"),
        ({"rounds": 0}, "rounds must be a whole number of at least 1; got 0"),
        ({"threads": 0}, "threads must be a whole number of at least 1; got 0"),
        ({"seconds": float("nan")}, "seconds must be a positive number; got nan"),
        ({"queries": QUERIES[:, :3]}, "queries must have 8 dimensions"),
    ],
)
def test_what_is_out_of_range_is_an_error(
    graph: HnswGraph, options: dict[str, Any], words: str
) -> None:
    arguments: dict[str, Any] = {"queries": QUERIES, "k": 5, "efs": (10,)} | options
    with pytest.raises(ParameterError, match=words):
        measure_latency(graph, **arguments)


def test_the_file_is_gone_before_anything_is_measured(
    graph: HnswGraph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    index = native_index(graph)
    assert list(tmp_path.iterdir()) == []
    assert index.get_current_count() == 400


def test_in_a_process_of_its_own(graph: HnswGraph) -> None:
    told: list[tuple[float, str, object]] = []
    asked = (graph, QUERIES, 5, (8, 32))
    workers = Workers(1)
    measured = workers.run(
        measure_latency, asked, lambda *said: told.append(said), lambda _kill: None
    )
    workers.close()
    assert isinstance(measured, Latency)
    assert measured.ef.tolist() == [8, 32]
    assert (measured.k, measured.queries, measured.rounds) == (5, 101, 5)
    assert measured.machine == machine()
    assert told[-1] == (1.0, "measured", None)
    assert len(told) == 1 + 6 * 2 + 1
    times = np.stack([np.zeros(2), measured.p50_ms, measured.p95_ms, measured.p99_ms])
    assert (np.diff(times, axis=0)[0] > 0).all()
    np.testing.assert_array_equal(np.sort(times, axis=0), times)


def test_the_machine_is_named_without_its_host(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    about = tmp_path / "cpuinfo"
    about.write_text("vendor_id : X\nmodel name\t: A CPU\n", encoding="utf-8")
    monkeypatch.setattr(latency_module, "CPU_INFO", about)
    monkeypatch.setattr(latency_module, "default_threads", lambda: 3)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    versions = f"Python {platform.python_version()}, numpy {np.__version__}"
    assert machine() == f"A CPU, 3 of 8 cores, {versions}, hnswlib {version('hnswlib')}"


def test_a_machine_without_a_list_of_processors(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(latency_module, "CPU_INFO", tmp_path / "missing")
    monkeypatch.setattr(platform, "processor", lambda: "")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    assert machine().startswith("arm64, ")
