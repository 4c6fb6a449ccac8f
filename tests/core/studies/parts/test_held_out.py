"""The held-out experiment: rows drawn, an index without them, and their true neighbors."""

import numpy as np
import pytest

from core.distances import distance_matrix
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw
from core.studies import ef_tradeoff, held_out_rows, hold_out, row_queries

VECTORS = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)
PARAMS = HnswParams("euclidean", m=4, ef_construction=20)


def test_a_tenth_is_drawn_up_to_a_bound() -> None:
    drawn = held_out_rows(95, seed=3)
    np.testing.assert_array_equal(drawn, np.random.default_rng(3).permutation(95)[:9])
    assert len(held_out_rows(10)) == 1
    assert len(held_out_rows(1_000_000)) == 10_000
    assert len(held_out_rows(100, at_most=4)) == 4
    assert held_out_rows(95, seed=4).tolist() != drawn.tolist()


def test_fewer_rows_are_the_first_of_more() -> None:
    assert held_out_rows(95, at_most=4, seed=3).tolist() == held_out_rows(95, seed=3)[:4].tolist()


def test_fewer_than_ten_rows_have_no_tenth() -> None:
    with pytest.raises(ParameterError, match=r"at least 10, .* got 9"):
        held_out_rows(9)


def test_the_index_has_all_rows_but_those_held_out() -> None:
    rows = np.array([7, 150, 3, 7])
    held = hold_out(VECTORS, rows, PARAMS)
    kept = [row for row in range(200) if row not in (3, 7, 150)]
    assert held.rows.tolist() == [7, 150, 3]  # in the order given, each once
    assert held.kept.tolist() == kept
    np.testing.assert_array_equal(held.graph.vectors, VECTORS[kept])
    np.testing.assert_array_equal(
        held.graph.base.targets, build_hnsw(VECTORS[kept], PARAMS).base.targets
    )


def test_the_queries_are_those_rows_with_their_nearest_among_the_others() -> None:
    held = hold_out(VECTORS, [7, 150, 3], PARAMS)
    queries = held.queries(VECTORS, slice(1, 3), 5)
    np.testing.assert_array_equal(queries.vectors, VECTORS[[150, 3]])
    assert not queries.in_index  # nothing is left out of their answers
    distances = distance_matrix(VECTORS[[150, 3]], VECTORS[held.kept], "euclidean")
    nearest = np.argsort(distances, axis=1)[:, :5]
    np.testing.assert_array_equal(queries.truth.ids, nearest)
    np.testing.assert_allclose(queries.truth.distances, np.sort(distances, axis=1)[:, :5], 1e-6)


def test_true_neighbors_may_be_all_rows_kept() -> None:
    held = hold_out(VECTORS[:12], [0, 1], PARAMS)
    found = held.queries(VECTORS[:12], slice(0, 2), 10).truth
    assert np.sort(found.ids, axis=1).tolist() == [list(range(10))] * 2
    with pytest.raises(ParameterError, match="got 11"):
        held.queries(VECTORS[:12], slice(0, 2), 11)


def test_its_curve_ends_at_the_whole_truth() -> None:
    held = hold_out(VECTORS, held_out_rows(200), PARAMS)
    queries = held.queries(VECTORS, slice(0, 20), 5)
    assert ef_tradeoff(held.graph, queries, ef_max=180).mean_recall[-1] == 1


def test_rows_of_the_index_flatter_it() -> None:
    """Pairs of rows far from all others, of high dimension: the index links a row to its twin.

    A row that is searched for starts its twin's insertion: the two are linked. Held out, it leaves
    its twin behind a link of others, which the same beam meets less often.
    """
    random = np.random.default_rng(0)
    pairs = np.repeat(random.normal(size=(2_000, 48)), 2, axis=0)
    vectors = (pairs + random.normal(size=pairs.shape) * 0.01).astype(np.float32)
    params, rows = HnswParams("euclidean", m=8, ef_construction=40), np.arange(0, 400, 2)
    graph, held = build_hnsw(vectors, params), hold_out(vectors, rows, params)
    inside = ef_tradeoff(graph, row_queries(graph, vectors, rows, 1))
    outside = ef_tradeoff(held.graph, held.queries(vectors, slice(0, 200), 1))
    assert (inside.queries.in_index, outside.queries.in_index) == (True, False)
    recall = [study.mean_recall[study.at(10)] for study in (inside, outside)]
    assert recall == pytest.approx([0.765, 0.66], abs=0.02)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "hold row ids, integers"),
        (np.empty(0, np.int64), "got 0 of them"),
        (np.arange(200), "got 200 of them"),
        ([200], "row ids below n = 200"),
        ([-1], "row ids below n = 200"),
    ],
)
def test_rows_must_name_some_and_leave_some(rows: list[int], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        hold_out(VECTORS, rows, PARAMS)


def test_progress_grows_with_the_rows_inserted() -> None:
    told: list[tuple[float, str]] = []
    hold_out(VECTORS, [1, 2], PARAMS, progress=lambda *said: told.append(said))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "198 of 198 rows inserted")
