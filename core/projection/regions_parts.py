"""The parts of a map at several levels: hills merged the less, the closer one looks."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.projection.regions_hills import Hills, Ids

FEWEST_POINTS = 10
MOST = 300


@dataclass(frozen=True)
class Level:
    """Which hills stand by themselves at a level.

    factor: the least that a peak must be of its saddle. share: the least of all points that it must
    hold, with the hills that have joined it; at least 10 points.
    """

    factor: float
    share: float


LEVELS = (Level(1.5, 0.01), Level(1.25, 0.002), Level(1.1, 0.0004))  # the widest view first


@dataclass(frozen=True, eq=False)
class Part:
    """A hill with those that have joined it, at the widest level at which it stands.

    hill: its number. level: of `LEVELS`. parent: place in the list of the part of the next wider
    level that it lies in, -1 at the widest. hills: (h,) which hills are in it. size: points.
    """

    hill: int
    level: int
    parent: int
    hills: npt.NDArray[np.bool_]
    size: int


def parts_of(hills: Hills, levels: tuple[Level, ...] = LEVELS) -> tuple[Part, ...]:
    """The named parts of a map, each hill once, a wider level first and there the largest first.

    A hill joins another where its peak is too low over its saddle or its points are too few; one
    that has no pass to another stays alone, and is left out of the level where it is too small. At
    most 300, the smallest are left out.
    """
    n = len(hills.of)
    parts: list[Part] = []
    stood = np.zeros(len(hills.peak), dtype=bool)
    wider: Ids | None = None
    place = np.full(len(hills.peak), -1)  # of each hill's part in the list
    for number, level in enumerate(levels):
        home, sizes = standing_hills(hills, level, stood)
        large = sizes >= max(FEWEST_POINTS, level.share * n)
        new = np.flatnonzero((home == np.arange(len(home))) & large & ~stood)
        for hill in new[np.argsort(-sizes[new], kind="stable")]:
            parent = -1 if wider is None else int(place[wider[hill]])
            place[hill] = len(parts)
            parts.append(Part(int(hill), number, parent, home == hill, int(sizes[hill])))
        stood[new] = True
        wider = home
    return tuple(_largest(parts))


def standing_hills(hills: Hills, level: Level, stood: npt.NDArray[np.bool_]) -> tuple[Ids, Ids]:
    """(h,) the hill that each belongs to at a level, and how many points each has then.

    stood: (h,) hills that stand at a wider level, and so at this one.
    """
    least = max(FEWEST_POINTS, level.share * len(hills.of))
    home, sizes = np.arange(len(hills.peak)), hills.size.copy()
    standing = hills.standing
    for hill in reversed(range(len(home))):  # a parent has a lower number: its children come first
        parent = hills.parent[hill]
        joins = not stood[hill] and (standing[hill] < level.factor or sizes[hill] < least)
        if parent >= 0 and joins:
            home[hill] = parent
            sizes[parent] += sizes[hill]
            sizes[hill] = 0
    for hill in range(len(home)):
        home[hill] = home[home[hill]]
    return home, sizes


def _largest(parts: list[Part]) -> list[Part]:
    """The first `MOST` of the parts by size; a part never outlives the one that it lies in."""
    if len(parts) <= MOST:
        return parts
    kept = sorted(sorted(range(len(parts)), key=lambda each: -parts[each].size)[:MOST])
    place = {-1: -1} | {each: number for number, each in enumerate(kept)}
    return [
        Part(old.hill, old.level, place.get(old.parent, -1), old.hills, old.size)
        for old in (parts[each] for each in kept)
    ]
