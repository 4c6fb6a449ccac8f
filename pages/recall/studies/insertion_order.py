"""Insertion order on the page: does the order in which rows are inserted matter here?"""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core import studies
from core.figures import Figure, order_recall
from core.index import HnswParams
from core.limits import default_threads
from core.studies import InsertionOrder
from core.studies.experiments.insertion_order import EXACT_AT_MOST, LID, LID_EF
from core.studies.experiments.insertion_order_results import ASCENDING, DESCENDING, ORDERS, RANDOM
from pages.recall.studies.runs import Part, Study, basis_words, finished_parts, queries_words
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages, noise_words
from pages.ui.display.noise_words import Judged
from pages.ui.display.text import lengths_of, number, percent
from pages.ui.jobs import Progress
from pages.ui.results import expected
from pages.ui.results.expected import Costs
from pages.ui.session.workspace import Workspace

TITLE = "Insertion order"
QUESTION = "Does the order in which these rows are inserted change what a search finds?"
SHOWS = "Recall for rows inserted by rising or falling LID, at random, or class after class."
ABOUT = (
    "The protocol of [Elliott & Clark 2024](https://arxiv.org/abs/2405.17813): M 16, "
    "ef_construction 128, rows by local intrinsic dimension (LID) or class after class. They "
    "report that descending LID beats ascending by 2.6 points on average in hnswlib at ef 10; it "
    "need not be so on your data."
)
QUERIES = 1_000


