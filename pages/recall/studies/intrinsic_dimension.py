"""Intrinsic dimension on the page: how hard is this data, beside synthetic data of known rank?"""

from dataclasses import dataclass, replace

import pandas as pd

from core import studies
from core.figures import Figure, recall_by_rank
from core.index import HnswParams
from core.limits import default_threads
from core.studies import IntrinsicDimension
from core.studies.experiments.intrinsic_dimension import OWN, RANKS
from pages.recall.studies.runs import (
    SEED,
    Part,
    Study,
    basis_words,
    finished_parts,
    queries_words,
)
from pages.ui import jobs
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages
from pages.ui.display.text import lengths_of, number
from pages.ui.jobs import Progress
from pages.ui.results import expected
from pages.ui.results.expected import Costs
from pages.ui.session.workspace import Workspace

TITLE = "Intrinsic dimension"
QUESTION = "Is this data as hard to search as its intrinsic dimension says?"
SHOWS = "Recall of synthetic data by its intrinsic dimension, with this data as a star."
ABOUT = (
    "Synthetic vectors of as many dimensions, each a random combination of r orthonormal ones "
    "(after [Elliott & Clark 2024](https://arxiv.org/abs/2405.17813)), indexed as the data is: M "
    "16, ef_construction 128. Both have the same number of rows, at most 10,000."
)
MOST_ROWS = 10_000
QUERIES = 500
SYNTHETIC = 1.6  # of the time of real data that synthetic data takes, as measured on WordNet


@dataclass(frozen=True)
class Settings:
    """efs: at which recall is measured. rows: of each data set."""

    k: int
    efs: tuple[int, ...]
    rows: int


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> IntrinsicDimension:
    """The study of this data, with the M and ef_construction of the paper."""
    finished = finished_parts(part, settings)
    return studies.intrinsic_dimension(
        part.embeddings.vectors,
        params_of(part),
        k=settings.k,
        efs=settings.efs,
        rows=settings.rows,
        queries=QUERIES,
        query_vectors=part.asked,
        seed=SEED,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def params_of(part: Part) -> HnswParams:
    """The settings of each build."""
    return replace(part.params, m=16, ef_construction=128)


def costs(part: Part, settings: Settings) -> Costs:
    """A build, exact neighbors by metric and by length, and a sweep for each data set."""
    n, asked = expected.split(settings.rows, part.given, QUERIES)
    params, dim = params_of(part), part.embeddings.dim
    one = (
        expected.build(n, params)
        + expected.sweep(asked, n, params.m, settings.efs[-1])
        + 2 * expected.pairs(asked, n)
    )
    ranks = {dim, *(rank for rank in RANKS if rank < dim)}
    return Costs({OWN: one, **dict.fromkeys(ranks, SYNTHETIC * one)}, default_threads())


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:
    """Nothing to choose beyond the rows."""
    efs = tuple(sorted({max(wanted.k, each) for each in (10, 40)}))
    return Settings(wanted.k, efs, min(rows, MOST_ROWS, work.embeddings.n))


def answer(study: IntrinsicDimension) -> str:
    """Where the data falls."""
    ef, own = study.efs[0], study.own
    expected, found = study.expected_recall(ef), own.recall[0]
    words = (
        "as synthetic data of that LID"
        if abs(found - expected) < 0.005
        else (
            f"{'better' if found > expected else 'worse'} than the {number(expected)} of synthetic "
            "data of that LID"
        )
    )
    return (
        f"With a median LID of {number(own.lid)} in {study.dim:,} dimensions, this data is like "
        f"synthetic data of rank {number(study.rank_like_own, 2)}; recall@{study.k} at ef {ef:,} "
        f"over {queries_words(study.queries, own=study.own_queries)} is {number(found)}, {words}."
    )


def show(work: Workspace, study: IntrinsicDimension) -> None:
    """Recall by LID, and the table."""
    show_points(study, answer(study))
    messages.note(
        f"{basis(study)} LID: median over the queries, Amsaleg's estimator with k = 100, from "
        f" {lengths_of(work.params.metric)}; TwoNN from the same. "
        "Real data lies above the synthetic line where it is clustered, and below it where it has "
        "copies or hubs."
    )


def basis(study: IntrinsicDimension) -> str:
    """Rows and queries of the data at hand and of the synthetic sets."""
    told = basis_words(study.n, study.queries, own=study.own_queries)
    each = f"{study.n:,} rows and {study.queries:,} held-out rows as queries"
    return f"{told} Each synthetic set: {each}."


def show_points(study: IntrinsicDimension, alt: str = "Recall by LID, as far as it is") -> None:
    """The data sets that are there."""
    chart.show(
        chart.drawn(recall_by_rank, study, dark=chart.is_dark()),
        key="rank",
        alt=alt,
        table=lambda: table(study),
    )


def table(study: IntrinsicDimension) -> pd.DataFrame:
    """One line per data set."""
    points = (*study.points, study.own)
    frame = pd.DataFrame(
        {
            "data": [f"rank {point.rank}" if point.rank else "this data" for point in points],
            "median LID": [round(point.lid, 2) for point in points],
            "TwoNN": [round(point.two_nn, 2) for point in points],
        }
    )
    for place, ef in enumerate(study.efs):
        frame[f"recall at ef {ef}"] = [round(point.recall[place], 4) for point in points]
        frame[f"distances at ef {ef}"] = [round(p.distance_computations[place], 1) for p in points]
    return frame


def picture(study: IntrinsicDimension) -> Figure:
    """Recall by LID."""
    return recall_by_rank(study, dark=chart.is_dark())


STUDY = Study(
    TITLE,
    QUESTION,
    SHOWS,
    ABOUT,
    draw_settings,
    run,
    answer,
    show,
    show_points,
    costs,
    picture,
    takes_queries=True,
    has_target=False,
)
