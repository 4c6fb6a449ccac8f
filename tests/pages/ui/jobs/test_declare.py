"""A function declared as a job: named by what goes in, required or awaited, in either lane."""

import threading
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.index import HnswParams, Neighbors, build_hnsw
from core.projection import Projection
from core.studies import QuerySet
from pages.map import quality
from pages.recall.studies import filtered_search, growth
from pages.recall.studies.runs import Part, finished_parts
from pages.ui.jobs import progress_bar
from pages.ui.jobs.declare import job
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.processes import Workers
from pages.ui.jobs.runner import Runner
from pages.ui.results import tradeoffs
from tests.patience import PATIENCE


@job("Adding {right}")
def add(progress: Progress, left: int, right: int = 1) -> int:
    """The sum."""
    progress(0.5, "adding")
    return left + right


LET_GO = threading.Event()


@job("Holding")
def hold(_progress: Progress, value: str) -> str:
    LET_GO.wait(PATIENCE)
    return value


def test_it_runs_with_its_progress_first() -> None:
    told: list[tuple[float, str]] = []
    assert add(2, 3, progress=lambda *said: told.append(said)) == 5
    assert told == [(0.5, "adding")]
    assert (add.__doc__, add.__name__) == ("The sum.", "add")


def test_its_key_says_all_that_goes_in() -> None:
    assert add.key(2) == add.key(2, 1) == add.key(right=1, left=2)
    assert add.key(2) != add.key(1, 2)
    with pytest.raises(TypeError, match="missing"):
        add.key()  # type: ignore[call-arg]


def test_it_travels_to_another_process_by_its_name() -> None:
    told: list[tuple[float, str, Any]] = []
    workers = Workers(1)
    result = workers.run(add, (20, 22), lambda *said: told.append(said), lambda _kill: None)
    workers.close()
    assert result == 42
    assert told == [(0.5, "adding", None)]


def test_a_page_gets_the_result_or_stops_at_what_is_not_ready() -> None:
    def page() -> None:
        import streamlit as st

        from pages.ui import jobs
        from tests.pages.ui.jobs.test_declare import add, refuse

        jobs.begin_run()
        st.text(f"sum {add.need(1, 2)}, {add.require(3)}")
        st.text(f"failed {refuse.need()}")
        try:
            refuse.require()
        except jobs.NotReady:
            st.text("not ready")

    shown = AppTest.from_function(page).run()
    assert [text.value for text in shown.text] == ["sum 3, 4", "failed None", "not ready"]
    assert [error.value for error in shown.error] == ["no rows"]  # drawn once


@job("Refusing")
def refuse(progress: Progress) -> int:
    from core.errors import DataError

    progress(0.1)
    raise DataError("no rows")


VECTORS = np.random.default_rng(3).normal(size=(60, 4)).astype(np.float32)
DATA = EmbeddingSet.from_arrays(VECTORS, name="sixty")


def query_set(vectors: np.ndarray, ids: np.ndarray) -> QuerySet:
    return QuerySet(vectors, Neighbors(ids, np.ones(ids.shape)), None, None)


def test_what_queries_miss_is_asked_anew_for_other_queries_in_the_same_places() -> None:
    graph, ids = build_hnsw(VECTORS, HnswParams("euclidean")), np.arange(4).reshape(2, 2)
    one, other = query_set(VECTORS[:2], ids), query_set(VECTORS[2:4], ids)
    same_vectors = query_set(VECTORS[:2], ids + 1)
    keys = {tradeoffs._causes.key(graph, each, 40) for each in (one, other, same_vectors)}
    assert len(keys) == 3
    assert tradeoffs._causes.key(graph, query_set(VECTORS[:2], ids), 40) in keys


def test_what_a_map_keeps_is_measured_anew_for_the_map_of_another_index() -> None:
    one, other = (
        Projection(
            np.random.default_rng(seed).normal(size=(60, 2)).astype(np.float32), "umap", None, 0
        )
        for seed in (1, 2)
    )
    for each in (quality._first, quality._all):
        assert each.key(DATA, one, "cosine") != each.key(DATA, other, "cosine")
        assert each.key(DATA, one, "cosine") != each.key(DATA, one, "euclidean")


def test_the_parts_of_a_study_are_those_of_its_data_and_settings() -> None:
    part = Part(DATA, HnswParams(), 60)
    settings = growth.Settings(10, 0.95)
    finished_parts(part, settings).done["cell"] = 5
    assert finished_parts(part, growth.Settings(10, 0.95)).done == {"cell": 5}
    assert finished_parts(part, growth.Settings(10, 0.9)).done == {}
    assert finished_parts(part, filtered_search.Settings(10, 0.95, None, (0.1,), None)).done == {}
    assert finished_parts(Part(DATA, HnswParams(m=8), 60), settings).done == {}
    assert finished_parts(Part(DATA, HnswParams(), 59), settings).done == {}
    again = Part(EmbeddingSet.from_arrays(VECTORS, name="sixty"), HnswParams(), 60)
    assert finished_parts(again, settings).done == {"cell": 5}
    other = growth.Settings(9, 0.95)
    assert growth.run.key(part, settings) != growth.run.key(part, other)


def test_a_job_is_under_way_until_it_has_its_result(monkeypatch: pytest.MonkeyPatch) -> None:
    runner = Runner()
    monkeypatch.setattr(progress_bar, "runner", lambda: runner)
    assert not hold.is_under_way("once")
    job = runner.submit(hold.key("once"), "Holding", hold, "once")
    assert hold.is_under_way("once")
    assert not hold.is_under_way("twice")
    LET_GO.set()
    assert job.future.result(PATIENCE) == "once"
    assert job.wait(PATIENCE)
    assert not hold.is_under_way("once")
