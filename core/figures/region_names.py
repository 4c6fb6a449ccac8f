"""Names on a map: the largest regions by their names, none over another.

A figure does not know how wide it will be drawn. So names are placed as on the narrowest picture, a
phone's; on a wider one the space between them grows, and the names do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.distances import Floats
from core.figures.theme import Surface, plain_texts
from core.projection.regions import Region

MOST = 24
MOST_IN_SPACE = 8  # in 3-D, where names move as the picture is turned
SMALLEST_SHARE = 0.002  # of all points; a smaller region has no name
LETTERS = 24  # of a name, the rest is cut off
NARROWEST = (280.0, 460.0)  # pixels that the points take on a phone
LETTER, LINE = 7.0, 20.0  # pixels of a letter and of a line, with its margin
FONT = 12


@dataclass(frozen=True)
class _Box:
    """Pixels that a name takes; anchor: the side of it that stands at its region's place."""

    left: float
    bottom: float
    width: float
    anchor: str

    def overlaps(self, other: "_Box") -> bool:
        beside = self.left >= other.left + other.width or other.left >= self.left + self.width
        return not beside and abs(self.bottom - other.bottom) < LINE


def region_names(
    regions: Sequence[Region], coordinates: Floats, tone: Surface, edges: Sequence[str | None] = ()
) -> list[dict[str, Any]]:
    """Plotly's annotations for the largest regions, of the layout in 2-D, of the scene in 3-D.

    regions: largest first, of points at `coordinates` (n, 2 or 3). edges: the color of each name's
    frame, if it has one.
    """
    axes = coordinates.shape[1]
    colors = [*edges, *[None] * (len(regions) - len(edges))]
    least = SMALLEST_SHARE * len(coordinates)
    large = [pair for pair in zip(regions, colors, strict=True) if pair[0].size >= least]
    if axes == 3:
        return [
            {**_dress(region, color, tone), **dict(zip("xyz", region.place, strict=True))}
            for region, color in large[:MOST_IN_SPACE]
        ]
    low = coordinates.min(axis=0).astype(np.float64)
    extent = np.maximum(coordinates.max(axis=0) - low, np.finfo(np.float32).tiny)
    taken: list[_Box] = []
    names = []
    for region, color in large:
        x, y = (region.place - low) / extent * NARROWEST
        box = _box(float(x), float(y), len(_short(region.name)))
        if len(taken) < MOST and not any(box.overlaps(other) for other in taken):
            taken.append(box)
            place = {"x": region.place[0], "y": region.place[1], "xanchor": box.anchor}
            names.append({**_dress(region, color, tone), **place})
    return names


def _box(x: float, y: float, letters: int) -> _Box:
    """The box of a name at a place, kept within the picture's sides."""
    width = letters * LETTER + LETTER
    if x < width / 2:
        return _Box(x, y, width, "left")
    if x > NARROWEST[0] - width / 2:
        return _Box(x - width, y, width, "right")
    return _Box(x - width / 2, y, width, "center")


def _short(name: str) -> str:
    return name if len(name) <= LETTERS else f"{name[: LETTERS - 1]}…"


def _dress(region: Region, color: str | None, tone: Surface) -> dict[str, Any]:
    red, green, blue = (int(tone.page[i : i + 2], 16) for i in (1, 3, 5))
    return {
        "text": plain_texts([_short(region.name)])[0],
        "showarrow": False,
        "font": {"color": tone.text, "size": FONT},
        "bgcolor": f"rgba({red},{green},{blue},0.8)",
        "bordercolor": color or "rgba(0,0,0,0)",
        "borderpad": 1,
    }
