"""Means over queries and by group, by hand, against all queries, and under simulation."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ParameterError
from core.intervals import wilson_interval
from core.metrics import retrieval_scores
from core.metrics.retrieval import RetrievalScores
from core.studies.thresholds.retrieval import (
    FIGURES,
    RetrievalStudy,
    by_group,
    curves,
    overall,
    retrieval_study,
    retrieval_summary,
)

P1 = FIGURES["Precision@1"]
MRR = FIGURES["MRR"]


def by_hand(
    p1: list[float], weights: list[float] | None = None, rows: int | None = None
) -> RetrievalStudy:
    """A study whose first rows are queries with these values of precision@1 (and of MRR)."""
    q = len(p1)
    values, none = np.array(p1), np.zeros(q)
    scores = RetrievalScores(
        precision_at_1=values,
        r_precision=none,
        map_at_r=none,
        map_at_100=none,
        average_precision=none,
        reciprocal_rank=values,
        used=np.arange(q),
        relevant=np.ones(q, np.int64),
        n_excluded=0,
        cutoffs=np.array([1, 2]),
        found=np.column_stack([values, values]).astype(np.int32),
        n=rows or q,
    )
    return RetrievalStudy(
        scores=scores,
        weights=np.ones(q) if weights is None else np.array(weights),
        strata=np.zeros(q, np.int64),
        metric="cosine",
        may_ask=np.ones(rows or q, bool),
        missing=0,
        seed=0,
    )


def clusters(n: int, classes: int, spread: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    labels = random.permutation(np.arange(n) % classes)
    return random.normal(size=(classes, 4))[labels] + spread * random.normal(size=(n, 4)), labels


def test_every_figure_is_the_mean_of_its_scores() -> None:
    vectors, labels = clusters(80, 5, 0.8, 0)
    found = retrieval_study(vectors, labels, metric="euclidean")
    scores = retrieval_scores(vectors, labels, metric="euclidean", k=range(1, 80))
    said = overall(found, list(FIGURES.values()), 7)
    expected = {
        "Precision@1": scores.precision_at_1,
        "hit@k": scores.hit_at_k[7],
        "Precision@k": scores.precision_at_k[7],
        "Recall@k (IR)": scores.recall_at_k[7],
        "R-precision": scores.r_precision,
        "MAP@R": scores.map_at_r,
        "mAP@100": scores.map_at_100,
        "Average precision": scores.average_precision,
        "MRR": scores.reciprocal_rank,
    }
    assert said.keys() == expected.keys()
    for name, values in expected.items():
        assert said[name].value == pytest.approx(values.mean())
        assert said[name].low <= said[name].value <= said[name].high
    assert not found.is_sample
    assert (found.n, found.eligible, found.scores.cutoffs[-1]) == (80, 80, 79)


def test_groups_by_hand() -> None:
    # Group 2 has values 1, 0, 0, 1: 1/2. Group 0 has 0, 0: 0. Group 5 has 1: 1. Row 7: no group.
    found = by_group(by_hand([1, 0, 0, 1, 0, 0, 1, 1]), P1, 1, np.array([2, 2, 2, 2, 0, 0, 5, -1]))
    assert found.groups.tolist() == [0, 2, 5]
    assert found.value.tolist() == [0, 0.5, 1]
    assert found.queries.tolist() == found.rows.tolist() == [2, 4, 1]
    assert found.macro.value == 0.5
    assert found.macro_std.value == pytest.approx(np.std([0, 0.5, 1]))  # 0.408
    assert found.worst.tolist() == [0]
    # Wilson of 0 of 2: 0 to z^2 / (n + z^2) = 3.8415 / 5.8415.
    assert (found.low[0], found.high[0]) == (0, pytest.approx(3.841459 / 5.841459, abs=1e-6))


def test_weights_stand_for_rows_that_were_not_asked() -> None:
    # (3 * 1 + 1 * 0) / 4
    study = by_hand([1, 0], [3, 1], rows=4)
    assert overall(study, [P1], 1)["Precision@1"].value == 0.75
    found = by_group(study, P1, 1, np.zeros(4, int))
    assert found.value.tolist() == [0.75]
    assert (found.rows.tolist(), found.queries.tolist()) == ([4], [2])


def test_unequal_weights_count_as_fewer_queries() -> None:
    # Weights 3, 1, 3, 1: 8^2 / 20 = 3.2 queries.
    found = by_group(by_hand([1, 1, 0, 0], [3, 1, 3, 1], rows=8), P1, 1, np.zeros(8, int))
    low, high = wilson_interval(0.5, 3.2)
    assert (found.low[0], found.high[0]) == pytest.approx((low, high))


def test_the_worst_has_ten_queries_where_any_group_has() -> None:
    values = [0.0, 0.0] + [1.0, 0.0] * 5 + [1.0] * 12
    groups = np.repeat([0, 1, 2], [2, 10, 12])
    found = by_group(by_hand(values), P1, 1, groups)
    assert found.groups[found.worst].tolist() == [1]
    few = by_group(by_hand(values[:8]), P1, 1, groups[:8])
    assert few.groups[few.worst].tolist() == [0]


def test_level_groups_are_the_worst_together() -> None:
    found = by_group(by_hand([0, 1, 0, 1, 1, 1]), P1, 1, np.array([0, 0, 1, 1, 2, 2]))
    assert found.groups[found.worst].tolist() == [0, 1]


def test_a_column_without_values_has_no_groups() -> None:
    found = by_group(by_hand([1, 0]), P1, 1, np.full(2, -1))
    assert len(found.worst) == 0
    assert len(found.groups) == 0
    assert np.isnan(found.macro.value)


def test_intervals_of_means_are_about_those_of_the_normal_distribution() -> None:
    values = np.random.default_rng(1).random(400)
    one = overall(by_hand(list(values)), [MRR], 1)["MRR"]
    half = 1.96 * values.std() / 20
    assert one.low == pytest.approx(values.mean() - half, abs=0.15 * half)
    assert one.high == pytest.approx(values.mean() + half, abs=0.15 * half)
    group = by_group(by_hand(list(values)), MRR, 1, np.zeros(400, int))
    assert (group.low[0], group.high[0]) == pytest.approx((one.low, one.high), abs=0.15 * half)


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_values_that_are_all_alike_leave_an_interval(value: float) -> None:
    one = overall(by_hand([value] * 20, [2.0] * 20, rows=40), [P1], 1)["Precision@1"]
    assert one.value == value
    assert (one.low, one.high) == pytest.approx(wilson_interval(value, 20))


def test_a_sample_has_each_class_and_stands_for_all() -> None:
    labels = np.repeat(np.arange(4), [2_000, 300, 30, 5])
    vectors = np.random.default_rng(2).normal(size=(len(labels), 3)) + labels[:, None] * 0.7
    whole = retrieval_study(vectors, labels, metric="euclidean")
    found = retrieval_study(vectors, labels, metric="euclidean", queries=300)
    # Shares 257, 38, 3 and 0 of 300; the last two get 20, or as many as there are.
    asked = labels[found.scores.used]
    assert np.bincount(asked).tolist() == [256, 38, 20, 5]
    assert found.least_of_a_class == 20
    assert whole.least_of_a_class is None
    assert found.is_sample
    np.testing.assert_allclose(np.bincount(asked, found.weights), [2_000, 300, 30, 5])
    figure = [FIGURES["R-precision"]]
    mine = overall(found, figure, 1)["R-precision"]
    truth = overall(whole, figure, 1)["R-precision"].value
    assert mine.low < truth < mine.high
    assert (np.diff(found.scores.used) > 0).all()
    again = retrieval_study(vectors, labels, metric="euclidean", queries=300)
    np.testing.assert_array_equal(again.scores.used, found.scores.used)


def test_more_classes_than_queries_are_drawn_as_rows() -> None:
    vectors, labels = clusters(400, 200, 0.1, 3)
    found = retrieval_study(vectors, labels, queries=50)
    assert len(found.scores.used) == 50
    assert found.weights.tolist() == [8.0] * 50
    assert len(np.unique(found.strata)) == 1


def test_intervals_of_samples_hold_the_figure_of_all_queries() -> None:
    vectors, labels = clusters(1_500, 6, 1.1, 4)
    figure = FIGURES["MAP@R"]
    truth = by_group(retrieval_study(vectors, labels), figure, 1, labels)
    whole = overall(retrieval_study(vectors, labels), [figure], 1)["MAP@R"].value
    held, stds = 0, []
    for seed in range(20):
        some = retrieval_study(vectors, labels, queries=150, seed=seed)
        one = overall(some, [figure], 1)["MAP@R"]
        held += one.low <= whole <= one.high
        stds.append(by_group(some, figure, 1, labels).macro_std.value)
    assert held >= 17
    assert np.mean(stds) == pytest.approx(truth.macro_std.value, rel=0.1)


def test_the_noise_of_a_draw_is_not_taken_for_a_spread() -> None:
    random = np.random.default_rng(5)
    groups = np.arange(4_000) % 40
    study = by_hand(list((random.random(400) < 0.5).astype(float)), rows=4_000)
    found = by_group(study, P1, 1, groups)  # 10 queries a group, which are all alike
    plain = found.value.std()
    assert plain == pytest.approx(np.sqrt(0.25 / 10), rel=0.25)
    assert found.macro_std.value < 0.5 * plain
    assert found.macro_std.low <= found.macro_std.value <= found.macro_std.high
    every = by_group(replace(study, may_ask=np.arange(4_000) < 400), P1, 1, groups)
    assert every.macro_std.value == pytest.approx(plain)


def test_curves_hold_the_figures_at_each_k() -> None:
    vectors, labels = clusters(60, 4, 0.9, 6)
    found = retrieval_study(vectors, labels)
    figures = [FIGURES["hit@k"], FIGURES["Recall@k (IR)"]]
    lines = curves(found, figures)
    for k in (1, 5, 59):
        for name, one in overall(found, figures, k).items():
            mean, low, high = (part[k - 1] for part in lines[name])
            assert (mean, low, high) == pytest.approx((one.value, one.low, one.high))
    assert len(lines["hit@k"][0]) == found.scores.cutoffs[-1] == 59


def test_the_summary_has_each_figure_over_all_and_by_group() -> None:
    vectors, labels = clusters(60, 4, 0.9, 7)
    found = retrieval_study(vectors, labels)
    summary = retrieval_summary(found, labels, 3)
    for name, figure in FIGURES.items():
        assert summary.overall[name] == overall(found, list(FIGURES.values()), 3)[name]
        expected = by_group(found, figure, 3, labels)
        np.testing.assert_array_equal(summary.groups[name].value, expected.value)


def test_labels_that_no_two_rows_share_are_refused() -> None:
    with pytest.raises(ParameterError, match="shared by two rows"):
        retrieval_study(np.eye(4), np.arange(4))
    with pytest.raises(ParameterError, match="queries must be a whole number"):
        retrieval_study(np.eye(4), np.zeros(4, int), queries=0)
