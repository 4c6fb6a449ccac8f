"""From whatever an index is given as, its bytes: one file, or the four of Chroma by name."""

import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import BinaryIO

from core.data.limits import check_bytes
from core.errors import DataError, IndexFileError, ParameterError
from core.index.files import chroma
from core.index.files.chroma import MEMBERS, Files

Source = str | Path | bytes | BinaryIO | Mapping[str, bytes]
ZIP = b"PK\x03\x04"
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
NAMED_AT_MOST = 5
CHROMA_DATABASE = "chroma.sqlite3"
FOLDERS = {  # a file or folder that stands in the folders of others
    "scann_config.pb": "a folder of ScaNN, which is no HNSW index",
    "scann_assets.pbtxt": "a folder of ScaNN, which is no HNSW index",
    "grp": "a folder of NGT, whose graph is not read",
    "_versions": "a table of LanceDB, whose files are not read",
    "_transactions": "a table of LanceDB, whose files are not read",
    "segments.gen": "a folder of Lucene, whose files are not read",
    "index.faiss": "a folder with an index.faiss: open that file",
}


def content_of(source: Source) -> bytes | Files:
    """The bytes of one index file, or Chroma's four files by name; raises IndexFileError."""
    if isinstance(source, Mapping):
        return _named(source)
    content = _bytes_of(source)
    if not isinstance(content, bytes):
        return content
    return _zipped(content) if content.startswith(ZIP) else content


def own_name(source: Source) -> str | None:
    """The file's own name, where it has one."""
    own = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(own).name if isinstance(own, str | Path) else None


def _bytes_of(source: str | Path | bytes | BinaryIO) -> bytes | Files:
    if isinstance(source, bytes):
        return source
    try:
        if isinstance(source, str | Path):
            path = Path(source)
            return _folder(path) if path.is_dir() else path.read_bytes()
        content = source.read()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or a closed file
        reason = getattr(error, "strerror", None) or error
        raise IndexFileError(f"The file cannot be read: {reason}.") from error
    if not isinstance(content, bytes):
        raise ParameterError(
            f"source must be a path, bytes or a file opened in binary mode; reading it gave "
            f"{type(content).__name__}."
        )
    return content


def _named(files: Mapping[str, bytes]) -> Files:
    if not all(isinstance(content, bytes) for content in files.values()):
        raise ParameterError("source must map the names of Chroma's four files to their bytes.")
    held = {PurePath(name).name: content for name, content in files.items()}
    chroma.check_names(list(held), "what was given")
    return {name: held[name] for name in MEMBERS}


def _folder(path: Path) -> Files:
    """The four files of a folder, or of the only folder in it that has them."""
    inside = sorted(path.iterdir())
    names = {entry.name for entry in inside}
    with_index = [entry for entry in inside if entry.is_dir() and _has_all(entry)]
    if not set(MEMBERS) & names and with_index:
        path = _only(path.name, with_index)
    elif not set(MEMBERS) & names:
        raise IndexFileError(_of_folder(names))
    else:
        chroma.check_names(list(names), "this folder")
    return {name: (path / name).read_bytes() for name in MEMBERS}


def _has_all(folder: Path) -> bool:
    return all((folder / name).is_file() for name in MEMBERS)


def _only(where: str, found: list[Path]) -> Path:
    if len(found) > 1:
        raise IndexFileError(_several(where, [folder.name for folder in found]))
    return found[0]


def _of_folder(names: set[str]) -> str:
    for name, kind in FOLDERS.items():
        if name in names:
            return f"This is {kind}."
    if CHROMA_DATABASE in names:
        return (
            "This is a folder of Chroma without an index in it: up to its sync_threshold (1,000 "
            "items at first) Chroma writes none, and searches without one. Add more items, or "
            "open the vectors themselves as data."
        )
    return (
        "This is a folder without Chroma's four files, "
        f"{', '.join(MEMBERS)}. Open the index file itself."
    )


def _several(where: str, folders: list[str]) -> str:
    shown = ", ".join(folders[:NAMED_AT_MOST]) + (", ..." if len(folders) > NAMED_AT_MOST else "")
    return (
        f"{where} holds {len(folders):,} indexes of Chroma, each in a folder of its own: {shown}. "
        "Open one of these folders."
    )


def _zipped(content: bytes) -> Files:
    """Chroma's four files in a zip, in whichever folder they stand together."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            chosen = _members(members)
            _check_sizes(list(chosen.values()))
            return {name: archive.read(member) for name, member in chosen.items()}
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise IndexFileError(
            f"The zip cannot be read: {error}. It is cut off or damaged; pack the folder again."
        ) from error


def _members(members: list[zipfile.ZipInfo]) -> dict[str, zipfile.ZipInfo]:
    folders: dict[str, dict[str, zipfile.ZipInfo]] = {}
    for member in members:
        path = PurePosixPath(member.filename)
        if path.name in MEMBERS:
            folders.setdefault(str(path.parent), {})[path.name] = member
    if not folders:
        raise IndexFileError(_of_zip([member.filename for member in members]))
    whole = [folder for folder, held in folders.items() if len(held) == len(MEMBERS)]
    if len(whole) > 1:
        raise IndexFileError(_several("The zip", whole))
    if not whole:
        chroma.check_names(list(next(iter(folders.values()))), "the zip")
    return folders[whole[0]]


def _of_zip(names: list[str]) -> str:
    if any(name.endswith("data.pkl") for name in names):
        return (
            "This is a file of PyTorch, which holds a pickle that is never opened. Save the index "
            "itself with save_index, write_index or save."
        )
    if any(name.endswith(".npy") for name in names):
        return (
            "This is a NumPy archive (.npz): it holds vectors and no index. Open it on the Data "
            "page, or with read_embeddings."
        )
    shown = ", ".join(PurePosixPath(name).name for name in names[:NAMED_AT_MOST]) or "nothing"
    return (
        f"The zip holds {shown}{', ...' if len(names) > NAMED_AT_MOST else ''}, and not Chroma's "
        f"four files, {', '.join(MEMBERS)}. Unpack it and open the index file itself."
    )


def _check_sizes(members: list[zipfile.ZipInfo]) -> None:
    try:
        check_bytes(sum(member.file_size for member in members), "The unpacked index")
    except DataError as error:
        raise IndexFileError(str(error)) from error
    if any(member.compress_type not in PACKINGS for member in members):
        # other packings grow in memory past the size that the member states
        raise IndexFileError("The zip is packed in an unusual way. Pack the folder with deflate.")
