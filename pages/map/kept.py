"""The selection as a thing with a name: kept, combined, taken along, used on other pages."""

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.data.sheets import csv_text
from core.errors import CoreError
from core.studies import KeepRows, TakeColumn, WriteTag
from core.studies.selection.steps import combined, inverted, table_of
from pages.map import selection
from pages.ui.controls import page_links, queries
from pages.ui.display import downloads, items, messages
from pages.ui.display.text import count, plain
from pages.ui.session import selections, versions
from pages.ui.session.selections import Kept, selected_group
from pages.ui.session.slot import Slot, widget_value
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
NAME, TAG_COLUMN, TAG = "_selection_name", "_tag_column", "_tag"
USUAL_COLUMN = "tag"
HOW = {"and": "Rows of both", "or": "Rows of either", "without": "Without its rows"}
RECALL_HELP = (
    "Each of its rows is a row of the index, and is left out of its own answer. Rows of an index "
    "are easier to find than new queries."
)
GROUP_HELP = "Errors at the threshold, of pairs within the selection, outside of it and across."
SUBSET_HELP = (
    "A set of these rows alone, with its own index and map; Back to the whole set undoes it."
)
_PROBLEM: Slot[str] = Slot("selection_problem", str)


def show(work: Workspace, rows: Rows) -> None:
    """What can be done with the selected rows."""
    embeddings = work.embeddings
    name = current_name(embeddings)
    with st.container(horizontal=True, vertical_alignment="center"):
        messages.note(f"{count(len(rows), 'item')} selected.")
        clear = selection.clear
        st.button("Clear the selection", on_click=clear, key="_clear_selection", type="tertiary")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Name of the selection",
            value=name,
            key=_key_of(NAME, embeddings),
            max_chars=selections.LONGEST_NAME,
            label_visibility="collapsed",
        )
        st.button("Keep", on_click=_keep, args=(embeddings, rows), key="_selection_keep")
        st.button("Invert", on_click=_invert, args=(embeddings, rows), key="_selection_invert")
    with st.container(horizontal=True):
        _use(work, rows)
        with st.popover("Tag"):
            _tags(work, rows)
        _downloads(embeddings, rows)
    _show_problem()


def show_kept(work: Workspace, rows: Rows) -> None:
    """The kept selections: taken up again, combined with the present one, renamed, deleted."""
    kept = selections.kept(work.embeddings)
    if not kept:
        return
    with st.popover(f"Kept selections ({len(kept)})"):
        for place, each in enumerate(kept):
            _kept(work.embeddings, rows, each, place)
    _show_problem()


def show_way_back(work: Workspace) -> None:
    """On a subset, say so, with the way back to the set that it was opened from."""
    place = versions.whole(work)
    if place is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        messages.note(f"A subset: {plain(work.embeddings.name)}.")
        st.button(
            "Back to the whole set", key="_subset_back", on_click=versions.go_to, args=(place,)
        )


def current_name(embeddings: EmbeddingSet) -> str:
    """What the present selection is called unless the visitor names it otherwise."""
    taken = [each.name for each in selections.kept(embeddings)]
    return selection.name() or selections.free_name(taken)


def csv_of_tags(embeddings: EmbeddingSet, column: str) -> str:
    """The rows that have a tag in a column, with it, as CSV."""
    tags = embeddings.metadata[column]
    rows = np.flatnonzero(tags.notna().to_numpy(dtype=bool))
    frame = table_of(embeddings, rows)[["row"]].assign(tag=tags.to_numpy(dtype=object)[rows])
    return csv_text(frame)


def _use(work: Workspace, rows: Rows) -> None:
    embeddings = work.embeddings
    with st.popover("Use"):
        st.button(
            "Open as a subset",
            key="_selection_subset",
            help=SUBSET_HELP,
            on_click=_guarded,
            args=(partial(_open_subset, embeddings, rows),),
            disabled=len(rows) == embeddings.n,
        )
        st.button(
            "As the queries on Recall",
            key="_selection_recall",
            help=RECALL_HELP,
            on_click=_to_recall,
            args=(embeddings, rows),
        )
        if embeddings.labels is not None:
            st.button(
                "As a group on Thresholds",
                key="_selection_group",
                help=GROUP_HELP,
                on_click=_to_thresholds,
                args=(embeddings, rows),
            )


def _tags(work: Workspace, rows: Rows) -> None:
    embeddings, own = work.embeddings, work.embeddings.tags
    column = st.text_input("Column", value=own[-1] if own else USUAL_COLUMN, key=TAG_COLUMN)
    st.text_input("Tag", value=current_name(embeddings), key=_key_of(TAG, embeddings))
    st.button(
        f"Write it at {count(len(rows), 'row')}",
        key="_tag_write",
        on_click=_guarded,
        args=(partial(_write_tag, work, rows),),
        help="The vectors stay, so that index, map and curves do. A tag colors, groups and "
        "filters like any column.",
    )
    for name in own:
        told = plain(name)
        downloads.offer(
            f"Download {told}",
            partial(csv_of_tags, embeddings, name),
            "tags.csv",
            "text/csv",
            key=f"_tag_csv_{name}",
        )
        st.button(
            f"Take {told} away",
            key=f"_tag_away_{name}",
            on_click=_guarded,
            args=(partial(versions.apply, embeddings, TakeColumn(name)),),
        )
    if column in embeddings.metadata.columns and column not in own:
        messages.note("The data has a column of this name; choose another for tags.")


