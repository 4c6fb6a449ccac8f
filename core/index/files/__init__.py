"""Index files of hnswlib, faiss and usearch, parsed without their libraries."""

from core.index.files.read import IndexFileKind, index_file_kind, read_index

__all__ = ["IndexFileKind", "index_file_kind", "read_index"]
