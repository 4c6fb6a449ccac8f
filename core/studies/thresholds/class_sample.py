"""Which rows a study of classes takes, where there are too many."""

import numpy as np
import numpy.typing as npt

from core.studies.parts.sampling import Rows, sample_classes, sample_rows

FEWEST_MEMBERS = 20  # of a class of usual size, for a sample that keeps all classes


def class_sample(labels: npt.NDArray[np.integer], size: int, *, seed: int = 0) -> Rows:
    """About `size` of the rows with a label, ascending; all of them if they are no more.

    labels: (n,) codes, below 0 for a missing one. All classes get their share where that leaves
    half of them 20 members; else whole classes are drawn, so that their sizes stay as they are.
    """
    rows = np.flatnonzero(labels >= 0)
    if len(rows) <= size:
        return rows
    sizes = np.unique(labels[rows], return_counts=True)[1]
    if np.median(sizes) * size / len(rows) >= FEWEST_MEMBERS:
        return np.asarray(rows[sample_rows(len(rows), size, labels=labels[rows], seed=seed)])
    return sample_classes(labels, size, seed=seed)
