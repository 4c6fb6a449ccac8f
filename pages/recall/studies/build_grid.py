"""The build grid on the page: which M and ef_construction to build with."""

from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from core import studies
from core.figures import GRID_VALUES, Figure, grid_heatmap, grid_pareto
from core.index import HnswParams
from core.limits import scheduler_address
from core.studies import BuildGrid
from core.studies.experiments.build_grid_results import GridSetting
from core.studies.inspection.rebuild_spread import REBUILDS
from pages.recall.studies.runs import (
    SEED,
    Part,
    Study,
    basis_words,
    clock_words,
    finished_parts,
    queries_words,
)
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages, noise_words
from pages.ui.display.noise_words import INSIDE, Judged
from pages.ui.display.text import count, number, percent, seconds, size
from pages.ui.jobs import Progress
from pages.ui.results import expected
from pages.ui.results.expected import Costs
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace

TITLE = "Build grid"
QUESTION = "Which M and ef_construction should this data be built with?"
SHOWS = "The cost of a search at the target, and of a build, for each M and ef_construction."
ABOUT = (
    "One index for each pair, built one after the other; the same queries for all, which no index "
    "holds. hnswlib's own "
    "check: the recall of an M-neighbor search at ef = ef_construction should be at least 0.9, "
    "else raise ef_construction "
    "([hnswlib](https://github.com/nmslib/hnswlib/blob/master/ALGO_PARAMS.md))."
)
QUERIES = 1_000
REBUILDS_HELP = (
    "The recommended setting is built again with so many other seeds, to tell from chance how much "
    "less the others cost. Not needed where each setting has several seeds."
)
MS = (4, 8, 12, 16, 24, 32, 48, 64)
WIDTHS = (40, 64, 100, 128, 200, 400, 800)


