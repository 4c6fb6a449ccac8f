"""The insertions that the Layers page plays: when they happen, and what is said of them."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.figures import ShownInsertion, insertion_payload
from core.index import (
    DROPPED,
    KEPT,
    HnswGraph,
    HnswParams,
    Insertion,
    LayerInsertion,
    Selection,
    drawn_levels,
    insert_after,
    insert_into,
)
from core.progress import counted
from pages.ui import jobs
from pages.ui.controls.query import Query
from pages.ui.display import items
from pages.ui.display.text import count, percent
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

LAST, OWN_TURN = "after all others", "at its own turn"
VERDICTS = {KEPT: "kept", DROPPED: "dropped"}
NOT_ASKED = "not asked: list full"
NO_RULE = "kept: fewer candidates than M"


@dataclass(frozen=True, eq=False)
class Moment:
    """What is inserted, and when: `asked` into the index of `rows` (p,), in this order.

    into: the opened index that it goes into instead; its rows are those of the data.
    """

    asked: Query
    rows: npt.NDArray[np.int64]
    when: str
    into: HnswGraph | None = None

    @property
    def row_of_new(self) -> int:
        """The row of the data that is inserted, or -1 for a vector from elsewhere."""
        return self.asked.item

    def row(self, id_of_trace: int) -> int:
        """The row of the data for a row of the trace; `row_of_new` for the new item."""
        return int(self.rows[id_of_trace]) if id_of_trace < len(self.rows) else self.row_of_new


def moment(work: Workspace, asked: Query, when: str) -> Moment:
    """What goes in before: all other rows, or those above it; all of an opened index."""
    everything = np.arange(work.embeddings.n)
    if work.opened is not None:
        return Moment(asked, everything, LAST, work.opened)
    if asked.item < 0:
        return Moment(asked, everything, LAST)
    before = everything[: asked.item] if when == OWN_TURN else np.delete(everything, asked.item)
    return Moment(asked, before, when)


def upper_rows(params: HnswParams, graph: HnswGraph) -> npt.NDArray[np.int64]:
    """Rows that get a level above 0 at their own turn, but the first, which has no links.

    graph: of the session. With one thread its levels are those; with more, items draw theirs in
    the order in which the threads take them.
    """
    levels = graph.levels
    if params.threads > 1:
        levels = drawn_levels(params.m, params.seed, graph.n)
    return np.flatnonzero(levels[1:] > 0) + 1


def insertion(work: Workspace, at: Moment) -> Insertion | None:
    """The insertion and its replay, made in the background."""
    if at.into is not None:
        item = at.row_of_new
        if item < 0:
            return _into.need(at.into, at.asked.vector)
        return _into.need(at.into.in_own_space(), at.into.vectors[item])
    params = replace(work.params, threads=1)
    return _after.need(work.embeddings, params, at.rows, at.asked.vector)


@jobs.job("Building the index before the insertion")
def _after(
    progress: Progress,
    embeddings: EmbeddingSet,
    params: HnswParams,
    before: npt.NDArray[np.int64],
    vector: npt.NDArray[np.float32],
) -> Insertion:
    report = counted(progress, "{:,} of {:,} rows")
    return insert_after(embeddings.vectors, params, before, vector, progress=report)


@jobs.job("Adding the item to the opened index")
def _into(progress: Progress, graph: HnswGraph, vector: npt.NDArray[np.float32]) -> Insertion:
    progress(0.0)
    return insert_into(graph, vector)


def shown(work: Workspace, at: Moment, made: Insertion) -> ShownInsertion:
    """The insertion with the names of all rows in it."""
    names = items.short_names(work.embeddings)
    touched = [*made.touched.tolist(), made.trace.n]
    copy = at.into is not None and at.row_of_new >= 0
    named = {row: str(names[at.row(row)]) if at.row(row) >= 0 else at.asked.name for row in touched}
    if copy:
        named[made.trace.n] = f"copy of {named[made.trace.n]}"
    return ShownInsertion(made, named, work.params.metric)


@jobs.cached
def payload(shown: ShownInsertion, dark: bool) -> dict[str, Any]:
    """What the player gets; it opens at the last step, with the links that came of it."""
    played = insertion_payload(shown, dark=dark)
    return {**played, "alt": alt(shown), "open": len(played["steps"]) - 1}


def alt(shown: ShownInsertion) -> str:
    """The picture in one sentence."""
    return (
        f"{shown.names[shown.made.trace.n]} in the middle, the candidates for its links at their "
        "distance from it, kept or dropped"
    )


def answer(shown: ShownInsertion) -> str:
    """How the item entered the graph, with its figures."""
    trace = shown.made.trace
    name = shown.names[trace.n]
    if not trace.layers:
        return (
            f"{name} is the first item of the index: it draws level {trace.level}, has nothing to "
            "link to, and becomes the entry point."
        )
    reverse = [other for layer in trace.layers for other in layer.reverse]
    full = sum(other.selection is not None for other in reverse)
    lost = sum(len(other.lost) for other in reverse)
    kept = " and ".join(_kept(layer) for layer in trace.layers)
    back = sum(layer.linked_back for layer in trace.layers)
    entry = ", and becomes the entry point" if trace.becomes_entry else ""
    return (
        f"{name} enters as item {trace.n + 1:,}: it draws level {trace.level}{entry}, compares "
        f"itself with {count(trace.compared, 'item')} ({percent(trace.compared / trace.n)}) and "
        f"links to {kept}; {_back(back, len(reverse))} back, {_full(full, lost)}."
    )


def _kept(layer: LayerInsertion) -> str:
    candidates = count(len(layer.selection.rows), "candidate")
    return f"{len(layer.links):,} of {candidates} on layer {layer.layer}"


def _back(back: int, links: int) -> str:
    if back == links:
        return "it links" if links == 1 else f"all {links:,} link"
    return f"{back:,} of these {links:,} {'links' if back == 1 else 'link'}"


def _full(full: int, lost: int) -> str:
    if full == 0:
        return "for which there was room"
    return f"and {count(full, 'full list')} lost {count(lost, 'older link') if lost else 'nothing'}"


def proof(made: Insertion) -> str:
    """Whether hnswlib made the same links."""
    if made.proven:
        return (
            "Every step is a replay of the rule of hnswlib 0.8.0. hnswlib has made the same "
            f"insertion, and its graph has the same links in the same order at all "
            f"{count(made.compared, 'node')}, on every layer."
        )
    return (
        "Every step is a replay of the rule of hnswlib 0.8.0. hnswlib has made the same insertion, "
        f"and its graph has other links at {len(made.differing):,} of "
        f"{count(made.compared, 'node')}: it takes another one of candidates whose distances are "
        "equal but for the rounding of float32. What is played is the replay."
    )


def basis(work: Workspace, at: Moment) -> str:
    """Which index the item goes into, and how that one is related to the session's."""
    if at.into is not None:
        return _opened_basis(at, at.into)
    params = work.params
    settings = (
        f"with M {params.m:,}, ef_construction {params.ef_construction:,} and seed {params.seed:,}"
    )
    if at.row_of_new < 0:
        before = f"all {count(len(at.rows), 'item')}"
    elif at.when == OWN_TURN:
        before = (
            f"the {count(len(at.rows), 'item')} in the rows before it, as in a build in order of "
            "rows"
        )
    else:
        before = (
            f"all {len(at.rows):,} other items, as if it came last; a build in order of rows "
            f"inserts it as item {at.row_of_new + 1:,}"
        )
    other = (
        f" The session's own index was built by {params.threads:,} threads, whose order is not "
        "known, so its links are others."
        if params.threads > 1
        else ""
    )
    return f"Inserted into the index of {before}, {settings}, built by one thread.{other}"


