"""Bytes to a checked `EmbeddingSet`; the sets that come with Nearfield."""

from core.data.embedding_set import EmbeddingSet
from core.data.read import METADATA_ENDINGS, read_embeddings, read_metadata
from core.data.readers import SUPPORTED_ENDINGS
from core.data.samples import load_sample, sample_names
from core.data.summary import DataSummary, summarize

__all__ = [
    "METADATA_ENDINGS",
    "SUPPORTED_ENDINGS",
    "DataSummary",
    "EmbeddingSet",
    "load_sample",
    "read_embeddings",
    "read_metadata",
    "sample_names",
    "summarize",
]
