"""One way in for index files of all kinds."""

from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from core.errors import IndexFileError, ParameterError
from core.index.files import faiss, hnswlib, usearch
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

    source: a path, bytes, or a binary file. name: for messages. metric: needed for hnswlib, whose
    files do not tell; dim: never needed; either may be given to be held against the file.
    vectors: (n, d) in ascending order of label, needed where the file holds none (usearch files
    saved without vectors, faiss IndexHNSWSQ and IndexHNSWPQ).

    The file is parsed here: no library loads it, nothing is unpickled, and every count, offset, id
    and level is checked against the size of the file before it is used. Rows are in ascending order
    of label. Supported: hnswlib 0.7 and later; faiss IndexHNSWFlat, also in an IndexIDMap, and SQ
    and PQ as graphs; usearch format 2 with f64, f32, f16, bf16 or i8 vectors.

    Raises IndexFileError where the file is damaged, of another kind, or contradicts `metric` or
    `dim`; ParameterError where something needed was not given.
    """
    content = _content(source, name)
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


def index_file_kind(source: Source) -> IndexFileKind:
    """Which library wrote the file, by its first bytes; raises IndexFileError for any other."""
    content = _content(source, None)
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


def _content(source: Source, name: str | None) -> bytes:
    if isinstance(source, bytes):
        return source
    if not isinstance(source, str | Path):
        return source.read()
    try:
        return Path(source).read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        reason = getattr(error, "strerror", None) or error
        called = name or Path(source).name
        raise IndexFileError(f"The file {called!r} cannot be read: {reason}.") from error
