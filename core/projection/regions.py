"""Regions of a map and their names: by the classes that are commonest in them, or by their words.

Both begin with densities on a grid over the map: points counted in cells, smoothed by binomial
weights. A class's region is where it is commoner than any other class. Without classes, regions are
the hills of the density of all points: each cell belongs to the peak that steepest ascent from it
ends at (Koontz, Narendra and Fukunaga, 1976, A graph-theoretic approach to nonparametric cluster
analysis, IEEE Transactions on Computers C-25). Nothing is drawn by chance.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import Float64s, Floats
from core.errors import ParameterError

Ids = npt.NDArray[np.int64]

CELLS = {2: 48, 3: 20}  # along each axis
SMOOTHED = 2  # times
WORDS = 2  # in a name
SMALLEST_SHARE = 0.01  # of all points; a smaller hill has no name
FEWEST_POINTS = 10
FEWEST_HOLD = 3  # points of a region that hold a word of its name
LEAST_LIFT = 2.0  # how much commoner a word of its name is there than in all texts
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, eq=False)
class Region:
    """A part of a map. name: of it. place: (2 or 3,) coordinates of its densest cell's center.

    size: points of the class in it; without classes all points in it.
    """

    name: str
    place: Float64s
    size: int


def class_regions(
    coordinates: Floats, codes: npt.NDArray[np.integer[Any]], names: Sequence[str]
) -> tuple[Region, ...]:
    """Where on the map (n, 2 or 3) each class is commoner than every other, largest region first.

    codes: (n,) into `names`; a negative code is no class, and such a point counts for none.

    A class that is the commonest nowhere has no region; of equally common ones the lower code wins
    a cell. Of equally large regions that of the lower code comes first.

    >>> places = np.array([[0.0, 0.0]] * 3 + [[9.0, 9.0]] * 2)
    >>> [(each.name, each.size) for each in class_regions(places, np.array([1, 1, 0, 0, 0]), "ab")]
    [('a', 2), ('b', 2)]
    """
    codes = np.asarray(codes)
    _check_one_each(coordinates, codes, "codes")
    grid = _Grid(coordinates)
    winner, highest = np.full(grid.size, -1), np.zeros(grid.size)
    densities = []
    for code in range(len(names)):
        density = grid.density(codes == code)
        winner[density > highest] = code
        highest = np.maximum(highest, density)
        densities.append(density)
    at_home = (winner[grid.cells] == codes) & (codes >= 0)
    sizes = np.bincount(codes[at_home], minlength=len(names))
    order = [code for code in np.argsort(-sizes, kind="stable") if sizes[code]]
    peaks = [int(np.argmax(np.where(winner == code, densities[code], -1.0))) for code in order]
    return tuple(
        Region(names[code], grid.center(peak), int(sizes[code]))
        for code, peak in zip(order, peaks, strict=True)
    )


def word_regions(coordinates: Floats, texts: npt.NDArray[np.str_]) -> tuple[Region, ...]:
    """The hills of the map (n, 2 or 3) by the words that their texts (n,) have more than others.

    Words are runs of three letters or more, in small letters, and count once in a text. They are
    ranked by p log(p / q), where p is the share of the region's texts that hold the word and q that
    of all texts: the pointwise Kullback-Leibler divergence (Tomokiyo and Hurst, 2003, A language
    model approach to keyphrase extraction, section 4). The best two make the name, of those that
    three of the region's texts hold and that are twice as common there as in all. A word that three
    texts of more than half of the regions hold ("the") is in no name, and any other in one only,
    that of the largest region. Largest region first; regions without such words, or with less than
    1 % of the points or fewer than 10, are left out.
    """
    _check_one_each(coordinates, texts, "texts")
    hills = _hills(_Grid(coordinates))
    held = _held_words(texts)
    usual = held.groupby("word")["row"].count() / len(texts)
    used = _everywhere(held, [rows for _, rows in hills])
    found = []
    for place, rows in hills:
        words = _distinctive(held, usual, rows, used)
        if words:
            used.update(words)
            found.append(Region(", ".join(words), place, len(rows)))
    return tuple(found)


def _check_one_each(coordinates: Floats, values: npt.NDArray[Any], name: str) -> None:
    if coordinates.ndim != 2 or coordinates.shape[1] not in CELLS or len(coordinates) == 0:
        raise ParameterError(
            f"coordinates must be (n, 2) or (n, 3) with at least 1 row; got {coordinates.shape}."
        )
    if values.shape != (len(coordinates),):
        raise ParameterError(
            f"{name} must hold one value for each of {len(coordinates):,} points; "
            f"got shape {values.shape}."
        )


class _Grid:
    """A map's points in cells of equal size over its extent."""

    def __init__(self, coordinates: Floats) -> None:
        points = np.asarray(coordinates, dtype=np.float64)
        self._low = points.min(axis=0)
        extent = points.max(axis=0) - self._low
        self._axes = points.shape[1]
        self._along = CELLS[self._axes]
        self._width = np.where(extent > 0, extent, 1.0) / self._along
        within = np.minimum((points - self._low) / self._width, self._along - 1).astype(np.int64)
        self.shape = (self._along,) * self._axes
        self.size = self._along**self._axes
        self.cells: Ids = np.ravel_multi_index(tuple(within.T), self.shape)  # (n,) of each point

    def density(self, chosen: npt.NDArray[np.bool_] | slice = slice(None)) -> Float64s:
        """(cells,) points of `chosen` in each cell, smoothed by [1, 2, 1] / 4 along each axis."""
        counts = np.bincount(self.cells[chosen], minlength=self.size).astype(np.float64)
        smooth = counts.reshape(self.shape)
        for axis, _ in product(range(self._axes), range(SMOOTHED)):
            smooth = _smoothed(smooth, axis)
        return smooth.reshape(-1)

    def center(self, cell: int) -> Float64s:
        """(2 or 3,) coordinates of the middle of a cell."""
        place = np.array(np.unravel_index(cell, self.shape))
        return np.asarray(self._low + (place + 0.5) * self._width, dtype=np.float64)

    def uphill(self, density: Float64s) -> Ids:
        """(cells,) the densest of each cell and those that touch it; of equal ones the first."""
        ids = np.arange(self.size)
        padded = np.pad(density.reshape(self.shape), 1, constant_values=-1.0)
        named = np.pad(ids.reshape(self.shape), 1, constant_values=self.size)
        best, highest = ids.copy(), density.copy()
        for steps in product((0, 1, 2), repeat=self._axes):
            window = tuple(slice(step, step + self._along) for step in steps)
            there, name = padded[window].reshape(-1), named[window].reshape(-1)
            better = (there > highest) | ((there == highest) & (name < best))
            best, highest = np.where(better, name, best), np.where(better, there, highest)
        return best


