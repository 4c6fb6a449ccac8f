"""The names that notebooks and scripts may rely on."""

import importlib
import pkgutil
import re

import pytest

PROMISED = {
    "core.cluster": ["ClusterExecutor", "connect", "of_deployment"],
    "core.data": [
        "EmbeddingSet",
        "JudgedPairs",
        "MetricAdvice",
        "first_equal_rows",
        "is_first",
        "load_sample",
        "open_shards",
        "read_embeddings",
        "read_judged_pairs",
        "recommended_metric",
        "row_norms",
        "sample_names",
        "write_npz",
    ],
    "core.encoders": ["EncoderFit", "TextEncoder", "fit_of", "load_encoder"],
    "core.errors": [
        "BadRowsError",
        "ChoiceError",
        "ClusterError",
        "CoreError",
        "DataError",
        "EncoderError",
        "IndexFileError",
        "ParameterError",
    ],
    "core.gate": ["Bounds", "GateReport", "check", "check_files", "read_bounds"],
    "core.index": [
        "HnswGraph",
        "HnswParams",
        "build_hnsw",
        "ef_curve",
        "exact_neighbors",
        "exact_ranks",
        "insert_after",
        "insert_into",
        "metric_fit",
        "metric_words",
        "read_index",
        "search",
        "trace_insertion",
        "trace_search",
        "with_inserted",
        "with_metric",
    ],
    "core.intervals": ["crossed_bootstrap_interval"],
    "core.metrics": [
        "actual_detection_cost",
        "alignment",
        "bootstrap_interval",
        "cllr",
        "cluster_agreement",
        "coding_rate",
        "covariance_eigenvalues",
        "detection_cost",
        "effective_rank",
        "epsilon_opis",
        "equal_error_rate",
        "far_frr_curve",
        "global_average_precision",
        "icnn_score",
        "identification_rate",
        "iso_score",
        "isotonic_calibration",
        "k_occurrence",
        "known_auc",
        "local_intrinsic_dimension",
        "logistic_calibration",
        "mean_cosine",
        "min_cllr",
        "min_detection_cost",
        "normal_half_width",
        "opis",
        "participation_ratio",
        "partition_score",
        "pca_dimension",
        "rank_biased_overlap",
        "recall_at_k",
        "reliability",
        "retrieval_scores",
        "score_judged_pairs",
        "similarity_floor",
        "spectral_entropy",
        "tar_at_far",
        "tcm_value",
        "two_nn_dimension",
        "two_nn_fit",
        "uniformity",
        "weighted_scores",
        "wilson_interval",
    ],
    "core.progress": ["CountProgress", "Progress", "counted", "part"],
    "core.service": [
        "CALLS",
        "Build",
        "ExplainMiss",
        "Holdings",
        "Load",
        "LostItems",
        "OpenIndex",
        "Recall",
        "Search",
        "Sources",
        "Threshold",
        "build",
        "explain_miss",
        "load",
        "lost_items",
        "open_index",
        "recall",
        "search",
        "sources",
        "threshold",
    ],
    "core.store": [
        "Store",
        "Workspace",
        "open_store",
    ],
    "core.studies": [
        "BuildGrid",
        "Diagnosis",
        "FilteredSearch",
        "Finding",
        "Growth",
        "HeldOut",
        "HubScan",
        "IndexDiff",
        "InsertionOrder",
        "IntrinsicDimension",
        "KINDS",
        "KnnLists",
        "Moments",
        "NEIGHBOR_FATES",
        "NeighborCheck",
        "NeighborFigures",
        "QueryTruth",
        "Remedy",
        "RowChanges",
        "Sharding",
        "SoFar",
        "SpreadFigures",
        "Updates",
        "build_grid",
        "closeness_findings",
        "compare_maps",
        "count_pairs_in_blocks",
        "diagnose",
        "diff_indexes",
        "filtered_search",
        "floor_study",
        "growth",
        "held_out_rows",
        "hold_out",
        "hub_removal",
        "hub_scan",
        "insertion_order",
        "intrinsic_dimension",
        "judged_calibration",
        "knn_lists",
        "label_calibration",
        "labels_that_look_wrong",
        "map_quality",
        "matching_rows",
        "measure_moments",
        "named_rows",
        "neighbor_check",
        "neighbor_figures",
        "neighbors_in_blocks",
        "open_world",
        "quality_by_group",
        "query_truth",
        "quick_census",
        "quick_findings",
        "retrieval_study",
        "row_changes",
        "separation",
        "several",
        "severity",
        "shape_findings",
        "sharding",
        "slice_columns",
        "slices",
        "spread_figures",
        "threads_of",
        "transfer",
        "translation",
        "treated",
        "updates",
        "with_index_vectors",
        "worst_first",
    ],
}
PACKAGES = [
    "core.cluster",
    "core.data",
    "core.encoders",
    "core.figures",
    "core.gate",
    "core.index",
    "core.metrics",
    "core.projection",
    "core.service",
]
PACKAGES += ["core.engines", "core.studies"]


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, names in PROMISED.items() for name in names]
)
def test_a_promised_name_is_there(module: str, name: str) -> None:
    assert hasattr(importlib.import_module(module), name)


def _constants_types_functions(name: str) -> tuple[bool, bool, str]:
    """The order that the linter asks of `__all__` (RUF022)."""
    return not name.isupper(), not name[0].isupper(), name


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_lists_its_names_in_order_and_has_them(package: str) -> None:
    module = importlib.import_module(package)
    assert module.__all__ == sorted(set(module.__all__), key=_constants_types_functions)
    assert [name for name in module.__all__ if not hasattr(module, name)] == []


@pytest.mark.parametrize("package", sorted(set(PACKAGES) & set(PROMISED)))
def test_a_package_lists_what_is_promised(package: str) -> None:
    listed = importlib.import_module(package).__all__
    assert [name for name in PROMISED[package] if name not in listed] == []


@pytest.mark.parametrize("package", ["core", "pages"])
def test_no_module_is_hidden_by_a_function_of_its_name(package: str) -> None:
    """`import core.studies.experiments.growth as module` has to give the module."""
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    scripts = re.compile(r"pages\.(\w+\.page|\d\w+)")  # they run the app when they are imported
    names = [each.name for each in found if not scripts.fullmatch(each.name)]
    assert len(names) > 50
    modules = {name: importlib.import_module(name) for name in names}
    hidden = [
        name
        for name, module in modules.items()
        if getattr(importlib.import_module(name.rpartition(".")[0]), name.rpartition(".")[2])
        is not module
    ]
    assert hidden == []


def test_every_error_is_a_core_error() -> None:
    errors = importlib.import_module("core.errors")
    assert all(
        issubclass(getattr(errors, name), errors.CoreError)
        for name in dir(errors)
        if name.endswith("Error")
    )
