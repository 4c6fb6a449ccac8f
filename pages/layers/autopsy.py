"""What became of every true neighbor, for one query and for a set of them."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.figures import fate_totals, smallest_ef_of_missed
from core.index import HnswGraph
from core.studies import FATES, Autopsy
from pages.ui import jobs
from pages.ui.controls import beam, item_picker, play_table, widgets
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count
from pages.ui.results import health, truth_words
from pages.ui.results.health import AutopsyOf
from pages.ui.results.query_sources import QuerySource, item_controls
from pages.ui.session.workspace import Workspace

QUERY_SET, ONE = "a query set", "one item"
LISTED = 1_000
ADVICE = {
    "larger ef": "a larger ef",
    "better graph": "a better graph: a larger M or ef_construction, random order, or lost items "
    "inserted again (the section What if measures each)",
    "deduplication": "removing duplicates, for the misses are ties",
    "finer codes": "finer codes, or more candidates compared again by their vectors: even an exact "
    "search of what the index stores misses them",
}
MEANINGS = {
    "found": "returned",
    "tie": "as near as the last one returned, which took its place",
    "unreachable": "no walk leads there from where the descent ended; no ef returns it",
    "never visited": "the beam stopped before it; a larger ef goes on",
    "visited and evicted": "its distance was computed and lost by rounding",
}

ONE_ITEM = "an item of the index, left out of its own answer"
STORED = "its distance was computed; as the index stores it, others are nearer"
QUERY_COUNTS = (200, 500, 1000, 2000, 5000)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Autopsy` of the Layers page."""
    scope, neighbors, width, number_of = st.columns([2, 3, 3, 2], vertical_alignment="bottom")
    with scope:
        of = widgets.segmented("Autopsy of", "of", [QUERY_SET, ONE])
    with neighbors:
        k = beam.k_slider(work)
    with width:
        ef = beam.ef_slider(k)
    size, item = 1, None
    if of == ONE:
        item = item_picker.pick(work.embeddings)
    else:
        with number_of:
            size = widgets.select("Number of queries", "autopsies", QUERY_COUNTS, value=1000)
    found = jobs.ready(health.autopsy(work, graph, k, ef, size=size, item=item))
    result = found.result
    heading.answer(answer(result))
    messages.note(basis(result, found.source))
    fates, growth = st.columns(2)
    with fates:
        chart.show(
            chart.drawn(fate_totals, result, dark=chart.is_dark()),
            key="fates",
            alt="Share of true neighbors found, tied, unreachable, never visited and evicted",
            table=lambda: totals(result),
        )
    with growth:
        chart.show(
            chart.drawn(smallest_ef_of_missed, result, dark=chart.is_dark()),
            key="missed_by_ef",
            alt="Share of the missed true neighbors that a larger ef would return",
        )
    if of == ONE:
        _list_all(work, result)
    else:
        _list_missed(work, found)


def answer(result: Autopsy) -> str:
    """How many true neighbors are found, which ef finds more, and what helps most."""
    missed = int(result.counts[1:].sum())
    total = int(result.counts.sum())
    if missed == 0:
        return f"At ef {result.ef:,} all of {total:,} true neighbors are found; nothing is missed."
    would = result.help["larger ef"]
    return (
        f"At ef {result.ef:,}, {total - missed:,} of {total:,} true neighbors are found; of the "
        f"{missed:,} missed, a larger ef up to {result.ef_max:,} would return {would:,}"
        f"{_half_by(result)}. What helps most: {ADVICE[str(result.remedy)]}."
    )


def _half_by(result: Autopsy) -> str:
    """By which ef half of those that a larger ef returns are in."""
    needed = result.ef_of_missed
    if len(needed) == 0:
        return ""
    part = "half of them by" if len(needed) > 1 else "at"
    return f", {part} ef {int(np.median(needed)):,}"


def basis(result: Autopsy, source: QuerySource | None) -> str:
    """Of which queries it is, and what each fate means.

    source: None for one item of the index.
    """
    queries, k = result.fate.shape
    asked = ONE_ITEM if source is None else source.words(queries)
    meanings = dict(MEANINGS)
    if result.stored_farther is not None:
        meanings["visited and evicted"] = STORED
    return (
        f"The {k:,} true neighbors of {asked}. "
        + "; ".join(f"{fate}: {meaning}" for fate, meaning in meanings.items())
        + "."
    )


