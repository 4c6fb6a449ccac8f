"""Bytes in, an `EmbeddingSet` out."""

import mmap
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import readers
from core.data.conversion import NAMED, check_table, non_finite_message, non_finite_rows
from core.data.embedding_set import EmbeddingSet
from core.data.folders import what_folder
from core.data.ground_truth import usable_truth
from core.data.limits import check_bytes, max_bytes
from core.data.readers import Content, Found, Options
from core.data.readers.table.beside import with_table
from core.errors import BadRowsError, DataError, ParameterError

Source = str | Path | bytes | memoryview | BinaryIO
BadRows = Literal["error", "drop"]
UNNAMED = "vectors"


def read_embeddings(
    source: Source,
    *,
    name: str | None = None,
    vector_column: str | None = None,
    label_column: str | None = None,
    bad_rows: BadRows = "error",
    metadata: Source | None = None,
    queries: Source | None = None,
) -> EmbeddingSet:
    """Read vectors and their metadata from a file of any supported format, found by its content.

    source: path, bytes (or a view of them) or binary file. A file that is given by its path is
    mapped and not copied: float32 of .npy, .fbin and .safetensors stays on the disk, which must not
    change meanwhile.
    name: what the set is called; its ending is a hint. By default the path or the file's own name.
    vector_column: the column (or array, or prefix of numbered columns, or file of a zip) with the
    vectors, found by itself if not given. label_column: the column with the classes; label, labels,
    class or target by default. bad_rows: "error" names the first rows that are missing or not
    finite; "drop" leaves them out and says so in `notes`. metadata: a table of as many rows, such
    as the Embedding Projector's metadata.tsv beside a vectors.tsv, whose columns are added to those
    of the file. queries: a file of vectors to
    search with; it takes the place of queries that came with the data.

    Nothing is unpickled, and sizes are checked before anything is allocated. What cannot be used
    (queries, ground truth, columns) is left out and named in `notes`. Raises DataError.

    >>> embeddings = read_embeddings(b"x0,x1,label\\n1,2,a\\n3,4,b", name="two.csv")
    >>> embeddings.vectors.tolist(), embeddings.class_names
    ([[1.0, 2.0], [3.0, 4.0]], ('a', 'b'))
    """
    if bad_rows not in ("error", "drop"):
        raise ParameterError(f"bad_rows must be 'error' or 'drop'; got {bad_rows!r}.")
    options = Options(vector_column, label_column, bad_rows=bad_rows)
    found, title = found_in(source, name or _own_name(source), options, metadata=metadata)
    if queries is not None:
        found = with_queries(found, queries)
    return to_set(found, title, label_column, bad_rows)


def found_in(
    source: Source,
    name: str | None,
    options: Options,
    *,
    metadata: Source | None = None,
    metadata_name: str | None = None,
) -> tuple[Found, str]:
    """What a reader finds in a file called so, and the name of the set that it becomes."""
    called = name or UNNAMED
    found = readers.read(_content(source), called, options)
    if metadata is not None:
        table = read_metadata(metadata, name=metadata_name, rows=len(found.vectors))
        notes = (*found.notes, *table.attrs.get("notes", ()))
        found = with_table(replace(found, notes=notes), table, options)
    return found, _title(called)


def with_queries(found: Found, queries: Source) -> Found:
    """What was found, with the vectors of another file as its queries."""
    asked = readers.read(_content(queries), _own_name(queries) or UNNAMED, Options())
    return replace(found, queries=asked.vectors, ground_truth=None)


def read_metadata(
    source: Source, *, name: str | None = None, rows: int | None = None
) -> pd.DataFrame:
    """Read a table of metadata, one row per vector, to go with vectors read apart.

    source: path, bytes or binary file. name: gives the format by its ending (.tsv, .csv, .txt,
    .jsonl, .parquet), by default the path or the file's own name. rows: the number of vectors, from
    which it follows whether the first line of a text is a heading. Without it, one column has
    no line of names, as in the Embedding Projector, unless that is a usual name such as "word"; and
    is called label. `attrs["notes"]` of the table says what was decided. Raises DataError.

    >>> read_metadata(b"cat\\ndog\\n", name="metadata.tsv")["label"].tolist()
    ['cat', 'dog']
    >>> read_metadata(b"animal\\ncat\\ndog\\n", name="metadata.tsv", rows=2)["animal"].tolist()
    ['cat', 'dog']
    """
    return readers.read_table(_content(source), name or _own_name(source) or "metadata.tsv", rows)


