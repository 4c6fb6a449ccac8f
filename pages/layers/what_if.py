"""The same data in an index built otherwise: before and after, side by side."""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.figures import before_after, recall_change
from core.index import HnswGraph, HnswParams
from core.studies import CHANGES, Health, WhatIf
from pages.ui import jobs
from pages.ui.controls import beam, widgets
from pages.ui.display import chart, index_words, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, seconds
from pages.ui.results import health
from pages.ui.results.query_sources import QuerySource
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

OTHER_M, OTHER_EF = "other M", "other ef_construction"
REASONS = {
    "without duplicates": "Copies fill one another's links and lead nowhere else; one of each is "
    "kept. True neighbors are then those among the rows that are left.",
    OTHER_M: "More links per node: more ways to each item, and more memory.",
    OTHER_EF: "A wider beam while building finds better links for each node.",
    "random order": "Classes inserted one after the other leave few links between them; a random "
    "order mixes them.",
    "lost items again": "Lost items are inserted once more, which gives them new links, and links "
    "back from their neighbors. Under inner product it hardly helps: a short vector is "
    "hardly ever the nearest of another row.",
}
STORED = (
    "Both are indexes of the vectors as the file stores them, decoded or transformed, and the "
    "truth is of them, too: only the links differ."
)
_REBUILT: Slot[tuple[Any, ...] | None] = Slot("what_if", lambda: None)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `What if` of the Layers page."""
    choice, value, neighbors, width, go = st.columns([4, 2, 3, 3, 2], vertical_alignment="bottom")
    with choice:
        change = widgets.select("Rebuild the index", "change", list(CHANGES))
    with value:
        params = _wanted(work, change)
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    asked = (work.fingerprint, work.index_key, change, params)
    with go:
        st.button("Rebuild", type="primary", width="stretch", on_click=_REBUILT.set, args=(asked,))
    messages.note(REASONS[change])
    if work.opened is not None:
        messages.note(index_words.rebuilding(work.params, work.opened))
    if _REBUILT.get() != asked:
        heading.answer("What would another build of this index change?")
        messages.empty("Nothing is rebuilt yet.", "Choose a change and press Rebuild.")
        return
    with heading.until_ready(f"What would {change} change?"):
        found = jobs.ready(health.what_if(work, graph, change, params, k, ef))
    heading.answer(answer(found.result))
    if graph.codes is not None or graph.transform is not None:
        messages.note(STORED)
    _show(found.result, found.source)


def _wanted(work: Workspace, change: str) -> HnswParams:
    params = work.params
    if change == OTHER_M:
        usual = min(2 * params.m, 128)
        return replace(params, m=widgets.number("M", "m2", low=2, high=128, value=usual, step=1))
    if change == OTHER_EF:
        usual = min(2 * params.ef_construction, 2000)
        wider = widgets.number("ef_construction", "efc2", low=4, high=2000, value=usual, step=10)
        return replace(params, ef_construction=wider)
    return params


def answer(result: WhatIf) -> str:
    """What the rebuild changes: recall, unreachable items and cost, before and after."""
    before, after = result.before, result.after
    removed = f" ({count(result.removed, 'row')} left out)" if result.removed else ""
    return (
        f"Rebuilt {_words(result)}{removed}: recall@{before.k} at ef {before.ef:,} goes from "
        f"{percent(float(before.recall.mean()))} to {percent(float(after.recall.mean()))}, "
        f"unreachable items from {before.unreachable:,} to {after.unreachable:,}, distance "
        f"computations from {number(round(before.distance_computations.mean()))} to "
        f"{number(round(after.distance_computations.mean()))} a query."
    )


def _words(result: WhatIf) -> str:
    return {
        OTHER_M: f"with M {result.params.m:,}",
        OTHER_EF: f"with ef_construction {result.params.ef_construction:,}",
        "random order": "in random order",
        "lost items again": "with its lost items inserted again",
    }.get(result.change, result.change)


def _show(result: WhatIf, source: QuerySource) -> None:
    picture, change = st.columns([3, 2])
    with picture:
        chart.show(
            before_after(result, dark=chart.is_dark()),
            key="before_after",
            alt="Recall, lost items and distance computations before and after the rebuild",
            table=lambda: table(result),
        )
    with change:
        chart.show(
            recall_change(result, dark=chart.is_dark()),
            key="recall_change",
            alt="Number of queries whose recall rises, stays and falls",
        )
    messages.note(basis(result, source))
    if result.change in (OTHER_M, OTHER_EF):
        st.button("Use this index", on_click=health.adopt_change, args=(result,))


def basis(result: WhatIf, source: QuerySource) -> str:
    """Which queries both indexes answer, and how long the rebuild took."""
    return (
        f"{source.words(len(result.before.recall))}: the same queries before and after; built in "
        f"{seconds(result.seconds)}. Items are called not found when their own vector does not "
        "return them."
    )


def table(result: WhatIf) -> pd.DataFrame:
    """One line before and one after."""
    return pd.DataFrame(
        [_row("before", result.before), _row("after", result.after)],
        columns=[
            "index",
            "items",
            "M",
            "mean recall",
            "unreachable",
            "not found by own vector",
            "distance computations",
        ],
    )


def _row(name: str, health: Health) -> list[Any]:
    return [
        name,
        health.n,
        health.graph.m,
        round(float(health.recall.mean()), 5),
        health.unreachable,
        round(health.unfindable_share, 6),
        round(float(health.distance_computations.mean()), 1),
    ]
