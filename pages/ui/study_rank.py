"""Intrinsic dimension on the page: how hard is this data, beside synthetic data of known rank?"""

import pandas as pd

from core.figures import recall_by_rank
from core.studies import IntrinsicDimension
from pages.ui import charts, messages, needs_studies
from pages.ui.messages import lengths_of, number
from pages.ui.recall_controls import Asked
from pages.ui.workspace import Workspace

QUESTION = "Is this data as hard to search as its intrinsic dimension says?"
ABOUT = (
    "Synthetic vectors of as many dimensions, each a random combination of r orthonormal ones "
    "(after [Elliott & Clark 2024](https://arxiv.org/abs/2405.17813)), indexed as the data is: M "
    "16, ef_construction 128. Both have the same number of rows, at most 10,000."
)
MOST_ROWS = 10_000


def settings(work: Workspace, asked: Asked, rows: int) -> tuple[object, ...]:
    """Nothing to choose beyond the rows."""
    efs = tuple(sorted({max(asked.k, each) for each in (10, 40)}))
    return asked.k, efs, min(rows, MOST_ROWS, work.embeddings.n)


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
        f"is {number(found)}, {words}."
    )


def show(work: Workspace, study: IntrinsicDimension) -> None:
    """Recall by LID, and the table."""
    charts.show(
        recall_by_rank(study, dark=charts.is_dark()),
        key="rank",
        alt=answer(study),
        table=lambda: table(study),
    )
    messages.note(
        f"{study.n:,} rows each. LID: median over the queries, Amsaleg's estimator with k = 100, "
        f"from {lengths_of(work.params.metric)}; TwoNN from the same. "
        "Real data lies above the synthetic line where it is clustered, and below it where it has "
        "copies or hubs."
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


VIEW = (QUESTION, ABOUT, settings, needs_studies.rank, answer, show)
