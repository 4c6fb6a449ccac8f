"""Compositions over index and metrics: what a page asks in one call."""

from core.studies.anatomy_report import anatomy_report, anatomy_table
from core.studies.autopsy import FATES, Autopsy, autopsy
from core.studies.consistency import ThresholdStudy, classes_at, threshold_study
from core.studies.health import Health, health
from core.studies.indexed import index_items, metadata_by_label, rows_by_label
from core.studies.lost import CAUSES, LostItems, lost_items
from core.studies.query_sets import (
    QuerySet,
    agreement,
    distance_shift,
    given_queries,
    row_queries,
    sample_queries,
    stated_queries,
)
from core.studies.sampling import sample_rows
from core.studies.tradeoff import EfTradeoff, ef_tradeoff, ef_tradeoffs, honest_tradeoffs
from core.studies.truth import live_rows, true_neighbors
from core.studies.what_if import CHANGES, WhatIf, what_if

__all__ = [
    "CAUSES",
    "CHANGES",
    "FATES",
    "Autopsy",
    "EfTradeoff",
    "Health",
    "LostItems",
    "QuerySet",
    "ThresholdStudy",
    "WhatIf",
    "agreement",
    "anatomy_report",
    "anatomy_table",
    "autopsy",
    "classes_at",
    "distance_shift",
    "ef_tradeoff",
    "ef_tradeoffs",
    "given_queries",
    "health",
    "honest_tradeoffs",
    "index_items",
    "live_rows",
    "lost_items",
    "metadata_by_label",
    "row_queries",
    "rows_by_label",
    "sample_queries",
    "sample_rows",
    "stated_queries",
    "threshold_study",
    "true_neighbors",
    "what_if",
]
