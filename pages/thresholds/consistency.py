"""The section `Consistency`: does one threshold fit all classes?"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.figures import Space, accuracy_consistency, class_contributions, class_utility
from core.index import exact_neighbors
from core.metrics import OperatingPoint, OpisResult, ScoreUnit, threshold_axis
from core.metrics.opis_score import Reference
from core.progress import counted
from core.studies import ChanceStudy, Consistency, EqualSizes, Estimate, OpisSettings, sample_rows
from pages.thresholds import chosen_class, decide, operating
from pages.thresholds import lab as labs
from pages.thresholds.lab import Lab
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.declared import Options
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.session import slot
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

SMALL_CLASS = 5
METRIC_WIDTH = 140  # pixels of a figure's card
BEYOND = 0.05  # of equal classes as uneven as the data: below it they are called unequal
QUERIES = 2_000  # items whose nearest other item is found, for hit@1
KEPT_SPACES = 12
OUTSIDE = 0.01  # of the calibration range, by which a threshold may miss it
_SPACES: Slot[dict[str, Space]] = Slot(
    "spaces_of_thresholds", dict, kept=slot.Kept("The spaces of Consistency could not be opened")
)
METHOD = Options(
    "opis_method",
    "Thresholds are",
    ("grid", "exact"),
    help="grid: equally far apart; exact: every border of the bins in which the pairs of a class "
    "are counted.",
)
SINGLETONS = Options(
    "opis_singletons",
    "Rows alone in their class",
    ("negatives", "drop"),
    help="negatives: they are impostors of the others; drop: they are left out.",
)
REFERENCES: dict[Reference, str] = {
    "class_mean": "mean utility of the classes",
    "macro_rates": "utility of their mean rates",
    "pooled": "utility of all pairs together",
}


def show(work: Workspace, heading: Heading) -> None:
    """The section `Consistency` of the Thresholds page."""
    lab = labs.lab(work, keep_singletons=SINGLETONS.held() == "negatives")
    point, unit = operating.held(lab), operating.unit(lab)
    row = st.columns([3, 2], vertical_alignment="bottom")
    with row[0]:
        chosen = chosen_class.draw(lab)
    with row[1], st.popover("How OPIS is taken", width="stretch"):
        wanted = draw_settings(lab)
        size = _equal_size(lab)
    settings = replace(wanted, min_size=max(wanted.min_size, labs.least_members(lab)))
    found = jobs.ready(measured(lab, settings))
    by_chance = _chance.need(lab.embeddings, lab.metric, settings)
    equal = _equal.need(lab.embeddings, lab.metric, settings, size)
    accuracy = _accuracy.need(lab.embeddings, lab.metric)
    estimates = labs.estimated(lab, "items")
    auc = None if estimates is None else estimates.figures["AUC"]
    words = answer(found, by_chance, auc)
    heading.answer(words)
    messages.note(plain(f"{_range_words(settings)} {lab.basis}"))
    if warning := small_classes(found.opis, settings, sampled=lab.study.sampled == "rows"):
        messages.note(plain(warning))
    picture, numbers = st.columns([4, 1])
    axis = threshold_axis(lab.metric)
    with picture:
        chart.show(
            chart.drawn(
                class_utility,
                found.opis,
                axis,
                unit,
                point.score,
                lab.embeddings.class_names,
                epsilon=settings.epsilon,
                chosen=_place(lab, found.opis, chosen),
                dark=chart.is_dark(),
            ),
            key="class_utility",
            alt=words,
            table=lambda: utility_table(lab, found.opis, unit),
            on_select=_on_click(lab, found.opis, "class_utility"),
            selection=("points",),
        )
        if outside := outside_words(found.opis, lab, point):
            messages.note(plain(outside))
    with numbers, st.container(horizontal=True):
        for name, value, explanation in figures(found, settings, by_chance, equal):
            st.metric(name, value, help=explanation, width=METRIC_WIDTH)
    left, right = st.columns([3, 2])
    with left:
        st.markdown("**What each class adds to OPIS**")
        chart.show(
            chart.drawn(
                class_contributions,
                found.opis,
                lab.embeddings.class_names,
                chosen=_place(lab, found.opis, chosen),
                dark=chart.is_dark(),
                height=max(220, min(620, 60 + 18 * len(found.opis.classes))),
            ),
            key="contributions",
            alt="Contribution of each class to OPIS, with its sign",
            table=lambda: contribution_table(lab, found.opis),
            on_select=_on_click(lab, found.opis, "contributions"),
            selection=("points",),
        )
    with right:
        st.markdown(
            "**Accuracy against consistency**",
            help="hit@1: share of items whose nearest other item has their class, of up to "
            f"{QUERIES:,} items. Each space that was opened here in this session stays, under its "
            "own name; right and low is best (after Zhang et al., arXiv 2307.04047).",
        )
        if accuracy is not None:
            spaces = _keep(lab, found, accuracy)
            chart.show(
                chart.drawn(accuracy_consistency, spaces, dark=chart.is_dark()),
                key="accuracy_consistency",
                alt="Accuracy and OPIS of the spaces of this session",
                table=lambda: space_table(spaces),
            )
    labs.narrow(work, lab)


def measured(lab: Lab, settings: OpisSettings) -> Consistency | None:
    """OPIS of the counted pairs, as a job."""
    return _consistency.need(lab, settings)


def draw_settings(lab: Lab) -> OpisSettings:
    """Draw the options of OPIS."""
    usual = OpisSettings()
    low = widgets.number(
        "From FAR", "opis_from", low=0.0001, high=0.5, value=usual.far[0], step=0.001, format="%g"
    )
    high = widgets.number(
        "To FAR", "opis_to", low=0.0001, high=0.5, value=usual.far[1], step=0.01, format="%g"
    )
    reference = widgets.select(
        "Deviation from", "opis_reference", list(get_args(Reference)), format=REFERENCES.__getitem__
    )
    weight = widgets.number(
        "Weight of sensitivity (c)", "opis_c", low=0.1, high=10.0, value=1.0, step=0.1, format="%g"
    )
    least = widgets.number(
        "Least members of a class",
        "opis_members",
        low=2,
        high=max(2, int(np.sort(lab.counts.order.sizes)[-2])),
        value=2,
        step=1,
        help=f"Rates of small classes move in large steps; {SMALL_CLASS} or more is steadier.",
    )
    epsilon = widgets.number(
        "Share of worst classes (epsilon)",
        "opis_epsilon",
        low=0.01,
        high=1.0,
        value=usual.epsilon,
        step=0.05,
        format="%g",
    )
    method = METHOD.draw()
    thresholds = usual.thresholds
    if method == "grid":
        thresholds = widgets.number(
            "Thresholds", "opis_thresholds", low=11, high=1001, value=usual.thresholds, step=10
        )
    singletons = SINGLETONS.draw()
    return OpisSettings(
        far=(min(low, high), max(low, high)),
        thresholds=thresholds,
        c=weight,
        reference=reference,
        min_size=least,
        method="exact" if method == "exact" else "grid",
        singletons="drop" if singletons == "drop" else "negatives",
        epsilon=epsilon,
    )


def usual(lab: Lab) -> OpisSettings:
    """The options of OPIS as they are unless changed."""
    return OpisSettings(min_size=labs.least_members(lab))


def answer(
    found: Consistency,
    by_chance: ChanceStudy | None = None,
    auc: Estimate | None = None,
) -> str:
    """The section's sentence; without what chance gives until that is known."""
    return decide.separation(auc) + _how_equal(found, by_chance)


