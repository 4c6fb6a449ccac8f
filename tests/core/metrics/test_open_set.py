"""Identification with unknown queries: by hand, by naive loops, and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, roc_auc_score

from core.errors import ParameterError
from core.metrics.open_set import (
    OpenSet,
    global_average_precision,
    identification_curve,
    identification_rate,
    known_auc,
    open_set_figures,
)

# By falling score: right, unknown, right, known but wrong, unknown.
SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
CORRECT = np.array([True, False, True, False, False])
KNOWN = np.array([True, False, True, True, False])


def wild(seed: int, queries: int = 60, levels: int = 12) -> OpenSet:
    """Answers with many equal scores."""
    random = np.random.default_rng(seed)
    known = random.random(queries) < 0.6
    known[:2] = True, False
    correct = known & (random.random(queries) < 0.7)
    return OpenSet(random.integers(0, levels, queries) / levels, correct, known)


def naive_gap(answers: OpenSet) -> float:
    total = 0.0
    for score, right in zip(answers.scores, answers.correct, strict=True):
        if right:
            above = answers.scores >= score
            total += answers.correct[above].sum() / above.sum()
    return total / answers.known.sum()


def naive_rate(answers: OpenSet, far: float) -> float:
    """The best rate over all thresholds that let at most that share of the unknown pass."""
    best = 0.0
    for bar in [*answers.scores, np.inf]:
        passes = answers.scores >= bar
        if passes[~answers.known].mean() <= far:
            best = max(best, (passes & answers.correct).sum() / answers.known.sum())
    return best


def test_gap_by_hand() -> None:
    # Right answers stand first (precision 1) and third (2 of 3); three queries are known.
    assert global_average_precision(SCORES, CORRECT, KNOWN) == pytest.approx((1 + 2 / 3) / 3)


def test_rates_by_hand() -> None:
    # No unknown may pass: the bar lies above 0.8, one of three known is named. One of the two may:
    # 0.7 passes too. FAR 0.4 of two is none.
    assert identification_rate(SCORES, CORRECT, KNOWN, 0.0) == pytest.approx(1 / 3)
    assert identification_rate(SCORES, CORRECT, KNOWN, 0.5) == pytest.approx(2 / 3)
    assert np.isnan(identification_rate(SCORES, CORRECT, KNOWN, 0.4))
    assert identification_rate(SCORES, CORRECT, KNOWN, 1.0) == pytest.approx(2 / 3)


def test_the_bar_is_the_lowest_score_that_passes() -> None:
    answers = OpenSet(SCORES, CORRECT, KNOWN)
    assert (answers.bar(0.0), answers.bar(0.5), answers.bar(1.0)) == (0.9, 0.6, 0.5)
    assert np.isnan(answers.bar(0.1))
    first_unknown = OpenSet(SCORES, np.zeros(5, bool), np.arange(5) > 0)
    assert first_unknown.bar(0.0) == np.inf


def test_auc_by_hand() -> None:
    # Known 0.9, 0.7, 0.6 against unknown 0.8, 0.5: 2 + 1 + 1 of 6 pairs are won.
    assert known_auc(SCORES, KNOWN) == pytest.approx(4 / 6)


@pytest.mark.parametrize("seed", range(5))
def test_figures_are_those_of_the_naive_loops_and_of_scikit_learn(seed: int) -> None:
    answers = wild(seed)
    given_ = answers.scores, answers.correct, answers.known
    gap = global_average_precision(*given_)
    assert gap == pytest.approx(naive_gap(answers))
    average = average_precision_score(answers.correct, answers.scores)
    assert gap == pytest.approx(average * answers.correct.sum() / answers.known.sum())
    assert known_auc(answers.scores, answers.known) == pytest.approx(
        roc_auc_score(answers.known, answers.scores)
    )
    for far in (0.0, 0.1, 0.25, 0.5, 1.0):
        assert identification_rate(*given_, far) == pytest.approx(naive_rate(answers, far))


def test_the_curve_passes_through_the_rates() -> None:
    answers = wild(7)
    far, rate, bar = identification_curve(answers)
    assert far.tolist() == pytest.approx(np.linspace(0, 1, answers.n_unknown + 1).tolist())
    assert bar[-1] == -np.inf
    for place in range(len(far)):
        assert rate[place] == pytest.approx(
            identification_rate(answers.scores, answers.correct, answers.known, far[place])
        )


def test_intervals_are_those_of_queries_drawn_again() -> None:
    answers = wild(3, queries=40)
    figures = open_set_figures(answers, far=(0.25, 0.001), resamples=60, seed=5)
    random = np.random.default_rng(5)
    weights = np.empty((60, 40), dtype=np.int64)
    for kind in (answers.known, ~answers.known):
        weights[:, kind] = random.multinomial(kind.sum(), np.full(kind.sum(), 1 / kind.sum()), 60)
    draws = []
    for each in weights:
        rows = np.repeat(np.arange(40), each)
        drawn = OpenSet(answers.scores[rows], answers.correct[rows], answers.known[rows])
        draws.append((naive_gap(drawn), naive_rate(drawn, 0.25)))
    low, high = np.percentile(draws, (2.5, 97.5), axis=0)
    assert figures.gap == pytest.approx((naive_gap(answers), low[0], high[0]))
    assert figures.dir_at_far[0.25] == pytest.approx((naive_rate(answers, 0.25), low[1], high[1]))
    assert np.isnan(figures.dir_at_far[0.001]).all()
    assert figures.rank_one[0] == answers.rank_one


@given(seed=st.integers(0, 10_000))
def test_only_the_order_of_the_scores_counts(seed: int) -> None:
    answers = wild(seed, queries=20, levels=6)
    moved = OpenSet(np.exp(3 * answers.scores) - 2, answers.correct, answers.known)
    order = np.random.default_rng(seed).permutation(20)
    shuffled = OpenSet(answers.scores[order], answers.correct[order], answers.known[order])
    figures = open_set_figures(answers, far=(0.5,), resamples=2)
    for other in (moved, shuffled):
        same = open_set_figures(other, far=(0.5,), resamples=2)
        assert same.gap[0] == pytest.approx(figures.gap[0])
        assert same.auc[0] == pytest.approx(figures.auc[0])
        assert same.dir_at_far[0.5][0] == pytest.approx(figures.dir_at_far[0.5][0])


def test_unknown_queries_below_all_others_cost_nothing() -> None:
    more = np.concatenate([SCORES, [0.1, 0.0]])
    none = np.zeros(2, dtype=bool)
    gap = global_average_precision(
        more, np.concatenate([CORRECT, none]), np.concatenate([KNOWN, none])
    )
    assert gap == pytest.approx(global_average_precision(SCORES, CORRECT, KNOWN))


@pytest.mark.parametrize(
    ("scores", "correct", "known", "message"),
    [
        (SCORES[:, None], CORRECT, KNOWN, "scores must be"),
        (np.array([0.9, np.nan, 0.1, 0.2, 0.3]), CORRECT, KNOWN, "scores must be"),
        (SCORES, CORRECT[:3], KNOWN, "correct must be 5 booleans"),
        (SCORES, CORRECT, KNOWN.astype(int), "known must be 5 booleans"),
        (SCORES, np.ones(5, bool), KNOWN, "cannot be correct"),
        (SCORES, CORRECT, np.ones(5, bool), "got 5 known of 5"),
        (SCORES, np.zeros(5, bool), np.zeros(5, bool), "got 0 known of 5"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(
    scores: np.ndarray, correct: np.ndarray, known: np.ndarray, message: str
) -> None:
    with pytest.raises(ParameterError, match=message):
        OpenSet(scores, correct, known)


@pytest.mark.parametrize("far", [-0.1, 1.1, float("nan")])
def test_a_rate_beyond_its_range_is_refused(far: float) -> None:
    with pytest.raises(ParameterError, match="far must be between 0 and 1"):
        identification_rate(SCORES, CORRECT, KNOWN, far)
