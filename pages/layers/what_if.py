"""The same data in an index built otherwise: before and after, side by side."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from core.figures import NoiseLine, before_after, rebuild_noise, recall_change
from core.index import HnswGraph, HnswParams
from core.studies import CHANGES, Health, RebuildSpread, WhatIf
from pages.ui import jobs
from pages.ui.controls import beam, widgets
from pages.ui.display import (
    chart,
    downloads,
    index_words,
    messages,
    noise_words,
    tables,
    verdict_words,
)
from pages.ui.display.heading import Heading
from pages.ui.display.noise_words import Judged
from pages.ui.display.text import count, number, percent, seconds
from pages.ui.jobs.key import Key, fingerprint
from pages.ui.results import expected, health, indexes, query_sources, rebuilds, verdicts
from pages.ui.results.health import WhatIfOf
from pages.ui.results.query_sources import QuerySource
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

OTHER_M, OTHER_EF, AGAIN = "other M", "other ef_construction", "lost items again"
SUGGESTED = "The census suggests it first: it fits the commonest cause of lost items."
REASONS = {
    "without duplicates": "Copies fill one another's links and lead nowhere else; one of each is "
    "kept. True neighbors are then those among the rows that are left.",
    OTHER_M: "More links per node: more ways to each item, and more memory.",
    OTHER_EF: "A wider beam while building finds better links for each node.",
    "random order": "Classes inserted one after the other leave few links between them; a random "
    "order mixes them.",
    AGAIN: "Lost items are inserted once more, which gives them new links, and links "
    "back from their neighbors. Under inner product it hardly helps: a short vector is "
    "hardly ever the nearest of another row.",
}
STORED = (
    "Both are indexes of the vectors as the file stores them, decoded or transformed, and the "
    "truth is of them, too: only the links differ."
)
COLUMNS = (
    "index",
    "items",
    "M",
    "mean recall",
    "unreachable",
    "not found by own vector",
    "distance computations",
)
RUNS_AT_MOST, FEWEST_RUNS = 20, 2  # kept; shown
_REBUILT: Slot[tuple[Any, ...] | None] = Slot("what_if", lambda: None)
_BEGUN: Slot[str] = Slot("what_if_begun", str)  # the change that was offered first
_RUNS: Slot[dict[Key, list[dict[str, object]]]] = Slot("what_if_runs", dict)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `What if` of the Layers page."""
    choice, value, neighbors, width, go = st.columns([4, 2, 3, 3, 2], vertical_alignment="bottom")
    judged = verdicts.verdict(work, graph)
    suggested = None if judged is None or judged.cause is None else judged.cause.fix
    changes = first(CHANGES, suggested)
    begun = _BEGUN.get()
    if begun != changes[0] and widgets.held("change", str, "") == begun:
        widgets.put(change=changes[0])  # the census came after the control was drawn
    _BEGUN.set(changes[0])
    with choice:
        change = widgets.select("Rebuild the index", "change", changes)
    with value:
        params = _wanted(work, change)
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    asked = (work.fingerprint, work.index_key, change, params)
    with go:
        st.button("Rebuild", type="primary", width="stretch", on_click=_REBUILT.set, args=(asked,))
    fits = f" {SUGGESTED}" if change == suggested else ""
    messages.note(f"{REASONS[change]}{fits}")
    if work.opened is not None:
        messages.note(index_words.rebuilding(work.params, work.opened))
    if _REBUILT.get() != asked:
        heading.answer("What would another build of this index change?")
        messages.empty("Nothing is rebuilt yet.", "Choose a change and press Rebuild.")
        messages.note(f"Expected time: {_expected(work, change, params, ef)}.")
        _runs(work)
        return
    with heading.until_ready(f"What would {change} change?"):
        found = jobs.ready(health.what_if(work, graph, change, params, k, ef))
    spread = rebuilds.measured(work, found.source, work.params, found.result.before.k)
    heading.answer(answer(found.result, spread))
    _note(work, found, (change, params, k, ef))
    if graph.codes is not None or graph.transform is not None:
        messages.note(STORED)
    _show(found.result, found.source, spread)
    _runs(work)


