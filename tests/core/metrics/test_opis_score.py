import functools
import operator
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import epsilon_opis, opis
from core.metrics import opis_counts as counts
from core.metrics import pairs as pair_blocks
from core.metrics.class_pairs import ClassPairs


def on_circle(degrees: Sequence[float]) -> np.ndarray:
    angles = np.radians(degrees)
    return np.column_stack([np.cos(angles), np.sin(angles)])


# Chords: 60 deg -> 1, 90 -> sqrt 2, 120 -> sqrt 3, 150 -> 1.93, 180 -> 2.
# Class 0 at 0 and 60 (inner 1), class 1 at 180 and 270 (inner sqrt 2).
# Across: 0-180 2, 0-270 sqrt 2, 60-180 sqrt 3, 60-270 (150 deg) 1.93.
GOLDEN = on_circle([0, 60, 180, 270]), np.array([0, 0, 1, 1])


def clusters(
    seed: int = 0, sizes: Sequence[int] = (9, 4, 7, 2, 1, 1), dim: int = 5, spread: float = 0.7
) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    centers = rng.standard_normal((len(sizes), dim))
    scale = spread * (0.3 + rng.random(len(sizes)))
    vectors = centers[labels] + scale[labels, None] * rng.standard_normal((len(labels), dim))
    order = rng.permutation(len(labels))
    return vectors[order], labels[order]


def naive(
    vectors: np.ndarray,
    labels: np.ndarray,
    far: tuple[float, ...] = (0.01, 0.1),
    steps: int = 101,
    c: float = 1.0,
    reference: str = "class_mean",
    drop: bool = False,
) -> float:
    """OPIS by one distance at a time."""
    sizes = {y: int(np.sum(labels == y)) for y in labels}
    rows = [i for i in range(len(labels)) if not (drop and sizes[labels[i]] == 1)]
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    pairs = [
        (labels[i], labels[j], np.linalg.norm(unit[i] - unit[j]))
        for a, i in enumerate(rows)
        for j in rows[a + 1 :]
    ]
    low, high = np.quantile([d for a, b, d in pairs if a != b], far)
    eligible = sorted(y for y, size in sizes.items() if size > 1)

    def value(psi: Any, phi: Any) -> float:
        return 0.0 if c * c * phi + psi == 0 else (1 + c * c) * phi * psi / (c * c * phi + psi)

    terms = []
    for t in np.linspace(low, high, steps) + 1e-12:
        inner = [[d <= t for a, b, d in pairs if a == b == y] for y in eligible]
        outer = [[d > t for a, b, d in pairs if a != b and y in (a, b)] for y in eligible]
        psi, phi = [np.mean(x) for x in inner], [np.mean(x) for x in outer]
        u = [value(*rates) for rates in zip(psi, phi, strict=True)]
        ubar = {
            "class_mean": np.mean(u),
            "macro_rates": value(np.mean(psi), np.mean(phi)),
            "pooled": value(
                np.mean(functools.reduce(operator.iadd, inner, [])),
                np.mean(functools.reduce(operator.iadd, outer, [])),
            ),
        }[reference]
        terms.append((np.array(u) - ubar) ** 2)
    return float(np.mean(terms))


def test_golden_grid() -> None:
    # t = 1: psi 1, 0; phi 1, 1; U 1, 0.  t = 1.25: the same.
    # t = 1.5: psi 1, 1; phi 3/4, 3/4 (sqrt 2 is accepted); U = 2 (3/4) / (7/4) = 6/7 for both.
    # Contributions: (1/4 + 1/4 + 0) / 3 = 1/6 for both classes.
    result = opis(*GOLDEN, calibration_range=(1.0, 1.5), thresholds=3)
    np.testing.assert_allclose(result.thresholds, [1.0, 1.25, 1.5])
    np.testing.assert_array_equal(result.sensitivity, [[1, 1, 1], [0, 0, 1]])
    np.testing.assert_allclose(result.specificity, [[1, 1, 0.75]] * 2)
    np.testing.assert_allclose(result.class_utility, [[1, 1, 6 / 7], [0, 0, 6 / 7]])
    np.testing.assert_allclose(result.mean_utility, [0.5, 0.5, 6 / 7])
    np.testing.assert_allclose(result.contributions, [1 / 6, 1 / 6])
    assert result.opis == pytest.approx(1 / 6)
    np.testing.assert_array_equal(result.signs, [1, -1])
    np.testing.assert_array_equal(result.class_sizes, [2, 2])
    assert (result.n_negatives, result.n_singletons, result.n_missing) == (4, 0, 0)
    # The worst of two classes at each t: (0 - 1/2)^2, (0 - 1/2)^2, 0.
    assert epsilon_opis(result) == pytest.approx(1 / 6)


