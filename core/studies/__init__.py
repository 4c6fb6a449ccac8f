"""Compositions over index and metrics: what a page asks in one call."""

from core.studies.anatomy_report import anatomy_report, anatomy_table
from core.studies.autopsy import FATES, Autopsy, autopsy
from core.studies.build_grid import BuildGrid, build_grid
from core.studies.churn import ChurnStudy, duplicates_and_updates
from core.studies.consistency import ThresholdStudy, classes_at, threshold_study
from core.studies.filter_costs import FilterStudy
from core.studies.filtered import filtered_search
from core.studies.growth import Growth, growth
from core.studies.hardness import REASONS, Hardness, hardness
from core.studies.health import Health, health
from core.studies.indexed import (
    index_items,
    index_with_items,
    metadata_by_label,
    rows_by_label,
)
from core.studies.insertion_order import insertion_order
from core.studies.lost import CAUSES, LostItems, lost_items
from core.studies.order_results import OrderStudy
from core.studies.quantization import (
    QuantizationLoss,
    holds_stored_vectors,
    quantization_loss,
    true_distances,
)
from core.studies.query_sets import (
    QuerySet,
    agreement,
    distance_shift,
    given_queries,
    row_queries,
    sample_queries,
    stated_queries,
)
from core.studies.rank import RankStudy, rank_study
from core.studies.sampling import sample_rows
from core.studies.tradeoff import EfTradeoff, ef_tradeoff, ef_tradeoffs, honest_tradeoffs
from core.studies.truth import live_rows, true_neighbors
from core.studies.what_if import CHANGES, WhatIf, what_if

__all__ = [
    "CAUSES",
    "CHANGES",
    "FATES",
    "REASONS",
    "Autopsy",
    "BuildGrid",
    "ChurnStudy",
    "EfTradeoff",
    "FilterStudy",
    "Growth",
    "Hardness",
    "Health",
    "LostItems",
    "OrderStudy",
    "QuantizationLoss",
    "QuerySet",
    "RankStudy",
    "ThresholdStudy",
    "WhatIf",
    "agreement",
    "anatomy_report",
    "anatomy_table",
    "autopsy",
    "build_grid",
    "classes_at",
    "distance_shift",
    "duplicates_and_updates",
    "ef_tradeoff",
    "ef_tradeoffs",
    "filtered_search",
    "given_queries",
    "growth",
    "hardness",
    "health",
    "holds_stored_vectors",
    "honest_tradeoffs",
    "index_items",
    "index_with_items",
    "insertion_order",
    "live_rows",
    "lost_items",
    "metadata_by_label",
    "quantization_loss",
    "rank_study",
    "row_queries",
    "rows_by_label",
    "sample_queries",
    "sample_rows",
    "stated_queries",
    "threshold_study",
    "true_distances",
    "true_neighbors",
    "what_if",
]
