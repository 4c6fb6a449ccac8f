"""Jobs that go to a process where data is large: they travel, and give the same there."""

from collections.abc import Iterator
from dataclasses import is_dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams, build_hnsw
from pages.map import layouts
from pages.ui.jobs import JobKind, parcels, progress_bar
from pages.ui.jobs.declare import HEAVY, by_size
from pages.ui.jobs.processes import Workers
from pages.ui.results import indexes, labeled_pairs, query_sources

RANDOM = np.random.default_rng(2)
DATA = EmbeddingSet.from_arrays(
    RANDOM.normal(size=(400, 6)).astype(np.float32),
    metadata=pd.DataFrame({"label": RANDOM.choice(["a", "b", "c"], 400)}),
    name="four hundred",
)
PARAMS = HnswParams("euclidean", m=4, ef_construction=20)
GRAPH = build_hnsw(DATA.vectors, PARAMS)
CALLS: dict[str, tuple[JobKind[Any, Any], tuple[Any, ...]]] = {
    "index": (indexes._build, (DATA.bare, PARAMS)),
    "neighbors": (indexes._knn, (DATA.bare, 5, "euclidean", 0)),
    "lengths": (indexes._knn_by_length, (DATA.bare, 5, "euclidean")),
    "held out": (query_sources.held_out, (DATA.bare, PARAMS)),
    "pairs": (labeled_pairs.counted, (DATA, "cosine", True)),
    "for the map": (layouts._near, (DATA.bare, 5, "euclidean")),
    "by the index": (layouts._index_near, (DATA.bare, GRAPH, 5, 40)),
}


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parcels, "LARGE", 256)  # so that arrays go by file, though they are small
        made = Workers(1)
        yield made
        made.close()


@pytest.mark.parametrize("name", CALLS)
def test_a_heavy_job_gives_the_same_in_a_process(name: str, workers: Workers) -> None:
    job, args = CALLS[name]
    large = SimpleNamespace(vectors=np.broadcast_to(np.float32(0), (HEAVY, 1)))
    assert job._lane((large, *args[1:])) in ("process", "long process")
    assert job._lane(args) in ("thread", "long")
    told: list[Any] = []
    made = workers.run(job, args, lambda *said: told.append(said), lambda _kill: None)
    assert_equal(made, job(*args, progress=lambda *_: None))
    assert told


def assert_equal(one: Any, other: Any) -> None:
    """Of one type, and equal field by field."""
    assert type(one) is type(other)
    if isinstance(one, np.ndarray):
        np.testing.assert_array_equal(one, other)
    elif isinstance(one, tuple | list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_equal(left, right)
    elif isinstance(one, dict):
        assert_equal(list(one.items()), list(other.items()))
    elif is_dataclass(one):
        for key in one.__dataclass_fields__:
            assert_equal(getattr(one, key), getattr(other, key))
    elif isinstance(one, pd.DataFrame):
        pd.testing.assert_frame_equal(one, other)
    elif hasattr(one, "__dict__") and type(one).__module__.startswith("core"):
        assert_equal(list(vars(one).items()), list(vars(other).items()))
    elif isinstance(one, float):
        np.testing.assert_equal(one, other)
    else:
        assert one == other


def test_what_is_large_is_told_by_its_values() -> None:
    rows = np.broadcast_to(np.float32(0), (HEAVY // 100, 100))
    assert by_size(SimpleNamespace(vectors=rows)) == "process"
    assert by_size(SimpleNamespace(vectors=rows[1:])) == "thread"


def test_a_visitor_is_here_while_a_browser_is_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    server = SimpleNamespace(is_active_session={"ann"}.__contains__)
    known = SimpleNamespace(exists=lambda: True, get_instance=lambda: server)
    monkeypatch.setattr(progress_bar, "runtime", known)
    assert [progress_bar._is_here(each) for each in ("ann", "bob")] == [True, False]
