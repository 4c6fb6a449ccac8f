"""What a layout depends on, beside the vectors, their neighbors and the number of components."""

from dataclasses import dataclass

from core.distances import Metric
from core.projection.result import NAMES, Method

NEIGHBORS = 15
MIN_DIST = 0.1
SEED = 42
PERPLEXITY = 30.0
PACMAP_NEIGHBORS = 10
PACMAP_CANDIDATES = 50  # beyond those that are linked, as in pacmap


@dataclass(frozen=True)
class UmapSettings:
    """Of a UMAP.

    metric: of the nearest neighbors. neighbors: of each row, itself left out (umap-learn's
    n_neighbors less 1). min_dist, seed: as in `project_umap`. label_weight: how much labels draw
    the layout, as in `project_umap`; 0 leaves them out.
    """

    metric: Metric = "cosine"
    neighbors: int = NEIGHBORS
    min_dist: float = MIN_DIST
    seed: int = SEED
    label_weight: float = 0.0

    @property
    def method(self) -> Method:
        """What lays it out."""
        return "umap"

    def __str__(self) -> str:
        return NAMES[self.method]

    @property
    def k(self) -> int:
        """Neighbors of each row that the layout takes."""
        return self.neighbors


def attracting(perplexity: float) -> int:
    """Neighbors of each row that attract it in a t-SNE: three times the perplexity."""
    return int(3 * perplexity)


@dataclass(frozen=True)
class TsneSettings:
    """Of a t-SNE; perplexity, exaggeration, seed: as in `project_tsne`."""

    metric: Metric = "cosine"
    perplexity: float = PERPLEXITY
    exaggeration: float = 1.0
    seed: int = SEED

    @property
    def method(self) -> Method:
        """What lays it out."""
        return "tsne"

    def __str__(self) -> str:
        return NAMES[self.method]

    @property
    def k(self) -> int:
        """Neighbors of each row that the layout takes: three times the perplexity."""
        return attracting(self.perplexity)


@dataclass(frozen=True)
class PacmapSettings:
    """Of a PaCMAP; neighbors, mid_near, further, seed: as in `project_pacmap`."""

    metric: Metric = "cosine"
    neighbors: int = PACMAP_NEIGHBORS
    mid_near: float = 0.5
    further: float = 2.0
    seed: int = SEED

    @property
    def method(self) -> Method:
        """What lays it out."""
        return "pacmap"

    def __str__(self) -> str:
        return NAMES[self.method]

    @property
    def k(self) -> int:
        """Neighbors of each row that pairs are chosen from: 50 more than are linked."""
        return self.neighbors + PACMAP_CANDIDATES


LayoutSettings = UmapSettings | TsneSettings | PacmapSettings