def to_set(found: Found, name: str, label_column: str | None, bad_rows: BadRows) -> EmbeddingSet:
    """What was found as a checked set."""
    rows, frame = check_table(found.vectors, "vectors").view(), found.metadata
    rows.setflags(write=False)  # nobody else has them: no copy is made to keep them as they are
    bad = non_finite_rows(rows)
    if len(bad) and bad_rows == "error":
        raise BadRowsError(_bad_rows_message(found, bad, rows), bad.tolist())
    queries, truth, notes = _usable(found, len(rows), rows.shape[1])
    if len(bad):
        kept = np.setdiff1d(np.arange(len(rows)), bad)
        if len(kept) == 0:
            raise DataError("No row is left: every vector is missing or not finite.")
        rows, frame = rows[kept], None if frame is None else frame.iloc[kept]
        notes.append(f"{len(bad):,} rows dropped: missing or not finite")
        if truth is not None:
            notes.append("ground truth left out: it numbers the rows before some were dropped")
    return EmbeddingSet.from_arrays(
        rows,
        metadata=frame,
        label_column=label_column,
        name=name,
        notes=[*found.notes, *notes],
        queries=queries,
        ground_truth=truth if len(bad) == 0 else None,
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


def _usable(
    found: Found, n: int, dim: int
) -> tuple[npt.NDArray[np.generic] | None, npt.NDArray[np.int64] | None, list[str]]:
    """Queries and ground truth that go with the vectors, and notes on what does not."""
    if found.queries is None:
        return None, None, []
    reason = _unusable_queries(found.queries, dim)
    if reason is not None:
        return None, None, [f"queries left out: {reason}"]
    if found.ground_truth is None:
        return found.queries, None, []
    truth = usable_truth(found.ground_truth, len(found.queries), n)
    return found.queries, truth.ids, list(truth.notes)


def _unusable_queries(queries: npt.NDArray[np.generic], dim: int) -> str | None:
    """Why queries cannot be searched with, in words; None where they can."""
    try:
        rows = check_table(queries, "queries")
    except DataError as error:
        return str(error)
    if rows.shape[1] != dim:
        return f"they have {rows.shape[1]:,} dimensions, and the vectors {dim:,}"
    bad = non_finite_rows(rows)
    return non_finite_message(bad, rows[bad], "queries") if len(bad) else None


def _own_name(source: Source) -> str | None:
    own = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(own).name if isinstance(own, str | Path) else None


def _title(called: str) -> str:
    """The name of a set: that of its file without its endings, .csv.gz in one."""
    path = Path(called)
    return Path(path.stem).stem if path.suffix in readers.PACKED_ENDINGS else path.stem


def _content(source: Source) -> Content:
    content: Content
    if isinstance(source, bytes | memoryview):
        content = source
    elif isinstance(source, str | Path):
        content = _mapped(Path(source))
    else:
        content = source.read(max_bytes() + 1)
    check_bytes(len(content), "The file")
    if not len(content):
        raise DataError("The file is empty.")
    return content


def _mapped(path: Path) -> Content:
    """The bytes of a file, which stay on the disk until they are looked at."""
    try:
        if path.is_dir():
            raise DataError(what_folder(path))
        if path.exists() and not path.is_file():
            raise DataError(
                f"{path.name!r} is no file on the disk. Save what it gives to one first."
            )
        with path.open("rb") as file:
            size = path.stat().st_size
            check_bytes(size, f"The file {path.name!r}")
            if size == 0:
                return b""
            return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        raise DataError(f"The file {path.name!r} cannot be read: {reason}.") from error
