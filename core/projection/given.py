"""Coordinates that came with the data: vectors of two or three dimensions, or columns."""

import re
from collections.abc import Sequence
from itertools import takewhile

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import Floats
from core.errors import ParameterError
from core.projection.result import Projection, check_components, frozen

DIMENSIONS = (2, 3)
# What stands at the end of a name, before a number or alone; the first of a row goes across.
FAMILIES = (("x", "y", "z"), ("lon", "lat"), ("lng", "lat"), ("longitude", "latitude"))
_NUMBERED = re.compile(r"(.*?)[ _\-.]*([0-9])$")
_LETTERED = re.compile(r"(.*?)[ _\-.]*([a-z]+)$")
NUMBERED = ("umap", "tsne", "t-sne", "pca", "pc", "pacmap", "dim", "component", "coord", "map")


def is_map(vectors: Floats) -> bool:
    """Whether vectors (n, d) are a map already: of two or three dimensions."""
    return vectors.shape[1] in DIMENSIONS


def project_given(vectors: Floats) -> Projection:
    """Vectors (n, 2 or 3) as they are. Raises ParameterError for other dimensions.

    >>> project_given(np.array([[3.0, 4.0]])).coordinates.tolist()
    [[3.0, 4.0]]
    """
    check_components(vectors.shape[1])
    return Projection(frozen(vectors), "given", None, 0)


def project_columns(
    metadata: pd.DataFrame, columns: Sequence[str]
) -> tuple[Projection, npt.NDArray[np.bool_]]:
    """Two or three columns of numbers as coordinates, and which rows (n,) have all of them.

    A row without one lies at the mean of the others, and is not to be drawn. Raises ParameterError
    for another number of columns, for one that holds no numbers, and where no row has all.
    """
    check_components(len(columns))
    offered = number_columns(metadata)
    for name in columns:
        if name not in offered:
            raise ParameterError(f"column {name!r} holds no numbers. Choose one of {offered}.")
    values = metadata[list(columns)].to_numpy(dtype=np.float64, na_value=np.nan)
    placed: npt.NDArray[np.bool_] = np.isfinite(values).all(axis=1)
    if not placed.any():
        raise ParameterError(f"no row has a number in all of {list(columns)}. Choose others.")
    values = np.where(placed[:, None], values, values[placed].mean(axis=0))
    return Projection(frozen(values), "given", None, 0, columns=tuple(columns)), placed


def number_columns(metadata: pd.DataFrame) -> list[str]:
    """The columns of integers or floats, in their order."""
    return [str(name) for name in metadata.columns if metadata[name].dtype.kind in "iuf"]


def proposed_columns(metadata: pd.DataFrame) -> tuple[str, ...]:
    """Two or three columns that are named as coordinates are, or none.

    x and y (and z), longitude and latitude, umap_1 and umap_2 (and umap_3) and their like, in
    whatever case and with whatever stands before them; the first such in the order of the columns.

    >>> proposed_columns(pd.DataFrame({"year": [1], "UMAP-1": [0.5], "UMAP-2": [0.25]}))
    ('UMAP-1', 'UMAP-2')
    """
    names = number_columns(metadata)
    known = {name.casefold(): name for name in names}
    for name in names:
        found = _family(name.casefold(), known) or _numbered(name.casefold(), known)
        if found:
            return found
    return ()


def _family(name: str, known: dict[str, str]) -> tuple[str, ...]:
    """The columns that `name` begins, by what stands at its end: x beside y."""
    parts = _LETTERED.fullmatch(name)
    for family in FAMILIES:
        if parts is None or parts[2] != family[0]:
            continue
        before = name[: len(name) - len(family[0])]
        return _run([known.get(before + each) for each in family])
    return ()


def _numbered(name: str, known: dict[str, str]) -> tuple[str, ...]:
    """The columns that `name` begins, by a number at its end: umap_1 beside umap_2."""
    parts = _NUMBERED.fullmatch(name)
    if parts is None or not parts[1].endswith(NUMBERED):
        return ()
    before, first = name[:-1], int(parts[2])
    if first > 1:
        return ()
    return _run([known.get(f"{before}{first + step}") for step in range(3)])


def _run(found: Sequence[str | None]) -> tuple[str, ...]:
    """The first of `found` up to a gap, if they are at least two."""
    names = tuple(name for name in takewhile(lambda name: name is not None, found) if name)
    return names if len(names) > 1 else ()
