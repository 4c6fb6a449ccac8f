"""Intervals from drawn rows and classes, against a bootstrap that weighs every pair."""

from collections.abc import Callable

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics.operating import counted_auc, counted_d_prime, counted_eer, point_at
from core.metrics.pair_counts import PairCounts, count_pairs
from core.metrics.pair_resamples import Over, few_bins, resample_pairs
from core.metrics.score_counts import ScoreCounts

CLASSES, MEMBERS = 12, 15
LABELS = np.repeat(np.arange(CLASSES), MEMBERS)
RANDOM = np.random.default_rng(4)
VECTORS = RANDOM.normal(size=(CLASSES, 8))[LABELS] + RANDOM.normal(size=(len(LABELS), 8)) * (
    0.5 + 0.06 * LABELS[:, None]
)
LEFT, RIGHT = np.triu_indices(len(LABELS), 1)
SAME = LABELS[LEFT] == LABELS[RIGHT]


def cosine_scores() -> np.ndarray:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    return np.asarray(np.einsum("ij,ij->i", unit[LEFT], unit[RIGHT]))


SCORES = cosine_scores()


@pytest.fixture(scope="module")
def counts() -> PairCounts:
    return count_pairs(VECTORS, LABELS)


def far_at(score: float) -> Callable[[ScoreCounts], float]:
    return lambda counts: point_at(counts, score).far


def tar_at(score: float) -> Callable[[ScoreCounts], float]:
    return lambda counts: point_at(counts, score).tar


@pytest.mark.parametrize("over", ["items", "classes"])
def test_resamples_lie_about_the_figures(counts: PairCounts, over: Over) -> None:
    drawn = resample_pairs(counts, over=over, resamples=400, seed=1)
    assert len(drawn) == 400
    totals = counts.totals
    for figure in (lambda c: counted_eer(c)[0], counted_auc, far_at(0.5), tar_at(0.5)):
        values = np.array([figure(resample) for resample in drawn])
        assert values.std() > 0
        assert values.mean() == pytest.approx(figure(totals), abs=0.35 * values.std())


def test_weights_of_drawn_items_are_those_of_the_formula(counts: PairCounts) -> None:
    """A pair counts w_i + w_j - 1 times, summed over the pairs of each bin of rows."""
    drawn = resample_pairs(counts, resamples=3, seed=9)
    random = np.random.default_rng(9)
    n = len(LABELS)
    rank = np.empty(n, dtype=int)
    rank[counts.rows] = np.arange(n)
    few = len(counts.row_edges) + 1
    place = np.searchsorted(counts.row_edges, counts.scale.bins_of(SCORES), side="right")
    for draw in range(3):
        drawn_rows = random.integers(0, n, n)
        weight = np.bincount(drawn_rows, minlength=n)[rank]
        of_pair = weight[LEFT] + weight[RIGHT] - 1.0
        for found, kind in ((drawn.genuine, SAME), (drawn.impostor, ~SAME)):
            wanted = np.bincount(place[kind], weights=of_pair[kind], minlength=few)
            np.testing.assert_allclose(found[draw], np.maximum(wanted, 0), atol=8)
            assert found[draw].sum() == pytest.approx(wanted.sum(), abs=25)


def test_whole_classes_keep_their_genuine_pairs(counts: PairCounts) -> None:
    """A class drawn w times has w times its genuine pairs, exactly."""
    drawn = resample_pairs(counts, over="classes", resamples=5, seed=2)
    random = np.random.default_rng(2)
    of_class = np.array(
        [counts.row_genuine[counts.order.slots == slot].sum(axis=0) / 2 for slot in range(CLASSES)]
    )
    of_impostors = np.array(
        [counts.row_impostor[counts.order.slots == slot].sum(axis=0) for slot in range(CLASSES)]
    )
    whole = of_impostors.sum(axis=0) / 2
    for draw in range(5):
        weight = np.bincount(random.integers(0, CLASSES, CLASSES), minlength=CLASSES)
        np.testing.assert_allclose(drawn.genuine[draw], weight @ of_class)
        wanted = np.maximum(weight @ of_impostors - whole, 0)
        np.testing.assert_allclose(drawn.impostor[draw], wanted)


def test_a_resample_keeps_the_shape_within_a_bin_of_rows(counts: PairCounts) -> None:
    drawn = resample_pairs(counts, resamples=2, seed=3)
    bins = few_bins(counts.scale, counts.row_edges)
    assert (np.diff(bins) >= 0).all()
    assert (bins[0], bins[-1]) == (0, len(counts.row_edges))
    for place, resample in enumerate(drawn):
        summed = np.bincount(bins, weights=resample.genuine)
        np.testing.assert_allclose(summed, drawn.genuine[place])
        share = resample.genuine[counts.totals.genuine > 0]
        assert np.count_nonzero(share) > 0
        one = bins == 5
        ratio = resample.impostor[one] / np.maximum(counts.totals.impostor[one], 1)
        assert len(np.unique(ratio[counts.totals.impostor[one] > 0].round(12))) == 1


