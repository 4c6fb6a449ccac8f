"""What a reader gets and what it returns."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import Metric


@dataclass(frozen=True)
class Options:
    """vector_column: the column, or the prefix of numbered columns, that holds the vectors.

    label_column: kept out of the vectors when columns are guessed.
    """

    vector_column: str | None = None
    label_column: str | None = None


@dataclass(frozen=True, eq=False)
class Found:
    """The content of a file before its rows are checked.

    vectors: (n, d) numbers, NaN where a row had none. metadata: n rows, or None. notes: what was
    guessed. metric: that the file states, or None.
    """

    vectors: npt.NDArray[np.generic]
    metadata: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
    queries: npt.NDArray[np.generic] | None = None
    ground_truth: npt.NDArray[np.generic] | None = None
    metric: Metric | None = None
