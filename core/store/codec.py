"""Values as a manifest, which is JSON, and files of arrays: nothing is pickled.

A value of JSON's own types stands for itself. Every other is an object with one key, its kind:

| value                               | in the manifest                                            |
|-------------------------------------|------------------------------------------------------------|
| whole number beyond 2^53            | {"whole": text}                                            |
| float that is not finite            | {"float": its 8 bytes, big-endian, in hex}                 |
| text with half a surrogate pair     | {"text": UTF-8 in base 64}                                 |
| bytes                               | {"bytes": base 64}, {"file": name} where they are many     |
| complex, range, slice               | {"complex": [..]}, {"range": [..]}, {"slice": [..]}        |
| tuple, list, set, frozenset         | {"tuple": [..]} and so on; the parts of a set in an order  |
| dict                                | {"dict": [[key, value], ..]} in its order                  |
| date, datetime, time, timedelta     | {"date": text}, .., {"duration": [days, seconds, micro]}   |
| array                               | {"array": [dtype, shape, order, {"values": base 64}]}      |
|                                     | or .. {"file": name}] where it is large                    |
| scalar of numpy                     | {"scalar": [dtype, base 64]}                               |
| frame, series                       | {"frame": {..}}, {"series": {..}}: see `core.store.frames` |
| NA, NaT of pandas                   | {"missing": name}                                          |
| sparse rows of scipy                | {"csr": [data, indices, indptr, shape]}                    |
| frozen dataclass, named tuple       | {"object": [type, {field: value}]}                         |
| member of an enumeration            | {"member": [type, name]}                                   |

Sets and graphs are frozen dataclasses, checked as they are read (`core.store.checked`). The digest
of a value is the sha256 of its manifest, which names each file by the sha256 of its bytes: so it
names all that the value holds, and two values share the files that are equal.
"""

import base64
import binascii
import datetime
import enum
import json
import struct
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.errors import CoreError, StoreError
from core.store import arrays, checked, frames, kinds
from core.store.blobs import MANIFEST, Blob, blob_of, check_name

VERSION = 1
EXACT = 2**53
LARGEST_MANIFEST = 2**28
Node = Any
Locate = Callable[[str], Path]


@dataclass(frozen=True, eq=False)
class Content:
    """A value as it is kept. manifest: the blob that names the others, and gives the digest."""

    manifest: Blob
    files: tuple[Blob, ...]

    @property
    def digest(self) -> str:
        """64 hex digits that name the value."""
        return self.manifest.name.removesuffix(MANIFEST)

    @property
    def blobs(self) -> tuple[Blob, ...]:
        """All of it, the manifest last: once it is there, the others are."""
        return (*self.files, self.manifest)


def encode(value: Any) -> Content:
    """The value as a manifest and files; raises StoreError where some part cannot be kept."""
    writer = _Writer()
    try:
        node = writer.node(value)
    except RecursionError as error:
        raise StoreError("The value holds itself, or is nested too deep to be kept.") from error
    files = tuple(writer.files[name] for name in sorted(writer.files))
    head = {"nearfield": VERSION, "files": {blob.name: blob.bytes for blob in files}, "value": node}
    manifest = json.dumps(head, separators=(",", ":"), allow_nan=False).encode("ascii")
    return Content(blob_of([manifest], MANIFEST), files)


def files_of(manifest: bytes) -> dict[str, int]:
    """The files that a manifest names, and the bytes of each."""
    files = _head(manifest)["files"]
    for name, size in files.items():
        if check_name(name).endswith(MANIFEST) or type(size) is not int or size < 0:
            raise StoreError(f"It names a file that cannot be: {str(name)[:80]}.")
    return dict(files)


def decode(manifest: bytes, locate: Locate) -> Any:
    """The value of a manifest; its large arrays are mapped and all are read-only.

    locate: the path of a file by its name, which may raise StoreError. Raises StoreError where
    the manifest or a file cannot be read.
    """
    head = _head(manifest)
    reader = _Reader(locate, frozenset(files_of(manifest)))
    try:
        return reader.value(head["value"])
    except RecursionError as error:
        raise StoreError("It is nested too deep.") from error
    except CoreError as error:
        raise error if isinstance(error, StoreError) else StoreError(str(error)) from error
    except (TypeError, ValueError, KeyError, IndexError, AttributeError, OverflowError) as error:
        raise StoreError(f"It describes a value that cannot be: {str(error)[:160]}.") from error