def first(changes: Sequence[str], suggested: str | None) -> list[str]:
    """The changes, the one that the census suggests before the others.

    >>> first(("a", "b", "c"), "c"), first(("a", "b"), None)
    (['c', 'a', 'b'], ['a', 'b'])
    """
    return sorted(changes, key=lambda change: change != suggested)


def _expected(work: Workspace, change: str, params: HnswParams, ef: int) -> str:
    """How long the rebuild will take, in words."""
    built_in, data = indexes.build_seconds(work), work.embeddings
    rate = expected.seconds_per_unit(built_in, data.n, data.dim, work.params)
    units = expected.rebuild(
        data.n, params, ef, health.WHAT_IF_QUERIES, census_of_all=change == AGAIN
    )
    if query_sources.lacks_held_out(work):
        units += expected.build(data.n, work.params)
    seconds = expected.expected_seconds(expected.Costs({}, params.threads, units), rate)
    return expected.words(seconds, measured=built_in is not None)


def usual_values(params: HnswParams) -> tuple[int, int]:
    """M and ef_construction to try first: twice what they are, and at least the usual ones."""
    m = max(verdict_words.USUAL_M, 2 * params.m)
    wide = max(verdict_words.USUAL_EF, 2 * params.ef_construction)
    return min(m, verdict_words.LARGEST_M), min(wide, verdict_words.LARGEST_EF)


def _wanted(work: Workspace, change: str) -> HnswParams:
    params = work.params
    usual, wide = usual_values(params)
    if change == OTHER_M:
        return replace(params, m=widgets.number("M", "m2", low=2, high=128, value=usual, step=1))
    if change == OTHER_EF:
        wider = widgets.number("ef_construction", "efc2", low=4, high=2000, value=wide, step=10)
        return replace(params, ef_construction=wider)
    return params


def answer(result: WhatIf, spread: RebuildSpread | None = None) -> str:
    """What the rebuild changes: recall, unreachable items and cost, before and after.

    spread: of rebuilds of the index as it is, by which it is told whether that is more than chance.
    """
    before, after = result.before, result.after
    removed = f" ({count(result.removed, 'row')} left out)" if result.removed else ""
    told = (
        f"Rebuilt {_words(result)}{removed}: recall@{before.k} at ef {before.ef:,} goes from "
        f"{percent(float(before.recall.mean()))} to {percent(float(after.recall.mean()))}, "
        f"unreachable items from {before.unreachable:,} to {after.unreachable:,}, distance "
        f"computations from {number(round(before.distance_computations.mean()))} to "
        f"{number(round(after.distance_computations.mean()))} a query."
    )
    return told if spread is None else f"{told} {noise_words.sentence(judged(result, spread))}"


def judged(result: WhatIf, spread: RebuildSpread) -> tuple[Judged, Judged]:
    """Recall and cost of the rebuild against rebuilds of the index as it is."""
    sides = result.before, result.after
    recalls = (float(side.recall.mean()) for side in sides)
    costs = (float(side.distance_computations.mean()) for side in sides)
    ef = result.before.ef
    return (
        Judged(f"recall@{spread.k}", spread.recall_change(ef, *recalls), in_points=True),
        Judged("distance computations", spread.computations_change(ef, *costs)),
    )


def noise_lines(result: WhatIf, spread: RebuildSpread) -> list[NoiseLine]:
    """The same two as a figure draws them."""
    ef, place = result.before.ef, spread.at(result.before.ef)
    recall, costs = judged(result, spread)
    sides = "before", f"rebuilt {_words(result)}"
    return [
        NoiseLine(
            f"mean recall@{spread.k} at ef {ef:,}",
            recall.change,
            tuple(spread.recall[:, place].tolist()),
            sides,
        ),
        NoiseLine(
            "mean distance computations per query",
            costs.change,
            tuple(spread.distance_computations[:, place].tolist()),
            sides,
        ),
    ]


