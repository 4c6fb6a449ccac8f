"""OPIS of counted pairs against `opis` of every distance, and against formulas."""

from itertools import pairwise
from typing import Any, get_args

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import epsilon_opis, opis
from core.metrics.opis_counted import calibration_ends, opis_interval, opis_of_counts
from core.metrics.opis_score import Method, Reference, Singletons, utility
from core.metrics.pair_counts import PairCounts, count_pairs
from tests.core.metrics.naive_pairs import naive_pairs

RANDOM = np.random.default_rng(21)
SIZES = {0: 30, 2: 24, 3: 12, 5: 8, 6: 5, 7: 3, 1: 1, 4: 1, -1: 2}
LABELS = RANDOM.permutation(np.repeat(list(SIZES), list(SIZES.values())))
VECTORS = RANDOM.normal(size=(9, 5))[LABELS] + RANDOM.normal(size=(len(LABELS), 5)) * (
    0.3 + 0.15 * LABELS[:, None].clip(0)
)
KEEP = {"negatives": True, "drop": False}


@pytest.fixture(scope="module")
def counts() -> PairCounts:
    return count_pairs(VECTORS, LABELS)


@pytest.mark.parametrize("method", get_args(Method))
@pytest.mark.parametrize("reference", get_args(Reference))
@pytest.mark.parametrize("singletons", get_args(Singletons))
@pytest.mark.parametrize(("c", "far"), [(1.0, (0.01, 0.10)), (2.5, (0.02, 0.3))])
def test_opis_is_that_of_all_distances(
    method: Method, reference: Reference, singletons: Singletons, c: float, far: tuple[float, float]
) -> None:
    mine = count_pairs(VECTORS, LABELS, keep_singletons=KEEP[singletons])
    found = opis_of_counts(mine, far=far, c=c, reference=reference, method=method)
    known = opis(
        VECTORS, LABELS, far=far, c=c, reference=reference, singletons=singletons, method=method
    )
    assert found.classes.tolist() == known.classes.tolist()
    assert found.class_sizes.tolist() == known.class_sizes.tolist()
    # Near the 1 % quantile of the 3,000 impostor distances, neighbors are up to 0.004 apart.
    np.testing.assert_allclose(found.calibration_range, known.calibration_range, atol=4e-3)
    assert found.opis == pytest.approx(known.opis, rel=0.04)
    scale = float(known.contributions.max())
    np.testing.assert_allclose(found.contributions, known.contributions, atol=0.04 * scale)
    for epsilon in (0.1, 0.4):
        mine_, theirs = epsilon_opis(found, epsilon), epsilon_opis(known, epsilon)
        assert mine_ == pytest.approx(theirs, rel=0.06)
    assert (found.n_singletons, found.n_missing, found.n_negatives) == (
        known.n_singletons, known.n_missing, known.n_negatives,
    )  # fmt: skip
    assert found.weights.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("method", get_args(Method))
def test_opis_of_many_pairs_is_closer(method: Method) -> None:
    random = np.random.default_rng(30)
    labels = random.integers(0, 12, 900)
    noise = random.normal(size=(900, 6)) * (0.5 + 0.05 * labels[:, None])
    vectors = random.normal(size=(12, 6))[labels] + noise
    found = opis_of_counts(count_pairs(vectors, labels), method=method)
    known = opis(vectors, labels, method=method)
    np.testing.assert_allclose(found.calibration_range, known.calibration_range, atol=2e-4)
    assert found.opis == pytest.approx(known.opis, rel=2e-3)
    np.testing.assert_allclose(found.contributions, known.contributions, rtol=0.02, atol=1e-5)
    assert found.signs.tolist() == known.signs.tolist()


def test_the_range_is_the_quantiles_of_the_impostor_distances(counts: PairCounts) -> None:
    pairs = naive_pairs(VECTORS, LABELS, "cosine")
    lengths = np.sqrt(2 - 2 * pairs.score[~pairs.genuine])
    np.testing.assert_allclose(
        calibration_ends(counts, (0.01, 0.1)), np.quantile(lengths, [0.01, 0.1]), atol=4e-3
    )


def test_grid_by_hand(counts: PairCounts) -> None:
    """Utilities, mean and contributions from rates taken from a loop over the pairs."""
    found = opis_of_counts(counts, thresholds=7, c=2.0)
    low, high = found.calibration_range
    pairs = naive_pairs(VECTORS, LABELS, "cosine")
    np.testing.assert_allclose(found.thresholds, np.linspace(low, high, 7), atol=1e-12)
    served = np.empty((6, 7))
    for slot, name in enumerate(found.classes.tolist()):
        own = pairs.touching(np.flatnonzero(name == LABELS))
        for place, threshold in enumerate(found.thresholds):
            near = pairs.score >= 1 - threshold**2 / 2
            psi = float(near[own & pairs.genuine].mean())
            phi = float(1 - near[own & ~pairs.genuine].mean())
            served[slot, place] = 5 * phi * psi / (4 * phi + psi) if phi + psi else 0.0
    np.testing.assert_allclose(found.class_utility, served, atol=0.04)
    deviation = found.class_utility - found.class_utility.mean(axis=0)
    np.testing.assert_allclose(found.contributions, (deviation**2).mean(axis=1))
    assert found.opis == pytest.approx(float((deviation**2).mean()))
    assert found.signs.tolist() == np.sign(deviation.mean(axis=1)).tolist()


def test_small_classes_stay_impostors(counts: PairCounts) -> None:
    found = opis_of_counts(counts, min_size=8)
    assert found.classes.tolist() == [0, 2, 3, 5]
    whole = opis_of_counts(counts)
    rows = [whole.classes.tolist().index(name) for name in (0, 2, 3, 5)]
    np.testing.assert_allclose(found.class_utility, whole.class_utility[rows])
    assert found.n_negatives == whole.n_negatives
    message = r"two classes of 25 or more members are needed; got 1.*Lower the minimum"
    with pytest.raises(ParameterError, match=message):
        opis_of_counts(counts, min_size=25)


