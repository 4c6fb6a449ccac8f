"""Columns of HDF5 files that are kept in several arrays: categories, and AnnData's table `obs`.

A category column is a group of `codes` and `categories`. AnnData keeps the columns of its items in
the group obs, their coordinates in obsm, and what concerns the dimensions in var, varm and varp.
Format: https://anndata.readthedocs.io/en/stable/fileformat-prose.html
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data.readers.arrays import Shapes
from core.data.readers.hdf5_types import UnreadableError
from core.data.readers.sparse import DENSE, sparse_groups

CODES, CATEGORIES = "codes", "categories"
OBS = "obs/"
TABLES = ("X", "obsm/", "layers/")
OLD_CATEGORIES = "obs/__categories/"


@dataclass(frozen=True)
class Arranged:
    """Arrays by the names that they go by, with their shapes.

    parts: the arrays that a name stands for, codes before categories; itself for a plain array.
    shown: the name of a column on the pages, where it differs. left_out: reasons by name.
    """

    shapes: Shapes
    parts: dict[str, tuple[str, ...]]
    shown: dict[str, str]
    left_out: dict[str, str]


def arrange(stored: Shapes) -> Arranged:
    """The arrays of a file, with categories as one column each, and sparse matrices left out."""
    shapes, left_out = dict(stored), dict[str, str]()
    parts: dict[str, tuple[str, ...]] = {name: (name,) for name in stored}
    for group in sparse_groups(stored):
        for name in [each for each in shapes if each.startswith(f"{group}/")]:
            del shapes[name]
        left_out[group] = f"is a sparse matrix, which is not read. {DENSE}"
    for path in stored:
        group, _, last = path.rpartition("/")
        categories = f"{group}/{CATEGORIES}"
        if last == CODES and group and len(stored.get(categories, ())) == 1:
            shapes[group] = shapes.pop(path)
            shapes.pop(categories)
            parts[group] = (path, categories)
    shown = dict[str, str]()
    if _is_anndata(stored):
        _join_old_categories(shapes, parts)
        shapes = {name: shapes[name] for name in shapes if name.startswith((OBS, *TABLES))}
        shown = {name: name.removeprefix(OBS) for name in shapes if name.startswith(OBS)}
    return Arranged(shapes, parts, shown, left_out)


def join_categories(
    codes: npt.NDArray[np.generic], categories: npt.NDArray[np.generic]
) -> npt.NDArray[np.object_]:
    """(n,) the category of each code, None where the code is negative: it is missing."""
    if codes.dtype.kind not in "iu" or (len(codes) and int(codes.max()) >= len(categories)):
        raise UnreadableError("has codes that none of its categories has")
    names = np.empty(len(categories) + 1, dtype=object)
    names[:-1] = [_text(value) for value in categories.tolist()]
    numbers = codes.astype(np.int64)
    return np.asarray(names[np.where(numbers < 0, len(categories), numbers)])


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _is_anndata(stored: Shapes) -> bool:
    has_table = any(name == "X" or name.startswith(("X/", "obsm/")) for name in stored)
    return has_table and any(name.startswith(OBS) for name in stored)


def _join_old_categories(
    shapes: dict[str, tuple[int, ...]], parts: dict[str, tuple[str, ...]]
) -> None:
    """Until AnnData 0.7 all categories stood in one group, each by the name of its column."""
    for path in [name for name in shapes if name.startswith(OLD_CATEGORIES)]:
        column = OBS + path.removeprefix(OLD_CATEGORIES)
        del shapes[path]
        if column in shapes:
            parts[column] = (column, path)
