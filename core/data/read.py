"""Bytes in, an `EmbeddingSet` out."""

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.conversion import NAMED, check_table, non_finite_message, non_finite_rows
from core.data.embedding_set import EmbeddingSet
from core.data.limits import check_bytes, max_bytes
from core.data.readers import READERS, SUPPORTED_ENDINGS, Found, Options, csv_text
from core.data.readers.text import decode
from core.errors import BadRowsError, DataError, ParameterError

Source = str | Path | bytes | BinaryIO
BadRows = Literal["error", "drop"]
METADATA_ENDINGS = (".tsv", ".csv")


def read_embeddings(
    source: Source,
    *,
    name: str | None = None,
    vector_column: str | None = None,
    label_column: str | None = None,
    bad_rows: BadRows = "error",
    metadata: Source | None = None,
) -> EmbeddingSet:
    """Read vectors and their metadata from a file of any supported format.

    source: path, bytes or binary file. name: gives the format by its ending (.npy, .npz, .h5,
    .hdf5, .csv, .tsv, .parquet, .jsonl); by default the path or the file's own name.
    vector_column: the column (or array, or prefix of numbered columns) with the vectors, found by
    itself if not given. label_column: the column with the classes; label, labels, class or target
    by default. bad_rows: "error" names the first rows that are missing or not finite; "drop"
    leaves them out and says so in `notes`. metadata: the Embedding Projector's metadata.tsv beside
    a vectors.tsv.

    Nothing is unpickled, and sizes are checked before anything is allocated. Raises DataError.

    >>> embeddings = read_embeddings(b"x0,x1,label\\n1,2,a\\n3,4,b", name="two.csv")
    >>> embeddings.vectors.tolist(), embeddings.class_names
    ([[1.0, 2.0], [3.0, 4.0]], ('a', 'b'))
    """
    if bad_rows not in ("error", "drop"):
        raise ParameterError(f"bad_rows must be 'error' or 'drop'; got {bad_rows!r}.")
    called = name or _own_name(source)
    read = READERS.get(_ending(called))
    if read is None:
        raise DataError(
            f"The format of {called!r} is not known by its ending. Supported: "
            f"{', '.join(SUPPORTED_ENDINGS)}."
        )
    found = read(_content(source), Options(vector_column, label_column))
    if metadata is not None:
        found = replace(found, metadata=csv_text.read_metadata(_content(metadata)))
    return _to_set(found, Path(called).stem, label_column, bad_rows)


def read_metadata(source: Source, *, name: str | None = None) -> pd.DataFrame:
    """Read a table of metadata (.tsv, .csv), one row per vector, to go with vectors read apart.

    A .tsv of one column has no line of names, as in the Embedding Projector; it becomes the label.
    Raises DataError.

    >>> read_metadata(b"cat\\ndog\\n", name="metadata.tsv")["label"].tolist()
    ['cat', 'dog']
    """
    called = name or _own_name(source)
    if _ending(called) not in METADATA_ENDINGS:
        raise DataError(
            f"Metadata is read from {' and '.join(METADATA_ENDINGS)} tables; got {called!r}."
        )
    content = _content(source)
    if _ending(called) == ".tsv":
        return csv_text.read_metadata(content)
    return csv_text.read_frame(decode(content), ",")


def _to_set(found: Found, name: str, label_column: str | None, bad_rows: BadRows) -> EmbeddingSet:
    rows, frame = check_table(found.vectors, "vectors"), found.metadata
    if frame is not None and len(frame) != len(rows):
        raise DataError(
            f"There are {len(rows):,} vectors and {len(frame):,} rows of metadata; they must be as "
            "many."
        )
    notes = list(found.notes)
    with np.errstate(over="ignore"):
        bad = non_finite_rows(np.asarray(rows, dtype=np.float32))
    if len(bad) and bad_rows == "error":
        raise BadRowsError(_bad_rows_message(found, bad, rows), bad.tolist())
    if len(bad):
        kept = np.setdiff1d(np.arange(len(rows)), bad)
        if len(kept) == 0:
            raise DataError("No row is left: every vector is missing or not finite.")
        rows, frame = rows[kept], None if frame is None else frame.iloc[kept]
        notes.append(f"{len(bad):,} rows dropped: missing or not finite")
        if found.ground_truth is not None:
            notes.append("ground truth left out: it numbers the rows before some were dropped")
    return EmbeddingSet.from_arrays(
        rows,
        metadata=frame,
        label_column=label_column,
        name=name,
        notes=notes,
        queries=found.queries,
        ground_truth=found.ground_truth if len(bad) == 0 else None,
        metric=found.metric,
    )


def _bad_rows_message(
    found: Found, bad: npt.NDArray[np.int64], rows: npt.NDArray[np.generic]
) -> str:
    """What is wrong with the first row that was not read, else that numbers are missing."""
    if not found.unreadable:
        return non_finite_message(bad, rows[bad])
    first = min(found.unreadable)
    named = ", ".join(f"{row:,}" for row in bad[:NAMED]) + (", ..." if len(bad) > NAMED else "")
    which = "1 row" if len(bad) == 1 else f"{len(bad):,} rows"
    return (
        f"vectors: {which} ({named}) cannot be used; {found.unreadable[first]}. Mend or leave out "
        "these rows (bad_rows='drop')."
    )


def _own_name(source: Source) -> str:
    if isinstance(source, str | Path):
        return Path(source).name
    own = getattr(source, "name", None)
    if not isinstance(own, str):
        raise ParameterError(
            "name must give the format by its ending, e.g. name='vectors.npy', for bytes."
        )
    return Path(own).name


def _ending(name: str) -> str:
    return Path(name).suffix.casefold()


def _content(source: Source) -> bytes:
    if isinstance(source, bytes):
        content = source
    elif isinstance(source, str | Path):
        content = _file_content(Path(source))
    else:
        content = source.read(max_bytes() + 1)
    check_bytes(len(content), "The file")
    if not content:
        raise DataError("The file is empty.")
    return content


def _file_content(path: Path) -> bytes:
    try:
        check_bytes(path.stat().st_size, f"The file {path.name!r}")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"The file {path.name!r} cannot be read: {reason}.") from error
