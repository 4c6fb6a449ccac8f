"""A sharded index: its curve is that of searches whose answers are merged."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.data import open_shards
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, exact_neighbors, search
from core.metrics import recall_at_k
from core.studies import SoFar, sharding
from core.studies.experiments.sharding import Sharding, own_truth

RANDOM = np.random.default_rng(2)
ROWS = RANDOM.normal(size=(420, 6)).astype(np.float32)
ASKED = RANDOM.normal(size=(25, 6)).astype(np.float32)
K = 5


@pytest.mark.parametrize("metric", METRICS)
def test_the_curve_is_that_of_merged_searches(metric: Metric, tmp_path: Path) -> None:
    params = HnswParams(metric, m=4, ef_construction=10)
    for number in range(4):
        np.save(tmp_path / f"{number}.npy", ROWS[number * 105 : (number + 1) * 105])
    study = sharding(
        open_shards(tmp_path),
        params,
        counts=(3, 1, 1),
        k=K,
        target=0.9,
        ef_max=60,
        query_vectors=ASKED,
    )
    truth = exact_neighbors(ROWS, ASKED, K, metric=metric)
    assert [layout.shards for layout in study.layouts] == [1, 3]
    assert (study.n, study.queries, study.own_queries) == (420, 25, True)
    for layout in study.layouts:
        size = 420 // layout.shards
        starts = range(0, 420, size)
        graphs = [build_hnsw(ROWS[start : start + size], params) for start in starts]
        for ef in (K, 17, 60):
            answers = [search(graph, ASKED, K, ef) for graph in graphs]
            ids = np.concatenate(
                [each.ids + start for each, start in zip(answers, starts, strict=True)], axis=1
            )
            distances = np.concatenate([each.distances for each in answers], axis=1)
            nearest = np.argsort(distances, axis=1, kind="stable")[:, :K]
            recall = recall_at_k(np.take_along_axis(ids, nearest, axis=1), truth.ids)
            cost = sum(each.distance_computations.mean() for each in answers)
            assert layout.ef[ef - K] == ef
            assert layout.recall[ef - K] == pytest.approx(recall.mean(), abs=1e-12)
            assert layout.computations[ef - K] == pytest.approx(cost, rel=1e-12)
        place = int(np.flatnonzero(layout.recall >= 0.9)[0])
        assert layout.ef_at_target == layout.ef[place]
        assert layout.cost_at_target == layout.computations[place]
        assert layout.build_seconds.shape == (layout.shards,)
        assert (layout.build_seconds > 0).all()
        assert layout.hosts == ("",) * layout.shards
    one, three = study.layouts
    assert study.cost_ratios.tolist() == [1.0, three.cost_at_target / one.cost_at_target]
    assert three.recall[0] > one.recall[0]  # at one ef, three shards return three times as many


def test_an_array_is_dealt_by_chance_and_layouts_are_told_when_whole() -> None:
    params = HnswParams("euclidean", m=4, ef_construction=10, threads=2)
    ordered = ROWS[np.argsort(ROWS[:, 0])]
    seen: list[SoFar[Sharding]] = []
    done: dict[object, object] = {}
    with ThreadPoolExecutor(2) as executor:
        study = sharding(
            ordered,
            params,
            counts=(2, 4),
            k=K,
            ef_max=30,
            queries=20,
            executor=executor,
            done=done,
            so_far=seen.append,
        )
    assert (study.n, study.queries, study.own_queries) == (400, 20, False)
    assert {(2, 0), (2, 1), (4, 3)} <= done.keys()
    assert (seen[0].result, seen[0].total, seen[-1].finished) == (None, 6, 6)
    assert seen[-1].result is not None
    assert len(seen[-1].result.layouts) == 2
    again = sharding(ordered, params, counts=(2, 4), k=K, ef_max=30, queries=20, done=done)
    for one, other in zip(study.layouts, again.layouts, strict=True):
        assert np.array_equal(one.recall, other.recall)
        assert np.array_equal(one.build_seconds, other.build_seconds)  # nothing was built again
    assert all(np.isnan(each) or each > 0 for each in study.cost_ratios)


def test_a_target_that_no_ef_reaches_has_no_cost() -> None:
    study = sharding(
        ROWS,
        HnswParams("euclidean", m=2, ef_construction=2),
        counts=(2,),
        k=K,
        target=1.0,
        ef_max=5,
    )
    (layout,) = study.layouts
    assert layout.ef_at_target == -1
    assert np.isnan(layout.cost_at_target)


def test_true_neighbors_of_a_shard_keep_their_order() -> None:
    truth = np.array([[9, 2, 7, 4], [0, 1, 2, 3]])
    assert own_truth(truth, 4, 10).tolist() == [[5, 3, 0, -1], [-1, -1, -1, -1]]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    params = HnswParams("euclidean")
    np.save(tmp_path / "a.npy", ROWS)
    with pytest.raises(ParameterError, match="query_vectors must be given"):
        sharding(open_shards(tmp_path), params)
    with pytest.raises(ParameterError, match="at most the 4 rows of the smallest of 100 shards"):
        sharding(ROWS, params, counts=(1, 100), k=5, query_vectors=ASKED)
    with pytest.raises(ParameterError, match="ef_max must be at least k = 5"):
        sharding(ROWS, params, k=5, ef_max=4)
    with pytest.raises(ParameterError, match="counts must be"):
        sharding(ROWS, params, counts=(0,))
