"""Index files of hnswlib, faiss, usearch and Chroma, parsed without their libraries."""

from core.index.files.read import IndexFileKind, holds_bytes, index_file_kind, read_index

__all__ = ["IndexFileKind", "holds_bytes", "index_file_kind", "read_index"]
