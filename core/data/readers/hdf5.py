"""HDF5, as ann-benchmarks and h5py write it; read in Python, so damage cannot end the process."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from core.data.limits import check_bytes
from core.data.readers.arrays import Roles, Shapes, assign_roles, to_found
from core.data.readers.found import Found, Options
from core.data.readers.hdf5_attributes import text_attribute
from core.data.readers.hdf5_tree import MeteredBytes, Tree, read_tree, strip_user_block
from core.data.readers.hdf5_types import Stored, UnreadableError, describe, shape_of
from core.data.readers.hdf5_values import Values, load
from core.data.stated_metric import KEYS, stated_metric
from core.errors import DataError

SHOWN = 200
MOST_NAMED = 1_000
T = TypeVar("T")


def read(content: bytes, options: Options) -> Found:
    """The 2-D array of vectors; arrays of n values become metadata."""
    try:
        stream = MeteredBytes(strip_user_block(content))
        return _read(stream, read_tree(stream), options.vector_column)
    except DataError:
        raise
    except Exception as error:  # a damaged file makes pyfive raise errors of any type
        told = "" if isinstance(error, KeyError) else str(error)[:SHOWN]
        reason = told or "a part of it is not what it should be"
        raise DataError(
            f"The file is not a readable HDF5 file: {reason}. It is cut off or damaged; save it "
            "again."
        ) from error


def _read(stream: MeteredBytes, tree: Tree, chosen: str | None) -> Found:
    left_out = dict(tree.left_out)
    shapes = _shapes(tree, left_out)
    roles = _assign(shapes, chosen, left_out)
    wanted = {name: (tree.datasets[name], shapes[name]) for name in roles.main + roles.columns}
    stored = _keep(wanted, lambda name: describe(*wanted[name]), roles, left_out)
    check_bytes(sum(array.check(name) for name, array in stored.items()), "The unpacked file")
    arrays = _keep(stored, _Loader(stream, stored), roles, left_out)
    columns = tuple(name for name in roles.columns if name in arrays)
    notes = [f"{name!r} left out: it {reason}" for name, reason in left_out.items()]
    stated = stated_metric((key, text_attribute(stream, tree.root, key)) for key in KEYS)
    found = to_found(arrays, replace(roles, columns=columns), [*stated.notes, *notes])
    return replace(found, metric=stated.metric)


def _shapes(tree: Tree, left_out: dict[str, str]) -> dict[str, tuple[int, ...]]:
    stated = {name: shape_of(header) for name, header in sorted(tree.datasets.items())}
    left_out.update({name: "states no shape" for name, shape in stated.items() if shape is None})
    return {name: shape for name, shape in stated.items() if shape is not None}


def _assign(shapes: Shapes, chosen: str | None, left_out: dict[str, str]) -> Roles:
    try:
        return assign_roles(shapes, chosen)
    except DataError as error:
        if not left_out:
            raise
        named = "; ".join(f"{name!r} {reason}" for name, reason in left_out.items())
        raise DataError(f"{error} Left out: {named[:MOST_NAMED]}.") from error


def _keep(
    names: Iterable[str], read_one: Callable[[str], T], roles: Roles, left_out: dict[str, str]
) -> dict[str, T]:
    """What is read of each array; columns that cannot be are left out, the others an error."""
    kept = {}
    for name in names:
        try:
            kept[name] = read_one(name)
        except UnreadableError as error:
            if name in roles.main:
                raise DataError(f"The array {name!r} {error}.") from error
            left_out[name] = str(error)
    return kept


class _Loader:
    """Reads each array once, however many names lead to it."""

    def __init__(self, stream: MeteredBytes, stored: dict[str, Stored]) -> None:
        self._stream, self._stored = stream, stored
        self._known: dict[int, Values] = {}

    def __call__(self, name: str) -> Values:
        stored = self._stored[name]
        if id(stored.header) not in self._known:
            self._known[id(stored.header)] = load(self._stream, stored, name)
        return self._known[id(stored.header)]
