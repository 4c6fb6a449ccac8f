"""Files of the store in a folder: each written whole or not at all, and never changed."""

import errno
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.errors import FullError, StoreError
from core.store.blobs import CHUNK, Blob

OBJECTS, INCOMING = "objects", "incoming"
FULL = (errno.ENOSPC, errno.EDQUOT)


class Folder:
    """A folder with a file for each blob; several processes, and machines that share it, may write.

    A blob is written beside the others, brought to the disk, and only then renamed to its place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with told(path):
            for name in (OBJECTS, INCOMING):
                (path / name).mkdir(parents=True, exist_ok=True)

    @property
    def where(self) -> str:
        """The folder, in messages."""
        return str(self.path)

    def place(self, name: str) -> Path:
        """Where the file of this name is, or would be."""
        return self.path / OBJECTS / name[:2] / name

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where it is not there."""
        try:
            return self.place(name).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _said(self.path, error) from error

    def local(self, name: str) -> Path | None:
        """The path of a file; None where it is not there."""
        path = self.place(name)
        return path if path.exists() else None

    def write(self, blob: Blob) -> None:
        """Keep a blob; raises FullError or StoreError, and then nothing of it is seen."""
        with self.incoming() as path:
            with path.open("xb") as file:
                for part in blob.parts:
                    for start in range(0, part.nbytes, CHUNK):
                        file.write(part[start : start + CHUNK])
                file.flush()
                os.fsync(file.fileno())
            self.take(path, blob.name)

    def take(self, path: Path, name: str) -> None:
        """Give a file that was written in `incoming` its place."""
        place = self.place(name)
        with told(self.path):
            place.parent.mkdir(parents=True, exist_ok=True)
            path.replace(place)
            _sync(place.parent)

    def delete(self, name: str) -> None:
        """Remove a file, if it is there. Whoever has mapped it keeps what is mapped."""
        with told(self.path):
            self.place(name).unlink(missing_ok=True)

    def forget_copy(self, _name: str) -> bool:
        """False: what lies here is no copy."""
        return False

    def copies(self) -> tuple[str, ...]:
        """None: what lies here is no copy."""
        return ()

    @contextmanager
    def incoming(self) -> Iterator[Path]:
        """A path for a file that is not kept yet; what is left there is removed."""
        path = self.path / INCOMING / secrets.token_hex(16)
        try:
            with told(self.path):
                path.parent.mkdir(parents=True, exist_ok=True)  # a temporary folder may be emptied
                yield path
        finally:
            path.unlink(missing_ok=True)

    def sweep(self, seconds: float) -> None:
        """Remove what a process that was killed left half-written, `seconds` ago or longer."""
        before = time.time() - seconds
        with told(self.path):
            for path in (self.path / INCOMING).glob("*"):
                try:
                    if path.stat().st_mtime < before:
                        path.unlink()
                except FileNotFoundError:  # another process was faster
                    continue

    def names(self) -> Iterator[str]:
        """The names of all files."""
        for path in (self.path / OBJECTS).glob("??/*"):
            yield path.name


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turns an error of the file system into one of the store, in words."""
    try:
        yield
    except OSError as error:
        raise _said(path, error) from error


def _said(path: Path, error: OSError) -> StoreError:
    if error.errno in FULL:
        return FullError(
            f"There is no room left in the store, {path}. Nothing was changed: delete workspaces, "
            "or give it a larger disk."
        )
    reason = error.strerror or str(error)
    return StoreError(f"The store, {path}, cannot be read or written: {reason}.")


def _sync(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
