"""How a system searches with a filter, and what that costs on the graph that was measured."""

from dataclasses import dataclass

from core.studies import FilteredSearch
from core.studies.experiments.filtered_search_results import (
    BRUTE_FORCE,
    Climb,
    FilterCell,
)


@dataclass(frozen=True, eq=False)
class FilterCase:
    """One filter of a study: what a system's rule looks at, and what was measured."""

    study: FilteredSearch
    cell: FilterCell

    @property
    def allowed(self) -> int:
        """Rows that the filter lets through."""
        return self.cell.allowed

    @property
    def goal(self) -> str:
        """What every ef is asked to reach."""
        return f"recall@{self.study.k} {self.study.target:g}"

    @property
    def kilobytes(self) -> int:
        """Size of the allowed vectors in kilobytes of 1,024 bytes, rounded up."""
        return -(-4 * self.study.dim * self.allowed // 1024)

    @property
    def brute_force_is_cheapest(self) -> bool:
        """Whether no way through the graph reaches the target with fewer distance computations."""
        return self.cell.best == BRUTE_FORCE


@dataclass(frozen=True)
class FilterAdvice:
    """What a system does with a filter, and what to set.

    figures: in a few words, for a table. sentence: the rule, what was measured, what to change.
    sources: pages that state the rule.
    """

    engine: str
    figures: str
    sentence: str
    sources: tuple[str, ...]


def compares_all(
    engine: str,
    case: FilterCase,
    sources: tuple[str, ...],
    *,
    rule: str,
    climb: Climb,
    walk: str,
) -> FilterAdvice:
    """The system compares the query with every allowed row.

    rule: why it does. climb: of the walk that it would make instead; walk: what to set for that.
    """
    text = (
        f"Compares the query with all {case.allowed:,} allowed rows, {rule}: exact, at "
        f"{case.allowed:,} distance computations."
    )
    if climb.cost < case.allowed:
        text += (
            f" Walking the graph costs less here, {_count(climb.cost)} for {case.goal} (ef "
            f"{climb.smallest_ef:,}): {walk}."
        )
    return FilterAdvice(engine, f"compares all {case.allowed:,}", text, sources)


def walks(
    engine: str,
    case: FilterCase,
    sources: tuple[str, ...],
    *,
    rule: str,
    climb: Climb,
    parameter: str,
    compare: str,
    most: int | None = None,
    more: str = "",
) -> FilterAdvice:
    """The system walks the graph in a way that was measured.

    rule: how. climb: what that gave. parameter: the system's name of ef, at most `most`. compare:
    how to make it compare all allowed rows. more: said after the figures.
    """
    ef = climb.smallest_ef
    if not climb.cost >= 0:  # NaN: no ef reaches the target
        tried = int(climb.ef[-1])
        text = f"{rule}. No {parameter} up to {tried:,} reaches {case.goal} here: {compare}."
        figures = f"not by ef {tried:,}"
    elif most is not None and ef > most:
        text = (
            f"{rule}. {case.goal} needs {parameter} {ef:,} here, and {most:,} is the most that it "
            f"takes: {compare}."
        )
        figures = f"ef {ef:,} > {most:,}"
    else:
        text = (
            f"{rule}: {parameter} {ef:,} reaches {case.goal} with {_count(climb.cost)} distance "
            "computations."
        )
        if case.allowed < climb.cost:
            text += f" Comparing all {case.allowed:,} allowed rows costs less: {compare}."
        figures = f"ef {ef:,}: {_count(climb.cost)}"
    return FilterAdvice(engine, figures, f"{text} {more}".strip(), sources)


def walks_its_own_way(
    engine: str,
    case: FilterCase,
    sources: tuple[str, ...],
    *,
    rule: str,
    compare: str,
    more: str = "",
) -> FilterAdvice:
    """The system walks the graph in a way that the study does not measure."""
    text = f"{rule}, which was not measured here."
    if case.brute_force_is_cheapest:
        text += (
            f" No measured walk costs less than comparing all {case.allowed:,} allowed rows: "
            f"{compare}."
        )
    return FilterAdvice(engine, "own walk", f"{text} {more}".strip(), sources)


def _count(cost: float) -> str:
    return f"{round(cost):,}"
