"""One way in for index files of all kinds."""

import io
from pathlib import Path
from typing import BinaryIO, Literal, cast

import numpy as np
import numpy.typing as npt

from core.errors import CoreError, IndexFileError, ParameterError
from core.index.files import faiss, hnswlib, usearch
from core.index.files.supplied import check_beside
from core.index.graph import HnswGraph
from core.spaces import Metric, check_metric

IndexFileKind = Literal["hnswlib", "faiss", "usearch"]
Source = str | Path | bytes | BinaryIO


def read_index(
    source: Source,
    *,
    name: str | None = None,
    metric: Metric | None = None,
    dim: int | None = None,
    vectors: npt.NDArray[np.float32] | None = None,
) -> HnswGraph:
    """The graph of an index file that hnswlib, faiss or usearch wrote.

    source: a path, bytes, or a binary file. name: for messages, by default the file's own. metric:
    needed for hnswlib, whose files do not tell; dim: never needed; either may be given to be held
    against the file. vectors: (n, d) in ascending order of label, needed where the file holds none
    (usearch files saved without vectors, faiss files without storage); beside a file that holds its
    own, only their shape is held against it; beside codes, some rows are held against their codes.

    The file is parsed here: no library loads it, nothing is unpickled, and every count, offset, id
    and level is checked against the size of the file before it is used. Rows are in ascending order
    of label. Supported: hnswlib 0.7 and later; faiss IndexHNSWFlat, SQ and PQ (decoded), Panorama
    and Cagra, also in an IndexIDMap or an IndexPreTransform; usearch format 2 with f64, f32, f16,
    bf16 or i8 vectors.

    Raises IndexFileError where the file is damaged, of another kind, or contradicts `metric` or
    `dim`; ParameterError where something needed was not given.
    """
    content = _content(source, name)
    called = name or _own_name(source)
    try:
        graph = _read(content, metric, dim, vectors)
        check_beside(vectors, graph)
    except CoreError as error:
        if called is None:
            raise
        raise type(error)(f"{called}: {error}") from error
    return graph


def index_file_kind(source: Source) -> IndexFileKind:
    """Which library wrote the file, by its first bytes; raises IndexFileError for any other.

    A binary file is left where it stood, so that it can be read afterwards.
    """
    place = source.tell() if isinstance(source, io.IOBase) and source.seekable() else None
    content = _content(source, None)
    if place is not None:
        cast(BinaryIO, source).seek(place)
    if faiss.looks_like(content):
        return "faiss"
    if usearch.looks_like(content):
        return "usearch"
    if hnswlib.looks_like(content):
        return "hnswlib"
    raise IndexFileError(
        f"This is no index file that can be read: it begins with {content[:8]!r} at byte 0, which "
        "is neither an hnswlib header, a faiss HNSW index (IHNf, IHNs, IHNp, or one of them in "
        "IxMp or IxM2) nor a usearch file. Save the index with save_index, write_index or save."
    )


def _read(
    content: bytes,
    metric: Metric | None,
    dim: int | None,
    vectors: npt.NDArray[np.float32] | None,
) -> HnswGraph:
    if metric is not None:
        check_metric(metric)
    kind = index_file_kind(content)
    if kind == "hnswlib":
        if metric is None:
            raise ParameterError(
                "An hnswlib file does not tell its metric; pass metric=, one of 'cosine', "
                "'euclidean' (hnswlib's space 'l2') and 'inner_product' ('ip')."
            )
        return hnswlib.read(content, metric, dim)
    reader = faiss.read if kind == "faiss" else usearch.read
    return reader(content, metric, dim, vectors)


def _content(source: Source, name: str | None) -> bytes:
    if isinstance(source, bytes):
        return source
    try:
        content = Path(source).read_bytes() if isinstance(source, str | Path) else source.read()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path, or a closed file
        reason = getattr(error, "strerror", None) or error
        called = name or _own_name(source)
        raise IndexFileError(f"The file {called!r} cannot be read: {reason}.") from error
    if not isinstance(content, bytes):
        raise ParameterError(
            f"source must be a path, bytes or a file opened in binary mode; reading it gave "
            f"{type(content).__name__}."
        )
    return content


def _own_name(source: Source) -> str | None:
    own = source if isinstance(source, str | Path) else getattr(source, "name", None)
    return Path(own).name if isinstance(own, str | Path) else None