def _head(manifest: bytes) -> dict[str, Any]:
    if len(manifest) > LARGEST_MANIFEST:
        raise StoreError(f"The manifest is too large: {len(manifest):,} bytes.")
    try:
        head = json.loads(manifest)
    except (ValueError, RecursionError) as error:
        raise StoreError(f"The manifest is no JSON: {str(error)[:120]}.") from error
    if not isinstance(head, dict) or not isinstance(head.get("files"), dict) or "value" not in head:
        raise StoreError("The manifest is none of Nearfield's.")
    if head.get("nearfield") != VERSION:
        raise StoreError(
            f"It was kept by another version of Nearfield, in format {head.get('nearfield')!r}, "
            f"and this version reads {VERSION}."
        )
    return head


class _Writer:
    """Turns values into nodes and gathers the files that these name."""

    def __init__(self) -> None:
        self.files: dict[str, Blob] = {}

    def node(self, value: Any) -> Node:
        """The value as JSON."""
        kind = type(value)
        if value is None or kind is bool:
            return value
        write = _WRITERS.get(kind)
        if write is not None:
            return write(self, value)
        if isinstance(value, np.generic):
            return _scalar(value)
        if isinstance(value, enum.Enum):
            return {"member": [kinds.name_of(kind), value.name]}
        if is_dataclass(value) or kinds.is_named_tuple(kind) or kinds.is_plain(kind):
            return {"object": [kinds.name_of(kind), self._parts(value)]}
        if isinstance(value, np.ndarray):
            return self.array(value)
        raise StoreError(
            f"A {kind.__module__}.{kind.__qualname__} cannot be kept in the store: it keeps frozen "
            "dataclasses of core, arrays, frames and plain values."
        )

    def array(self, value: Any) -> Node:
        """An array: in the manifest where it is small, else as a file."""
        shape = arrays.shape_of(value)
        if shape.bytes <= arrays.INLINE_BYTES:
            return {"array": [*shape.node, {"values": arrays.text_of(value)}]}
        return {"array": [*shape.node, self.file(arrays.blob(value))]}

    def bytes(self, value: bytes) -> Node:
        """Bytes: in the manifest where they are few, else as a file."""
        if len(value) <= arrays.INLINE_BYTES:
            return {"bytes": base64.b64encode(value).decode("ascii")}
        return {"bytes": self.file(blob_of([value], ".bin"))}

    def frame(self, value: Any) -> Node:
        """A frame: its columns as one file, and what pandas says of them."""
        if isinstance(value.index, pd.MultiIndex) or isinstance(value.columns, pd.MultiIndex):
            raise StoreError("A frame with an index of several levels cannot be kept in the store.")
        columns = [value.iloc[:, place] for place in range(value.shape[1])]
        index = self.index(value.index)
        attrs = self.node(dict(value.attrs))
        stored, data = self._columns(columns)
        names = self.index(value.columns)
        return {
            "frame": {
                "columns": names,
                "index": index,
                "kinds": stored,
                "data": data,
                "attrs": attrs,
            }
        }

    def series(self, value: Any) -> Node:
        """A series as a frame of one column; its name beside it."""
        return {"series": [self.node(value.name), self.frame(value.to_frame(name=0))["frame"]]}

    def index(self, value: Any) -> Node:
        """The labels of rows or columns."""
        name = self.node(value.name)
        if isinstance(value, pd.RangeIndex):
            return {"range": [value.start, value.stop, value.step], "name": name}
        stored, data = self._columns([pd.Series(value)])
        return {"kinds": stored, "data": data, "name": name}

    def file(self, blob: Blob) -> Node:
        """A blob that gets a file of its own."""
        self.files[blob.name] = blob
        return {"file": blob.name}

    def _columns(self, columns: list[Any]) -> tuple[list[Any], Node]:
        if not columns:
            return [], None
        stored, stream = frames.write(columns, self.node)
        if len(stream) <= arrays.INLINE_BYTES:
            return stored, {"values": base64.b64encode(stream).decode("ascii")}
        return stored, self.file(blob_of([stream], ".arrow"))

    def _parts(self, value: Any) -> Node:
        if isinstance(value, tuple):
            return {name: self.node(getattr(value, name)) for name in value._fields}  # type: ignore[attr-defined]
        if kinds.is_plain(type(value)):
            return {name: self.node(part) for name, part in vars(value).items()}
        left_out = checked.LEFT_OUT.get(type(value), ())
        parts = {
            each.name: self.node(getattr(value, each.name))
            for each in fields(value)
            if each.name not in left_out
        }
        return parts | {f"={name}": text for name, text in checked.fingerprints(value).items()}