@dataclass(frozen=True)
class Settings:
    """ms, widths: every M is built with every ef_construction. seeds: how many of each.

    rebuilds: of the recommended setting, with other seeds, where each setting has one seed.
    """

    k: int
    target: float
    ms: tuple[int, ...]
    widths: tuple[int, ...]
    seeds: int
    rebuilds: int = 0


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> BuildGrid:
    """The study of this data."""
    finished = finished_parts(part, settings)
    return studies.build_grid(
        part.vectors,
        params_of(part, settings),
        k=settings.k,
        target=settings.target,
        queries=QUERIES,
        query_vectors=part.asked,
        rebuilds=settings.rebuilds,
        seed=SEED,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def params_of(part: Part, settings: Settings) -> list[HnswParams]:
    """The settings of each build: of one thread where there is a cluster, wherever it runs."""
    built = part.params if scheduler_address() is None else replace(part.params, threads=1)
    return [
        replace(built, m=m, ef_construction=width, seed=built.seed + seed)
        for m in settings.ms
        for width in settings.widths
        for seed in range(settings.seeds)
    ]


def costs(part: Part, settings: Settings) -> Costs:
    """A build, a sweep of every ef, a census and hnswlib's check for each cell.

    Which setting is built again is known in the end alone: each rebuild is taken for a mean cell.
    """
    n, asked = expected.split(part.n, part.given, QUERIES)
    cells = {
        params: expected.build(n, params)
        + expected.sweep(asked, n, params.m)
        + expected.take_census(n, params.m)
        + expected.insertions(asked, n, params.m, max(params.m, params.ef_construction))
        for params in params_of(part, settings)
    }
    again = settings.rebuilds if settings.seeds == 1 else 0
    return Costs(cells, part.params.threads, again * sum(cells.values()) / len(cells))


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:  # noqa: ARG001
    """Draw the grid's controls."""
    left, middle, right, last = st.columns([4, 4, 2, 2], vertical_alignment="bottom")
    with left:
        ms = widgets.several("M", "grid_m", MS, value=(8, 16, 32)) or [work.params.m]
    with middle:
        widths = widgets.several("ef_construction", "grid_efc", WIDTHS, value=(40, 100, 200))
    with right:
        seeds = widgets.number("Seeds", "grid_seeds", low=1, high=5, value=1, step=1)
    with last:
        rebuilds = widgets.number(
            "Rebuilds", "grid_rebuilds", low=2, high=20, value=REBUILDS, step=1, help=REBUILDS_HELP
        )
    chosen = widths or [work.params.ef_construction]
    return Settings(
        wanted.k,
        wanted.target,
        tuple(sorted(ms)),
        tuple(sorted(chosen)),
        seeds,
        rebuilds if seeds == 1 else 0,
    )


def answer(grid: BuildGrid) -> str:
    """The recommended setting, why, and how many others chance alone may put before it."""
    best, asked = grid.recommended, queries_words(grid.queries, own=grid.own_queries)
    if best is None:
        most = max(setting.best_recall for setting in grid.settings)
        return (
            f"No setting of this grid reaches recall@{grid.k} {grid.target:g} over {asked}: the "
            f"best is {number(most)}. Try a larger M."
        )
    return (
        f"M {best.m} with ef_construction {best.ef_construction} and ef {best.ef:,}: recall@"
        f"{grid.k} {grid.target:g} over {asked}, at {number(round(best.distance_computations))} "
        f"distance computations, {size(best.bytes_per_vector)} per vector in hnswlib, built in "
        f"{seconds(best.build_seconds)}.{_alike(grid, best)}"
    )


def _alike(grid: BuildGrid, best: GridSetting) -> str:
    """How many other settings have the same search cost but for rebuild noise; "" if unknown."""
    known = [
        change
        for other in grid.settings
        if other is not best and (change := grid.cost_change(best, other)).is_known
    ]
    if not known:
        return ""
    inside = sum(not change.is_beyond for change in known)
    others = count(len(known), "other setting")
    return (
        f" The search cost of {inside:,} of {others} that reach"
        f"{'es' if len(known) == 1 else ''} the target is {INSIDE} of it."
    )


def show(work: Workspace, grid: BuildGrid) -> None:  # noqa: ARG001
    """Heat map, Pareto front and table."""
    value = widgets.select(
        "Show",
        "grid_value",
        list(GRID_VALUES),
        value="distance_computations",
        format=GRID_VALUES.__getitem__,
    )
    left, right = st.columns(2)
    with left:
        chart.show(
            chart.drawn(grid_heatmap, grid, value, dark=chart.is_dark()),
            key="grid",
            alt=f"{GRID_VALUES[value]} for each M and ef_construction",
            table=lambda: table(grid),
        )
    with right:
        chart.show(
            chart.drawn(grid_pareto, grid, dark=chart.is_dark()),
            key="pareto",
            alt="Search cost against memory; settings that no other beats are marked",
        )
    messages.note(
        f"{basis_words(grid.n, grid.queries, own=grid.own_queries)} Recommended: of the "
        "settings that reach the target and pass hnswlib's check (if any does), those within a "
        "tenth of the least search cost; of these the least memory, then the fastest build. "
        f"{noise_words_of(grid)}"
        f"{clock_words(cell.host for cell in grid.cells)}"
    )
    best = grid.recommended
    if best is not None:
        st.button(
            "Build the index with it",
            on_click=_use,
            args=(best.m, best.ef_construction),
            type="primary",
        )


def noise_words_of(grid: BuildGrid) -> str:
    """What rebuild noise rests on in a grid; "" where nothing was built again."""
    if grid.again:
        return (
            f"Rebuild noise: {count(len(grid.again), 'rebuild')} of the recommended setting with "
            "other seeds; two builds of one setting differ by at most as much in 95 % of cases "
            "(Student's t, paired by query). "
        )
    if len(grid.cells) > len(grid.settings):
        return "Rebuild noise: of the seeds of both settings (Welch's t, paired by query). "
    return ""


def show_cells(grid: BuildGrid) -> None:
    """The settings that are there, none of them recommended yet."""
    value = "distance_computations"
    chart.show(
        chart.drawn(grid_heatmap, grid, value, recommend=False, dark=chart.is_dark()),
        key="grid",
        alt=f"{GRID_VALUES[value]} for each M and ef_construction that is finished",
        table=lambda: table(grid),
    )


def picture(grid: BuildGrid) -> Figure:
    """The heat map."""
    return grid_heatmap(grid, dark=chart.is_dark())


def _use(m: int, ef_construction: int) -> None:
    workspace.choose_params(m=m, ef_construction=ef_construction)


def _against_best(grid: BuildGrid, setting: GridSetting) -> str:
    """The search cost of a setting against that of the recommended one."""
    best = grid.recommended
    if best is None or setting == best:
        return ""
    return noise_words.cell(Judged("cost", grid.cost_change(best, setting)))


def table(grid: BuildGrid) -> pd.DataFrame:
    """One line per setting."""
    return pd.DataFrame(
        {
            "M": [each.m for each in grid.settings],
            "ef_construction": [each.ef_construction for each in grid.settings],
            "ef": [str(each.ef) if each.reaches else "none" for each in grid.settings],
            "distance computations": [round(e.distance_computations, 1) for e in grid.settings],
            "hnswlib's bytes per vector": [round(each.bytes_per_vector) for each in grid.settings],
            "build, s": [round(each.build_seconds, 2) for each in grid.settings],
            "best recall": [round(each.best_recall, 4) for each in grid.settings],
            "hnswlib's check": [round(each.own_check, 4) for each in grid.settings],
            "unreachable": [each.unreachable for each in grid.settings],
            "not found by own vector": [percent(each.unfindable_share) for each in grid.settings],
            "on the Pareto front": grid.pareto,
            "cost against the recommended": [_against_best(grid, each) for each in grid.settings],
        }
    )


STUDY = Study(
    TITLE,
    QUESTION,
    SHOWS,
    ABOUT,
    draw_settings,
    run,
    answer,
    show,
    show_cells,
    costs,
    picture,
    takes_queries=True,
)