def _how_equal(found: Consistency, by_chance: ChanceStudy | None) -> str:
    """How unequally the classes are served, and how far that is beyond chance."""
    result, many = found.opis, count(len(found.opis.classes), "class", "classes")
    if result.is_equal:
        return f"One threshold serves all {many} equally: OPIS is 0."
    low, high = found.interval
    value = f"OPIS {number(result.opis)} (95 %: {number(low)} to {number(high)})"
    worst = _worst_words(result)
    if by_chance is None:
        return f"One threshold serves the {many} unequally by {value}; 0 is equal. {worst}"
    drawn = by_chance.chance
    equal = "classes of equal spread and these sizes"
    sample = ""
    if by_chance.is_sample:
        sample = f", and {number(drawn.observed)} in a sample of {by_chance.rows:,} rows"
    if drawn.p_value > BEYOND:
        low, high = drawn.interval
        return (
            f"One threshold serves the {many} as equally as chance allows: {value}{sample}, where "
            f"{equal} give {number(drawn.mean)} by chance (95 %: {number(low)} to {number(high)})."
        )
    if math.isnan(drawn.times):
        against = f"where {equal} give 0 by chance"
    else:
        against = (
            f"{number(drawn.times, 2)} times what {equal} give by chance ({number(drawn.mean)})"
        )
    return f"One threshold serves the {many} unequally: {value}{sample}, {against}. {worst}"


def _worst_words(result: OpisResult) -> str:
    """How many classes stand on either side of the mean."""
    tight = int(np.count_nonzero(result.signs < 0))
    if not tight:
        return ""
    are = "is" if tight == 1 else "are"
    return f"{tight:,} of {len(result.classes):,} classes {are} served worse than the mean."


