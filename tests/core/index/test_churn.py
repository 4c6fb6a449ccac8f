"""Updates, replacements and deletions, held against hnswlib driven by hand."""

from itertools import pairwise
from typing import Any

import hnswlib
import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, churn_hnsw, search
from core.index.build import SPACES
from core.index.churn import HOWS, How, churned_rows
from tests.core.index.datasets import clustered, graph_of, native_answers, native_index, queries_of

PARAMS = HnswParams("euclidean", m=5, ef_construction=30)


def graphs_of(how: How, n: int = 500, **changes: Any) -> list[HnswGraph]:
    arguments: dict[str, Any] = {"rounds": 3, "share": 0.2, "seed": 7, "how": how, **changes}
    return list(churn_hnsw(clustered(n), PARAMS, **arguments))


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize("metric", METRICS)
def test_the_first_graph_is_that_of_a_fresh_build(how: How, metric: Metric) -> None:
    vectors, params = clustered(400), HnswParams(metric, m=5, ef_construction=30)
    (graph,) = churn_hnsw(vectors, params, rounds=0, share=0.5, how=how)
    assert graph.fingerprint == build_hnsw(vectors, params).fingerprint


@pytest.mark.parametrize("how", HOWS)
def test_rounds_without_rows_change_nothing(how: How) -> None:
    fresh, *later = graphs_of(how, share=0.0)
    assert len(later) == 3
    assert {graph.fingerprint for graph in later} == {fresh.fingerprint}


@pytest.mark.parametrize("how", HOWS)
def test_equal_input_gives_equal_graphs_and_the_seed_draws_the_rows(how: How) -> None:
    first, same, other = (graphs_of(how, seed=seed) for seed in (7, 7, 8))
    assert [graph.fingerprint for graph in first] == [graph.fingerprint for graph in same]
    assert first[0].fingerprint == other[0].fingerprint
    assert all(a.fingerprint != b.fingerprint for a, b in pairwise(first))
    assert first[1].fingerprint != other[1].fingerprint


def test_an_update_is_what_hnswlib_does_to_rows_that_it_knows() -> None:
    vectors = clustered(500)
    index = native_index(vectors, PARAMS)
    fresh, *later = graphs_of("update")
    drawn = churned_rows(500, "update", rounds=3, share=0.2, seed=7)
    for graph, taken in zip(later, drawn, strict=True):
        index.add_items(vectors[taken], taken, num_threads=1)
        assert graph.fingerprint == graph_of(index, PARAMS).fingerprint
        np.testing.assert_array_equal(graph.levels, fresh.levels)
        assert not graph.deleted.any()


def test_deleted_rows_are_marked_and_no_link_is_touched() -> None:
    fresh, *later = graphs_of("delete")
    drawn = churned_rows(500, "delete", rounds=3, share=0.2, seed=7)
    assert len(np.unique(drawn)) == drawn.size == 300
    for number, graph in enumerate(later, start=1):
        assert np.flatnonzero(graph.deleted).tolist() == sorted(drawn[:number].ravel().tolist())
        np.testing.assert_array_equal(graph.base.targets, fresh.base.targets)
        np.testing.assert_array_equal(graph.upper.targets, fresh.upper.targets)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_replaced_row_keeps_its_id_and_its_vector(metric: Metric, read_only: bool) -> None:
    vectors, params = clustered(600), HnswParams(metric, m=5, ef_construction=30)
    vectors.setflags(write=not read_only)
    fresh, *later = churn_hnsw(vectors, params, rounds=4, share=0.3, how="replace")
    for graph in later:
        assert graph.labels.tolist() == list(range(600))
        np.testing.assert_array_equal(graph.vectors, fresh.vectors)
        assert not graph.deleted.any()
    assert (later[-1].vectors is vectors) == (read_only and metric != "cosine")


