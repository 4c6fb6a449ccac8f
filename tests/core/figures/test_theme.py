import plotly.graph_objects as go
import pytest

from core.figures.theme import CLASS_COLORS, CLASS_SYMBOLS, class_styles, layout, surface


def luminance(color: str) -> float:
    """Relative luminance of WCAG 2.1 of a #rrggbb color."""
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("dark", [False, True])
def test_text_can_be_read_on_its_page(dark: bool) -> None:
    tone = surface(dark)
    assert contrast(tone.text, tone.page) >= 7  # WCAG AAA
    assert contrast(tone.muted, tone.page) >= 4.5  # WCAG AA


@pytest.mark.parametrize("dark", [False, True])
def test_a_figure_takes_the_colors_of_its_theme(dark: bool) -> None:
    figure = go.Figure(layout=layout(dark=dark, height=300, showlegend=False))
    style = figure.layout.template.layout
    assert figure.layout.height == 300
    assert figure.layout.showlegend is False
    assert style.font.color == surface(dark).text
    assert style.xaxis.gridcolor == surface(dark).grid
    assert style.paper_bgcolor == "rgba(0,0,0,0)"


def test_the_first_classes_all_differ_and_then_repeat() -> None:
    different = len(CLASS_COLORS) * len(CLASS_SYMBOLS)
    styles = class_styles(different + 1)
    assert len(set(styles[:different])) == different == 45
    assert styles[different] == styles[0]
    assert [color for color, _ in styles[:9]] == list(CLASS_COLORS)
