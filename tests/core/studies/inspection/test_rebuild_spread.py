"""Rebuilds of one setting: against builds and searches of their own."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, exact_neighbors, reachable_rows, search
from core.metrics import recall_at_k
from core.studies import RebuildSpread, SoFar, held_out_rows, rebuild_spread
from core.studies.inspection.rebuild_spread import rebuild_seeds
from core.studies.parts.rebuild_noise import against_rebuilds, query_residual

RNG = np.random.default_rng(3)
VECTORS = RNG.normal(size=(300, 12)).astype(np.float32)
PARAMS = HnswParams("euclidean", m=4, ef_construction=12, seed=7)
SMALL: dict[str, Any] = {"k": 5, "ef_max": 24, "rebuilds": 3, "queries": 20}


@pytest.fixture(scope="module")
def spread() -> RebuildSpread:
    return rebuild_spread(VECTORS, PARAMS, **SMALL)


def test_each_rebuild_is_a_build_of_its_seed_and_order(spread: RebuildSpread) -> None:
    held = held_out_rows(300, at_most=20, seed=0)
    kept, asked = np.delete(VECTORS, held, axis=0), VECTORS[held]
    truth = exact_neighbors(kept, asked, 5, metric="euclidean")
    assert (spread.n, spread.queries, spread.seeds) == (280, 20, (10_007, 10_008, 10_009))
    recalls, costs = np.empty((3, 20)), np.empty((3, 20))
    for i, seed in enumerate(spread.seeds):
        order = np.random.default_rng(seed).permutation(280)
        graph = build_hnsw(kept, replace(PARAMS, seed=seed), order=order)
        found = search(graph, asked, 5, 9)
        recalls[i] = recall_at_k(found.ids, truth.ids)
        costs[i] = found.distance_computations
        assert spread.unreachable[i] == (~reachable_rows(graph)).sum()
    place = spread.at(9)
    np.testing.assert_allclose(spread.recall[:, place], recalls.mean(axis=1))
    np.testing.assert_allclose(spread.distance_computations[:, place], costs.mean(axis=1))
    assert spread.recall_residual[place] == pytest.approx(query_residual(recalls))
    assert spread.computations_residual[place] == pytest.approx(query_residual(costs))
    assert len(set(recalls.mean(axis=1))) > 1  # else nothing is shown

    for change, values, step in (
        (spread.recall_change(9, 0.5, 0.6), recalls, 1 / 100),
        (spread.computations_change(9, 0.5, 0.6), costs, 1 / 20),
    ):
        alone = against_rebuilds(
            0.5, 0.6, values.mean(axis=1), residual=query_residual(values), step=step, judged=2
        )
        assert (change.before, change.after) == (0.5, 0.6)
        assert change.half_width == pytest.approx(alone.half_width)
    assert spread.recall_noise[place] == pytest.approx(spread.recall_change(9, 0.5, 0.6).half_width)


def test_rebuilds_in_the_same_order_differ_by_their_seeds_alone() -> None:
    found = rebuild_spread(VECTORS, PARAMS, shuffled=False, query_rows=[3, 8, 299], **SMALL)
    graph = build_hnsw(VECTORS, replace(PARAMS, seed=10_008))
    rows = np.array([3, 8, 299])
    truth = exact_neighbors(VECTORS, VECTORS[rows], 5, metric="euclidean", exclude=rows)
    ids = search(graph, VECTORS[rows], 5, 24, exclude=rows).ids
    assert (found.n, found.queries) == (300, 3)
    assert found.recall[1, -1] == pytest.approx(recall_at_k(ids, truth.ids).mean())


def test_seeds_of_rebuilds_are_others_than_the_setting_s_and_none_is_too_large() -> None:
    assert rebuild_seeds(100, 3) == (10_100, 10_101, 10_102)
    assert rebuild_seeds(2**31 - 1, 2) == (10_000, 10_001)
    assert {replace(PARAMS, seed=seed).seed for seed in rebuild_seeds(2**31 - 2, 2)} == {
        9_999,
        10_000,
    }


def test_what_a_target_costs_in_each_rebuild_by_hand(spread: RebuildSpread) -> None:
    made = replace(
        spread,
        ef=np.arange(5, 8),
        recall=np.array([[0.5, 0.9, 0.95], [0.9, 0.9, 1.0], [0.5, 0.6, 0.7]]),
        distance_computations=np.array([[10.0, 11.0, 12.0], [20.0, 21.0, 22.0], [1.0, 2.0, 3.0]]),
    )
    assert made.target_efs(0.9).tolist() == [6, 5, -1]
    np.testing.assert_array_equal(made.target_costs(0.9), [11.0, 20.0, np.nan])


def test_finished_rebuilds_are_reported_and_not_made_again(spread: RebuildSpread) -> None:
    done: dict[Any, Any] = {}
    heard: list[SoFar[RebuildSpread]] = []
    again = rebuild_spread(VECTORS, PARAMS, done=done, so_far=heard.append, **SMALL)
    np.testing.assert_array_equal(again.recall, spread.recall)
    assert list(done) == list(spread.seeds)
    assert [each.result and each.result.rebuilds for each in heard[:4]] == [None, None, 2, 3]
    kept = dict(done)
    rebuild_spread(VECTORS, PARAMS, done=done, **SMALL)
    assert all(done[seed] is kept[seed] for seed in spread.seeds)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rebuilds": 1}, "rebuilds must be between 2 and 100; got 1"),
        ({"k": 281}, "k must be between 1 and 270"),
        ({"ef_max": 4}, "ef_max must be a whole number of at least 5"),
        ({"query_rows": [300]}, "query_rows"),
        ({"query_rows": [1], "query_vectors": VECTORS[:1]}, "two kinds of queries"),
    ],
)
def test_what_does_not_fit_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        rebuild_spread(VECTORS, PARAMS, **{**SMALL, "queries": 30, **changes})


def test_an_ef_that_was_not_searched_is_refused(spread: RebuildSpread) -> None:
    with pytest.raises(ParameterError, match="between 5 and 24"):
        spread.at(25)
