"""Large values for cells: the value itself in this process, a path for every other one.

    with Sharing() as sharing:
        plan = sharing.share(Plan(vectors, graph, ...))
        run_cells([Cell(seed, str(seed), make, (plan, seed)) for seed in seeds], executor=executor)

A cell asks for `plan.value`. When a `Shared` is pickled on its way to another process, the arrays
in it are written once as `.npy` files, and the rest of it as one small file beside them; what
travels is the path. On the other side the arrays are opened memory-mapped and read-only.
"""

import io
import pickle
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any, Generic, TypeVar

import numpy as np

from core.studies.parts.run_folder import RunFolder

T = TypeVar("T")
Array = np.ndarray[Any, np.dtype[Any]]
SMALL = 4_096  # bytes: smaller arrays travel within the file of their value
PROTOCOL = 5  # keeps read-only arrays read-only

_opened: dict[str, Any] = {}
_opening = threading.Lock()


class Shared(Generic[T]):
    """A value that is handed to cells. Made by `Sharing.share`."""

    def __init__(self, value: T, sharing: "Sharing") -> None:
        self._value, self._sharing = value, sharing

    @property
    def value(self) -> T:
        """The value; a cell must not change it."""
        return self._value

    def __reduce__(self) -> tuple[type["_Elsewhere"], tuple[str]]:
        return _Elsewhere, (str(self._sharing.write(self._value)),)


class _Elsewhere:
    """What a `Shared` is in another process."""

    def __init__(self, path: str) -> None:
        self._path = path

    @property
    def value(self) -> Any:
        return _open(self._path)


class Sharing:
    """The values that the cells of one study share; their files are removed at the end."""

    def __init__(self) -> None:
        self._folder, self._lock = RunFolder(), threading.Lock()
        self._written: dict[int, tuple[Any, Path]] = {}
        self._numbers = count()

    def share(self, value: T) -> Shared[T]:
        """A handle of the value, to be an argument of cells."""
        return Shared(value, self)

    def write(self, value: Any) -> Path:
        """The file of a value, which is written once."""
        with self._lock:
            return self._file(value, "value", lambda p: p.write_bytes(self._pickled(value)))

    def __enter__(self) -> "Sharing":
        self._folder.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._written.clear()
        self._folder.__exit__(*error)

    def write_array(self, array: Array) -> str:
        """The name of the file of an array, which is written once."""
        return self._file(array, "npy", lambda p: np.save(p, array, allow_pickle=False)).name

    def _file(self, value: Any, ending: str, write: Callable[[Path], object]) -> Path:
        """The path of what `write` writes; the value is kept, so that no other gets its id."""
        if id(value) not in self._written:
            path = self._folder.path / f"{next(self._numbers)}.{ending}"
            write(path)
            self._written[id(value)] = value, path
        return self._written[id(value)][1]

    def _pickled(self, value: Any) -> bytes:
        content = io.BytesIO()
        _Pickler(content, self).dump(value)
        return content.getvalue()


class _Pickler(pickle.Pickler):
    """Leaves out large arrays, which have files of their own."""

    def __init__(self, file: io.BytesIO, sharing: Sharing) -> None:
        super().__init__(file, PROTOCOL)
        self._sharing = sharing

    def persistent_id(self, value: Any) -> str | None:
        if type(value) is not np.ndarray or value.dtype.hasobject or value.nbytes < SMALL:
            return None
        return self._sharing.write_array(value)


class _Unpickler(pickle.Unpickler):
    """Opens the arrays that `_Pickler` left out, from the same folder."""

    def __init__(self, path: Path) -> None:
        super().__init__(io.BytesIO(path.read_bytes()))
        self._folder = path.parent

    def persistent_load(self, name: str) -> Array:
        """The array, read-only, of the plain type."""
        return np.asarray(np.load(self._folder / name, mmap_mode="r", allow_pickle=False))


def _open(path: str) -> Any:
    """The value of a file, opened once in this process; values of earlier studies are dropped."""
    with _opening:
        if path not in _opened:
            folder = Path(path).parent
            for other in [name for name in _opened if Path(name).parent != folder]:
                del _opened[other]
            _opened[path] = _Unpickler(Path(path)).load()
        return _opened[path]
