"""Several thresholds, or normalized scores, in place of one threshold: what they would win."""

from typing import cast

import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.distances import Metric
from core.figures.threshold_several import classes_before_and_after, frr_by_way, opis_by_way
from core.studies.thresholds.several import (
    ADAPTIVE,
    ONE,
    PER_CLASS,
    PER_CLUSTER,
    S_NORM,
    WAYS,
    Z_NORM,
    Equal,
    Several,
    several,
)
from pages.thresholds import asked_far
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.declared import Options, Slider
from pages.ui.display import chart, downloads, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

EQUAL = Options(
    "several_equal",
    "Own thresholds give each class the same",
    ("FRR", "FAR"),
    help="A class of wide spread needs a looser threshold for the same FRR, which lets more "
    "impostors pass; for the same FAR each class gets what its own neighborhood allows.",
    in_sight=True,
)
CLUSTERS = Slider("several_clusters", "Clusters of k-means", low=2, high=64, value=8, step=1)
TOP = Slider(
    "several_top",
    "Cohort scores of adaptive s-norm",
    low=10,
    high=500,
    value=200,
    step=10,
    help="The highest N of each row's scores with the cohort.",
)
NAMES = {
    ONE: "one threshold",
    PER_CLASS: "a threshold per class",
    PER_CLUSTER: "a threshold per cluster",
    Z_NORM: "z-norm",
    S_NORM: "s-norm",
    ADAPTIVE: "adaptive s-norm",
}
WAYS_HELP = (
    "A trial has an enrolled row and a probe. z-norm: the score in standard deviations above the "
    "mean of the enrolled row's scores with a cohort (Auckenthaler et al. 2000). s-norm: the mean "
    "of that of both rows (Kenny 2010). Adaptive: only the highest scores of each cohort (Matejka "
    "et al., Interspeech 2017). The cohort is the setting half without the row's own class. OPIS: "
    "mean squared deviation of a class's utility from the mean, here over overall FARs of 1 % to "
    "10 %, evenly in FAR, so that ways of unlike scores compare; it differs from the section "
    "Consistency, whose steps are even in distance."
)


def show(work: Workspace, heading: Heading) -> None:
    """The part `Several thresholds`."""
    left, middle, right = st.columns([3, 3, 2], vertical_alignment="bottom")
    with left:
        far = asked_far.draw()
    with middle:
        equal = cast(Equal, EQUAL.draw())
    with right, st.popover("More", width="stretch"):
        clusters, top = CLUSTERS.draw(), TOP.draw()
    found = _several.require(work.embeddings, work.params.metric, equal, clusters, top)
    if far not in found.at:
        heading.answer(unresolved(found, far))
        messages.empty("Nothing can be said at this FAR.", "Ask for a higher one.")
        return
    words = answer(found, far)
    heading.answer(words)
    messages.note(plain(f"{worst(found, far, work.embeddings.class_names)} {basis(found)}"))
    dark = chart.is_dark()
    first, second = st.columns(2)
    with first:
        st.markdown("**How unlike the classes are served**", help=WAYS_HELP)
        chart.show(chart.drawn(opis_by_way, found, dark=dark), key="several_opis", alt=words)
    with second:
        st.markdown(f"**True pairs lost at FAR {plain(asked_far.told(far))}**", help=WAYS_HELP)
        chart.show(chart.drawn(frr_by_way, found, far, dark=dark), key="several_frr", alt=words)
    rows = ways_table(found, far, work.embeddings.class_names)
    tables.show(
        rows,
        hide_index=True,
        height=chart.table_height(rows, 400),
        column_order=[name for name in rows.columns if not name.endswith((" from", " to"))],
    )
    downloads.download(rows, "several_thresholds")
    _classes(work, found, far)


@jobs.job("Trying several thresholds")
def _several(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    equal: Equal,
    clusters: int,
    top: int,
) -> Several:
    labels = embeddings.labels
    assert labels is not None
    return several(
        embeddings.vectors,
        labels,
        metric=metric,
        equal=equal,
        clusters=clusters,
        top=top,
        progress=progress,
    )


def unresolved(found: Several, far: float) -> str:
    """The part's sentence where the held-out members are too few for a FAR."""
    return (
        f"FAR {asked_far.told(far)} cannot be told: the held-out members have "
        f"{count(found.impostors, 'impostor trial')}."
    )


