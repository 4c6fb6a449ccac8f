"""Every public function by every argument it cannot use: one error, which names the argument.

A case is a function with arguments that work; each argument has a kind, and each kind the values
that no function takes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import pytest

from core.distances import lengths
from core.errors import CoreError
from core.index import (
    HnswParams,
    build_hnsw,
    draw_level,
    drawn_levels,
    ef_curve,
    ef_curves,
    exact_neighbors,
    exact_ranks,
    insert_after,
    insert_into,
    search,
    search_filtered,
    smallest_ef,
    trace_insertion,
    trace_search,
    visits,
)
from core.metrics import (
    alignment,
    auc,
    cllr,
    cluster_agreement,
    coding_rate,
    count_pairs,
    covariance_eigenvalues,
    d_prime,
    detection_cost,
    effective_rank,
    epsilon_opis,
    equal_error_rate,
    far_frr_curve,
    hubness_skewness,
    icnn_score,
    iso_score,
    k_occurrence,
    label_purity,
    least_error,
    local_intrinsic_dimension,
    mean_cosine,
    opis,
    opis_by_chance,
    opis_of_counts,
    participation_ratio,
    partition_score,
    pca_dimension,
    recall_at_k,
    relative_distance_error,
    reliability,
    resample_pairs,
    retrieval_scores,
    score_weighted_recall,
    similarity_floor,
    similarity_scores,
    spectral_entropy,
    tar_at_far,
    tcm_value,
    tie_aware_recall,
    tied_at_k,
    two_nn_dimension,
    two_nn_fit,
    uniformity,
    weighted_scores,
)
from core.metrics.open_set import global_average_precision, identification_rate, known_auc
from core.studies import (
    chance_study,
    doubtful_labels,
    equal_sizes,
    intrinsic_dimension,
    pair_study,
    pairs_between,
    retrieval_study,
    row_queries,
    sample_queries,
    sample_rows,
    separation,
    stated_queries,
)
from core.studies.thresholds.calibrated import label_calibration
from core.studies.thresholds.floor import floor_study
from core.studies.thresholds.open_world import open_world
from core.studies.thresholds.several import several
from core.studies.thresholds.transfer import transfer
from core.studies.thresholds.translation import translation

N, D, Q, K = 30, 4, 5, 3
RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(N, D))
QUERIES = RANDOM.normal(size=(Q, D))
LABELS = np.arange(N) % 5
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))
NEAR = exact_neighbors(VECTORS, QUERIES, K + 1, metric="euclidean")
IDS = NEAR.ids[:, :K]
SCORES = RANDOM.normal(size=12)
WEIGHTED = weighted_scores(SCORES[:6], SCORES[6:])
ANSWERED = {"scores": SCORES, "correct": np.arange(12) < 4, "known": np.arange(12) < 6}
PAIRS = count_pairs(VECTORS, LABELS)


def with_row(row: int, value: float) -> np.ndarray:
    rows = VECTORS.copy()
    rows[row:] = value
    return rows


NO_RANGE: list[Any] = [(0.1,), (0.2, 0.1), (0.1, np.nan), ("a", "b"), 0.1, (True, False)]
BAD: dict[str, list[Any]] = {
    "rows": [
        with_row(3, np.nan),
        with_row(29, np.inf),
        VECTORS[0],
        VECTORS[:0],
        VECTORS[:, :0],
        VECTORS[None],
        VECTORS > 0,
        VECTORS + 1j,
        VECTORS.astype(str),
        VECTORS.astype(object),
        [[1.0, 2.0], [3.0]],
        "vectors",
        None,
        5,
    ],
    "labels": [
        LABELS[:-1],
        np.append(LABELS, 0),
        LABELS.astype(float),
        np.where(LABELS > 3, np.nan, LABELS),
        [None, *LABELS[1:].tolist()],
        LABELS.astype(str),
        LABELS > 2,
        LABELS[:, None],
        [[0, 1], [1]],
        None,
        0,
    ],
    "count": [0, -1, 2.0, 2.5, np.float64(3), "3", None, True, np.True_, np.nan, [3], 3 + 0j],
    "threads": [0, -1, 2.0, "2", True, [1]],
    "layer": [-1, 99, 0.0, "0", None, True],
    "counts": [0, (1, 0), (), "2", 2.0, (1, 2.5), None, (True,), np.empty(0)],
    "params": [None, {"m": 4}, 16],
    "metric": ["manhattan", "Cosine", "", None, 5, ["cosine"], np.array(["cosine", "euclidean"])],
    "choice": ["other", None, 3, ["grid"], np.array(["grid", "exact"])],
    "ids": [
        np.full((Q, K), N),
        np.full((Q, K), -2),
        IDS.astype(float),
        IDS > 3,
        IDS.astype(str),
        IDS.astype(object),
        [[1, 2], [3]],
        None,
    ],
    "lists": [IDS[:-1], IDS[0], IDS[:, :0], 3],
    "own rows": [np.array([N]), np.array([-1]), np.array([1.0]), "no"],
    "exclude": [
        np.zeros(Q + 1, int),
        np.full(Q, N),
        np.full(Q, -2),
        np.zeros(Q),
        np.zeros(Q, bool),
        [[0], [1, 2]],
        "no",
    ],
    "row id": [N, -2, 1.0, "1", True, [1]],
    "vector": [
        QUERIES[0, :3],
        QUERIES[:2],
        QUERIES[0] * np.nan,
        QUERIES[0] > 0,
        QUERIES[0] + 1j,
        QUERIES[0].astype(str),
        [[1.0, 2.0], [3.0]],
        "no",
        None,
    ],
    "row list": [[N], [-1], [0.5], [True], [[0]], ["0"], "no", None, 3],
    "order": [-1, 1.0, "1", None, True],
    "lengths": [
        NEAR.distances[0],
        NEAR.distances - 100,
        np.full((Q, K), np.inf),
        NEAR.distances.astype(str),
        NEAR.distances > 1,
        NEAR.distances.astype(object),
        [[1.0, 2.0], [3.0]],
        None,
    ],
    "share": [-0.1, 1.1, np.nan, "0.1", None, True, [0.1], 0.1j],
    "positive": [0, -1, np.nan, np.inf, "1", None, True, [1]],
    "spectrum": [[], [-1.0], [np.nan], [np.inf], ["1"], None, [True], "no"],
    "pair": [*NO_RANGE, None],
    "range": NO_RANGE,
    "scores": [
        SCORES[:0],
        SCORES[None],
        np.append(SCORES, np.nan),
        SCORES.astype(str),
        SCORES > 0,
        [[1.0], [1.0, 2.0]],
        None,
        0.5,
    ],
}


@dataclass(frozen=True)
class Case:
    """A function, arguments that it takes, and the kind of each that is tried with bad values."""

    function: Callable[..., Any]
    good: dict[str, Any]
    kinds: dict[str, str]
    name: str = ""

    def __str__(self) -> str:
        return self.name or self.function.__name__


def scored(**settings: Any) -> Any:
    return epsilon_opis(opis(VECTORS, LABELS), **settings)


def curve_at(**settings: Any) -> Any:
    return ef_curve(GRAPH, QUERIES, IDS).smallest_ef(**settings)


ON_GRAPH = {"graph": GRAPH, "queries": QUERIES}
CASES = [
    Case(
        HnswParams,
        {},
        {
            "metric": "metric",
            "m": "count",
            "ef_construction": "count",
            "threads": "count",
        },
    ),
    Case(
        build_hnsw,
        {"vectors": VECTORS, "params": HnswParams()},
        {"vectors": "rows", "params": "params"},
    ),
    Case(
        exact_neighbors,
        {"vectors": VECTORS, "queries": QUERIES, "k": K, "metric": "cosine"},
        {
            "vectors": "rows",
            "queries": "rows",
            "k": "count",
            "metric": "metric",
            "exclude": "exclude",
        },
    ),
    Case(
        exact_ranks,
        {"vectors": VECTORS, "queries": QUERIES, "targets": NEAR.ids, "metric": "cosine"},
        {
            "vectors": "rows",
            "queries": "rows",
            "metric": "metric",
            "exclude": "exclude",
        },
    ),
    Case(
        search,
        {**ON_GRAPH, "k": K, "ef": 10},
        {
            "queries": "rows",
            "k": "count",
            "ef": "count",
            "exclude": "exclude",
            "threads": "threads",
        },
    ),
    Case(
        search_filtered,
        {**ON_GRAPH, "k": K, "ef": 10, "allowed": np.ones(N, bool)},
        {"queries": "rows", "k": "count", "ef": "count", "exclude": "exclude"},
    ),
    Case(
        trace_search,
        {"graph": GRAPH, "query": QUERIES[0], "k": K, "ef": 10},
        {"k": "count", "ef": "count", "exclude": "row id"},
    ),
    Case(
        trace_insertion,
        {"graph": GRAPH, "vector": QUERIES[0], "level": 0},
        {"vector": "vector", "level": "layer"},
    ),
    Case(
        insert_after,
        {"vectors": VECTORS, "params": HnswParams(), "before": [3, 1], "vector": QUERIES[0]},
        {"vectors": "rows", "params": "params", "before": "row list", "vector": "vector"},
    ),
    Case(insert_into, {"graph": GRAPH, "vector": QUERIES[0]}, {"vector": "vector"}),
    Case(
        draw_level,
        {"m": 4, "seed": 1, "number": 0},
        {"m": "count", "seed": "order", "number": "order"},
    ),
    Case(
        drawn_levels,
        {"m": 4, "seed": 1, "count": 3},
        {"m": "count", "seed": "order", "count": "order"},
    ),
    Case(
        ef_curve,
        {**ON_GRAPH, "ground_truth": IDS},
        {
            "queries": "rows",
            "ground_truth": "ids",
            "ef_max": "count",
            "exclude": "exclude",
        },
    ),
    Case(ef_curve, {**ON_GRAPH, "ground_truth": IDS}, {"ground_truth": "lists"}, "ef_curve lists"),
    Case(
        ef_curves,
        {**ON_GRAPH, "ground_truth": IDS, "ks": (1, 2)},
        {"ground_truth": "ids", "ks": "counts"},
    ),
    Case(GRAPH.nodes, {"layer": 0}, {"layer": "layer"}, "nodes"),
    Case(GRAPH.links, {"layer": 0}, {"layer": "layer"}, "links"),
    Case(GRAPH.in_degree, {"layer": 0}, {"layer": "layer"}, "in_degree"),
    Case(visits, {**ON_GRAPH, "rows": IDS, "k": K, "ef": 10}, {"rows": "ids", "k": "count"}),
    Case(smallest_ef, {**ON_GRAPH, "rows": IDS, "ef_max": 10}, {"rows": "ids", "ef_max": "count"}),
    Case(curve_at, {"recall": 0.9}, {"recall": "share"}),
    Case(
        recall_at_k,
        {"found_ids": IDS, "true_ids": IDS},
        {"found_ids": "lists", "true_ids": "lists"},
    ),
    Case(
        tie_aware_recall,
        {
            "vectors": VECTORS,
            "queries": QUERIES,
            "found_ids": IDS,
            "true_ids": IDS,
            "metric": "cosine",
        },
        {"vectors": "rows", "queries": "rows", "metric": "metric", "found_ids": "lists"},
    ),
    Case(
        similarity_scores, {"distances": NEAR.distances, "metric": "cosine"}, {"metric": "metric"}
    ),
    Case(
        score_weighted_recall,
        {
            "found_ids": IDS,
            "true_ids": IDS,
            "true_distances": NEAR.distances[:, : IDS.shape[1]],
            "metric": "cosine",
        },
        {"found_ids": "lists", "true_ids": "lists", "metric": "metric"},
    ),
    Case(
        relative_distance_error,
        {
            "found_distances": NEAR.distances,
            "true_distances": NEAR.distances,
            "metric": "euclidean",
        },
        {"metric": "metric"},
    ),
    Case(tied_at_k, {"distances": NEAR.distances, "k": K}, {"k": "count"}),
    Case(global_average_precision, ANSWERED, {"scores": "scores"}),
    Case(identification_rate, {**ANSWERED, "far": 0.5}, {"scores": "scores", "far": "share"}),
    Case(known_auc, {"scores": SCORES, "known": np.arange(12) < 6}, {"scores": "scores"}),
    *(
        Case(
            study,
            {"vectors": VECTORS, "labels": LABELS},
            {"vectors": "rows", "labels": "labels", "metric": "metric"},
        )
        for study in (open_world, several, transfer)
    ),
    Case(
        translation,
        {"a": VECTORS, "b": VECTORS, "resamples": 2},
        {"b": "rows", "metric_a": "metric", "metric_b": "metric", "resamples": "count"},
    ),
    Case(
        opis,
        {"vectors": VECTORS, "labels": LABELS},
        {
            "vectors": "rows",
            "labels": "labels",
            "far": "pair",
            "thresholds": "count",
            "calibration_range": "range",
            "reference": "choice",
            "singletons": "choice",
            "method": "choice",
        },
    ),
    Case(
        opis_by_chance,
        {"vectors": VECTORS, "labels": LABELS, "draws": 1},
        {"vectors": "rows", "labels": "labels", "draws": "count"},
    ),
    Case(
        weighted_scores,
        {"genuine": SCORES, "impostor": SCORES},
        {"genuine": "scores", "impostor": "scores"},
    ),
    Case(cllr, {"ratios": WEIGHTED.scores, "pairs": WEIGHTED}, {"ratios": "scores"}),
    Case(
        reliability,
        {"probabilities": np.linspace(0, 1, 12), "pairs": WEIGHTED},
        {"probabilities": "scores", "bins": "count"},
    ),
    Case(
        detection_cost,
        {"far": 0.1, "frr": 0.2},
        {"prior": "share", "miss_cost": "positive", "false_alarm_cost": "positive"},
    ),
    Case(
        similarity_floor,
        {"unrelated": SCORES, "share": 0.5},
        {"unrelated": "scores", "share": "share"},
    ),
    Case(
        least_error,
        {"unrelated": SCORES, "best": SCORES},
        {"unrelated": "scores", "best": "scores"},
    ),
    Case(
        floor_study,
        {"vectors": VECTORS},
        {"vectors": "rows", "metric": "metric", "k": "count"},
    ),
    Case(
        label_calibration,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric"},
    ),
    Case(scored, {"epsilon": 0.1}, {"epsilon": "share"}, "epsilon_opis"),
    *(
        Case(
            function,
            {"genuine": SCORES, "impostor": SCORES - 1},
            {"genuine": "scores", "impostor": "scores"},
        )
        for function in (far_frr_curve, equal_error_rate, auc, d_prime)
    ),
    Case(
        equal_error_rate,
        {"genuine": SCORES, "impostor": SCORES - 1},
        {"convention": "choice"},
        "equal_error_rate by convention",
    ),
    Case(
        tar_at_far,
        {"genuine": SCORES, "impostor": SCORES - 1, "far": 0.1},
        {"genuine": "scores", "impostor": "scores", "far": "share"},
    ),
    Case(
        retrieval_scores,
        {"vectors": VECTORS, "labels": LABELS},
        {
            "vectors": "rows",
            "labels": "labels",
            "metric": "metric",
            "k": "counts",
            "queries": "own rows",
        },
    ),
    Case(
        alignment,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels"},
    ),
    Case(uniformity, {"vectors": VECTORS}, {"vectors": "rows"}),
    Case(
        tcm_value,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels"},
    ),
    Case(
        cluster_agreement,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric"},
    ),
    Case(
        icnn_score,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric", "k": "count"},
    ),
    Case(
        local_intrinsic_dimension,
        {"distances": NEAR.distances},
        {"distances": "lengths", "estimator": "choice"},
    ),
    Case(two_nn_dimension, {"distances": NEAR.distances}, {"distances": "lengths"}),
    Case(
        two_nn_fit,
        {"distances": NEAR.distances},
        {"distances": "lengths", "discard": "share"},
    ),
    Case(covariance_eigenvalues, {"vectors": VECTORS}, {"vectors": "rows"}),
    *(
        Case(figure, {"eigenvalues": np.ones(3)}, {"eigenvalues": "spectrum"})
        for figure in (participation_ratio, spectral_entropy, effective_rank, iso_score)
    ),
    Case(
        pca_dimension,
        {"eigenvalues": np.ones(3), "share": 0.9},
        {"eigenvalues": "spectrum", "share": "share"},
    ),
    *(
        Case(figure, {"vectors": VECTORS}, {"vectors": "rows"})
        for figure in (mean_cosine, partition_score)
    ),
    Case(
        coding_rate,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "squared_precision": "positive"},
    ),
    Case(k_occurrence, {"neighbor_ids": IDS, "n": N}, {"neighbor_ids": "ids"}),
    Case(
        label_purity,
        {"neighbor_ids": IDS, "labels": LABELS, "query_labels": LABELS[:Q]},
        {"neighbor_ids": "ids", "query_labels": "labels"},
    ),
    Case(lengths, {"distances": NEAR.distances, "metric": "cosine"}, {"metric": "metric"}),
    Case(
        sample_rows,
        {"n": N, "size": 5, "labels": LABELS},
        {"size": "count"},
    ),
    Case(
        sample_queries,
        {"graph": GRAPH, "vectors": VECTORS, "k": K},
        {"k": "count", "size": "count"},
    ),
    Case(
        row_queries,
        {"graph": GRAPH, "vectors": VECTORS, "rows": np.arange(3), "k": K},
        {"rows": "own rows", "k": "count"},
    ),
    Case(
        intrinsic_dimension,
        {
            "vectors": VECTORS,
            "params": HnswParams("euclidean", m=4, ef_construction=20),
            "k": K,
            "ranks": (2,),
            "workers": 1,
        },
        {"vectors": "rows", "k": "count", "ranks": "counts", "rows": "count", "queries": "count"},
    ),
    *(
        Case(
            study,
            {"vectors": VECTORS, "labels": LABELS},
            {"vectors": "rows", "labels": "labels", "metric": "metric"},
        )
        for study in (retrieval_study, separation)
    ),
    Case(
        count_pairs,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric", "threads": "threads"},
    ),
    Case(
        opis_of_counts,
        {"counts": PAIRS},
        {"far": "pair", "thresholds": "count", "reference": "choice", "method": "choice"},
    ),
    Case(resample_pairs, {"counts": PAIRS}, {"over": "choice", "resamples": "count"}),
    Case(
        pair_study,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric", "seed": "order"},
    ),
    Case(chance_study, {"vectors": VECTORS, "labels": LABELS, "draws": 1}, {"vectors": "rows"}),
    Case(
        equal_sizes,
        {"vectors": VECTORS, "labels": LABELS, "size": 3, "seeds": 1},
        {"vectors": "rows", "labels": "labels", "size": "count", "seeds": "count"},
    ),
    Case(
        doubtful_labels,
        {"vectors": VECTORS, "labels": LABELS},
        {"vectors": "rows", "labels": "labels", "metric": "metric", "most": "count"},
    ),
    Case(
        pairs_between,
        {
            "vectors": VECTORS,
            "labels": LABELS,
            "left": np.arange(5),
            "right": np.arange(5, 9),
            "metric": "cosine",
            "genuine": False,
        },
        {"vectors": "rows", "labels": "labels", "metric": "metric", "most": "count"},
    ),
]


def trials() -> list[Any]:
    return [
        pytest.param(case, argument, value, id=f"{case}-{argument}-{number}")
        for case in CASES
        for argument, kind in case.kinds.items()
        for number, value in enumerate(BAD[kind])
    ]


@pytest.mark.parametrize(("case", "argument", "value"), trials())
def test_what_cannot_be_used_is_named(case: Case, argument: str, value: Any) -> None:
    with pytest.raises(CoreError) as raised:
        case.function(**{**case.good, argument: value})
    message = str(raised.value)
    assert re.search(rf"\b{argument}\b", message), message
    assert re.search(r"\bgot\b|rows are not", message), message


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_good_arguments_of_a_case_are_taken(case: Case) -> None:
    case.function(**case.good)


@pytest.mark.parametrize(
    "function",
    [
        partial(exact_neighbors, queries=QUERIES, k=K, metric="cosine"),
        partial(retrieval_scores, labels=LABELS),
        partial(icnn_score, labels=LABELS),
        partial(opis, labels=LABELS),
        partial(opis_by_chance, labels=LABELS),
        partial(build_hnsw, params=HnswParams()),
    ],
)
def test_the_first_row_that_is_not_finite_is_named_with_their_number(function: Any) -> None:
    rows = VECTORS.copy()
    rows[[7, 9, 21], 1] = np.nan
    with pytest.raises(CoreError, match=r"finite in float\d\d; 3 rows are not, the first is row 7"):
        function(vectors=rows)


def test_integers_are_numbers() -> None:
    whole = RANDOM.integers(-9, 9, size=(N, D))
    for rows in (whole, whole.astype(np.int8), whole.astype(np.float32), whole.tolist()):
        as_floats = opis(whole.astype(float), LABELS)
        assert opis(rows, LABELS).opis == pytest.approx(as_floats.opis)  # type: ignore[arg-type]
        mine = retrieval_scores(rows, LABELS).map_at_r  # type: ignore[arg-type]
        np.testing.assert_allclose(mine, retrieval_scores(whole.astype(float), LABELS).map_at_r)
        assert icnn_score(rows, LABELS).score == pytest.approx(  # type: ignore[arg-type]
            icnn_score(whole.astype(float), LABELS).score
        )


@pytest.mark.parametrize("k", [5, np.int64(5), (5,), [5], np.array([5]), np.array(5)])
def test_one_k_is_as_good_as_a_list_of_one(k: Any) -> None:
    found = retrieval_scores(VECTORS, LABELS, k=k)
    assert list(found.hit_at_k) == [5]
    np.testing.assert_array_equal(
        found.hit_at_k[5], retrieval_scores(VECTORS, LABELS, k=(1, 5)).hit_at_k[5]
    )


def test_parameters_of_numpy_are_those_of_python() -> None:
    ours = HnswParams(m=16, ef_construction=100, seed=3, threads=2)
    theirs = HnswParams(
        m=np.int64(16),  # type: ignore[arg-type]
        ef_construction=np.uint8(100),  # type: ignore[arg-type]
        seed=np.int32(3),  # type: ignore[arg-type]
        threads=np.array(2),  # type: ignore[arg-type]
    )
    assert repr(theirs) == repr(ours)
    with pytest.raises(CoreError, match=r"m must be a whole number of at least 2; got 16\.0"):
        HnswParams(m=16.0)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [-1, N, -5])
def test_a_stated_neighbor_that_is_no_row_is_refused(wrong: int) -> None:
    stated = IDS.copy()
    stated[2, 1] = wrong
    message = rf"below n = {N}; got values from .* to .*Number the rows from 0"
    with pytest.raises(CoreError, match=message):
        stated_queries(GRAPH, VECTORS, QUERIES, stated)


@pytest.mark.parametrize("stated", [IDS[:-1], IDS[0], IDS.astype(float), IDS[:, :0], None])
def test_stated_neighbors_of_another_shape_are_refused(stated: Any) -> None:
    with pytest.raises(CoreError, match=r"stated neighbors must .*; got shape"):
        stated_queries(GRAPH, VECTORS, QUERIES, stated)


def test_a_trace_is_of_one_query() -> None:
    with pytest.raises(CoreError, match=r"query must be one vector.*got shape \(5, 4\)"):
        trace_search(GRAPH, QUERIES, K, 10)
    with pytest.raises(CoreError, match="query must have 4 dimensions"):
        trace_search(GRAPH, QUERIES[0, :3], K, 10)


@pytest.mark.parametrize("order", [np.arange(N - 1), np.zeros(N, int), np.arange(N) * 1.0, "no"])
def test_an_order_is_of_row_ids(order: Any) -> None:
    with pytest.raises(CoreError, match=r"order must name each of the 30 rows exactly once; got"):
        build_hnsw(VECTORS, HnswParams(), order=order)


def test_hubness_is_of_numbers() -> None:
    with pytest.raises(CoreError, match="occurrence must be numbers; got shape"):
        hubness_skewness(np.array(["a", "b"]))


@pytest.mark.parametrize("labels", [LABELS.astype(float), LABELS[:, None], [[0], [1, 2]], None])
def test_purity_is_of_codes(labels: Any) -> None:
    with pytest.raises(CoreError, match=r"labels must .*got"):
        label_purity(IDS, labels, query_labels=LABELS[:Q])
