"""What the sections of the Neighbors page are asked about."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.index import Neighbors
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Asked:
    """query: (d,). item: the row that it is, or -1 for none. name: in words."""

    work: Workspace
    query: npt.NDArray[np.float32]
    item: int
    name: str
    k: int

    @property
    def embeddings(self) -> EmbeddingSet:
        """The data."""
        return self.work.embeddings

    @property
    def names(self) -> npt.NDArray[np.str_]:
        """(n,) short names."""
        return items.short_names(self.work.embeddings)

    def nearest(self) -> Neighbors:
        """The k true neighbors, (1, k); they wait for no index."""
        return jobs.ready(indexes.true_neighbors(self.work, self.query, self.item, self.k))
