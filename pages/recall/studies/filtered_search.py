"""Filtered search on the page: filter while walking, filter afterwards, or compare with all?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core import studies
from core.figures import Figure, filter_costs, filter_recall
from core.studies import FilteredSearch
from pages.recall.studies import expected
from pages.recall.studies.expected import Costs
from pages.recall.studies.runs import SEED, Part, Study, finished_parts
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages
from pages.ui.display.text import count, number, percent
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

TITLE = "Filtered search"
QUESTION = "What does a filter cost, and when is it better to compare with every allowed row?"
ABOUT = (
    "The same queries with filters from 50 % of the rows to 0.1 %: filtering during the traversal "
    "as hnswlib does (every row is walked through, only allowed ones are kept), filtering the beam "
    "afterwards, and brute force over the allowed rows."
)
SHOWS = "The cost of three ways to filter, from 50 % of the rows allowed down to 0.1 %."
QUERIES = 200
CLIMBS = 64  # sweeps to ef 512 that 12 filters take, as measured on 4,985 rows of WordNet
AT_RANDOM = "at random"
MOST_VALUES = 1_000


@dataclass(frozen=True)
class Settings:
    """column: whose values are the filters, None for filters at random."""

    k: int
    target: float
    column: str | None


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> FilteredSearch:
    """The study of this data."""
    finished = finished_parts(part, settings)
    return studies.filtered_search(
        finished.index_of(part, progress),
        part.vectors,
        k=settings.k,
        target=settings.target,
        queries=QUERIES,
        column=None if settings.column is None else part.codes(settings.column),
        seed=SEED,
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:  # noqa: ARG001
    """Draw the choice of filters."""
    metadata = work.embeddings.metadata
    columns = [
        str(name) for name in metadata.columns if 2 <= _distinct(metadata[name]) <= MOST_VALUES
    ]
    column = widgets.select(
        "Filter by",
        "filter_column",
        [AT_RANDOM, *columns],
        help="A column: each value is a filter, up to 12 spread over their shares. At random: "
        "rows drawn with a seed, which says nothing of where they lie.",
    )
    return Settings(wanted.k, wanted.target, None if column == AT_RANDOM else column)


def _distinct(column: "pd.Series[Any]") -> int:
    try:
        return int(column.nunique())
    except TypeError:  # lists and objects
        return 0


def answer(study: FilteredSearch) -> str:
    """From where on which way is the cheapest."""
    below, goal = study.brute_force_below, f"recall@{study.k} {study.target:g}"
    if not study.cells:
        return f"No filter leaves more than {study.k:,} rows."
    first, last = study.cells[0], study.cells[-1]
    if below is None:
        return (
            f"For {goal}, {_way(last.best)} is the cheapest down to a selectivity of "
            f"{percent(last.selectivity)}, at {number(round(last.costs[last.best]))} distance "
            "computations."
        )
    text = f"Below a selectivity of {percent(below)}, brute force is the cheapest for {goal}"
    if first.best == "brute force":
        return f"{text}: at every selectivity tried."
    return f"{text}; above it {_way(first.best)} is."


def _way(name: str) -> str:
    return {
        "during": "filtering during the traversal",
        "after": "filtering afterwards",
        "brute force": "brute force over the allowed rows",
    }[name]


def show(work: Workspace, study: FilteredSearch) -> None:  # noqa: ARG001
    """Cost and recall by selectivity, and the table."""
    if not study.cells:
        messages.empty("There is nothing to compare.", "Choose another column or more rows.")
        return
    show_filters(study)
    skipped = count(len(study.skipped), "filter")
    left_out = f" {skipped} left out: too few rows for k answers." if study.skipped else ""
    messages.note(
        f"{study.n:,} rows, {study.queries:,} queries, recall against the exact neighbors among "
        f"the allowed rows; ef grows up to {study.ef_max:,}.{left_out} A filter that goes with the "
        "vectors (a class) is easier than one at random, or harder, where the query lies elsewhere."
    )


def show_filters(study: FilteredSearch) -> None:
    """Cost and recall of the filters that are there, by selectivity."""
    left, right = st.columns(2)
    with left:
        chart.show(
            filter_costs(study, dark=chart.is_dark()),
            key="filter_costs",
            alt=answer(study),
            table=lambda: table(study),
        )
    with right:
        chart.show(
            filter_recall(study, dark=chart.is_dark()),
            key="filter_recall",
            alt=f"Recall at ef {study.ef} by selectivity, filtering during and after",
        )


def table(study: FilteredSearch) -> pd.DataFrame:
    """One line per filter."""
    cells = study.cells
    return pd.DataFrame(
        {
            "selectivity": [percent(cell.selectivity) for cell in cells],
            "allowed rows": [cell.allowed for cell in cells],
            "cheapest": [cell.best for cell in cells],
            "during: ef": [_ef(cell.during.smallest_ef) for cell in cells],
            "during: distances": [_cost(cell.during.cost) for cell in cells],
            "after: ef": [_ef(cell.after.smallest_ef) for cell in cells],
            "after: distances": [_cost(cell.after.cost) for cell in cells],
            f"during: recall at ef {study.ef}": [round(c.during.recall_at_ef, 4) for c in cells],
            f"after: recall at ef {study.ef}": [round(c.after.recall_at_ef, 4) for c in cells],
        }
    )


def _ef(ef: int) -> str:
    return f"{ef:,}" if ef > 0 else "none"


def _cost(cost: float) -> str:
    return f"{round(cost):,}" if np.isfinite(cost) else "not reached"


def costs(part: Part, settings: Settings) -> Costs:  # noqa: ARG001
    """The index, and the climb of two ways for each filter."""
    sweeps = CLIMBS * expected.sweep(QUERIES, part.n, part.params.m)
    return Costs({}, part.params.threads, expected.build(part.n, part.params) + sweeps)


def picture(study: FilteredSearch) -> Figure:
    """Cost by selectivity."""
    return filter_costs(study, dark=chart.is_dark())


STUDY = Study(
    TITLE, QUESTION, SHOWS, ABOUT, draw_settings, run, answer, show, show_filters, costs, picture
)