def _smoothed(values: Float64s, axis: int) -> Float64s:
    padded = np.pad(values, [(int(each == axis),) * 2 for each in range(values.ndim)])
    parts = [
        padded.take(np.arange(start, start + values.shape[axis]), axis=axis) for start in (0, 1, 2)
    ]
    return np.asarray((parts[0] + 2 * parts[1] + parts[2]) / 4)


def _hills(grid: _Grid) -> list[tuple[Float64s, Ids]]:
    """The peak's place and the rows of each hill that is large enough, largest first."""
    top = grid.uphill(grid.density())
    while not np.array_equal(top, top[top]):
        top = top[top]
    peaks, hill, sizes = np.unique(top[grid.cells], return_inverse=True, return_counts=True)
    least = max(FEWEST_POINTS, SMALLEST_SHARE * len(grid.cells))
    return [
        (grid.center(int(peaks[each])), np.flatnonzero(hill == each))
        for each in np.argsort(-sizes, kind="stable")
        if sizes[each] >= least
    ]


def _held_words(texts: npt.NDArray[np.str_]) -> pd.DataFrame:
    """Columns row and word, one line for each word that a text holds."""
    rows, words = [], []
    for row, text in enumerate(texts.tolist()):
        for word in sorted(set(_WORD.findall(text.casefold()))):
            rows.append(row)
            words.append(word)
    return pd.DataFrame({"row": np.array(rows, dtype=np.int64), "word": words})


def _everywhere(held: pd.DataFrame, hills: list[Ids]) -> set[str]:
    """Words that FEWEST_HOLD texts hold in more than half of the hills."""
    counts = [
        held["word"].to_numpy()[np.isin(held["row"].to_numpy(), rows)].tolist() for rows in hills
    ]
    often = Counter(
        word for words in counts for word, n in Counter(words).items() if n >= FEWEST_HOLD
    )
    return {word for word, n in often.items() if n > len(hills) / 2}


def _distinctive(
    held: pd.DataFrame, usual: "pd.Series[float]", rows: Ids, used: set[str]
) -> list[str]:
    """The words of the rows that make their name; of equal ones the first in the alphabet."""
    inside = held[np.isin(held["row"].to_numpy(), rows)].groupby("word")["row"].count()
    lift = inside / len(rows) / usual[inside.index]
    inside = inside[(inside >= FEWEST_HOLD) & (lift >= LEAST_LIFT) & ~inside.index.isin([*used])]
    score = inside.to_numpy() * np.log(lift[inside.index].to_numpy())
    best = np.argsort(-score, kind="stable")[:WORDS]
    return [str(inside.index[each]) for each in best]
