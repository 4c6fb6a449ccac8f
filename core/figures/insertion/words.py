"""What happens at each step of an insertion, in words."""

from collections.abc import Mapping, Sequence

from core.distances import Metric
from core.index import (
    DROPPED,
    KEPT,
    InsertionTrace,
    LayerInsertion,
    LevelDraw,
    ReverseLink,
    Selection,
    Step,
)

Names = Mapping[int, str]
NAMED = 5


def written(value: float) -> str:
    """A distance with four significant digits; rounding around 0 is 0.

    >>> written(0.123456), written(1.5), written(-3e-8), written(12345.6)
    ('0.1235', '1.5', '0', '12,346')
    """
    if abs(value) < 1e-6:
        return "0"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def counted(number: int, noun: str) -> str:
    """How many of what.

    >>> counted(1, "link"), counted(1200, "link")
    ('1 link', '1,200 links')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(rows: Sequence[int], names: Names) -> str:
    """The first few of some rows by name, and how many more."""
    named = [names[row] for row in rows[:NAMED]]
    more = len(rows) - len(named)
    return ", ".join(named) + (f" and {more:,} more" if more else "")


def level_words(trace: InsertionTrace, draw: LevelDraw | None) -> list[str]:
    """How the level came about, and what it means."""
    joins = "It joins layer 0 only." if trace.level == 0 else f"It joins layers {trace.level} to 0."
    if trace.becomes_entry:
        joins += " No item has a higher level, so it becomes the entry point of the index."
    if draw is None:
        return [
            f"hnswlib drew level {trace.level}. Its generator here is not that of libstdc++, so "
            "the number drawn is not known.",
            joins,
        ]
    return [
        f"hnswlib draws u = {draw.u:.6f}, draw {draw.number + 1:,} of seed {draw.seed:,}. Level = "
        f"floor(-ln u / ln M) = floor({draw.scaled:.3f}) = {draw.level}, with M = {draw.m:,}.",
        f"{_share(draw)} {joins}",
    ]


def _share(draw: LevelDraw) -> str:
    if draw.level == 0:
        return f"{100 - 100 / draw.m:.3g} % of items get level 0."
    return f"{100 * draw.chance:.3g} % of items get level {draw.level} or higher."


def step_words(step: Step, level: int, names: Names) -> list[str]:
    """One greedy step of the descent."""
    first = (
        f"Layer {step.layer}: the walk stands at {names[step.origin]}, at distance "
        f"{written(step.origin_distance)}, and compares its {counted(len(step.visited), 'link')}."
    )
    if step.nearest != step.origin:
        return [
            first,
            f"It moves to the nearest, {names[step.nearest]}, at {written(step.nearest_distance)}.",
        ]
    down = step.layer - 1
    joins = ", where the item gets links" if down == level else ""
    return [first, f"None is nearer, so it goes down to layer {down}{joins}."]


def search_words(made: LayerInsertion, hops: int, width: int, names: Names) -> list[str]:
    """The search of one layer after `hops` expansions; width: ef_construction."""
    visited = int(made.visited_ends[hops - 1])
    if hops < len(made.expanded):
        return [
            f"Search on layer {made.layer} with ef_construction {width:,}, from "
            f"{names[made.start]}: after {hops:,} of {counted(len(made.expanded), 'expansion')}, "
            f"{counted(visited, 'item')} were compared.",
            "The open item nearest to the new one is expanded next.",
        ]
    count = len(made.selection.rows)
    ended = (
        f"the {width:,} nearest of them are the candidates, for every open item is farther than "
        "all of these."
        if count == width
        else f"all {count:,} that were met and are not deleted are candidates; the layer has no "
        f"more within reach, though ef_construction is {width:,}."
    )
    return [
        f"The search on layer {made.layer} ends after {counted(hops, 'expansion')} and "
        f"{counted(visited, 'item')} compared: {ended}",
        f"Distances run from {written(float(made.selection.distances[0]))} to "
        f"{written(float(made.selection.distances[-1]))}.",
    ]


def rule_words(selection: Selection, place: int, metric: Metric, names: Names) -> list[str]:
    """Why the candidate at `place` is kept or dropped."""
    row, own = int(selection.rows[place]), float(selection.distances[place])
    kept = int((selection.verdict[: place + 1] == KEPT).sum())
    first = (
        f"Candidate {place + 1:,} of {len(selection.rows):,}: {names[row]}, at {written(own)} from "
        f"{names[selection.center]}."
    )
    against = int(selection.against[place])
    if against < 0:
        return [first, f"Kept: no neighbor is kept yet that could be nearer to it. {kept} kept."]
    between, other = float(selection.against_distances[place]), names[against]
    if selection.verdict[place] == DROPPED:
        side = "" if metric == "inner_product" else " It lies on that neighbor's side."
        return [
            first,
            f"Dropped: it is nearer to the kept neighbor {other} ({written(between)}) than to "
            f"{names[selection.center]} ({written(own)}).{side} The link to {other} is "
            "taken to lead there.",
        ]
    relation = "as far away" if between == own else "farther away"
    than = "as" if between == own else "than"
    return [
        first,
        f"Kept: of the neighbors kept so far, the nearest to it, {other}, is {relation} "
        f"({written(between)}) {than} {names[selection.center]} ({written(own)}). {kept} kept.",
    ]


def rest_words(selection: Selection, place: int) -> list[str]:
    """Why the candidates from `place` on are not asked."""
    rest = len(selection.rows) - place
    return [
        f"M = {selection.limit:,} neighbors are kept, so the list is full: "
        f"{counted(rest, 'farther candidate')} {'is' if rest == 1 else 'are'} not asked."
    ]


def few_words(selection: Selection) -> list[str]:
    """Why the rule is not applied."""
    count = len(selection.rows)
    return [
        f"There {'is' if count == 1 else 'are'} {counted(count, 'candidate')}, fewer than M = "
        f"{selection.limit:,}: hnswlib keeps all of them and does not apply the rule."
    ]


def links_words(made: LayerInsertion, names: Names) -> list[str]:
    """The links that the new item gets on a layer."""
    nearest_first = made.links[::-1].tolist()
    below = (
        f" The search of layer {made.layer - 1} starts from the nearest, {names[nearest_first[0]]}."
        if made.layer
        else ""
    )
    return [
        f"On layer {made.layer} the new item links to {counted(len(nearest_first), 'neighbor')}: "
        f"{listed(nearest_first, names)}.{below}",
        "Each of them is now asked to link back.",
    ]


def back_words(other: ReverseLink, new: int, layer: int, m: int, names: Names) -> list[str]:
    """What a chosen neighbor does with its own list."""
    limit = 2 * m if layer == 0 else m
    name = names[other.neighbor]
    if other.selection is None:
        return [
            f"{name} holds {len(other.before):,} of {limit:,} links on layer {layer}: there is "
            "room, so the new item is added."
        ]
    first = (
        f"{name} holds {limit:,} links on layer {layer}, all it may hold ({_limit(layer, m)}). The "
        f"same rule is applied to these and the new item: {len(other.links):,} of "
        f"{limit + 1:,} are kept."
    )
    lost = other.lost.tolist()
    new_in = new in other.links.tolist()
    second = "It links back to the new item" if new_in else "It does not link back to the new item"
    if not new_in:
        place = other.selection.rows.tolist().index(new)
        against = int(other.selection.against[place])
        second += (
            f", which is nearer to {names[against]} "
            f"({written(float(other.selection.against_distances[place]))}) than to {name} "
            f"({written(float(other.selection.distances[place]))})"
            if other.selection.verdict[place] == DROPPED
            else f", for {limit:,} nearer ones are kept"
        )
    drops = f" and loses {counted(len(lost), 'link')}: {listed(lost, names)}." if lost else "."
    return [first, second + drops]


def _limit(layer: int, m: int) -> str:
    return f"2 M = {2 * m:,} on layer 0" if layer == 0 else f"M = {m:,} above layer 0"


def end_words(trace: InsertionTrace) -> list[str]:
    """What the insertion has changed."""
    if not trace.layers:
        return [
            "It is the first item: there is nothing to link to. It becomes the entry point, and "
            "every search starts from it."
        ]
    links = sum(len(made.links) for made in trace.layers)
    back = sum(made.linked_back for made in trace.layers)
    lost = sum(len(other.lost) for made in trace.layers for other in made.reverse)
    entry = (
        f" It has the highest level, {trace.level}, and is the entry point from now on."
        if trace.becomes_entry
        else ""
    )
    gone = counted(lost, "older link") if lost else "no older link"
    return [
        f"The item is in the graph: {counted(links, 'link')} out, {back:,} in; {gone} of its "
        f"neighbors {'is' if lost < 2 else 'are'} gone.{entry}"
    ]
