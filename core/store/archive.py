"""A workspace as one zip: a text that describes it, and the files of its contents by name.

What comes in is trusted in nothing: names, sizes and sha256 of all files are checked while they are
unpacked, and each value is read and checked through before anything of it is kept.
"""

import hashlib
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from core.data import watch
from core.data.limits import check_bytes
from core.errors import CoreError, StoreError
from core.store import codec, whole
from core.store.blobs import CHUNK, MANIFEST, Blob, check_digest, check_name
from core.store.codec import Content

DESCRIPTION = "workspace.json"
FOLDER = "objects/"
VERSION = 1
MOST_FILES = 20_000
LARGEST_DESCRIPTION = 16_000_000
FIRST_TIME = (1980, 1, 1, 0, 0, 0)  # of all files, so that equal workspaces give equal zips


@dataclass(frozen=True)
class Described:
    """What a zip says of its workspace: never whose it was, nor its token."""

    title: str
    state: Mapping[str, Any]
    holdings: Mapping[str, str]


def write(
    described: Described,
    out: BinaryIO,
    manifest: Callable[[str], bytes],
    locate: Callable[[str], Path],
) -> None:
    """Write a zip. manifest: of a digest; locate: the path of a file."""
    head = {"nearfield": VERSION, **vars(described)}
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(_entry(DESCRIPTION, zipfile.ZIP_DEFLATED), json.dumps(head, indent=1))
        written = set[str]()
        for digest in sorted(set(described.holdings.values())):
            names = [digest + MANIFEST, *codec.files_of(manifest(digest))]
            for name in [name for name in names if name not in written]:
                _copy(archive, name, locate(name))
                written.add(name)


def read(source: BinaryIO, largest: int, keep: Callable[[Content, Any], None]) -> Described:
    """Read a zip, hand over each content that is found sound, with its value.

    largest: bytes of all files. How far it is goes to `watch`. Raises StoreError where the zip is
    none of Nearfield's, damaged, or does not hold what it says.
    """
    try:
        with zipfile.ZipFile(source) as archive, tempfile.TemporaryDirectory() as folder:
            entries = _entries(archive, largest)
            described = _described(archive, entries)
            unpack = _Unpack(archive, entries, Path(folder))
            for digest in sorted(set(described.holdings.values())):
                content, value = _sound(digest, unpack)
                keep(content, value)
            return described
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise StoreError(f"The file is no zip, or a damaged one: {str(error)[:120]}.") from error


@dataclass
class _Unpack:
    """Unpacks files of a zip into a folder, each once, and says how far it is; done: in bytes."""

    archive: zipfile.ZipFile
    entries: Mapping[str, zipfile.ZipInfo]
    folder: Path
    done: int = 0

    def __call__(self, name: str) -> Path:
        """The path of a file, whose bytes have the sha256 of its name."""
        path = self.folder / check_name(name)
        if path.exists():
            return path
        entry = self.entries.get(FOLDER + name)
        if entry is None:
            raise StoreError(f"The zip lacks a file that it names: {name}.")
        digest = hashlib.sha256()
        total = sum(each.file_size for each in self.entries.values())
        with path.open("wb") as file:
            for chunk in _chunks(self.archive, entry):
                digest.update(chunk)
                file.write(chunk)
                self.done += len(chunk)
                watch.bytes_read(self.done, total)
        if digest.hexdigest() != name.split(".")[0]:
            raise StoreError(f"The file {name} in the zip does not hold what its name says.")
        return path


def _entries(archive: zipfile.ZipFile, largest: int) -> dict[str, zipfile.ZipInfo]:
    """The files of a zip by name, all of which can be unpacked into `largest` bytes."""
    found = archive.infolist()
    if len(found) > MOST_FILES:
        raise StoreError(f"The zip has {len(found):,} files; {MOST_FILES:,} are taken.")
    for entry in found:
        if entry.filename != DESCRIPTION:
            if not entry.filename.startswith(FOLDER):
                raise StoreError(f"The zip has a file of another place: {entry.filename[:80]!r}.")
            check_name(entry.filename.removeprefix(FOLDER))
    entries = {entry.filename: entry for entry in found}
    if len(entries) < len(found):
        raise StoreError("The zip has two files of one name.")
    size = sum(entry.file_size for entry in found)
    if size > largest:
        raise StoreError(
            f"The zip unpacks to {size / 1e6:,.0f} MB, and one person may keep "
            f"{largest / 1e6:,.0f} MB here."
        )
    return entries


def _described(archive: zipfile.ZipFile, entries: Mapping[str, zipfile.ZipInfo]) -> Described:
    entry = entries.get(DESCRIPTION)
    if entry is None or entry.file_size > LARGEST_DESCRIPTION:
        raise StoreError(f"The zip is no workspace of Nearfield: it has no {DESCRIPTION}.")
    try:
        head = json.loads(b"".join(_chunks(archive, entry)))
        if head["nearfield"] != VERSION:
            raise StoreError(
                f"The zip was written by another version of Nearfield: {head['nearfield']!r}."
            )
        holdings = {str(key): check_digest(digest) for key, digest in head["holdings"].items()}
        return Described(str(head["title"]), dict(head["state"]), holdings)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise StoreError(f"The description in the zip cannot be read: {error!r:.120}.") from error


def _sound(digest: str, unpack: _Unpack) -> tuple[Content, Any]:
    """A content of the zip and its value, checked through."""
    manifest = unpack(digest + MANIFEST)
    head = manifest.read_bytes()
    files = {name: unpack(name) for name in codec.files_of(head)}
    value = codec.decode(head, unpack)
    try:
        whole.check(value)
    except CoreError as error:
        raise StoreError(f"The zip holds what cannot be used. {error}") from error
    blobs = tuple(_blob(name, path) for name, path in sorted(files.items()))
    return Content(_blob(digest + MANIFEST, manifest), blobs), value


def _blob(name: str, path: Path) -> Blob:
    data = path.read_bytes()
    return Blob(name, (memoryview(data),) if data else (), len(data))


def _chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    """The content of a file of the zip, which must be of the size that it states."""
    left = entry.file_size
    check_bytes(left, "A file of the zip")
    with archive.open(entry) as file:
        while chunk := file.read(min(CHUNK, left + 1)):
            left -= len(chunk)
            if left < 0:
                break
            yield chunk
    if left:
        raise StoreError("A file of the zip is not of the size that it states.")


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    packed = zipfile.ZIP_STORED if name.endswith(".npy") else zipfile.ZIP_DEFLATED
    large = path.stat().st_size >= 2**31
    with (
        path.open("rb") as file,
        archive.open(_entry(FOLDER + name, packed), "w", force_zip64=large) as out,
    ):
        while chunk := file.read(CHUNK):
            out.write(chunk)


def _entry(name: str, packed: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, FIRST_TIME)
    entry.compress_type = packed
    return entry
