"""Studies of the Recall page where a cluster is set: where they run, and what is said of it."""

from concurrent.futures import Executor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import studies
from core.data import EmbeddingSet
from core.errors import ClusterError
from core.index import HnswParams
from core.limits import SCHEDULER
from pages.recall.studies import (
    build_grid,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    updates,
)
from pages.recall.studies.runs import Part, finished_parts, parts_so_far
from pages.ui.results import on_cluster
from tests.pages.test_app import complaints
from tests.pages.test_recall import notes, open_section, press, sentence

ADDRESS = "tcp://127.0.0.1:8786"
ROWS = np.random.default_rng(0).normal(size=(80, 4)).astype(np.float32)
HERE = Part(EmbeddingSet.from_arrays(ROWS, name="eighty"), HnswParams(threads=3), 80)
THERE = replace(HERE, cluster=ADDRESS)


class HandedError(Exception):
    """Ends a study as soon as it was called, with what it was called with."""


@pytest.mark.parametrize(
    ("name", "page", "settings"),
    [
        ("build_grid", build_grid, build_grid.Settings(3, 0.9, (4,), (20,), 1)),
        ("insertion_order", insertion_order, insertion_order.Settings(3, (10,), 1)),
        ("intrinsic_dimension", intrinsic_dimension, intrinsic_dimension.Settings(3, (10,), 80)),
        ("filtered_search", filtered_search, filtered_search.Settings(3, 0.9, None, (0.5,), None)),
        ("updates", updates, updates.Settings(3, 10, 1, 0.1)),
        ("growth", growth, growth.Settings(3, 0.9)),
    ],
)
def test_each_study_is_handed_the_cluster_or_nothing(
    name: str, page: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def study(*_: Any, executor: Any, **_more: Any) -> None:
        raise HandedError(executor)

    cluster = Executor()
    monkeypatch.setattr(studies, name, study)
    monkeypatch.setattr(on_cluster, "of_deployment", lambda: cluster)
    for part, wanted in ((HERE, None), (THERE, cluster)):
        with pytest.raises(HandedError) as handed:
            page.run(part, settings, progress=lambda *_: None)
        assert handed.value.args == (wanted,)


def test_finished_parts_are_the_same_wherever_they_were_made() -> None:
    settings = growth.Settings(3, 0.9)
    finished_parts(THERE, settings).done["cell"] = 5
    assert finished_parts(HERE, settings).done == {"cell": 5}
    assert parts_so_far(HERE, settings).done == {"cell": 5}


def test_where_there_is_a_cluster_the_cells_of_a_grid_have_one_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = build_grid.Settings(3, 0.9, (4,), (20,), 1)
    monkeypatch.delenv(SCHEDULER, raising=False)
    assert [each.threads for each in build_grid.params_of(HERE, settings)] == [3]
    monkeypatch.setenv(SCHEDULER, ADDRESS)
    named = build_grid.params_of(HERE, settings)
    assert named == build_grid.params_of(THERE, settings)
    assert [each.threads for each in named] == [1]  # as the cluster builds them
    assert list(build_grid.costs(THERE, settings).parts) == named


def test_without_its_scheduler_a_study_says_so_and_goes_on_here(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        raise ClusterError(f"No Dask scheduler answers at {ADDRESS}. Start one there.")

    monkeypatch.setenv(SCHEDULER, ADDRESS)
    monkeypatch.setattr(on_cluster, "of_deployment", unreachable)
    query = {"study": "Growth", "m": "7", "target": "0.9", "study_rows": "1797"}
    open_section(app, "Studies", **query)
    assert "Parts run side by side on the workers of tcp" in notes(app)
    assert "Expected time, by one worker: " in notes(app)
    press(app, "Run the study")
    (said,) = [each.value for each in app.error]
    assert "No Dask scheduler answers at tcp" in said
    assert sentence(app) == growth.QUESTION
    app.toggle(key="studies_here").set_value(True).run()
    assert "Parts run" not in notes(app)
    assert "Expected time: " in notes(app)
    press(app, "Run the study")
    assert complaints(app) == []
    assert "cross recall@10 0.9" in sentence(app)
    monkeypatch.setenv(SCHEDULER, "8786")
    app.run()
    assert "must be the address of a Dask scheduler" in app.error[0].value
    monkeypatch.delenv(SCHEDULER)
    app.run()
    assert not app.error
    assert not [each for each in app.toggle if each.key == "studies_here"]