def pair_weight_bootstrap(
    labels: np.ndarray, accepted: np.ndarray, resamples: int, *, classes: bool
) -> np.ndarray:
    """FAR and TAR of resamples in which a pair counts w_i w_j times, (r, 2)."""
    random, n = np.random.default_rng(77), len(labels)
    left, right = np.triu_indices(n, 1)
    same, found = labels[left] == labels[right], []
    for _ in range(resamples):
        if classes:
            many = int(labels.max()) + 1
            of_class = np.bincount(random.integers(0, many, many), minlength=many)
            one, other = of_class[labels[left]], of_class[labels[right]]
            weight = np.where(same, one, one * other)
        else:
            drawn = np.bincount(random.integers(0, n, n), minlength=n)
            weight = drawn[left] * drawn[right]
        shares = [weight[kind & accepted].sum() / weight[kind].sum() for kind in (~same, same)]
        found.append(shares)
    return np.array(found)


@pytest.mark.parametrize(("over", "classes", "members"), [("items", 12, 15), ("classes", 60, 4)])
def test_intervals_are_near_those_of_weighted_pairs(over: Over, classes: int, members: int) -> None:
    random = np.random.default_rng(3)
    labels = np.repeat(np.arange(classes), members)
    noise = random.normal(size=(len(labels), 8)) * (0.5 + 0.7 * labels[:, None] / classes)
    vectors = random.normal(size=(classes, 8))[labels] + noise
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    left, right = np.triu_indices(len(labels), 1)
    scores, same = np.einsum("ij,ij->i", unit[left], unit[right]), labels[left] == labels[right]
    score = float(np.quantile(scores[~same], 0.95))
    known = pair_weight_bootstrap(labels, scores >= score, 600, classes=over == "classes")
    drawn = resample_pairs(count_pairs(vectors, labels), over=over, resamples=600, seed=5)
    mine = drawn.intervals({"far": far_at(score), "tar": tar_at(score)})
    for column, name in enumerate(("far", "tar")):
        low, high = np.percentile(known[:, column], [2.5, 97.5])
        assert mine[name][0] == pytest.approx(low, abs=0.2 * (high - low))
        assert mine[name][1] == pytest.approx(high, abs=0.2 * (high - low))
    # A bootstrap over pairs would be far too narrow.
    pairs = 2 * 1.96 * np.sqrt(0.05 * 0.95 / np.count_nonzero(~same))
    assert mine["far"][1] - mine["far"][0] > 2 * pairs


def test_seeds_name_the_draws(counts: PairCounts) -> None:
    one, same, other = (resample_pairs(counts, resamples=4, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(one.genuine, same.genuine)
    assert not np.array_equal(one.genuine, other.genuine)
    assert (other.over, other.seed) == ("items", 1)


def test_resamples_without_a_genuine_pair_leave_a_figure_undefined() -> None:
    """Two classes of two among rows of their own: many draws miss both classes."""
    labels = np.array([0, 0, 1, 1, *range(2, 30)])
    few = count_pairs(np.random.default_rng(1).normal(size=(32, 4)), labels)
    for over in ("items", "classes"):
        drawn = resample_pairs(few, over=over, resamples=200)
        empty = np.count_nonzero(drawn.genuine.sum(axis=1) == 0)
        assert 0 < empty < 100
        figures = {"EER": lambda c: counted_eer(c)[0], "d'": counted_d_prime, "AUC": counted_auc}
        found = drawn.intervals(figures)
        assert all(0 <= low <= high <= 1 for low, high in (found["EER"], found["AUC"]))
        assert np.isfinite(found["d'"]).all()


def test_a_figure_that_most_resamples_lack_has_no_interval(counts: PairCounts) -> None:
    drawn = resample_pairs(counts, resamples=10)
    calls = iter(range(10))
    half = drawn.intervals({"half": lambda _: 1.0 if next(calls) % 2 else float("nan")})
    assert np.isnan(half["half"]).all()
    calls = iter(range(10))
    most = drawn.intervals({"most": lambda _: float(c) if (c := next(calls)) > 3 else float("nan")})
    np.testing.assert_allclose(most["most"], np.percentile(np.arange(4, 10), [2.5, 97.5]))


@pytest.mark.parametrize("wrong", [{"over": "pairs"}, {"resamples": 0}, {"seed": -1}])
def test_settings_out_of_range_are_refused(counts: PairCounts, wrong: dict[str, object]) -> None:
    (name,) = wrong
    with pytest.raises(ParameterError, match=name):
        resample_pairs(counts, **wrong)  # type: ignore[arg-type]
