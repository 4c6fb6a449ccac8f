"""What is drawn over the points of the map, and said beside it: small, and sent at each change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.figures.map import Classes, Values
from core.figures.space.palette import CLASSES_AT_MOST, FALSE_NEIGHBOR, class_palette
from core.figures.space.payloads import Sent
from core.figures.theme import TRUE_NEIGHBOR, surface
from core.projection.regions import Region
from core.visible import visible

Rows = npt.NDArray[np.int64]
DIGITS = 7


def _no_rows() -> Rows:
    return np.empty(0, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Overlay:
    """What stands out on a map (n, 2 or 3).

    space: names what a zoom is of: the vectors and the projection. item: the chosen row, or None.
    near: its true neighbors, nearest first. torn: those of `near` that the map put far away.
    false: rows near on the map that are none. marked: rows with rings. regions: named parts,
    largest first. axes: their titles. headline: the map in a sentence. caption: what it rests on.
    walk: regions that keys walk through where none is named. data: the name of the data.
    link: names and texts for the page's address, "" takes a name out of it. fades: whether all
    points but the item and its neighbors are pale. is_second: of two maps side by side the one that
    shares the legend of the other.
    """

    space: str
    coordinates: Floats = field(repr=False)
    item: int | None = None
    item_name: str = ""
    near: Rows = field(default_factory=_no_rows)
    torn: Rows = field(default_factory=_no_rows)
    false: Rows = field(default_factory=_no_rows)
    marked: Rows = field(default_factory=_no_rows)
    regions: Sequence[Region] = ()
    walk: Sequence[Region] = ()
    axes: Sequence[str] = ()
    headline: str = ""
    caption: str = ""
    data: str = ""
    link: Mapping[str, str] = field(default_factory=dict)
    fades: bool = False
    is_second: bool = False


def overlay_content(
    overlay: Overlay,
    *,
    geometry: Sent,
    paint: Sent,
    masks: Sent,
    colors: Classes | Values | None,
) -> dict[str, Any]:
    """The overlay as the element reads it, in coordinates of the map; names are plain text.

    It holds the colors of both themes: the element wears that of the page, also after a switch. A
    third coordinate stands at the end of each list.
    A region whose leading class is one of `colors` has that class's color.
    """
    torn = np.isin(overlay.near, overlay.torn)
    edges = class_colors_of(colors)

    def told(regions: Sequence[Region]) -> list[list[Any]]:
        return [
            _marked(
                [visible(each.name), *_place(each.place)],
                each.size,
                edges.get(each.label or each.name),
                each.level,
            )
            for each in regions
        ]

    return {
        "geometry": geometry.name,
        "paint": paint.name,
        "masks": masks.name,
        "space": overlay.space,
        "tones": {"light": _tones(dark=False), "dark": _tones(dark=True)},
        "item": None
        if overlay.item is None
        else _marked(_points(overlay, np.array([overlay.item]))[0], visible(overlay.item_name)),
        "near": [
            _marked(place, bool(far))
            for place, far in zip(_points(overlay, overlay.near), torn, strict=True)
        ],
        "false": _points(overlay, overlay.false),
        "marked": _points(overlay, overlay.marked),
        "regions": told(overlay.regions),
        "walk": told(overlay.walk),
        "axes": [visible(axis) for axis in overlay.axes],
        "headline": visible(overlay.headline),
        "caption": visible(overlay.caption),
        "data": visible(overlay.data),
        "link": dict(overlay.link),
        "fade": overlay.fades,
        "second": overlay.is_second,
    }


def _tones(*, dark: bool) -> dict[str, str]:
    tone = surface(dark)
    return {
        "text": tone.text,
        "muted": tone.muted,
        "page": tone.page,
        "near": TRUE_NEIGHBOR,
        "false": FALSE_NEIGHBOR,
    }


def class_colors_of(colors: Classes | Values | None) -> dict[str, str]:
    """The color of each class by its name; none where there are more classes than colors."""
    if not isinstance(colors, Classes) or len(colors.names) > CLASSES_AT_MOST:
        return {}
    return dict(zip(colors.names, class_palette(len(colors.names)), strict=True))


def _marked(place: list[Any], *facts: Any) -> list[Any]:
    """Facts of a mark [row or name, x, y, z], before its third coordinate."""
    return [*place[:3], *facts, *place[3:]]


def _points(overlay: Overlay, rows: Rows) -> list[list[Any]]:
    """[row, x, y] of each row, or [row, x, y, z]."""
    return [[row, *_place(overlay.coordinates[row])] for row in rows.tolist()]


def _place(place: Floats) -> list[float]:
    return [float(f"{value:.{DIGITS}g}") for value in place.tolist()]
