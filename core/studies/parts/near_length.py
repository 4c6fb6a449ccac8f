"""How near two rows must be to count as near copies."""

import numpy as np
import numpy.typing as npt

from core.data import first_equal_rows, is_first
from core.distances import Metric, length_metric, lengths
from core.index import exact_neighbors
from core.studies.parts.sampling import sample_rows

NEAR = 0.02  # of the median length to the 10th nearest
NTH, DRAWN, SEED = 10, 500, 0
LEAST_DIMENSIONS = 3


def near_length(vectors: npt.NDArray[np.float32], metric: Metric) -> float:
    """The length up to which two rows count as near; NaN where none are sought.

    Of `vectors` (n, d), exact copies left out. In m dimensions a share of 10 * 0.02^m of the rows
    has another within it by chance, 0.008 % of them in 3; so in fewer none are sought, as among
    fewer than 20 rows. Under cosine a space has a dimension less than its vectors.
    """
    if vectors.shape[1] - (metric == "cosine") < LEAST_DIMENSIONS:
        return float("nan")
    distinct = np.flatnonzero(is_first(first_equal_rows(vectors)))
    if len(distinct) < 2 * NTH:
        return float("nan")
    measured = length_metric(metric)
    rows = vectors[distinct] if len(distinct) < len(vectors) else vectors
    drawn = sample_rows(len(rows), DRAWN, seed=SEED)
    near = exact_neighbors(rows, rows[drawn], NTH, metric=measured, exclude=drawn)
    return NEAR * float(np.median(lengths(near.distances[:, -1], measured)))
