"""Bytes to a checked `EmbeddingSet`; the sets that come with Nearfield."""

from core.data.embedding_set import EmbeddingSet
from core.data.equal_rows import first_equal_rows, is_first
from core.data.judged_pairs import (
    JudgedPairs,
    candidate_columns,
    read_judged_pairs,
    resolve_judged_pairs,
)
from core.data.metric_advice import MetricAdvice, recommended_metric
from core.data.preview import (
    LEFT_OUT,
    ROLES,
    Look,
    Preview,
    ReadSettings,
    look_at,
    preview_embeddings,
    preview_of,
)
from core.data.read import read_embeddings, read_metadata
from core.data.readers import METADATA_ENDINGS, SUPPORTED_ENDINGS
from core.data.samples import load_sample, sample_names
from core.data.shards import open_shards
from core.data.summary import DataSummary, row_norms, summarize
from core.data.write import write_npz

__all__ = [
    "LEFT_OUT",
    "METADATA_ENDINGS",
    "ROLES",
    "SUPPORTED_ENDINGS",
    "DataSummary",
    "EmbeddingSet",
    "JudgedPairs",
    "Look",
    "MetricAdvice",
    "Preview",
    "ReadSettings",
    "candidate_columns",
    "first_equal_rows",
    "is_first",
    "load_sample",
    "look_at",
    "open_shards",
    "preview_embeddings",
    "preview_of",
    "read_embeddings",
    "read_judged_pairs",
    "read_metadata",
    "recommended_metric",
    "resolve_judged_pairs",
    "row_norms",
    "sample_names",
    "summarize",
    "write_npz",
]
