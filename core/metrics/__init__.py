"""Figures about vectors, labels and neighbor lists: arrays in, arrays out, no state."""

from core.intervals import bootstrap_interval, normal_half_width, wilson_interval
from core.metrics.calibration import (
    IsotonicCalibration,
    LogisticCalibration,
    Reliability,
    WeightedScores,
    actual_detection_cost,
    binned_scores,
    cllr,
    detection_cost,
    isotonic_calibration,
    logistic_calibration,
    min_cllr,
    min_detection_cost,
    reliability,
    weighted_scores,
)
from core.metrics.clusters import ClusterAgreement, cluster_agreement
from core.metrics.coding import CodingRate, coding_rate
from core.metrics.floors import LeastError, least_error, similarity_floor
from core.metrics.group_errors import (
    GroupErrors,
    errors_by_group,
    fairness_discrepancy,
    garbe,
    gini,
    inequity_rate,
    max_over_geometric_mean,
)
from core.metrics.hubness import hubness_skewness, k_occurrence
from core.metrics.icnn import IcnnResult, icnn_score
from core.metrics.intrinsic_dimension import local_intrinsic_dimension, two_nn_dimension
from core.metrics.isotropy import mean_cosine, partition_score
from core.metrics.judged_scores import JudgedScores, score_judged_pairs
from core.metrics.margins import TcmValue, tcm_value
from core.metrics.open_set import (
    OpenSet,
    OpenSetFigures,
    global_average_precision,
    identification_curve,
    identification_rate,
    known_auc,
    open_set_figures,
)
from core.metrics.operating import (
    Gap,
    OperatingPoint,
    counted_auc,
    counted_d_prime,
    counted_eer,
    counted_fnmr_at_fmr,
    counted_tar_at_far,
    point_at,
    point_at_far,
    point_at_tar,
    separation_gap,
)
from core.metrics.opis_chance import OpisByChance, opis_by_chance
from core.metrics.opis_counted import opis_interval, opis_of_counts
from core.metrics.opis_score import OpisResult, epsilon_opis, opis
from core.metrics.overlap import rank_biased_overlap
from core.metrics.pair_counts import PairCounts, ScoredPairs, count_pairs
from core.metrics.pair_resamples import PairResamples, resample_pairs
from core.metrics.pair_scores import score_pairs
from core.metrics.purity import label_purity
from core.metrics.rates import (
    RateCurve,
    auc,
    d_prime,
    equal_error_rate,
    far_frr_curve,
    tar_at_far,
)
from core.metrics.recall import (
    recall_at_k,
    relative_distance_error,
    score_weighted_recall,
    similarity_scores,
    tie_aware_recall,
    tied_at_k,
)
from core.metrics.retrieval import RetrievalScores, retrieval_scores
from core.metrics.score_counts import ScoreCounts, ScoreScale
from core.metrics.score_units import ScoreUnit, threshold_axis, units_of
from core.metrics.spectrum import (
    covariance_eigenvalues,
    effective_rank,
    iso_score,
    participation_ratio,
    pca_dimension,
    spectral_entropy,
)
from core.metrics.sphere import Alignment, Uniformity, alignment, uniformity
from core.metrics.two_nn import TwoNNFit, two_nn_fit

__all__ = [
    "Alignment",
    "ClusterAgreement",
    "CodingRate",
    "Gap",
    "GroupErrors",
    "IcnnResult",
    "IsotonicCalibration",
    "JudgedScores",
    "LeastError",
    "LogisticCalibration",
    "OpenSet",
    "OpenSetFigures",
    "OperatingPoint",
    "OpisByChance",
    "OpisResult",
    "PairCounts",
    "PairResamples",
    "RateCurve",
    "Reliability",
    "RetrievalScores",
    "ScoreCounts",
    "ScoreScale",
    "ScoreUnit",
    "ScoredPairs",
    "TcmValue",
    "TwoNNFit",
    "Uniformity",
    "WeightedScores",
    "actual_detection_cost",
    "alignment",
    "auc",
    "binned_scores",
    "bootstrap_interval",
    "cllr",
    "cluster_agreement",
    "coding_rate",
    "count_pairs",
    "counted_auc",
    "counted_d_prime",
    "counted_eer",
    "counted_fnmr_at_fmr",
    "counted_tar_at_far",
    "covariance_eigenvalues",
    "d_prime",
    "detection_cost",
    "effective_rank",
    "epsilon_opis",
    "equal_error_rate",
    "errors_by_group",
    "fairness_discrepancy",
    "far_frr_curve",
    "garbe",
    "gini",
    "global_average_precision",
    "hubness_skewness",
    "icnn_score",
    "identification_curve",
    "identification_rate",
    "inequity_rate",
    "iso_score",
    "isotonic_calibration",
    "k_occurrence",
    "known_auc",
    "label_purity",
    "least_error",
    "local_intrinsic_dimension",
    "logistic_calibration",
    "max_over_geometric_mean",
    "mean_cosine",
    "min_cllr",
    "min_detection_cost",
    "normal_half_width",
    "open_set_figures",
    "opis",
    "opis_by_chance",
    "opis_interval",
    "opis_of_counts",
    "participation_ratio",
    "partition_score",
    "pca_dimension",
    "point_at",
    "point_at_far",
    "point_at_tar",
    "rank_biased_overlap",
    "recall_at_k",
    "relative_distance_error",
    "reliability",
    "resample_pairs",
    "retrieval_scores",
    "score_judged_pairs",
    "score_pairs",
    "score_weighted_recall",
    "separation_gap",
    "similarity_floor",
    "similarity_scores",
    "spectral_entropy",
    "tar_at_far",
    "tcm_value",
    "threshold_axis",
    "tie_aware_recall",
    "tied_at_k",
    "two_nn_dimension",
    "two_nn_fit",
    "uniformity",
    "units_of",
    "weighted_scores",
    "wilson_interval",
]
