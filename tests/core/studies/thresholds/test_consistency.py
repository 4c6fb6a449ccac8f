import itertools
import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from core.distances import paired_distances, unit_rows
from core.errors import ParameterError
from core.metrics import opis
from core.studies.thresholds import consistency
from core.studies.thresholds.consistency import (
    GRID,
    WORST,
    ThresholdStudy,
    _first_accepting,
    classes_at,
    threshold_study,
)

RANDOM = np.random.default_rng(5)
# Classes 0, 2, 5 and 6 of 30, 25, 20 and 5 rows; 1 and 4 alone in theirs; three missing labels.
SIZES = {0: 30, 2: 25, 5: 20, 6: 5, 1: 1, 4: 1, -1: 3}
LABELS = RANDOM.permutation(np.repeat(list(SIZES), list(SIZES.values())))
CENTERS = RANDOM.normal(size=(8, 6))
SPREAD = np.array([0.3, 0.5, 0.6, 0.5, 0.5, 0.9, 1.2, 0.5])
VECTORS = (
    CENTERS[LABELS] + RANDOM.normal(size=(len(LABELS), 6)) * SPREAD[LABELS][:, None]
) * RANDOM.uniform(0.5, 4.0, size=(len(LABELS), 1))
NAMES = ("ant", "bee", "cat", "dog", "eel", "fox", "gnu")
CLASSES = (0, 2, 5, 6)
PLACES = (0, 1, 37, 120, 200, 283, 399, 400)


def all_pairs() -> list[tuple[int, int, float]]:
    """(left, right, distance) of every pair of rows that both have a label."""
    rows = unit_rows(VECTORS)
    known = [row for row in range(len(LABELS)) if LABELS[row] >= 0]
    pairs = list(itertools.combinations(known, 2))
    left, right = (np.array(ends) for ends in zip(*pairs, strict=True))
    distances = paired_distances(rows[left], rows[right], "euclidean")
    return [(i, j, d) for (i, j), d in zip(pairs, distances.tolist(), strict=True)]


PAIRS = all_pairs()
GENUINE = [pair for pair in PAIRS if LABELS[pair[0]] == LABELS[pair[1]]]
IMPOSTOR = [pair for pair in PAIRS if LABELS[pair[0]] != LABELS[pair[1]]]


@pytest.fixture(scope="module")
def study() -> ThresholdStudy:
    return threshold_study(VECTORS, LABELS)


def accepted(pairs: list[tuple[int, int, float]], threshold: float) -> float:
    return sum(distance <= threshold for _, _, distance in pairs) / len(pairs)


def test_pairs_are_counted_without_missing_labels(study: ThresholdStudy) -> None:
    # 30 x 29 / 2 + 25 x 24 / 2 + 20 x 19 / 2 + 5 x 4 / 2 = 435 + 300 + 190 + 10 genuine pairs of
    # the 82 x 81 / 2 = 3321 among the rows with a label.
    assert study.n_genuine == len(GENUINE) == 935
    assert study.n_impostor == len(IMPOSTOR) == 3321 - 935
    assert (study.opis.n_missing, study.opis.n_singletons) == (3, 2)
    assert (study.genuine_share, study.impostor_share) == (1.0, 1.0)


def test_far_and_frr_at_every_threshold(study: ThresholdStudy) -> None:
    np.testing.assert_allclose(study.thresholds, np.arange(401) / 200, atol=1e-15)
    np.testing.assert_allclose(study.far, [accepted(IMPOSTOR, t) for t in GRID], atol=1e-12)
    np.testing.assert_allclose(study.frr, [1 - accepted(GENUINE, t) for t in GRID], atol=1e-12)


def test_histograms_count_the_pairs_of_each_interval(study: ThresholdStudy) -> None:
    for counts, pairs in ((study.genuine, GENUINE), (study.impostor, IMPOSTOR)):
        expected = [
            sum(low < distance <= high for _, _, distance in pairs)
            for low, high in itertools.pairwise(GRID)
        ]
        assert counts.tolist() == expected


@pytest.mark.parametrize("place", PLACES)
def test_rates_of_each_class(study: ThresholdStudy, place: int) -> None:
    threshold = GRID[place]
    assert study.opis.classes.tolist() == list(CLASSES)  # those alone in their class have no rates
    for slot, code in enumerate(CLASSES):
        inner = [p for p in GENUINE if LABELS[p[0]] == code]
        outer = [p for p in IMPOSTOR if code in (LABELS[p[0]], LABELS[p[1]])]
        assert study.sensitivity[slot, place] == pytest.approx(accepted(inner, threshold))
        assert study.specificity[slot, place] == pytest.approx(1 - accepted(outer, threshold))


def test_rows_alone_in_their_class_are_impostors_only(study: ThresholdStudy) -> None:
    lone = [pair for pair in PAIRS if {1, 4} & {LABELS[pair[0]], LABELS[pair[1]]}]
    assert len(lone) == 2 * 80 + 1
    without = threshold_study(VECTORS[~np.isin(LABELS, [1, 4])], LABELS[~np.isin(LABELS, [1, 4])])
    assert study.n_impostor - without.n_impostor == len(lone)
    np.testing.assert_array_equal(study.genuine, without.genuine)
    np.testing.assert_array_equal(study.sensitivity, without.sensitivity)


