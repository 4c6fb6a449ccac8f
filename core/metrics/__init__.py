"""Figures about vectors, labels and neighbor lists: arrays in, arrays out, no state."""

from core.intervals import bootstrap_interval, normal_half_width, wilson_interval
from core.metrics.coding import CodingRate, coding_rate
from core.metrics.hubness import hubness_skewness, k_occurrence
from core.metrics.icnn import IcnnResult, icnn_score
from core.metrics.intrinsic_dimension import local_intrinsic_dimension, two_nn_dimension
from core.metrics.isotropy import mean_cosine, partition_score
from core.metrics.open_set import (
    OpenSet,
    OpenSetFigures,
    global_average_precision,
    identification_curve,
    identification_rate,
    known_auc,
    open_set_figures,
)
from core.metrics.opis_chance import OpisByChance, opis_by_chance
from core.metrics.opis_score import OpisResult, epsilon_opis, opis
from core.metrics.purity import label_purity
from core.metrics.rates import (
    RateCurve,
    auc,
    d_prime,
    equal_error_rate,
    far_frr_curve,
    tar_at_far,
)
from core.metrics.recall import recall_at_k, tie_aware_recall, tied_at_k
from core.metrics.retrieval import RetrievalScores, retrieval_scores
from core.metrics.spectrum import (
    covariance_eigenvalues,
    effective_rank,
    iso_score,
    participation_ratio,
    pca_dimension,
    spectral_entropy,
)
from core.metrics.two_nn import TwoNNFit, two_nn_fit

__all__ = [
    "CodingRate",
    "IcnnResult",
    "OpenSet",
    "OpenSetFigures",
    "OpisByChance",
    "OpisResult",
    "RateCurve",
    "RetrievalScores",
    "TwoNNFit",
    "auc",
    "bootstrap_interval",
    "coding_rate",
    "covariance_eigenvalues",
    "d_prime",
    "effective_rank",
    "epsilon_opis",
    "equal_error_rate",
    "far_frr_curve",
    "global_average_precision",
    "hubness_skewness",
    "icnn_score",
    "identification_curve",
    "identification_rate",
    "iso_score",
    "k_occurrence",
    "known_auc",
    "label_purity",
    "local_intrinsic_dimension",
    "mean_cosine",
    "normal_half_width",
    "open_set_figures",
    "opis",
    "opis_by_chance",
    "participation_ratio",
    "partition_score",
    "pca_dimension",
    "recall_at_k",
    "retrieval_scores",
    "spectral_entropy",
    "tar_at_far",
    "tie_aware_recall",
    "tied_at_k",
    "two_nn_dimension",
    "two_nn_fit",
    "wilson_interval",
]
