"""Two indexes side by side: the session's, and a file or another build of the same items."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.figures import moved_answers
from core.gate import diff_words
from core.index import HnswGraph, HnswParams
from core.index.params import LARGEST_M
from core.studies import IndexDiff
from core.studies.inspection.index_diff import NO_ROW
from pages.ui import jobs
from pages.ui.controls import beam, widgets
from pages.ui.controls.declared import Options
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.results import index_diff, rebuilds
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace
from pages.ui.sidebar import index_file

QUESTION = "What changed from this index to another one?"
BUILD, FILE = "another build", "an index file"
WITH = Options("diff_with", "Compare this index with", (BUILD, FILE), in_sight=True)
LISTED = 1_000
OVERLAP_NOTE = (
    "Rank-biased overlap is 1 for equal answers and counts the first ranks most, p 0.9 ([Webber, "
    "Moffat & Zobel 2010](https://doi.org/10.1145/1852102.1852106)). Of several reasons the first "
    "of the list is told."
)


@dataclass(frozen=True, eq=False)
class Other:
    """An index to compare with; of: fingerprint of the data that it was brought to."""

    name: str
    graph: HnswGraph
    of: str


_FILE: Slot[Other | None] = Slot("diff_file", lambda: None)
_BUILT: Slot[tuple[Any, ...] | None] = Slot("diff_built", lambda: None)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Diff` of the Layers page."""
    kind, neighbors, width = st.columns([4, 3, 3], vertical_alignment="bottom")
    with kind:
        chosen = WITH.draw()
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    other = _file(work) if chosen == FILE else _build(work, graph, heading)
    if other is None:
        heading.answer(QUESTION)
        messages.empty(
            "Nothing is compared yet.",
            "Choose a file of an index of the same items."
            if chosen == FILE
            else "Choose the settings of the other build and press Build and compare.",
        )
        return
    found = jobs.ready(index_diff.compared(work, graph, other.graph, k, ef))
    rebuilt = index_diff.noise(work, graph, found) if found.moved.any() else None
    noise = "" if rebuilt is None else diff_words.noise(found, rebuilt)
    heading.answer(diff_words.answer(found, noise))
    messages.note(f"Before: this index. After: {plain(other.name)}. {basis(found)}")
    _show(found, names(work, graph, found))
    if found.moved.any():
        rebuilds.controls()
    if rebuilt is not None:
        messages.note(diff_words.noise_basis(rebuilt))


def _file(work: Workspace) -> Other | None:
    index_file.uploader_of_another(
        work.embeddings,
        "diff",
        lambda name, graph: _FILE.set(Other(name, graph, work.fingerprint)),
    )
    brought = _FILE.get()
    return brought if brought is not None and brought.of == work.fingerprint else None


def _build(work: Workspace, graph: HnswGraph, heading: Heading) -> Other | None:
    """The other build, once it was asked for."""
    params = _wanted(work)
    asked = (work.fingerprint, work.index_key, params)
    if _BUILT.get() != asked:
        return None
    with heading.until_ready(QUESTION):
        built = jobs.ready(index_diff.another_build(work, graph, params))
    name = f"M {params.m}, ef_construction {params.ef_construction:,}, seed {params.seed}"
    return Other(name, built, work.fingerprint)


def _wanted(work: Workspace) -> HnswParams:
    here = work.params
    links, construction, draw, go = st.columns([2, 2, 2, 2], vertical_alignment="bottom")
    with links:
        m = widgets.number("M", "diff_m", low=2, high=LARGEST_M, value=here.m, step=1)
    with construction:
        wide = here.ef_construction
        efc = widgets.number("ef_construction", "diff_efc", low=4, high=2000, value=wide, step=10)
    with draw:
        seed = widgets.number(
            "Seed",
            "diff_seed",
            low=0,
            high=2**31 - 1,
            value=here.seed + 1,
            step=1,
            help="Of the levels. The same settings with another seed show what a rebuild alone "
            "moves.",
        )
    params = replace(here, m=m, ef_construction=efc, seed=seed)
    asked = (work.fingerprint, work.index_key, params)
    with go:
        st.button(
            "Build and compare",
            type="primary",
            width="stretch",
            on_click=_BUILT.set,
            args=(asked,),
        )
    return params


def basis(found: IndexDiff) -> str:
    """What both indexes were asked."""
    if found.asked is None:
        return f"Both answer the same {found.queries:,} queries, which are no items of theirs."
    return (
        f"Both are searched for {found.queries:,} items that they hold with one vector, each left "
        "out of its own answer."
    )


def names(work: Workspace, graph: HnswGraph, found: IndexDiff) -> Callable[[int], str]:
    """The name of an item by its label; "id 7" for one that the session's index lacks."""
    moved = np.flatnonzero(found.moved)[:LISTED]
    shown = np.unique(np.concatenate([found.first[moved].ravel(), found.second[moved].ravel()]))
    several: list[npt.NDArray[Any]] = [found.labels[shown[shown != NO_ROW]]]
    several += [each[:LISTED] for each in (found.lost, found.gained, found.changed)]
    several += [] if found.asked is None else [found.asked[moved]]
    wanted = np.unique(np.concatenate(several))
    rows = np.minimum(np.searchsorted(graph.labels, wanted), graph.n - 1)
    known = graph.labels[rows] == wanted
    texts = items.names_of(work.embeddings, rows[known])
    named = dict(zip(wanted[known].tolist(), texts, strict=True))
    return lambda label: named.get(label, f"id {label}")


def _show(found: IndexDiff, name: Callable[[int], str]) -> None:
    if found.is_empty:
        return
    moved, picture = found.moved.any(), st.container()
    if moved:
        with picture:
            left, right = st.columns([3, 2])
            with left:
                chart.show(
                    chart.drawn(moved_answers, found, dark=chart.is_dark()),
                    key="moved_answers",
                    alt=diff_words.answer(found),
                )
            with right:
                st.markdown("**Why answers moved**")
                st.markdown("\n".join(f"- {plain(each)}" for each in diff_words.reasons(found)))
                messages.note(OVERLAP_NOTE)
        st.subheader("Queries whose answers moved")
        _table(diff_words.moved_table(found, name, LISTED), "moved_answers", found.moved.sum())
    changed = len(found.lost) + len(found.gained) + len(found.changed)
    if changed:
        st.subheader("Items")
        _table(diff_words.item_table(found, name, LISTED), "changed_items", changed)
    st.subheader("Links")
    _table(diff_words.layer_table(found), "changed_links", len(found.links))


def _table(rows: Any, name: str, count: int) -> None:
    tables.show(rows, hide_index=True, height=chart.table_height(rows, 320))
    if count > len(rows):
        messages.note(f"{len(rows):,} of {count:,} are listed.")
    downloads.download(rows, name)
