"""What a projection gives: coordinates to draw, and how they came about."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.distances import Float64s
from core.errors import ParameterError


@dataclass(frozen=True)
class Projection:
    """Coordinates of n items on a map.

    coordinates: (n, 2 or 3) float32, read-only. method: "pca" or "umap". explained_variance:
    (components,) share of the variance that each PCA axis shows, None for UMAP. seed: what the
    draws were made from. rows: of which the axes of a PCA are, where these are not all rows.
    """

    coordinates: npt.NDArray[np.float32]
    method: Literal["pca", "umap"]
    explained_variance: Float64s | None
    seed: int
    rows: int | None = None


def check_components(components: int) -> None:
    """Raise a ParameterError unless a map of so many dimensions can be drawn."""
    if components not in (2, 3):
        raise ParameterError(f"components must be 2 or 3; got {components}.")


def frozen(coordinates: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A read-only float32 copy of `coordinates`, which sessions may share."""
    copy = coordinates.astype(np.float32, order="C")
    copy.setflags(write=False)
    return copy
