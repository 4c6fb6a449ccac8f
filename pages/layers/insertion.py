"""How an item enters the graph, played step by step."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.figures import ShownInsertion
from core.index import HnswGraph
from core.index.insertion.made import ROWS_AT_MOST
from pages.layers import inserted, insertion_player
from pages.layers.inserted import LAST, OWN_TURN, Moment
from pages.ui import jobs
from pages.ui.controls import item_picker, query, widgets
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

QUESTION = "How does an item enter the graph?"
BUILT_AT_ONCE = 20_000  # rows; a longer build waits to be asked for
WHEN_HELP = (
    "After all others: the item joins an index of all other rows. At its own turn: the index holds "
    "the rows before it, as when an index is built in order of rows."
)
PICTURE = (
    "Distances from the middle are to scale; angles are those of the first two principal "
    "components of the candidates, so distances between two candidates cannot be read off. The "
    "triangle has its three sides to scale, under cosine as chords; right of the dashed line is "
    "what is nearer to the kept neighbor. The rule is getNeighborsByHeuristic2 of "
    "[hnswlib 0.8.0](https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h), algorithm 4 "
    "of [Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320). Keys: arrows step, Page Up and "
    "Page Down change the part, the space bar plays."
)
_ASKED: Slot[tuple[object, ...] | None] = Slot("insertion", lambda: None)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Insertion` of the Layers page."""
    pick, when_slot, buttons = st.columns([5, 4, 5], vertical_alignment="bottom")
    with pick:
        item_picker.pick(work.embeddings, **query.of_item(query.INSERTED))
    when = LAST
    if work.opened is None:
        with when_slot:
            when = widgets.segmented("Inserted", "moment", [LAST, OWN_TURN], help=WHEN_HELP)
    with buttons, st.container(horizontal=True, horizontal_alignment="right"):
        upper = st.container(width="content")
        with st.popover("More"):
            query.more(work.embeddings, control=query.INSERTED)
    asked = query.chosen(work.embeddings, control=query.INSERTED)
    if work.opened is None:
        with upper:
            _offer_upper(inserted.upper_rows(work.params, graph), asked.item)
    at = inserted.moment(work, asked, when)
    if not _may_build(work, at, heading):
        return
    made = jobs.ready(inserted.insertion(work, at))
    shown = inserted.shown(work, at, made)
    heading.answer(inserted.answer(shown))
    insertion_player.show(inserted.payload(shown, chart.is_dark()), key="insertion")
    messages.note(f"{inserted.basis(work, at)} {inserted.proof(made)}")
    messages.note(PICTURE)
    _tables(work, at, shown)


def _may_build(work: Workspace, at: Moment, heading: Heading) -> bool:
    """Whether the index before may be built now; says why not."""
    rows = len(at.rows)
    if rows > ROWS_AT_MOST:
        heading.answer(QUESTION)
        messages.empty(
            f"An insertion is played on up to {ROWS_AT_MOST:,} items; this one comes after "
            f"{rows:,}.",
            "Choose an item of a lower row and let it be inserted at its own turn."
            if at.into is None
            else "Open a smaller index.",
        )
        return False
    asked = (work.fingerprint, work.index_key, at.asked.item, at.when)
    if at.into is not None or rows <= BUILT_AT_ONCE or _ASKED.get() == asked:
        return True
    heading.answer(QUESTION)
    messages.empty(
        f"The index of the {rows:,} items before is built by one thread, which takes a while.",
        "Press Build and insert, or choose an item of a lower row at its own turn.",
    )
    st.button("Build and insert", type="primary", on_click=_ASKED.set, args=(asked,))
    return False


def _offer_upper(upper: npt.NDArray[np.int64], item: int) -> None:
    """A button to the next item of a level above 0."""
    if len(upper) == 0:
        return
    after = upper[upper > item]
    st.button(
        "Next of an upper layer",
        help="The next item that drew level 1 or higher, at its own turn.",
        on_click=_put,
        args=(int(after[0] if len(after) else upper[0]),),
    )


def _put(row: int) -> None:
    widgets.put(item=row, moment=OWN_TURN)


def _tables(work: Workspace, at: Moment, shown: ShownInsertion) -> None:
    trace = shown.made.trace
    if not trace.layers:
        return
    layers = [made.layer for made in trace.layers]
    layer = layers[0]
    if len(layers) > 1:
        layer = widgets.select("Tables of layer", "insertion_layer", layers, value=0)
    made = next(one for one in trace.layers if one.layer == layer)
    names = dict(shown.names)
    candidates, back = st.columns(2)
    with candidates:
        st.markdown("Candidates")
        chart.show_table(
            lambda: inserted.candidates_table(made.selection, at, work.embeddings, names),
            key="candidates",
            csv_name=f"candidates_layer_{layer}",
        )
    with back:
        st.markdown("Links back")
        chart.show_table(
            lambda: inserted.back_table(made, at, names),
            key="links_back",
            csv_name=f"links_back_layer_{layer}",
        )
