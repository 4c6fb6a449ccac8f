"""OPIS of a set with its interval, and of equal classes drawn from it."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import count_pairs, epsilon_opis, opis, opis_of_counts
from core.metrics.opis_counted import opis_interval
from core.studies.thresholds.consistency import OpisSettings, class_consistency, equal_sizes

RANDOM = np.random.default_rng(9)
LABELS = np.append(np.repeat(np.arange(5), [40, 30, 20, 10, 6]), [7, 8, -1])
VECTORS = RANDOM.normal(size=(10, 6))[LABELS] + RANDOM.normal(size=(109, 6)) * (
    0.4 + 0.15 * LABELS[:, None].clip(0, 5)
)


def test_figures_and_intervals_are_those_of_the_metric() -> None:
    counts = count_pairs(VECTORS, LABELS)
    settings = OpisSettings(far=(0.02, 0.2), c=2.0, min_size=8, epsilon=0.4, thresholds=31)
    found = class_consistency(counts, settings)
    known = opis_of_counts(counts, far=(0.02, 0.2), c=2.0, min_size=8, thresholds=31)
    assert found.opis.opis == known.opis
    assert len(found.opis.thresholds) == 31
    assert found.epsilon_opis == epsilon_opis(known, 0.4)
    interval = opis_interval(counts, far=(0.02, 0.2), c=2.0, min_size=8, epsilon=0.4)
    assert (found.interval, found.epsilon_interval) == interval
    usual = class_consistency(counts)
    assert usual.opis.opis == opis_of_counts(counts).opis
    assert usual.epsilon_opis == epsilon_opis(usual.opis, 0.10)


@pytest.mark.parametrize(
    "settings",
    [
        OpisSettings(),
        OpisSettings(far=(0.02, 0.3), c=3.0, reference="pooled", thresholds=11),
        OpisSettings(method="exact", singletons="drop"),
    ],
)
def test_a_scorer_takes_its_settings_to_vectors(settings: OpisSettings) -> None:
    known = opis(
        VECTORS,
        LABELS,
        far=settings.far,
        c=settings.c,
        reference=settings.reference,
        thresholds=settings.thresholds,
        method=settings.method,
        singletons=settings.singletons,
    )
    found = settings.scorer("cosine")(VECTORS, LABELS)
    assert found.opis == pytest.approx(known.opis, rel=0.05)
    assert found.n_negatives == known.n_negatives
    assert settings.scorer("euclidean")(VECTORS, LABELS).opis != found.opis


def test_equal_sizes_are_draws_of_each_large_class() -> None:
    found = equal_sizes(VECTORS, LABELS, size=10, seeds=3)
    assert (found.size, found.classes) == (10, 4)
    values = []
    for seed in range(3):
        random = np.random.default_rng(seed)
        rows = np.concatenate(
            [np.flatnonzero(code == LABELS)[random.choice(size, 10, replace=False)]
             for code, size in enumerate([40, 30, 20, 10])]
        )  # fmt: skip
        values.append(opis_of_counts(count_pairs(VECTORS[rows], LABELS[rows])).opis)
    np.testing.assert_allclose(found.values, values)
    assert found.mean == pytest.approx(np.mean(values))
    assert len(set(values)) == 3


def test_whole_classes_leave_nothing_to_draw() -> None:
    some = LABELS < 4
    found = equal_sizes(VECTORS[some & (LABELS >= 2)], LABELS[some & (LABELS >= 2)], size=10)
    assert found.values.std() > 0
    rows = np.flatnonzero(np.isin(LABELS, [2, 3]))[10:]  # ten of each
    whole = equal_sizes(VECTORS[rows], LABELS[rows], size=10, seeds=4)
    assert whole.values.std() < 1e-12


def test_a_least_size_of_the_settings_does_not_empty_the_draws() -> None:
    settings = OpisSettings(min_size=30)
    found = equal_sizes(VECTORS, LABELS, size=6, settings=settings, seeds=2)
    plain = equal_sizes(VECTORS, LABELS, size=6, seeds=2)
    np.testing.assert_array_equal(found.values, plain.values)


def test_of_very_many_classes_some_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.studies.thresholds.consistency.EQUAL_ROWS", 18)
    told: list[tuple[float, str]] = []
    found = equal_sizes(VECTORS, LABELS, size=6, seeds=2, progress=lambda *step: told.append(step))
    assert found.classes == 3  # of the five that have six members
    assert told == [(0.0, "0 of 2 draws"), (0.5, "1 of 2 draws")]


@pytest.mark.parametrize("metric", ["euclidean", "inner_product"])
def test_equal_sizes_follow_the_metric(metric: str) -> None:
    one = equal_sizes(VECTORS, LABELS, size=6, seeds=1, metric=metric)  # type: ignore[arg-type]
    assert one.values[0] != equal_sizes(VECTORS, LABELS, size=6, seeds=1).values[0]


def test_fewer_than_two_large_classes_are_refused() -> None:
    with pytest.raises(ParameterError, match="two classes with two or more members"):
        equal_sizes(VECTORS, LABELS, size=31)
