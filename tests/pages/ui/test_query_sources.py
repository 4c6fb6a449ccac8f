"""Where queries come from: their vectors, their truth, and the rows of the data behind the ids."""

from typing import Any

import numpy as np
import pytest

from core import studies
from core.data import EmbeddingSet
from core.distances import distance_matrix
from core.index import HnswParams, build_hnsw
from core.studies import HeldOut, hold_out
from pages.ui.controls.queries import GIVEN, HELD_OUT, ROWS, SELECTED, UPLOADED
from pages.ui.results import query_sources
from pages.ui.results.query_sources import QuerySource, held_out_index, indexed_items
from pages.ui.session.workspace import Workspace

PARAMS = HnswParams("euclidean")
VECTORS = np.random.default_rng(0).normal(size=(120, 5)).astype(np.float32)
OWN = np.random.default_rng(1).normal(size=(30, 5)).astype(np.float32)
GRAPH = build_hnsw(VECTORS, PARAMS)
HELD = hold_out(VECTORS, [5, 90, 17, 3], PARAMS)


def nearest(queries: np.ndarray, rows: np.ndarray, k: int) -> np.ndarray:
    return np.argsort(distance_matrix(queries, rows, "euclidean"), axis=1, kind="stable")[:, :k]


DATA = EmbeddingSet.from_arrays(
    VECTORS, name="data", queries=OWN, ground_truth=nearest(OWN, VECTORS, 6)
)
LOG = EmbeddingSet.from_arrays(OWN, name="log")
SOURCES = {
    HELD_OUT: QuerySource(HELD_OUT, DATA, HELD.graph, HELD),
    GIVEN: QuerySource(GIVEN, DATA, GRAPH, given=DATA),
    UPLOADED: QuerySource(UPLOADED, DATA, GRAPH, given=LOG),
    ROWS: QuerySource(ROWS, DATA, GRAPH),
    SELECTED: QuerySource(SELECTED, DATA, GRAPH, selected=np.arange(40, 60), name="Selection 1"),
}
IN_INDEX = (ROWS, SELECTED)


@pytest.mark.parametrize("kind", SOURCES)
def test_queries_and_their_neighbors_are_those_of_the_kind(kind: str) -> None:
    source = SOURCES[kind]
    found = source.query_set(3, stop=source.available)
    every = VECTORS if kind in (HELD_OUT, *IN_INDEX) else OWN
    np.testing.assert_array_equal(found.vectors, every[source.places])
    near = nearest(found.vectors, VECTORS, len(VECTORS))
    for place, ids in enumerate(found.truth.ids):
        not_answers = {
            HELD_OUT: set(HELD.rows.tolist()),
            ROWS: {int(source.places[place])},
            SELECTED: {int(source.places[place])},
        }.get(kind, set())
        wanted = [row for row in near[place].tolist() if row not in not_answers][:3]
        assert source.data_rows(ids).tolist() == wanted
    assert found.in_index == (kind in IN_INDEX)


@pytest.mark.parametrize("kind", SOURCES)
def test_a_part_of_the_queries_is_that_part_of_all(kind: str) -> None:
    source = SOURCES[kind]
    every = source.query_set(2, stop=4)
    some = source.query_set(2, start=1, stop=3)
    np.testing.assert_array_equal(some.vectors, every.vectors[1:3])
    np.testing.assert_array_equal(some.truth.ids, every.truth.ids[1:3])
    elsewhere = source.vectors(start=1, stop=3)
    assert (elsewhere is None) == (kind in IN_INDEX)
    if elsewhere is not None:
        np.testing.assert_array_equal(elsewhere, some.vectors)


@pytest.mark.parametrize(("kind", "count"), [(GIVEN, 30), (UPLOADED, 30), (ROWS, 120)])
def test_the_first_queries_are_a_sample_of_all(kind: str, count: int) -> None:
    expected = np.random.default_rng(0).permutation(count)
    np.testing.assert_array_equal(SOURCES[kind].places, expected)


def test_the_rows_of_a_selection_are_the_queries_of_it() -> None:
    assert sorted(SOURCES[SELECTED].places.tolist()) == list(range(40, 60))
    assert SOURCES[SELECTED].player_controls(0) == {
        "query": "item",
        "item": int(SOURCES[SELECTED].places[0]),
    }


def test_each_query_can_have_as_many_neighbors_as_there_are_others() -> None:
    depth = {kind: source.deepest for kind, source in SOURCES.items()}
    assert depth == {HELD_OUT: 116, GIVEN: 120, UPLOADED: 120, ROWS: 119, SELECTED: 119}


def test_stated_neighbors_follow_their_queries() -> None:
    stated = QuerySource(GIVEN, DATA, GRAPH, given=DATA, stated=True)
    found = stated.query_set(4, start=3, stop=8)
    np.testing.assert_array_equal(found.truth.ids, nearest(found.vectors, VECTORS, 4))
    assert stated.query_set(50, stop=2).depth == 6  # the file has no more


def test_each_kind_is_told_in_words() -> None:
    words = {kind: source.words(2) for kind, source in SOURCES.items()}
    assert words == {
        HELD_OUT: "2 held-out rows, searched for in an index of the other 116 rows",
        GIVEN: "2 queries from elsewhere",
        UPLOADED: "2 queries from elsewhere",
        ROWS: "2 of 120 rows of the index, each left out of its own answer",
        SELECTED: "2 of 20 rows of Selection 1, rows of the index, each left out of its own answer",
    }


def test_the_items_of_the_index_without_held_out_rows_are_the_others_in_order() -> None:
    inside = indexed_items(DATA, HELD)
    np.testing.assert_array_equal(inside.vectors, VECTORS[HELD.kept])
    assert indexed_items(DATA, HELD) is inside


def test_the_index_without_held_out_rows_is_built_once(monkeypatch: pytest.MonkeyPatch) -> None:
    data = EmbeddingSet.from_arrays(VECTORS + 1, name="another")
    made: list[int] = []
    build = studies.hold_out

    def counting(*args: Any, **more: Any) -> HeldOut:
        made.append(1)
        return build(*args, **more)

    monkeypatch.setattr(studies, "hold_out", counting)
    first = held_out_index(data, PARAMS, lambda *_: None)
    again = held_out_index(data, PARAMS, lambda *_: None)
    assert first is again
    assert sum(made) == 1
    assert first.rows.tolist() == np.random.default_rng(0).permutation(120)[:12].tolist()
    held_out_index(data, HnswParams("euclidean", m=8), lambda *_: None)
    assert sum(made) == 2


def test_rows_to_hold_out_are_none_for_an_opened_index() -> None:
    work = Workspace("data", DATA, PARAMS)
    rows = query_sources.rows_to_hold_out(work)
    assert rows is not None
    assert rows.tolist() == np.random.default_rng(0).permutation(120)[:12].tolist()
    assert query_sources.rows_to_hold_out(Workspace("data", DATA, PARAMS, opened=GRAPH)) is None
