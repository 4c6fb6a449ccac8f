"""The held-out experiment: rows drawn, an index without them, and their true neighbors."""

import numpy as np
import pytest

from core.distances import distance_matrix
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw
from core.studies import ef_tradeoff, held_out_rows, hold_out

VECTORS = np.random.default_rng(0).normal(size=(200, 6)).astype(np.float32)
PARAMS = HnswParams("euclidean", m=4, ef_construction=20)


def test_a_tenth_is_drawn_up_to_a_bound() -> None:
    drawn = held_out_rows(95, seed=3)
    np.testing.assert_array_equal(
        drawn, np.sort(np.random.default_rng(3).choice(95, 9, replace=False))
    )
    assert len(held_out_rows(10)) == 1
    assert len(held_out_rows(1_000_000)) == 2_000
    assert len(held_out_rows(100, at_most=4)) == 4
    assert held_out_rows(95, seed=4).tolist() != drawn.tolist()


def test_fewer_than_ten_rows_have_no_tenth() -> None:
    with pytest.raises(ParameterError, match=r"at least 10, .* got 9"):
        held_out_rows(9)


def test_the_index_has_all_rows_but_those_held_out() -> None:
    rows = np.array([7, 150, 3, 7])
    held = hold_out(VECTORS, rows, PARAMS, 5)
    kept = [row for row in range(200) if row not in (3, 7, 150)]
    assert held.rows.tolist() == [3, 7, 150]
    assert held.kept.tolist() == kept
    np.testing.assert_array_equal(held.graph.vectors, VECTORS[kept])
    np.testing.assert_array_equal(
        held.graph.base.targets, build_hnsw(VECTORS[kept], PARAMS).base.targets
    )
    np.testing.assert_array_equal(held.queries.vectors, VECTORS[[3, 7, 150]])
    assert held.queries.rows is None  # nothing is left out of their answers
    distances = distance_matrix(VECTORS[[3, 7, 150]], VECTORS[kept], "euclidean")
    nearest = np.argsort(distances, axis=1)[:, :5]
    np.testing.assert_array_equal(held.queries.truth.ids, nearest)
    np.testing.assert_allclose(
        held.queries.truth.distances, np.sort(distances, axis=1)[:, :5], rtol=1e-6
    )


def test_true_neighbors_may_be_all_rows_kept() -> None:
    held = hold_out(VECTORS[:12], [0, 1], PARAMS, 10)
    assert np.sort(held.queries.truth.ids, axis=1).tolist() == [list(range(10))] * 2
    with pytest.raises(ParameterError, match="got 11"):
        hold_out(VECTORS[:12], [0, 1], PARAMS, 11)


def test_its_curve_ends_at_the_whole_truth() -> None:
    held = hold_out(VECTORS, held_out_rows(200), PARAMS, 5)
    assert ef_tradeoff(held.graph, held.queries, ef_max=180).mean_recall[-1] == 1


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
        hold_out(VECTORS, rows, PARAMS, 5)


def test_progress_grows_from_the_build_to_the_true_neighbors() -> None:
    told: list[tuple[float, str]] = []
    hold_out(VECTORS, [1, 2], PARAMS, 5, progress=lambda *said: told.append(said))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1.0)
    assert any("rows inserted" in words and share <= 0.8 for share, words in told)
    assert "exact neighbors of 2 of 2 queries" in told[-1][1]
