"""Beside the map: what is filtered and kept, and the items that are selected, marked or near."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.data.filters import Mask
from core.distances import metric_name
from core.index import HnswGraph, Neighbors
from pages.map import explained, filter, layout_controls, selection, welcome
from pages.map import kept as kept_selections
from pages.map.drawing import Rows
from pages.map.marks import Marked
from pages.ui.display import downloads, items, messages, tables
from pages.ui.display.text import plain
from pages.ui.results import truth_words
from pages.ui.session.workspace import Workspace

TABLE_HEIGHT = 590
LISTED_AT_MOST = 5_000  # selected rows in the table


def show_filters(work: Workspace) -> Mask | None:
    """The way back, the filters and the kept selections; (n,) rows that pass, None: all."""
    kept_selections.show_way_back(work)
    filters = filter.filters(work)
    passing = filter.shown(work.embeddings, filters)
    filter.show_count(work, filters, passing)
    filter.show(work, filters)
    kept_selections.show_kept(work, selection.rows(work.embeddings))
    return passing


@dataclass(frozen=True, eq=False)
class Listed:
    """What may be listed. item: that is chosen, or the usual one. near: its k true nearest, or None
    while they are sought. passing: (n,) rows that the filters show, None: all.
    """

    item: int
    k: int
    near: Neighbors | None
    marked: Marked
    selected: Rows
    passing: Mask | None


def show(work: Workspace, graph: HnswGraph | None, listed: Listed) -> None:
    """The list of items, with what can be done with a selection."""
    is_chosen = len(listed.selected) > 0 or "item" in st.query_params
    is_new = not is_chosen and welcome.show(work)  # it gives way to what was chosen
    match selection.listed(listed.marked.words, listed.selected):
        case selection.SELECTED:
            table = _selected(work, listed.selected, listed.passing)
        case selection.MARKED:
            messages.note(plain(listed.marked.words))
            table = items.table(work.embeddings, listed.marked.drawn, **listed.marked.columns)
        case _:
            table = _nearest(work, graph, listed)
    tables.show(
        table,
        hide_index=True,
        height=TABLE_HEIGHT - (welcome.HEIGHT if is_new else 0),
        column_config=items.column_config(work.embeddings),
    )
    downloads.download(table, "items")


def _selected(work: Workspace, selected: Rows, passing: Mask | None) -> pd.DataFrame:
    embeddings = work.embeddings
    kept_selections.show(work, selected)
    layout_controls.offer_alone(embeddings, selected)
    explained.show(embeddings, selected, embeddings.tags)
    in_sight = filter.among(selected, passing)
    if len(in_sight) < len(selected):
        hidden = len(selected) - len(in_sight)
        messages.note(f"{hidden:,} of {len(selected):,} selected rows are filtered out.")
    if len(in_sight) > LISTED_AT_MOST:
        messages.note(f"The first {LISTED_AT_MOST:,} are listed; the download has all.")
    return items.table(embeddings, in_sight[:LISTED_AT_MOST])


def _nearest(work: Workspace, graph: HnswGraph | None, listed: Listed) -> pd.DataFrame:
    embeddings, near = work.embeddings, listed.near
    name = plain(items.name_of(embeddings, listed.item))
    metric = metric_name(work.params.metric)
    messages.note(f"The {listed.k} true nearest to **{name}**, by {metric} distance.")
    truth_words.show(work, graph)
    nearest = np.array([listed.item]) if near is None else near.ids[0]
    return items.table(embeddings, nearest, **items.distances(near))