def _range_words(settings: OpisSettings) -> str:
    low, high = settings.far
    return f"Over the thresholds of FAR {percent(low)} to {percent(high)}."


def figures(
    found: Consistency,
    settings: OpisSettings,
    by_chance: ChanceStudy | None = None,
    equal: EqualSizes | None = None,
) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the section's single figures."""
    low, high = found.interval
    worst_low, worst_high = found.epsilon_interval
    lines = [
        (
            "OPIS",
            number(found.opis.opis),
            "Mean squared deviation of a class's utility from the reference over the range; lower "
            f"is better (Zhang et al., arXiv 2307.04047, reconstructed). 95 %: {number(low)} to "
            f"{number(high)}, by drawing members within their classes (the basic bootstrap "
            "interval, which takes off what small classes add).",
        ),
        *_chance_figure(by_chance),
        (
            "epsilon-OPIS",
            number(found.epsilon_opis),
            f"The same for the worst {percent(settings.epsilon)} of the classes together. 95 %: "
            f"{number(worst_low)} to {number(worst_high)}.",
        ),
    ]
    if equal is not None:
        lines.append(
            (
                "OPIS, equal sizes",
                number(equal.mean),
                f"Mean of {len(equal.values)} draws of {equal.size} members of each of "
                f"{count(equal.classes, 'class', 'classes')} ({number(float(equal.values.min()))} "
                f"to {number(float(equal.values.max()))}). Compare data sets by this figure, at "
                "the same number of members.",
            )
        )
    return lines


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


def small_classes(result: OpisResult, settings: OpisSettings, *, sampled: bool = False) -> str:
    """A warning where small classes raise OPIS, or an empty text."""
    small = int(np.count_nonzero(result.class_sizes < SMALL_CLASS))
    notes = []
    if small:
        notes.append(
            f"{count(small, 'class has', 'classes have')} fewer than {SMALL_CLASS} members: their "
            "rates move in large steps, which raises OPIS. Do not compare it with other data; set "
            "a least number of members, or compare classes of the same size."
        )
    if sampled and settings.min_size == labs.SAMPLED_MEMBERS:
        notes.append(
            f"Until all pairs are counted, classes with fewer than {labs.SAMPLED_MEMBERS} rows in "
            "the sample have no utility: so few raise OPIS."
        )
    elif settings.min_size > 2:
        notes.append(
            f"Classes of fewer than {settings.min_size} members have no utility; their rows count "
            "as impostors of the others."
        )
    if result.n_singletons:
        notes.append(
            f"{count(result.n_singletons, 'row is', 'rows are')} alone in a class and "
            f"{'counts as an impostor' if result.n_singletons == 1 else 'count as impostors'} only."
        )
    return " ".join(notes)


def outside_words(result: OpisResult, lab: Lab, point: OperatingPoint) -> str:
    """A sentence where the threshold lies outside the calibration range, or an empty text."""
    axis, unit = threshold_axis(lab.metric), operating.unit(lab)
    here = float(axis.of(point.score))
    low, high = result.calibration_range
    slack = OUTSIDE * (high - low)
    if low - slack <= here <= high + slack:
        return ""
    ends = np.sort(unit.of(axis.to_score(result.calibration_range)))
    side = "strict" if here < low else "lax"
    return (
        f"The threshold of Decide, {operating.value_text(unit, point.score)}, is too {side} for "
        f"this picture, which reaches from {number(float(ends[0]), 4)} to "
        f"{number(float(ends[1]), 4)}."
    )


def utility_table(lab: Lab, result: OpisResult, unit: ScoreUnit) -> pd.DataFrame:
    """One row per class and threshold of the calibration range: its utility, and the mean."""
    axis = threshold_axis(lab.metric)
    names = [lab.embeddings.class_names[code] for code in result.classes]
    return pd.DataFrame(
        {
            "class": np.repeat(names, len(result.thresholds)),
            f"threshold ({unit.name})": np.tile(
                unit.of(axis.to_score(result.thresholds)), len(names)
            ).round(5),
            "utility": result.class_utility.ravel().round(5),
            "mean of the classes": np.tile(result.mean_utility, len(names)).round(5),
        }
    )