def test_golden_exact() -> None:
    # (U - Ubar)^2 is 1/4 up to sqrt 2 and 0 after it.
    result = opis(*GOLDEN, calibration_range=(1.0, 1.5), method="exact")
    np.testing.assert_allclose(result.thresholds, [1.0, np.sqrt(2), 1.5])
    assert result.opis == pytest.approx(0.25 * (np.sqrt(2) - 1) / 0.5)
    assert epsilon_opis(result) == pytest.approx(0.25 * (np.sqrt(2) - 1) / 0.5)


def test_golden_calibration_range() -> None:
    # Four impostors; rank 0 is sqrt 2, rank 1 sqrt 3: the quantile 1/6 lies half way between.
    result = opis(*GOLDEN, far=(0.0, 1 / 6))
    np.testing.assert_allclose(
        result.calibration_range, [np.sqrt(2), (np.sqrt(2) + np.sqrt(3)) / 2], rtol=1e-14
    )


def test_golden_references() -> None:
    # t = 1 alone. Mean rates: psi 1/2, phi 1, U 2/3; pooled the same: 1 of 2 inner pairs.
    for reference in ("macro_rates", "pooled"):
        result = opis(*GOLDEN, calibration_range=(1.0, 1.0), reference=reference)
        np.testing.assert_allclose(result.mean_utility, 2 / 3)
        np.testing.assert_allclose(result.contributions, [1 / 9, 4 / 9])
    exact = opis(*GOLDEN, calibration_range=(1.0, 1.0), method="exact")
    assert exact.opis == 0.25
    np.testing.assert_array_equal(exact.thresholds, [1.0])


@pytest.mark.parametrize("reference", ["class_mean", "macro_rates", "pooled"])
@pytest.mark.parametrize("singletons", ["negatives", "drop"])
@pytest.mark.parametrize("c", [1.0, 2.5])
def test_agrees_with_one_distance_at_a_time(reference: Any, singletons: Any, c: float) -> None:
    vectors, labels = clusters()
    result = opis(vectors, labels, reference=reference, singletons=singletons, c=c, thresholds=23)
    expected = naive(vectors, labels, (0.01, 0.1), 23, c, reference, singletons == "drop")
    assert expected > 1e-4
    assert result.opis == pytest.approx(expected, rel=1e-12)
    assert result.n_singletons == 2
    n, inner = (24, 22)[singletons == "drop"], 36 + 6 + 21 + 1
    assert result.n_negatives == n * (n - 1) // 2 - inner


def test_far_sets_the_range() -> None:
    vectors, labels = clusters(3)
    assert opis(vectors, labels, far=(0.2, 0.7)).opis == pytest.approx(
        naive(vectors, labels, (0.2, 0.7)), rel=1e-12
    )
    single = opis(vectors, labels, far=(0.3, 0.3))
    assert single.opis == pytest.approx(naive(vectors, labels, (0.3, 0.3), 1), rel=1e-12)


def test_exact_is_the_limit_of_the_grid() -> None:
    vectors, labels = clusters(1)
    exact = opis(vectors, labels, method="exact")
    fine = opis(vectors, labels, thresholds=200_001)
    assert exact.opis == pytest.approx(fine.opis, rel=2e-4)
    assert np.sum(exact.weights) == pytest.approx(1.0)
    assert abs(opis(vectors, labels, thresholds=2).opis - exact.opis) > 1e-3 * exact.opis


