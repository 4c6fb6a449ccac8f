"""For whom one threshold fails: false matches between groups, missed matches within them.

FMR of groups g and h: accepted impostor pairs with one end in g and the other in h, over all such
pairs; g = h: both ends in g. FNMR of g: rejected genuine pairs with both ends in g, over all. The
reports on public face recognition tests show the FMR as a matrix of log10 FMR at one global
threshold (Grother, Ngan and Hanaoka, NISTIR 8280, 2019).

Summaries of one rate per group, x; a is the weight of false matches, 0.5 by default:

| name                | formula                                                                 |
|---------------------|-------------------------------------------------------------------------|
| FDR                 | 1 - [a (max FMR - min FMR) + (1 - a) (max FNMR - min FNMR)]             |
| IR                  | (max FMR / min FMR)^a (max FNMR / min FNMR)^(1 - a)                     |
| GARBE               | a G(FMR) + (1 - a) G(FNMR), G the Gini coefficient n / (n - 1) times    |
|                     | sum_ij abs(x_i - x_j) / (2 n^2 mean x)                                  |
| max over geom. mean | max x / (product of x)^(1 / n)                                          |

After Howard et al., arXiv 2203.05051, as implementations cite it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_number
from core.distances import Float64s
from core.errors import ParameterError
from core.intervals import wilson_intervals
from core.metrics.pair_counts import PairCounts
from core.metrics.score_counts import Counts, accepted

Flags = npt.NDArray[np.bool_]
ENOUGH = 3.0  # expected false matches at the target, below which a cell tells nothing


@dataclass(frozen=True, eq=False)
class GroupErrors:
    """False matches and missed matches of G groups at one threshold.

    score: the threshold, the border of levels that is nearest to the one wanted. far: of all pairs
    there. target: the FMR that cells are compared with. accepted, pairs: (G, G) impostor pairs,
    symmetric. rejected, genuine: (G,) genuine pairs within a group.
    """

    score: float
    far: float
    target: float
    accepted: Counts
    pairs: Counts
    rejected: Counts
    genuine: Counts

    @property
    def fmr(self) -> Float64s:
        """False match rate between groups, (G, G); NaN without a pair."""
        return _share(self.accepted, self.pairs)

    @property
    def fnmr(self) -> Float64s:
        """False non-match rate of each group, (G,); NaN without a pair."""
        return _share(self.rejected, self.genuine)

    @property
    def group_fmr(self) -> Float64s:
        """False match rate of each group with all, itself included, (G,); NaN without a pair.

        A pair between two groups counts once for each.
        """
        return _share(self.accepted.sum(axis=1), self.pairs.sum(axis=1))

    @property
    def interval(self) -> tuple[Float64s, Float64s]:
        """Wilson's 95 % interval of each FMR, two of (G, G), as if pairs were independent."""
        return wilson_intervals(self.fmr, self.pairs)

    @property
    def is_untold(self) -> Flags:
        """Cells that cannot be told from the target, (G, G).

        They have fewer than 3 / target pairs, or their interval holds the target.
        """
        low, high = self.interval
        few = self.pairs * self.target < ENOUGH
        return np.asarray(few | ((low <= self.target) & (self.target <= high)))


def errors_by_group(
    counts: PairCounts, score: float, *, target: float | None = None
) -> GroupErrors:
    """Errors of the groups of a walk at the level nearest to a score.

    target: the FMR that cells are compared with; by default that of all pairs there. Raises
    ParameterError for counts without groups, and a target outside [0, 1].
    """
    if counts.group_impostor is None or counts.group_genuine is None:
        raise ParameterError("pairs were counted without groups; give groups to count_pairs.")
    level = nearest_level(counts, score)
    place = 0 if level == 0 else int(counts.level_edges[level - 1])
    far = float(counts.totals.far[place])
    goal = far if target is None else check_number(target, "target")
    if not 0 <= goal <= 1:
        raise ParameterError(f"target must be between 0 and 1; got {target!r}.")
    alarms = accepted(counts.group_impostor)
    hits = accepted(counts.group_genuine[np.arange(len(alarms)), np.arange(len(alarms))])
    return GroupErrors(
        score=float(counts.scale.edges[place]),
        far=far,
        target=goal,
        accepted=alarms[:, :, level],
        pairs=alarms[:, :, 0],
        rejected=hits[:, 0] - hits[:, level],
        genuine=hits[:, 0],
    )


def nearest_level(counts: PairCounts, score: float) -> int:
    """Index of the level that begins nearest to a score; level 0 accepts all pairs."""
    starts = np.concatenate([counts.scale.edges[:1], counts.scale.edges[counts.level_edges]])
    return int(np.argmin(np.abs(starts - score)))


def fairness_discrepancy(fmr: Float64s, fnmr: Float64s, a: float = 0.5) -> float:
    """FDR of the rates of groups (G,) each, NaN left out; 1 is even. See the module."""
    weight = _check_weight(a)
    return float(1.0 - weight * np.ptp(_known(fmr)) - (1 - weight) * np.ptp(_known(fnmr)))


def inequity_rate(fmr: Float64s, fnmr: Float64s, a: float = 0.5) -> float:
    """IR of the rates of groups (G,) each, NaN left out; 1 is even, NaN where a least rate is 0."""
    weight = _check_weight(a)
    one, other = _known(fmr), _known(fnmr)
    if one.min() <= 0 or other.min() <= 0:
        return float("nan")
    return float((one.max() / one.min()) ** weight * (other.max() / other.min()) ** (1 - weight))


def garbe(fmr: Float64s, fnmr: Float64s, a: float = 0.5) -> float:
    """GARBE of the rates of groups (G,) each, NaN left out; 0 is even. See the module."""
    weight = _check_weight(a)
    return weight * gini(fmr) + (1 - weight) * gini(fnmr)


def gini(rates: Float64s) -> float:
    """Gini coefficient of rates (G,) with the factor n / (n - 1); 0 where all are equal.

    >>> round(gini(np.array([0.01, 0.02, 0.04])) * 7, 9)
    3.0
    """
    x = _known(rates)
    if len(x) < 2 or x.mean() == 0:
        return 0.0
    apart = np.abs(x[:, None] - x).sum()
    return float(len(x) / (len(x) - 1) * apart / (2 * len(x) ** 2 * x.mean()))


def max_over_geometric_mean(rates: Float64s, pairs: Counts) -> tuple[float, int]:
    """The largest rate over the geometric mean of all (G,), and how many rates were 0.

    A rate of 0 is taken as 1 / pairs, the least that could have been seen. NaN are left out.

    >>> rates, pairs = np.array([0.01, 0.02, 0.04]), np.array([100, 100, 100])
    >>> round(max_over_geometric_mean(rates, pairs)[0], 9)
    2.0
    """
    known = np.isfinite(rates)
    if not known.any():
        return float("nan"), 0
    x, least = rates[known], 1.0 / pairs[known]
    raised = np.where(x > 0, x, least)
    return float(raised.max() / np.exp(np.log(raised).mean())), int(np.count_nonzero(x <= 0))


def _share(part: Counts, whole: Counts) -> Float64s:
    return np.asarray(
        np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) > 0)
    )


def _known(rates: Float64s) -> Float64s:
    known = np.asarray(rates, dtype=np.float64)
    known = known[np.isfinite(known)]
    if not len(known):
        raise ParameterError("no group has a rate: none of them has a pair.")
    return known


def _check_weight(a: float) -> float:
    if not 0 <= check_number(a, "a") <= 1:
        raise ParameterError(f"a must be between 0 and 1; got {a!r}.")
    return a
