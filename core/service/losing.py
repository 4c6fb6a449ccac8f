"""The items that an index loses: how many, why, and which."""

from dataclasses import dataclass

import numpy as np

from core.index import census
from core.progress import Progress, counted, part, unheard
from core.service.answers import MOST_LISTED, Answer, items, plain
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings
from core.service.indexing import INDEX
from core.studies.inspection import lost

ALL_UP_TO, SAMPLE = 200_000, 20_000  # items of which all are searched for, and of more so many


@dataclass(frozen=True, kw_only=True)
class LostItems(Arguments):
    """Of `lost_items`."""

    index: str = said(INDEX)
    ef: int = said("beam with which each item is searched for", default=40, low=1, high=4_096)
    most: int = said("lost items that are listed", default=20, low=0, high=MOST_LISTED)


def lost_items(holdings: Holdings, asked: LostItems, progress: Progress = unheard) -> Answer:
    """Search for each item by its own vector, and say why it is not found; raises CoreError."""
    index = holdings.indexes.get(asked.index)
    counts = census(
        index.graph,
        ef=asked.ef,
        sample=None if index.graph.n <= ALL_UP_TO else SAMPLE,
        progress=counted(part(progress, 0.0, 0.6), "searched for {:,} of {:,} items"),
    )
    found = lost.lost_items(index.graph, counts, progress=part(progress, 0.6, 1.0))
    causes, numbers = np.unique(found.cause, return_counts=True)
    listed = [
        each | {"cause": str(cause), "unreachable": bool(unreachable), "links_in": int(links)}
        for each, cause, unreachable, links in zip(
            items(index.items, found.rows[: asked.most]),
            found.cause,
            found.unreachable,
            found.in_degree,
            strict=False,
        )
    ]
    return {
        "index": index.name,
        "ef": asked.ef,
        "searched_for": len(counts.checked),
        "is_sample": counts.is_sample,
        "lost": len(found.rows),
        "unreachable": len(counts.unreachable),
        "not_found": len(counts.unfindable),
        "share_not_found": plain([counts.unfindable_share, *counts.interval]),
        "causes": [
            {
                "cause": str(causes[place]),
                "items": int(numbers[place]),
                "means": lost.CAUSES[causes[place]],
            }
            for place in np.argsort(-numbers, kind="stable")
        ],
        "items": plain(listed),
        "sentence": sentence(len(found.rows), len(counts.checked), asked.ef, counts.is_sample),
    }


def sentence(count: int, searched: int, ef: int, is_sample: bool) -> str:
    """How many items are lost.

    >>> sentence(0, 500, 40, is_sample=False)
    'No item is lost: ef 40 finds each of 500 by its own vector.'
    """
    of = f"{searched:,}" + (" that were drawn" if is_sample else "")
    if count == 0:
        return f"No item is lost: ef {ef:,} finds each of {of} by its own vector."
    which = "1 item is" if count == 1 else f"{count:,} items are"
    return f"{which} lost: not found by the own vector at ef {ef:,} (of {of}), or unreachable."
