"""How much ef each query needs: the distribution, the hardest by name, and what is hard in them."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.figures import smallest_ef_histogram
from core.index import HnswGraph
from core.index.reaching import or_infinity
from core.studies import EfTradeoff, Hardness
from pages.recall import sentences
from pages.ui import jobs
from pages.ui.controls import page_links, play_table, queries
from pages.ui.controls.queries import UPLOADED
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, percent
from pages.ui.results import tradeoffs, truth_words
from pages.ui.results.ef_needed import EF_NEEDED
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace

LISTED = 50
CAUSES_HELP = (
    "Rules: of the queries that need more ef than nine in ten, low contrast, high LID or far from "
    "the data name the first in which the query is among the most extreme tenth "
    "([He et al. 2012](https://icml.cc/2012/papers/580.pdf) for contrast: the median length to "
    "rows over that to the k-th neighbor; under cosine the lengths of LID and contrast are chords "
    "between unit vectors, under inner product both are not defined). For a query that no ef "
    "serves: what became of most of the true neighbors that it misses."
)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Queries` of the Recall page."""
    wanted = queries.show(work)
    found = jobs.ready(tradeoffs.curves(work, graph, wanted))
    study = found.of_k(wanted.k)
    measured = jobs.ready(tradeoffs.hardest(work, found, study, wanted.target))
    words = answer(study, measured)
    heading.answer(words)
    messages.note(
        f"{sentences.steps(study.curve.k, wanted.target)} {sentences.basis(study, found)}"
    )
    picture, table = st.columns([2, 3])
    with picture:
        chart.show(
            chart.drawn(
                smallest_ef_histogram, study, target=wanted.target, dark=chart.is_dark(), height=420
            ),
            key="smallest_ef",
            alt=words,
        )
        if found.source.given is None:
            _map_link()
    with table:
        _hardest(work, found, study, measured)
    tradeoffs.narrow(work, graph, wanted)


def answer(study: EfTradeoff, measured: Hardness) -> str:
    """Which ef serves half and 95 % of all queries, and how many no ef does."""
    needed = or_infinity(measured.smallest_ef)
    asked, served = len(needed), int(np.isfinite(needed).sum())
    goal = f"recall@{study.curve.k} {measured.target:g}"
    largest = int(study.ef[-1])
    if not served:
        return f"No query reaches {goal} at any ef up to {largest:,}."
    half, most = (_serving(needed, share) for share in (0.5, 0.95))
    if np.isinf(half):
        return (
            f"Only {served:,} of {count(asked, 'query', 'queries')} ({percent(served / asked)}) "
            f"{'reaches' if served == 1 else 'reach'} {goal} at any ef up to {largest:,}."
        )
    text = f"Half of the queries reach {goal} at ef {half:,.0f}"
    if np.isfinite(most):
        text += f", 95 % at ef {most:,.0f}"
    unserved = asked - served
    if not unserved:
        return f"{text}; the hardest needs {needed.max():,.0f}."
    they = count(unserved, "query", "queries")
    return (
        f"{text}; {they} ({percent(unserved / asked)}) {'does' if unserved == 1 else 'do'} at no "
        f"ef up to {largest:,}."
    )


def _serving(needed: npt.NDArray[np.float64], share: float) -> float:
    """The smallest ef that serves this share of the queries (q,), infinite where none does."""
    place = int(np.ceil(share * len(needed) - 1e-9)) - 1
    return float(np.sort(needed)[place])


def _map_link() -> None:
    page_links.to_page("map", "See them on the map", color=EF_NEEDED)


def _hardest(work: Workspace, found: Curves, study: EfTradeoff, measured: Hardness) -> None:
    some = measured.order[:LISTED]
    unserved = some[measured.smallest_ef[some] < 0]
    fates = np.full(len(measured.cause), "", dtype=object)
    if len(unserved):
        missed = tradeoffs.causes(found, study, unserved)
        if missed is None:
            return
        fates[unserved] = [f"missed: {fate}" for fate in missed.commonest_miss]
    needed = measured.smallest_ef[some]
    columns = {
        "smallest ef": [str(ef) if ef > 0 else "none" for ef in needed],
        "cause": np.where(needed > 0, measured.cause[some], fates[some]),
        "LID": measured.lid[some].round(1),
        "contrast": measured.contrast[some].round(2),
        "nearest distance": measured.nearest[some].round(4),
        "recall at the largest ef": measured.final_recall[some].round(3),
    }
    if found.graph.metric == "inner_product":
        del columns["LID"], columns["contrast"]  # not defined, as the help says
    frame = _named(work, found, some, columns)
    st.markdown("**The hardest queries**", help=CAUSES_HELP)
    how: dict[str, Any] = {
        "height": chart.table_height(frame, 380),
        "column_config": items.column_config(work.embeddings),
    }
    if found.source.player_controls(0) is None:
        tables.show(frame, hide_index=True, **how)
    else:
        play_table.show(frame, "hardest", lambda line: _controls(found, study, some[line]), **how)
    told = truth_words.told(frame, found.graph, work.embeddings.vectors)
    downloads.download(told, "hardest_queries")


def _controls(found: Curves, study: EfTradeoff, place: int) -> dict[str, Any]:
    """The player's controls for the query at a place."""
    own = found.source.player_controls(int(place)) or {}
    return {**own, "node": -1, "k": study.curve.k}


def _named(
    work: Workspace,
    found: Curves,
    some: npt.NDArray[np.int64],
    columns: dict[str, Any],
) -> pd.DataFrame:
    """One line per query: what it is called, and the columns; its longest text comes last."""
    places, given = found.places[some], found.source.given
    if given is None:
        return items.table(work.embeddings, places, **columns)
    if found.source.kind == UPLOADED:
        return items.table(given, places, **columns).rename(columns={"row": "query"})
    return pd.DataFrame({"query": places, **columns})
