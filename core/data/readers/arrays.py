"""Files of named arrays: which holds the vectors, queries and ground truth, and which are columns.

Recognized by names and shapes alone, so that a format may read only what is used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.readers.found import Found
from core.errors import DataError

VECTORS = ("vectors", "embeddings", "embedding", "x", "features", "train", "data", "arr_0")
QUERIES = ("queries", "query", "test")
TRUTH = ("ground_truth", "neighbors")
DISTANCES = ("distances",)
LARGEST_CODE_POINT = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)

Arrays = Mapping[str, npt.NDArray[np.generic]]
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Roles:
    """Names of the arrays by what they are; columns: those with one value per vector."""

    vectors: str
    queries: str | None
    truth: str | None
    columns: tuple[str, ...]
    unused: tuple[str, ...]

    @property
    def main(self) -> tuple[str, ...]:
        """Names of the arrays that are no columns."""
        return tuple(name for name in (self.vectors, self.queries, self.truth) if name is not None)


def assign_roles(shapes: Shapes, chosen: str | None) -> Roles:
    """The role of each array, by names and shapes; `chosen` names the vectors. Raises DataError."""
    rest = dict(shapes)
    vectors = _vectors_name(rest, chosen)
    rows = rest.pop(vectors)[:1]
    queries = _take(rest, QUERIES)
    truth = _take(rest, TRUTH) if queries is not None else None
    columns = tuple(name for name, shape in rest.items() if rows and shape == rows)
    unused = tuple(sorted(rest.keys() - set(columns)))
    return Roles(vectors, queries, truth, columns, unused)


def to_found(arrays: Arrays, roles: Roles, notes: Iterable[str] = ()) -> Found:
    """The arrays of `roles` as vectors, queries, ground truth and a table of metadata."""
    said = [f"vectors taken from the array {roles.vectors!r}", *notes]
    if roles.unused:
        said.append(f"not used: {', '.join(roles.unused)}")
    frame = pd.DataFrame({name: _plain(arrays[name], name) for name in roles.columns})
    return Found(
        arrays[roles.vectors],
        frame if roles.columns else None,
        tuple(said),
        None if roles.queries is None else arrays[roles.queries],
        None if roles.truth is None else arrays[roles.truth],
    )


def _vectors_name(shapes: Shapes, chosen: str | None) -> str:
    listing = ", ".join(f"{name} {shape}" for name, shape in shapes.items()) or "none"
    if chosen is not None:
        if chosen not in shapes:
            raise DataError(f"There is no array {chosen!r} in the file. Its arrays: {listing}.")
        return chosen
    for wanted in VECTORS:
        for name, shape in shapes.items():
            if name.casefold() == wanted and len(shape) == 2:
                return name
    taken = QUERIES + TRUTH + DISTANCES
    tables = [n for n, shape in shapes.items() if len(shape) == 2 and n.casefold() not in taken]
    if len(tables) != 1:
        raise DataError(
            f"The file must hold one 2-D array of vectors; got the arrays {listing}. Name the one "
            "with the vectors 'vectors', or say which it is (vector_column)."
        )
    return tables[0]


def _take(shapes: dict[str, tuple[int, ...]], names: tuple[str, ...]) -> str | None:
    for name, shape in shapes.items():
        if name.casefold() in names and len(shape) == 2:
            del shapes[name]
            return name
    return None


def _plain(values: npt.NDArray[np.generic], name: str) -> npt.NDArray[np.generic] | list[str]:
    """What pandas can hold: bytes as text, numbers in the machine's own order of bytes."""
    kind = values.dtype.kind
    if kind == "S":
        return [value.decode("utf-8", "replace") for value in values.tolist()]
    if kind == "U":
        return _texts(values, name)
    if kind in "iuf":
        wide = values.dtype.itemsize > np.dtype(np.float64).itemsize
        return values.astype(np.float64 if wide else values.dtype.newbyteorder("="))
    if kind in "mM":
        return _dates(values)
    return values if kind == "b" else [str(value) for value in values]


def _texts(values: npt.NDArray[np.generic], name: str) -> list[str]:
    native = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("="))
    codes = native.view(np.uint32)
    if ((codes > LARGEST_CODE_POINT) | ((codes >= SURROGATES[0]) & (codes <= SURROGATES[1]))).any():
        raise DataError(f"The array {name!r} holds text that is not Unicode. Save it again.")
    return [str(value) for value in native.tolist()]


def _dates(values: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    try:
        return pd.Series(values).to_numpy()
    except (ValueError, TypeError):  # without a unit, or beyond the years that pandas counts
        return values.astype(np.int64)
