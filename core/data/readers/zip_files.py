"""A zip of files: vectors, their metadata, queries with their true neighbors, and pictures.

Members are read in memory, each by its content as a file of its own; none is written anywhere, so
that no name in the archive leads out of it.
"""

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.readers import archive, arrays, zip_parts, zip_pictures, zip_tensors
from core.data.readers.arrays import QUERIES, TRUTH, name_words
from core.data.readers.content import head
from core.data.readers.found import Content, Found, Options
from core.data.readers.table.beside import with_table
from core.errors import ChoiceError, DataError

KIND = "a readable zip"
IGNORED_FOLDERS = ("__macosx",)
IGNORED_NAMES = ("thumbs.db", "desktop.ini", "dataset_info.json", "state.json", zip_tensors.CONFIG)
IGNORED_STEMS = ("readme", "license", "licence", "citation", "changelog")
IGNORED_ENDINGS = (
    ".md",
    ".pdf",
    ".html",
    ".log",
    ".py",
    ".ipynb",
    ".yaml",
    ".yml",
    ".license",
    ".pbtxt",
)
ARCHIVES = (".zip", ".gz", ".bz2", ".xz", ".7z", ".tar", ".tgz", ".rar", ".zst")
METADATA = {"metadata", "meta", "labels", "label", "items", "words", "vocab", "info", "titles"}
VECTORS = {"vectors", "vector", "embeddings", "embedding", "emb", "features", "train", "base"}
CHROMA = ("header.bin", "data_level0.bin", "length.bin", "link_lists.bin")
MOST_DATA = 200  # members that are no pictures
NAMED = 10


@dataclass(frozen=True)
class Members:
    """How the members of a zip are read: as files of their own."""

    read: Callable[[Content, str, Options], Found]
    read_table: Callable[[Content, str, int | None], pd.DataFrame]
    format_of: Callable[[Content, str], Any]
    read_zip: Callable[[Content, Options], Found]


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether the bytes begin as a zip."""
    return head(content, 4) in archive.MAGICS


def read(content: Content, options: Options, members: Members) -> Found:
    """The vectors of the archive, with what lies beside them.

    `options.vector_column` may name the member with the vectors. What is not used is named.
    """
    with archive.opened(content, KIND) as opened:
        infos = _files(opened)
        _refuse_foreign(list(infos))
        reader = _Reader(opened, infos, members)
        every = [name for name in infos if _is_data(name)]
        chosen, asked = _chosen(every, options)
        data = _with_parts(reader, every) if chosen is None else _without_parts(chosen, every)
        found, vectors = _vectors(reader, data, chosen, asked)
        used = {vectors}
        found = _with_queries(reader, found, [n for n in data if n not in used], used)
        found = _with_metadata(reader, found, [n for n in data if n not in used], used, options)
        found = _with_pictures(reader, found)
    taken = {part for name in used for part in reader.parts_of(name)}
    unused = [name for name in infos if name not in taken and not _is_picture(name)]
    notes = [f"vectors read from {vectors!r} of the zip", *found.notes]
    if unused:
        notes.append(f"not used: {_listing(unused)}")
    return replace(found, notes=tuple(notes))


class _Reader:
    """Reads members, each as a file of its own."""

    def __init__(
        self, opened: zipfile.ZipFile, infos: dict[str, zipfile.ZipInfo], members: Members
    ) -> None:
        self._opened, self._infos, self._members = opened, infos, members
        self._parts: dict[str, tuple[str, ...]] = {}
        self._shapes = self._stated_shapes()

    def join(self, parts: tuple[str, ...]) -> None:
        """From now on the first of the parts stands for all of them."""
        self._parts[parts[0]] = parts

    def parts_of(self, name: str) -> tuple[str, ...]:
        return self._parts.get(name, (name,))

    @property
    def pictures(self) -> dict[str, int]:
        """Bytes of each picture by its path."""
        return {name: info.file_size for name, info in self._infos.items() if _is_picture(name)}

    def holds_arrays(self, name: str) -> bool:
        """Whether a member is of a format that cannot be a table of metadata."""
        found = self._format(name, self.content(name))
        return found is not None and found.frame is None

    def content(self, name: str) -> bytes:
        return archive.read_member(self._opened, self._infos[name])

    def found(self, name: str, options: Options) -> Found:
        parts = self.parts_of(name)
        if len(parts) > 1:
            return zip_parts.join_found({part: self._found(part, options) for part in parts})
        return self._found(name, options)

    def _found(self, name: str, options: Options) -> Found:
        content = self.content(name)
        shape = self._shapes.get(PurePosixPath(name).name)
        if shape is not None and zip_tensors.fits(content, shape):
            return zip_tensors.read(content, shape)
        format_of = self._format(name, content)
        if format_of is not None and format_of.read is self._members.read_zip:
            raise DataError(f"{name!r} is an archive in the archive, which is not read. Unpack it.")
        return self._members.read(content, name, options)

    def table(self, name: str, rows: int) -> pd.DataFrame:
        parts = self.parts_of(name)
        if len(parts) == 1:
            return self._members.read_table(self.content(name), name, rows)
        tables = [self._members.read_table(self.content(part), part, None) for part in parts]
        if any(list(table.columns) != list(tables[0].columns) for table in tables):
            raise DataError(f"The parts {', '.join(parts)} have not the same columns.")
        return pd.concat(tables, ignore_index=True)

    def _stated_shapes(self) -> dict[str, tuple[int, int]]:
        for info in self._opened.infolist():
            if PurePosixPath(info.filename).name == zip_tensors.CONFIG:
                return zip_tensors.stated_shapes(archive.read_member(self._opened, info))
        return {}

    def _format(self, name: str, content: bytes) -> Any:
        return self._members.format_of(content, PurePosixPath(name.casefold()).suffix)


def _files(opened: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members that may be data or pictures, by their paths."""
    kept: dict[str, zipfile.ZipInfo] = {}
    for info in opened.infolist():
        parts = [part.casefold() for part in PurePosixPath(info.filename).parts]
        hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
        if info.is_dir() or not parts or hidden or parts[0] in IGNORED_FOLDERS:
            continue
        if parts[-1].startswith("_") and not info.file_size:  # _SUCCESS of Spark
            continue
        told = parts[-1].startswith(IGNORED_STEMS) or parts[-1] in IGNORED_NAMES
        if not told and not parts[-1].endswith(IGNORED_ENDINGS):
            kept.setdefault(info.filename, info)
    return kept