def answer(found: Several, far: float) -> str:
    """The part's sentences: which way serves classes most alike, which loses fewest, its price."""
    figures, one = found.at[far], found.at[far][ONE]
    alike = _most_alike(found)
    fewest = min(
        (way for way in WAYS[1:] if figures[way].frr_gain[0] > 0),
        key=lambda way: figures[way].frr,
        default=None,
    )
    base = found.opis[ONE].value
    at = f"at FAR {asked_far.told(far)}"
    if alike is None:
        told = (
            f"Nothing tried here serves the {len(found.classes):,} classes more alike than one "
            f"threshold (OPIS {number(base)}) by more than chance."
        )
    else:
        price = "at the price of" if figures[alike].frr > one.frr else "with"
        told = (
            f"{_begin(NAMES[alike])} serves the {len(found.classes):,} classes most alike: OPIS "
            f"{number(found.opis[alike].value)} instead of {number(base)}, {price} an FRR of "
            f"{percent(figures[alike].frr)} instead of {percent(one.frr)} {at}."
        )
    if fewest is None:
        return f"{told} None loses fewer true pairs than one threshold {at} by more than chance."
    if fewest == alike:
        return f"{told} It also loses the fewest true pairs."
    return (
        f"{told} {_begin(NAMES[fewest])} loses the fewest true pairs {at}: FRR "
        f"{percent(figures[fewest].frr)} instead of {percent(one.frr)}."
    )


def _most_alike(found: Several) -> str | None:
    """The way of the lowest OPIS among those that lower it by more than chance."""
    return min(
        (way for way in WAYS[1:] if found.opis[way].gain[0] > 0),
        key=lambda way: found.opis[way].value,
        default=None,
    )


def worst(found: Several, far: float, class_names: tuple[str, ...]) -> str:
    """The class of lowest utility with one threshold, and in the way that serves most alike."""
    told = []
    for way in (ONE, _most_alike(found)):
        if way is not None:
            figures = found.at[far][way]
            place = figures.worst
            told.append(
                f"{class_names[found.classes[place]]} with {NAMES[way]} (FRR "
                f"{percent(figures.class_frr[place])}, FAR {percent(figures.class_far[place])})"
            )
    return f"Served worst at FAR {asked_far.told(far)}: {', '.join(told)}."


def _begin(text: str) -> str:
    return text[0].upper() + text[1:] if not text.startswith(("z-", "s-")) else text


def basis(found: Several) -> str:
    """What the figures rest on."""
    rows = f"all {found.n:,} rows of these classes"
    if found.is_sample:
        rows = f"{found.rows:,} of {found.n:,} rows, drawn with seed {found.seed}"
    text = (
        f"Everything is set on one half of each class's members ({len(found.set_on):,} rows), and "
        f"the figures are of the other half: {found.impostors:,} impostor trials of {rows}. "
        "Intervals: "
        "95 % by bootstrap over classes."
    )
    if found.left_out:
        text += f" {count(found.left_out, 'class', 'classes')} of fewer than 4 members left out."
    return text


def ways_table(found: Several, far: float, class_names: tuple[str, ...]) -> pd.DataFrame:
    """One line per way: OPIS, both rates and the worst class, with intervals."""
    lines = []
    for way, figures in found.at[far].items():
        opis, worst = found.opis[way], figures.worst
        lines.append(
            {
                "way": way,
                "OPIS": opis.value,
                "OPIS from": opis.interval[0],
                "OPIS to": opis.interval[1],
                "OPIS lower by, from": opis.gain[0],
                "OPIS lower by, to": opis.gain[1],
                "FAR": figures.far,
                "FRR": figures.frr,
                "FRR from": figures.frr_interval[0],
                "FRR to": figures.frr_interval[1],
                "FRR lower by, from": figures.frr_gain[0],
                "FRR lower by, to": figures.frr_gain[1],
                "worst class": class_names[found.classes[worst]],
                "its utility": figures.class_utility[worst],
                "its FRR": figures.class_frr[worst],
                "its FAR": figures.class_far[worst],
            }
        )
    return pd.DataFrame(lines).round(5)


def classes_table(
    found: Several, far: float, way: str, class_names: tuple[str, ...]
) -> pd.DataFrame:
    """One line per class, before and after, lowest utility before first."""
    before, after = found.at[far][ONE], found.at[far][way]
    frame = pd.DataFrame(
        {
            "class": [class_names[code] for code in found.classes],
            "held-out members": found.members,
            "utility before": before.class_utility,
            "utility after": after.class_utility,
            "FRR before": before.class_frr,
            "FRR after": after.class_frr,
            "FAR before": before.class_far,
            "FAR after": after.class_far,
        }
    )
    return frame.sort_values("utility before", kind="stable", ignore_index=True).round(5)


def _classes(work: Workspace, found: Several, far: float) -> None:
    st.subheader("Class by class")
    way = widgets.segmented("In place of one threshold", "several_way", list(WAYS[1:]))
    names = [work.embeddings.class_names[code] for code in found.classes]
    figures = found.at[far]
    chart.show(
        chart.drawn(
            classes_before_and_after, figures[ONE], figures[way], names, dark=chart.is_dark()
        ),
        key="several_classes",
        alt=f"Utility of each class with one threshold and with {NAMES[way]}",
        table=lambda: classes_table(found, far, way, work.embeddings.class_names),
        csv_name="several_classes",
    )
