"""The shape of a space in figures: dimension, spread, isotropy, coding rate, hubness."""

from dataclasses import dataclass

import numpy as np

from core.data import EmbeddingSet
from core.distances import Float64s
from core.metrics import (
    TwoNNFit,
    coding_rate,
    effective_rank,
    hubness_skewness,
    iso_score,
    k_occurrence,
    local_intrinsic_dimension,
    mean_cosine,
    participation_ratio,
    partition_score,
    pca_dimension,
    spectral_entropy,
    two_nn_dimension,
    two_nn_fit,
)
from core.metrics.spectrum import eigenvalues_of, second_moment
from core.progress import Progress, unheard
from core.studies.inspection.preflight.scan import Moments
from core.studies.parts.knn import KnnLists

HUB_K = 10
LID_K = 20
HALF_WIDTHS = 1.96


@dataclass(frozen=True)
class SpreadFigures:
    """How the vectors spread, over all rows.

    pca_99: principal directions that hold 99 % of the variance. participation_ratio: of the
    covariance. effective_rank, matrix_entropy: of centered rows scaled to length 1; the entropy is
    over ln d, in [0, 1]. mean_cosine: of all pairs. partition_score, iso_score: in [0, 1].
    coding_rate: in nats a vector; coding_reduction: what the classes save, NaN without labels.
    """

    pca_99: float
    participation_ratio: float
    effective_rank: float
    matrix_entropy: float
    mean_cosine: float
    partition_score: float
    iso_score: float
    coding_rate: float
    coding_reduction: float


@dataclass(frozen=True, eq=False)
class NeighborFigures:
    """What neighbor lists say of the dimension and of hubs.

    two_nn: by maximum likelihood, with the half width of its 95 % interval; fit: the line, to be
    drawn. lid: median over the rows, Levina-Bickel, of `lid_k` neighbors; lid_low, lid_high: its
    quartiles. hubness: skewness of the occurrences in lists of `hub_k`; largest: the most lists
    that hold one row. rows: how many lists; n: rows of the data.
    """

    two_nn: float
    two_nn_half_width: float
    fit: TwoNNFit
    lid: float
    lid_low: float
    lid_high: float
    lid_k: int
    hubness: float
    largest: int
    hub_k: int
    rows: int
    n: int


def spread_figures(
    embeddings: EmbeddingSet, moments: Moments, progress: Progress | None = None
) -> SpreadFigures:
    """Measure how the vectors spread; see `SpreadFigures`."""
    report, vectors = progress or unheard, embeddings.vectors
    report(0.0, "matrix entropy")
    normalized = eigenvalues_of(second_moment(vectors, about=moments.mean, unit=True))
    report(0.25, "isotropy")
    cosine, partition = mean_cosine(vectors), partition_score(vectors, moment=moments.moment)
    report(0.7, "coding rate")
    rate = coding_rate(vectors, embeddings.labels)
    entropy, dim = spectral_entropy(normalized), embeddings.dim
    return SpreadFigures(
        pca_dimension(moments.eigenvalues),
        participation_ratio(moments.eigenvalues),
        effective_rank(normalized),
        entropy / float(np.log(dim)) if dim > 1 else float("nan"),
        cosine,
        partition,
        iso_score(moments.eigenvalues),
        rate.rate,
        rate.reduction,
    )


def neighbor_figures(near: KnnLists, by_length: KnnLists) -> NeighborFigures:
    """Measure dimension and hubness from exact lists.

    near: by the metric of the index. by_length: the same or others, with lengths for distances
    (`KnnLists.as_lengths`), of at least 2 neighbors.
    """
    distances = by_length.neighbors.distances
    lid_k, hub_k = min(LID_K, by_length.k), min(HUB_K, near.k)
    lid = local_intrinsic_dimension(distances[:, :lid_k], estimator="levina_bickel")
    low, middle, high = map(float, _quartiles(lid))
    fit, two_nn = two_nn_fit(distances[:, :2]), two_nn_dimension(distances[:, :2])
    occurrence = k_occurrence(near.neighbors.ids[:, :hub_k], near.n)
    return NeighborFigures(
        two_nn,
        HALF_WIDTHS * two_nn / float(fit.n) ** 0.5 if fit.n else float("nan"),
        fit,
        middle,
        low,
        high,
        lid_k,
        hubness_skewness(occurrence),
        int(occurrence.max()),
        hub_k,
        len(near.rows),
        near.n,
    )


def _quartiles(values: Float64s) -> Float64s:
    """The three quartiles of the finite values; NaN where there are none."""
    finite = values[np.isfinite(values)]
    return np.quantile(finite, (0.25, 0.5, 0.75)) if len(finite) else np.full(3, np.nan)