def contribution_table(lab: Lab, result: OpisResult) -> pd.DataFrame:
    """One row per class: what it adds to OPIS, and on which side of the mean it stands."""
    verdict = np.select(
        [result.signs < 0, result.signs > 0],
        [_side(result, lower=True), _side(result, lower=False)],
        "at the mean",
    )
    frame = pd.DataFrame(
        {
            "class": [lab.embeddings.class_names[code] for code in result.classes],
            "members": result.class_sizes,
            "contribution": result.contributions,
            "share of OPIS": result.contributions / max(result.contributions.sum(), 1e-300),
            "verdict": verdict,
        }
    )
    return frame.sort_values("contribution", ascending=False, kind="stable", ignore_index=True)


def _side(result: OpisResult, *, lower: bool) -> npt.NDArray[np.str_]:
    """In words, whether the threshold is too tight or too loose for each class that is off."""
    sensitivity = result.sensitivity.mean(axis=1)
    specificity = result.specificity.mean(axis=1)
    tight = sensitivity - sensitivity.mean() < specificity - specificity.mean()
    if lower:
        return np.where(tight, "worse: the threshold is too tight", "worse: it is too loose")
    return np.where(tight, "better: fewer false matches", "better: fewer missed matches")


def space_table(spaces: list[Space]) -> pd.DataFrame:
    """The spaces of the picture of accuracy against consistency."""
    return pd.DataFrame(
        {
            "space": [space.name for space in spaces],
            "hit@1": [space.accuracy for space in spaces],
            "OPIS": [space.opis for space in spaces],
            "OPIS, low": [space.interval[0] for space in spaces],
            "OPIS, high": [space.interval[1] for space in spaces],
        }
    )


def _keep(lab: Lab, found: Consistency, accuracy: float) -> list[Space]:
    """Keep this space among those of the session, and give them all, this one last."""
    name = f"{lab.embeddings.name}, {lab.metric.replace('_', ' ')}"
    kept = dict(_SPACES.get())
    key = f"{lab.embeddings.fingerprint} {lab.metric}"
    kept.pop(key, None)
    kept[key] = Space(name, accuracy, found.opis.opis, found.interval)
    _SPACES.set(dict(list(kept.items())[-KEPT_SPACES:]))
    return list(kept.values())


def _equal_size(lab: Lab) -> int:
    sizes = np.sort(lab.embeddings.class_sizes[lab.embeddings.class_sizes > 1])
    most = max(2, int(sizes[-2]))
    usual = int(np.clip(np.quantile(sizes, 0.1), 2, 30))
    return widgets.number(
        "Members of each class, where all are made equal",
        "opis_equal",
        low=2,
        high=most,
        value=usual,
        step=1,
    )


def _place(lab: Lab, result: OpisResult, chosen: int | None) -> int | None:
    """Where the chosen class stands in the result, if it is large enough to be there."""
    if chosen is None:
        return None
    found = np.flatnonzero(result.classes == lab.counts.order.classes[chosen])
    return int(found[0]) if len(found) else None


def _on_click(lab: Lab, result: OpisResult, key: str) -> Callable[[], None]:
    places = np.searchsorted(lab.counts.order.classes, result.classes).tolist()

    def follow() -> None:
        place = chosen_class.taken(key)
        if place is not None and 0 <= place < len(places):
            chosen_class.choose(lab, places[place])

    return follow


@jobs.job("Measuring consistency")
def _consistency(progress: Progress, lab: Lab, settings: OpisSettings) -> Consistency:
    progress(0.0)
    return studies.class_consistency(lab.counts, settings)


@jobs.job("Drawing classes of equal spread")
def _chance(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, settings: OpisSettings
) -> ChanceStudy:
    assert embeddings.labels is not None
    return studies.chance_study(
        embeddings.vectors,
        embeddings.labels,
        score=settings.scorer(metric),
        metric=metric,
        progress=progress,
    )


@jobs.job("Drawing classes of equal size")
def _equal(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    settings: OpisSettings,
    size: int,
) -> EqualSizes:
    assert embeddings.labels is not None
    return studies.equal_sizes(
        embeddings.vectors,
        embeddings.labels,
        size=size,
        metric=metric,
        settings=settings,
        progress=progress,
    )


@jobs.job("Finding the nearest other items")
def _accuracy(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
) -> float:
    report = counted(progress, "{:,} of {:,} rows")
    labels = embeddings.labels
    assert labels is not None
    eligible = np.flatnonzero((labels >= 0) & (embeddings.class_sizes[labels] > 1))
    rows = eligible[sample_rows(len(eligible), QUERIES, labels=labels[eligible])]
    vectors = embeddings.vectors
    near = exact_neighbors(vectors, vectors[rows], 1, metric=metric, exclude=rows, progress=report)
    return float((labels[near.ids[:, 0]] == labels[rows]).mean())
