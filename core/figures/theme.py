"""One look for every figure: what a color means, palettes, and the light and dark layout.

Roles and the first classes are of the Okabe-Ito palette (https://jfly.uni-koeln.de/color/), which
stays distinct for color-blind eyes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go

from core.visible import visible

TRUE_NEIGHBOR = "#009E73"
FOUND = "#0072B2"
MISSED = "#D55E00"
EXPANDED = "#E69F00"
VISITED = "#56B4E9"
ENTRY_POINT = "#CC79A7"

CLASS_COLORS = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#B5A91E",
    "#7A5195",
    "#8C6D46",
)
CLASS_SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross")

SEQUENTIAL = "Viridis"  # perceptual; light end is high
DIVERGING = (  # blue below, neutral at zero, orange above
    (0.0, "#0072B2"),
    (0.25, "#7FB3D5"),
    (0.5, "#B9BEC4"),
    (0.75, "#E9A779"),
    (1.0, "#D55E00"),
)

FONT = '"Source Sans", "Source Sans Pro", sans-serif'
FIGURE_HEIGHT = 520
# The policy of a page that is a file: its own scripts and styles, and no other server.
ALONE = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


@dataclass(frozen=True)
class Surface:
    """The neutral colors of a theme: text, muted text, grid lines, quiet marks, the page behind."""

    text: str
    muted: str
    grid: str
    other: str
    page: str


LIGHT = Surface(text="#1B2430", muted="#5B6673", grid="#E3E7EC", other="#A9B1BA", page="#FFFFFF")
DARK = Surface(text="#E4E8ED", muted="#9AA5B1", grid="#2A313B", other="#5C6672", page="#12161C")


def surface(dark: bool) -> Surface:
    """The neutral colors of the dark or the light theme."""
    return DARK if dark else LIGHT


def plain_texts(texts: Iterable[str]) -> list[str]:
    """Texts from users as plotly shows them letter by letter: it reads some tags as markup.

    >>> plain_texts(["<b>x</b>", "a & b"])
    ['&lt;b&gt;x&lt;/b&gt;', 'a &amp; b']
    """
    return [escape(visible(text), quote=False) for text in texts]


def class_styles(classes: int) -> list[tuple[str, str]]:
    """(color, marker symbol) of each class code 0..classes - 1.

    Nine colors; the symbol changes each time they are used up, so that the first 45 classes
    differ in the one or the other. Beyond that they repeat.
    """
    return [
        (
            CLASS_COLORS[code % len(CLASS_COLORS)],
            CLASS_SYMBOLS[code // len(CLASS_COLORS) % len(CLASS_SYMBOLS)],
        )
        for code in range(classes)
    ]


def layout(*, dark: bool, height: int = FIGURE_HEIGHT, **changes: Any) -> dict[str, Any]:
    """Arguments for `Figure.update_layout`: the template, a height in pixels, and `changes`.

    >>> go.Figure().update_layout(layout(dark=True, height=300)).layout.height
    300
    """
    return {"template": template(dark=dark), "height": height, **changes}


def template(*, dark: bool) -> go.layout.Template:
    """The plotly template of a theme: transparent paper, quiet grid, tight margins."""
    tone = surface(dark)
    axis = {
        "gridcolor": tone.grid,
        "linecolor": tone.grid,
        "zerolinecolor": tone.grid,
        "tickfont": {"color": tone.muted},
        "title": {"font": {"color": tone.text, "size": 13}, "standoff": 8},
        "automargin": True,
    }
    space_axis = {
        "gridcolor": tone.grid,
        "linecolor": tone.grid,
        "zerolinecolor": tone.grid,
        "showbackground": False,
        "tickfont": {"color": tone.muted},
    }
    return go.layout.Template(
        layout={
            "font": {"family": FONT, "size": 13, "color": tone.text},
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "colorway": list(CLASS_COLORS),
            "colorscale": {"sequential": SEQUENTIAL, "diverging": [list(s) for s in DIVERGING]},
            "margin": {"l": 8, "r": 8, "t": 28, "b": 8},
            "xaxis": axis,
            "yaxis": axis,
            "scene": {"xaxis": space_axis, "yaxis": space_axis, "zaxis": space_axis},
            "legend": {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "title": ""},
            "coloraxis": {"colorbar": {"thickness": 12, "outlinewidth": 0, "ticklen": 3}},
            "hoverlabel": {
                "bgcolor": tone.page,
                "bordercolor": tone.grid,
                "font": {"color": tone.text, "family": FONT},
            },
            "modebar": {
                "bgcolor": "rgba(0,0,0,0)",
                "color": tone.muted,
                "activecolor": tone.text,
            },
        }
    )
