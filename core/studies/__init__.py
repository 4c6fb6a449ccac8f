"""Compositions over index and metrics: what a page asks in one call."""

from core.studies.anatomy_report import anatomy_report, anatomy_table
from core.studies.autopsy import FATES, Autopsy, autopsy
from core.studies.build_grid import BuildGrid, build_grid
from core.studies.chance import ChanceStudy, chance_study
from core.studies.churn import ChurnStudy, duplicates_and_updates
from core.studies.consistency import ThresholdStudy, classes_at, threshold_study
from core.studies.diagnosis import Diagnosis, diagnose, quick_census
from core.studies.filter_costs import FilterStudy
from core.studies.filtered import filtered_search
from core.studies.growth import Growth, growth
from core.studies.hardness import REASONS, Hardness, hardness
from core.studies.health import Health, health
from core.studies.indexed import (
    index_items,
    index_with_items,
    matching_rows,
    metadata_by_label,
    named_rows,
    rows_by_label,
    with_index_vectors,
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
from core.studies.row_changes import RowChanges, row_changes
from core.studies.sampling import sample_classes, sample_rows
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
    "ChanceStudy",
    "ChurnStudy",
    "Diagnosis",
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
    "RowChanges",
    "ThresholdStudy",
    "WhatIf",
    "agreement",
    "anatomy_report",
    "anatomy_table",
    "autopsy",
    "build_grid",
    "chance_study",
    "classes_at",
    "diagnose",
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
    "matching_rows",
    "metadata_by_label",
    "named_rows",
    "quantization_loss",
    "quick_census",
    "rank_study",
    "row_changes",
    "row_queries",
    "rows_by_label",
    "sample_classes",
    "sample_queries",
    "sample_rows",
    "stated_queries",
    "threshold_study",
    "true_distances",
    "true_neighbors",
    "what_if",
    "with_index_vectors",
]
