"""The matrix of false match rates and the missed matches by group, from counts made by hand."""

import math

import numpy as np
import plotly.graph_objects as go
import pytest

from core.figures.group_errors import DARK_SHADES, MOST_NUMBERS, SHADES, fmr_matrix, fnmr_by_group
from core.figures.theme import FOUND, MISSED, surface
from core.intervals import wilson_interval
from core.metrics.group_errors import GroupErrors

# At a target of 0.01: group 0 with 1 far above, 0 with 2 at it, 1 with 2 below with no false match,
# 0 with itself too few pairs, 1 with itself none, 2 with itself below.
ERRORS = GroupErrors(
    score=0.5,
    far=0.01,
    target=0.01,
    accepted=np.array([[5, 1_000, 100], [1_000, 0, 0], [100, 0, 1]]),
    pairs=np.array([[100, 10_000, 10_000], [10_000, 0, 10_000], [10_000, 10_000, 10_000]]),
    rejected=np.array([10, 0, 60]),
    genuine=np.array([100, 0, 100]),
)
NAMES = ("ant", "<bee>", "cat")
ALL = np.arange(3)


def layers(figure: go.Figure) -> tuple[np.ndarray, np.ndarray]:
    gray, told = figure.data
    return np.asarray(gray.z, dtype=float), np.asarray(told.z, dtype=float)


def test_cells_hold_log10_of_the_rate_or_are_gray() -> None:
    gray, told = layers(fmr_matrix(ERRORS, NAMES, ALL))
    # log10 of 0.1; of 1 / 10,000, the resolution of a cell without a false match; of 1e-4.
    wanted = [[np.nan, -1, np.nan], [-1, np.nan, -4], [np.nan, -4, -4]]
    np.testing.assert_allclose(told, wanted)
    np.testing.assert_array_equal(np.isnan(gray), ~np.isnan(told))


def test_numbers_tell_a_resolution_from_a_rate() -> None:
    figure = fmr_matrix(ERRORS, NAMES, ALL)
    assert np.asarray(figure.data[1].text).tolist() == [
        ["-1.3", "-1.0", "-2.0"],
        ["-1.0", "", "<-4.0"],
        ["-2.0", "<-4.0", "-4.0"],
    ]


def test_white_is_the_target_and_colors_reach_the_farthest() -> None:
    told = fmr_matrix(ERRORS, NAMES, ALL).data[1]
    assert (told.zmin, told.zmax) == (pytest.approx(-4.0), pytest.approx(0.0))
    assert tuple(map(tuple, told.colorscale)) == SHADES
    assert not fmr_matrix(ERRORS, NAMES, ALL).data[0].showscale
    assert SHADES[0][1] == FOUND
    assert SHADES[2][1] == MISSED


def test_cells_carry_their_groups_and_tell_their_interval() -> None:
    figure = fmr_matrix(ERRORS, NAMES, np.array([2, 0]))
    told = figure.data[1]
    assert np.asarray(told.customdata).tolist() == [[[2, 2], [2, 0]], [[0, 2], [0, 0]]]
    low, high = wilson_interval(0.01, 10_000)
    assert told.hovertext[0][1] == (
        f"cat and ant: 100 of 10,000 pairs accepted, FMR 0.01 (95 %: {low:.3g} to {high:.3g})"
    )
    assert list(figure.layout.xaxis.ticktext) == ["cat", "ant"]
    assert figure.layout.yaxis.autorange == "reversed"
    whole = fmr_matrix(ERRORS, NAMES, ALL)
    assert whole.data[1].hovertext[1][1] == "&lt;bee&gt; and &lt;bee&gt;: no pair"
    assert "&lt;bee&gt;" in whole.layout.xaxis.ticktext


def test_many_groups_have_no_numbers() -> None:
    for groups, shown in ((MOST_NUMBERS, True), (MOST_NUMBERS + 1, False)):
        even = np.full((groups, groups), 1_000)
        errors = GroupErrors(0.5, 0.01, 0.01, even // 100, even, even[0] // 10, even[0])
        figure = fmr_matrix(errors, [str(code) for code in range(groups)], np.arange(groups))
        assert (figure.data[1].text is not None) == shown
        assert (figure.data[1].texttemplate is not None) == shown


def test_a_threshold_without_false_matches_is_all_gray() -> None:
    none = np.zeros((3, 3), int)
    errors = GroupErrors(0.9, 0.0, 0.0, none, ERRORS.pairs, ERRORS.rejected, ERRORS.genuine)
    gray, told = layers(fmr_matrix(errors, NAMES, ALL))
    assert np.isnan(told).all()
    assert not np.isnan(gray).any()


def test_missed_matches_have_their_interval() -> None:
    figure = fnmr_by_group(ERRORS, NAMES, ALL)
    (dots,) = figure.data
    np.testing.assert_array_equal(dots.x, [0.1, np.nan, 0.6])
    for place, rate in ((0, 0.1), (2, 0.6)):
        low, high = wilson_interval(rate, 100)
        assert dots.error_x.array[place] == pytest.approx(high - rate)
        assert dots.error_x.arrayminus[place] == pytest.approx(rate - low)
    assert math.isnan(dots.error_x.array[1])
    # 70 of 200 genuine pairs within a group are rejected.
    (line,) = figure.layout.shapes
    assert line.x0 == pytest.approx(0.35)
    assert list(dots.marker.color)[::2] == [FOUND, MISSED]
    assert np.asarray(dots.customdata).tolist() == [[0, 100], [1, 0], [2, 100]]
    assert list(figure.layout.yaxis.ticktext) == ["ant", "&lt;bee&gt;", "cat"]
    few = fnmr_by_group(ERRORS, NAMES, np.array([2]))
    assert list(few.data[0].x) == [0.6]
    assert few.layout.shapes[0].x0 == pytest.approx(0.35)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    tone = surface(dark)
    matrix = fmr_matrix(ERRORS, NAMES, ALL, dark=dark, height=401)
    assert tuple(map(tuple, matrix.data[1].colorscale)) == (DARK_SHADES if dark else SHADES)
    assert matrix.data[0].colorscale[0][1] == tone.grid
    rates = fnmr_by_group(ERRORS, NAMES, ALL, dark=dark, height=402)
    for height, figure in zip((401, 402), (matrix, rates), strict=True):
        assert figure.layout.height == height
        assert figure.layout.template.layout.font.color == tone.text
