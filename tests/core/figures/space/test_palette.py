"""Colors of the map: apart from each other, and from those that only neighbors have."""

import numpy as np
import pytest

from core.figures.space import palette
from core.figures.theme import DARK, LIGHT, TRUE_NEIGHBOR


def apart(places: np.ndarray) -> float:
    """The least distance of two of the places."""
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    return float(distances[~np.eye(len(places), dtype=bool)].min())


def test_cielab_of_known_colors() -> None:
    # White, black and sRGB's red, as Lindbloom's calculator gives them.
    found = palette.lab(["#ffffff", "#000000", "#ff0000"])
    expected = np.array([[100.0, 0.0, 0.0], [0.0, 0.0, 0.0], [53.24, 80.09, 67.20]])
    np.testing.assert_allclose(found, expected, atol=0.05)


@pytest.mark.parametrize(("count", "least"), [(9, 33.0), (20, 21.0), (50, 12.0)])
def test_classes_are_told_apart(count: int, least: float) -> None:
    colors = list(palette.class_palette(count))
    assert len(set(colors)) == count
    assert apart(palette.lab(colors)) > least


def test_color_blind_eyes_tell_the_first_nine_apart() -> None:
    colors = palette._rgb(list(palette.class_palette(9)))
    for seen in palette._seen_by_color_blind(colors):
        assert apart(palette._lab(seen)) > 26


def test_more_classes_leave_the_first_colors_as_they_are() -> None:
    assert palette.class_palette(50)[:4] == palette.class_palette(4)
    assert palette.class_palette(4)[0] == "#0072b2"
    assert palette.class_palette(0) == ()


def test_no_palette_holds_a_color_of_the_neighbors() -> None:
    used = [*palette.class_palette(50), *palette.number_scale(dark=False)]
    used += [*palette.number_scale(dark=True), LIGHT.muted, LIGHT.other, DARK.muted, DARK.other]
    assert TRUE_NEIGHBOR in palette.ROLES
    for role in palette.lab(list(palette.ROLES)):
        assert np.linalg.norm(palette.lab(used) - role, axis=1).min() > 26


@pytest.mark.parametrize("dark", [False, True])
def test_a_scale_gets_lighter_from_end_to_end_and_no_end_is_the_page(dark: bool) -> None:
    scale = list(palette.number_scale(dark=dark))
    assert len(scale) == palette.SHADES
    lightness = palette.lab(scale)[:, 0]
    assert np.diff(lightness).min() > -0.5  # colors are rounded to bytes
    assert lightness[-1] - lightness[0] > 50
    page = palette.lab([(DARK if dark else LIGHT).page])[0]
    assert np.linalg.norm(palette.lab(scale) - page, axis=1).min() > 20
