"""Classes that the threshold has not seen: promised and got, and what identification then gives."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.distances import Metric
from core.figures.threshold_open_world import (
    answer_scores,
    far_promised_and_got,
    identification,
    tar_promised_and_got,
)
from core.metrics import ScoreUnit
from core.studies.thresholds.open_world import OpenWorld, open_world
from core.studies.thresholds.transfer import Transfer, transfer
from pages.thresholds import asked_far, pair_rows
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.declared import Slider
from pages.ui.display import chart, downloads, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, percent, plain
from pages.ui.jobs import Progress
from pages.ui.results.labeled_pairs import held_unit
from pages.ui.session.workspace import Workspace

UNKNOWN = Slider(
    "world_unknown",
    "Classes held out, %",
    low=10,
    high=90,
    value=50,
    step=10,
    help="Of the search below: their members are queries to which nothing stored is "
    "relevant. The splits always take half.",
)
LISTED = 100
SPLITS_HELP = (
    "The classes are split into halves at random. The threshold is the lowest whose FAR on the one "
    "half is at most what is asked; FAR and TAR are then taken of the pairs within the other half."
)
FIGURES_HELP = (
    "GAP: mean precision over the right answers, all answers sorted by score; unknown queries "
    "count as errors, and it is divided by the known queries ([Weyand et al. "
    "2020](https://arxiv.org/abs/2004.01804)). DIR at FAR: known queries named rightly by an "
    "answer that passes, where that share of the unknown passes (Phillips, Grother and Micheals "
    "2005). AUC: chance that a known query's answer has the higher score. Intervals: 95 % by "
    "bootstrap over queries."
)


def show(work: Workspace, heading: Heading) -> None:
    """The part `Unseen classes`."""
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    with left:
        far = asked_far.draw()
    with right:
        unknown = UNKNOWN.draw() / 100
    metric = work.params.metric
    unit = held_unit(metric)
    splits = _transfer.need(work.embeddings, metric)
    search = _open_world.need(work.embeddings, metric, unknown)
    moved, found = jobs.ready(splits), jobs.ready(search)
    words = answer(moved, found, far)
    heading.answer(words)
    messages.note(plain(basis(moved, found)))
    _promised(moved, far, unit, words)
    _identified(work, found, far, unit)


@jobs.job("Setting thresholds on half of the classes")
def _transfer(progress: Progress, embeddings: EmbeddingSet, metric: Metric) -> Transfer:
    labels = embeddings.labels
    assert labels is not None
    return transfer(embeddings.vectors, labels, metric=metric, progress=progress)


@jobs.job("Searching for known and unknown classes")
def _open_world(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, unknown: float
) -> OpenWorld:
    labels = embeddings.labels
    assert labels is not None
    return open_world(embeddings.vectors, labels, metric=metric, unknown=unknown, progress=progress)


def answer(moved: Transfer, found: OpenWorld, far: float) -> str:
    """The part's sentences: what a threshold gave where it was not set, and identification."""
    return f"{_moved(moved, far)} {_identification(found, far)}"


def _moved(study: Transfer, far: float) -> str:
    at = study.at(far)
    asked = asked_far.told(far)
    if not at.resolved.any():
        return (
            f"FAR {asked} cannot be told: half of the classes have as few as "
            f"{count(int(study.impostors.min()), 'impostor pair')}."
        )
    seen = at.resolved
    low, high = float(at.far_met[seen].min()), float(at.far_met[seen].max())
    change = at.tar_met[seen] - at.tar_set[seen]
    text = (
        f"A threshold set for FAR {asked} on half of the classes gave {_span(low, high)} on "
        f"classes that it had not seen ({count(int(seen.sum()), 'split')}); "
    )
    return text + (
        f"TAR there was {_points(float(change.min()))} to {_points(float(change.max()))} points "
        "off."
    )


def _span(low: float, high: float) -> str:
    return percent(low) if low == high else f"{percent(low)} to {percent(high)}"


def _points(share: float) -> str:
    """A difference of shares in points with its sign."""
    return f"{100 * share:+.1f}"


def _identification(found: OpenWorld, far: float) -> str:
    known, unknown = len(found.known_classes), len(found.unknown_classes)
    rate = found.figures.dir_at_far[far][0]
    without = percent(found.figures.rank_one[0])
    of = f"With {known:,} of {known + unknown:,} classes stored, {without} of the known queries"
    if np.isnan(rate):
        asked = count(found.answers.n_unknown, "unknown query", "unknown queries")
        return f"{of} are named rightly; {asked} cannot tell FAR {asked_far.told(far)}."
    return (
        f"{of} are named rightly, and {percent(rate)} where a threshold lets "
        f"{asked_far.told(far)} of the unknown pass."
    )


def basis(moved: Transfer, found: OpenWorld) -> str:
    """What the figures rest on."""
    rows = f"all {moved.n:,} rows with a label"
    if moved.is_sample:
        rows = f"{moved.rows:,} of {moved.n:,} rows, drawn with seed {moved.seed}"
    search = f" {found.rows:,} rows," if found.rows != moved.rows else ""
    return (
        f"Splits: all pairs of {rows}, in {moved.classes:,} classes; {moved.splits} splits. "
        f"Search:{search} a gallery of {found.gallery:,}, "
        f"{count(found.answers.n_known, 'query', 'queries')} of its "
        f"{count(len(found.known_classes), 'class', 'classes')} and "
        f"{found.answers.n_unknown:,} of {len(found.unknown_classes):,} others (seed {found.seed})."
    )


