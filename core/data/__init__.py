"""Bytes to a checked `EmbeddingSet`; the sets that come with Nearfield."""

from core.data.embedding_set import EmbeddingSet
from core.data.equal_rows import first_equal_rows, is_first
from core.data.read import METADATA_ENDINGS, read_embeddings, read_metadata
from core.data.readers import SUPPORTED_ENDINGS
from core.data.samples import load_sample, sample_names
from core.data.summary import DataSummary, summarize

__all__ = [
    "METADATA_ENDINGS",
    "SUPPORTED_ENDINGS",
    "DataSummary",
    "EmbeddingSet",
    "first_equal_rows",
    "is_first",
    "load_sample",
    "read_embeddings",
    "read_metadata",
    "sample_names",
    "summarize",
]
