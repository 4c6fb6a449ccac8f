"""What sets selected rows apart from the rest: classes, words, numbers, missing values.

One measure for all of them: Cliff's delta, P(inside > outside) - P(inside < outside) of a row drawn
from each side. Of a thing that a row holds or not it is the difference of the two shares; of
numbers it is the rank-biserial correlation (Cliff, 1993, Dominance statistics, Psychological
Bulletin 114). Each has a p value (Fisher's exact test; Mann and Whitney's), corrected over all that
were tested (Benjamini and Hochberg, 1995, Journal of the Royal Statistical Society B 57). What is
tested does not depend on the selection: what at least 5 rows of the set hold.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_ids
from core.distances import Float64s
from core.errors import ParameterError
from core.studies.selection.facts import Facts, Kind, Numbers
from core.studies.selection.significance import fisher_p

LEVEL = 0.05  # of the corrected p: the share of the traits told that chance would make, at most
FEWEST_SEEN = 3  # selected rows that hold a trait, or that would by the share of the rest
FEWEST_NUMBERS = 5  # values on each side, for numbers to be compared


@dataclass(frozen=True)
class Trait:
    """One thing by which the selection differs from the rest.

    kind: "label", "category", "word", "missing", "number" or "date". name: the class or the word;
    "" for the others. inside, outside: shares of the rows that hold it, or medians (dates in
    nanoseconds since 1970). n_inside, n_outside: rows that hold it, or that have a number. effect:
    Cliff's delta. p: of its test alone. p_corrected: over all tests.
    """

    kind: Kind
    column: str
    name: str
    inside: float
    outside: float
    n_inside: int
    n_outside: int
    effect: float
    p: float
    p_corrected: float

    @property
    def is_share(self) -> bool:
        """Whether `inside` and `outside` are shares; else they are medians."""
        return self.kind not in ("number", "date")

    @property
    def lift(self) -> float:
        """How many times commoner it is than in the rest; infinite where the rest has none."""
        if not self.is_share:
            return float("nan")
        return self.inside / self.outside if self.outside else float("inf")

    @property
    def odds_ratio(self) -> float:
        """Odds of holding it inside over those outside; infinite where only the selection does."""
        if not self.is_share:
            return float("nan")
        above = self.inside * (1 - self.outside)
        below = self.outside * (1 - self.inside)
        return above / below if below else float("inf")


@dataclass(frozen=True)
class Explanation:
    """traits: of a corrected p of at most 0.05, the largest effect first. tests: how many."""

    traits: tuple[Trait, ...]
    n_inside: int
    n_outside: int
    tests: int


def explain(facts: Facts, rows: npt.ArrayLike) -> Explanation:
    """How the selected rows differ from all others.

    rows: row ids; each counts once.

    A trait is told where its corrected p is at most 0.05 and at least 3 selected rows hold it, or
    would if it were as common there as in the rest. Of equal effects the first in the order of the
    columns comes first. Raises ParameterError for ids that are no rows, and where no row or every
    row is selected, for then there is nothing to compare.
    """
    from scipy.stats import false_discovery_control  # slow to load, and no page opens with it

    n = facts.held.shape[0]
    selected = np.zeros(n, dtype=np.bool_)
    selected[check_ids(rows, "rows", n, empty=False)] = True
    drawn = int(selected.sum())
    if not 0 < drawn < n:
        raise ParameterError(
            f"rows must name some of the {n:,} rows and leave others; got {drawn:,} of them."
        )
    inside = np.rint(facts.held.T @ selected.astype(np.float32)).astype(np.int64)
    totals = facts.totals
    p_shares = fisher_p(inside, totals, drawn, n)
    compared = [found for each in facts.numbers if (found := _compare(each, selected)) is not None]
    p = np.concatenate([p_shares, [each.p for each in compared]])
    corrected = false_discovery_control(p) if len(p) else p
    share, usual = inside / drawn, (totals - inside) / (n - drawn)
    told = (corrected[: len(inside)] <= LEVEL) & (np.maximum(inside, usual * drawn) >= FEWEST_SEEN)
    traits = [
        Trait(
            facts.kinds[each],
            facts.columns[each],
            facts.names[each],
            float(share[each]),
            float(usual[each]),
            int(inside[each]),
            int(totals[each] - inside[each]),
            float(share[each] - usual[each]),
            float(p[each]),
            float(corrected[each]),
        )
        for each in np.flatnonzero(told)
    ]
    for found, adjusted in zip(compared, corrected[len(inside) :], strict=True):
        if adjusted <= LEVEL:
            traits.append(found.trait(float(adjusted)))
    traits.sort(key=lambda trait: -abs(trait.effect))
    return Explanation(tuple(traits), drawn, n - drawn, len(p))


@dataclass(frozen=True, eq=False)
class _Compared:
    """A column of numbers inside against outside."""

    numbers: Numbers
    inside: Float64s
    outside: Float64s
    effect: float
    p: float

    def trait(self, p_corrected: float) -> Trait:
        return Trait(
            self.numbers.kind,
            self.numbers.column,
            "",
            float(np.median(self.inside)),
            float(np.median(self.outside)),
            len(self.inside),
            len(self.outside),
            self.effect,
            self.p,
            p_corrected,
        )


def _compare(numbers: Numbers, selected: npt.NDArray[np.bool_]) -> _Compared | None:
    """Mann and Whitney's test with correction for ties; None where a side has too few values."""
    from scipy.stats import mannwhitneyu  # slow to load, and no page opens with it

    known = np.isfinite(numbers.values)
    inside, outside = numbers.values[known & selected], numbers.values[known & ~selected]
    if min(len(inside), len(outside)) < FEWEST_NUMBERS:
        return None
    found = mannwhitneyu(inside, outside, method="asymptotic")
    effect = 2 * float(found.statistic) / (len(inside) * len(outside)) - 1
    p = float(found.pvalue)
    return _Compared(numbers, inside, outside, effect, p if np.isfinite(p) else 1.0)