@pytest.mark.parametrize(
    "wrong",
    [
        {"far": (0.2, 0.1)},
        {"thresholds": 1},
        {"c": 0.0},
        {"reference": "median"},
        {"method": "even"},
        {"min_size": 1},
    ],
)
def test_settings_out_of_range_are_refused(counts: PairCounts, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ParameterError, match=name):
        opis_of_counts(counts, **wrong)


def rotated_copies(classes: int = 4, members: int = 12) -> tuple[np.ndarray, np.ndarray]:
    """One class at the corners of a square of planes: each turn maps a class to the next one."""
    random = np.random.default_rng(2)
    own = np.concatenate([random.normal(size=(members, 2)) + 2.0, np.zeros((members, 6))], axis=1)
    turned = [np.roll(own, 2 * turn, axis=1) for turn in range(classes)]
    return np.vstack(turned), np.repeat(np.arange(classes), members)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
@pytest.mark.parametrize("method", get_args(Method))
def test_rotated_copies_of_a_class_are_served_equally(metric: Any, method: Method) -> None:
    vectors, labels = rotated_copies()
    counts = count_pairs(vectors, labels, metric=metric)
    found = opis_of_counts(counts, method=method, far=(0.01, 0.9))
    assert found.opis < 1e-6
    assert epsilon_opis(found, 0.25) < 1e-6
    (low, high), (worst_low, worst_high) = opis_interval(counts, far=(0.01, 0.9))
    assert low <= found.opis <= max(high, 1e-6)
    assert worst_low <= worst_high


def test_the_worst_share_falls_as_it_grows(counts: PairCounts) -> None:
    found = opis_of_counts(counts)
    values = [epsilon_opis(found, epsilon) for epsilon in np.linspace(0.05, 1.0, 20)]
    assert all(before >= after - 1e-15 for before, after in pairwise(values))
    assert values[0] > 0
    assert values[-1] == 0


def equal_classes(seed: int, wide: float = 0.0) -> PairCounts:
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(15), 24)
    spread = 0.8 * np.exp(wide * random.normal(size=15))
    vectors = random.normal(size=(15, 10))[labels]
    return count_pairs(vectors + random.normal(size=(360, 10)) * spread[labels][:, None], labels)


def test_the_interval_is_near_and_reproducible() -> None:
    counts = equal_classes(0, wide=0.5)
    value = opis_of_counts(counts).opis
    (low, high), worst = opis_interval(counts, resamples=100)
    assert 0 < low < high
    assert 0.4 * value < low < 1.2 * value < 2 * high
    assert opis_interval(counts, resamples=100) == ((low, high), worst)
    assert opis_interval(counts, resamples=100, seed=1) != ((low, high), worst)


def test_the_interval_is_the_basic_one_of_redrawn_members() -> None:
    """Members are drawn in the test, and all pairs weighed: 2 x value less the percentiles."""
    counts = equal_classes(3, wide=0.6)
    order, grid = counts.order, counts.row_edges
    scores = counts.scale.edges[grid]
    lengths = np.sqrt(2 - 2 * scores)
    ends = calibration_ends(counts)
    inside = np.flatnonzero((lengths >= ends[0]) & (lengths <= ends[1]))[::-1]
    assert len(inside) > 10
    weights = np.gradient(lengths[inside])
    weights /= weights.sum()
    at = inside + 1
    hits = np.array([counts.row_genuine[:, k:].sum(axis=1) for k in at]).T.astype(float)
    alarms = np.array([counts.row_impostor[:, k:].sum(axis=1) for k in at]).T.astype(float)
    random, values = np.random.default_rng(8), []
    rows = [np.flatnonzero(order.slots == slot) for slot in range(15)]
    for draw in range(301):
        served = []
        for mine in rows:
            some = mine if draw == 0 else random.choice(mine, len(mine))
            own = hits[mine].sum(axis=0) / 2
            psi = (hits[some].sum(axis=0) - own) / (24 * 23 / 2)
            phi = 1 - alarms[some].sum(axis=0) / (24 * 336)
            served.append(utility(psi.clip(0, 1), phi.clip(0, 1)))
        table = np.array(served)
        values.append(float(((table - table.mean(axis=0)) ** 2 @ weights).mean()))
    low, high = np.percentile(values[1:], [2.5, 97.5])
    known = max(0.0, 2 * values[0] - high), max(0.0, 2 * values[0] - low)
    (mine_low, mine_high), _ = opis_interval(counts, resamples=300)
    width = known[1] - known[0]
    assert mine_low == pytest.approx(known[0], abs=0.2 * width)
    assert mine_high == pytest.approx(known[1], abs=0.2 * width)


def test_blocks_of_draws_change_nothing(
    counts: PairCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[np.ndarray] = []
    for cells in (1 << 23, 1):
        monkeypatch.setattr("core.metrics.opis_counted.BINS_PER_BLOCK", cells)
        found.append(np.array(opis_interval(counts, resamples=120)))
    np.testing.assert_allclose(found[0], found[1], rtol=0.35)


@pytest.mark.parametrize(
    "wrong", [{"resamples": 0}, {"seed": -1}, {"epsilon": 0.0}, {"far": (0.5, 0.1)}, {"c": -1.0}]
)
def test_the_interval_refuses_what_opis_does(counts: PairCounts, wrong: dict[str, Any]) -> None:
    (name,) = wrong
    with pytest.raises(ParameterError, match=name):
        opis_interval(counts, **wrong)
