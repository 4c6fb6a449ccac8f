"""Compositions over index and metrics: what a page asks in one call."""

from core.studies.consistency import ThresholdStudy, classes_at, threshold_study
from core.studies.sampling import sample_rows
from core.studies.tradeoff import (
    EfTradeoff,
    QuerySet,
    ef_tradeoff,
    given_queries,
    sample_queries,
)

__all__ = [
    "EfTradeoff",
    "QuerySet",
    "ThresholdStudy",
    "classes_at",
    "ef_tradeoff",
    "given_queries",
    "sample_queries",
    "sample_rows",
    "threshold_study",
]
