"""What the study of updates found: an index without duplicates, and series of its changes."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.index.churn import How
from core.studies.inspection.health import Health

Rows = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Series:
    """An index round after round, (r,) each; place 0 is the index as it was built.

    recall: mean recall@k over the queries, strict by id, with the 95 % bootstrap interval of the
    mean from recall_low to recall_high. distance_computations: mean per query. live: rows that are
    not deleted. unreachable: those that no search can visit. unfindable_share: of the live rows, or
    of 5,000 of them, those that their own vector does not find.
    """

    how: How
    rounds: Rows
    recall: Float64s
    recall_low: Float64s
    recall_high: Float64s
    distance_computations: Float64s
    live: Rows
    unreachable: Rows
    unfindable_share: Float64s


@dataclass(frozen=True, eq=False)
class Duplicates:
    """The index as built, and one without the `removed` rows that equal an earlier one exactly."""

    removed: int
    before: Health
    after: Health


@dataclass(frozen=True, eq=False)
class Updates:
    """The index without its exact duplicates, and a series for each way to change its rows.

    n: rows of the index as built. share: of the n rows that each round takes. queries: how many;
    own_queries: whether they were handed in, else they are rows held out of every index.
    duplicates: None where no row equals another.
    """

    k: int
    ef: int
    n: int
    share: float
    queries: int
    duplicates: Duplicates | None
    series: tuple[Series, ...]
    own_queries: bool = False

    def of(self, how: How) -> Series:
        """The series of "update", "replace" or "delete"."""
        return next(series for series in self.series if series.how == how)