@dataclass(frozen=True)
class Settings:
    """efs: at which recall is measured. seeds: how many builds of each order."""

    k: int
    efs: tuple[int, ...]
    seeds: int


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> InsertionOrder:
    """The study of this data, with the M and ef_construction of the paper."""
    finished = finished_parts(part, settings)
    return studies.insertion_order(
        part.vectors,
        params_of(part),
        part.labels,
        k=settings.k,
        efs=settings.efs,
        seeds=range(settings.seeds),
        queries=QUERIES,
        query_vectors=part.asked,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def params_of(part: Part) -> HnswParams:
    """The settings of each build."""
    return replace(part.params, m=16, ef_construction=128)


def costs(part: Part, settings: Settings) -> Costs:
    """The LID of every row, and a build and a sweep for each order and seed."""
    n, asked = expected.split(part.n, part.given, QUERIES)
    params = params_of(part)
    one = expected.build(n, params) + expected.sweep(asked, n, params.m, settings.efs[-1])
    lid = expected.pairs(n, n)
    if n > EXACT_AT_MOST:
        lid = expected.build(n, params) + expected.insertions(n, n, params.m, LID_EF)
    orders = ORDERS if part.has_classes else (DESCENDING, ASCENDING, RANDOM)
    runs = {(order, seed): one for order in orders for seed in range(settings.seeds)}
    return Costs({(LID, 0): lid, **runs}, default_threads())


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:  # noqa: ARG001
    """Draw the study's controls."""
    left, right = st.columns([3, 5], vertical_alignment="bottom")
    with left:
        seeds = widgets.number("Seeds", "order_seeds", low=2, high=8, value=3, step=1)
    with right:
        ef = widgets.slider("A third ef", "order_ef", low=5, high=400, value=100)
    efs = tuple(sorted({max(wanted.k, each) for each in (10, 40, ef)}))
    return Settings(wanted.k, efs, seeds)


def answer(study: InsertionOrder) -> str:
    """Which way it goes here."""
    ef = study.efs[0]
    change = study.change(ASCENDING, DESCENDING, ef)
    size = number(100 * abs(change.difference), 2)
    points = f"{size} points, {noise_words.verdict(change)} ({number(100 * change.half_width, 2)})"
    if not change.is_beyond:
        way = f"LID descending and ascending differ by {points}"
    elif change.difference > 0:
        way = f"LID descending beats ascending by {points}, as Elliott & Clark found"
    else:
        way = f"LID ascending beats descending by {points}, against what Elliott & Clark found"
    start = f"At ef {ef:,} over {queries_words(study.queries, own=study.own_queries)}"
    classes = study.class_order_range
    if not classes:
        return f"{start}, {way}."
    moved = (
        f"the order of classes moves recall by {number(100 * classes[ef], 2)} points, other seeds "
        f"of a random order by {number(100 * study.range_of(RANDOM, ef), 2)}"
    )
    return f"{start}, {way}; {moved}."


def show(work: Workspace, study: InsertionOrder) -> None:
    """Recall by order, and the table."""
    chart.show(
        chart.drawn(order_recall, study, dark=chart.is_dark()),
        key="order",
        alt=answer(study),
        table=lambda: table(study),
    )
    exact = "exact neighbors" if study.exact_lid else "neighbors that an index found at ef 200"
    messages.note(
        f"{basis_words(study.n, study.queries, own=study.own_queries)} {len(study.seeds)} seeds. "
        "Bars: 95 % interval, seeds resampled, then queries; small dots: each seed. Rebuild noise: "
        "two means of builds of one order differ by at most as much in 95 % of cases (Welch's t "
        "over the seeds, paired by query). LID: of the "
        f"indexed rows, Amsaleg's estimator, k = 100, from {exact} and "
        f"{lengths_of(work.params.metric)}. The worst class order is the one of least recall, "
        "built anew with other levels, so that it is not the worst by chance."
    )
    if work.embeddings.labels is None:
        messages.note("There are no labels, so there are no orders by class.")


def show_runs(study: InsertionOrder) -> None:
    """The runs that are there, one line each: an order is summed up once all its seeds are."""
    chart.show_table(runs(study), key="order_runs", open=True)


def runs(study: InsertionOrder) -> pd.DataFrame:
    """One line per run."""
    frame = pd.DataFrame(
        {
            "order": [run.order for run in study.runs],
            "seed": [run.seed for run in study.runs],
        }
    )
    for place, ef in enumerate(study.efs):
        recall = [float(run.recall[:, place].mean()) for run in study.runs]
        costs = [float(run.distance_computations[place]) for run in study.runs]
        frame[f"recall at ef {ef}"] = [round(each, 4) for each in recall]
        frame[f"distances at ef {ef}"] = [round(each, 1) for each in costs]
    return frame


def table(study: InsertionOrder) -> pd.DataFrame:
    """One line per order and ef."""
    lines = [study.summary(order, ef) for ef in study.efs for order in study.orders]
    return pd.DataFrame(
        {
            "ef": [line.ef for line in lines],
            "order": [line.order for line in lines],
            "mean recall": [round(line.recall, 4) for line in lines],
            "95 % from": [round(line.low, 4) for line in lines],
            "95 % to": [round(line.high, 4) for line in lines],
            "least of the seeds": [round(line.least, 4) for line in lines],
            "most of the seeds": [round(line.most, 4) for line in lines],
            "distance computations": [round(line.distance_computations, 1) for line in lines],
            "of brute force": [percent(line.distance_computations / study.n) for line in lines],
            "against random order": [_against_random(study, line.order, line.ef) for line in lines],
        }
    )


def _against_random(study: InsertionOrder, order: str, ef: int) -> str:
    """The recall of an order against that of random orders, whose seeds are rebuilds."""
    if order == RANDOM:
        return ""
    return noise_words.cell(Judged("recall", study.change(RANDOM, order, ef), in_points=True))


def picture(study: InsertionOrder) -> Figure:
    """Recall by order at the smallest ef."""
    return order_recall(replace(study, efs=study.efs[:1]), dark=chart.is_dark())


STUDY = Study(
    TITLE,
    QUESTION,
    SHOWS,
    ABOUT,
    draw_settings,
    run,
    answer,
    show,
    show_runs,
    costs,
    picture,
    takes_queries=True,
    has_target=False,
)
