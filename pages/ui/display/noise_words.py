"""Signal or rebuild noise, in words: pure functions of a change and of the rebuilds."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.studies import Change, RebuildSpread
from pages.ui.display.text import count, number

INSIDE, BEYOND, UNKNOWN = "inside rebuild noise", "beyond rebuild noise", "not known"


@dataclass(frozen=True)
class Judged:
    """A figure and its change. in_points: whether it is a share, told in points of percent."""

    name: str
    change: Change
    in_points: bool = False


def verdict(change: Change) -> str:
    """Inside or beyond rebuild noise, in three words."""
    if not change.is_known:
        return UNKNOWN
    return BEYOND if change.is_beyond else INSIDE


def sentence(judged: Sequence[Judged]) -> str:
    """Which of the figures changed beyond rebuild noise and which did not, each with both sizes."""
    parts = []
    for words in (BEYOND, INSIDE, UNKNOWN):
        some = [each for each in judged if verdict(each.change) == words]
        if some and words == UNKNOWN:
            names = " and ".join(each.name for each in some)
            parts.append(f"Rebuild noise is not known for {names}.")
        elif some:
            parts.append(f"{words.capitalize()}: {'; '.join(_sizes(each) for each in some)}.")
    return " ".join(parts)


def _sizes(each: Judged) -> str:
    change, noise = _written(each)
    return f"{each.name} {change}, where two builds of one setting differ by up to {noise}"


def _written(each: Judged) -> tuple[str, str]:
    """The change with its sign and unit, and the noise."""
    scale, digits, unit = (100, 2, " points") if each.in_points else (1, 3, "")
    change = scale * each.change.difference
    sign = "+" if change > 0 else ""
    noise = number(scale * each.change.half_width, digits)
    return f"{sign}{number(change + 0.0, digits)}{unit}", noise


def cell(each: Judged) -> str:
    """The verdict for a cell of a table, with the change where it is beyond."""
    words = verdict(each.change)
    if words == UNKNOWN:
        return UNKNOWN
    change, noise = _written(each)
    return f"{words}: {change} (noise {noise})"


def basis(spread: RebuildSpread) -> str:
    """What rebuild noise rests on."""
    params = spread.params
    threads = f", {params.threads} threads" if params.threads > 1 else ""
    order = "each in a random order of its own" if spread.shuffled else "in the same order"
    lost = sorted({int(value) for value in (spread.unreachable.min(), spread.unreachable.max())})
    range_of = " to ".join(f"{value:,}" for value in lost)
    return (
        f"Rebuild noise: {count(spread.rebuilds, 'rebuild')} of M {params.m}, ef_construction "
        f"{params.ef_construction}{threads}, with other seeds, {order}; all answer the same "
        f"{count(spread.queries, 'query', 'queries')}. Two builds of one setting differ by at most "
        "the noise in 95 % of cases, both figures together (Student's t over the rebuilds, paired "
        f"by query). Unreachable items of the rebuilds: {range_of}."
    )
