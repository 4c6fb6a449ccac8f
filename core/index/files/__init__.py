"""Index files of hnswlib, faiss, usearch and Chroma, parsed without their libraries."""

from core.index.files.byte_vectors import Scalar
from core.index.files.chroma import MEMBERS as CHROMA_FILES
from core.index.files.read import IndexFileKind, holds_bytes, index_file_kind, read_index

__all__ = [
    "CHROMA_FILES",
    "IndexFileKind",
    "Scalar",
    "holds_bytes",
    "index_file_kind",
    "read_index",
]
