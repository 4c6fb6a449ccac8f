"""The index's answer beside the true neighbors, tinted by role."""

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.io.formats.style import Styler

from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR
from core.studies import NeighborCheck
from pages.ui.display import tables

TINT = "33"  # of the role's color: text stays readable in light and in dark
FIRST = ["rank", "name", "image", "distance", "in the index", "smallest ef"]
ANSWER, ANSWER_DISTANCE = "the index answers", "at distance"


def side_by_side(
    rows: pd.DataFrame, found: NeighborCheck, names: npt.NDArray[np.str_]
) -> pd.DataFrame:
    """`rows` by rank, with the row that the index gave at each rank; "" where it gave none."""
    ids = found.found.ids[0]
    distances = found.found.distances[0]
    answers = np.where(ids < 0, "", names[ids])
    joined = rows.assign(**{ANSWER: answers, ANSWER_DISTANCE: distances.round(5)})
    first = [column for column in FIRST if column in joined] + [ANSWER, ANSWER_DISTANCE]
    return joined[first + [column for column in joined if column not in first]]


def tinted(rows: pd.DataFrame, found: NeighborCheck) -> Styler:
    """The rows in the colors of their roles: true and found, missed, found instead."""
    exact, answer = found.exact.ids[0], found.found.ids[0]
    kept, right = np.isin(exact, answer), np.isin(answer, exact)
    truth = np.where(kept, _tint(TRUE_NEIGHBOR), _tint(MISSED))
    given = np.where(right, _tint(TRUE_NEIGHBOR), np.where(answer >= 0, _tint(FOUND), ""))
    return (
        tables.visible_frame(rows)
        .style.apply(lambda _column: truth.tolist(), subset=["in the index"])
        .apply(lambda _column: given.tolist(), subset=[ANSWER])
        .format("{:.4f}", subset=["distance", ANSWER_DISTANCE], na_rep="")
    )


def _tint(color: str) -> str:
    return f"background-color: {color}{TINT}"