def splits_table(study: Transfer, far: float, unit: ScoreUnit) -> pd.DataFrame:
    """One line per split: its threshold, and both rates promised and got."""
    at = study.at(far)
    return pd.DataFrame(
        {
            "split": np.arange(1, study.splits + 1),
            f"threshold ({unit.name})": unit.of(at.thresholds).round(5),
            "FAR asked": far,
            "FAR where set": at.far_set,
            "FAR got": at.far_met,
            "TAR where set": at.tar_set,
            "TAR got": at.tar_met,
        }
    )


def figures_table(found: OpenWorld, unit: ScoreUnit) -> pd.DataFrame:
    """One line per figure that the search can tell, with its interval and its threshold."""
    figures = found.figures
    lines = [
        ("named rightly, no threshold", figures.rank_one, np.nan),
        ("GAP", figures.gap, np.nan),
        ("AUC known against unknown", figures.auc, np.nan),
        *(
            (f"DIR at FAR {asked_far.told(far)}", rate, _bar(found, far, unit))
            for far, rate in figures.dir_at_far.items()
            if np.isfinite(rate[0])
        ),
    ]
    return pd.DataFrame(
        {
            "figure": [name for name, _, _ in lines],
            "value": [value[0] for _, value, _ in lines],
            "from": [value[1] for _, value, _ in lines],
            "to": [value[2] for _, value, _ in lines],
            f"threshold ({unit.name})": [bar for _, _, bar in lines],
        }
    ).round(4)


def _bar(found: OpenWorld, far: float, unit: ScoreUnit) -> float:
    """The threshold at a FAR in a unit; NaN below resolution or where nothing passes."""
    bar = found.answers.bar(far)
    return float(unit.of(bar)) if np.isfinite(bar) else float("nan")


def resolution(found: OpenWorld) -> str:
    """The least FAR that the search can tell."""
    unknown = found.answers.n_unknown
    return f"{unknown:,} unknown queries tell FARs from {percent(1 / unknown)} on."


def false_alarms(found: OpenWorld) -> npt.NDArray[np.int64]:
    """Places of the unknown queries, the answer of highest score first."""
    places = np.flatnonzero(~found.answers.known)
    return np.asarray(places[np.argsort(-found.answers.scores[places], kind="stable")])


def lost(found: OpenWorld) -> npt.NDArray[np.int64]:
    """Places of the known queries that are named wrongly, the answer of highest score first."""
    places = np.flatnonzero(found.answers.known & ~found.answers.correct)
    return np.asarray(places[np.argsort(-found.answers.scores[places], kind="stable")])


def queries_table(
    embeddings: EmbeddingSet, found: OpenWorld, places: npt.NDArray[np.int64], unit: ScoreUnit
) -> pd.DataFrame:
    """Queries with their answers, and the score of each in a unit."""
    return pair_rows.pair_rows(
        embeddings,
        found.queries[places],
        found.matches[places],
        ("query", "answer"),
        **{unit.name: unit.of(found.answers.scores[places]).round(4)},
    )


def _promised(moved: Transfer, far: float, unit: ScoreUnit, words: str) -> None:
    dark = chart.is_dark()
    left, right = st.columns([3, 2])
    with left:
        st.markdown("**FAR, promised and got**", help=SPLITS_HELP)
        chart.show(
            chart.drawn(far_promised_and_got, moved, far, dark=dark),
            key="world_far_got",
            alt=words,
            table=lambda: splits_table(moved, far, unit),
            csv_name="threshold_transfer",
        )
    with right:
        st.markdown(
            f"**TAR at FAR {plain(asked_far.told(far))}, promised and got**", help=SPLITS_HELP
        )
        chart.show(
            chart.drawn(tar_promised_and_got, moved, far, dark=dark), key="world_tar_got", alt=words
        )


def _identified(work: Workspace, found: OpenWorld, far: float, unit: ScoreUnit) -> None:
    dark, words = chart.is_dark(), _identification(found, far)
    st.subheader("Searching where some classes are not stored")
    left, right = st.columns(2)
    with left:
        shape = widgets.segmented("Picture", "world_picture", ["Rates", "Scores"], named=False)
        if shape == "Rates":
            figure = chart.drawn(identification, found.answers, far, dark=dark)
        else:
            values = unit.of(found.answers.scores)
            bar = _bar(found, far, unit)
            figure = chart.drawn(
                answer_scores, found.answers, bar, values, axis=unit.name, dark=dark
            )
        chart.show(figure, key="world_identified", alt=words)
    with right:
        st.markdown("**Figures of the search**", help=FIGURES_HELP)
        rows = figures_table(found, unit)
        tables.show(rows, hide_index=True, height=chart.table_height(rows, 400))
        downloads.download(rows, "open_world_figures")
        messages.note(plain(resolution(found)))
    alarms, wrong = st.tabs(
        ["Unknown queries, surest answer first", "Known queries named wrongly, surest first"]
    )
    for tab, places, name in (
        (alarms, false_alarms(found), "unknown"),
        (wrong, lost(found), "known"),
    ):
        with tab:
            if not len(places):
                messages.empty("There is no such query.", "Hold out more classes to see some.")
                continue
            shown = queries_table(work.embeddings, found, places[:LISTED], unit)
            pair_rows.show(shown, f"open_world_{name}_queries")