def test_exact_refuses_too_many_jumps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["core.metrics.opis_score"], "EXACT_CELLS", 40)
    with pytest.raises(ParameterError, match=r'more than 8 jumps.*method="grid"'):
        opis(*clusters(1), method="exact")


def test_invariances() -> None:
    vectors, labels = clusters(2)
    rng = np.random.default_rng(9)
    value = opis(vectors, labels).opis
    rotation = np.linalg.qr(rng.standard_normal((5, 5)))[0]
    order = rng.permutation(len(labels))
    lengths = rng.uniform(0.1, 1e6, (len(labels), 1))
    assert opis(vectors @ rotation, labels).opis == pytest.approx(value, rel=1e-9)
    assert opis(vectors * lengths, labels).opis == pytest.approx(value, rel=1e-9)
    assert opis(vectors[order], labels[order]).opis == pytest.approx(value, rel=1e-12)
    renamed = opis(vectors, np.array([50, 7, 3, 91, 4, 2])[labels])
    assert renamed.opis == pytest.approx(value, rel=1e-12)
    np.testing.assert_array_equal(renamed.classes, [3, 7, 50, 91])


@pytest.mark.parametrize("method", ["grid", "exact"])
def test_zero_where_a_rotation_maps_each_class_to_the_next(method: Any) -> None:
    # A cyclic shift of the three blocks of coordinates is a rotation of the whole set that carries
    # class i onto class i + 1, so that all rates are equal.
    first = np.random.default_rng(4).standard_normal((6, 12))
    vectors = np.concatenate([np.roll(first, 4 * i, axis=1) for i in range(3)])
    result = opis(vectors, np.repeat([0, 1, 2], 6), method=method)
    assert result.opis < 1e-25
    assert 0 < result.mean_utility.min() < 1
    np.testing.assert_array_equal(result.signs, 0)


def test_epsilon_opis_never_rises() -> None:
    result = opis(*clusters(5, sizes=(5, 6, 7, 8, 9, 4, 3, 12, 6, 5)))
    worst = np.sort(result.class_utility, axis=0)
    values = [epsilon_opis(result, count / 10) for count in range(1, 11)]
    expected = [
        np.mean((worst[:count].mean(axis=0) - worst.mean(axis=0)) ** 2) for count in range(1, 10)
    ]
    np.testing.assert_allclose(values[:-1], expected, rtol=1e-12)
    assert values[0] > 1e-3
    assert (np.diff(values) <= 0).all()
    assert values[-1] == 0.0
    # ceil(0.15 * 10) = 2 classes
    assert epsilon_opis(result, 0.15) == values[1]


def test_missing_labels_are_left_out() -> None:
    vectors, labels = clusters(6)
    extra = np.concatenate([vectors, 100 + vectors[:3]])
    result = opis(extra, np.concatenate([labels, [-1, -1, -7]]))
    assert result.opis == opis(vectors, labels).opis
    assert result.n_missing == 3


def test_float64_stays_float64() -> None:
    # Inner distances 1e-9 and 3e-9: as float32 all four rows of a class would be one direction.
    step = np.array([0.0, 1e-9])
    angles = np.concatenate([step, 1.0 + 3 * step])
    vectors = np.column_stack([np.cos(angles), np.sin(angles)])
    result = opis(vectors, np.array([0, 0, 1, 1]), calibration_range=(2e-9, 2e-9))
    np.testing.assert_array_equal(result.sensitivity[:, 0], [1, 0])