def test_rows_without_a_label_change_nothing(study: ThresholdStudy) -> None:
    kept = LABELS >= 0
    without = threshold_study(VECTORS[kept], LABELS[kept])
    np.testing.assert_array_equal(study.genuine, without.genuine)
    np.testing.assert_array_equal(study.impostor, without.impostor)
    np.testing.assert_allclose(study.specificity, without.specificity, atol=1e-15)
    listed = np.concatenate([study.nearest_impostors.left, study.nearest_impostors.right])
    assert (LABELS[listed] >= 0).all()


def test_the_worst_pairs_are_those_of_a_sort(study: ThresholdStudy) -> None:
    nearest = sorted(IMPOSTOR, key=lambda pair: pair[2])[:WORST]
    farthest = sorted(GENUINE, key=lambda pair: -pair[2])[:WORST]
    for found, expected in (
        (study.nearest_impostors, nearest),
        (study.farthest_genuine, farthest),
    ):
        ends = zip(found.left.tolist(), found.right.tolist(), strict=True)
        assert [frozenset(pair) for pair in ends] == [frozenset(pair[:2]) for pair in expected]
        np.testing.assert_allclose(found.distance, [pair[2] for pair in expected], atol=1e-9)


def test_few_pairs_are_all_listed() -> None:
    angles = np.radians([0, 10, 90, 130])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    few = threshold_study(vectors, np.array([3, 3, 8, 8]))
    # A chord of angle a has length 2 sin(a / 2).
    chord = [2 * math.sin(math.radians(angle) / 2) for angle in (80, 90, 120, 130)]
    np.testing.assert_allclose(few.nearest_impostors.distance, chord, atol=1e-12)
    assert few.nearest_impostors.left.tolist() == [1, 0, 1, 0]
    assert few.nearest_impostors.right.tolist() == [2, 2, 3, 3]
    assert few.farthest_genuine.left.tolist() == [2, 0]
    assert few.farthest_genuine.right.tolist() == [3, 1]
    # All genuine pairs are nearer than all impostors.
    assert (few.eer[0], few.auc) == (0.0, 1.0)


