"""Series of changes, held against hnswlib's own index driven and searched by hand."""

from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from typing import Any

import hnswlib
import numpy as np
import numpy.typing as npt
import pytest

from core.errors import ParameterError
from core.index import (
    HnswParams,
    build_hnsw,
    census,
    churn_hnsw,
    exact_neighbors,
    reachable_rows,
    search,
)
from core.index.churn import HOWS, How, churned_rows
from core.studies.experiments.updates import updates
from core.studies.experiments.updates_results import Updates
from tests.core.index.datasets import clustered
from tests.core.index.graphs import broken

module = import_module("core.studies.experiments.updates")
health_module = import_module("core.studies.inspection.health")
K, EF, ROUNDS, SHARE, QUERIES, SEED = 5, 12, 3, 0.2, 70, 3
PARAMS = HnswParams("euclidean", m=3, ef_construction=12)
ROWS = 770
N = ROWS - QUERIES  # rows that are indexed
Vectors = npt.NDArray[np.float32]


def data() -> Vectors:
    return clustered(ROWS, 16, 2)


def split(vectors: Vectors) -> tuple[Vectors, Vectors]:
    """The rows that are indexed, and those that seed 3 draws as queries."""
    n = len(vectors)
    held = np.random.default_rng(SEED).permutation(n)[: min(QUERIES, n // 10)]
    return np.delete(vectors, held, axis=0), vectors[held]


def study(vectors: Vectors, **changes: Any) -> Updates:
    arguments: dict[str, Any] = {
        "k": K,
        "ef": EF,
        "rounds": ROUNDS,
        "share": SHARE,
        "queries": QUERIES,
        "seed": SEED,
        **changes,
    }
    return updates(vectors, PARAMS, **arguments)


@pytest.fixture(scope="module")
def result() -> Updates:
    return study(data())


def drawn(how: How) -> npt.NDArray[np.int64]:
    return churned_rows(N, how, rounds=ROUNDS, share=SHARE, seed=SEED)


def native_recall(index: Any, deleted: set[int]) -> float:
    """Mean recall@K of the queries, by hnswlib's answers and sorted distances."""
    (vectors, asked), recall = split(data()), []
    index.set_ef(EF)
    for query in asked:
        labels, _ = index.knn_query(query, K, num_threads=1)
        found = [label % N for label in labels[0].tolist()]
        apart = np.square(vectors.astype(np.float64) - query).sum(axis=1)
        near = [i for i in np.argsort(apart, kind="stable").tolist() if i not in deleted]
        recall.append(len(set(near[:K]) & set(found)) / K)
    return float(np.mean(recall))


@pytest.mark.parametrize("how", HOWS)
def test_recall_is_that_of_hnswlib_in_every_round(result: Updates, how: How) -> None:
    (vectors, _), labels = split(data()), np.arange(N)
    index = hnswlib.Index("l2", 16)
    index.init_index(N, PARAMS.m, PARAMS.ef_construction, PARAMS.seed, how == "replace")
    index.add_items(vectors, labels, num_threads=1)
    expected, gone = [native_recall(index, set())], set()
    for taken in drawn(how):
        if how != "update":
            for row in taken.tolist():
                index.mark_deleted(int(labels[row]))
        if how == "delete":
            gone |= set(taken.tolist())
        else:
            labels[taken] += N * (how == "replace")
            index.add_items(
                vectors[taken], labels[taken], num_threads=1, replace_deleted=how == "replace"
            )
        expected.append(native_recall(index, gone))
    assert result.of(how).recall.tolist() == pytest.approx(expected, abs=1e-12)
    assert len(set(expected)) > 1


@pytest.mark.parametrize("how", HOWS)
def test_lost_rows_are_those_of_each_graph(result: Updates, how: How) -> None:
    series = result.of(how)
    assert (series.how, series.rounds.tolist()) == (how, [0, 1, 2, 3])
    graphs = churn_hnsw(split(data())[0], PARAMS, rounds=ROUNDS, share=SHARE, seed=SEED, how=how)
    for place, graph in enumerate(graphs):
        live = ~graph.deleted
        assert series.live[place] == live.sum() == (N - 140 * place if how == "delete" else N)
        assert series.unreachable[place] == np.sum(live & ~reachable_rows(graph))
        found = census(graph, ef=EF).found
        assert series.unfindable_share[place] == pytest.approx(np.mean(~found))


def test_all_series_begin_alike(result: Updates) -> None:
    assert (result.n, result.queries, result.own_queries) == (N, QUERIES, False)
    first = {
        (
            series.recall[0],
            series.recall_low[0],
            series.recall_high[0],
            series.distance_computations[0],
            series.unreachable[0],
            series.unfindable_share[0],
        )
        for series in result.series
    }
    assert len(first) == 1


def test_deleted_rows_are_still_walked_through(result: Updates) -> None:
    costs = result.of("delete").distance_computations
    assert (np.diff(costs) > 0).all()  # the beam holds live rows only, so it must reach farther


def test_the_interval_is_that_of_a_bootstrap_over_queries(result: Updates) -> None:
    """Close to the normal interval: 1.96 standard errors of the mean to either side."""
    vectors, asked = split(data())
    graph = build_hnsw(vectors, PARAMS)
    truth = exact_neighbors(vectors, asked, K, metric="euclidean").ids
    found = search(graph, asked, K, EF).ids
    recall = [len(set(a) & set(b)) / K for a, b in zip(found.tolist(), truth.tolist(), strict=True)]
    half = 1.96 * np.std(recall) / np.sqrt(QUERIES)
    first = result.series[0]
    assert first.recall_low[0] == pytest.approx(np.mean(recall) - half, abs=0.2 * half)
    assert first.recall_high[0] == pytest.approx(np.mean(recall) + half, abs=0.2 * half)


def test_without_duplicates_nothing_is_built(
    result: Updates, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert result.duplicates is None
    monkeypatch.setattr(module, "build_hnsw", lambda *_a, **_k: pytest.fail("built"))
    assert study(data(), rounds=0).duplicates is None


def test_an_index_without_duplicates_holds_the_first_of_equal_rows() -> None:
    vectors = np.concatenate([data(), data()[:90]])
    vectors[0, 0], vectors[ROWS, 0] = 0.0, -0.0  # equal, though their bytes are not
    rows, asked = split(vectors)
    seen: set[tuple[float, ...]] = set()
    first = [len(seen) != (seen.add(tuple(row)) or len(seen)) for row in (rows + 0.0).tolist()]  # type: ignore[func-returns-value]
    assert 60 < len(rows) - sum(first) < 90  # some of the pairs have a row that is held out
    copies = study(vectors, rounds=0).duplicates
    assert copies is not None
    assert copies.removed == len(rows) - sum(first)
    for side, kept in ((copies.before, rows), (copies.after, rows[first])):
        graph = build_hnsw(kept, PARAMS)
        assert side.graph.fingerprint == graph.fingerprint
        truth = exact_neighbors(kept, asked, K, metric="euclidean").ids
        found = search(graph, asked, K, EF).ids
        both = zip(found.tolist(), truth.tolist(), strict=True)
        assert side.recall.tolist() == pytest.approx([len(set(a) & set(b)) / K for a, b in both])


def test_unreachable_rows_are_counted() -> None:
    """Data whose index has rows that no search reaches from the start."""
    vectors = broken(600, 12)
    series = study(vectors, rounds=1).of("update")
    fresh = build_hnsw(split(vectors)[0], PARAMS)
    assert series.unreachable[0] == np.sum(~reachable_rows(fresh)) > 0


def test_finished_parts_are_not_made_again(result: Updates) -> None:
    done: dict[Hashable, Any] = {}

    def stop(_share: float, words: str) -> None:
        if words == "2 of 4 done; replace":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(data(), done=done, progress=stop)
    kept = dict(done)
    assert list(kept) == [("duplicates",), ("update",)]
    again = study(data(), done=done)
    assert set(done) == {("duplicates",), ("update",), ("replace",), ("delete",)}
    assert again.duplicates is kept[("duplicates",)]
    assert again.of("update") is kept[("update",)]
    np.testing.assert_array_equal(again.of("delete").recall, result.of("delete").recall)


def test_beside_one_another_the_parts_use_one_thread_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def on_one(function: Any) -> Any:
        def call(*args: Any, **more: Any) -> Any:
            assert more["threads"] == 1
            return function(*args, **more)

        return call

    alone = study(data(), rounds=1)
    for name in ("search", "census", "health", "true_neighbors"):
        monkeypatch.setattr(module, name, on_one(getattr(module, name)))
    for name in ("search", "census"):
        monkeypatch.setattr(health_module, name, on_one(getattr(health_module, name)))
    copied = np.concatenate([data(), data()[:20]])
    many = replace(PARAMS, threads=3)
    with ThreadPoolExecutor(2) as executor:
        study(copied, rounds=1, executor=executor)
        beside = updates(
            data(),
            many,
            k=K,
            ef=EF,
            rounds=1,
            share=SHARE,
            queries=QUERIES,
            seed=SEED,
            executor=executor,
        )
    for ours, theirs in zip(beside.series, alone.series, strict=True):
        np.testing.assert_array_equal(ours.recall, theirs.recall)


def test_progress_grows_to_the_end() -> None:
    told: list[tuple[float, str]] = []
    study(data(), progress=lambda *words: told.append(words))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1], told[-1][1]) == (0, 1, "4 of 4 done")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ef": 4}, "ef must be between k = 5 and"),
        ({"rounds": 5}, "5 rounds that delete 140 rows each leave none of 700"),
        ({"k": 141, "ef": 141, "rounds": 4}, "k must be at most the 140 rows that 4 rounds"),
        ({"queries": 0}, "queries must be a whole number of at least 1; got 0"),
    ],
)
def test_arguments_are_checked(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        study(data(), **changes)
