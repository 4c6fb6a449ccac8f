"""Growth on the page: what will a search cost when the data is ten or a thousand times larger?"""

import pandas as pd
import streamlit as st

from core.figures import growth_costs
from core.studies import Growth
from pages.ui import charts, messages, needs_studies
from pages.ui.messages import number
from pages.ui.recall_controls import Asked
from pages.ui.workspace import Workspace

QUESTION = "How does the cost of a search grow with the data?"
ABOUT = (
    "The index of ever twice as many rows of this data, each holding the one before, and what "
    "the same queries cost at the same mean recall. HNSW's cost is expected to grow with log n "
    "([Malkov & Yashunin 2018](https://arxiv.org/abs/1603.09320), section 4.2.1)."
)
FAR = {"10M": 1e7, "1B": 1e9}


def settings(work: Workspace, asked: Asked, rows: int) -> tuple[object, ...]:
    """Nothing to choose beyond target, k and rows."""
    del work
    return asked.k, asked.target, rows


def answer(growth: Growth) -> str:
    """The fit and what it foretells."""
    fit = growth.fit("distance_computations")
    if fit is None:
        return (
            f"Too few sizes cross recall@{growth.k} {growth.target:g} for a fit: four are needed. "
            "Choose more rows, or a higher target."
        )
    now = number(round(float(growth.costs("distance_computations")[-1])))
    n = int(growth.n[-1])
    return (
        f"At recall@{growth.k} {growth.target:g} each doubling of the data adds "
        f"{number(fit.b, 2)} distance computations (R² {fit.r_squared:.2f}): {now} at {n:,} rows; "
        f"extrapolated, about {number(round(fit.at(1e7)[0]))} at 10M and "
        f"{number(round(fit.at(1e9)[0]))} at 1B."
    )


def show(work: Workspace, growth: Growth) -> None:  # noqa: ARG001
    """Distance computations and hops by rows, with the fits."""
    left, right = st.columns(2)
    for place, name, words in (
        (left, "distance_computations", "Distance computations"),
        (right, "hops", "Hops"),
    ):
        with place:
            charts.show(
                growth_costs(growth, name, dark=charts.is_dark()),
                key=f"growth_{name}",
                alt=f"{words} at equal recall by number of rows, with two fits",
                table=(lambda: table(growth)) if name == "hops" else None,
            )
    messages.note(
        f"{growth.queries:,} rows held out as queries, the same at every size; M "
        f"{growth.params.m}, ef_construction {growth.params.ef_construction}. Costs where mean "
        "recall crosses the target, between two whole ef in proportion. Beyond the measured sizes "
        "the lines are extrapolations: they assume that the new data is distributed as this is, "
        "and that ef_construction still suffices."
    )
    _far(growth)


def _far(growth: Growth) -> None:
    lines = []
    for name in ("distance_computations", "hops"):
        for form in ("log", "power"):
            fit = growth.fit(name, form)
            if fit is not None:
                line = {"cost": name.replace("_", " "), "fit": _formula(form), "R²": fit.r_squared}
                for words, n in FAR.items():
                    middle, low, high = (number(round(value)) for value in fit.at(n))
                    line[f"{words} rows (95 %)"] = f"{middle} ({low} to {high})"
                lines.append(line)
    if lines:
        st.markdown("**Extrapolated**")
        st.dataframe(pd.DataFrame(lines).round(3), hide_index=True)


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


VIEW = (QUESTION, ABOUT, settings, needs_studies.growth, answer, show)
