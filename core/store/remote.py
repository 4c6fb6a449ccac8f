"""Files of the store in any file system of fsspec, such as S3, and copies on this machine.

Arrays are mapped from the copies, of which those used last stay. What an object store writes is
seen whole or not at all; for others, a file of another size than its manifest says is no file.
(https://filesystem-spec.readthedocs.io)
"""

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import MissingExtraError, StoreError
from core.store.blobs import Blob
from core.store.folder import Folder, told

EXTRA = "replicas"
IN_OBSTORE = ("s3://", "gs://", "az://")  # which obstore speaks to, all with the one library
IN_USE = 60  # seconds in which a copy that was asked for is opened


class Remote:
    """A place in a file system of fsspec.

    cache: the folder for copies; most: bytes that these may take.
    """

    def __init__(self, address: str, cache: Path, most: int) -> None:
        self.where = address.split("?")[0]
        self._files, self._root = _open(address)
        self._near, self._bytes = Folder(cache), most
        self._lock = threading.Lock()

    def size(self, name: str) -> int | None:
        """Bytes of a file; None where it is not there."""
        with self._asked():
            try:
                return int(self._files.info(self._place(name))["size"])
            except FileNotFoundError:
                return None

    def local(self, name: str) -> Path | None:
        """The path of a copy on this machine; None where the file is not there."""
        path = self._near.local(name)
        if path is None:
            path = self._fetch(name)
        if path is not None:
            with told(self._near.path):
                os.utime(path)
        return path

    def write(self, blob: Blob) -> None:
        """Keep a blob, and a copy on this machine."""
        self._near.write(blob)
        with self._asked():
            place = self._place(blob.name)
            self._files.makedirs(place.rsplit("/", 1)[0], exist_ok=True)
            self._files.put_file(str(self._near.place(blob.name)), place)
        self._make_room(blob.name)

    def delete(self, name: str) -> None:
        """Remove a file, if it is there, and its copy."""
        self._near.delete(name)
        with self._asked():
            try:
                self._files.rm_file(self._place(name))
            except FileNotFoundError:
                return

    def forget_copy(self, name: str) -> bool:
        """Let go of the copy on this machine, so that the file is fetched anew."""
        self._near.delete(name)
        return True

    def copies(self) -> Iterator[str]:
        """The names of the files that have a copy on this machine."""
        return self._near.names()

    def sweep(self, seconds: float) -> None:
        """Remove what was left half-written on this machine, `seconds` ago or longer."""
        self._near.sweep(seconds)

    def _fetch(self, name: str) -> Path | None:
        with self._near.incoming() as path:
            with self._asked():
                try:
                    self._files.get_file(self._place(name), str(path))
                except FileNotFoundError:
                    return None
            self._near.take(path, name)
        self._make_room(name)
        return self._near.place(name)

    def _make_room(self, newest: str) -> None:
        """Remove the copies that were used longest ago, as long as there are too many bytes."""
        with self._lock, told(self._near.path):
            copies = sorted(_copies(self._near), key=lambda copy: (copy[0] == newest, copy[1]))
            held = sum(size for _name, _used, size in copies)
            recent = time.time() - IN_USE
            for name, used, size in copies[:-1]:
                if held <= self._bytes or used > recent:
                    return
                self._near.delete(name)
                held -= size

    def _place(self, name: str) -> str:
        return f"{self._root}/{name[:2]}/{name}"

    @contextmanager
    def _asked(self) -> Iterator[None]:
        """Whatever a library of a file system raises, as an error of the store."""
        try:
            yield
        except StoreError:
            raise
        except Exception as error:
            raise StoreError(
                f"The object store {self.where} cannot be read or written: {str(error)[:200]}."
            ) from error


def _copies(folder: Folder) -> Iterator[tuple[str, float, int]]:
    for name in folder.names():
        try:
            found = folder.place(name).stat()
        except FileNotFoundError:
            continue
        yield name, found.st_mtime, found.st_size


def _open(address: str) -> tuple[Any, str]:
    try:
        import fsspec
    except ImportError as error:
        raise MissingExtraError(f"A store at {address}", "fsspec", EXTRA) from error
    try:
        own = address.startswith(IN_OBSTORE) and _use_obstore()
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        options: dict[str, Any] = {"client_options": {"allow_http": plain}}
        if not own:
            options = {"use_listings_cache": False}  # others write there, too
        files, root = fsspec.core.url_to_fs(address, **options)
    except ImportError as error:
        library = getattr(error.__context__, "name", None) or "a part of fsspec"
        raise MissingExtraError(f"A store at {address}", str(library), EXTRA) from error
    except Exception as error:
        raise StoreError(f"The object store {address} cannot be opened: {error}.") from error
    return files, root.rstrip("/")


def _use_obstore() -> bool:
    """Let fsspec find these object stores in obstore; False where that is not installed."""
    try:
        from obstore.fsspec import register
    except ImportError:  # then in whatever fsspec knows for them, e.g. s3fs
        return False
    register([address.removesuffix("://") for address in IN_OBSTORE])
    return True
