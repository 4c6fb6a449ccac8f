"""What an ef of its own for each query would save, and how much of it the first hops tell."""

import pandas as pd
import streamlit as st

from core import studies
from core.figures import adaptive_costs, foreseen_ef
from core.index import HnswGraph
from core.studies import FEATURES, AdaptiveEf, EfTradeoff
from core.studies.inspection.adaptive_ef import FEWEST
from pages.recall import sentences
from pages.ui import jobs
from pages.ui.controls import queries
from pages.ui.controls.declared import Slider
from pages.ui.display import chart, downloads, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent
from pages.ui.jobs import Progress
from pages.ui.results import tradeoffs
from pages.ui.session.workspace import Workspace

SEED = 0
QUERIES = 1_000  # searched for before it is measured, unless there are fewer
HOPS = Slider(
    "first_hops",
    "First hops",
    low=1,
    high=32,
    value=8,
    help="Hops on layer 0 that are made before the ef is foreseen. Their distances are computed in "
    "any case, unless the search would have ended before.",
)


def show(work: Workspace, graph: HnswGraph, heading: Heading) -> None:
    """The section `Adaptive ef` of the Recall page."""
    wanted = queries.show(work)
    part, hops = st.columns(2)
    with part:
        share = queries.SHARE.draw() / 100 if wanted.share is None else wanted.share
    with hops:
        first = HOPS.draw()
    found = jobs.ready(tradeoffs.curves(work, graph, wanted, least=QUERIES))
    study = found.of_k(wanted.k)
    if found.count < FEWEST:
        heading.answer(f"At least {FEWEST} queries are needed to foresee an ef for others.")
        messages.empty(f"There are {found.count:,}.", "Bring more, or choose other queries.")
        return
    made = jobs.ready(_adaptive.need(found.graph, study, wanted.target, share, first))
    words = answer(made)
    heading.answer(words)
    if not made.is_reached:
        messages.empty(
            "One ef that serves so many is not on the curve.",
            "Lower the target recall or the share of queries.",
        )
        return
    left, right = st.columns([3, 2])
    with left:
        chart.show(
            chart.drawn(adaptive_costs, made, dark=chart.is_dark()),
            key="adaptive_costs",
            alt=words,
            table=lambda: table(made),
        )
        messages.note(basis(made))
        st.markdown("**What the ef is foreseen from**")
        frame = features(made)
        tables.show(frame, hide_index=True, height=chart.table_height(frame, 440))
        downloads.download(frame, "adaptive_features")
    with right:
        chart.show(
            chart.drawn(foreseen_ef, made, dark=chart.is_dark()),
            key="foreseen_ef",
            alt=f"Foreseen against needed ef; rank correlation {number(made.rank_correlation)}",
        )
    messages.note(sentences.basis(study, found))
    tradeoffs.narrow(work, graph, wanted)


@jobs.job("Foreseeing the ef of each query")
def _adaptive(
    progress: Progress,
    graph: HnswGraph,
    study: EfTradeoff,
    target: float,
    share: float,
    hops: int,
) -> AdaptiveEf:
    return studies.adaptive_ef(
        graph, study, target=target, share=share, hops=hops, seed=SEED, progress=progress
    )


def answer(made: AdaptiveEf) -> str:
    """What one ef costs, what each query's own would, and what is left of that when foreseen."""
    goal = f"recall@{made.k} of at least {made.target:g}"
    if not made.is_reached:
        return (
            f"No ef up to {made.ef_max:,} gives {percent(made.share)} of the queries a {goal}: the "
            f"largest serves {percent(made.served_at(made.ef_max))}, so there is nothing to save."
        )
    one, own, foreseen = (
        number(round(float(cost.mean())))
        for cost in (made.one_cost, made.own_cost, made.foreseen_cost)
    )
    served = percent(float(made.is_served.mean()))
    return (
        f"One ef, {made.one_ef:,}, gives {percent(made.share)} of the queries a {goal} at {one} "
        f"distance computations; each query's own smallest ef would need {own}, "
        f"{percent(made.oracle_saving)} less. With an ef foreseen from its first "
        f"{count(made.hops, 'hop')} it needs {foreseen} and serves {served} of the queries: "
        f"{_saving_words(made)}."
    )


def _saving_words(made: AdaptiveEf) -> str:
    low, high = made.saving_interval
    interval = f"95 %: {number(100 * low, 2)} to {number(100 * high, 2)} %"
    if low <= 0 <= high:
        return f"no measurable saving against one ef that serves as many ({interval})"
    more = "less" if made.saving > 0 else "more"
    return f"{percent(abs(made.saving))} {more} than one ef that serves as many ({interval})"


def basis(made: AdaptiveEf) -> str:
    """How the ef is foreseen, and what is counted."""
    return (
        "Foreseen by gradient boosted trees (quantile regression of the logarithm of the smallest "
        f"ef) from {len(FEATURES)} figures of the first hops, always for queries that the model "
        f"has not seen (five folds), and moved so that {percent(made.share)} of queries set aside "
        "are served ([conformal calibration](https://arxiv.org/abs/1905.03222)). Rank correlation "
        f"of foreseen and needed: {number(made.rank_correlation)}. Counted are the distance "
        f"computations of each search replayed at its ef, those of the first hops "
        f"({number(round(float(made.probe_cost.mean())))} on average) included, and not the "
        "comparisons of the trees. Queries that one ef does not serve keep it in the line of the "
        "own smallest ef."
    )


def table(made: AdaptiveEf) -> pd.DataFrame:
    """One line for each way to choose the ef."""
    one, equal = made.served_at(made.one_ef), made.served_at(made.equal_ef)
    lines = [
        (f"one ef for {percent(made.share)}", made.one_ef, made.one_cost, one),
        ("its own smallest", None, made.own_cost, one),
        ("foreseen", None, made.foreseen_cost, float(made.is_served.mean())),
        ("one ef that serves as many as foreseen", made.equal_ef, made.equal_cost, equal),
    ]
    return pd.DataFrame(
        {
            "way": [way for way, *_ in lines],
            "ef": ["of each query" if ef is None else f"{ef:,}" for _, ef, _, _ in lines],
            "queries served": [percent(served) for *_, served in lines],
            "distance computations": [round(float(cost.mean()), 1) for _, _, cost, _ in lines],
            "less than one ef": [
                percent(1 - float(cost.mean() / made.one_cost.mean())) for _, _, cost, _ in lines
            ],
        }
    )


def features(made: AdaptiveEf) -> pd.DataFrame:
    """What the model looks at, the most important first."""
    frame = pd.DataFrame(
        {
            "known after the first hops": list(FEATURES.values()),
            "rank correlation lost where it is shuffled": made.importance.round(4),
        }
    )
    return frame.sort_values(frame.columns[1], ascending=False, kind="stable", ignore_index=True)
