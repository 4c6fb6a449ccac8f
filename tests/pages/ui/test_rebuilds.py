"""What rebuilds are made of: the rows that the index can return, and the queries of its pages."""

import pickle
from dataclasses import replace

import numpy as np

from core.data import EmbeddingSet
from core.index import HnswParams
from core.studies import hold_out
from pages.ui.controls.queries import HELD_OUT, ROWS, UPLOADED
from pages.ui.results import rebuilds
from pages.ui.results.query_sources import QuerySource
from tests.core.index.graphs import hand_graph

GRAPH = hand_graph([{row: [(row + 1) % 30] for row in range(30)}], 0)
ITEMS = EmbeddingSet.from_arrays(GRAPH.vectors, name="ring")


def test_deleted_rows_are_not_built_in_and_the_queries_are_the_live_rows() -> None:
    deleted = np.arange(30) % 3 == 0
    source = QuerySource(ROWS, ITEMS, replace(GRAPH, deleted=deleted))
    vectors, rows, asked = rebuilds._parts(source)
    live = np.flatnonzero(~deleted)
    np.testing.assert_array_equal(vectors, GRAPH.vectors[live])
    assert rows is not None
    np.testing.assert_array_equal(live[rows], source.places)
    assert asked is None


def test_queries_from_elsewhere_and_held_out_rows_are_asked_as_they_are() -> None:
    log = EmbeddingSet.from_arrays(GRAPH.vectors[:7] + 1, name="log")
    given = QuerySource(UPLOADED, ITEMS, GRAPH, given=log)
    vectors, rows, asked = rebuilds._parts(given)
    np.testing.assert_array_equal(vectors, GRAPH.vectors)
    assert rows is None
    np.testing.assert_array_equal(asked, given.vectors(stop=7))
    held = hold_out(ITEMS.vectors, [4, 2], HnswParams("euclidean"))
    vectors, rows, asked = rebuilds._parts(QuerySource(HELD_OUT, ITEMS, held.graph, held))
    np.testing.assert_array_equal(vectors, np.delete(ITEMS.vectors, [2, 4], axis=0))
    np.testing.assert_array_equal(asked, ITEMS.vectors[[4, 2]])


def test_the_job_and_its_queries_travel_to_another_process() -> None:
    source = QuerySource(ROWS, ITEMS, GRAPH)
    again = pickle.loads(pickle.dumps(source))
    np.testing.assert_array_equal(again.places, source.places)
    assert pickle.loads(pickle.dumps(rebuilds._spread)) is rebuilds._spread
