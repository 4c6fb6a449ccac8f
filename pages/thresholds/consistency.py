"""The section `Consistency`: does one threshold fit all classes?"""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.figures.thresholds import class_utility, distance_histogram
from core.metrics import OpisResult, epsilon_opis
from core.studies.thresholds.chance import ChanceStudy, chance_study
from core.studies.thresholds.consistency import (
    PairList,
    ThresholdStudy,
    classes_at,
    threshold_study,
)
from pages.thresholds import rates
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import chart, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

SMALL_CLASS = 5
METRIC_WIDTH = 140  # pixels of a figure's card
BEYOND = 0.05  # of equal classes as uneven as the data: below it they are called unequal
RANGE = "FAR 1 % to 10 %"
SHOWN = 50


def show(work: Workspace, heading: Heading) -> None:
    """The section `Consistency` of the Thresholds page."""
    slot = st.container()
    embeddings = work.embeddings
    found = jobs.ready(study(work))

    rates.start_anew(work.fingerprint)
    with slot:
        threshold = widgets.slider(
            "Threshold: a pair is accepted if its L2 distance on unit vectors is at most",
            "threshold",
            low=0.0,
            high=2.0,
            value=round(float(found.opis.calibration_range.mean()) * 200) / 200,
            step=0.005,
            format="%.3f",
            help="It moves every line, count and table of this page, and starts in the middle of "
            "the calibration range.",
        )
        by_chance = chance(work)
    classes = class_table(found, embeddings, threshold)
    words = answer(found, classes, threshold, by_chance)
    heading.answer(words)
    messages.note(plain(counts_at(found, threshold)))
    if warning := small_classes(found):
        messages.note(plain(warning))

    picture, numbers = st.columns([4, 1])
    with picture:
        chart.show(
            class_utility(found, threshold, embeddings.class_names, dark=chart.is_dark()),
            key="class_utility",
            alt=words,
            table=lambda: rates.utility_table(found, embeddings.class_names),
            csv_name="class_utility",
        )
        if outside := rates.outside(found, threshold):
            messages.note(plain(outside))
    with numbers, st.container(horizontal=True):
        for name, value, explanation in figures(found, by_chance):
            st.metric(name, value, help=explanation, width=METRIC_WIDTH)

    st.subheader("Classes at this threshold, worst first")
    chart.show_table(classes.round(4), key="classes", csv_name="classes_at_threshold", open=True)
    left, right = st.columns(2)
    with left:
        shape = widgets.segmented("Rates as", "rates", rates.RATES, help=rates.RATES_HELP)
        chart.show(
            rates.rates(found, threshold, shape),
            key="far_frr",
            alt=f"{shape} of all pairs; the EER is {percent(found.eer[0])}",
            table=lambda: rates.rates_table(found),
        )
        if sampled := rates.sampled(found, shape):
            messages.note(plain(sampled))
    with right:
        chart.show(
            distance_histogram(found, threshold, dark=chart.is_dark(), height=390),
            key="distances",
            alt="Distances of genuine and of impostor pairs",
            table=lambda: rates.distance_table(found),
        )

    st.subheader("The worst decisions at this threshold")
    accepted, rejected = st.tabs(
        ["Wrongly accepted, nearest first", "Wrongly rejected, farthest first"]
    )
    config = {f"image ({i})": st.column_config.ImageColumn(width="small") for i in (1, 2)}
    for tab, rows in (
        (accepted, wrongly_accepted(found, embeddings, threshold)),
        (rejected, wrongly_rejected(found, embeddings, threshold)),
    ):
        with tab:
            if len(rows):
                st.dataframe(rows, hide_index=True, column_config=config)
            else:
                messages.empty("None at this threshold.", "Move the threshold to see some.")


def study(work: Workspace) -> ThresholdStudy | None:
    """The study of the session's data, as a job."""
    return _study.need(work.embeddings)


