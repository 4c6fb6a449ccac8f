"""Growth on the page: what will a search cost when the data is ten or a thousand times larger?"""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core import studies
from core.figures import Figure, growth_costs
from core.studies import Growth
from core.studies.experiments.growth import Fit, growth_sizes
from pages.recall.studies.runs import SEED, Part, Study, clock_words, finished_parts
from pages.ui import jobs
from pages.ui.controls.queries import RecallSettings
from pages.ui.display import chart, messages, tables
from pages.ui.display.text import number
from pages.ui.jobs import Progress
from pages.ui.results import expected
from pages.ui.results.expected import Costs
from pages.ui.session.workspace import Workspace

TITLE = "Growth"
QUESTION = "How does the cost of a search grow with the data?"
SHOWS = "Distance computations at the target for twice and twice as many rows, extrapolated."
ABOUT = (
    "Indexes of more and more rows of this data, each twice as many as the one before, and what "
    "the same queries cost at the same mean recall. HNSW's cost is expected to grow with log n "
    "([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320), section 4.2.1)."
)
QUERIES = 500
FAR = {"10M": 1e7, "1B": 1e9}
FITS = ("log", "power")


@dataclass(frozen=True)
class Settings:
    """target: the mean recall@k at which costs are compared."""

    k: int
    target: float


@jobs.job(TITLE)
def run(progress: Progress, part: Part, settings: Settings) -> Growth:
    """The study of this data."""
    finished = finished_parts(part, settings)
    return studies.growth(
        part.vectors,
        part.params,
        k=settings.k,
        target=settings.target,
        queries=QUERIES,
        seed=SEED,
        executor=part.executor(progress),
        progress=progress,
        done=finished.done,
        so_far=finished.take,
    )


def costs(part: Part, settings: Settings) -> Costs:  # noqa: ARG001
    """A build and a sweep of every ef for each size."""
    n, asked = expected.split(part.n, 0, QUERIES)
    parts = {
        size: expected.build(size, part.params) + expected.sweep(asked, size, part.params.m)
        for size in growth_sizes(n)
    }
    return Costs(parts, part.params.threads)


def draw_settings(work: Workspace, wanted: RecallSettings, rows: int) -> Settings:  # noqa: ARG001
    """Nothing to choose beyond target, k and rows."""
    return Settings(wanted.k, wanted.target)


def answer(growth: Growth) -> str:
    """What a doubling costs, and what both fits extrapolate, which may lie far apart."""
    log, power = (growth.fit("distance_computations", form) for form in FITS)
    if log is None or power is None:
        return (
            f"Too few sizes cross recall@{growth.k} {growth.target:g} for a fit: four are needed. "
            "Choose more rows, or a higher target."
        )
    now = number(round(float(growth.costs("distance_computations")[-1])))
    n = int(growth.n[-1])
    return (
        f"At recall@{growth.k} {growth.target:g} a search takes {now} distance computations at "
        f"{n:,} rows. Extrapolated, {_between(log, power, 1e7)} at 10M and "
        f"{_between(log, power, 1e9)} at 1B: {number(log.b, 2)} more with each doubling (R² "
        f"{log.r_squared:.2f}), or {number(2**power.b)} times as many (R² {power.r_squared:.2f})."
    )


def _between(log: Fit, power: Fit, n: float) -> str:
    """What both fits give for n rows, the lower first; one number where they agree."""
    ends = sorted(float(f"{fit.at(n)[0]:.3g}") for fit in (log, power))
    low, high = map(number, ends)
    return f"about {low}" if low == high else f"from {low} to {high}"


def show(work: Workspace, growth: Growth) -> None:  # noqa: ARG001
    """Distance computations and hops by rows, with the fits."""
    show_steps(growth)
    messages.note(
        f"{growth.queries:,} rows held out as queries, the same at every size; M "
        f"{growth.params.m}, ef_construction {growth.params.ef_construction}. Costs where mean "
        "recall crosses the target, between two whole ef in proportion. Beyond the measured sizes "
        "the lines are extrapolations: they assume that the new data is distributed as this is, "
        f"and that ef_construction still suffices. {clock_words(s.host for s in growth.steps)}"
    )
    far = extrapolated(growth)
    if len(far):
        st.markdown("**Extrapolated**")
        tables.show(far, hide_index=True)


def show_steps(growth: Growth) -> None:
    """The sizes that are there, with the fits that they allow."""
    left, right = st.columns(2)
    for place, name, words in (
        (left, "distance_computations", "Distance computations"),
        (right, "hops", "Hops"),
    ):
        with place:
            chart.show(
                chart.drawn(growth_costs, growth, name, dark=chart.is_dark()),
                key=f"growth_{name}",
                alt=f"{words} at equal recall by number of rows, with two fits",
                table=(lambda: table(growth)) if name == "hops" else None,
            )


def extrapolated(growth: Growth) -> pd.DataFrame:
    """One line per cost and fit: what it gives for 10M and 1B rows, with its interval."""
    lines = []
    for name in ("distance_computations", "hops"):
        for form in FITS:
            fit = growth.fit(name, form)
            if fit is not None:
                line = {"cost": name.replace("_", " "), "fit": _formula(form), "R²": fit.r_squared}
                for words, n in FAR.items():
                    middle, low, high = (number(round(value)) for value in fit.at(n))
                    line[f"{words} rows (95 %)"] = f"{middle} ({low} to {high})"
                lines.append(line)
    return pd.DataFrame(lines).round(3)


def _formula(form: str) -> str:
    return "a + b log2 n" if form == "log" else "a n^b"


def table(growth: Growth) -> pd.DataFrame:
    """One line per size."""
    return pd.DataFrame(
        {
            "rows": [step.n for step in growth.steps],
            "ef": [round(step.ef, 2) for step in growth.steps],
            "distance computations": [round(s.distance_computations, 1) for s in growth.steps],
            "hops": [round(step.hops, 2) for step in growth.steps],
            "build, s": [round(step.build_seconds, 2) for step in growth.steps],
            "fitted": [step.ef > growth.k for step in growth.steps],
        }
    )


def picture(growth: Growth) -> Figure:
    """Distance computations by rows, with the fits."""
    return growth_costs(growth, dark=chart.is_dark())


STUDY = Study(
    TITLE, QUESTION, SHOWS, ABOUT, draw_settings, run, answer, show, show_steps, costs, picture
)
