"""HDF5, as ann-benchmarks and h5py write it; read in Python, so damage cannot end the process."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TypeVar

from core.data.limits import check_bytes
from core.data.readers.arrays import Roles, assign_roles, to_found
from core.data.readers.content import as_view, head
from core.data.readers.found import Content, Found, Options
from core.data.readers.hdf5_attributes import text_attribute
from core.data.readers.hdf5_columns import Arranged, arrange, join_categories
from core.data.readers.hdf5_tree import (
    MeteredBytes,
    Tree,
    read_tree,
    signature_place,
    strip_user_block,
)
from core.data.readers.hdf5_types import Stored, UnreadableError, describe, shape_of
from core.data.readers.hdf5_values import Values, load
from core.data.stated_metric import KEYS, stated_metric
from core.errors import ChoiceError, DataError

SHOWN = 200
COLUMNS_FIRST = (b"MATLAB 7.3 MAT-file", b"HDF5-based Julia Data Format")
INTERNAL = ("#refs#/", "#subsystem#/", "_types/")  # of these programs: values of cells, types
MOST_NAMED = 1_000
T = TypeVar("T")


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether the signature of HDF5 stands where it may."""
    return signature_place(as_view(content)) is not None


def read(content: Content, options: Options) -> Found:
    """The 2-D array of vectors; arrays of n values become metadata.

    Of AnnData's files (.h5ad) the columns are those of obs, categories by their names, and the
    vectors X, or a table of obsm that is chosen.
    """
    try:
        stream = MeteredBytes(strip_user_block(content))
        return _read(stream, read_tree(stream), options, columns_first=_is_columns_first(content))
    except DataError:
        raise
    except Exception as error:  # a damaged file makes pyfive raise errors of any type
        told = "" if isinstance(error, KeyError) else str(error)[:SHOWN]
        reason = told or "a part of it is not what it should be"
        raise DataError(
            f"The file is not a readable HDF5 file: {reason}. It is cut off or damaged; save it "
            "again."
        ) from error


def _is_columns_first(content: Content) -> bool:
    """Whether a program wrote the file that numbers axes from the last: it stores a matrix of (n,
    d) as (d, n). Both name themselves before the signature of HDF5."""
    return head(content, max(map(len, COLUMNS_FIRST))).startswith(COLUMNS_FIRST)


def _read(stream: MeteredBytes, tree: Tree, options: Options, *, columns_first: bool) -> Found:
    left_out = dict(tree.left_out)
    raw = {
        name: shape
        for name, shape in _shapes(tree, left_out).items()
        if not (columns_first and name.startswith(INTERNAL))
    }
    arranged = arrange({n: shape[::-1] for n, shape in raw.items()} if columns_first else raw)
    left_out.update(arranged.left_out)
    roles = _assign(arranged, options, left_out)
    wanted = dict.fromkeys(part for name in roles.used for part in arranged.parts[name])
    kept = _Kept(roles, arranged, left_out)
    stored = kept.of(wanted, lambda part: describe(tree.datasets[part], raw[part]))
    check_bytes(sum(array.check(name) for name, array in stored.items()), "The unpacked file")
    loader = _Loader(stream, stored)
    values = kept.of(stored, lambda part: loader(part).T if columns_first else loader(part))
    arrays = kept.joined(values)
    notes = [f"{name!r} left out: it {reason}" for name, reason in left_out.items()]
    if columns_first:
        notes.insert(0, "axes taken in the order of the program that wrote the file: rows first")
    stated = stated_metric((key, text_attribute(stream, tree.root, key)) for key in KEYS)
    found = to_found(arrays, _present(roles, arrays), [*stated.notes, *notes])
    return replace(_shown(found, arranged), metric=stated.metric)


def _shapes(tree: Tree, left_out: dict[str, str]) -> dict[str, tuple[int, ...]]:
    stated = {name: shape_of(header) for name, header in sorted(tree.datasets.items())}
    left_out.update({name: "states no shape" for name, shape in stated.items() if shape is None})
    return {name: shape for name, shape in stated.items() if shape is not None}


def _assign(arranged: Arranged, options: Options, left_out: dict[str, str]) -> Roles:
    chosen = options.vector_column
    if chosen is not None and chosen in left_out and chosen not in arranged.shapes:
        raise DataError(f"The array {chosen!r} {left_out[chosen]}.")
    try:
        return assign_roles(arranged.shapes, options)
    except DataError as error:
        if not left_out:
            raise
        named = "; ".join(f"{name!r} {reason}" for name, reason in left_out.items())
        message = f"{error} Left out: {named[:MOST_NAMED]}."
        if isinstance(error, ChoiceError):
            raise ChoiceError(message, error.candidates) from error
        raise DataError(message) from error


class _Kept:
    """What is read of each array; the vectors must be readable, all else is left out and named."""

    def __init__(self, roles: Roles, arranged: Arranged, left_out: dict[str, str]) -> None:
        self._roles, self._arranged, self._left_out = roles, arranged, left_out

    def of(self, parts: Iterable[str], read_one: Callable[[str], T]) -> dict[str, T]:
        """What is read of each part."""
        kept = {}
        for part in parts:
            try:
                kept[part] = read_one(part)
            except UnreadableError as error:
                self._leave_out(part, error)
        return kept

    def joined(self, values: dict[str, Values]) -> dict[str, Values]:
        """The arrays by name, of which all parts are there."""
        arrays: dict[str, Values] = {}
        for name in self._roles.used:
            parts = [values[part] for part in self._arranged.parts[name] if part in values]
            try:
                if len(parts) == len(self._arranged.parts[name]):
                    arrays[name] = parts[0] if len(parts) == 1 else join_categories(*parts)
            except UnreadableError as error:
                self._leave_out(name, error)
        return arrays

    def _leave_out(self, name: str, error: UnreadableError) -> None:
        if name in self._roles.main:
            raise DataError(f"The array {name!r} {error}.") from error
        self._left_out[name] = str(error)


def _present(roles: Roles, arrays: dict[str, Values]) -> Roles:
    """The roles of what could be read; without queries there is no ground truth."""
    queries = roles.queries if roles.queries in arrays else None
    truth = roles.truth if queries is not None and roles.truth in arrays else None
    columns = tuple(name for name in roles.columns if name in arrays)
    return replace(roles, queries=queries, truth=truth, columns=columns)


def _shown(found: Found, arranged: Arranged) -> Found:
    """The columns of AnnData's table by their own names."""
    if found.metadata is None or not arranged.shown:
        return found
    roles = tuple(
        replace(role, name=arranged.shown.get(role.name, role.name)) for role in found.roles
    )
    return replace(found, metadata=found.metadata.rename(columns=arranged.shown), roles=roles)


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
