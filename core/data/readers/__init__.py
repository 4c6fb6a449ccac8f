"""One module per format, found by content first and by its ending second.

A format is a module with `recognizes(content, ending) -> bool` and `read(content, options) ->
Found`, and a line in `FORMATS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import PurePath

import pandas as pd

from core.data.readers import (
    arff,
    arrow_ipc,
    delimited,
    fbin,
    fvecs,
    hdf5,
    json_text,
    metadata,
    npy,
    npz,
    parquet,
    safetensors,
    sqlite,
    word2vec_binary,
    xlsx,
    zip_files,
)
from core.data.readers.content import head
from core.data.readers.foreign import is_foreign, what_it_is
from core.data.readers.found import ColumnRole, Content, Found, Options, without_columns
from core.data.readers.packed import PACKED_ENDINGS, unpack
from core.data.readers.table.objects import unfolded
from core.data.readers.text_kind import is_json, is_text
from core.errors import BadRowsError, ChoiceError, DataError

TEXT_HEAD = 2**16


@dataclass(frozen=True)
class Format:
    """How files of one format are told from others, and read.

    endings: of their names. recognizes: whether this content, of a file with this ending, is one.
    frame: its table, where it can hold metadata, from the content, the ending and the number of
    vectors where it is known.
    """

    name: str
    endings: tuple[str, ...]
    recognizes: Callable[[Content, str], bool]
    read: Callable[[Content, Options], Found]
    frame: Callable[[Content, str, int | None], pd.DataFrame] | None = None


def _is_parquet(content: Content, ending: str) -> bool:
    return head(content, 4) == b"PAR1" or ending == ".parquet"


def _is_json(content: Content, ending: str) -> bool:  # noqa: ARG001
    start = head(content, TEXT_HEAD)
    return is_text(start[:4096]) and is_json(start)


def _is_text(content: Content, ending: str) -> bool:
    return is_text(head(content, 4096)) or ending in (".csv", ".tsv", ".txt", ".vec")


def _read_zip(content: Content, options: Options) -> Found:
    return zip_files.read(
        content, options, zip_files.Members(read, read_table, format_of, _read_zip)
    )


# By their magic numbers; then, where no other kind of file is recognized, by sizes that fit.
BY_MAGIC: tuple[Format, ...] = (
    Format("NumPy array", (".npy",), npy.recognizes, npy.read),
    Format("NumPy archive", (".npz",), npz.recognizes, npz.read),
    Format("Excel workbook", (".xlsx",), xlsx.recognizes, xlsx.read, lambda c, *_: xlsx.frame(c)),
    Format("zip", (".zip",), zip_files.recognizes, _read_zip),
    Format("HDF5", (".h5", ".hdf5", ".h5ad"), hdf5.recognizes, hdf5.read),
    Format(
        "SQLite",
        (".sqlite", ".sqlite3", ".db"),
        sqlite.recognizes,
        sqlite.read,
        lambda c, *_: sqlite.frame(c),
    ),
    Format("Parquet", (".parquet",), _is_parquet, parquet.read, lambda c, *_: parquet.frame(c)),
    Format(
        "Arrow",
        (".feather", ".arrow"),
        arrow_ipc.recognizes,
        arrow_ipc.read,
        lambda c, *_: arrow_ipc.frame(c),
    ),
)
BY_SHAPE: tuple[Format, ...] = (
    Format("safetensors", (".safetensors",), safetensors.recognizes, safetensors.read),
    Format("word2vec", (".bin",), word2vec_binary.recognizes, word2vec_binary.read),
    Format("bin family", tuple(fbin.KINDS), fbin.recognizes, fbin.read),
    Format("vecs family", tuple(fvecs.KINDS), fvecs.recognizes, fvecs.read),
    Format(
        "JSON",
        (".jsonl", ".json", ".ndjson"),
        _is_json,
        json_text.read,
        lambda c, *_: json_text.frame(c),
    ),
    Format("ARFF", (".arff",), arff.recognizes, arff.read, lambda c, *_: arff.frame(c)),
    Format("text", (".csv", ".tsv", ".txt", ".vec"), _is_text, delimited.read, metadata.frame),
)
FORMATS = (*BY_MAGIC, *BY_SHAPE)
SUPPORTED_ENDINGS = tuple(ending for each in FORMATS for ending in each.endings)
METADATA_ENDINGS = tuple(
    ending for each in FORMATS if each.frame is not None for ending in each.endings
)


def format_of(content: Content, ending: str) -> Format | None:
    """The format that recognizes a content; None where there is none.

    ending: of the file's name, in lower case with its dot, or "".
    """
    known = next((each for each in BY_MAGIC if each.recognizes(content, ending)), None)
    if known is not None or is_foreign(content):
        return known
    return next((each for each in BY_SHAPE if each.recognizes(content, ending)), None)


def read(content: Content, name: str, options: Options) -> Found:
    """Read a file by its content, unpacked first where it is packed; raises DataError.

    name: of the file, whose ending is a hint.
    """
    unpacked, ending = unpack(content), ending_of(name)
    found = format_of(unpacked, ending)
    if found is None:
        raise DataError(what_it_is(unpacked, name))
    try:
        content_of = found.read(unpacked, replace(options, ending=ending))
    except (ChoiceError, BadRowsError):
        raise
    except DataError as error:
        named = next((each for each in FORMATS if ending in each.endings), found)
        if named.name == found.name:
            raise
        raise DataError(
            f"{name!r} is {found.name} by its content, and no {named.name}. {error}"
        ) from error
    return without_columns(content_of, options.left_out)


def read_table(content: Content, name: str, rows: int | None = None) -> pd.DataFrame:
    """Read a file as a table of metadata, as it stands; raises DataError.

    rows: how many vectors there are, if that is known. `frame.attrs["notes"]`, if there are any, is
    a tuple of what was decided on the way.
    """
    unpacked, ending = unpack(content), ending_of(name)
    found = format_of(unpacked, ending)
    if found is None:
        raise DataError(what_it_is(unpacked, name))
    if found.frame is None:
        raise DataError(
            f"Metadata is read from {', '.join(METADATA_ENDINGS)} tables; {name!r} is {found.name}."
        )
    frame = found.frame(unpacked, ending, rows)
    table, notes = unfolded(frame)
    table.attrs["notes"] = (*frame.attrs.get("notes", ()), *notes)
    return table


def ending_of(name: str) -> str:
    """The ending of a file's name in lower case, that of a packing left out.

    >>> ending_of("Vectors.CSV.gz"), ending_of("vectors")
    ('.csv', '')
    """
    path = PurePath(name.casefold())
    if path.suffix in PACKED_ENDINGS:
        path = path.with_suffix("")
    return path.suffix


__all__ = [
    "FORMATS",
    "METADATA_ENDINGS",
    "PACKED_ENDINGS",
    "SUPPORTED_ENDINGS",
    "ColumnRole",
    "Content",
    "Format",
    "Found",
    "Options",
    "ending_of",
    "format_of",
    "read",
    "read_table",
]
