"""Figures about a labeled space as a whole, each from as many rows as it can bear."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows
from core.distances import Floats, Metric
from core.index import exact_neighbors
from core.metrics import (
    Alignment,
    ClusterAgreement,
    IcnnResult,
    TcmValue,
    Uniformity,
    alignment,
    cluster_agreement,
    tcm_value,
    uniformity,
)
from core.metrics.icnn import icnn_of_neighbors
from core.metrics.operating import Gap
from core.progress import Progress, part, unheard
from core.studies.parts.sampling import sample_rows
from core.studies.thresholds.operating import pair_study

ROWS = 4_000  # of which all pairs are looked at
ICNN_K = 4
ICNN_PAIRS, FEWEST_ICNN = 200_000_000, 500  # of queries and items; queries


@dataclass(frozen=True, eq=False)
class Separation:
    """Figures about the classes of n labeled rows.

    icnn: of `icnn_rows` items among all labeled rows, a stratified sample where there are many;
    None under inner product, which has no distances. clusters: of a stratified sample. alignment:
    of all pairs of a class. uniformity: of a sample of all rows. gap, tcm: of all pairs of
    `pair_rows` rows, drawn as `pair_study` does.
    """

    icnn: IcnnResult | None
    icnn_rows: int
    clusters: ClusterAgreement
    alignment: Alignment
    uniformity: Uniformity
    gap: Gap
    tcm: TcmValue
    pair_rows: int
    n: int
    metric: Metric
    seed: int


def separation(
    vectors: Floats,
    labels: npt.NDArray[np.integer],
    *,
    metric: Metric = "cosine",
    rows: int = ROWS,
    seed: int = 0,
    progress: Progress | None = None,
) -> Separation:
    """Figures of `vectors` (n, d) with `labels` (n,), below 0 for a missing one.

    rows: of which samples are made where there are more. Raises ParameterError with fewer than two
    classes of two members.
    """
    report = progress or unheard
    given = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(given))
    labeled = np.flatnonzero(codes >= 0)
    drawn = labeled[sample_rows(len(labeled), rows, labels=codes[labeled], seed=seed)]
    pairs = pair_study(
        given, codes, metric=metric, rows=rows, seed=seed, progress=part(report, 0.0, 0.2)
    )
    paired = np.sort(pairs.counts.rows)
    report(0.2, "pairs beyond the margins")
    tcm = tcm_value(given[paired], codes[paired])
    report(0.3, "alignment and uniformity")
    aligned = alignment(given, codes)
    uniform = uniformity(given[sample_rows(len(given), rows, seed=seed)])
    report(0.5, "neighbors of other classes")
    most = max(FEWEST_ICNN, ICNN_PAIRS // len(labeled))
    near = labeled[sample_rows(len(labeled), most, labels=codes[labeled], seed=seed)]
    icnn = _icnn(given, codes, labeled, near, metric)
    report(0.7, "k-means against the classes")
    clusters = cluster_agreement(given[drawn], codes[drawn], metric=metric)
    return Separation(
        icnn,
        len(near),
        clusters,
        aligned,
        uniform,
        pairs.gap,
        tcm,
        pairs.rows,
        len(labeled),
        metric,
        seed,
    )


def _icnn(
    vectors: Floats,
    codes: npt.NDArray[np.integer],
    labeled: npt.NDArray[np.int64],
    drawn: npt.NDArray[np.int64],
    metric: Metric,
) -> IcnnResult | None:
    """ICNN of the rows drawn, their neighbors among all labeled rows."""
    k = min(ICNN_K, len(labeled) - 2)
    if metric == "inner_product" or k < 1:
        return None
    rows = vectors[labeled]
    own = np.searchsorted(labeled, drawn)
    near = exact_neighbors(rows, rows[own], k + 1, metric=metric, exclude=own)
    same = codes[labeled][near.ids] == codes[drawn][:, None]
    return icnn_of_neighbors(
        np.maximum(near.distances, 0.0), same, n_excluded=len(codes) - len(labeled)
    )
