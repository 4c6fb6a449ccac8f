"""NumPy's .npz: a zip of arrays; vectors, labels and queries are recognized by name and shape.

The headers are read first, and then only the arrays that are used, each unpacked into its place: a
small file may hold gigabytes of zeros, and no second copy of them is made.
"""

import zipfile
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.data.readers import archive, npy_array
from core.data.readers.arrays import Roles, assign_roles, to_found
from core.data.readers.content import head
from core.data.readers.found import Content, Found, Options
from core.data.readers.npy_array import Stated, parse_header
from core.data.stated_metric import KEYS, stated_metric
from core.errors import DataError

KIND = "a readable .npz archive"
ENDING = ".npy"
PIECE = 2**20
MOST_ARRAYS = 100_000
MOST_NAMED = 10
IGNORED = ("__macosx/",)


@dataclass(frozen=True)
class Headers:
    """What each array states, by name; left_out: why an array cannot be read, by name."""

    stated: dict[str, Stated] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def recognizes(content: Content, ending: str) -> bool:
    """Whether the bytes are a zip of nothing but arrays; by the ending where it is damaged."""
    if head(content, 4) not in archive.MAGICS:
        return False
    try:
        with archive.opened(content, KIND) as opened:
            names = [m.filename for m in opened.infolist() if not m.is_dir()]
    except DataError:
        return ending == ".npz"
    kept = [name for name in names if not name.casefold().startswith(IGNORED)]
    return ending == ".npz" or (bool(kept) and all(name.endswith(ENDING) for name in kept))


def read(content: Content, options: Options) -> Found:
    """The 2-D array of vectors; arrays of n values become metadata, a text of `KEYS` the metric.

    One array for each item, all of one length, are the vectors as well, named by the arrays. What
    is a Python object is never unpickled, but left out and named.
    """
    with archive.opened(content, KIND) as opened:
        members = _members(opened)
        headers = _headers(opened, members)
        texts = [key for key in KEYS if key in headers.stated and _is_text(headers.stated[key])]
        said = [(key, _text(_load(opened, members[key]))) for key in texts]
        shapes = {name: s.shape for name, s in headers.stated.items() if name not in texts}
        roles = _roles(shapes, headers, options)
        arrays = {name: _load(opened, members[name]) for name in roles.used}
    stated = stated_metric(said)
    found = to_found(arrays, roles, (*stated.notes, *_left_out(headers)))
    return replace(found, metric=stated.metric)


def _members(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    members = {
        member.filename.removesuffix(ENDING): member
        for member in opened.infolist()
        if member.filename.endswith(ENDING) and not member.filename.casefold().startswith(IGNORED)
    }
    if len(members) > MOST_ARRAYS:
        raise DataError(
            f"The archive holds {len(members):,} arrays, and {MOST_ARRAYS:,} are read. Save the "
            "vectors as one array."
        )
    return members


def _headers(opened: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> Headers:
    headers = Headers()
    for name, member in members.items():
        with opened.open(member) as file:
            start = file.read(min(npy_array.HEADER, member.file_size + 1))
        try:
            headers.stated[name] = parse_header(start, member.file_size, f"The array {name!r}")
        except DataError as error:
            if "Python objects" not in str(error):
                raise
            headers.left_out[name] = str(error)
    return headers


def _roles(shapes: dict[str, tuple[int, ...]], headers: Headers, options: Options) -> Roles:
    chosen = options.vector_column
    if chosen in headers.left_out or (headers.left_out and not shapes):
        raise DataError(headers.left_out[chosen or next(iter(headers.left_out))])
    try:
        return assign_roles(shapes, options)
    except DataError as error:
        if not headers.left_out:
            raise
        named = ", ".join(list(headers.left_out)[:MOST_NAMED])
        raise DataError(f"{error} Left out, for they are Python objects: {named}.") from error


def _left_out(headers: Headers) -> list[str]:
    return [
        f"{name!r} left out: it holds Python objects, which are never unpickled here; save it as "
        "text or numbers, e.g. array.astype(str)"
        for name in list(headers.left_out)[:MOST_NAMED]
    ]


def _is_text(stated: Stated) -> bool:
    """Whether an array holds one text and no axis."""
    return stated.shape == () and stated.dtype.kind in "US"


def _text(array: npt.NDArray[np.generic]) -> str:
    value = array.item()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _load(opened: zipfile.ZipFile, member: zipfile.ZipInfo) -> npt.NDArray[np.generic]:
    """The array of a member, unpacked piece by piece into its own memory."""
    what = f"The array {member.filename.removesuffix(ENDING)!r}"
    with opened.open(member) as file:
        start = file.read(min(npy_array.HEADER, member.file_size + 1))
        stated = parse_header(start, member.file_size, what)
        values = np.empty(stated.size, np.uint8)
        first = start[stated.start :]
        values[: len(first)] = np.frombuffer(first, np.uint8)
        place = len(first)
        while piece := file.read(min(PIECE, stated.size - place)):
            values[place : place + len(piece)] = np.frombuffer(piece, np.uint8)
            place += len(piece)
            watch.bytes_read(place, stated.size)
        archive.check_end(file, member, stated.start + place)
    try:
        order = "F" if stated.fortran else "C"
        return values.view(stated.dtype).reshape(stated.shape, order=order)  # type: ignore[call-overload, no-any-return]
    except (ValueError, TypeError) as error:
        raise npy_array.impossible(stated, what) from error