def _refuse_foreign(names: list[str]) -> None:
    last = {PurePosixPath(name).name for name in names}
    if any(name.endswith("data.pkl") for name in names):
        raise DataError(
            "This is a file of PyTorch, which holds a pickle that is never opened. Load it where "
            "it was made, and save the vectors: numpy.save('vectors.npy', tensor.numpy())."
        )
    if last.issuperset(CHROMA):
        raise DataError(
            "This is an index of Chroma. Open it as an index: Change index, then Open a file."
        )
    if any(name.startswith(("word/", "ppt/")) for name in names):
        raise DataError("This is an Office document. Save the table as .xlsx or .csv.")
    nested = [name for name in names if name.casefold().endswith(ARCHIVES)]
    if nested and not [name for name in names if _is_data(name)]:
        raise DataError(f"The zip holds another archive, {nested[0]!r}. Unpack it and open that.")


def _is_data(name: str) -> bool:
    return not (_is_picture(name) or name.casefold().endswith(ARCHIVES))


def _is_picture(name: str) -> bool:
    return name.casefold().endswith(zip_pictures.ENDINGS)


def _chosen(data: list[str], options: Options) -> tuple[str | None, Options]:
    """The member that `vector_column` names, and what is asked of the member's own reader."""
    if len(data) > MOST_DATA:
        raise DataError(
            f"The zip holds {len(data):,} files that are no pictures, and {MOST_DATA} are read. "
            "Join them to one table."
        )
    if options.vector_column in data:
        return options.vector_column, replace(options, vector_column=None)
    return None, options


def _with_parts(reader: _Reader, data: list[str]) -> list[str]:
    """The members, the first of numbered parts in place of all of them.

    Files of arrays may as well be several embeddings of the same items: they are parts only where
    there is a table in as many parts.
    """
    groups = {parts: reader.holds_arrays(parts[0]) for parts in zip_parts.numbered_parts(data)}
    tables = {len(parts) for parts, arrays_only in groups.items() if not arrays_only}
    joined = [parts for parts, only in groups.items() if not only or len(parts) in tables]
    for parts in joined:
        reader.join(parts)
    later = {part for parts in joined for part in parts[1:]}
    return [name for name in data if name not in later]


def _without_parts(chosen: str, data: list[str]) -> list[str]:
    """The members but those numbered as the chosen one is: no other part tells of its rows."""
    alike = [parts for parts in zip_parts.numbered_parts(data) if chosen in parts]
    others = {part for parts in alike for part in parts} - {chosen}
    return [name for name in data if name not in others]


def _stem(name: str) -> str:
    return PurePosixPath(name).name.split(".", 1)[0]


