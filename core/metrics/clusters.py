"""Do clusters that know no labels find the classes? AMI and NMI of k-means against labels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.checks import check_labels, check_rows, check_whole
from core.distances import Float64s, Floats, Metric, check_metric, unit_rows

Labels = npt.NDArray[np.integer[Any]]
FEWEST_PER_CLUSTER = 2  # with fewer rows a cluster is an item


@dataclass(frozen=True, eq=False)
class ClusterAgreement:
    """ami, nmi: (s,) for each of the starts of k-means; NaN where there are too few rows.

    AMI is about 0 for clusters by chance and 1 for the classes themselves; NMI rises with the
    number of clusters even by chance. clusters: k, the number of classes. rows: that have a label.
    """

    ami: Float64s
    nmi: Float64s
    clusters: int
    rows: int


def cluster_agreement(
    vectors: Floats,
    labels: Labels,
    *,
    metric: Metric = "cosine",
    seeds: tuple[int, ...] = (0, 1, 2),
) -> ClusterAgreement:
    """Agreement of k-means with the classes, k their number, from a start for each seed.

    vectors: (n, d); labels: (n,) codes, below 0 for a missing one, whose rows are left out. Under
    cosine the rows are scaled to length 1, else they are taken as they are: k-means knows lengths
    alone. Both figures are divided by the arithmetic mean of the two entropies, as scikit-learn
    does (adjusted_mutual_info_score, Vinh et al. 2010). With fewer than two rows per class, or one
    class, they are NaN.
    """
    check_metric(metric)
    rows = check_rows(vectors, "vectors")
    codes = check_labels(labels, len(rows))
    kept = codes >= 0
    clusters, count = len(np.unique(codes[kept])), int(kept.sum())
    starts = [check_whole(seed, "seeds", 0) for seed in seeds]
    if clusters < 2 or count < FEWEST_PER_CLUSTER * clusters:
        unknown = np.full(len(starts), np.nan)
        return ClusterAgreement(unknown, unknown, clusters, count)
    points = unit_rows(rows[kept]) if metric == "cosine" else rows[kept]
    pairs = [_scores(points, codes[kept], clusters, seed) for seed in starts]
    ami, nmi = np.array(pairs).T
    return ClusterAgreement(ami, nmi, clusters, count)


def _scores(points: Floats, codes: Labels, clusters: int, seed: int) -> tuple[float, float]:
    import warnings

    from sklearn.cluster import KMeans
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import adjusted_mutual_info_score, normalized_mutual_info_score

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # fewer distinct rows than classes
        means = KMeans(clusters, n_init=1, random_state=seed).fit(points.astype(np.float32))
    found = means.labels_
    return (
        float(adjusted_mutual_info_score(codes, found)),
        float(normalized_mutual_info_score(codes, found)),
    )
