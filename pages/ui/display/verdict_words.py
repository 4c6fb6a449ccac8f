"""What is said of the health of an index: pure functions of its verdict."""

from core.studies import LossCause, Verdict
from core.studies.inspection.diagnosis import Diagnosis
from core.studies.inspection.verdict import (
    CLASS_ORDER,
    DUPLICATES,
    LENGTHS,
    NEAR_MEAN,
    SMALL_EF,
    SMALL_M,
    ZEROS,
)
from core.studies.inspection.what_if import NO_COPIES, OTHER_EF, OTHER_M, RANDOM
from pages.ui.display.text import count, number, percent

MOSTLY = 0.5  # share of the lost items from which a cause is more than the commonest one
USUAL_M, LARGEST_M = 16, 128
USUAL_EF, LARGEST_EF = 200, 2000


def card(verdict: Verdict) -> str:
    """The health in a phrase, for the side bar."""
    found = verdict.diagnosis
    if not (found.loses_items or found.worth_saying):
        return f"sound: {_sound(found)}"
    return f"loses {_share(found)} of its items{_because(verdict.cause, short=True)}"


def line(verdict: Verdict) -> str:
    """The health in a sentence, for the pages that search the index; "" for a sound one."""
    found = verdict.diagnosis
    if not (found.loses_items or found.worth_saying):
        return ""
    return (
        f"This index loses {_share(found)} of its items ({_basis(found)})"
        f"{_because(verdict.cause, short=False)}."
    )


def fix_label(verdict: Verdict) -> str:
    """What the link to the rebuild that fits is called; "" where no cause is known."""
    if verdict.cause is None:
        return ""
    values = fix_values(verdict)
    change = {
        OTHER_M: f"M {values.get('m2')}",
        OTHER_EF: f"ef_construction {values.get('efc2')}",
        RANDOM: "a random order",
        NO_COPIES: "no duplicates",
    }
    return f"Try a fix: {change[verdict.cause.fix]}"


def fix_values(verdict: Verdict) -> dict[str, str]:
    """Values of the controls of the Layers page's What if for the rebuild that fits."""
    cause = verdict.cause
    if cause is None:
        return {}
    values = {"change": cause.fix}
    if cause.fix == OTHER_M:
        values["m2"] = str(min(max(USUAL_M, 2 * verdict.m), LARGEST_M))
    if cause.fix == OTHER_EF:
        values["efc2"] = str(int(min(max(USUAL_EF, 2 * cause.figure), LARGEST_EF)))
    return values


def _share(found: Diagnosis) -> str:
    """The share of lost items; two digits where it rests on a sample."""
    if _is_sampled(found):
        return f"{number(100 * found.lost_share, 2)} %"
    return percent(found.lost_share)


def _basis(found: Diagnosis) -> str:
    """How many items no search can reach, and how many of those searched for are not found."""
    parts = []
    if found.unreachable or not found.searched:
        parts.append(f"{found.unreachable:,} of {found.n:,} cannot be reached by any search")
    if found.searched:
        reached = "reachable ones " if found.unreachable else ""
        searched = f"{found.not_found:,} {reached}not found of {found.searched:,} searched for"
        parts.append(f"{searched} at ef {found.ef:,}")
    if _is_sampled(found):
        low, high = found.lost_interval
        parts.append(f"95 % interval {number(100 * low, 2)} to {number(100 * high, 2)} %")
    return "; ".join(parts)


def _is_sampled(found: Diagnosis) -> bool:
    return 0 < found.searched < found.n


def _sound(found: Diagnosis) -> str:
    unreachable = f"{found.unreachable:,} of {found.n:,} items unreachable"
    if not found.searched:
        return unreachable if found.unreachable else "all items can be reached"
    items, got = count(found.searched, "item"), found.searched - found.not_found
    if found.not_found:
        searched = f"{got:,} of {items} searched for are found"
    else:
        searched = f"{items} searched for, all found"
    return f"{unreachable}; {searched}" if found.unreachable else searched


def _because(cause: LossCause | None, *, short: bool) -> str:
    if cause is None:
        return ""
    mostly = "mostly" if cause.share >= MOSTLY else "most often"
    return f", {mostly} because {_reason(cause, short=short)}"


def _reason(cause: LossCause, *, short: bool) -> str:
    """The cause with its figure, and unless it is to be short what it does."""
    figure = number(cause.figure)
    named, effect = {
        SMALL_M: (f"M is {figure}", "too few links for this data"),
        SMALL_EF: (
            f"ef_construction is {figure}",
            "there are hardly more candidates than links to choose from them",
        ),
        ZEROS: (
            f"{_vectors(cause, 'is', 'are')} zero",
            "their links lead to one another",
        ),
        DUPLICATES: (
            f"{_vectors(cause, 'is an exact copy', 'are exact copies')} of others",
            "their links lead to one another",
        ),
        NEAR_MEAN: (
            f"{_vectors(cause, 'lies', 'lie')} close to the mean of all",
            "they are hubs that push other links out",
        ),
        CLASS_ORDER: (
            "rows come class after class",
            f"each lies {figure} times as far from the next as from any other, so few links lead "
            "from class to class",
        ),
        LENGTHS: (
            "lengths differ",
            f"the longest vector is {figure} times as long as the median one, and under inner "
            "product short ones are linked to by few",
        ),
    }[cause.kind]
    return named if short else f"{named}: {effect}"


def _vectors(cause: LossCause, one: str, several: str) -> str:
    return f"{count(int(cause.figure), 'vector')} {one if cause.figure == 1 else several}"
