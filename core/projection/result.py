"""What a projection gives: coordinates to draw, and how they came about."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from core.distances import Float64s
from core.errors import ParameterError

Method = Literal["pca", "umap", "tsne", "pacmap", "given"]
NAMES: dict[Method, str] = {
    "pca": "PCA",
    "umap": "UMAP",
    "tsne": "t-SNE",
    "pacmap": "PaCMAP",
    "given": "Given",
}


@dataclass(frozen=True)
class Steps:
    """How far a layout has come. unit: "epochs" or "iterations", as its method calls them."""

    done: int
    total: int
    unit: str


@dataclass(frozen=True)
class Projection:
    """Coordinates of n items on a map.

    coordinates: (n, 2 or 3) float32, read-only. method: how they were found; "given" where the data
    came with them. explained_variance: (components,) share of the variance that each PCA axis
    shows, None for other methods. seed: what the draws were made from. rows: of which the axes of a
    PCA are, where these are not all rows. steps: how far the layout had come, None where it has
    ended. columns: of the metadata that the coordinates are, none unless they are given there.
    """

    coordinates: npt.NDArray[np.float32]
    method: Method
    explained_variance: Float64s | None
    seed: int
    rows: int | None = None
    steps: Steps | None = None
    columns: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The method as people write it."""
        return NAMES[self.method]


def check_components(components: int) -> None:
    """Raise a ParameterError unless a map of so many dimensions can be drawn."""
    if components not in (2, 3):
        raise ParameterError(f"components must be 2 or 3; got {components}.")


def frozen(coordinates: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """A read-only float32 copy of `coordinates`, which sessions may share."""
    copy = coordinates.astype(np.float32, order="C")
    copy.setflags(write=False)
    return copy