def _downloads(embeddings: EmbeddingSet, rows: Rows) -> None:
    pictures = list(items.column_config(embeddings))
    left_out = [name for name in pictures if name in embeddings.metadata.columns]
    with st.popover("Download"):
        downloads.offer(
            "CSV",
            lambda: csv_text(table_of(embeddings, rows, left_out)),
            "selection.csv",
            "text/csv",
            key="_selection_csv",
        )
        downloads.offer(
            "Parquet, with the vectors",
            lambda: parquet_of(embeddings, rows),
            "selection.parquet",
            key="_selection_parquet",
        )


def parquet_of(embeddings: EmbeddingSet, rows: Rows) -> bytes:
    """The rows with all of their columns and their vectors, as a parquet file."""
    frame, name = table_of(embeddings, rows), "vector"
    while name in frame.columns:
        name += " "
    frame[name] = list(embeddings.vectors[rows])
    content = io.BytesIO()
    frame.to_parquet(content, index=False)
    return content.getvalue()


def _kept(embeddings: EmbeddingSet, rows: Rows, each: Kept, place: int) -> None:
    st.markdown(f"**{plain(each.name)}**, {count(len(each.rows), 'row')}")
    with st.container(horizontal=True):
        buttons: list[tuple[str, Callable[..., None], tuple[Any, ...]]] = [
            ("Take up", _select, (embeddings, each.rows, each.name)),
            ("Delete", selections.delete, (embeddings, each.name)),
        ]
        if len(rows):
            buttons += [
                (words, _select, (embeddings, combined(rows, each.rows, how), ""))
                for how, words in HOW.items()
            ]
        for label, call, args in buttons:
            st.button(label, key=f"_kept_{place}_{label}", on_click=call, args=args)
    key = f"_kept_name_{place}_{each.name}"
    st.text_input(
        "Another name",
        value=each.name,
        key=key,
        max_chars=selections.LONGEST_NAME,
        on_change=_rename,
        args=(embeddings, each.name, key),
    )


def _select(embeddings: EmbeddingSet, rows: Rows, name: str) -> None:
    selection.put(embeddings, rows, name)


def _kept_as(embeddings: EmbeddingSet, rows: Rows) -> str:
    typed = selections.clean(str(widget_value(_key_of(NAME, embeddings)) or "")) or current_name(
        embeddings
    )
    selections.keep(embeddings, typed, rows)
    selection.put(embeddings, rows, typed)
    return typed


def _keep(embeddings: EmbeddingSet, rows: Rows) -> None:
    _kept_as(embeddings, rows)


def _invert(embeddings: EmbeddingSet, rows: Rows) -> None:
    _select(embeddings, inverted(rows, embeddings.n), "")


def _rename(embeddings: EmbeddingSet, name: str, key: str) -> None:
    new = str(widget_value(key) or "")
    if not selections.rename(embeddings, name, new):
        _PROBLEM.set(f"{new or 'An empty name'} could not be used: names must differ.")
    elif selection.name() == name:
        selection.put(embeddings, selection.rows(embeddings), selections.clean(new))


def _open_subset(embeddings: EmbeddingSet, rows: Rows) -> None:
    name = _kept_as(embeddings, rows)
    versions.apply(embeddings, KeepRows(name, rows))


def _to_recall(embeddings: EmbeddingSet, rows: Rows) -> None:
    name = _kept_as(embeddings, rows)
    page_links.leave_for("recall", source=queries.SELECTED, selection=name)


def _to_thresholds(embeddings: EmbeddingSet, rows: Rows) -> None:
    name = _kept_as(embeddings, rows)
    page_links.leave_for("thresholds", section="Groups", groups=selected_group(name))


def _write_tag(work: Workspace, rows: Rows) -> None:
    column = selections.clean(str(widget_value(TAG_COLUMN) or ""))
    if column in work.embeddings.metadata.columns and column not in work.embeddings.tags:
        _PROBLEM.set(f"The data has a column {column} already. Choose another name for the tags.")
        return
    tag = selections.clean(str(widget_value(_key_of(TAG, work.embeddings)) or ""))
    versions.apply(work.embeddings, WriteTag(column, tag, rows))


def _key_of(field: str, embeddings: EmbeddingSet) -> str:
    """Another key for each name that is proposed, for what was typed stays under a key."""
    return f"{field} {current_name(embeddings)}"


def _guarded(step: Callable[[], None]) -> None:
    """What a step refuses is told beside the buttons in the next run."""
    try:
        step()
    except CoreError as error:
        _PROBLEM.set(str(error))


def _show_problem() -> None:
    if _PROBLEM.get():
        messages.warn(_PROBLEM.get())
        _PROBLEM.set("")
