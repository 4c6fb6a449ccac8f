"""The fate of each true neighbor of one query, worked by hand, and on an index of codes."""

import faiss
import numpy as np
import pytest

from core.data import load_sample
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, exact_neighbors, read_index, search
from core.metrics import recall_at_k
from core.studies import NEIGHBOR_FATES, NeighborCheck, neighbor_check, query_truth
from tests.core.index.graphs import hand_graph
from tests.core.index.index_files import serialized

Links = dict[int, list[int]]


def by_hand(
    at: list[float], entry: int, base: Links, upper: Links | None = None
) -> tuple[HnswGraph, np.ndarray]:
    """Rows on a line, and their graph; rows that `base` does not name have no links there."""
    vectors = np.array(at, dtype=np.float32)[:, None]
    every = {row: base.get(row, []) for row in range(len(at))}
    return hand_graph([every, upper or {}], entry, vectors=vectors), vectors


def check(
    graph: HnswGraph, vectors: np.ndarray, query: list[float], k: int, ef: int, **options: int
) -> NeighborCheck:
    truth = query_truth(graph, vectors, np.array(query, np.float32), k, **options)
    return neighbor_check(graph, vectors, truth, ef)


def test_found_never_visited_and_a_tie() -> None:
    # The query stands at 0, k = 4; rows at 1, 2, 3, 4, 4, -4, -4, 20, 30. True neighbors: rows 0 to
    # 3 (of four rows at distance 4 the least id). Row 7 leads to 0, that to 4, 5, 6 and 8: the beam
    # of ef 4 is 0 4 5 6, and row 4 leads to 3, which is no nearer. Nothing leads to row 1, and to 2
    # only row 8, at 30.
    graph, rows = by_hand(
        [1, 2, 3, 4, 4, -4, -4, 20, 30], 7, {7: [0], 0: [4, 5, 6, 8], 4: [3], 8: [2], 1: [0]}
    )
    result = check(graph, rows, [0], 4, 4, ef_max=9)
    assert result.exact.ids.tolist() == [[0, 1, 2, 3]]
    assert result.found.ids.tolist() == [[0, 4, 5, 6]]
    assert result.fate.tolist() == ["found", "never visited", "never visited", "tie"]
    # ef = 7 is the first that keeps row 8, which leads to row 2; row 3 comes after its equals.
    assert result.smallest_ef.tolist() == [4, -1, 7, -1]
    assert (result.k, result.n_found, result.ef, result.ef_max) == (4, 1, 4, 9)
    assert set(result.fate) <= set(NEIGHBOR_FATES)


def test_the_last_neighbor_ties_only_with_an_answer_as_near() -> None:
    # True neighbors at 1 and 2; the graph leads to 1 and 3 only: 3 did not take the place of 2.
    graph, rows = by_hand([1, 2, 3], 0, {0: [2], 2: [0]})
    assert check(graph, rows, [0], 2, 2).fate.tolist() == ["found", "never visited"]
    # With -2 in place of 3 it did; and where no answer is returned, none took the place.
    graph, rows = by_hand([1, 2, -2], 0, {0: [2], 2: [0]})
    assert check(graph, rows, [0], 2, 2).fate.tolist() == ["found", "tie"]
    graph, rows = by_hand([1, 2, -2], 0, {})
    alone = check(graph, rows, [0], 2, 2)
    assert alone.found.ids.tolist() == [[0, -1]]
    assert alone.fate.tolist() == ["found", "never visited"]


def test_a_row_met_only_on_the_way_down() -> None:
    # Layer 1: rows 0 (at 9), 1 (at 2) and 2 (at -1). The descent from row 0 computes the distances
    # of both others to the query at 0, and goes on from row 2. On layer 0 row 2 leads to row 3 (at
    # -5) only, and nothing back to row 1, the second nearest.
    graph, rows = by_hand(
        [9, 2, -1, -5], 0, {0: [1], 1: [0], 2: [3], 3: [2]}, {0: [1, 2], 1: [0], 2: [0]}
    )
    result = check(graph, rows, [0], 2, 2)
    assert result.found.ids.tolist() == [[2, 3]]
    assert result.fate.tolist() == ["found", "met on an upper layer"]


def test_a_row_changed_since_is_farther_as_stored() -> None:
    # Row 1 was added at 2 and is now at 0.5: the index still compares 2, and returns row 0 at 1.
    graph, stored = by_hand([1, 2], 0, {0: [1], 1: [0]})
    now = stored.copy()
    now[1] = 0.5
    result = check(graph, now, [0], 1, 1)
    assert result.exact.ids.tolist() == [[1]]
    assert result.found.ids.tolist() == [[0]]
    assert result.fate.tolist() == ["farther as stored"]
    # So is the row that the descent ends at, if the beam lets it go: here row 1 is the entry point.
    graph, _ = by_hand([1, 2], 1, {0: [1], 1: [0]})
    assert check(graph, now, [0], 1, 1).fate.tolist() == ["farther as stored"]


