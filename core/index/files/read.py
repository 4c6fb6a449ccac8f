"""Index files of all kinds, read by one function."""

import io
from collections.abc import Mapping
from dataclasses import replace
from typing import BinaryIO, Literal, Protocol, cast

import numpy as np
import numpy.typing as npt

from core.data import watch
from core.distances import Metric, check_metric
from core.errors import CoreError, IndexFileError, ParameterError
from core.index.files import chroma, faiss, hnswlib, usearch
from core.index.files.byte_vectors import SCALARS, Scalar
from core.index.files.checks import label_notes
from core.index.files.chroma import Files
from core.index.files.cursor import Cursor
from core.index.files.footer import without_footer
from core.index.files.foreign import foreign
from core.index.files.sources import Source, content_of, own_name
from core.index.files.supplied import check_beside
from core.index.graph import HnswGraph
from core.index.metric_evidence import with_metric_note

IndexFileKind = Literal["hnswlib", "faiss", "usearch", "chroma"]


class _Reader(Protocol):
    """A module for files that hold their metric."""

    def looks_like(self, content: bytes) -> bool: ...

    def read(
        self,
        content: bytes,
        metric: Metric | None,
        dim: int | None,
        vectors: npt.NDArray[np.float32] | None,
    ) -> HnswGraph: ...


WITH_METRIC: dict[IndexFileKind, _Reader] = {"faiss": faiss, "usearch": usearch}


def read_index(
    source: Source,
    *,
    name: str | None = None,
    metric: Metric | None = None,
    dim: int | None = None,
    vectors: npt.NDArray[np.float32] | None = None,
    scalar: Scalar | None = None,
) -> HnswGraph:
    """The graph of an index file that hnswlib, faiss, usearch or Chroma wrote.

    source: a path, bytes, or a binary file; for Chroma its folder, a zip of it, or its four files
    as a mapping from name to bytes. name: for messages, by default the file's own. metric: needed
    for hnswlib and Chroma, whose files do not state it; dim: never needed; either may be given to
    be compared with the file. vectors: (n, d) in ascending order of label, and those of one label
    in the order in which they were added, needed where the file holds none (usearch files saved
    without vectors, faiss files without storage); beside a file that holds its own, only their
    shape is held against it; beside codes, some rows are held against their codes. scalar: "uint8"
    or "int8" where the vectors of an hnswlib file are bytes, which the file does not state; by
    default float32, and vectors that are plainly bytes are an error.

    The file is parsed here: no library loads it, nothing is unpickled, and every count, offset, id
    and level is checked against the size of the file before it is used. Rows are in ascending order
    of label. A label may stand for several rows, as the libraries allow, and `notes` say so.
    Supported: hnswlib 0.3.4 and later; Chroma's folder; faiss IndexHNSWFlat, SQ and PQ (decoded),
    Panorama and Cagra, also in an IndexIDMap or an IndexPreTransform; usearch 2.0 and later with
    f64, f32, f16, bf16, e5m2, e4m3, e3m2, e2m3, i8 or u8 vectors. Bytes
    that follow a whole index are left out, with a note.

    Raises IndexFileError where the file is damaged, of another kind, contradicts `metric` or `dim`,
    or holds nothing that a search could return; ParameterError where something needed was not
    given.

    Where the file holds no metric and its links contradict the stated one, the graph says so in its
    notes (`metric_fit`).
    """
    called = name or own_name(source)
    try:
        content = content_of(source)
        _check_alone(content, called)
        graph = _read(content, metric, dim, vectors, scalar)
        watch.still_reading("what its links say of the metric", 1.0)
        check_beside(vectors, graph)
    except CoreError as error:
        if called is None:
            raise
        raise type(error)(f"{called}: {error}") from error
    return with_metric_note(graph) if graph.metric_stated else graph


def index_file_kind(source: Source) -> IndexFileKind:
    """Which library wrote the file, by its first bytes; raises IndexFileError for any other.

    A binary file is left where it stood, so that it can be read afterwards.
    """
    return _kind(_peeked(source))


def holds_bytes(source: Source) -> bool:
    """Whether a file is hnswlib's or Chroma's and its vectors are plainly bytes, not float32.

    Then `read_index` needs `scalar`. A binary file is left at the position that it had. Raises
    IndexFileError.
    """
    content = _peeked(source)
    if isinstance(content, Mapping):
        return chroma.holds_bytes(content)
    return _kind(content) == "hnswlib" and hnswlib.holds_bytes(Cursor(content, hnswlib.KIND))


def _peeked(source: Source) -> bytes | Files:
    place = source.tell() if isinstance(source, io.IOBase) and source.seekable() else None
    content = content_of(source)
    if place is not None:
        cast(BinaryIO, source).seek(place)
    return content


def _check_alone(content: bytes | Files, called: str | None) -> None:
    """Raise IndexFileError where one file is given that is, by its name, one of Chroma's four."""
    if isinstance(content, bytes) and called in chroma.MEMBERS:
        chroma.check_names([called], "this file alone")


def _kind(content: bytes | Files) -> IndexFileKind:
    if isinstance(content, Mapping):
        return "chroma"
    for kind, reader in WITH_METRIC.items():
        if reader.looks_like(content):
            return kind
    if hnswlib.looks_like(content):
        return "hnswlib"
    if chroma.is_header(content):
        chroma.check_names([chroma.HEADER_NAME], "this file alone")
    raise IndexFileError(foreign(content))


def _read(
    content: bytes | Files,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
    scalar: Scalar | None,
) -> HnswGraph:
    if metric is not None:
        check_metric(metric)
    kind = _kind(content)
    _check_scalar(scalar, kind)
    notes = tuple[str, ...]()
    if isinstance(content, bytes):
        content, notes = without_footer(content)
    if isinstance(content, Mapping):
        graph = chroma.read(content, _stated(metric, "a Chroma"), dim, scalar)
    elif kind == "hnswlib":
        cursor = Cursor(content, hnswlib.KIND)
        graph = hnswlib.read(cursor, _stated(metric, "an hnswlib"), dim, scalar)
    else:
        graph = WITH_METRIC[kind].read(content, metric, dim, vectors)
    if graph.deleted.all():
        raise IndexFileError(
            f"Every one of the {graph.n:,} items of this index is deleted, so no search can return "
            "any. Add items and save the index again."
        )
    notes = graph.notes + label_notes(graph.labels, graph.deleted) + notes
    return replace(graph, notes=notes)


def _stated(metric: Metric | None, kind: str) -> Metric:
    if metric is None:
        raise ParameterError(
            f"{kind[0].upper()}{kind[1:]} file does not state its metric; pass metric=, one of "
            "'cosine', 'euclidean' (hnswlib's space 'l2') and 'inner_product' ('ip')."
        )
    return metric


def _check_scalar(scalar: Scalar | None, kind: IndexFileKind) -> None:
    if scalar is None:
        return
    if scalar not in SCALARS:
        raise ParameterError(
            f"scalar must be one of {', '.join(map(repr, SCALARS))}; got {scalar!r}."
        )
    if kind not in ("hnswlib", "chroma"):
        raise ParameterError(f"A {kind} file states how its vectors are kept. Leave scalar out.")
