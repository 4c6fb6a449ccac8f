"""Results of jobs in the store: found by their key, with their time, and gone with their data."""

from collections.abc import Callable
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams, build_hnsw
from core.store import Store
from pages.ui.jobs import key as keys
from pages.ui.jobs.kept_results import TIMED, KeptResults, name_of, release
from pages.ui.jobs.key import Key, Named, key_of
from pages.ui.results import tradeoffs
from pages.ui.session import stores

DATA = EmbeddingSet.from_arrays(np.random.default_rng(0).normal(size=(30, 4)), name="secret")
RESULT = {"recall": np.arange(3.0)}


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("NEARFIELD_STORE", str(tmp_path / "store"))
    found = stores.store()
    assert found is not None
    return found


def build(embeddings: Any, m: int = 16) -> None:
    """Stands for a job."""


def search(graph: Any) -> None:
    """Stands for a job on a graph."""


def called(function: Callable[..., Any], *args: Any) -> Key:
    return key_of(function, signature(function), args, {})[0]


@pytest.mark.usefixtures("store")
def test_a_result_is_found_by_its_key_alone_with_the_time_that_it_took() -> None:
    kept = KeptResults(inline=True)
    key = called(build, DATA)
    assert kept.get(key) is None
    kept.put(key, RESULT, "ann", 7.5)
    found = kept.get(key)
    assert found is not None
    assert (found[0]["recall"].tolist(), found[1]) == ([0.0, 1.0, 2.0], 7.5)
    assert kept.get(called(build, DATA, 17)) is None
    assert kept.get(called(build, DATA.bare)) is None
    assert name_of(key).startswith(f"{release()}:")


def test_it_goes_with_the_data_that_it_is_of(store: Store) -> None:
    kept, key = KeptResults(inline=True), called(build, DATA)
    made = store.create("ann", "Birds", {}, {"k": store.put(DATA)})
    kept.put(key, RESULT, "ann", 5.0)
    graph = build_hnsw(DATA.vectors, HnswParams())
    kept.put(called(build, DATA.bare), graph, "ann", 5.0)
    on_graph = called(search, graph)
    assert keys.source_of(on_graph) == DATA.bare.fingerprint
    kept.put(on_graph, RESULT, "ann", 5.0)
    assert all(kept.get(each) for each in (key, on_graph, called(build, DATA.bare)))
    store.delete(made.token, "ann")
    assert [kept.get(each) for each in (key, on_graph, called(build, DATA.bare))] == [None] * 3


@pytest.mark.usefixtures("store")
def test_what_is_of_no_known_data_is_not_kept() -> None:
    kept, key = KeptResults(inline=True), called(build, (1, 2))
    assert keys.source_of(key) == ""
    kept.put(key, RESULT, "ann", 5.0)
    assert kept.get(key) is None


def test_the_data_of_a_call_is_found_within_its_arguments() -> None:
    assert keys.source_of(called(build, Named("x", DATA))) == DATA.bare.fingerprint
    assert keys.source_of(called(build, DATA.bare)) == DATA.bare.fingerprint


def test_neither_nothing_nor_what_measures_this_machine_is_kept(store: Store) -> None:
    kept, key = KeptResults(inline=True), called(build, DATA)
    kept.put(key, None, "ann", 5.0)  # it was run for what it does
    assert store.result(name_of(key)) is None
    timed = tradeoffs._latency.__module__, tradeoffs._latency.__qualname__
    assert ".".join(timed) in TIMED
    kept.put((TIMED[0], key[1]), RESULT, "ann", 5.0)
    assert kept.get((TIMED[0], key[1])) is None


class Foreign:
    """A value that the store does not take."""


def test_a_value_that_the_store_does_not_take_is_not_tried_twice(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, tried, keep = KeptResults(inline=True), list[str](), store.keep_result

    def note(name: str, *args: Any) -> bool:
        tried.append(name)
        return keep(name, *args)

    monkeypatch.setattr(store, "keep_result", note)
    for m in (3, 4):
        kept.put(called(build, DATA, m), Foreign(), "ann", 5.0)
    assert len(tried) == 1
    assert kept.get(called(build, DATA, 3)) is None


def test_it_is_written_in_the_background(store: Store) -> None:
    kept, key = KeptResults(), called(build, DATA)
    kept.put(key, RESULT, "ann", 5.0)
    kept.wait()
    assert store.result(name_of(key)) is not None


def test_without_a_store_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_STORE", "off")
    kept, key = KeptResults(inline=True), called(build, DATA)
    kept.put(key, RESULT, "ann", 5.0)
    assert kept.get(key) is None


def test_equal_content_under_another_name_is_another_call() -> None:
    other = EmbeddingSet.from_arrays(DATA.vectors, name="mine")
    assert called(build, other) != called(build, DATA)  # a result may hold the set, and its name
    assert called(build, other.bare) == called(build, DATA.bare)