def _words(result: WhatIf) -> str:
    return {
        OTHER_M: f"with M {result.params.m:,}",
        OTHER_EF: f"with ef_construction {result.params.ef_construction:,}",
        "random order": "in random order",
        "lost items again": "with its lost items inserted again",
    }.get(result.change, result.change)


def _show(result: WhatIf, source: QuerySource, spread: RebuildSpread | None) -> None:
    picture, change = st.columns([3, 2])
    with picture:
        chart.show(
            chart.drawn(before_after, result, dark=chart.is_dark()),
            key="before_after",
            alt="Recall, lost items and distance computations before and after the rebuild",
            table=lambda: table(result, spread),
        )
    with change:
        chart.show(
            chart.drawn(recall_change, result, dark=chart.is_dark()),
            key="recall_change",
            alt="Number of queries whose recall rises, stays and falls",
        )
        if spread is not None:
            chart.show(
                chart.drawn(rebuild_noise, noise_lines(result, spread), dark=chart.is_dark()),
                key="rebuild_noise",
                alt=noise_words.sentence(judged(result, spread)),
            )
        rebuilds.controls()
    messages.note(basis(result, source))
    if spread is not None:
        messages.note(noise_words.basis(spread))
    if result.change in (OTHER_M, OTHER_EF):
        st.button("Use this index", on_click=health.adopt_change, args=(result,))


def basis(result: WhatIf, source: QuerySource) -> str:
    """Which queries both indexes answer, and how long the rebuild took."""
    return (
        f"{source.words(len(result.before.recall))}: the same queries before and after; built in "
        f"{seconds(result.seconds)}. Items are called not found when their own vector does not "
        "return them."
    )


def _note(work: Workspace, found: WhatIfOf, asked: tuple[Any, ...]) -> None:
    """Keep the lines of a run; two runs at the same k and ef share the line of the index as is."""
    runs = _RUNS.get()
    runs[indexes.name_of(work), fingerprint((*asked, found.source.kind))] = run_lines(found)
    for key in list(runs)[:-RUNS_AT_MOST]:
        del runs[key]


def _runs(work: Workspace) -> None:
    """All runs of this index, side by side."""
    lines = [run for (index, _), run in _RUNS.get().items() if index == indexes.name_of(work)]
    if len(lines) < FEWEST_RUNS:
        return
    st.subheader("Runs")
    frame = runs_table(lines)
    tables.show(frame, hide_index=True, height=chart.table_height(frame, 420))
    downloads.download(frame, "what_if_runs")


def run_lines(found: WhatIfOf) -> list[dict[str, object]]:
    """A run as two lines, of the index as it is and of the rebuilt one."""
    result = found.result
    about = {"k": result.before.k, "ef": result.before.ef, "queries": found.source.kind}
    names = ("as it is", f"rebuilt {_words(result)}")
    took = (None, round(result.seconds, 2))
    lines = (_cells(_row(names[0], result.before)), _cells(_row(names[1], result.after)))
    return [
        {**line, "built in, s": seconds, **about} for line, seconds in zip(lines, took, strict=True)
    ]


def _cells(values: list[Any]) -> dict[str, object]:
    return dict(zip(COLUMNS, values, strict=True))


def runs_table(runs: Sequence[list[dict[str, object]]]) -> pd.DataFrame:
    """Each run on a line, after the index as it is at the same k, ef and queries, told once."""
    groups: dict[tuple[object, ...], list[dict[str, object]]] = {}
    for before, after in runs:
        group = groups.setdefault((before["k"], before["ef"], before["queries"]), [before])
        group.append(after)
    return pd.DataFrame([line for group in groups.values() for line in group])


def table(result: WhatIf, spread: RebuildSpread | None = None) -> pd.DataFrame:
    """One line before and one after; with rebuilds, how both figures stand against their noise."""
    frame = pd.DataFrame(
        [_row("before", result.before), _row("after", result.after)],
        columns=list(COLUMNS),
    )
    if spread is None:
        return frame
    cells = [noise_words.cell(each) for each in judged(result, spread)]
    return frame.assign(**{"recall against rebuilds": ["", cells[0]], "cost": ["", cells[1]]})


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
