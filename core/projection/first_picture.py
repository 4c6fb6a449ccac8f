"""A PCA of a few rows of a file, drawn before the rest of it is read."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.conversion import check_table, non_finite_rows
from core.data.embedding_set import class_codes, find_label_column
from core.data.plain_columns import plain_frame
from core.data.preview import Look
from core.distances import Float64s
from core.errors import DataError
from core.projection.pca import project_pca, turned
from core.projection.result import Projection, frozen

ROWS = 2_000
SEED = 0
COMPONENTS = 2
ALL_AXES = 512  # dimensions up to which all axes are found; beyond, only the two that are drawn


@dataclass(frozen=True, eq=False)
class FirstPicture:
    """Some rows of a file, spread over it.

    rows: (m,) their numbers, ascending. of: how many rows the file has. projection: (m, 2) their
    own PCA. left_out: how many of those drawn are missing or not finite. label: the column of the
    classes, or "". codes: (of,) of every row into `class_names`, -1 where it is missing; None
    without classes.
    """

    rows: npt.NDArray[np.int64]
    of: int
    projection: Projection
    left_out: int = 0
    label: str = ""
    codes: npt.NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()


def picture_of(look: Look, *, rows: int = ROWS, seed: int = SEED) -> FirstPicture | None:
    """A picture of `rows` rows of what was found in a file; None where none can be drawn.

    rows: drawn with `seed` without replacement, all where there are no more. Nothing but these rows
    is read of an array that lies in the file, and of the metadata one column.
    """
    if look.found is None:
        return None
    try:
        vectors = check_table(look.found.vectors, "vectors")
    except DataError:
        return None
    n = len(vectors)
    drawn = np.arange(n)
    if n > rows:
        drawn = np.sort(np.random.default_rng(seed).choice(n, rows, replace=False, shuffle=False))
    with np.errstate(over="ignore"):
        values = np.asarray(vectors[drawn], dtype=np.float32)
    kept = np.setdiff1d(np.arange(len(drawn)), non_finite_rows(values))
    if not len(kept):
        return None
    made = FirstPicture(drawn[kept], n, _pca(values[kept], seed), len(drawn) - len(kept))
    return _with_classes(made, look.found.metadata, look.settings.label_column)


def _pca(values: npt.NDArray[np.float32], seed: int) -> Projection:
    if values.shape[1] <= ALL_AXES or len(values) <= COMPONENTS:
        return project_pca(values, components=COMPONENTS, seed=seed)
    return _two_axes(values.astype(np.float64), seed)


def _two_axes(values: Float64s, seed: int) -> Projection:
    """The same by Lanczos iterations, which find two axes of thousands in a moment."""
    from scipy.sparse.linalg import svds  # loaded only for rows so wide

    centered = values - values.mean(axis=0)
    scale = float(np.abs(centered).max())
    if scale == 0:
        return project_pca(values, components=COMPONENTS, seed=seed)
    centered /= scale
    start = np.random.default_rng(seed).normal(size=min(centered.shape))
    _, singular, found = svds(centered, k=COMPONENTS, v0=start)
    axes = turned(found[::-1])
    shares = np.asarray(singular[::-1] ** 2 / np.sum(centered**2))
    return Projection(frozen(centered @ axes.T * scale), "pca", shares, seed)


def _with_classes(
    made: FirstPicture, frame: pd.DataFrame | None, chosen: str | None
) -> FirstPicture:
    """The picture with the classes of its rows, where the file has a column of them."""
    if frame is None or len(frame) != made.of:
        return made
    named = frame.set_axis([str(name) for name in frame.columns], axis=1)
    if not named.columns.is_unique:
        return made
    try:
        label = find_label_column(named, chosen)
    except DataError:
        return made
    if label is None:
        return made
    column, _ = plain_frame(named[[label]].reset_index(drop=True))
    if label not in column.columns:
        return made
    codes, names = class_codes(column[label])
    return replace(made, label=label, codes=codes, class_names=names)