def _scalar(value: np.generic) -> Node:
    if isinstance(value, np.str_):
        return {"scalar": ["U", _text(str(value))]}
    if isinstance(value, np.bytes_):
        return {"scalar": ["S", base64.b64encode(bytes(value)).decode("ascii")]}
    shape = arrays.shape_of(np.asarray(value))
    return {"scalar": [shape.dtype.str, arrays.text_of(np.asarray(value))]}


def _text(value: str) -> Node:
    try:
        value.encode()
    except UnicodeEncodeError:
        return {"text": base64.b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")}
    return value


def _float(value: float) -> Node:
    return value if np.isfinite(value) else {"float": struct.pack(">d", value).hex()}


def _whole(value: int) -> Node:
    return value if abs(value) <= EXACT else {"whole": hex(value)}


def _set(kind: str) -> Callable[[_Writer, Any], Node]:
    def write(writer: _Writer, value: Any) -> Node:
        return {kind: sorted((writer.node(each) for each in value), key=json.dumps)}

    return write


def _each(kind: str) -> Callable[[_Writer, Any], Node]:
    return lambda writer, value: {kind: [writer.node(each) for each in value]}


def _dict(writer: _Writer, value: Mapping[Any, Any]) -> Node:
    return {"dict": [[writer.node(key), writer.node(part)] for key, part in value.items()]}


def _moment(kind: str) -> Callable[[_Writer, Any], Node]:
    def write(_writer: _Writer, value: Any) -> Node:
        zone = getattr(value, "tzinfo", None)
        if zone is not None and type(zone) is not datetime.timezone:
            raise StoreError(f"A time in the zone {zone} cannot be kept in the store: use UTC.")
        return {kind: [value.isoformat(), getattr(value, "fold", 0)]}

    return write


def _span(_writer: _Writer, value: datetime.timedelta) -> Node:
    return {"duration": [value.days, value.seconds, value.microseconds]}


def _csr(kind: str) -> Callable[[_Writer, Any], Node]:
    def write(writer: _Writer, value: Any) -> Node:
        parts = [writer.array(part) for part in (value.data, value.indices, value.indptr)]
        return {kind: [*parts, [int(length) for length in value.shape]]}

    return write


_WRITERS: Mapping[type, Callable[[_Writer, Any], Node]] = {
    str: lambda _writer, value: _text(value),
    int: lambda _writer, value: _whole(value),
    float: lambda _writer, value: _float(value),
    bytes: _Writer.bytes,
    complex: lambda _writer, value: {"complex": [_float(value.real), _float(value.imag)]},
    range: lambda _writer, value: {"range": [value.start, value.stop, value.step]},
    slice: lambda writer, value: {
        "slice": [writer.node(part) for part in (value.start, value.stop, value.step)]
    },
    tuple: _each("tuple"),
    list: _each("list"),
    set: _set("set"),
    frozenset: _set("frozenset"),
    dict: _dict,
    MappingProxyType: lambda writer, value: {"view": _dict(writer, value)},
    datetime.date: _moment("date"),
    datetime.datetime: _moment("datetime"),
    datetime.time: _moment("time"),
    datetime.timedelta: _span,
    np.ndarray: _Writer.array,
    pd.DataFrame: _Writer.frame,
    pd.Series: _Writer.series,
    sparse.csr_array: _csr("csr"),
    type(pd.NA): lambda _writer, _value: {"missing": "NA"},
    type(pd.NaT): lambda _writer, _value: {"missing": "NaT"},
}
_MISSING: Mapping[str, Any] = {"NA": pd.NA, "NaT": pd.NaT}


class _Reader:
    """Turns nodes into values. files: the names that a node may ask for."""

    def __init__(self, locate: Locate, files: frozenset[str]) -> None:
        self._locate, self._files = locate, files
        self._arrays: dict[str, Any] = {}

    def value(self, node: Node) -> Any:
        """The value of a node."""
        if not isinstance(node, dict):
            if isinstance(node, list):
                raise StoreError("It holds a list of no kind.")
            return node
        if len(node) != 1:
            raise StoreError(f"It holds a value of {len(node)} kinds at once.")
        ((kind, stated),) = node.items()
        read = _READERS.get(kind)
        if read is None:
            raise StoreError(f"It holds a value of an unknown kind: {kind[:80]!r}.")
        return read(self, stated)

    def each(self, nodes: Any) -> list[Any]:
        """The values of a list of nodes."""
        if not isinstance(nodes, list):
            raise StoreError("It should hold a list of values, and does not.")
        return [self.value(node) for node in nodes]

    def path(self, node: Node) -> tuple[str, Path]:
        """The name and the path of the file that a node names."""
        name = check_name(node["file"])
        if name not in self._files:
            raise StoreError(f"It uses a file that it does not list: {name}.")
        return name, self._locate(name)

    def array(self, stated: Any) -> Any:
        """An array; the same for two nodes that say the same."""
        dtype, shape, order, source = stated
        described = arrays.read_shape([dtype, shape, order])
        if "values" in source:
            return arrays.of_text(source["values"], described)
        known = f"{source['file']} {stated[:3]}"
        if known not in self._arrays:
            self._arrays[known] = self._named(source, lambda path: arrays.read(path, described))
        return self._arrays[known]

    def bytes(self, stated: Any) -> bytes:
        """Bytes, from the manifest or a file."""
        if isinstance(stated, str):
            return _from_base64(stated)
        return bytes(self._named(stated, Path.read_bytes))

    def frame(self, stated: Any) -> Any:
        """A frame."""
        columns = self._columns(stated["kinds"], stated["data"])
        index, names = self.index(stated["index"]), self.index(stated["columns"])
        frame = pd.DataFrame(dict(enumerate(columns)), index=range(len(index)))
        if any(len(column) != len(index) for column in columns) or len(names) != len(columns):
            raise StoreError("A frame holds columns of unlike lengths.")
        frame.index, frame.columns = index, names
        frame.attrs = self.value(stated["attrs"])
        return frame

    def series(self, stated: Any) -> Any:
        """A series."""
        name, frame = stated
        return self.frame(frame)[0].rename(self.value(name))

    def index(self, stated: Any) -> Any:
        """The labels of rows or columns."""
        name = self.value(stated["name"])
        if "range" in stated:
            start, stop, step = stated["range"]
            return pd.RangeIndex(start, stop, step, name=name)
        (labels,) = self._columns(stated["kinds"], stated["data"])
        return pd.Index(labels, name=name)

    def object(self, stated: Any) -> Any:
        """A dataclass or a named tuple."""
        name, parts = stated
        kind = kinds.kind_of(name)
        marks = {key[1:]: part for key, part in parts.items() if key.startswith("=")}
        values = {key: self.value(part) for key, part in parts.items() if not key.startswith("=")}
        return checked.check(_made(kind, values), marks)

    def _columns(self, stored: Any, data: Node) -> list[Any]:
        if not stored:
            return []
        if "values" in data:
            return frames.read(_from_base64(data["values"]), stored, self.value)
        columns: list[Any] = self._named(data, lambda path: frames.read(path, stored, self.value))
        return columns

    def _named(self, node: Node, read: Callable[[Path], Any]) -> Any:
        """What `read` makes of a file; what is wrong with it is said with its name."""
        name, path = self.path(node)
        try:
            return read(path)
        except (OSError, StoreError) as error:
            raise StoreError(f"The file {name} of the store is damaged. {error}") from error


def _made(kind: Any, values: dict[str, Any]) -> Any:
    """An object of this type with these values, as its own constructor would leave it."""
    if issubclass(kind, tuple):
        return kind(**values)
    if issubclass(kind, enum.Enum):
        raise StoreError(f"{kind.__qualname__} is an enumeration, and no object.")
    if kinds.is_plain(kind):
        made = object.__new__(kind)
        vars(made).update(values)
        return made
    known = {each.name: each for each in fields(kind)}
    if unknown := values.keys() - known.keys():
        raise StoreError(f"This version of {kind.__qualname__} has no {min(unknown)!r}.")
    made = object.__new__(kind)
    for name, each in known.items():
        object.__setattr__(made, name, values[name] if name in values else _default(kind, each))
    if hasattr(made, "__post_init__"):
        made.__post_init__()
    return made


def _default(kind: Any, each: Any) -> Any:
    if each.default is not MISSING:
        return each.default
    if each.default_factory is not MISSING:
        return each.default_factory()
    raise StoreError(f"This version of {kind.__qualname__} needs {each.name!r}, which is not kept.")


def _member(_reader: _Reader, stated: Any) -> Any:
    kind = kinds.kind_of(stated[0])
    if not issubclass(kind, enum.Enum):
        raise StoreError(f"{stated[0]} is no enumeration.")
    return kind[stated[1]]


def _from_base64(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError) as error:
        raise StoreError("It holds bytes that are no text in base 64.") from error


def _read_scalar(reader: _Reader, stated: Any) -> Any:
    dtype, text = stated
    if dtype == "U":
        return np.str_(reader.value(text))
    if dtype == "S":
        return np.bytes_(_from_base64(text))
    return arrays.of_text(text, arrays.read_shape([dtype, [], "C"]))[()]


def _read_float(_reader: _Reader, stated: Any) -> float:
    return float(struct.unpack(">d", bytes.fromhex(stated))[0])


def _read_moment(kind: Any) -> Callable[[_Reader, Any], Any]:
    def read(_reader: _Reader, stated: Any) -> Any:
        text, fold = stated
        moment = kind.fromisoformat(text)
        return moment.replace(fold=fold) if fold else moment

    return read


def _read_dict(reader: _Reader, stated: Any) -> dict[Any, Any]:
    return {reader.value(key): reader.value(part) for key, part in stated}


def _read_csr(reader: _Reader, stated: Any) -> Any:
    *parts, shape = stated
    made = sparse.csr_array(tuple(reader.value(part) for part in parts), shape=tuple(shape))
    made.check_format(full_check=True)
    return made


_READERS: Mapping[str, Callable[[_Reader, Any], Any]] = {
    "whole": lambda _reader, stated: int(stated, 16),
    "float": _read_float,
    "text": lambda _reader, stated: _from_base64(stated).decode("utf-8", "surrogatepass"),
    "bytes": _Reader.bytes,
    "complex": lambda reader, stated: complex(*reader.each(stated)),
    "range": lambda _reader, stated: range(*stated),
    "slice": lambda reader, stated: slice(*reader.each(stated)),
    "tuple": lambda reader, stated: tuple(reader.each(stated)),
    "list": _Reader.each,
    "set": lambda reader, stated: set(reader.each(stated)),
    "frozenset": lambda reader, stated: frozenset(reader.each(stated)),
    "dict": _read_dict,
    "view": lambda reader, stated: MappingProxyType(reader.value(stated)),
    "date": lambda _reader, stated: datetime.date.fromisoformat(stated[0]),
    "datetime": _read_moment(datetime.datetime),
    "time": _read_moment(datetime.time),
    "duration": lambda _reader, stated: datetime.timedelta(*stated),
    "array": _Reader.array,
    "scalar": _read_scalar,
    "frame": _Reader.frame,
    "series": _Reader.series,
    "csr": _read_csr,
    "missing": lambda _reader, stated: _MISSING[stated],
    "object": _Reader.object,
    "member": _member,
}
