"""OPIS by chance: its parts by hand, and what it says of classes whose spread is known."""

from functools import partial

import numpy as np
import pytest

from core.distances import unit_rows
from core.errors import ParameterError
from core.metrics import (
    OpisByChance,
    OpisResult,
    count_pairs,
    opis,
    opis_by_chance,
    opis_of_counts,
)
from core.metrics.opis_chance import _Classes, reflected, without_sampling


def planted(
    members: int,
    classes: int = 20,
    dim: int = 16,
    spread: float = 0.6,
    seed: int = 0,
    **wide: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Classes around centers of one length; the first `wide["first"]` times as wide as the rest."""
    random = np.random.default_rng(seed)
    labels = np.arange(members * classes) % classes
    centers = unit_rows(random.normal(size=(classes, dim))) * dim**0.5
    each = np.full(classes, spread)
    each[0] *= wide.get("first", 1.0)
    noise = random.normal(size=(len(labels), dim)) * each[labels][:, None]
    return centers[labels] + noise, labels


@pytest.mark.parametrize(
    ("members", "classes", "dim"), [(2, 40, 8), (5, 40, 8), (20, 20, 16), (60, 10, 16)]
)
def test_classes_of_equal_spread_are_about_as_unequal_as_by_chance(
    members: int, classes: int, dim: int
) -> None:
    found = [opis_by_chance(*planted(members, classes, dim, seed=seed)) for seed in range(4)]
    times = [each.times for each in found]
    assert 0.8 < np.median(times) < 1.3
    assert 0.6 < min(times) <= max(times) < 1.6
    assert sum(each.p_value < 0.05 for each in found) <= 1  # 1 in 21 is above all draws by chance


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_class_that_spreads_twice_as_wide_stands_far_above_chance(seed: int) -> None:
    vectors, labels = planted(20, seed=seed, first=2.0)
    found = opis_by_chance(vectors, labels)
    assert found.observed == opis(vectors, labels).opis
    assert found.times > 10
    assert found.p_value == pytest.approx(1 / 21)


def under_euclidean(vectors: np.ndarray, labels: np.ndarray) -> OpisByChance:
    def score(rows: np.ndarray, codes: np.ndarray) -> OpisResult:
        return opis_of_counts(count_pairs(rows, codes, metric="euclidean"))

    return opis_by_chance(vectors, labels, score=score, metric="euclidean", draws=20)


@pytest.mark.parametrize("first", [1.0, 2.0])
def test_lengths_count_under_euclidean(first: float) -> None:
    """Centers along one line, told apart by their length alone: on a sphere they are one class."""
    vectors, labels = planted(20, 12, 8, spread=0.8, seed=4, first=first)
    random = np.random.default_rng(1)
    away = random.normal(size=8)
    centers = np.array([vectors[labels == code].mean(axis=0) for code in range(12)])
    vectors += (np.outer(np.arange(12) * 2.0, away / np.linalg.norm(away)) - centers)[labels]
    found = under_euclidean(vectors, labels)
    if first == 1.0:
        assert 0.5 < found.times < 1.6
    else:
        assert found.times > 3
        assert found.p_value == pytest.approx(1 / 21)


def test_a_draw_off_the_sphere_permutes_residuals_about_the_centers() -> None:
    vectors, labels = planted(400, 3, 4, 0.5, first=4.0)
    vectors += np.array([50.0, 0, 0, 0])
    drawn = _Classes(vectors, labels, on_sphere=False).drawn(np.random.default_rng(0))
    for code in range(3):
        own, now = vectors[labels == code], drawn[labels == code]
        np.testing.assert_allclose(now.mean(axis=0), own.mean(axis=0), atol=0.25)
    spreads = [drawn[labels == code].std(axis=0).mean() for code in range(3)]
    # One of three classes is four times as wide: 0.5 x sqrt((16 + 1 + 1) / 3) for all.
    np.testing.assert_allclose(spreads, 0.5 * 6**0.5, rtol=0.1)


def test_a_tight_class_is_as_unequal_as_a_wide_one() -> None:
    found = opis_by_chance(*planted(40, 10, 16, 0.9, first=0.3))
    assert found.times > 3
    assert found.p_value == pytest.approx(1 / 21)


def test_small_classes_give_far_more_by_chance_than_large_ones() -> None:
    small, large = (opis_by_chance(*planted(members, 20, 8)).mean for members in (2, 60))
    assert small > 20 * large


def test_a_draw_keeps_what_is_no_member_and_gives_all_classes_one_spread() -> None:
    vectors, labels = planted(200, 4, 8, 0.5, first=3.0)
    labels[:3], labels[3:6] = -1, [90, 91, 92]  # without a label, and alone in a class
    drawn = _Classes(vectors, labels).drawn(np.random.default_rng(0))
    np.testing.assert_array_equal(drawn[:6], vectors[:6])
    before: list[float] = []
    after: list[float] = []
    for code in range(4):
        for rows, into in ((unit_rows(vectors), before), (unit_rows(drawn), after)):
            own = rows[labels == code]
            into.append(float(1 - np.linalg.norm(own.mean(axis=0))))  # grows with the spread
    assert max(before) / min(before) > 4
    assert max(after) / min(after) < 1.3


def test_a_draw_keeps_the_type_of_the_rows() -> None:
    vectors, labels = planted(5)
    drawn = _Classes(vectors.astype(np.float32), labels).drawn(np.random.default_rng(0))
    assert drawn.dtype == np.float32


def test_scaling_rows_and_renaming_classes_change_nothing() -> None:
    vectors, labels = planted(6, first=2.0)
    plain = opis_by_chance(vectors, labels, draws=3, seed=5)
    factors = np.random.default_rng(0).uniform(0.1, 9, size=(len(vectors), 1))
    other = opis_by_chance(vectors * factors, labels * 7 + 2, draws=3, seed=5)
    np.testing.assert_allclose(other.values, plain.values, rtol=1e-9)
    assert other.observed == pytest.approx(plain.observed)
    again = opis_by_chance(vectors, labels, draws=3, seed=5)
    np.testing.assert_array_equal(again.values, plain.values)
    elsewhere = opis_by_chance(vectors, labels, draws=3, seed=6)
    assert not np.array_equal(elsewhere.values, plain.values)


def test_the_draws_are_scored_with_the_settings_of_the_data() -> None:
    vectors, labels = planted(6, first=2.0)
    asked: list[int] = []

    def counting(rows: np.ndarray, codes: np.ndarray) -> object:
        asked.append(len(rows))
        return opis(rows, codes, c=3.0)

    heavy = opis_by_chance(vectors, labels, draws=4, score=counting)  # type: ignore[arg-type]
    assert asked == [len(vectors)] * 5
    assert heavy.observed == opis(vectors, labels, c=3.0).opis
    same = opis_by_chance(vectors, labels, draws=4, score=partial(opis, c=3.0))
    np.testing.assert_array_equal(same.values, heavy.values)


def test_progress_counts_the_scores_and_can_stop() -> None:
    told: list[tuple[int, int]] = []
    opis_by_chance(*planted(3), draws=2, progress=lambda *step: told.append(step))
    assert told == [(1, 3), (2, 3), (3, 3)]

    def stop(_done: int, _total: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        opis_by_chance(*planted(3), draws=2, progress=stop)


def test_the_figures_by_hand() -> None:
    # mean (1 + 2 + 3 + 6) / 4 = 3; 0.3 of four draws is 6 / 3 = 2 times it; two of four are as
    # large as 3: (1 + 2) / 5. Quantiles at 0.025 x 3 = 0.075 and 2.925 places: 1.075 and 5.775.
    found = OpisByChance(3.0, np.array([6.0, 1.0, 2.0, 3.0]), 0)
    assert found.mean == 3
    assert found.times == 1
    assert OpisByChance(6.0, found.values, 0).times == 2
    assert found.p_value == pytest.approx(3 / 5)
    assert found.interval == pytest.approx((1.075, 5.775))
    assert np.isnan(OpisByChance(0.5, np.zeros(4), 0).times)


def test_a_reflection_carries_a_residual_by_hand() -> None:
    # From the direction x to y: the mirror swaps x and y. (0.1, 0.4, 0.2) becomes (0.4, 0.1, 0.2).
    old, new = np.array([[1.0, 0, 0]]), np.array([[0, 1.0, 0]])
    np.testing.assert_allclose(reflected(np.array([[0.1, 0.4, 0.2]]), old, new), [[0.4, 0.1, 0.2]])
    np.testing.assert_allclose(reflected(old, old, new), new, atol=1e-15)
    np.testing.assert_allclose(reflected(old * 3, old, old), old * 3)  # nothing to carry


def test_sampling_is_taken_from_the_scatter_of_centers_by_hand() -> None:
    # Two centers of squared length 9 and 4 at right angles; each is off by 5 on average, 2 x 5 over
    # two directions: 9 - 5 = 4 and 4 - 5, which is none. Of three centers in two directions each
    # takes 3 x 2 / 2 = 3 of 2 + 2 = 4: of (2, 0), (0, 1), (0, 1) are left (1, 0) and (0, 0).
    np.testing.assert_allclose(
        without_sampling(np.diag([3.0, 2.0]), 5.0), np.diag([2.0, 0.0]), atol=1e-12
    )
    three = without_sampling(np.array([[2.0, 0], [0, 1], [0, 1]]), 2.0)
    np.testing.assert_allclose(three, [[1, 0], [0, 0], [0, 0]], atol=1e-12)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"draws": 0}, "draws must be a whole number of at least 1; got 0"),
        ({"draws": 2.5}, r"draws must be .*; got 2\.5"),
        ({"seed": -1}, "seed must be a whole number of at least 0; got -1"),
        ({"labels": np.zeros(60, int)}, "at least two classes"),
        ({"labels": np.zeros(60)}, "labels must be 60 integer codes"),
    ],
)
def test_what_cannot_be_drawn(change: dict[str, object], message: str) -> None:
    vectors, labels = planted(3)
    with pytest.raises(ParameterError, match=message):
        opis_by_chance(vectors, **{"labels": labels, **change})  # type: ignore[arg-type]
