"""The way from one item to another, and who is nearest along it."""

from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.checks import check_choice, check_whole
from core.distances import Float64s, Floats, Metric
from core.index import exact_neighbors
from core.index.exact import FEW_QUERIES

Way = Literal["straight", "spherical"]
NEARLY_STRAIGHT = 1e-6  # of the sine of the angle


@dataclass(frozen=True, eq=False)
class Path:
    """shares: (s,) of the way, from 0 to 1. ids, distances: (s, k) nearest to each step."""

    shares: Float64s
    ids: npt.NDArray[np.int64]
    distances: Float64s
    way: Way


def points_between(first: Floats, second: Floats, shares: Float64s, way: Way) -> Float64s:
    """Points at `shares` (s,) of the way between two vectors (d,), (s, d) float64.

    straight: (1 - t) a + t b. spherical: sin((1 - t) w) / sin(w) of the direction of a plus
    sin(t w) / sin(w) of that of b, w the angle between them, with a length that goes evenly from
    that of a to that of b (Shoemake, Animating Rotation with Quaternion Curves, SIGGRAPH 1985).
    Where the directions are equal or opposite, or one vector is zero, the way is the straight one.

    >>> points_between(np.array([2.0, 0]), np.array([0, 4.0]), np.array([0.5]), "straight").tolist()
    [[1.0, 2.0]]
    """
    check_choice(way, "way", get_args(Way))
    a, b = first.astype(np.float64), second.astype(np.float64)
    t = shares[:, None]
    straight = (1 - t) * a + t * b
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    if way == "straight" or min(lengths) == 0:
        return straight
    angle = np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1.0, 1.0))
    if np.sin(angle) < NEARLY_STRAIGHT:
        return straight
    direction = (
        np.sin((1 - t) * angle) * a / lengths[0] + np.sin(t * angle) * b / lengths[1]
    ) / np.sin(angle)
    return np.asarray(direction * ((1 - t) * lengths[0] + t * lengths[1]))


def nearest_along(
    vectors: Floats,
    first: int,
    second: int,
    *,
    steps: int,
    k: int,
    metric: Metric,
    way: Way = "straight",
    ends: bool = False,
) -> Path:
    """The k nearest rows of `vectors` (n, d) to each of `steps` points from one row to another.

    steps: at least 2, both ends among them. ends: whether the two rows may be answers.
    """
    shares = np.linspace(0.0, 1.0, check_whole(steps, "steps", 2))
    points = points_between(vectors[first], vectors[second], shares, way).astype(np.float32)
    wanted = k if ends else k + len({first, second})
    found = [
        exact_neighbors(vectors, points[start : start + FEW_QUERIES], wanted, metric=metric)
        for start in range(0, len(points), FEW_QUERIES)
    ]
    ids = np.concatenate([each.ids for each in found])
    distances = np.concatenate([each.distances for each in found])
    if not ends:
        kept = ~np.isin(ids, (first, second))
        ids = np.stack([row[mask][:k] for row, mask in zip(ids, kept, strict=True)])
        distances = np.stack([row[mask][:k] for row, mask in zip(distances, kept, strict=True)])
    return Path(shares, ids, distances, way)