@pytest.mark.parametrize("method", ["grid", "exact"])
def test_blocks_and_repeated_walks_change_nothing(
    monkeypatch: pytest.MonkeyPatch, method: Any
) -> None:
    vectors, labels = clusters(7, sizes=(40, 25, 60, 2, 1, 33))
    whole = opis(vectors, labels, method=method)
    monkeypatch.setattr(pair_blocks, "TILE_ROWS", 16)
    monkeypatch.setattr(pair_blocks, "TILE_COLUMNS", 33)
    monkeypatch.setattr(pair_blocks, "BATCH_PAIRS", 100)
    monkeypatch.setattr("core.metrics.class_pairs.SAMPLE_ROWS", 20)
    kept = opis(vectors, labels, method=method)
    monkeypatch.setattr(counts, "KEPT_BYTES", 0)
    monkeypatch.setattr(counts, "HISTOGRAM_CELLS", 64)
    walked = opis(vectors, labels, method=method)
    for other in (kept, walked):
        np.testing.assert_allclose(other.calibration_range, whole.calibration_range, rtol=1e-12)
        np.testing.assert_allclose(other.class_utility, whole.class_utility, rtol=1e-12)


def test_a_low_guess_of_the_bound_is_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = clusters(7, sizes=(40, 25, 60))
    whole = opis(vectors, labels)
    monkeypatch.setattr(ClassPairs, "sampled_impostor_distances", lambda _: np.linspace(0, 0.5, 50))
    np.testing.assert_array_equal(opis(vectors, labels).calibration_range, whole.calibration_range)


def test_many_ties() -> None:
    # 40 rows in 4 directions: every impostor distance is sqrt 2, every inner one 0.
    vectors = np.repeat(np.eye(4), 10, axis=0)
    result = opis(vectors, np.repeat(np.arange(4), 10))
    np.testing.assert_allclose(result.calibration_range, np.sqrt(2))
    np.testing.assert_array_equal(result.specificity, 0)
    np.testing.assert_array_equal(result.sensitivity, 1)


def test_single_precision_products(monkeypatch: pytest.MonkeyPatch) -> None:
    vectors, labels = clusters(8, sizes=(80, 50, 70, 30))
    exact = opis(vectors.astype(np.float32).astype(np.float64), labels)
    monkeypatch.setattr(pair_blocks, "EXACT_ROWS", 10)
    single = opis(vectors.astype(np.float32), labels)
    np.testing.assert_allclose(single.calibration_range, exact.calibration_range, atol=5e-6)
    assert single.opis == pytest.approx(exact.opis, rel=1e-2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"far": (0.1, 0.01)}, r"far must be two rates, ascending.*got \(0.1, 0.01\)"),
        ({"far": (0.1, 1.5)}, "far must be"),
        ({"thresholds": 1}, "thresholds must be a whole number of at least 2; got 1"),
        ({"c": 0.0}, "c must be a finite number above 0"),
        ({"reference": "median"}, "reference must be one of class_mean.*'median'"),
        ({"singletons": "keep"}, "singletons must be one of"),
        ({"method": "fast"}, "method must be one of grid, exact"),
        ({"calibration_range": (1.0, 0.5)}, "calibration_range must be"),
        ({"calibration_range": (np.nan, 0.5)}, "calibration_range must be"),
    ],
)
def test_settings_out_of_range(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        opis(*GOLDEN, **change)


def test_data_that_cannot_be_used() -> None:
    vectors, labels = GOLDEN
    with pytest.raises(ParameterError, match=r"at least two classes.*got 1"):
        opis(vectors, np.array([0, 0, 1, 2]))
    with pytest.raises(ParameterError, match="labels must be 4 integer codes"):
        opis(vectors, labels[:3])
    with pytest.raises(ParameterError, match=r"labels must be 4 integer codes.*float64"):
        opis(vectors, labels.astype(float))
    with pytest.raises(ParameterError, match=r"2-D array of numbers.*got shape \(4,\) of float64"):
        opis(vectors[:, 0], labels)
    bad = vectors.copy()
    bad[2, 1] = np.nan
    with pytest.raises(ParameterError, match="1 rows are not, the first is row 2"):
        opis(bad, labels)
    for epsilon in (0.0, 1.1, float("nan")):
        with pytest.raises(ParameterError, match="epsilon must be above 0 and at most 1"):
            epsilon_opis(opis(*GOLDEN), epsilon)
