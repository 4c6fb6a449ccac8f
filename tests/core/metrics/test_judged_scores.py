"""Scores of judged pairs, their rates and their resamples."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.data.judged_pairs import JudgedPairs, resolve_judged_pairs
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.metrics import far_frr_curve
from core.metrics.judged_scores import score_judged_pairs

RANDOM = np.random.default_rng(2)
ROWS = RANDOM.normal(size=(12, 4))
LEFT, RIGHT = np.triu_indices(12, 1)
SAME = (LEFT % 3) == (RIGHT % 3)


def pairs(*, of_queries: bool = False) -> JudgedPairs:
    nothing = pd.DataFrame()
    return JudgedPairs(LEFT, RIGHT, SAME, of_queries, "judged", (), nothing)


def naive(one: np.ndarray, other: np.ndarray, metric: Metric) -> float:
    if metric == "euclidean":
        return -float(np.sum((one - other) ** 2)) / 2
    dot = float(one @ other)
    return dot if metric == "inner_product" else dot / float(
        np.linalg.norm(one) * np.linalg.norm(other)
    )  # fmt: skip


@pytest.mark.parametrize("metric", METRICS)
def test_scores_are_those_of_the_metric(metric: Metric) -> None:
    found = score_judged_pairs(pairs(), ROWS, metric=metric)
    wanted = [naive(ROWS[a], ROWS[b], metric) for a, b in zip(LEFT, RIGHT, strict=True)]
    np.testing.assert_allclose(found.scores, wanted, atol=1e-12)
    np.testing.assert_array_equal(found.genuine, found.scores[SAME])
    expected = far_frr_curve(found.scores[SAME], found.scores[~SAME])
    np.testing.assert_array_equal(found.curve.far, expected.far)
    np.testing.assert_array_equal(found.weighted.curve.far, expected.far)


def test_left_items_may_be_queries() -> None:
    queries = ROWS[::-1].copy()
    found = score_judged_pairs(pairs(of_queries=True), ROWS, queries=queries)
    assert found.scores[0] == pytest.approx(naive(queries[0], ROWS[1], "cosine"))
    with pytest.raises(ParameterError, match="queries must be given"):
        score_judged_pairs(pairs(of_queries=True), ROWS)


def test_counts_are_those_of_the_pairs_with_their_weights() -> None:
    found = score_judged_pairs(pairs(), ROWS)
    counts = found.counts()
    assert (counts.n_genuine, counts.n_impostor) == (SAME.sum(), (~SAME).sum())
    for threshold in (-0.5, 0.0, 0.3):
        place = counts.scale.place(threshold)
        border = counts.scale.edges[place]
        assert counts.far[place] == pytest.approx(np.mean(found.impostor >= border))
        assert counts.frr[place] == pytest.approx(np.mean(found.genuine < border))
    weights = np.arange(len(LEFT))
    weighted = found.counts(weights)
    assert weighted.n_genuine == weights[SAME].sum()
    assert weighted.n_impostor == weights[~SAME].sum()


def test_pairs_of_a_query_are_drawn_together() -> None:
    found = score_judged_pairs(pairs(), ROWS)
    drawn = list(found.resamples(20, seed=3))
    assert len(drawn) == 20
    for weights in drawn:
        by_query = pd.Series(weights).groupby(LEFT)
        assert (by_query.nunique() == 1).all()
        assert by_query.first().sum() == 11  # as many queries as there are
        assert weights[SAME].any()
        assert weights[~SAME].any()
    assert not np.array_equal(drawn[0], drawn[1])


def test_one_kind_alone_has_no_resamples() -> None:
    items = EmbeddingSet.from_arrays(ROWS, name="rows")
    frame = pd.DataFrame({"id1": [0, 1], "id2": [2, 3], "same": [1, 1]})
    found = score_judged_pairs(resolve_judged_pairs(frame, items), ROWS)
    assert not found.has_both
    with pytest.raises(ParameterError, match="must be of both kinds"):
        next(found.resamples(2))
