"""Files of named arrays: which holds the vectors, queries and ground truth, and which are columns.

Recognized by names and shapes alone, so that a format may read only what is used.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.labels import LABEL_NAMES
from core.data.readers.found import ColumnRole, Found, Options, Role
from core.data.readers.sparse import check_dense
from core.errors import ChoiceError, DataError

VECTORS = (
    "vectors",
    "embeddings",
    "embedding",
    "vector",
    "emb",
    "embs",
    "x",
    "features",
    "feats",
    "train",
    "base",
    "xb",
    "database",
    "data",
    "arr_0",
)
QUERIES = frozenset({"queries", "query", "test", "xq"})  # one of the words of a name
TRUTH = frozenset({"groundtruth", "truth", "neighbors", "gt", "knn"})
DISTANCES = frozenset({"distances", "dists"})
WORDS = re.compile(r"[\W_]+")
ITEM_NAME = "name"
MAPS = frozenset({"umap", "tsne", "phate", "mds", "isomap", "map", "coordinates", "coords"})
WIDEST_MAP = 3
FEWEST_ITEMS = 4  # x, y and z beside one another are columns
MOST_ITEMS = 0.9  # share of the arrays that have the length of an item
LARGEST_CODE_POINT = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)

Arrays = Mapping[str, npt.NDArray[np.generic]]
Shapes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Roles:
    """Names of the arrays by what they are; columns: those with one value per vector.

    vectors: the array of all vectors; or "", where `items` names one array for each. others: tables
    with as many rows, which could be chosen in place of the vectors. left_out: as asked.
    """

    vectors: str
    queries: str | None
    truth: str | None
    columns: tuple[str, ...]
    unused: tuple[str, ...]
    items: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def main(self) -> tuple[str, ...]:
        """Names of the arrays without which the file cannot be read."""
        return self.items or (self.vectors,)

    @property
    def asked(self) -> tuple[str, ...]:
        """Names of the arrays of queries and ground truth; both are left out together."""
        return tuple(name for name in (self.queries, self.truth) if name is not None)

    @property
    def used(self) -> tuple[str, ...]:
        """Names of all arrays that are read."""
        return (*self.main, *self.asked, *self.columns)


def name_words(name: str) -> frozenset[str]:
    """The words of a name, without capitals.

    >>> sorted(name_words("sift/Base_vectors.f32"))
    ['base', 'f32', 'sift', 'vectors']
    """
    return frozenset(WORDS.split(name.casefold())) - {""}


def assign_roles(shapes: Shapes, options: Options) -> Roles:
    """The role of each array, by names and shapes; `options` may name the vectors.

    Raises ChoiceError where several tables could be the vectors, DataError where none could.
    """
    left_out = tuple(name for name in shapes if name in options.left_out)
    rest = {name: shape for name, shape in shapes.items() if name not in left_out}
    check_dense(rest)
    vectors = _vectors_name(rest, options.vector_column, options.not_vectors)
    if vectors is None:
        items = _items(rest)
        unused = tuple(sorted(rest.keys() - set(items)))
        return Roles("", None, None, (), unused, items=items, left_out=left_out)
    rows = rest.pop(vectors)[:1]
    queries = _take(rest, QUERIES)
    truth = _take(rest, TRUTH) if queries is not None else None
    columns = tuple(name for name, shape in rest.items() if shape in (rows, (*rows, 1)))
    unused = tuple(sorted(rest.keys() - set(columns)))
    others = tuple(name for name in unused if len(rest[name]) == 2 and rest[name][:1] == rows)
    return Roles(vectors, queries, truth, columns, unused, others=others, left_out=left_out)


def to_found(arrays: Arrays, roles: Roles, notes: Iterable[str] = ()) -> Found:
    """The arrays of `roles` as vectors, queries, ground truth and a table of metadata."""
    if roles.items:
        return _one_array_each(arrays, roles, notes)
    vectors = arrays[roles.vectors]
    said = [f"vectors taken from the array {roles.vectors!r}"]
    if vectors.ndim == 3:
        said.append(f"shape {vectors.shape} taken as ({len(vectors)}, {vectors.shape[2]})")
        vectors = vectors[:, 0]
    said += notes
    if roles.unused:
        said.append(f"not used: {', '.join(roles.unused)}")
    frame = as_frame({name: arrays[name].ravel() for name in roles.columns})
    return Found(
        vectors,
        frame if roles.columns else None,
        tuple(said),
        None if roles.queries is None else arrays[roles.queries],
        None if roles.truth is None else arrays[roles.truth],
        roles=_column_roles(frame, roles),
    )


def as_frame(columns: Arrays) -> pd.DataFrame:
    """A table of arrays of one axis; raises DataError for text that is not Unicode."""
    return pd.DataFrame({name: _plain(values, name) for name, values in columns.items()})


def _one_array_each(arrays: Arrays, roles: Roles, notes: Iterable[str]) -> Found:
    texts = [name for name in roles.items if arrays[name].dtype.kind not in "biuf"]
    if texts:
        raise DataError(
            f"The file holds no 2-D array of vectors, and {texts[0]!r} holds no numbers, so the "
            "arrays are not one vector each. Save the vectors as one array named 'vectors'."
        )
    rows = np.stack([arrays[name].ravel() for name in roles.items])
    said = [f"vectors taken from {len(rows):,} arrays, one for each item, named by it", *notes]
    if roles.unused:
        said.append(f"left out, for they are of another length: {', '.join(roles.unused)}")
    names = pd.DataFrame({ITEM_NAME: list(roles.items)})
    role = ColumnRole(ITEM_NAME, "text", "the names of the arrays")
    return Found(rows, names, tuple(said), roles=(role, *_as_asked(roles)))


def _column_roles(frame: pd.DataFrame, roles: Roles) -> tuple[ColumnRole, ...]:
    of_columns = [ColumnRole(name, *_role_of(frame, name)) for name in roles.columns]
    unused = [
        ColumnRole(
            name,
            "left out",
            "as many rows: could be the vectors"
            if name in roles.others
            else "it has not one value for each vector",
        )
        for name in roles.unused
    ]
    first = ColumnRole(roles.vectors, "vector", "one row for each item")
    return (first, *of_columns, *unused, *_as_asked(roles))


def _as_asked(roles: Roles) -> tuple[ColumnRole, ...]:
    return tuple(ColumnRole(name, "left out", "as asked") for name in roles.left_out)


def _role_of(frame: pd.DataFrame, name: str) -> tuple[Role, str]:
    if name.casefold().rpartition("/")[2] in LABEL_NAMES:
        return "label", "its name is that of classes"
    if frame[name].dtype.kind in "iufb":
        return "number", "one number for each vector"
    return "text", "one text for each vector"


def _vectors_name(shapes: Shapes, chosen: str | None, not_vectors: frozenset[str]) -> str | None:
    """The array of the vectors; None where there is one array for each item."""
    listing = ", ".join(f"{name} {shape}" for name, shape in list(shapes.items())[:30]) or "none"
    listing += ", ..." if len(shapes) > 30 else ""
    if chosen is not None:
        if chosen not in shapes:
            raise DataError(f"There is no array {chosen!r} in the file. Its arrays: {listing}.")
        return chosen
    for wanted in VECTORS:
        for name, shape in shapes.items():
            if name.casefold() == wanted and _is_table(shape) and name not in not_vectors:
                return name
    if _items(shapes):
        return None
    taken = QUERIES | TRUTH | DISTANCES
    tables = [
        name
        for name, shape in shapes.items()
        if _is_table(shape) and not name_words(name) & taken and name not in not_vectors
    ]
    tables = _without_maps(tables, shapes)
    if len(tables) == 1:
        return tables[0]
    if len(tables) > 1:
        raise ChoiceError(
            f"The file must hold one 2-D array of vectors; got the arrays {listing}. Name the one "
            "with the vectors 'vectors', or say which it is (vector_column).",
            tables,
        )
    raise DataError(
        f"The file must hold one 2-D array of vectors; got the arrays {listing}. Save the vectors "
        "as one array (rows, dimensions) named 'vectors'."
    )


def _without_maps(names: list[str], shapes: Shapes) -> list[str]:
    """The tables but those that are, by name and width, a map of a wider one beside them."""
    maps = [n for n in names if shapes[n][-1] <= WIDEST_MAP and name_words(n) & MAPS]
    others = [name for name in names if name not in maps]
    return others if any(shapes[name][-1] > WIDEST_MAP for name in others) else names


def _is_table(shape: tuple[int, ...]) -> bool:
    return len(shape) == 2 or (len(shape) == 3 and shape[1] == 1 and shape[0] > 1)


def _items(shapes: Shapes) -> tuple[str, ...]:
    """The arrays that are one vector each, where nearly all are, of one length; else none."""
    if any(name.casefold() in LABEL_NAMES for name in shapes):
        return ()
    lengths = {
        name: shape[-1] if shape and shape[:-1] in ((), (1,)) else 0
        for name, shape in shapes.items()
    }
    length, count = max(Counter(lengths.values()).items(), key=lambda each: each[1], default=(0, 0))
    if length < 2 or count < max(FEWEST_ITEMS, MOST_ITEMS * len(shapes)):
        return ()
    return tuple(name for name in shapes if lengths[name] == length)


def _take(shapes: dict[str, tuple[int, ...]], words: frozenset[str]) -> str | None:
    for name, shape in shapes.items():
        named = name_words(name)
        if named & words and not named & DISTANCES and len(shape) == 2:
            del shapes[name]
            return name
    return None


def _plain(
    values: npt.NDArray[np.generic], name: str
) -> npt.NDArray[np.generic] | list[str] | list[str | None]:
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
    if kind == "b":
        return values
    return [None if value is None else str(value) for value in values]


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