def _opened_basis(at: Moment, graph: HnswGraph) -> str:
    width = "" if graph.ef_construction else ", with ef_construction 200, for it states none"
    what = (
        "The vector is new to the index."
        if at.row_of_new < 0
        else "It is a copy of an item that the index holds, so that item is its nearest neighbor; "
        "the order in which the file's items were inserted is not in the file, so their own "
        "insertions cannot be played."
    )
    rule = (
        ""
        if graph.source.startswith("hnswlib")
        else " The index was built by another library, which may choose links otherwise."
    )
    return (
        f"What hnswlib does when it loads this index and adds one item now{width}. {what} Loading "
        "sets the generator of levels back to its start, so that every item added first gets the "
        "same level. Of equally near items hnswlib may take another one, for the order of the "
        f"items in the file is not kept here.{rule}"
    )


def candidates_table(
    selection: Selection, at: Moment, embeddings: EmbeddingSet, names: dict[int, str]
) -> pd.DataFrame:
    """One line per candidate, nearest first: kept or not, and because of whom."""
    against = selection.against
    by = [names[row] if row >= 0 else "" for row in against.tolist()]
    rows = [at.row(row) for row in selection.rows.tolist()]
    return pd.DataFrame(
        {
            "candidate": np.arange(1, len(rows) + 1),
            "row": rows,
            "name": [names[row] for row in selection.rows.tolist()],
            **({} if embeddings.labels is None else {"label": _labels(embeddings, rows)}),
            "distance to the center": selection.distances.round(6),
            "verdict": [
                VERDICTS.get(verdict, NOT_ASKED) if selection.applied else NO_RULE
                for verdict in selection.verdict.tolist()
            ],
            "kept neighbor nearer to it, or the nearest": by,
            "distance to that one": selection.against_distances.round(6),
        }
    )


def _labels(embeddings: EmbeddingSet, rows: list[int]) -> list[str]:
    labels = items.label_texts(embeddings)
    return [str(labels[row]) if row >= 0 else "" for row in rows]


def back_table(layer: LayerInsertion, at: Moment, names: dict[int, str]) -> pd.DataFrame:
    """One line per chosen neighbor, nearest first: what its list held, and what it lost."""
    new = layer.selection.center
    others = layer.reverse[::-1]
    return pd.DataFrame(
        {
            "neighbor": [names[other.neighbor] for other in others],
            "row": [at.row(other.neighbor) for other in others],
            "distance": [round(other.distance, 6) for other in others],
            "links before": [len(other.before) for other in others],
            "full": [other.selection is not None for other in others],
            "links after": [len(other.links) for other in others],
            "links back": [bool(np.any(other.links == new)) for other in others],
            "lost": [", ".join(names[row] for row in other.lost.tolist()) for other in others],
        }
    )
