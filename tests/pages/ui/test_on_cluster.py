"""Large work of pages on the cluster: what is large, equal results, what is said without it."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.errors import ClusterError, MissingExtraError, ParameterError
from core.index import HnswParams, build_hnsw
from core.limits import SCHEDULER
from core.studies import HeldOut
from core.studies.parts import blocks
from pages.map import layouts
from pages.thresholds import groups
from pages.ui.controls.queries import HELD_OUT, ROWS, UPLOADED
from pages.ui.jobs import JobKind
from pages.ui.jobs.declare import HEAVY
from pages.ui.jobs.executors import Stopped
from pages.ui.results import health, indexes, labeled_pairs, on_cluster, tradeoffs
from pages.ui.results.query_sources import QuerySource
from tests.pages.ui.jobs.test_heavy_jobs import assert_equal

ADDRESS = "tcp://127.0.0.1:8786"
LOST = f"The scheduler at {ADDRESS} was lost."
HERE = f"on this server, for the cluster cannot be used: {LOST}"
RANDOM = np.random.default_rng(5)
DATA = EmbeddingSet.from_arrays(
    RANDOM.normal(size=(300, 6)).astype(np.float32),
    metadata=pd.DataFrame({"label": RANDOM.choice(["a", "b", "c"], 300)}),
    name="three hundred",
)
GRAPH = build_hnsw(DATA.vectors, HnswParams("euclidean", m=4, ef_construction=20))
PART_DELETED = replace(GRAPH, deleted=np.arange(300) % 9 == 0)
KEPT = np.arange(30, 300)
HELD = HeldOut(np.arange(30), KEPT, build_hnsw(DATA.vectors[KEPT], HnswParams("euclidean", m=4)))
LOG = EmbeddingSet.from_arrays(DATA.vectors[:50] + np.float32(0.1), name="log")
CODES = np.arange(300) % 3 - 1
Call = tuple[JobKind[Any, Any], tuple[Any, ...]]
CALLS: dict[str, Call] = {
    "curves of rows": (tradeoffs._of_rows, (QuerySource(ROWS, DATA.bare, PART_DELETED), (1, 5))),
    "curves of held-out rows": (
        tradeoffs._of_rows,
        (QuerySource(HELD_OUT, DATA.bare, HELD.graph, HELD), (3,)),
    ),
    "truth of queries": (health._asked, (QuerySource(UPLOADED, DATA, GRAPH, given=LOG), 7, 50)),
    "census": (health._census, (PART_DELETED, 6, None)),
    "some of a census": (health._census, (GRAPH, 6, 250)),
    "pairs": (labeled_pairs.counted, (DATA, "cosine", True)),
    "pairs by group": (groups._by_column, (DATA, "euclidean", "column", CODES, None)),
    "neighbors": (indexes._knn, (DATA.bare, 5, "euclidean", 0)),
    "neighbors for the map": (layouts._near, (DATA.bare, 5, "inner_product")),
}


class StandIn(ThreadPoolExecutor):
    """Threads in place of workers; lost when `lives` calls were handed over."""

    def __init__(self, lives: int = 1_000) -> None:
        super().__init__(2)
        self.lives, self.handed = lives, 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.handed += 1
        if self.handed > self.lives:
            raise ClusterError(LOST)
        return super().submit(fn, *args, **kwargs)


@pytest.fixture
def lend(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], None]:
    """Sets what stands for the cluster, which then takes all work, however small."""
    monkeypatch.setenv(SCHEDULER, ADDRESS)
    monkeypatch.setattr(on_cluster, "WORTH", 0)
    monkeypatch.setattr(blocks, "ROWS_PER_CELL", 100)
    monkeypatch.setattr(blocks, "QUERIES_PER_CELL", 100)

    def lent(executor: Executor | Exception) -> None:
        def of_deployment() -> Executor:
            if isinstance(executor, Exception):
                raise executor
            return executor

        monkeypatch.setattr(on_cluster, "of_deployment", of_deployment)

    return lent


@pytest.fixture(scope="module")
def alone() -> dict[str, Any]:
    """The results of all calls without a cluster."""
    return {name: job(*args, progress=lambda *_: None) for name, (job, args) in CALLS.items()}


@pytest.mark.parametrize("name", CALLS)
def test_results_of_the_cluster_equal_those_of_this_server(
    name: str, lend: Callable[[Any], None], alone: dict[str, Any]
) -> None:
    job, args = CALLS[name]
    told: list[tuple[Any, ...]] = []
    with StandIn() as executor:
        lend(executor)
        found = job(*args, progress=lambda *said: told.append(said))
        assert executor.handed
    assert_equal(found, alone[name])
    words = [said[1] for said in told if said[1:] and said[1]]
    assert words[0] == "connecting to the cluster"
    assert any(each.startswith("on the cluster, ") for each in words)
    assert not any("cannot be used" in each for each in words)


@pytest.mark.parametrize(
    ("name", "lives"),
    [("curves of rows", 1), ("census", 0), ("census", 2), ("pairs", 0), ("neighbors", 1)],
)
def test_a_cluster_that_is_lost_is_said_and_the_work_is_done_here(
    name: str, lives: int, lend: Callable[[Any], None], alone: dict[str, Any]
) -> None:
    job, args = CALLS[name]
    told: list[tuple[Any, ...]] = []
    with StandIn(lives) as executor:
        lend(executor)
        found = job(*args, progress=lambda *said: told.append(said))
    assert_equal(found, alone[name])
    assert told[-1][1].endswith(HERE)


@pytest.mark.parametrize(
    "error",
    [
        ClusterError("No scheduler answers."),
        MissingExtraError("A cluster", "Dask", "scale"),
        ParameterError("No address."),
    ],
)
def test_a_cluster_that_cannot_be_reached_is_said(
    error: Exception, lend: Callable[[Any], None]
) -> None:
    lend(error)
    told: list[tuple[float, str]] = []

    def work(executor: Executor | None, report: Any) -> str:
        assert executor is None
        report(0.7, "5 of 9 rows")
        return "done"

    def run() -> str:
        return on_cluster.run(lambda *said: told.append(said), 9.0, DATA.vectors, work, start=0.6)

    assert run() == "done"
    said = f"on this server, for the cluster cannot be used: {error}"
    assert told == [
        (0.6, "connecting to the cluster"),
        (0.6, said),
        (0.7, f"5 of 9 rows; {said}"),
    ]


@pytest.mark.parametrize("error", [Stopped(), ParameterError("k must be at least 1.")])
def test_a_stop_and_a_fault_of_the_work_are_no_faults_of_the_cluster(
    error: BaseException, lend: Callable[[Any], None]
) -> None:
    calls = list[Executor | None]()

    def work(executor: Executor | None, _: Any) -> None:
        calls.append(executor)
        raise error

    with StandIn() as executor:
        lend(executor)
        with pytest.raises(type(error)):
            on_cluster.run(lambda *_: None, 9.0, DATA.vectors, work)
        assert calls == [executor]


def test_only_work_that_is_worth_the_way_goes_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_cluster, "default_threads", lambda: 2)
    vectors = np.broadcast_to(np.float32(0), (250_000, 384))  # 384 MB: 2 + 3.84 s of way
    units = 2 * 2 * 5.84 / 2.5e-7  # so that two threads take twice as long
    monkeypatch.delenv(SCHEDULER, raising=False)
    assert not on_cluster.takes(10 * units, vectors)
    for address in (ADDRESS, "8786"):  # of which one is none, as `run` will say
        monkeypatch.setenv(SCHEDULER, address)
        assert on_cluster.takes(1.001 * units, vectors)
        assert not on_cluster.takes(0.999 * units, vectors)
    monkeypatch.setattr(on_cluster, "default_threads", lambda: 3)
    assert not on_cluster.takes(1.001 * units, vectors)
    found = on_cluster.run(lambda *_: None, units, vectors, lambda executor, _: executor)
    assert found is None


def test_what_waits_for_the_cluster_holds_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    large = EmbeddingSet.from_arrays(np.zeros((HEAVY, 1), np.float32) + 1, name="large").bare
    jobs = ((indexes._knn, "thread", "process"), (labeled_pairs.counted, "long", "long process"))
    for job, there, here in jobs:
        monkeypatch.delenv(SCHEDULER, raising=False)
        assert job._lane((large,)) == here
        monkeypatch.setenv(SCHEDULER, ADDRESS)
        assert job._lane((large,)) == there