def test_what_was_met_is_asked_of_the_same_search_as_the_answer() -> None:
    # The query is row 0, left out, so that at ef = k = 1 the beam holds two: rows 0 and 1, which
    # leads to row 2. That was added at 5 and is now at 0.5; a beam of one would never get there.
    graph, stored = by_hand([0, 1, 5], 0, {0: [1], 1: [2], 2: [1]})
    now = stored.copy()
    now[2] = 0.5
    result = check(graph, now, [0], 1, 1, exclude=0)
    assert (result.exact.ids.tolist(), result.found.ids.tolist()) == ([[2]], [[1]])
    assert result.fate.tolist() == ["farther as stored"]


def test_a_copy_ties_although_the_index_rounds_its_vectors() -> None:
    # Two copies of a row, and a query at an angle of about 1e-3. The index stores them at length 1
    # in float32, which moves so small a distance by more than the 1e-6 that a tie allows.
    copies = np.array([[0.3, 0.7, -0.2], [0.3, 0.7, -0.2]], dtype=np.float32)
    query = np.array([0.3005, 0.7, -0.2], dtype=np.float32)
    stored = (copies / np.linalg.norm(copies, axis=1, keepdims=True)).astype(np.float32)
    graph = hand_graph([{0: [], 1: [0]}], 1, vectors=stored, metric="cosine")
    truth = query_truth(graph, copies, query, 1)
    assert abs(search(graph, query[None], 1, 1).distances / truth.exact.distances - 1) > 1e-6
    result = neighbor_check(graph, copies, truth, 1)
    assert (result.exact.ids.tolist(), result.found.ids.tolist()) == ([[0]], [[1]])
    assert result.fate.tolist() == ["tie"]
    np.testing.assert_allclose(result.found.distances, result.exact.distances, rtol=1e-9)


def test_an_excluded_row_is_no_answer_and_a_query_from_elsewhere_excludes_none() -> None:
    vectors = load_sample("digits").vectors
    graph = build_hnsw(vectors, HnswParams(m=2, ef_construction=4))
    for exclude in (7, None):
        result = check(graph, vectors, vectors[7].tolist(), 10, 12, exclude=exclude)  # type: ignore[arg-type]
        left_out = None if exclude is None else [exclude]
        exact = exact_neighbors(vectors, vectors[7:8], 10, metric="cosine", exclude=left_out)
        found = search(graph, vectors[7:8], 10, 12, exclude=left_out)
        np.testing.assert_array_equal(result.exact.ids, exact.ids)
        np.testing.assert_array_equal(result.found.ids, found.ids)
        np.testing.assert_allclose(result.found.distances, found.distances, rtol=1e-4, atol=1e-6)
        assert (7 in result.exact.ids) is (exclude is None)
        assert result.n_found == 10 * recall_at_k(found.ids, exact.ids)[0]
        for row, ef in zip(result.exact.ids[0], result.smallest_ef, strict=True):
            if ef > 0:
                at = search(graph, vectors[7:8], 10, int(ef), exclude=left_out)
                assert row in at.ids
            if ef > 10:
                before = search(graph, vectors[7:8], 10, int(ef) - 1, exclude=left_out)
                assert row not in before.ids


def test_distances_are_those_of_the_vectors_as_added_where_codes_are_stored() -> None:
    digits = load_sample("digits")
    index = faiss.index_factory(digits.dim, "HNSW8_PQ8x4")
    index.train(digits.vectors)
    index.add(digits.vectors)
    graph, query = read_index(serialized(index)), digits.vectors[5]
    truth = query_truth(graph, digits.vectors, query, 10, exclude=5)
    result = neighbor_check(graph, digits.vectors, truth, 200)
    apart = np.linalg.norm(digits.vectors[result.found.ids[0]].astype(float) - query, axis=1)
    np.testing.assert_allclose(result.found.distances[0], apart, rtol=1e-6)
    assert result.n_found < 10
    assert "farther as stored" in result.fate


def test_arguments_that_do_not_fit_are_refused() -> None:
    graph, rows = by_hand([1, 2, 3], 0, {0: [1, 2]})
    with pytest.raises(ParameterError, match="must have 1 dimensions"):
        query_truth(graph, rows, np.zeros(2, np.float32), 2)
    with pytest.raises(ParameterError, match="got 4"):
        query_truth(graph, rows, np.zeros(1, np.float32), 4)
    truth = query_truth(graph, rows, np.zeros(1, np.float32), 2)
    with pytest.raises(ParameterError, match="ef must be between k = 2"):
        neighbor_check(graph, rows, truth, 1)