def test_replaced_rows_take_the_slots_of_one_another_with_their_levels() -> None:
    fresh, first, *_ = graphs_of("replace")
    taken = churned_rows(500, "replace", rounds=3, share=0.2, seed=7)[0]
    kept = np.setdiff1d(np.arange(500), taken)
    np.testing.assert_array_equal(first.levels[kept], fresh.levels[kept])
    assert sorted(first.levels[taken].tolist()) == sorted(fresh.levels[taken].tolist())
    assert first.levels[taken].tolist() != fresh.levels[taken].tolist()


def replaced_by_hand(same_labels: bool) -> Any:
    """hnswlib's index after two rounds as `graphs_of("replace", rounds=2)` does them."""
    vectors = clustered(500)
    index = hnswlib.Index(SPACES["euclidean"], vectors.shape[1])
    index.init_index(500, PARAMS.m, PARAMS.ef_construction, PARAMS.seed, True)
    index.add_items(vectors, np.arange(500), num_threads=1)
    labels = np.arange(500)
    for taken in churned_rows(500, "replace", rounds=2, share=0.2, seed=7):
        for label in labels[taken].tolist():
            index.mark_deleted(label)
        if not same_labels:
            labels[taken] += 500
        index.add_items(vectors[taken], labels[taken], num_threads=1, replace_deleted=True)
    return index


def test_hnswlib_loses_labels_that_are_used_again() -> None:
    with pytest.raises(RuntimeError, match="Label not found"):
        replaced_by_hand(same_labels=True)


def test_searches_after_replacements_are_those_of_hnswlib() -> None:
    graph = graphs_of("replace", rounds=2)[-1]
    index, queries = replaced_by_hand(same_labels=False), queries_of(clustered(500))
    labels, distances = native_answers(index, queries, 5, 20)
    found = search(graph, queries, 5, 20)
    np.testing.assert_array_equal(found.ids, labels % 500)
    np.testing.assert_allclose(found.distances**2, distances, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("how", HOWS)
def test_threads_leave_the_rows_where_they_are(how: How) -> None:
    vectors, params = clustered(2000, 8), HnswParams("euclidean", m=5, threads=4)
    for number, graph in enumerate(churn_hnsw(vectors, params, rounds=2, share=0.25, how=how)):
        np.testing.assert_array_equal(graph.vectors, vectors)
        assert graph.n_deleted == (500 * number if how == "delete" else 0)


@pytest.mark.parametrize("how", HOWS)
def test_progress_counts_rows_and_may_stop_a_round(how: How) -> None:
    seen: list[tuple[int, int]] = []
    graphs_of(how, 700, progress=lambda *done: seen.append(done))
    # 700 rows are built, and each of the three rounds takes 140 more; steps between are by time
    counts = [done for done, _ in seen]
    assert counts == sorted(set(counts))
    assert {total for _, total in seen} == {1120}
    assert {700, 840, 980, 1120} <= set(counts)

    def stop(done: int, _total: int) -> None:
        if done > 700:
            raise InterruptedError

    graphs = churn_hnsw(clustered(700), PARAMS, rounds=2, share=0.2, how=how, progress=stop)
    assert next(graphs).n == 700
    with pytest.raises(InterruptedError):
        next(graphs)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"how": "swap"}, "how must be one of update, replace, delete; got 'swap'"),
        ({"rounds": -1}, "rounds must be a whole number of at least 0; got -1"),
        ({"rounds": 1.5}, "rounds must be a whole number of at least 0; got 1.5"),
        ({"share": 1.1}, "share must be between 0 and 1; got 1.1"),
        ({"share": float("nan")}, "share must be between 0 and 1; got nan"),
        ({"share": 0.34, "how": "delete"}, "3 rounds that delete 34 rows each leave none of 100"),
        ({"share": 1, "rounds": 1, "how": "delete"}, "1 rounds that delete 100 rows each leave"),
    ],
)
def test_arguments_are_checked_before_anything_is_built(
    changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        churn_hnsw(clustered(100), PARAMS, **{"rounds": 3, "share": 0.1, **changes})
