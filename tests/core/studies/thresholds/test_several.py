"""Several thresholds and normalized scores against naive loops over the held-out trials."""

import numpy as np
import pytest

from core.distances import Metric, unit_rows
from core.errors import ParameterError
from core.studies.thresholds.several import (
    ADAPTIVE,
    ONE,
    PER_CLASS,
    PER_CLUSTER,
    S_NORM,
    WAYS,
    Z_NORM,
    Several,
    _of_groups,
    _Shifted,
    several,
)

RANDOM = np.random.default_rng(6)
SIZES = [14, 12, 10, 9, 8]
LABELS = np.repeat(np.arange(5), SIZES)
VECTORS = (
    RANDOM.normal(size=(5, 6))[LABELS]
    + RANDOM.normal(size=(53, 6)) * np.linspace(0.4, 1.2, 5)[LABELS, None]
).astype(np.float32)
FAR = 0.05


def spread_classes(members: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Twelve classes with centers at right angles, half of them tight and half of them wide."""
    random = np.random.default_rng(1)
    labels = np.repeat(np.arange(12), members)
    spread = np.where(np.arange(12) < 6, 0.15, 0.45)
    noise = random.normal(size=(len(labels), 12)) * spread[labels, None]
    return np.eye(12)[labels] + noise, labels


def scores_of(vectors: np.ndarray) -> np.ndarray:
    unit = unit_rows(vectors)
    return np.asarray(unit @ unit.T)


def naive_trials(found: Several, way: str, top: int) -> np.ndarray:
    """Scores of all trials among the held-out rows, (enrolled, probe), in one way."""
    scores = scores_of(VECTORS)
    held, setting = found.held_out, found.set_on
    mean, sd = {}, {}
    for row in held:
        cohort = np.array([scores[row, other] for other in setting if LABELS[other] != LABELS[row]])
        if way == ADAPTIVE:
            cohort = np.sort(cohort)[-top:]
        mean[row], sd[row] = cohort.mean(), cohort.std()
    trials = np.empty((len(held), len(held)))
    for i, enrolled in enumerate(held):
        for j, probe in enumerate(held):
            s = scores[enrolled, probe]
            own = (s - mean[enrolled]) / sd[enrolled]
            both = (own + (s - mean[probe]) / sd[probe]) / 2
            trials[i, j] = {ONE: s, Z_NORM: own}.get(way, both)
    return trials


@pytest.fixture(scope="module")
def found() -> Several:
    return several(VECTORS, LABELS, clusters=3, top=10, far=(FAR, 0.5, 1e-9), seed=2)


@pytest.mark.parametrize("way", [ONE, Z_NORM, S_NORM, ADAPTIVE])
def test_rates_are_those_of_a_naive_loop(found: Several, way: str) -> None:
    trials, held = naive_trials(found, way, 10), LABELS[found.held_out]
    same = held[:, None] == held[None, :]
    other = ~np.eye(len(held), dtype=bool)
    # The laxest threshold whose overall FAR is at most what is asked: just above an impostor trial.
    bar = max(each for each in trials[~same] if np.mean(trials[~same] >= each) > FAR)
    accepted = trials > bar
    figures = found.at[FAR][way]
    assert figures.far == pytest.approx(accepted[~same].mean())
    # A bin is 1/8192 of the range: a genuine trial this near to the bar may fall in it.
    width = (trials[other].max() - np.median(trials[~same])) / 8192
    near = (trials[same & other] > bar) & (trials[same & other] < bar + 2 * width)
    slack = np.count_nonzero(near) / np.count_nonzero(same & other) + 1e-12
    assert figures.frr == pytest.approx(1 - accepted[same & other].mean(), abs=slack)
    for code in range(5):
        rows = held == code
        alarms = accepted[rows][:, ~rows].mean()
        hits = accepted[rows][:, rows][~np.eye(rows.sum(), dtype=bool)].mean()
        assert figures.class_far[code] == pytest.approx(alarms)
        served = 2 * hits * (1 - alarms) / (hits + 1 - alarms)
        assert figures.class_utility[code] == pytest.approx(served, abs=6 * slack)


def test_the_halves_part_the_members_of_every_class(found: Several) -> None:
    assert sorted([*found.held_out, *found.set_on]) == list(range(53))
    assert np.bincount(LABELS[found.set_on]).tolist() == [size // 2 for size in SIZES]
    assert found.members.tolist() == [size - size // 2 for size in SIZES]
    held = LABELS[found.held_out]
    assert found.impostors == np.count_nonzero(held[:, None] != held[None, :])
    assert tuple(found.at[FAR]) == WAYS
    assert tuple(found.at) == (FAR, 0.5)  # one in a billion cannot be told


def test_every_way_stands_at_the_same_overall_far(found: Several) -> None:
    for figures in found.at[0.5].values():
        assert 0.45 < figures.far <= 0.5
    trials = LABELS[found.held_out]
    others = np.array([np.count_nonzero(trials != code) for code in range(5)])
    weights = found.members * others
    for figures in found.at[FAR].values():
        assert figures.far == pytest.approx(np.average(figures.class_far, weights=weights))


def test_one_threshold_gains_nothing_over_itself(found: Several) -> None:
    assert found.opis[ONE].gain == (0.0, 0.0)
    assert found.at[FAR][ONE].frr_gain == (0.0, 0.0)
    low, high = found.opis[ONE].interval
    assert low < found.opis[ONE].value * 1.5
    assert high > 0


def test_a_threshold_per_class_wins_where_classes_spread_unlike() -> None:
    vectors, labels = spread_classes()
    result = several(vectors, labels)
    one, own = result.opis[ONE], result.opis[PER_CLASS]
    assert own.value < one.value / 4
    assert own.gain[0] > 0
    before, after = result.at[0.01][ONE], result.at[0.01][PER_CLASS]
    assert np.ptp(after.class_frr) < np.ptp(before.class_frr) / 3
    wide = slice(6, 12)
    assert (after.class_utility[wide] > before.class_utility[wide]).mean() > 0.5
    assert after.frr > before.frr  # what the tight classes pay


def test_equal_far_makes_the_fars_of_the_classes_alike() -> None:
    random = np.random.default_rng(2)
    labels = np.repeat(np.arange(10), 40)
    centers = np.eye(12)[:10]
    centers[:5] = 0.9 * centers[0] + 0.3 * centers[:5]  # five near one another, five apart
    vectors = centers[labels] + 0.25 * random.normal(size=(400, 12))
    result = several(vectors, labels, equal="FAR")
    before, after = result.at[0.1][ONE], result.at[0.1][PER_CLASS]
    assert before.class_far.max() > 20 * before.class_far.min()
    assert after.class_far.max() < 4 * after.class_far.min()


def test_one_cluster_is_one_threshold() -> None:
    result = several(VECTORS, LABELS, clusters=1, far=(FAR,))
    one, cluster = result.at[FAR][ONE], result.at[FAR][PER_CLUSTER]
    assert cluster.frr == pytest.approx(one.frr, abs=0.02)
    np.testing.assert_allclose(cluster.class_far, one.class_far, atol=0.01)


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_turned_and_grown_rows_give_the_same_figures(metric: Metric) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))
    moved = 3 * VECTORS.astype(float) @ turn
    here = several(VECTORS, LABELS, metric=metric, clusters=2, far=(FAR,))
    there = several(moved, LABELS, metric=metric, clusters=2, far=(FAR,))
    for way in (ONE, Z_NORM, S_NORM, ADAPTIVE):
        assert there.at[FAR][way].frr == pytest.approx(here.at[FAR][way].frr, abs=0.02)
        assert there.opis[way].value == pytest.approx(here.opis[way].value, abs=0.002)


def test_scores_move_by_the_knots_of_their_group() -> None:
    knots = np.array([[0.0, 1.0, 2.0], [10.0, 20.0, 40.0]])
    moved = _Shifted(np.array([1, 0]), knots)(
        np.array([0, 1]), np.array([[5.0, 15.0, 41.0], [-1.0, 1.5, 4.0]])
    )
    # Row 0 is of the second group: 5 lies 5 below its first knot, 15 halfway to its second, 41 one
    # above its last. Row 1 of the first group: 1 below, halfway behind its second, 2 above.
    np.testing.assert_allclose(moved, [[-5.0, 0.5, 3.0], [-1.0, 1.5, 4.0]])


def test_a_group_of_few_trials_follows_all_of_them() -> None:
    scores = np.array([[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [1.0, np.nan, np.nan, np.nan]])
    groups, quantiles = np.array([0, 0, 1]), np.array([0.0, 0.5, 1.0])
    found = _of_groups(scores, groups, 2, quantiles, np.array([1.0, 1.0, 5.0]))
    # All nine scores: 0, 1, 1, 2, ..., 7 with quantiles 0, 3, 7. The first group has eight. The
    # second has one, 1, which tells its first two; its last is that of all, less 3 - 1.
    np.testing.assert_allclose(found, [[0.0, 3.5, 7.0], [1.0, 1.0, 5.0]])


def test_small_classes_and_missing_labels_are_left_out() -> None:
    labels = LABELS.copy()
    labels[:3], labels[-6:] = -1, 9
    labels[-8:-6] = 8  # two members
    result = several(VECTORS, labels, far=(FAR,))
    assert result.classes.tolist() == [0, 1, 2, 3, 9]
    assert (result.left_out, result.n, result.is_sample) == (1, 48, False)
    assert several(VECTORS, LABELS, rows=45, far=(FAR,)).is_sample


def test_rows_that_are_all_equal_have_no_spread_to_divide_by() -> None:
    result = several(np.ones((20, 3)), np.repeat([0, 1], 10), far=(FAR,), clusters=1)
    for way in (ONE, Z_NORM, S_NORM, ADAPTIVE):
        # No threshold parts equal scores: none is accepted, true pairs neither.
        assert (result.at[FAR][way].far, result.at[FAR][way].frr) == (0.0, 1.0)


def test_settings_and_labels_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(ParameterError, match="at least two classes of 4 or more members"):
        several(VECTORS, np.arange(53) // 3)
    with pytest.raises(ParameterError, match="equal must be one of FRR, FAR"):
        several(VECTORS, LABELS, equal="EER")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="top must be a whole number of at least 2"):
        several(VECTORS, LABELS, top=1)