def _list_all(work: Workspace, result: Autopsy) -> None:
    """Every true neighbor of one query, by rank."""
    truth = result.queries.truth
    never = f"none up to {result.ef_max:,}"
    table = items.table(
        work.embeddings,
        truth.ids[0],
        distance=truth.distances[0].round(5),
        fate=np.array(FATES)[result.fate[0]],
        smallest_ef=[str(ef) if ef > 0 else never for ef in result.smallest_ef[0].tolist()],
    )
    k, rows = truth.ids.shape[1], result.queries.rows
    item = 0 if rows is None else int(rows[0])
    play_table.show(
        table,
        "autopsy",
        lambda place: {
            **item_controls(item),
            "node": int(truth.ids[0, place]),
            "k": k,
            "ef": result.ef,
        },
        column_config=items.column_config(work.embeddings),
    )
    downloads.download(_told(work, table), "autopsy")


def totals(result: Autopsy) -> pd.DataFrame:
    """One line per fate."""
    counts = result.counts
    shares = counts / max(1, counts.sum())
    return pd.DataFrame({"fate": FATES, "true neighbors": counts, "share": shares.round(5)})


def _list_missed(work: Workspace, found: AutopsyOf) -> None:
    st.subheader("Missed neighbors")
    result = found.result
    if result.counts[1:].sum() == 0:
        messages.note(f"Nothing is missed at ef {result.ef:,}.")
        return
    table = missed_table(work, found)
    _draw_missed(found, table.head(LISTED))
    messages.note(
        f"{count(len(table), 'missed neighbor')}, the hardest first"
        + (f"; {LISTED:,} are listed, the file holds all." if len(table) > LISTED else ".")
    )
    downloads.download(_told(work, table), "missed_neighbors")


def _draw_missed(found: AutopsyOf, table: pd.DataFrame) -> None:
    """The table; its lines are links where the player can search for the queries."""
    source, height = found.source, chart.table_height(table, 360)
    if source is None or source.player_controls(0) is None:
        tables.show(table, hide_index=True, height=height)
    else:
        play_table.show(table, "missed", lambda place: missed_controls(found, place), height=height)


def missed_controls(found: AutopsyOf, place: int) -> dict[str, Any]:
    """The player's controls for a line of `missed_table`: its query, the missed row lit."""
    query, rank = found.result.missed[place]
    truth = found.result.queries.truth.ids
    own = None if found.source is None else found.source.player_controls(int(query))
    return {
        **(own or {}),
        "node": int(truth[query, rank]),
        "k": truth.shape[1],
        "ef": found.result.ef,
    }


def _told(work: Workspace, table: pd.DataFrame) -> pd.DataFrame:
    """A table for a file; only an opened index stores anything but the vectors."""
    if work.opened is None:
        return table
    return truth_words.told(table, work.opened, work.embeddings.vectors)


def missed_table(work: Workspace, found: AutopsyOf) -> pd.DataFrame:
    """One row per missed true neighbor: those that no ef returns first, then by ef."""
    result, source = found.result, found.source
    query, rank = result.missed.T
    needed = result.smallest_ef[query, rank]
    names = items.short_names(work.embeddings)
    truth = result.queries.truth
    missed = truth.ids[query, rank] if source is None else source.data_rows(truth.ids[query, rank])
    asked = query if source is None else source.places[query]
    elsewhere = source is not None and source.given is not None
    never = f"none up to {result.ef_max:,}"
    return pd.DataFrame(
        {
            "query": [f"query {q:,}" for q in asked] if elsewhere else names[asked],
            "query row": asked,
            "missed": names[missed],
            "missed row": missed,
            "rank": rank + 1,
            "distance": truth.distances[query, rank].round(5),
            "fate": np.array(FATES)[result.fate[query, rank]],
            "smallest ef": [str(ef) if ef > 0 else never for ef in needed.tolist()],
        }
    )
