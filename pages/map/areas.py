"""Areas drawn on the map, and how they stand in the page's address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Floats
from core.projection.inside import FEWEST_CORNERS, points_inside

OPERATIONS = ("replace", "add", "subtract")
CORNERS_AT_MOST = 100
LINK_AT_MOST = 1_500  # characters
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Area:
    """A polygon on a map. projection: the map's name, as `map_names` has it. does: "replace", "add"
    or "subtract". corners: (x, y) pairs.
    """

    projection: str
    does: str
    corners: tuple[tuple[float, float], ...]


def area_of(told: Any, projection: str) -> Area | None:
    """The area that the browser tells, or None for what is none: it may tell anything."""
    if not isinstance(told, dict) or told.get("op") not in OPERATIONS:
        return None
    corners = told.get("polygon")
    if not isinstance(corners, list) or not FEWEST_CORNERS <= len(corners) <= CORNERS_AT_MOST:
        return None
    if not all(_is_place(corner) for corner in corners):
        return None
    return Area(projection, str(told["op"]), tuple((float(x), float(y)) for x, y in corners))


def selected(areas: Sequence[Area], n: int, coordinates: Mapping[str, Floats]) -> Mask:
    """(n,) rows that the areas select, one after the other.

    coordinates: (n, 2) of all rows, by the projection that an area is drawn on.
    """
    chosen = np.zeros(n, dtype=np.bool_)
    for area in areas:
        chosen = after(chosen, area, coordinates[area.projection])
    return chosen


def after(chosen: Mask, area: Area, coordinates: Floats) -> Mask:
    """(n,) the rows chosen once an area was drawn on a selection (n,)."""
    inside = points_inside(coordinates, np.array(area.corners))
    if area.does == "add":
        return chosen | inside
    return chosen & ~inside if area.does == "subtract" else inside


def kept(areas: Sequence[Area], area: Area) -> tuple[Area, ...]:
    """The areas that still say what is selected after another one."""
    return (area,) if area.does == "replace" else (*areas, area)


def to_link(areas: Sequence[Area]) -> str:
    """The areas as a text for the address; "" where it would be longer than 1,500 characters.

    >>> to_link([Area("pca", "add", ((0.0, 1.5), (2.0, 0.0), (3.0, 4.0)))])
    'pca~add~0_1.5_2_0_3_4'
    """
    text = "~~".join(_written(area) for area in areas)
    return text if len(text) <= LINK_AT_MOST else ""


def from_link(text: str) -> tuple[Area, ...]:
    """The areas that a link names; none where a part of it cannot be read."""
    found = []
    for part in text[:LINK_AT_MOST].split("~~") if text else ():
        projection, does, numbers, *more = [*part.split("~"), "", ""]
        try:
            values = [float(number) for number in numbers.split("_")]
        except ValueError:
            return ()
        corners = [[x, y] for x, y in zip(values[::2], values[1::2], strict=False)]
        area = area_of({"op": does, "polygon": corners}, projection)
        if area is None or any(more) or len(values) % 2:
            return ()
        found.append(area)
    return tuple(found)


def _written(area: Area) -> str:
    numbers = [f"{at:.12g}" for corner in area.corners for at in corner]
    return "~".join([area.projection, area.does, "_".join(numbers)])


def _is_place(corner: Any) -> bool:
    return isinstance(corner, list) and len(corner) == 2 and all(map(_is_number, corner))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
