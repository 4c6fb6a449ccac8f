"""Filtered search on the page: filter while walking, filter afterwards, or compare with all?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core import studies
from core.data.embedding_set import class_codes
from core.distances import Floats
from core.engines import ENGINES, FilterAdvice, filter_advice
from core.figures import Figure, filter_costs, filter_recall
from core.index import HnswGraph
from core.studies import FilteredSearch
from core.studies.experiments.filtered_search import SELECTIVITIES
from core.studies.parts.query_split import split_queries
from pages.recall.studies.runs import (
    SEED,
    Finished,
    Part,
    Rows,
    Study,
    finished_parts,
    queries_given,
)
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages, tables
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.results import expected, indexes
from pages.ui.results.expected import Costs
from pages.ui.results.query_sources import has_held_out, held_out_index
from pages.ui.session.workspace import Workspace

TITLE = "Filtered search"
QUESTION = "What does a filter cost, and when is it better to compare with every allowed row?"
ABOUT = (
    "The same queries with filters that let fewer and fewer rows through: filtering during the "
    "traversal as hnswlib does (every row is walked through, only allowed ones are kept), "
    "filtering the beam afterwards, and brute force over the allowed rows."
)
SHOWS = "The cost of three ways to filter, from 50 % of the rows allowed down to 0.1 %."
QUERIES = 200
MOST_FILTERS = 12
CLIMBS = 64  # sweeps to ef 512 that so many filters take, as measured on 4,985 rows of WordNet
AT_RANDOM = "at random"
ADVICE = (
    "ef 60: 1,800 stands for the smallest ef that reaches the target, and its distance "
    "computations per query, as measured here on this graph. A system builds its own graph, and "
    "its rules change with its version, so check there. ef 1,500 > 1,000: more than the system "
    "takes. Own walk: the system walks the graph in a way that is not measured here."
)
MOST_VALUES = 1_000


@dataclass(frozen=True)
class Settings:
    """column: whose values are the filters, None for filters at random, of these selectivities.

    graph: that is walked, with all rows of the data; None for an index of the rows that are taken,
    without those that are held out as queries.
    """

    k: int
    target: float
    column: str | None
    selectivities: tuple[float, ...]
    graph: HnswGraph | None


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> FilteredSearch:
    """The study of this data."""
    finished = finished_parts(part, settings)
    graph, rows, asked = _walked(progress, part, settings, finished)
    column = settings.column
    return studies.filtered_search(
        graph,
        part.embeddings.vectors[rows],
        k=settings.k,
        target=settings.target,
        selectivities=settings.selectivities,
        queries=QUERIES,
        query_vectors=asked,
        column=None if column is None else class_codes(part.embeddings.metadata[column])[0][rows],
        seed=SEED,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def _walked(
    progress: Progress, part: Part, settings: Settings, finished: Finished
) -> tuple[HnswGraph, Rows, Floats | None]:
    """The graph, its rows in the data, and the queries; None for rows of an opened index."""
    every, vectors = np.arange(part.embeddings.n), part.embeddings.vectors
    if settings.graph is not None:
        return settings.graph, every, part.asked
    if part.asked is not None:
        graph = finished.index_of(part.vectors, part.params, progress)
        return graph, part.taken, part.asked
    if part.rows >= part.embeddings.n:  # the one index without held-out rows serves here, too
        held = held_out_index(part.embeddings, part.params, progress)
        return held.graph, held.kept, vectors[held.rows[:QUERIES]]
    split = split_queries(part.vectors, queries=QUERIES, seed=SEED)
    graph = finished.index_of(split.vectors, part.params, progress)
    return graph, part.taken[split.rows], split.queries


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:
    """Draw the choice of filters, and say which graph is walked."""
    metadata = work.embeddings.metadata
    columns = [
        str(name) for name in metadata.columns if 2 <= _distinct(metadata[name]) <= MOST_VALUES
    ]
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        column = widgets.select(
            "Filter by",
            "filter_column",
            [AT_RANDOM, *columns],
            help="A column: each value is a filter, up to 12 spread over their shares. At random: "
            "rows drawn with a seed, which says nothing of where they lie.",
        )
    shares: tuple[float, ...] = SELECTIVITIES
    if column == AT_RANDOM:
        with right:
            shares = _shares()
    n, graph = work.embeddings.n, work.opened
    if graph is None:
        messages.note(walked(n, rows))
        own = rows >= n and queries_given(work, wanted.source)
        graph = indexes.graph(work) if own else None
    by = None if column == AT_RANDOM else column
    return Settings(wanted.k, wanted.target, by, shares, graph)


def _shares() -> tuple[float, ...]:
    """Selectivities of filters at random; all of them where none is chosen."""
    chosen = widgets.several(
        "Share of rows that a filter allows",
        "filter_shares",
        SELECTIVITIES,
        value=SELECTIVITIES,
        format=percent,
        help="Selectivity. Choose those of your own filters.",
    )
    return tuple(sorted(chosen or SELECTIVITIES, reverse=True))


def walked(n: int, rows: int) -> str:
    """Which index the study walks where none was opened, of `rows` of the n rows of the data."""
    if rows >= n:
        return (
            f"The index of this session is walked, with all {n:,} rows; where rows are held out as "
            "queries, that without them."
        )
    return (
        f"An index of a sample of {rows:,} of the {n:,} rows is built with the same settings and "
        "walked; with all rows it is that of this session. A smaller index is an easier one."
    )


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
    _show_advice(study)


def _show_advice(study: FilteredSearch) -> None:
    """What each system does with these filters, and one of them in words."""
    st.markdown("**What each system does with these filters**")
    grid = advice_grid(study)
    tables.show(grid, height="content")
    messages.note(f"{ADVICE} Rules that count rows count those of this study, {study.n:,}.")
    system, which = st.columns(2)
    with system:
        name = widgets.select("System", "engine", list(ENGINES), value="hnswlib")
    with which:
        names = _filter_names(study)
        chosen = widgets.select("Filter", "filter_chosen", names)
    advice = filter_advice(name, study, study.cells[names.index(chosen)])
    st.markdown(plain(advice.sentence))
    links = ", ".join(f"[{_site(url)}]({url})" for url in advice.sources)
    messages.note(f"The rules of {name} stand in: {links}.")
    chart.show_table(lambda: all_advice(study), key="filter_advice")


def _site(url: str) -> str:
    """The last part of an address, as the name of a link."""
    return plain(url.rstrip("/").split("/")[-1].split("#")[0])


def advice_grid(study: FilteredSearch) -> pd.DataFrame:
    """One line per system, one column per filter: what it does, in a few words."""
    columns = _filter_names(study)
    lines = [[advice.figures for advice in _of_system(study, name)] for name in ENGINES]
    return pd.DataFrame(lines, index=pd.Index(ENGINES, name="system"), columns=columns)


def all_advice(study: FilteredSearch) -> pd.DataFrame:
    """One line per system and filter, with the pages that state the rule."""
    return pd.DataFrame(
        [
            {
                "system": name,
                "rows that the filter allows": filter_name,
                "in short": advice.figures,
                "advice": advice.sentence,
                "sources": " ".join(advice.sources),
            }
            for name in ENGINES
            for filter_name, advice in zip(
                _filter_names(study), _of_system(study, name), strict=True
            )
        ]
    )


def _of_system(study: FilteredSearch, engine: str) -> list[FilterAdvice]:
    return [filter_advice(engine, study, cell) for cell in study.cells]


def _filter_names(study: FilteredSearch) -> list[str]:
    """Share and number of allowed rows of each filter; filters of one size are numbered."""
    names: list[str] = []
    for cell in study.cells:
        name = f"{percent(cell.selectivity)}: {cell.allowed:,}"
        alike = sum(each.split(" (")[0] == name for each in names)
        names.append(f"{name} ({alike + 1})" if alike else name)
    return names


def show_filters(study: FilteredSearch) -> None:
    """Cost and recall of the filters that are there, by selectivity."""
    left, right = st.columns(2)
    with left:
        chart.show(
            chart.drawn(filter_costs, study, dark=chart.is_dark()),
            key="filter_costs",
            alt=answer(study),
            table=lambda: table(study),
        )
    with right:
        chart.show(
            chart.drawn(filter_recall, study, dark=chart.is_dark()),
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


def costs(part: Part, settings: Settings) -> Costs:
    """The index, unless one is walked that is there, and the climb of two ways for each filter."""
    filters = MOST_FILTERS if settings.column is not None else len(settings.selectivities)
    asked = part.given or QUERIES
    sweeps = CLIMBS * filters / MOST_FILTERS * expected.sweep(asked, part.n, part.params.m)
    there = settings.graph is not None or (
        part.asked is None
        and part.rows >= part.embeddings.n
        and has_held_out(part.embeddings, part.params)
    )
    built = 0.0 if there else expected.build(part.n, part.params)
    return Costs({}, part.params.threads, built + sweeps)


def picture(study: FilteredSearch) -> Figure:
    """Cost by selectivity."""
    return filter_costs(study, dark=chart.is_dark())


STUDY = Study(
    TITLE,
    QUESTION,
    SHOWS,
    ABOUT,
    draw_settings,
    run,
    answer,
    show,
    show_filters,
    costs,
    picture,
    takes_queries=True,
    most_queries=QUERIES,
    walks_opened=True,
)
