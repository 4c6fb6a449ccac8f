"""What a map keeps of the neighbors in the space that it shows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_count, check_rows
from core.distances import Floats
from core.errors import ParameterError
from core.index import exact_neighbors
from core.intervals import normal_half_width
from core.metrics import recall_at_k
from core.progress import CountProgress
from core.studies.parts.knn import KnnLists
from core.studies.parts.sampling import sample_rows

ROWS_AT_MOST = 5_000


@dataclass(frozen=True, eq=False)
class KeptNeighbors:
    """Share of true nearest neighbors that are among as many nearest on the map.

    rows: (q,) the rows that it was measured for, ascending, of n: all of those with a list, or a
    sample of them drawn with `seed`. share: (q,) for each of them, in [0, 1]. k: the neighbors
    taken.
    """

    rows: npt.NDArray[np.int64]
    share: npt.NDArray[np.float64]
    k: int
    n: int
    seed: int

    @property
    def is_sample(self) -> bool:
        """Whether some rows of the data were not measured."""
        return len(self.rows) < self.n

    @property
    def mean_share(self) -> float:
        """Mean over the rows."""
        return float(self.share.mean())

    @property
    def half_width(self) -> float:
        """Half of the 95 % interval (normal) of the mean; 0 where every row was measured."""
        if not self.is_sample:
            return 0.0
        return float(normal_half_width(self.share))


def kept_neighbors(
    coordinates: Floats,
    lists: KnnLists,
    k: int = 15,
    *,
    rows_at_most: int = ROWS_AT_MOST,
    seed: int = 0,
    progress: CountProgress | None = None,
) -> KeptNeighbors:
    """How many of the k true nearest of each row are among its k nearest on the map.

    coordinates: (n, 2 or 3), nearest by Euclidean distance, the row itself left out.
    lists: the true neighbors, at least k of each row.
    rows_at_most: where more rows have a list, so many are drawn with `seed`.
    progress: called as progress(rows done, rows); an exception that it raises stops the work.

    Raises ParameterError where the lists are of other data than the map, or shorter than k.
    """
    places = check_rows(coordinates, "coordinates")
    if len(places) != lists.n:
        raise ParameterError(
            f"coordinates must have a row for each of the {lists.n:,} rows that the lists are of; "
            f"got {len(places):,}."
        )
    if check_count(k, "k") > lists.k:
        raise ParameterError(
            f"k must be at most {lists.k:,}, the length of the lists; got {k:,}. Lower k, or find "
            "longer lists."
        )
    chosen = sample_rows(len(lists.rows), rows_at_most, seed=seed)
    rows = lists.rows[chosen]
    shown = exact_neighbors(
        places, places[rows], k, metric="euclidean", exclude=rows, progress=progress
    )
    share = recall_at_k(shown.ids, lists.neighbors.ids[chosen, :k])
    return KeptNeighbors(rows, share, k, lists.n, seed)
