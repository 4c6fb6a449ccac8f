"""The rule that tells a change from rebuild noise: by hand, against scipy, and its error."""

import numpy as np
import pytest
from scipy import stats

from core.errors import ParameterError
from core.studies.parts.rebuild_noise import (
    Change,
    against_rebuilds,
    between_settings,
    noise_half_width,
    query_residual,
)


def test_a_change_against_rebuilds_by_hand() -> None:
    # s^2 = (0.02^2 + 0 + 0.02^2) / 2 = 0.0004; two single builds differ by sqrt(0.0008) = 0.02828;
    # t(2, 97.5 %) = 4.30265: 0.12170.
    change = against_rebuilds(0.9, 0.95, [0.88, 0.90, 0.92])
    assert change.half_width == pytest.approx(0.12170, abs=1e-5)
    assert change.difference == pytest.approx(0.05)
    assert not change.is_beyond
    assert against_rebuilds(0.9, 1.03, [0.88, 0.90, 0.92]).is_beyond
    assert against_rebuilds(1.03, 0.9, [0.88, 0.90, 0.92]).is_beyond


def test_more_builds_of_a_side_know_its_mean_better() -> None:
    # 1 / 4 + 1 / 1 in place of 2; the mean of the four is 0.5.
    change = against_rebuilds([0.2, 0.4, 0.6, 0.8], 0.9, [0.88, 0.90, 0.92])
    assert change.before == 0.5
    assert change.half_width == pytest.approx(4.30265 * 0.02 * np.sqrt(1.25), rel=1e-5)


def test_figures_judged_together_share_the_error() -> None:
    # 98.75 % in place of 97.5 %.
    change = against_rebuilds(0.9, 0.95, [0.88, 0.90, 0.92], judged=2)
    expected = stats.t.ppf(0.9875, 2) * 0.02 * np.sqrt(2)
    assert change.half_width == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(("residual", "step"), [(0.0009, 0.0), (0.0, 0.03), (0.0009, 0.01)])
def test_rebuilds_that_agree_by_chance_do_not_make_a_step_a_signal(
    residual: float, step: float
) -> None:
    change = against_rebuilds(0.9, 0.95, [0.9] * 5, residual=residual, step=step)
    assert change.half_width == pytest.approx(stats.t.ppf(0.975, 4) * 0.03 * np.sqrt(2))


def test_the_residual_is_that_of_the_two_way_table() -> None:
    # Rows mean 0.5 and 1.5, columns 0.5, 1, 1.5, all 1. Residuals of the first line: 0 - 0.5 - 0.5
    # + 1 = 0, 1 - 0.5 - 1 + 1 = 0.5, 0.5 - 0.5 - 1.5 + 1 = -0.5; of the second the same with the
    # other sign: 4 * 0.25 = 1 over 1 * 2 degrees, over 3 queries.
    table = np.array([[0.0, 1.0, 0.5], [1.0, 1.0, 2.5]])
    assert query_residual(table) == pytest.approx(1 / 2 / 3)
    # What all queries of a build share, and what a query shares over builds, is none of it.
    shifted = table + np.array([[0.3], [-0.2]]) + np.array([[5.0, 0.0, 2.0]])
    assert query_residual(shifted) == pytest.approx(1 / 6)
    assert query_residual(table[:1]) == query_residual(table[:, :1]) == 0.0


def test_two_settings_with_builds_of_their_own_are_as_scipy_has_welch() -> None:
    rng = np.random.default_rng(0)
    for _ in range(20):
        before, after = rng.normal(0, 1, 4), rng.normal(1, 3, 6)
        low, high = stats.ttest_ind(after, before, equal_var=False).confidence_interval(0.95)
        change = between_settings(before, after)
        assert change.difference - change.half_width == pytest.approx(low)
        assert change.difference + change.half_width == pytest.approx(high)


def test_settings_whose_builds_agree_differ_beyond_one_step_only() -> None:
    # v = 0.01^2 on both sides: f = 4, t = 2.77645, sqrt(2 * 0.0001 / 3) = 0.0081650.
    change = between_settings([0.5] * 3, [0.51] * 3, step=0.01)
    assert change.half_width == pytest.approx(2.77645 * 0.0081650, rel=1e-4)
    assert between_settings([0.5] * 3, [0.51] * 3).half_width == 0.0


def test_a_figure_that_is_not_defined_is_neither_inside_nor_beyond() -> None:
    for change in (
        against_rebuilds(0.9, 0.2, [0.9, np.nan, 0.9]),
        between_settings([0.9, np.nan], [0.2, 0.3]),
        Change(0.9, float("nan"), 0.1),
    ):
        assert not change.is_known
        assert not change.is_beyond


def test_the_noise_of_a_curve_is_that_of_each_of_its_places() -> None:
    rebuilds = np.array([[0.88, 0.5], [0.90, 0.5], [0.92, 0.5]])
    half = noise_half_width(rebuilds, residual=np.array([0.0, 0.0004]), step=0.001, judged=2)
    singly = [
        against_rebuilds(0, 0, rebuilds[:, i], residual=r, step=0.001, judged=2).half_width
        for i, r in enumerate((0.0, 0.0004))
    ]
    np.testing.assert_allclose(half, singly)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: against_rebuilds(0.9, 0.9, [0.9]), "at least 2 builds"),
        (lambda: between_settings([0.9], [0.9, 0.8]), "at least 2 builds"),
        (lambda: noise_half_width(np.ones((1, 3))), "at least 2; got 1"),
        (lambda: query_residual(np.ones(3)), r"\(builds, queries\)"),
        (lambda: against_rebuilds(0.9, 0.9, [0.9, 0.8], judged=0), "judged"),
    ],
)
def test_too_few_builds_are_refused(make: object, words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        make()  # type: ignore[operator]


@pytest.mark.parametrize("builds_differ", [0.0, 0.5, 4.0], ids=["queries", "both", "builds"])
@pytest.mark.parametrize("rebuilds", [3, 5, 10])
def test_a_setting_against_itself_is_called_different_in_at_most_5_percent(
    builds_differ: float, rebuilds: int
) -> None:
    """4,000 trials of 60 queries; the deviation between builds in units of that of a mean."""
    trials, queries = 4_000, 60
    rng = np.random.default_rng(rebuilds)
    shape = (trials, rebuilds + 2)
    values = rng.normal(size=(*shape, queries))
    values += (builds_differ / np.sqrt(queries) * rng.normal(size=shape))[..., None]
    values += rng.normal(0, 5, size=(trials, 1, queries))  # queries differ by far more
    means, rest = values.mean(axis=2), values[:, 2:]
    residual = rest - rest.mean(2, keepdims=True) - rest.mean(1, keepdims=True)
    residual = residual + rest.mean((1, 2), keepdims=True)
    within = (residual**2).sum((1, 2)) / ((rebuilds - 1) * (queries - 1)) / queries
    different = sum(
        against_rebuilds(line[0], line[1], line[2:], residual=each).is_beyond
        for line, each in zip(means, within.tolist(), strict=True)
    )
    # 5 % and two standard errors of a share of 4,000; with builds that differ it is 5 % itself.
    assert different / trials <= 0.05 + 2 * np.sqrt(0.05 * 0.95 / trials)
    assert builds_differ < 1 or different / trials >= 0.035
