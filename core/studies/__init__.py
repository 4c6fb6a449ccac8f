"""Compositions over index and metrics: one call for what a page shows."""

from core.studies.experiments.build_grid import build_grid
from core.studies.experiments.build_grid_results import BuildGrid
from core.studies.experiments.filtered_search import filtered_search
from core.studies.experiments.filtered_search_results import FilteredSearch
from core.studies.experiments.growth import Growth, growth
from core.studies.experiments.insertion_order import insertion_order
from core.studies.experiments.insertion_order_results import InsertionOrder
from core.studies.experiments.intrinsic_dimension import IntrinsicDimension, intrinsic_dimension
from core.studies.experiments.sharding import Sharding, sharding
from core.studies.experiments.updates import updates
from core.studies.experiments.updates_results import Updates
from core.studies.inspection.adaptive_ef import FEATURES, AdaptiveEf, adaptive_ef
from core.studies.inspection.anatomy_report import anatomy_report, anatomy_table
from core.studies.inspection.answer_quality import AnswerQuality, answer_quality
from core.studies.inspection.autopsy import FATES, Autopsy, autopsy
from core.studies.inspection.diagnosis import Diagnosis, diagnose, quick_census
from core.studies.inspection.diff_noise import DiffNoise, diff_noise
from core.studies.inspection.hardness import REASONS, Hardness, hardness
from core.studies.inspection.health import Health, health
from core.studies.inspection.index_diff import IndexDiff, LayerLinks, diff_indexes
from core.studies.inspection.indexed import (
    in_order_of,
    index_items,
    index_with_items,
    matching_rows,
    metadata_by_label,
    named_rows,
    rows_by_label,
    with_index_vectors,
)
from core.studies.inspection.lost import CAUSES, LostItems, lost_items
from core.studies.inspection.map_quality import (
    GroupQuality,
    MapComparison,
    MapQuality,
    Threads,
    compare_maps,
    map_quality,
    quality_by_group,
    threads_of,
)
from core.studies.inspection.misses import Misses, explain_misses
from core.studies.inspection.neighbor_check import (
    NEIGHBOR_FATES,
    NeighborCheck,
    QueryTruth,
    neighbor_check,
    query_truth,
)
from core.studies.inspection.preflight.closeness import closeness_findings
from core.studies.inspection.preflight.figures import (
    NeighborFigures,
    SpreadFigures,
    neighbor_figures,
    spread_figures,
)
from core.studies.inspection.preflight.finding import KINDS, Finding, severity, worst_first
from core.studies.inspection.preflight.hub_removal import HubRemoval, hub_removal
from core.studies.inspection.preflight.hub_scan import HubScan, hub_scan
from core.studies.inspection.preflight.lists import labels_that_look_wrong
from core.studies.inspection.preflight.remedies import Remedy, treated
from core.studies.inspection.preflight.scan import (
    Moments,
    measure_moments,
    quick_findings,
    shape_findings,
)
from core.studies.inspection.quantization import (
    QuantizationLoss,
    holds_stored_vectors,
    quantization_loss,
    true_distances,
)
from core.studies.inspection.rebuild_spread import RebuildSpread, rebuild_spread
from core.studies.inspection.row_changes import RowChanges, row_changes
from core.studies.inspection.verdict import LossCause, Verdict, judge
from core.studies.inspection.what_if import CHANGES, WhatIf, what_if
from core.studies.neighborhood.by_metric import DISTANCES, MetricLists, by_metric, snr_distances
from core.studies.neighborhood.diverse import DiverseList, diverse_list
from core.studies.neighborhood.pair import ComparedPair, compare_pair, differing
from core.studies.neighborhood.path import Path, nearest_along, points_between
from core.studies.neighborhood.surroundings import (
    Copies,
    Popularity,
    copies_of,
    levels_of,
    popularity,
    slope_line,
)
from core.studies.parts.blocks import census_in_blocks, curves_in_blocks, neighbors_in_blocks
from core.studies.parts.cells import SoFar
from core.studies.parts.held_out import HeldOut, held_out_rows, hold_out
from core.studies.parts.knn import KnnLists, knn_lists
from core.studies.parts.pair_blocks import count_pairs_in_blocks
from core.studies.parts.query_sets import (
    QuerySet,
    agreement,
    distance_shift,
    given_queries,
    row_queries,
    sample_queries,
    stated_queries,
)
from core.studies.parts.rebuild_noise import (
    Change,
    against_rebuilds,
    between_settings,
    noise_half_width,
    query_residual,
)
from core.studies.parts.sampling import sample_classes, sample_rows
from core.studies.parts.tradeoff import (
    EfTradeoff,
    ef_tradeoff,
    ef_tradeoffs,
    honest_tradeoffs,
    joined,
    queries_needed,
)
from core.studies.parts.truth import live_rows, true_neighbors
from core.studies.selection.explained import Explanation, Trait, explain
from core.studies.selection.facts import Facts, facts_of
from core.studies.selection.steps import KeepRows, Step, TakeColumn, WriteTag, after_step
from core.studies.thresholds.calibrated import (
    CalibrationStudy,
    judged_calibration,
    label_calibration,
)
from core.studies.thresholds.chance import ChanceStudy, chance_study
from core.studies.thresholds.consistency import (
    Consistency,
    EqualSizes,
    OpisSettings,
    class_consistency,
    equal_sizes,
)
from core.studies.thresholds.floor import Floor, FloorStudy, floor_study
from core.studies.thresholds.open_world import OpenWorld, open_world
from core.studies.thresholds.operating import (
    Estimate,
    Estimates,
    PairStudy,
    calibrated_estimates,
    classes_at,
    estimates,
    estimates_of,
    pair_study,
)
from core.studies.thresholds.pair_errors import (
    DoubtfulLabels,
    PairsBetween,
    confusions,
    doubtful_labels,
    nearly_one_class,
    pairs_between,
    wrongly_accepted,
    wrongly_rejected,
)
from core.studies.thresholds.retrieval import (
    GroupFigures,
    RetrievalStudy,
    retrieval_study,
)
from core.studies.thresholds.separation import Separation, separation
from core.studies.thresholds.several import Several, several
from core.studies.thresholds.slices import Slices, slice_columns, slices
from core.studies.thresholds.transfer import Transfer, transfer
from core.studies.thresholds.translation import Translation, translation

