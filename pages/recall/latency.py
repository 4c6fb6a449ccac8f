"""What hnswlib itself takes, by the clock of this machine; kept apart from the exact counts."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.figures import latency_vs_ef, qps_vs_recall, recall_vs_latency
from core.index import HnswGraph, Latency
from core.studies import EfTradeoff
from pages.recall import sentences
from pages.ui import jobs
from pages.ui.controls import queries
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.results import tradeoffs
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

NOISY = 0.1  # of a time: rounds that differ by more are called noisy
_MEASURED: Slot[tuple[Any, ...] | None] = Slot("latency", lambda: None)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Time` of the Recall page."""
    wanted = queries.show(work)
    timed = tradeoffs.TIMED_QUERIES
    found = jobs.ready(tradeoffs.curves(work, graph, wanted, least=timed))
    study = found.of_k(wanted.k)
    key = (work.fingerprint, work.index_key, study.curve.k)
    if _MEASURED.get() != key:
        heading.answer("How long does a search of this index take in hnswlib?")
        messages.empty(
            "Nothing is timed yet: a measurement uses all cores of this server for some seconds.",
            "Press Measure.",
        )
        st.button("Measure", type="primary", on_click=_MEASURED.set, args=(key,))
        return
    measured = jobs.ready(tradeoffs.latency(found.graph, study.curve.k, study.queries))
    words = answer(measured, study, wanted)
    heading.answer(words)
    messages.note(basis(measured))
    _figures(measured, study, wanted, words)


def answer(measured: Latency, study: EfTradeoff, wanted: RecallSettings) -> str:
    """Times at the first timed ef from the chosen one on, else at the largest."""
    ef = sentences.chosen_ef(study, wanted.target, wanted.share)
    later = [i for i, timed in enumerate(measured.ef.tolist()) if ef is not None and timed >= ef]
    place = later[0] if later else len(measured.ef) - 1
    timed = int(measured.ef[place])
    recall = float(study.mean_recall[study.at(timed)])
    rate, threads = measured.threads_qps[place], count(measured.threads, "thread")
    if not np.isfinite(rate):  # too few queries for more than one
        rate, threads = measured.batch_qps[place], "one thread"
    return (
        f"At ef {timed:,}, recall@{study.curve.k} {number(recall)}, hnswlib answers half of its "
        f"queries within {number(float(measured.p50_ms[place]))} ms and 99 % within "
        f"{number(float(measured.p99_ms[place]))} ms{_over_rounds(measured, place)}; in batches on "
        f"{threads}, {number(float(round(rate)))} a second."
    )


def _over_rounds(measured: Latency, place: int) -> str:
    """Over how many rounds the times are medians, and how noisy they are where that is much."""
    if measured.rounds == 1:
        return ", in a single round"
    times = (("half", measured.spread), ("99 %", measured.spread_p99))
    noisy = [
        f"that of {which} varied by {number(100 * float(spread[place]), 2)} %"
        for which, spread in times
        if spread[place] >= NOISY
    ]
    noise = f", noisy: from round to round {' and '.join(noisy)}" if noisy else ""
    return f" (medians of {measured.rounds:,} rounds{noise})"


def basis(measured: Latency) -> str:
    """How it was measured, in escaped Markdown."""
    moved, moved_99 = (
        percent(float(np.nanmax(spread, initial=0.0)))
        for spread in (measured.spread, measured.spread_p99)
    )
    return plain(
        f"Measured with hnswlib's knn_query from Python in a process of its own, on "
        f"{measured.machine}: {measured.queries:,} queries, medians of {measured.rounds:,} rounds "
        f"in alternating order. Between rounds (from quartile to quartile) the median varied by up "
        f"to {moved}, the 99th percentile by up to {moved_99}. Another machine gives other times; "
        "distance computations stay the same."
    )


def _figures(measured: Latency, study: EfTradeoff, wanted: RecallSettings, words: str) -> None:
    recall = study.mean_recall[[study.at(int(ef)) for ef in measured.ef]]
    left, right = st.columns(2)
    with left:
        chart.show(
            chart.drawn(
                recall_vs_latency, study, measured, target=wanted.target, dark=chart.is_dark()
            ),
            key="recall_latency",
            alt=words,
            table=lambda: table(measured, recall),
        )
    with right:
        chart.show(
            chart.drawn(
                qps_vs_recall, measured, recall, target=wanted.target, dark=chart.is_dark()
            ),
            key="qps",
            alt="Queries per second against mean recall, single, in a batch, and on all threads",
        )
    chart.show(
        chart.drawn(latency_vs_ef, measured, dark=chart.is_dark()),
        key="latency",
        alt="Median, 95th and 99th percentile of the time of a single query, by ef",
    )


def table(measured: Latency, recall: npt.NDArray[np.float64]) -> pd.DataFrame:
    """One line per timed ef."""
    return pd.DataFrame(
        {
            "ef": measured.ef,
            "mean recall": recall.round(4),
            "p50, ms": measured.p50_ms.round(4),
            "p95, ms": measured.p95_ms.round(4),
            "p99, ms": measured.p99_ms.round(4),
            "queries per s, single": measured.single_qps.round(),
            "queries per s, batch": measured.batch_qps.round(),
            "queries per s, all threads": measured.threads_qps.round(),
            "spread of p50": measured.spread.round(3),
            "spread of p99": measured.spread_p99.round(3),
        }
    )