@jobs.job("Comparing all pairs")
def _study(progress: Progress, embeddings: EmbeddingSet) -> ThresholdStudy:
    labels = embeddings.labels
    assert labels is not None
    return threshold_study(embeddings.vectors, labels, progress=progress)


def chance(work: Workspace) -> ChanceStudy | None:
    """What equal classes of the same sizes give by chance, as a job."""
    return _chance.need(work.embeddings)


@jobs.job("Drawing classes of equal spread")
def _chance(progress: Progress, embeddings: EmbeddingSet) -> ChanceStudy:
    labels = embeddings.labels
    assert labels is not None
    return chance_study(embeddings.vectors, labels, progress=progress)


def eligible_classes(embeddings: EmbeddingSet) -> int:
    """Classes with at least two members."""
    return int(np.count_nonzero(embeddings.class_sizes > 1))


def answer(
    found: ThresholdStudy,
    classes: pd.DataFrame,
    threshold: float,
    by_chance: ChanceStudy | None = None,
) -> str:
    """The page's sentence; without what chance gives until that is known."""
    worst, best = classes.iloc[0], classes.iloc[-1]
    at = f"At distance {threshold:.3f} utility"
    if worst["utility"] == best["utility"]:
        told = f"{at} is {number(best['utility'])} for every class."
    else:
        told = (
            f"{at} runs from {number(worst['utility'])} for {worst['class']} to "
            f"{number(best['utility'])} for {best['class']}."
        )
    return f"{_how_equal(found.opis, by_chance)} {told}"


def _how_equal(found: OpisResult, by_chance: ChanceStudy | None) -> str:
    """How unequally the classes are served, and how far that is beyond chance."""
    many = f"{len(found.classes):,} classes"
    if found.is_equal:
        return f"One threshold serves all {many} equally: OPIS is 0 over {RANGE}."
    value = f"OPIS {number(found.opis)}"
    if by_chance is None:
        return f"One threshold serves the {many} unequally by {value} (0 is equal) over {RANGE}."
    drawn = by_chance.chance
    equal = "classes of equal spread and these sizes"
    sample = ""
    if by_chance.is_sample:
        sample = f", and {number(drawn.observed)} in a sample of {by_chance.rows:,} rows"
    if drawn.p_value > BEYOND:
        low, high = drawn.interval
        return (
            f"One threshold serves the {many} as equally as chance allows: {value} over "
            f"{RANGE}{sample}, where {equal} give {number(drawn.mean)} by chance (95 %: "
            f"{number(low)} to {number(high)})."
        )
    if math.isnan(drawn.times):
        against = f"where {equal} give 0 by chance"
    else:
        against = (
            f"{number(drawn.times, 2)} times what {equal} give by chance ({number(drawn.mean)})"
        )
    return f"One threshold serves the {many} unequally: {value} over {RANGE}{sample}, {against}."


def counts_at(found: ThresholdStudy, threshold: float) -> str:
    """What the threshold accepts and rejects, in numbers of pairs."""
    place = found.place(threshold)
    far, frr = float(found.far[place]), float(found.frr[place])
    accepted, rejected = round(far * found.n_impostor), round(frr * found.n_genuine)
    return (
        f"At {threshold:.3f}: {count(accepted, 'impostor pair')} of {found.n_impostor:,} wrongly "
        f"accepted (FAR {percent(far)}), {count(rejected, 'genuine pair')} of "
        f"{found.n_genuine:,} wrongly rejected (FRR {percent(frr)})."
    )


