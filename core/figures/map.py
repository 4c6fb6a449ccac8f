"""What colors the points of a map: classes or numbers."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

OTHER = -1
LEGEND_AT_MOST = 12  # classes; more of them are named on the map
NAMED_CLASSES = 20
TOLD_APART = 45  # classes that colors and symbols tell apart


@dataclass(frozen=True, eq=False)
class Classes:
    """Color by class: codes (n,), -1 for "other", and the name of each code."""

    title: str
    codes: npt.NDArray[np.int64]
    names: tuple[str, ...]


def class_colors(
    title: str, codes: npt.NDArray[np.int64], names: tuple[str, ...], most: int = TOLD_APART
) -> Classes:
    """Colors of all classes up to `most`; else of the 20 commonest, and the rest as "other".

    codes: (n,), -1 where the class is missing. names: of each code.
    """
    if len(names) <= most:
        return Classes(title, codes, names)
    commonest = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(names)), kind="stable")
    place = np.full(len(names) + 1, OTHER)
    place[commonest[:NAMED_CLASSES]] = np.arange(NAMED_CLASSES)
    return Classes(title, place[codes], tuple(names[i] for i in commonest[:NAMED_CLASSES]))


@dataclass(frozen=True, eq=False)
class Values:
    """Color by number: values (n,), NaN where there is none.

    ticks: values and what they are called beside the color bar, which then reaches over all values;
    by default it is a plain scale from the 1st percentile to the 99th.
    """

    title: str
    values: npt.NDArray[np.float64]
    ticks: tuple[tuple[float, str], ...] = ()
