"""What a check of bounds found: a figure, a verdict and a sentence for each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.gate.bounds import Bound, Side

LISTED = 10  # items that a broken bound names
LONGEST = 80  # letters of an item's name


@dataclass(frozen=True, eq=False)
class Checked:
    """One bound, and what was measured.

    name: of the figure, "recall@10 at ef 64". figure: as measured. interval: its 95 % interval, or
    None where nothing was drawn at random. limit, side: the bound. judged: the figure, or the end
    of the interval, that was compared with it. items: how many the figure is of; of: what they
    are, "held-out rows". phrase: the figure in words, with {figure} and {items} in it. named: up to
    10 of the items that break it. unit: of the figure, "" for a share or a count. noise: by how
    much the figure of two builds of this setting differs at most, in 95 % of cases; None where it
    was not measured.
    """

    bound: Bound
    name: str
    figure: float
    interval: tuple[float, float] | None
    limit: float
    side: Side
    judged: float
    items: int
    of: str
    phrase: str
    named: tuple[str, ...] = ()
    unit: str = ""
    noise: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the bound holds; a figure that is not defined (NaN) breaks it."""
        if self.side == "at_least":
            return self.judged >= self.limit
        return self.judged <= self.limit

    @property
    def counts(self) -> str:
        """What was compared with the bound, where the figure has an interval: "mean"."""
        return str(getattr(self.bound, "counts", "figure"))

    @property
    def settings(self) -> Mapping[str, Any]:
        """The bound's own settings, by name."""
        return dict(vars(self.bound))

    @property
    def sentence(self) -> str:
        """The figure by name, and all that `finding` says."""
        return f"{self.name}: {self.finding}"

    @property
    def finding(self) -> str:
        """The figure, its interval, what it is of, the bound and the verdict.

        It names the end of the interval where that is what counts.
        """
        judged, limit = self._text(self.judged), self._text(self.limit)
        measured = self.phrase.format(figure=self._text(self.figure), items=f"{self.items:,}")
        interval = ""
        if self.interval is not None:
            low, high = (self._text(value) for value in self.interval)
            interval = f", 95 % interval {low} to {high}"
        least = "at least" if self.side == "at_least" else "at most"
        what = "" if self.judged == self.figure else f", of which the {self._end} counts"
        verdict = "passed" if self.passed else f"broken, {judged} is {_wrong(self.side)} it"
        if self.is_inside_noise:
            verdict += ", by less than rebuild noise"
        noise = ""
        if self.noise is not None:
            noise = f"; two builds of this setting differ by up to {self.noise:.2g}"
        return f"{measured}{interval}{what}{noise}; the bound is {least} {limit}: {verdict}."

    @property
    def is_inside_noise(self) -> bool:
        """Whether the bound is broken, and another build of the same setting could hold it."""
        apart = abs(self.judged - self.limit)
        return not self.passed and self.noise is not None and apart <= self.noise

    @property
    def _end(self) -> str:
        return self.counts.replace("_", " ")

    def _text(self, value: float) -> str:
        shown = apart(value, self.limit)
        return f"{shown} {self.unit}" if self.unit else shown


@dataclass(frozen=True, eq=False)
class GateReport:
    """All bounds, in the order of their file.

    data: what was checked, by name. n, dim: of its vectors. index, queries, pairs: what the figures
    rest on, in words, "" where no bound asked for them. notes: what else must be known.
    """

    data: str
    n: int
    dim: int
    checks: tuple[Checked, ...]
    index: str = ""
    queries: str = ""
    pairs: str = ""
    notes: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every bound holds."""
        return not self.broken

    @property
    def broken(self) -> tuple[Checked, ...]:
        """The bounds that do not hold."""
        return tuple(each for each in self.checks if not each.passed)

    @property
    def answer(self) -> str:
        """How many bounds hold, in one sentence."""
        count = len(self.checks)
        bounds = "bound" if count == 1 else "bounds"
        if self.passed:
            held = "The one bound holds" if count == 1 else f"All {count} bounds hold"
            return f"{held} for {self.data}."
        first = ", ".join(each.name for each in self.broken)
        return f"{len(self.broken)} of {count} {bounds} broken for {self.data}: {first}."

    @property
    def about(self) -> tuple[str, ...]:
        """What the figures rest on, a sentence each."""
        parts = (
            f"Data: {self.n:,} vectors of {self.dim:,} dimensions.",
            f"Index: {self.index}." if self.index else "",
            f"Queries: {self.queries}." if self.queries else "",
            f"Pairs: {self.pairs}." if self.pairs else "",
            *self.notes,
        )
        return tuple(each for each in parts if each)


def apart(value: float, other: float) -> str:
    """A number with so few digits that its text still differs from that of another number.

    >>> apart(0.951234, 0.9), apart(0.949996, 0.95), apart(12.0, 3.0), apart(1234567.0, 0.0)
    ('0.9512', '0.949996', '12', '1,234,567')
    """
    if value == int(value) if abs(value) < 2**53 else False:
        return f"{int(value):,}"
    for digits in range(4, 17):
        shown = f"{value:.{digits}g}"
        if float(shown) != float(f"{other:.{digits}g}") or value == other:
            return shown
    return repr(value)


def _wrong(side: Side) -> str:
    return "below" if side == "at_least" else "above"