__all__ = [
    "CAUSES",
    "CHANGES",
    "DISTANCES",
    "FATES",
    "FEATURES",
    "KINDS",
    "NEIGHBOR_FATES",
    "REASONS",
    "AdaptiveEf",
    "AnswerQuality",
    "Autopsy",
    "BuildGrid",
    "CalibrationStudy",
    "ChanceStudy",
    "Change",
    "ComparedPair",
    "Consistency",
    "Copies",
    "Diagnosis",
    "DiffNoise",
    "DiverseList",
    "DoubtfulLabels",
    "EfTradeoff",
    "EqualSizes",
    "Estimate",
    "Estimates",
    "Explanation",
    "Facts",
    "FilteredSearch",
    "Finding",
    "Floor",
    "FloorStudy",
    "GroupFigures",
    "GroupQuality",
    "Growth",
    "Hardness",
    "Health",
    "HeldOut",
    "HubRemoval",
    "HubScan",
    "IndexDiff",
    "InsertionOrder",
    "IntrinsicDimension",
    "KeepRows",
    "KnnLists",
    "LayerLinks",
    "LossCause",
    "LostItems",
    "MapComparison",
    "MapQuality",
    "MetricLists",
    "Misses",
    "Moments",
    "NeighborCheck",
    "NeighborFigures",
    "OpenWorld",
    "OpisSettings",
    "PairStudy",
    "PairsBetween",
    "Path",
    "Popularity",
    "QuantizationLoss",
    "QuerySet",
    "QueryTruth",
    "RebuildSpread",
    "Remedy",
    "RetrievalStudy",
    "RowChanges",
    "Separation",
    "Several",
    "Sharding",
    "Slices",
    "SoFar",
    "SpreadFigures",
    "Step",
    "TakeColumn",
    "Threads",
    "Trait",
    "Transfer",
    "Translation",
    "Updates",
    "Verdict",
    "WhatIf",
    "WriteTag",
    "adaptive_ef",
    "after_step",
    "against_rebuilds",
    "agreement",
    "anatomy_report",
    "anatomy_table",
    "answer_quality",
    "autopsy",
    "between_settings",
    "build_grid",
    "by_metric",
    "calibrated_estimates",
    "census_in_blocks",
    "chance_study",
    "class_consistency",
    "classes_at",
    "closeness_findings",
    "compare_maps",
    "compare_pair",
    "confusions",
    "copies_of",
    "count_pairs_in_blocks",
    "curves_in_blocks",
    "diagnose",
    "diff_indexes",
    "diff_noise",
    "differing",
    "distance_shift",
    "diverse_list",
    "doubtful_labels",
    "ef_tradeoff",
    "ef_tradeoffs",
    "equal_sizes",
    "estimates",
    "estimates_of",
    "explain",
    "explain_misses",
    "facts_of",
    "filtered_search",
    "floor_study",
    "given_queries",
    "growth",
    "hardness",
    "health",
    "held_out_rows",
    "hold_out",
    "holds_stored_vectors",
    "honest_tradeoffs",
    "hub_removal",
    "hub_scan",
    "in_order_of",
    "index_items",
    "index_with_items",
    "insertion_order",
    "intrinsic_dimension",
    "joined",
    "judge",
    "judged_calibration",
    "knn_lists",
    "label_calibration",
    "labels_that_look_wrong",
    "levels_of",
    "live_rows",
    "lost_items",
    "map_quality",
    "matching_rows",
    "measure_moments",
    "metadata_by_label",
    "named_rows",
    "nearest_along",
    "nearly_one_class",
    "neighbor_check",
    "neighbor_figures",
    "neighbors_in_blocks",
    "noise_half_width",
    "open_world",
    "pair_study",
    "pairs_between",
    "points_between",
    "popularity",
    "quality_by_group",
    "quantization_loss",
    "queries_needed",
    "query_residual",
    "query_truth",
    "quick_census",
    "quick_findings",
    "rebuild_spread",
    "retrieval_study",
    "row_changes",
    "row_queries",
    "rows_by_label",
    "sample_classes",
    "sample_queries",
    "sample_rows",
    "separation",
    "several",
    "severity",
    "shape_findings",
    "sharding",
    "slice_columns",
    "slices",
    "slope_line",
    "snr_distances",
    "spread_figures",
    "stated_queries",
    "threads_of",
    "transfer",
    "translation",
    "treated",
    "true_distances",
    "true_neighbors",
    "updates",
    "what_if",
    "with_index_vectors",
    "worst_first",
    "wrongly_accepted",
    "wrongly_rejected",
]