def figures(
    found: ThresholdStudy, by_chance: ChanceStudy | None = None
) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the study's single figures."""
    rate, place = found.eer
    sampled = min(found.genuine_share, found.impostor_share) < 1
    drawn = "all pairs"
    if sampled:
        drawn = (
            f"{percent(found.genuine_share)} of the genuine and {percent(found.impostor_share)} of "
            f"the impostor pairs, drawn with seed {found.seed}"
        )
    return [
        (
            "OPIS",
            number(found.opis.opis),
            "Mean squared deviation of a class's utility from the mean, over the thresholds at FAR "
            "1 % to 10 %; lower is better (Zhang et al., arXiv 2307.04047, reconstructed).",
        ),
        *_chance_figure(by_chance),
        (
            "epsilon-OPIS",
            number(epsilon_opis(found.opis)),
            "The same for the worst 10 % of classes together.",
        ),
        (
            "EER",
            percent(rate),
            f"FAR and FRR are equal at distance {place:.4f}; linear interpolation, {drawn}.",
        ),
        *(
            (
                f"TAR at FAR {100 * far:g} %",
                percent(tar),
                "Share of genuine pairs accepted at the largest threshold with at most that FAR.",
            )
            for far, tar in found.tar_at_far.items()
        ),
        ("d'", number(found.d_prime), "Distance of the two means in pooled standard deviations."),
        ("AUC", number(found.auc), f"Chance that a genuine pair is nearer; {drawn}."),
    ]


def _chance_figure(by_chance: ChanceStudy | None) -> list[tuple[str, str, str]]:
    if by_chance is None:
        return []
    drawn = by_chance.chance
    low, high = drawn.interval
    of = "all rows"
    if by_chance.is_sample:
        of = (
            f"{by_chance.rows:,} of {by_chance.n:,} rows, whole classes drawn with seed "
            f"{by_chance.seed}, where OPIS is {number(drawn.observed)}"
        )
    return [
        (
            "OPIS by chance",
            number(drawn.mean),
            f"Mean of {len(drawn.values)} draws (seed {drawn.seed}; 95 %: {number(low)} to "
            f"{number(high)}) of classes of these sizes around the same centers, in which every "
            f"member takes the place of any other class's, so that all spread alike; of {of}.",
        )
    ]


def small_classes(found: ThresholdStudy) -> str:
    """A warning where small classes raise OPIS, or an empty text."""
    small = int(np.count_nonzero(found.opis.class_sizes < SMALL_CLASS))
    notes = []
    if small:
        notes.append(
            f"{count(small, 'class has', 'classes have')} fewer than {SMALL_CLASS} members: their "
            "rates move in large steps, which raises OPIS. Do not compare it with other data."
        )
    if found.opis.n_singletons:
        notes.append(
            f"{count(found.opis.n_singletons, 'row is', 'rows are')} alone in a class and count as "
            "impostors only."
        )
    if found.opis.n_missing:
        notes.append(f"{count(found.opis.n_missing, 'row')} without a label left out.")
    return " ".join(notes)


def class_table(found: ThresholdStudy, embeddings: EmbeddingSet, threshold: float) -> pd.DataFrame:
    """Classes at the threshold, worst first."""
    return classes_at(found, threshold, embeddings.class_names)


def wrongly_accepted(
    found: ThresholdStudy, embeddings: EmbeddingSet, threshold: float
) -> pd.DataFrame:
    """The nearest impostor pairs that the threshold accepts."""
    return _pairs(
        found.nearest_impostors, found.nearest_impostors.distance <= threshold, embeddings
    )


def wrongly_rejected(
    found: ThresholdStudy, embeddings: EmbeddingSet, threshold: float
) -> pd.DataFrame:
    """The farthest genuine pairs that the threshold rejects."""
    return _pairs(found.farthest_genuine, found.farthest_genuine.distance > threshold, embeddings)


def _pairs(pairs: PairList, kept: npt.NDArray[np.bool_], embeddings: EmbeddingSet) -> pd.DataFrame:
    left, right = pairs.left[kept][:SHOWN], pairs.right[kept][:SHOWN]
    first, second = items.table(embeddings, left), items.table(embeddings, right)
    frame = pd.DataFrame({"distance": pairs.distance[kept][:SHOWN].round(4)})
    for name in first.columns:
        frame[f"{name} (1)"], frame[f"{name} (2)"] = first[name], second[name]
    return frame
