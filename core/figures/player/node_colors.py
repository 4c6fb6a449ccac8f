"""Colors of nodes as bytes: by class, or along a scale."""

import numpy as np
import numpy.typing as npt
from plotly.colors import sample_colorscale

from core.figures.map import Classes, Values
from core.figures.theme import SEQUENTIAL, class_styles, surface

Bytes = npt.NDArray[np.uint8]
Legend = list[tuple[str, str]]
SHADES = 256
CLASSES_IN_LEGEND = 12
FEW_VALUES = 20  # up to here none is an outlier


def node_colors(
    colors: Classes | Values | None, rows: npt.NDArray[np.int64], *, dark: bool
) -> tuple[Bytes, Legend]:
    """(p, 3) red, green, blue of `rows`, and the legend's (words, color) pairs."""
    other = surface(dark).other
    if colors is None:
        return np.tile(_bytes([other]), (len(rows), 1)), []
    if isinstance(colors, Classes):
        return _by_class(colors, rows, other)
    return _by_value(colors, rows, other)


def _by_class(colors: Classes, rows: npt.NDArray[np.int64], other: str) -> tuple[Bytes, Legend]:
    palette = [color for color, _ in class_styles(len(colors.names))]
    codes = colors.codes[rows]
    legend = list(zip(colors.names, palette, strict=True))
    if len(legend) > CLASSES_IN_LEGEND:
        legend = []  # colors repeat; the class stands in the tip of each node
    return _bytes([*palette, other])[np.where(codes < 0, len(palette), codes)], legend


def _by_value(colors: Values, rows: npt.NDArray[np.int64], other: str) -> tuple[Bytes, Legend]:
    values = colors.values[rows].astype(np.float64)
    known = np.isfinite(values)
    shades = _bytes(_scale())
    painted = np.tile(_bytes([other]), (len(rows), 1))
    if not known.any():
        return painted, []
    few = len(np.unique(values[known])) <= FEW_VALUES
    low, high = np.percentile(values[known], [0, 100] if few else [1, 99])
    share = np.clip((values[known] - low) / ((high - low) or 1.0), 0, 1)
    painted[known] = shades[np.rint(share * (SHADES - 1)).astype(np.int64)]
    ends = [(f"{colors.title} {low:.3g}", _scale()[0]), (f"{high:.3g}", _scale()[-1])]
    return painted, ends


def _scale() -> list[str]:
    """The sequential scale in SHADES steps, as "#rrggbb"."""
    shades = sample_colorscale(SEQUENTIAL, np.linspace(0, 1, SHADES).tolist(), colortype="tuple")
    return ["#" + "".join(f"{round(255 * part):02x}" for part in shade) for shade in shades]


def _bytes(colors: list[str]) -> Bytes:
    digits = [[int(color[at : at + 2], 16) for at in (1, 3, 5)] for color in colors]
    return np.array(digits, dtype=np.uint8)
