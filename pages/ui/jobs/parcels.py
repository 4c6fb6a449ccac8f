"""Values on their way between processes: large arrays lie in files, the rest is pickled.

A `.npy` file is written once for an array that stays, in a folder that only this server's processes
use; an array that is mapped from a file already is named by it. Whoever gets the value maps the
file. What comes back is mapped too, and its name is removed at once: the disk is free when the last
view of it is gone, also where the server is killed. Both ends are this server: nothing from
elsewhere is unpickled.
"""

import io
import itertools
import mmap
import os
import pickle
import threading
import weakref
from pathlib import Path
from typing import Any

import numpy as np

LARGE = 2**18  # bytes of an array from which it goes by file
Token = tuple[Any, ...]


class Shared:
    """The server's end: the files of the arrays that it has sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock, self._numbers = threading.Lock(), itertools.count()
        self._files: dict[int, tuple[weakref.ref[Any], Path]] = {}
        self._arrays: dict[str, weakref.ref[Any]] = {}

    def pack(self, value: Any) -> bytes:
        """The value, pickled; the arrays in it have to live until it was unpacked."""
        return _packed(value, self._token)

    def unpack(self, content: bytes) -> Any:
        """A value that a worker has packed: arrays that it was given are those that were sent."""
        return _Unpickler(io.BytesIO(content), self._array).load()

    def _token(self, array: "np.ndarray[Any, Any]") -> Token | None:
        return _mapped(array) or self._written(array)

    def _written(self, array: "np.ndarray[Any, Any]") -> Token | None:
        with self._lock:
            known = self._files.get(id(array))
            if known is not None and known[0]() is array:
                return "given", str(known[1]), array.flags.writeable
        path = self.folder / f"sent-{next(self._numbers)}.npy"
        if not _save(path, array):
            return None
        with self._lock:
            self._files[id(array)] = weakref.ref(array), path
            self._arrays[str(path)] = weakref.ref(array)
        weakref.finalize(array, self._gone, id(array), path)
        return "given", str(path), array.flags.writeable

    def _gone(self, place: int, path: Path) -> None:
        known = self._files.get(place)
        if known is not None and known[1] == path:
            self._files.pop(place, None)
        self._arrays.pop(str(path), None)
        path.unlink(missing_ok=True)

    def _array(self, token: Token) -> "np.ndarray[Any, Any]":
        kind, name, *how = token
        if kind == "given":
            sent = self._arrays[name]()
            assert sent is not None
            return sent  # type: ignore[no-any-return]
        found = _load(Path(name), *how)
        Path(name).unlink(missing_ok=True)
        return found


class Received:
    """A worker's end: the arrays of one call, and a folder for those that it sends."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count()
        self._given: dict[Token, np.ndarray[Any, Any]] = {}

    def unpack(self, content: bytes) -> Any:
        """A value of the server."""
        return _Unpickler(io.BytesIO(content), self._array).load()

    def pack(self, value: Any) -> bytes:
        """A value for the server."""
        return _packed(value, self._token)

    def _array(self, token: Token) -> "np.ndarray[Any, Any]":
        if token not in self._given:
            kind, name, *how = token
            self._given[token] = (
                _load(Path(name), *how) if kind == "given" else _map(Path(name), *how)
            )
        return self._given[token]

    def _token(self, array: "np.ndarray[Any, Any]") -> Token | None:
        for token, given in self._given.items():
            if token[0] == "given" and _is_same(array, given):
                return token
        path = self._folder / f"made-{os.getpid()}-{next(self._numbers)}.npy"
        return ("made", str(path), array.flags.writeable) if _save(path, array) else None


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO, token: Any) -> None:
        super().__init__(file, protocol=5)
        self._token, self._tokens = token, dict[int, tuple[Any, Token | None]]()

    def persistent_id(self, obj: Any) -> Token | None:
        """What stands for an array that lies in a file."""
        if not isinstance(obj, np.ndarray) or obj.nbytes < LARGE or obj.dtype.hasobject:
            return None
        if id(obj) not in self._tokens:
            self._tokens[id(obj)] = obj, self._token(obj)
        return self._tokens[id(obj)][1]


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, array: Any) -> None:
        super().__init__(file)
        self._array = array

    def persistent_load(self, pid: Token) -> "np.ndarray[Any, Any]":
        """The array that a token stands for."""
        return self._array(pid)  # type: ignore[no-any-return]


def _packed(value: Any, token: Any) -> bytes:
    content = io.BytesIO()
    _Pickler(content, token).dump(value)
    return content.getvalue()


def _save(path: Path, array: "np.ndarray[Any, Any]") -> bool:
    """Write the array; False where the disk takes it not, and it has to go by the pipe."""
    try:
        np.save(path, np.asarray(array), allow_pickle=False)
    except OSError:
        path.unlink(missing_ok=True)
        return False
    return True


def _load(path: Path, writeable: bool) -> "np.ndarray[Any, Any]":
    """The array of a file, mapped; what is written to it stays in this process."""
    return np.asarray(np.load(path, mmap_mode="c" if writeable else "r", allow_pickle=False))


def _mapped(array: "np.ndarray[Any, Any]") -> Token | None:
    """What names an array that is a whole map of a file for reading; None where it is none."""
    source = array if isinstance(array, np.memmap) else array.base
    if not isinstance(source, np.memmap) or not isinstance(source.base, mmap.mmap):
        return None
    if source.mode != "r" or source.filename is None or not array.flags.c_contiguous:
        return None
    path, start = Path(source.filename), np.frombuffer(source.base, np.uint8)
    begins = _address(array) - _address(start)
    if begins != source.offset % mmap.ALLOCATIONGRANULARITY or not path.is_file():
        return None  # a part of a map has the offset of the whole
    return "mapped", str(path), source.offset, array.dtype.str, array.shape


def _map(path: Path, offset: int, kind: str, shape: tuple[int, ...]) -> "np.ndarray[Any, Any]":
    return np.asarray(np.memmap(path, np.dtype(kind), "r", offset, shape))


def _address(array: "np.ndarray[Any, Any]") -> int:
    return int(array.__array_interface__["data"][0])


def _is_same(one: "np.ndarray[Any, Any]", other: "np.ndarray[Any, Any]") -> bool:
    """Whether two arrays are the same bytes, read in the same way."""
    return (
        one.__array_interface__["data"] == other.__array_interface__["data"]
        and one.shape == other.shape
        and one.strides == other.strides
        and one.dtype == other.dtype
    )
