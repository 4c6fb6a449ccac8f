"""Regions of a map and their names: by the words of their texts, or by their labels.

Regions are the hills of the density of points (`regions_hills`), at several levels of merging
(`regions_parts`), so that more and smaller ones are named the closer one looks; the name of one
that lies in another says what sets it apart there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Floats
from core.errors import ParameterError
from core.projection.regions_hills import Ids, check_places, find_hills
from core.projection.regions_labels import label_names
from core.projection.regions_parts import LEVELS, parts_of, standing_hills
from core.projection.regions_words import Words, word_names


@dataclass(frozen=True, eq=False)
class Region:
    """A part of a map. name: of it. place: (2 or 3,) coordinates of its densest cell's center.

    size: points in it. level: 0 for a region of the widest view, more for one that lies in another.
    label: the commonest label in it, where it is named by labels.
    """

    name: str
    place: Float64s
    size: int
    level: float = 0.0
    label: str = ""


def label_regions(
    coordinates: Floats, codes: npt.NDArray[np.integer[Any]], names: Sequence[str]
) -> tuple[Region, ...]:
    """The regions of a map (n, 2 or 3) by their labels, largest first (see `label_names`).

    codes: (n,) into `names`; a negative code is no label.

    >>> places = np.array([[0.0, 0.0]] * 30 + [[9.0, 9.0]] * 20)
    >>> found = label_regions(places, np.array([1] * 27 + [0] * 23), "ab")
    >>> [(each.name, each.size) for each in found]
    [('b 90 %', 30), ('a 100 %', 20)]
    """
    codes = np.asarray(codes)
    check_places(coordinates)
    _check_one_each(coordinates, codes.shape, "codes")
    hills = find_hills(coordinates)
    parts = parts_of(hills)
    if not parts:
        return ()
    named = label_names(parts, hills.of, codes, names)
    return _largest_first(
        Region(name.name, hills.places[part.hill], part.size, float(part.level), name.leading)
        for part, name in zip(parts, named, strict=True)
    )


def word_regions(coordinates: Floats, words: Words) -> tuple[Region, ...]:
    """The regions of a map (n, 2 or 3) by the words of their texts, largest first.

    words: of the n texts, from `count_words`; see `word_names` for which make a name.
    """
    check_places(coordinates)
    _check_one_each(coordinates, words.held.shape[:1], "words")
    hills = find_hills(coordinates)
    parts = parts_of(hills)
    if not parts:
        return ()
    return _largest_first(
        Region(name, hills.places[part.hill], part.size, float(part.level))
        for part, name in zip(parts, word_names(parts, hills.of, words), strict=True)
    )


def codes_of_regions(coordinates: Floats, regions: Sequence[Region]) -> Ids:
    """(n,) which of the regions of the widest view of this map each point lies in, -1 for none.

    regions: of level 0, found on the same coordinates; a region of another map holds no point.
    """
    hills = find_hills(coordinates)
    none = np.zeros(len(hills.peak), dtype=bool)
    home, _ = standing_hills(hills, LEVELS[0], none)
    place = {tuple(at): number for number, at in enumerate(hills.places.tolist())}
    code = np.full(len(hills.peak) + 1, -1)
    for number, region in enumerate(regions):
        code[place.get(tuple(region.place.tolist()), -1)] = number
    code[-1] = -1
    return np.asarray(code[home[hills.of]])


def _largest_first(regions: Iterable[Region]) -> tuple[Region, ...]:
    named = [region for region in regions if region.name]
    return tuple(sorted(named, key=lambda region: -region.size))


def _check_one_each(coordinates: Floats, shape: tuple[int, ...], name: str) -> None:
    if shape != (len(coordinates),):
        raise ParameterError(
            f"{name} must hold one value for each of {len(coordinates):,} points; got {shape}."
        )
