"""Which rows are shown: filters by columns, kept for the data, written in the address."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.data import EmbeddingSet
from core.data.filters import (
    Filter,
    Mask,
    Range,
    fits,
    from_text,
    passes,
    to_text,
    with_filter,
)
from core.data.histograms import Histogram, cross_filtered, histogram
from core.figures.histograms.page import (
    histograms_content,
    histograms_script,
    histograms_style,
)
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import chart, messages
from pages.ui.display.text import count, plain
from pages.ui.jobs import Progress
from pages.ui.jobs.key import fingerprint
from pages.ui.session.slot import Kept, Slot, widget_value
from pages.ui.session.workspace import Workspace

LINK, KEY, OPEN = "filter", "map_filter", "histograms"
LINK_AT_MOST = 1_000  # letters; longer filters are kept in the session alone
COLUMNS_AT_MOST = 30
LOST_AT_MOST = 80  # letters of a part that could not be used
NAMED_AT_MOST = 4  # values of a filter in words
HELP = (
    "One small histogram for each column: drag over numbers or dates, click values. Rows must pass "
    "every filter; each histogram shows what the filters of the other columns leave of it, before "
    "what is there without them. Hidden rows are left out of the map, of what is selected or "
    "marked from then on, and of the tables."
)
_HELD: Slot[tuple[str, tuple[Filter, ...]]] = Slot(
    "map_filters",
    lambda: ("", ()),
    kept=Kept(
        "The filters of the map could not be opened",
        to_parts=lambda held: held if held[1] else None,
    ),
)
_LOST: Slot[str] = Slot("map_filters_lost", str)
_SEEN: Slot[str] = Slot("map_filters_in_link", str)
_element = st.components.v2.component(
    "nearfield_histograms",
    html='<div class="nfh"></div>',
    css=histograms_style(),
    js=histograms_script(),
)


def filters(work: Workspace) -> tuple[Filter, ...]:
    """The filters of this data that fit its columns; a link's win. Once in a run, before `shown`.

    What a link asks for and is no filter, or names no column, is told.
    """
    name, frame = work.embeddings.bare.fingerprint, work.embeddings.metadata
    held = _HELD.get()[1] if _HELD.get()[0] == name else ()
    asked, context = st.query_params.get(LINK), get_script_run_ctx()
    came_back = context is not None and context.is_history_navigation
    if asked is not None and asked != _SEEN.get():
        read, refused = from_text(asked)
        held = tuple(each for each in read if fits(frame, each))
        lost = [*refused, *(each.column for each in read if not fits(frame, each))]
        _LOST.set(lost[0][:LOST_AT_MOST] if lost else "")
    elif asked is None and came_back:
        held = ()
    held = tuple(each for each in held if fits(frame, each))
    _HELD.set((name, held))
    _write(to_text(held))
    return held


@jobs.cached
def shown(embeddings: EmbeddingSet, held: tuple[Filter, ...]) -> Mask | None:
    """(n,) the rows that pass all filters; None where there is none."""
    if not held:
        return None
    every = np.ones(embeddings.n, dtype=np.bool_)
    for each in held:
        every &= passes(embeddings.metadata, each)
    every.setflags(write=False)
    return every


def among(rows: npt.NDArray[np.int64], mask: Mask | None) -> npt.NDArray[np.int64]:
    """The rows that are shown, in their order."""
    return rows if mask is None else rows[mask[rows]]


def both(mask: Mask | None, other: Mask | None) -> Mask | None:
    """(n,) rows of both masks, where None has all."""
    if mask is None or other is None:
        return other if mask is None else mask
    return mask & other


def link() -> str:
    """The filters as the address has them; "" for none and where they are too long for it."""
    text = to_text(_HELD.get()[1])
    return text if len(text) <= LINK_AT_MOST else ""


def show_count(work: Workspace, held: tuple[Filter, ...], mask: Mask | None) -> None:
    """How many rows are shown of how many, by which filters, and the way back to all."""
    if _LOST.get():
        messages.warn(f"A part of the link's filter could not be used: {_LOST.get()}")
    total = work.embeddings.n
    if mask is None:
        messages.note(f"**{total:,} of {total:,} shown**")
        return
    words = "; ".join(plain(filter_words(each)) for each in held)
    with st.container(horizontal=True, vertical_alignment="center"):
        messages.note(f"**{int(mask.sum()):,} of {total:,} shown**: {words}.{_link_words()}")
        st.button("Show all", key="_filter_show_all", on_click=clear, type="tertiary")


def show(work: Workspace, held: tuple[Filter, ...]) -> None:
    """The histograms, where they are switched on."""
    if not widgets.toggle("Filter by columns", OPEN, help=HELP):
        return
    embeddings = work.embeddings
    found = _histograms.need(embeddings)
    if found is None:
        return
    drawn, left_out = found.value
    if not drawn:
        messages.empty(
            "No column has values that repeat, numbers or dates.",
            "Add a table of metadata on the Data page.",
        )
        return
    _, counts = cross_filtered(embeddings.metadata, drawn, held)
    content = histograms_content(drawn, counts, held)
    name = found.fingerprint
    _element(
        data={"columns": content, "dark": chart.is_dark(), "drawn": name},
        key=KEY,
        on_done_change=lambda: _take(embeddings, drawn, name),
        height="content",
    )
    if left_out:
        messages.note(f"The first {len(drawn)} columns; {count(left_out, 'more')} left out.")


def clear() -> None:
    """Let all filters go; a callback."""
    _LOST.set("")
    _HELD.set((_HELD.get()[0], ()))


def after_event(
    drawn: Sequence[Histogram], held: tuple[Filter, ...], told: Any
) -> tuple[Filter, ...]:
    """The filters after what the element tells; unchanged where it tells none of its events."""
    if not isinstance(told, dict) or not _is_below(told.get("column"), len(drawn)):
        return held
    own = drawn[told["column"]]
    before = next((each for each in held if each.column == own.column), None)
    bars = len(own.names)
    match told.get("does"):
        case "clear":
            return with_filter(held, own.column, None)
        case "toggle" if _is_below(told.get("bar"), bars + 1):
            return with_filter(held, own.column, own.toggled(told["bar"], before))
        case "brush" if own.kind != "category":
            first, last = told.get("first", -1), told.get("last", -1)
            if _is_below(first, bars) and _is_below(last, bars):
                made = own.brushed(first, last, before)
                is_all = made.low is None and made.high is None and not own.has_missing
                return with_filter(held, own.column, None if is_all else made)
    return held


def filter_words(each: Filter) -> str:
    """What a filter lets pass, in words.

    >>> filter_words(Range("weight", 10, 20)), filter_words(Range("weight", None, 20, missing=True))
    ('weight from 10 to below 20', 'weight below 20 or missing')
    """
    end = " or missing" if each.missing else ""
    if isinstance(each, Range):
        low, high = (
            None if value is None else _end(value, is_date=each.is_date)
            for value in (each.low, each.high)
        )
        if low is None and high is None:
            return f"{each.column} of any value{end}"
        if low is None:
            return f"{each.column} below {high}{end}"
        if high is None:
            return f"{each.column} from {low} on{end}"
        return f"{each.column} from {low} to below {high}{end}"
    if not each.values:
        return f"{each.column} of any value{end}" if each.others else f"{each.column} missing"
    named = list(each.values[:NAMED_AT_MOST])
    more = len(each.values) - len(named)
    if more:
        named.append(f"{more:,} more")
    joined = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"
    return f"{each.column} {'not ' if each.others else ''}{joined}{end}"


Drawn = tuple[tuple[Histogram, ...], int]
_AS_PARTS = jobs.KeptAs[jobs.Named[Drawn]](
    lambda found: found.value,
    lambda parts, embeddings: jobs.Named(fingerprint(embeddings), parts),
)


@jobs.job("Counting the values of each column", lane="long", kept_as=_AS_PARTS)
def _histograms(progress: Progress, embeddings: EmbeddingSet) -> jobs.Named[Drawn]:
    found, frame = [], embeddings.metadata
    label = embeddings.label_column
    names = [str(name) for name in frame.columns]
    for place, name in enumerate(sorted(names, key=lambda each: each != label)):
        progress(place / len(names), name)
        made = histogram(frame[name], is_label=name == label)
        if made is not None:
            found.append(made)
    drawn = tuple(found[:COLUMNS_AT_MOST])
    return jobs.Named(fingerprint(embeddings), (drawn, len(found) - len(drawn)))


def _take(embeddings: EmbeddingSet, drawn: Sequence[Histogram], name: str) -> None:
    """Filter by what was done in the element, if it is of these columns; a callback."""
    told = (widget_value(KEY) or {}).get("done")
    held_name, held = _HELD.get()
    is_of_these = isinstance(told, dict) and told.get("drawn") == name
    if is_of_these and held_name == embeddings.bare.fingerprint:
        _LOST.set("")
        _HELD.set((held_name, after_event(drawn, held, told)))


def _write(text: str) -> None:
    wanted = text if len(text) <= LINK_AT_MOST else ""
    _SEEN.set(wanted)
    if wanted and st.query_params.get(LINK) != wanted:
        st.query_params[LINK] = wanted
    elif not wanted and LINK in st.query_params:
        del st.query_params[LINK]


def _link_words() -> str:
    if link():
        return ""
    return " The filter is too long for the address: a link to this page is without it."


def _end(value: float, *, is_date: bool) -> str:
    if not is_date:
        return f"{value:,.12g}"
    stamp = str(np.datetime64(round(value), "ns").astype("datetime64[s]"))
    return stamp.removesuffix("T00:00:00").replace("T", " ")


def _is_below(value: Any, end: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < end
