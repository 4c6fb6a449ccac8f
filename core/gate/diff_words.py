"""What two indexes differ in, in words, as a table and as JSON."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.studies import DiffNoise, IndexDiff
from core.studies.inspection.index_diff import NO_ROW, REASONS

SCHEMA = "nearfield-diff/1"
LISTED = 1_000  # labels and queries of a JSON document
Names = Callable[[int], str]  # of an item, by its label


def answer(diff: IndexDiff, noise: str = "") -> str:
    """What changed, in figures.

    noise: how the answers stand to the spread of rebuilds of one setting, a sentence, or "".
    """
    if diff.is_empty:
        return (
            f"The two indexes are the same: {diff.before:,} items, their vectors and links, and "
            f"the answers to {_queries(diff.queries)} at ef {diff.ef:,}."
        )
    moved = int(diff.moved.sum())
    if moved:
        share = moved / diff.queries
        answers = (
            f"{moved:,} of {_queries(diff.queries)} ({_percent(share)}) "
            f"{'has' if moved == 1 else 'have'} another top {diff.k:,} at ef {diff.ef:,}, mean "
            f"rank-biased overlap {diff.rank_overlap.mean():.4f}"
        )
    else:
        answers = f"No query of {diff.queries:,} has another top {diff.k:,} at ef {diff.ef:,}"
    return " ".join(filter(None, (f"{answers}; {items(diff)}; {links(diff)}.", noise)))


def noise(diff: IndexDiff, found: DiffNoise) -> str:
    """Whether the answers of both are as alike as those of two builds of one setting."""
    change = found.change(diff)
    usual = (
        f"the answers of two builds of this setting overlap by {change.before:.4f}, give or take "
        f"{change.half_width:.4f}"
    )
    if not change.is_beyond:
        return f"Inside rebuild noise: {usual}."
    more = "less" if change.difference < 0 else "more"
    return f"Beyond rebuild noise, {more} alike: {usual}."


def noise_basis(found: DiffNoise) -> str:
    """What the noise rests on."""
    params, order = found.params, "each in a random order" if found.shuffled else "in one order"
    return (
        f"Rebuild noise: {found.rebuilds:,} rebuilds of M {params.m}, ef_construction "
        f"{params.ef_construction:,} with other seeds, {order}, held against the first index by "
        "the same queries. One more rebuild lies within these ends in 95 % of cases (Student's t)."
    )


def items(diff: IndexDiff) -> str:
    """How many items came, went and have another vector."""
    counts = (len(diff.gained), len(diff.lost), len(diff.changed))
    if not any(counts):
        return f"the same {diff.before:,} items"
    gained, lost, changed = counts
    return f"items: {gained:,} gained, {lost:,} lost, {changed:,} with another vector"


def links(diff: IndexDiff) -> str:
    """How many links of the base are kept."""
    base = diff.links[0]
    if base.kept == base.before == base.after:
        others = diff.links[1:]
        same = all(each.kept == each.before == each.after for each in others)
        return "the same links" if same else "the same links on layer 0, others above"
    if not base.before:
        return "no link to keep"
    return f"{_percent(base.kept_share)} of the links of layer 0 kept"


def reasons(diff: IndexDiff) -> tuple[str, ...]:
    """Why answers moved, a sentence for each reason that comes first for some query."""
    return tuple(
        f"{name}, {_queries(count)}: {REASONS[name]}." for name, count in diff.counts.items()
    )


def layer_table(diff: IndexDiff) -> pd.DataFrame:
    """A line for each layer, the base first."""
    return pd.DataFrame(
        {
            "layer": [each.layer for each in diff.links],
            "links before": [each.before for each in diff.links],
            "links after": [each.after for each in diff.links],
            "kept": [each.kept for each in diff.links],
            "kept share": [round(each.kept_share, 4) for each in diff.links],
            "between items of both": [each.possible for each in diff.links],
        }
    )


def moved_table(diff: IndexDiff, names: Names = str, most: int | None = None) -> pd.DataFrame:
    """The queries whose answers moved, farthest first, up to `most`; what left and what entered.

    query: its place, or the item that it is. names: of items, by label.
    """
    places = np.flatnonzero(diff.moved)
    order = np.argsort(diff.rank_overlap[places], kind="stable")
    moved: list[int] = places[order][:most].tolist()
    return pd.DataFrame(
        {
            "query": [_query(diff, place, names) for place in moved],
            "rank-biased overlap": diff.rank_overlap[moved].round(4),
            "overlap": diff.overlap[moved].round(4),
            "reason": diff.reason[moved],
            "left": [_listed(diff, diff.first, diff.second, place, names) for place in moved],
            "entered": [_listed(diff, diff.second, diff.first, place, names) for place in moved],
        }
    )


def item_table(diff: IndexDiff, names: Names = str, most: int | None = None) -> pd.DataFrame:
    """Items that came, went, or have another vector, up to `most`."""
    kinds = (("lost", diff.lost), ("gained", diff.gained), ("other vector", diff.changed))
    changes = [(kind, label) for kind, labels in kinds for label in labels[:most].tolist()]
    return pd.DataFrame(
        [{"item": names(label), "change": kind} for kind, label in changes[:most]],
        columns=["item", "change"],
    )


def json_text(diff: IndexDiff, first: str, second: str, rebuilt: DiffNoise | None = None) -> str:
    """The difference as a JSON document; first, second: what the indexes are called.

    rebuilt: by which it is told whether that is more than chance, or None.

    Of labels and of queries that moved, up to 1,000 are listed; counts are of all.
    """
    document: dict[str, Any] = {
        "schema": SCHEMA,
        "same": diff.is_empty,
        "answer": answer(diff, "" if rebuilt is None else noise(diff, rebuilt)),
        "first": {"name": first, "items": diff.before},
        "second": {"name": second, "items": diff.after},
        "k": diff.k,
        "ef": diff.ef,
        "items": {
            name: {"count": len(labels), "labels": labels[:LISTED].tolist()}
            for name, labels in (
                ("lost", diff.lost),
                ("gained", diff.gained),
                ("changed", diff.changed),
            )
        },
        "links": [
            {
                "layer": each.layer,
                "before": each.before,
                "after": each.after,
                "kept": each.kept,
                "possible": each.possible,
            }
            for each in diff.links
        ],
        "queries": {
            "count": diff.queries,
            "moved": int(diff.moved.sum()),
            "mean_overlap": float(diff.overlap.mean()),
            "mean_rank_biased_overlap": float(diff.rank_overlap.mean()),
            "reasons": diff.counts,
            "listed": moved_table(diff, most=LISTED).to_dict("records"),
        },
        "rebuild_noise": None if rebuilt is None else _noise(diff, rebuilt),
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _noise(diff: IndexDiff, rebuilt: DiffNoise) -> dict[str, Any]:
    change = rebuilt.change(diff)
    return {
        "rebuilds": rebuilt.rebuilds,
        "mean_rank_biased_overlap": change.before,
        "half_width": change.half_width,
        "beyond": change.is_beyond,
    }


def _query(diff: IndexDiff, place: int, names: Names) -> str:
    return f"query {place}" if diff.asked is None else names(int(diff.asked[place]))


def _listed(
    diff: IndexDiff,
    ours: npt.NDArray[np.int64],
    theirs: npt.NDArray[np.int64],
    place: int,
    names: Names,
) -> str:
    """The items that one answer has and the other has not."""
    only = [one for one in ours[place] if one != NO_ROW and one not in theirs[place]]
    return ", ".join(names(int(diff.labels[one])) for one in only)


def _queries(count: int) -> str:
    return f"{count:,} {'query' if count == 1 else 'queries'}"


def _percent(share: float) -> str:
    """A share in percent, never 0 or 100 where it is neither.

    >>> _percent(0.99996), _percent(0.5), _percent(0.00001)
    ('over 99.9 %', '50 %', 'under 0.1 %')
    """
    if 0 < share < 0.001:
        return "under 0.1 %"
    if 0.999 < share < 1:
        return "over 99.9 %"
    return f"{100 * share:.3g} %"
