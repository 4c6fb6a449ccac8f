"""Signal or rebuild noise: is a difference larger than what building the same setting again gives?

An index depends on chance: on the levels that its seed draws, on the order of insertion, and with
several threads on the clock. So two builds of one setting differ, and a difference between two
builds says something of their settings only where it is larger than that.

The rule. All builds answer the same queries, and what is compared is the mean of a build over them:
pairing by query takes out how much the queries differ from one another. Over R rebuilds of one
setting these means have the variance

    s^2 = sum over builds i of (m_i - m)^2 / (R - 1), which estimates b^2 + e^2 / q:

b^2 is the variance between builds that all queries share, e^2 that of one query in one build, q the
number of queries. A mean of a builds and a mean of c builds of the same setting, which are none of
the R, then differ by at most

    h = t(R - 1, 1 - 0.05 / (2 j)) sqrt(v) sqrt(1 / a + 1 / c), v = max(s^2, r, u^2)

in 95 % of cases, j figures being judged at once (Bonferroni). t(f, p) is the quantile of Student's
distribution: a difference of new normal values over an independent estimate of their deviation has
this distribution, so that the error is 5 % where v = s^2 (Student, The Probable Error of a Mean,
Biometrika 6, 1908; prediction limits in Hahn & Meeker, Statistical Intervals, 1991, section 4.7).
r is the residual mean square of the two-way table of builds and queries over q, which estimates
e^2 / q, a part of the variance; u is the least step of the figure, such as one neighbor more of one
query. Both only widen h: few rebuilds can agree by chance, and the error is then less than 5 %.

It speaks of these queries. Other queries of the same kind differ by their own interval, too.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import as_array, check_count, check_number, check_numbers, got
from core.distances import Float64s, Floats
from core.errors import ParameterError

ERROR = 0.05  # share of comparisons of a setting with itself that may be called different
FEWEST = 2  # builds from which a variance is known


@dataclass(frozen=True)
class Change:
    """A figure of two settings against what rebuilds of one setting differ by.

    before, after: the mean of each side. half_width: two means of the same setting differ by at
    most as much in 95 % of cases; NaN where it is not known, since a figure is not defined.
    """

    before: float
    after: float
    half_width: float

    @property
    def difference(self) -> float:
        """After minus before."""
        return self.after - self.before

    @property
    def is_beyond(self) -> bool:
        """Whether the difference is larger than rebuild noise; False where it is not known."""
        return bool(abs(self.difference) > self.half_width)

    @property
    def is_known(self) -> bool:
        """Whether both sides and the noise are defined."""
        return bool(np.isfinite([self.before, self.after, self.half_width]).all())


def query_residual(values: Floats) -> float:
    """The part of the variance of a build's mean that comes from single queries, e^2 / q.

    values: (R, q) of q queries in R builds of one setting. It is the residual mean square of the
    table, once the means of its rows and columns are taken out, over q; 0 for fewer than two builds
    or queries.

    >>> query_residual(np.array([[1.0, 0.0], [0.0, 1.0]]))  # residuals +-0.5: 4 * 0.25 / 1 / 2
    0.5
    """
    table = check_numbers(values, "values")
    if table.ndim != 2:
        raise ParameterError(f"values must be (builds, queries); got {got(as_array(values, ''))}.")
    builds, queries = table.shape
    if min(builds, queries) < FEWEST:
        return 0.0
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    residual = table - rows - columns + table.mean()
    return float((residual**2).sum() / ((builds - 1) * (queries - 1)) / queries)


def against_rebuilds(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    rebuilds: npt.ArrayLike,
    *,
    residual: float = 0.0,
    step: float = 0.0,
    judged: int = 1,
) -> Change:
    """Hold a difference against the spread of R other builds of one of the two settings.

    before, after: a figure of one build each, or of several, (a,) and (c,), of which the mean is
    taken. rebuilds: (R,) the same figure of the rebuilds, R >= 2, none of which is one of the
    others. residual: of `query_residual`. step: the least by which the figure of a build can
    change. judged: how many figures of the same pair are judged at once.

    Raises ParameterError for fewer than two rebuilds.

    >>> change = against_rebuilds(0.90, 0.95, [0.88, 0.90, 0.92])  # s = 0.02, t = 4.303
    >>> round(change.half_width, 4), change.is_beyond
    (0.1217, False)
    """
    one, other, spread = _builds(before, 1), _builds(after, 1), _builds(rebuilds, FEWEST)
    variance = _variance(spread, residual, step)
    several = 1 / len(one) + 1 / len(other)
    half = _quantile(len(spread) - 1, judged) * np.sqrt(variance * several)
    return Change(float(one.mean()), float(other.mean()), float(half))


def between_settings(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    *,
    residuals: tuple[float, float] = (0.0, 0.0),
    step: float = 0.0,
    judged: int = 1,
) -> Change:
    """Hold two settings against one another, each of which was built several times.

    before, after: (a,) and (c,), the figure of each build, a and c >= 2. The other arguments are
    those of `against_rebuilds`, residuals one for each side. Each side has a variance of its own:
    half_width is t(f, 1 - 0.05 / (2 j)) sqrt(v1 / a + v2 / c), with the f of Welch (The
    Generalization of Student's Problem when Several Different Population Variances are Involved,
    Biometrika 34, 1947): (v1 / a + v2 / c)^2 / ((v1 / a)^2 / (a - 1) + (v2 / c)^2 / (c - 1)).

    Raises ParameterError where a side has fewer than two builds.

    >>> change = between_settings([0.88, 0.90, 0.92], [0.95, 0.97, 0.99])  # s = 0.02, f = 4
    >>> round(change.half_width, 4), change.is_beyond  # t = 2.776
    (0.0453, True)
    """
    sides = _builds(before, FEWEST), _builds(after, FEWEST)
    parts = np.array(
        [
            _variance(side, residual, step) / len(side)
            for side, residual in zip(sides, residuals, strict=True)
        ]
    )
    if not parts.sum() > 0:  # no build differs from another, or one is not defined
        half = float(parts.sum())
    else:
        freedom = parts.sum() ** 2 / sum(
            part**2 / (len(side) - 1) for part, side in zip(parts, sides, strict=True)
        )
        half = float(_quantile(float(freedom), judged) * np.sqrt(parts.sum()))
    return Change(float(sides[0].mean()), float(sides[1].mean()), half)


def noise_half_width(
    rebuilds: Floats, *, residual: npt.ArrayLike = 0.0, step: float = 0.0, judged: int = 1
) -> Float64s:
    """The half width of `against_rebuilds` for single builds, at each place of a curve.

    rebuilds: (R, e). residual: (e,), or one for all. The result is (e,).
    """
    spread = check_numbers(rebuilds, "rebuilds")
    if len(spread) < FEWEST:
        raise ParameterError(f"rebuilds must be at least {FEWEST}; got {len(spread)}.")
    variance = np.maximum(np.maximum(spread.var(axis=0, ddof=1), residual), step**2)
    return np.asarray(_quantile(len(spread) - 1, judged) * np.sqrt(2 * variance))


def _builds(values: npt.ArrayLike, least: int) -> Float64s:
    each = np.atleast_1d(as_array(values, "values").astype(np.float64))
    if each.ndim != 1 or len(each) < least:
        raise ParameterError(
            f"values must hold one figure for each of at least {least} builds; got {got(each)}. "
            "Build the setting again with other seeds."
        )
    return each


def _variance(values: Float64s, residual: float, step: float) -> float:
    """The largest of what the builds show, what single queries give, and one step squared."""
    least = max(check_number(residual, "residual"), check_number(step, "step") ** 2)
    return float(np.maximum(values.var(ddof=1), least))


def _quantile(freedom: float, judged: int) -> float:
    """Of Student's distribution, so that the error of all that is judged together is 5 %."""
    from scipy.special import stdtrit

    return float(stdtrit(freedom, 1 - ERROR / (2 * check_count(judged, "judged"))))
