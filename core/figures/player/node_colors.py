"""Colors of nodes as bytes: by class, or along a scale; pale, for strong colors are the search's.

The roles of a search (expanded, visited, ...) keep the strong colors of the Okabe-Ito palette to
themselves. Classes take the same hues mixed with the page; numbers run from pale to dark gray.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.figures.map import Classes, Values
from core.figures.theme import Surface, class_styles, surface
from core.visible import visible

Bytes = npt.NDArray[np.uint8]
Legend = list[tuple[str, str]]
SHADES = 256
CLASSES_IN_LEGEND = 12
FEW_VALUES = 20  # up to here none is an outlier
PAGE_SHARE = 0.6  # of the page's color in that of a class
PALEST = 0.25  # of the text's color in that of the least value


@dataclass(frozen=True, eq=False)
class Marked:
    """Color of some rows alone: marked (n,), and what the marked and the other rows are called."""

    marked: npt.NDArray[np.bool_]
    name: str
    other: str


def node_colors(
    colors: Classes | Values | Marked | None, rows: npt.NDArray[np.int64], *, dark: bool
) -> tuple[Bytes, Legend]:
    """(p, 3) red, green, blue of `rows`, and the legend's (words, color) pairs."""
    tone = surface(dark)
    if colors is None:
        return np.tile(_bytes([tone.other]), (len(rows), 1)), []
    if isinstance(colors, Marked):
        legend = [(colors.name, tone.text), (colors.other, tone.other)]
        return _bytes([tone.other, tone.text])[colors.marked[rows].astype(np.int64)], legend
    if isinstance(colors, Classes):
        return _by_class(colors, rows, tone)
    return _by_value(colors, rows, tone)


def _by_class(colors: Classes, rows: npt.NDArray[np.int64], tone: Surface) -> tuple[Bytes, Legend]:
    palette = [mixed(color, tone.page, PAGE_SHARE) for color, _ in class_styles(len(colors.names))]
    codes = colors.codes[rows]
    legend = list(zip(map(visible, colors.names), palette, strict=True))
    if len(legend) > CLASSES_IN_LEGEND:
        legend = []  # colors repeat; the class stands in the tip of each node
    return _bytes([*palette, tone.other])[np.where(codes < 0, len(palette), codes)], legend


def _by_value(colors: Values, rows: npt.NDArray[np.int64], tone: Surface) -> tuple[Bytes, Legend]:
    values = colors.values[rows].astype(np.float64)
    known = np.isfinite(values)
    painted = np.tile(_bytes([tone.other]), (len(rows), 1))
    if not known.any():
        return painted, []
    few = len(np.unique(values[known])) <= FEW_VALUES
    low, high = np.percentile(values[known], [0, 100] if few else [1, 99])
    share = np.clip((values[known] - low) / ((high - low) or 1.0), 0, 1)
    scale = [mixed(tone.text, tone.page, page) for page in np.linspace(1 - PALEST, 0, SHADES)]
    painted[known] = _bytes(scale)[np.rint(share * (SHADES - 1)).astype(np.int64)]
    ends = [(f"{visible(colors.title)} {low:.3g}", scale[0]), (f"{high:.3g}", scale[-1])]
    return painted, ends


def mixed(color: str, page: str, share: float) -> str:
    """A color with a share of another in it, "#rrggbb"."""
    parts = (1 - share) * _bytes([color]).astype(float) + share * _bytes([page]).astype(float)
    return "#" + "".join(f"{round(part):02x}" for part in parts[0])


def _bytes(colors: list[str]) -> Bytes:
    digits = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors]
    return np.array(digits, dtype=np.uint8)
