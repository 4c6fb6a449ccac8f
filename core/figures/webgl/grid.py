"""Places of points as 16-bit whole numbers: a quarter of what two float64 take."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Floats

STEPS = 65_535  # coordinates travel as 16-bit whole numbers


@dataclass(frozen=True, eq=False)
class Grid:
    """places: (n, 2 or 3) steps from `corner` of a square or cube whose sides are `side` long."""

    places: npt.NDArray[np.uint16]
    corner: tuple[float, ...]
    side: float


def on_grid(coordinates: Floats) -> Grid:
    """Coordinates (n, 2 or 3) on the square or cube about their middle that the longest side fills.

    >>> on_grid(np.array([[0.0, 0.0], [4.0, 2.0]])).places.tolist()
    [[0, 16384], [65535, 49151]]
    """
    low, high = coordinates.min(axis=0), coordinates.max(axis=0)
    side = float((high - low).max()) or 1.0
    middle = (low + high) / 2
    places = np.rint(np.clip((coordinates - middle) / side + 0.5, 0, 1) * STEPS)
    corner = tuple(float(at) - side / 2 for at in middle)
    return Grid(np.asarray(places, dtype=np.uint16), corner, side)
