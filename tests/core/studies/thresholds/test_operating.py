"""The study of all pairs or of a sample, its figures with intervals, and its classes."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import opis
from core.metrics.operating import counted_eer, counted_tar_at_far, point_at_far
from core.metrics.pair_counts import count_pairs
from core.studies.parts.sampling import sample_classes, sample_rows
from core.studies.thresholds.operating import (
    FARS,
    FIGURES,
    Estimates,
    PairStudy,
    classes_at,
    estimates,
    pair_study,
)

RANDOM = np.random.default_rng(5)
SIZES = {0: 30, 2: 25, 5: 20, 6: 5, 1: 1, 4: 1, -1: 3}
LABELS = RANDOM.permutation(np.repeat(list(SIZES), list(SIZES.values())))
SPREAD = np.array([0.3, 0.5, 0.6, 0.5, 0.5, 0.9, 1.2, 0.5])
VECTORS = RANDOM.normal(size=(8, 6))[LABELS] + RANDOM.normal(size=(85, 6)) * SPREAD[LABELS][:, None]
NAMES = ("ant", "cat", "fox", "gnu")


@pytest.fixture(scope="module")
def study() -> PairStudy:
    return pair_study(VECTORS, LABELS)


@pytest.fixture(scope="module")
def found(study: PairStudy) -> Estimates:
    return estimates(study)


def test_all_labeled_rows_are_counted(study: PairStudy) -> None:
    assert (study.rows, study.n, study.is_sample, study.sampled) == (82, 82, False, "")
    assert study.missing == 3
    known = count_pairs(VECTORS, LABELS)
    np.testing.assert_array_equal(study.counts.totals.genuine, known.totals.genuine)
    np.testing.assert_array_equal(study.counts.nearest_impostors.left, known.nearest_impostors.left)
    assert sorted(study.counts.rows.tolist()) == np.flatnonzero(LABELS >= 0).tolist()


def test_singletons_are_dropped_if_asked() -> None:
    dropped = pair_study(VECTORS, LABELS, keep_singletons=False)
    assert dropped.counts.order.n == 80
    assert not np.isin(LABELS[dropped.counts.nearest_impostors.left], [1, 4]).any()


def test_a_sample_of_rows_gives_each_class_its_share() -> None:
    labels = np.append(np.repeat(np.arange(4), [400, 200, 100, 100]), [-1] * 7)
    vectors = np.random.default_rng(1).normal(size=(807, 4))
    some = pair_study(vectors, labels, rows=80, seed=3)
    assert (some.rows, some.n, some.seed, some.sampled) == (80, 800, 3, "rows")
    assert some.missing == 7
    assert some.is_sample
    assert some.counts.order.sizes.tolist() == [40, 20, 10, 10]
    wanted = sample_rows(800, 80, labels=labels[:800], seed=3)
    assert sorted(some.counts.rows.tolist()) == wanted.tolist()
    ends = some.counts.nearest_impostors
    exact = [
        float(vectors[i] @ vectors[j] / np.linalg.norm(vectors[i]) / np.linalg.norm(vectors[j]))
        for i, j in zip(ends.left, ends.right, strict=True)
    ]
    np.testing.assert_allclose(ends.score, exact)
    again = pair_study(vectors, labels, rows=80, seed=4)
    assert sorted(again.counts.rows.tolist()) != wanted.tolist()


def test_a_sample_of_many_small_classes_takes_whole_ones() -> None:
    labels = np.repeat(np.arange(200), 3)
    vectors = np.random.default_rng(1).normal(size=(600, 4))
    groups = np.arange(600) % 2
    some = pair_study(vectors, labels, rows=90, seed=2, groups=groups)
    assert some.sampled == "classes"
    assert some.counts.order.sizes.tolist() == [3] * 30
    rows = sample_classes(labels, 90, seed=2)
    assert sorted(some.counts.rows.tolist()) == rows.tolist()
    assert some.counts.group_genuine is not None
    inside = np.count_nonzero(groups[rows] == 0)
    both = some.counts.group_genuine[0, 0].sum() + some.counts.group_impostor[0, 0].sum()  # type: ignore[index]
    assert both == inside * (inside - 1) // 2


@pytest.mark.parametrize(("rows", "kind"), [(16, "rows"), (15, "classes")])
def test_four_rows_of_a_class_are_enough(
    rows: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "core.studies.thresholds.operating.sample_classes", lambda *_, **__: np.arange(15)
    )
    labels = np.arange(40) % 4
    vectors = np.random.default_rng(0).normal(size=(40, 2))
    assert pair_study(vectors, labels, rows=rows).sampled == kind


def test_figures_have_values_and_intervals(study: PairStudy, found: Estimates) -> None:
    assert list(found.figures) == list(FIGURES)
    assert list(found.figures)[:4] == ["EER", "EER, nearest step", "EER, convex hull",
                                       "TAR at FAR 0.1"]  # fmt: skip
    eer = found.figures["EER"]
    assert eer.value == counted_eer(study.counts.totals)[0]
    assert 0 < eer.low < eer.value < eer.high < 0.5
    for far in FARS:
        estimate = found.figures[f"TAR at FAR {far:g}"]
        if far < 1 / study.counts.totals.n_impostor:
            assert np.isnan([estimate.value, estimate.low, estimate.high]).all()
        else:
            assert estimate.value == counted_tar_at_far(study.counts.totals, far)
            assert estimate.low <= estimate.value <= estimate.high
    assert found.figures["AUC"].value == pytest.approx(1.0, abs=0.3)


def test_rates_at_a_point_have_intervals(study: PairStudy, found: Estimates) -> None:
    point = point_at_far(study.counts.totals, 0.1)
    assert point is not None
    far, tar = found.at(point)
    assert (far.value, tar.value) == (point.far, point.tar)
    assert far.low < point.far < far.high
    assert tar.low < point.tar < tar.high


def test_classes_and_items_give_other_intervals(study: PairStudy, found: Estimates) -> None:
    other = estimates(study, over="classes")
    assert other.resamples.over == "classes"
    assert other.figures["AUC"].value == found.figures["AUC"].value
    assert other.figures["AUC"].low != found.figures["AUC"].low


def test_the_gap_is_that_of_the_extreme_pairs(study: PairStudy) -> None:
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    left, right = np.triu_indices(85, 1)
    known = (LABELS[left] >= 0) & (LABELS[right] >= 0)
    score = np.einsum("ij,ij->i", unit[left], unit[right])
    same = LABELS[left] == LABELS[right]
    genuine, impostor = score[known & same], score[known & ~same]
    gap = study.gap
    assert gap.gap == pytest.approx(genuine.min() - impostor.max())
    assert gap.genuine_below == pytest.approx((genuine <= impostor.max()).mean(), abs=2e-3)
    assert gap.impostors_above == pytest.approx((impostor >= genuine.min()).mean(), abs=2e-3)
    inner = np.quantile(genuine, 0.01) - np.quantile(impostor, 0.99)
    assert gap.inner_gap == pytest.approx(inner, abs=0.02)


def test_classes_at_a_threshold_worst_first(study: PairStudy) -> None:
    border = float(study.counts.scale.edges[study.counts.scale.place(0.6)])
    frame = classes_at(study.counts, border, NAMES)
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    near = unit @ unit.T >= border
    served = {}
    for place, code in enumerate((0, 2, 5, 6)):
        own = np.isin(LABELS, [code])
        others = (LABELS >= 0) & ~own
        size = SIZES[code]
        hit = (near[np.ix_(own, own)].sum() - size) / (size * (size - 1))
        safe = 1 - near[np.ix_(own, others)].mean()
        line = frame.set_index("class").loc[NAMES[place]]
        assert line["members"] == size
        assert line["place"] == place
        assert line["FRR"] == pytest.approx(1 - hit)
        assert line["FAR"] == pytest.approx(1 - safe)
        served[NAMES[place]] = 2 * hit * safe / (hit + safe)
        assert line["utility"] == pytest.approx(served[NAMES[place]])
    assert frame["class"].tolist() == sorted(served, key=lambda name: served[name])
    mean = sum(served.values()) / 4
    np.testing.assert_allclose(frame["deviation from the mean"], frame["utility"] - mean)


def test_a_threshold_that_accepts_nothing_serves_no_class(study: PairStudy) -> None:
    frame = classes_at(study.counts, 9.0, NAMES)
    assert frame["utility"].tolist() == [0.0] * 4
    assert frame["FRR"].tolist() == [1.0] * 4
    assert frame["FAR"].tolist() == [0.0] * 4


def test_lengths_and_rotations_change_nothing(study: PairStudy) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))
    lengths = np.random.default_rng(3).uniform(0.5, 4, size=(85, 1))
    moved = pair_study(VECTORS @ turn * lengths, LABELS)
    for figure in FIGURES.values():
        one, other = figure(moved.counts.totals), figure(study.counts.totals)
        assert one == pytest.approx(other, abs=2e-3, nan_ok=True)
    assert opis(VECTORS @ turn * lengths, LABELS).opis == pytest.approx(opis(VECTORS, LABELS).opis)


def test_progress_begins_at_nothing_and_ends_with_all_pairs() -> None:
    told: list[tuple[float, str]] = []
    pair_study(VECTORS, LABELS, progress=lambda *step: told.append(step))
    shares = [share for share, _ in told]
    assert told[0] == (0.0, "pairs")
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "3,321 of 3,321 pairs")


def test_two_classes_of_two_members_are_needed() -> None:
    with pytest.raises(ParameterError, match="two classes with two or more members"):
        pair_study(VECTORS[:4], np.array([0, 0, 1, 2]))