def test_equal_vectors_are_pairs_of_the_first_interval() -> None:
    # Rows 0 and 1 are one vector in a class, row 2 is the same vector in another.
    vectors = np.array([[1.0, 0.0], [2.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    equal = threshold_study(vectors, np.array([0, 0, 1, 1]))
    root = math.ceil(math.sqrt(2) * 200) - 1
    assert np.flatnonzero(equal.genuine).tolist() == [0, root]
    assert {place: int(equal.impostor[place]) for place in (0, root)} == {0: 2, root: 2}
    assert equal.nearest_impostors.distance[:2].tolist() == [0.0, 0.0]
    assert equal.sensitivity[:, 1].tolist() == [1.0, 0.0]


def test_single_figures_over_all_pairs(study: ThresholdStudy) -> None:
    same = np.array([pair[2] for pair in GENUINE])
    other = np.array([pair[2] for pair in IMPOSTOR])
    truth = np.repeat([1, 0], [len(same), len(other)])
    assert study.auc == pytest.approx(roc_auc_score(truth, -np.concatenate([same, other])))
    spread = math.sqrt((same.var() + other.var()) / 2)
    assert study.d_prime == pytest.approx((other.mean() - same.mean()) / spread)
    for far, tar in study.tar_at_far.items():
        # The largest threshold that lets in at most this share lies below the next impostor.
        bound = np.sort(other)[math.floor(far * len(other))]
        assert tar == pytest.approx((same < bound).mean())
    assert list(study.tar_at_far) == [0.001, 0.01, 0.1]


def test_the_equal_error_rate_lies_between_the_rates_at_its_threshold(
    study: ThresholdStudy,
) -> None:
    rate, threshold = study.eer
    step = max(1 / len(GENUINE), 1 / len(IMPOSTOR))
    assert accepted(IMPOSTOR, threshold) == pytest.approx(rate, abs=step)
    assert 1 - accepted(GENUINE, threshold) == pytest.approx(rate, abs=step)


def test_the_curve_steps_at_every_distance(study: ThresholdStudy) -> None:
    curve = study.curve
    assert len(curve.thresholds) == 1 + len(PAIRS)  # no two distances are equal
    for place in range(1, len(curve.thresholds), 97):
        limit = curve.thresholds[place] + 1e-12
        assert curve.far[place] == pytest.approx(accepted(IMPOSTOR, limit))
        assert curve.frr[place] == pytest.approx(1 - accepted(GENUINE, limit))


def test_opis_is_that_of_the_metric(study: ThresholdStudy) -> None:
    alone = opis(VECTORS, LABELS)
    assert study.opis.opis == alone.opis
    np.testing.assert_array_equal(study.opis.contributions, alone.contributions)


def test_lengths_and_rotations_change_nothing(study: ThresholdStudy) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    moved = threshold_study(VECTORS @ turn * 7.5, LABELS)
    np.testing.assert_array_equal(moved.genuine, study.genuine)
    np.testing.assert_array_equal(moved.impostor, study.impostor)
    assert moved.opis.opis == pytest.approx(study.opis.opis, rel=1e-9)


def test_samples_of_the_pairs_thin_the_curve_alone(
    study: ThresholdStudy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consistency, "CURVE_POINTS", 600)
    thinned = threshold_study(VECTORS, LABELS, seed=1)
    assert thinned.impostor_share == 600 / len(IMPOSTOR)
    assert thinned.genuine_share == 600 / len(GENUINE)
    np.testing.assert_array_equal(thinned.frr, study.frr)
    np.testing.assert_array_equal(thinned.sensitivity, study.sensitivity)
    np.testing.assert_array_equal(
        thinned.farthest_genuine.distance, study.farthest_genuine.distance
    )
    np.testing.assert_array_equal(thinned.far, study.far)
    np.testing.assert_array_equal(thinned.specificity, study.specificity)
    np.testing.assert_array_equal(
        thinned.nearest_impostors.distance, study.nearest_impostors.distance
    )
    # 2386 pairs with probability 600 / 2386: a standard deviation of 21; 935 with 600 / 935: 15.
    assert abs(np.count_nonzero(np.diff(thinned.curve.far)) - 600) < 5 * 21
    assert abs(np.count_nonzero(np.diff(thinned.curve.frr)) - 600) < 5 * 15
    assert np.isin(thinned.curve.thresholds, study.curve.thresholds).all()
    again = threshold_study(VECTORS, LABELS, seed=1)
    np.testing.assert_array_equal(again.curve.thresholds, thinned.curve.thresholds)
    other = threshold_study(VECTORS, LABELS, seed=2)
    assert not np.array_equal(other.curve.thresholds, thinned.curve.thresholds)


@pytest.mark.parametrize(
    ("threshold", "place"),
    [(-1, 0), (0, 0), (0.0024, 0), (0.0026, 1), (1.2, 240), (2, 400), (9, 400)],
)
def test_place_is_the_nearest_threshold(
    study: ThresholdStudy, threshold: float, place: int
) -> None:
    assert study.place(threshold) == place


def test_classes_at_a_threshold_worst_first(study: ThresholdStudy) -> None:
    place = study.place(1.0)
    served = {}
    for slot, code in enumerate(CLASSES):
        hit, safe = study.sensitivity[slot, place], study.specificity[slot, place]
        served[NAMES[code]] = 2 * hit * safe / (hit + safe)
    frame = classes_at(study, 1.0, NAMES)
    assert frame["class"].tolist() == sorted(served, key=lambda name: served[name])
    assert len(set(served.values())) == len(served)
    mean = sum(served.values()) / len(served)
    for row in frame.to_dict("records"):
        code = NAMES.index(row["class"])
        slot = CLASSES.index(code)
        assert row["members"] == SIZES[code]
        assert row["FRR"] == pytest.approx(1 - study.sensitivity[slot, place])
        assert row["FAR"] == pytest.approx(1 - study.specificity[slot, place])
        assert row["utility"] == pytest.approx(served[row["class"]])
        assert row["deviation from the mean"] == pytest.approx(served[row["class"]] - mean)
        assert row["contribution to OPIS"] == study.opis.contributions[slot]


def test_a_threshold_that_accepts_nothing_serves_no_class(study: ThresholdStudy) -> None:
    frame = classes_at(study, 0.0, NAMES)
    assert frame["utility"].tolist() == [0.0] * 4
    assert frame["FRR"].tolist() == [1.0] * 4
    assert frame["FAR"].tolist() == [0.0] * 4


def test_progress_only_rises() -> None:
    notes: list[tuple[float, str]] = []
    threshold_study(VECTORS, LABELS, progress=lambda share, text: notes.append((share, text)))
    shares = [share for share, _ in notes]
    assert shares[0] == 0.0
    assert shares == sorted(shares)
    assert notes[0][1] == "OPIS over the calibration range"
    assert notes[-1] == (0.9, "rates")
    assert (0.35, "0 of 2,386 impostor pairs") in notes


def test_two_classes_of_two_members_are_needed() -> None:
    with pytest.raises(ParameterError, match="two classes with two or more members"):
        threshold_study(VECTORS[:4], np.array([0, 0, 1, 2]))


def test_equal_rows_are_accepted_at_threshold_zero() -> None:
    vectors = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    study = threshold_study(vectors, np.array([0, 0, 1, 1]))
    assert study.frr[0] == 0
    assert study.sensitivity[:, 0].tolist() == [1, 1]
    assert study.genuine[0] == study.n_genuine == 2


def test_distances_on_the_grid_are_accepted_by_their_own_threshold() -> None:
    steps = np.concatenate([GRID, np.nextafter(GRID, 3)[:-1], np.nextafter(GRID, -1)[1:]])
    np.testing.assert_array_equal(_first_accepting(steps), np.searchsorted(GRID, steps))