def _rank(name: str) -> int:
    """How unlikely a member is to hold the vectors, by the words of its name."""
    words = name_words(_stem(name))
    if words & (QUERIES | TRUTH):
        return 3
    if words & METADATA:
        return 2
    return 0 if words & VECTORS else 1


def _vectors(
    reader: _Reader, data: list[str], chosen: str | None, options: Options
) -> tuple[Found, str]:
    """The content of the likeliest member that holds vectors, and its name."""
    if not data:
        raise DataError("The zip holds no file of vectors. Add one, such as vectors.npy.")
    if chosen is not None:
        return reader.found(chosen, options), chosen
    reasons: dict[str, str] = {}
    for rank in sorted({_rank(name) for name in data}):
        found = {}
        for name in (each for each in data if _rank(each) == rank):
            try:
                found[name] = reader.found(name, options)
            except ChoiceError:
                raise
            except DataError as error:
                reasons[name] = str(error)
        tables = _likelier(reader, [n for n, each in found.items() if each.vectors.ndim == 2])
        if len(tables) > 1:
            raise ChoiceError(
                f"Several files of the zip could hold the vectors: {_listing(tables)}. Say "
                "which (vector_column).",
                tables,
            )
        if tables:
            return found[tables[0]], tables[0]
        if reasons:  # a likelier file that cannot be read: another one is not what was meant
            first, reason = next(iter(reasons.items()))
            raise DataError(f"{first!r} of the zip cannot be read. {reason}")
    raise DataError(f"No file of the zip holds a table of vectors; it holds {_listing(data)}.")


def _likelier(reader: _Reader, names: list[str]) -> list[str]:
    """The files of arrays among files that hold numbers; all of them where there are none."""
    return [name for name in names if reader.holds_arrays(name)] or names


def _with_queries(reader: _Reader, found: Found, rest: list[str], used: set[str]) -> Found:
    """The queries and their true neighbors of members with such names, added to `found`."""
    queries = _array_named(reader, QUERIES, rest, found.vectors.shape[-1])
    if queries is None or found.queries is not None:
        return found
    used.add(queries[0])
    found = replace(found, queries=queries[1])
    truth = _array_named(reader, TRUTH, [name for name in rest if name not in used], None)
    if truth is None:
        return found
    used.add(truth[0])
    return replace(found, ground_truth=truth[1])


def _array_named(
    reader: _Reader, words: frozenset[str], names: list[str], dim: int | None
) -> tuple[str, npt.NDArray[np.generic]] | None:
    for name in names:
        if words & name_words(_stem(name)):
            try:
                found = reader.found(name, Options())
            except DataError:  # named as not used
                continue
            if found.vectors.ndim == 2 and dim in (None, found.vectors.shape[1]):
                return name, found.vectors
    return None


def _with_metadata(
    reader: _Reader, found: Found, rest: list[str], used: set[str], options: Options
) -> Found:
    """The columns of tables with one row per vector, added to those that came with the vectors.

    Where two tables have a column of one name, that of the first is taken.
    """
    taken: set[str] = set()
    for name in sorted(rest, key=lambda each: (_rank(each) != 2, each)):
        table = _table(reader, name, len(found.vectors))
        if table is None:
            continue
        if len(table) != len(found.vectors):
            note = (
                f"{name!r} left out: it has {len(table):,} rows, and there are "
                f"{len(found.vectors):,} vectors"
            )
            found = replace(found, notes=(*found.notes, note))
            continue
        used.add(name)
        fresh = table[[column for column in table.columns if str(column) not in taken]]
        taken.update(map(str, fresh.columns))
        found = with_table(found, fresh, options)
        found = replace(found, notes=(*found.notes, f"metadata read from {name!r}"))
    return found


def _table(reader: _Reader, name: str, rows: int) -> pd.DataFrame | None:
    """A member as a table of metadata: an array of one value per row is a column; else None."""
    try:
        return reader.table(name, rows)
    except DataError:
        pass
    try:
        values = reader.found(name, Options()).vectors
    except DataError:
        return None
    if values.ndim != 1:
        return None
    return arrays.as_frame({PurePosixPath(name).stem: values})


def _with_pictures(reader: _Reader, found: Found) -> Found:
    sizes = reader.pictures
    if not sizes or found.metadata is None:
        return found
    placed = zip_pictures.place_pictures(found.metadata, sizes, reader.content)
    if not placed.notes:
        unplaced = f"not used: {len(sizes):,} pictures, for no column holds their paths"
        return replace(found, notes=(*found.notes, unplaced))
    return replace(found, metadata=placed.frame, notes=(*found.notes, *placed.notes))


def _listing(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f", ... ({len(names):,})" if len(names) > NAMED else "")
