"""The items that the index loses: how many, which, and why."""

import numpy as np
import pandas as pd
import streamlit as st

from core.index import Census, HnswGraph
from core.studies import CAUSES, LostItems
from core.studies.inspection.lost import COPIES
from pages.ui.controls import page_links, play_table
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.text import count, number, percent, plain
from pages.ui.results import health
from pages.ui.results.health import LOST
from pages.ui.results.query_sources import item_controls
from pages.ui.session.workspace import Workspace

LISTED = 1_000


def show(work: Workspace, graph: HnswGraph, census: Census) -> None:
    """The census in words, and the lost items by name."""
    st.subheader("Census")
    messages.note(words(census))
    lost = health.lost(graph, census)
    if lost is None:
        return
    if len(lost.rows) == 0:
        st.success(f"No item is lost at ef {census.ef:,}.")
        return
    for cause in pd.Series(lost.cause).value_counts().index:
        st.markdown(cause_words(lost, str(cause)))
    listed = table(work, lost, LISTED)
    play_table.show(
        listed,
        "lost",
        lambda place: {**item_controls(int(lost.rows[place])), "ef": census.ef},
        height=chart.table_height(listed, 320),
        column_config=items.column_config(work.embeddings),
    )
    if len(lost.rows) > LISTED:
        messages.note(f"The first {LISTED:,} are listed; the file holds all {len(lost.rows):,}.")
    with st.container(horizontal=True, vertical_alignment="center"):
        downloads.download(table(work, lost, len(lost.rows)), "lost_items")
        page_links.to_page("map", "Show them on the map", color=LOST)


def words(census: Census) -> str:
    """How many items are unreachable and not found, and of how many."""
    interval = ""
    if census.is_sample:
        low, high = census.interval
        interval = (
            f" ({len(census.checked):,} of {census.n:,} items searched, drawn with seed "
            f"{census.seed}; 95 % interval {percent(low)} to {percent(high)})"
        )
    return (
        f"Unreachable: {count(len(census.unreachable), 'item')}; no walk along links leads there "
        "from the entry point, so no ef returns them. Not found by their own vector at ef "
        f"{census.ef:,}: {count(len(census.unfindable), 'item')}, "
        f"{percent(census.unfindable_share)}{interval}. The item itself, or an exact copy, comes "
        f"first for {percent(census.self_recall)}. Having links in does not make an item findable."
    )


def cause_words(lost: LostItems, cause: str) -> str:
    """How many items are lost by a cause, and what it does, in Markdown.

    Items of which copies are in the way need not have copies themselves: how many have is said.
    """
    of_it = lost.cause == cause
    own = int(np.count_nonzero(lost.duplicates[of_it]))
    copies = f" {own:,} of them {'has' if own == 1 else 'have'} exact copies themselves."
    return (
        f"**{plain(cause)}: {np.count_nonzero(of_it):,}.**"
        f"{copies if cause == COPIES else ''} {CAUSES[cause]}"
    )


def table(work: Workspace, lost: LostItems, most: int) -> pd.DataFrame:
    """The first `most` lost items, each with its cause and what is known of it."""
    return items.table(
        work.embeddings,
        lost.rows[:most],
        cause=lost.cause[:most],
        lost=np.where(lost.unreachable, "unreachable", "not found")[:most],
        links_in=lost.in_degree[:most],
        exact_copies=lost.duplicates[:most],
        norm_rank=[number(float(rank)) for rank in lost.norm_rank[:most]],
    )
