"""The section `Errors`: the pairs that the threshold gets wrong, and what may be behind them."""

import numpy as np
import pandas as pd
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.metrics import OperatingPoint, ScoredPairs, ScoreUnit, errors_by_group
from core.progress import counted
from core.studies import DoubtfulLabels
from pages.thresholds import chosen_class, decide, operating, pair_cards
from pages.thresholds import lab as labs
from pages.thresholds.lab import Lab
from pages.ui import jobs
from pages.ui.controls import page_links, play_table, widgets
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, plain
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import cached
from pages.ui.session.workspace import Workspace

ACCEPTED, REJECTED = "Wrongly accepted", "Wrongly rejected"
MOST = 200
SAME = 1.0 - 1e-6  # cosine from which two items count as copies


def show(work: Workspace, heading: Heading) -> None:
    """The section `Errors` of the Thresholds page."""
    lab = labs.lab(work)
    point, unit = operating.draw(lab), operating.unit(lab)
    kind_column, class_column = st.columns([3, 2], vertical_alignment="bottom")
    with kind_column:
        kind = widgets.segmented("Pairs", "pairs", (ACCEPTED, REJECTED))
    with class_column:
        chosen = chosen_class.draw(lab)
    pairs, basis = _pairs(lab, point, kind, chosen)
    heading.answer(answer(lab, point, unit))
    messages.note(plain(basis))
    pair_cards.show(lab, pairs, key=f"{'in' if kind == ACCEPTED else 'out'}_{chosen}")
    downloads.download(pair_cards.table(lab, pairs, unit), "pairs", "Download these pairs (CSV)")
    if lab.counts.group_impostor is not None:
        _confusions(lab, point)
    _doubts(lab, unit)
    labs.narrow(work, lab)


def answer(lab: Lab, point: OperatingPoint, unit: ScoreUnit) -> str:
    """The section's sentence: how many pairs are wrong, and the most striking impostor pair."""
    totals, nearest = lab.counts.totals, lab.counts.nearest_impostors
    wrong = int(totals.accepted_impostor[point.place])
    lost = int(totals.n_genuine - totals.accepted_genuine[point.place])
    at = operating.value_text(unit, point.score)
    words = (
        f"{count(wrong, 'impostor pair')} {'is' if wrong == 1 else 'are'} wrongly accepted and "
        f"{count(lost, 'genuine pair')} wrongly rejected at {at}"
    )
    if not wrong or not len(nearest.left):
        return f"{words}."
    one, other = int(nearest.left[0]), int(nearest.right[0])
    names, classes = items.short_names(lab.embeddings), items.label_texts(lab.embeddings)
    value = number(float(unit.of(nearest.score[0])), 4)
    return (
        f"{words}; the nearest of different classes are {names[one]} ({classes[one]}) and "
        f"{names[other]} ({classes[other]}), at {value}."
    )


def confusion_table(lab: Lab, point: OperatingPoint) -> pd.DataFrame:
    """Pairs of classes with accepted impostors, most first."""
    errors = errors_by_group(lab.counts, point.score)
    return studies.confusions(errors, tuple(lab.names))


def doubt_table(lab: Lab, found: DoubtfulLabels) -> pd.DataFrame:
    """One line per row whose label is in doubt, with the reason."""
    names, classes = items.short_names(lab.embeddings), lab.embeddings.class_names
    return pd.DataFrame(
        {
            "row": found.rows,
            "name": names[found.rows],
            "label": [classes[code] for code in found.own],
            "nearer to": [classes[code] for code in found.other],
            "reason": [
                f"score {number(float(other))} with the mean of {classes[code]}, "
                f"{number(float(own))} with that of the others of its own class"
                for own, other, code in zip(
                    found.own_score, found.other_score, found.other, strict=True
                )
            ],
        }
    )


def copy_table(lab: Lab, unit: ScoreUnit) -> pd.DataFrame:
    """Pairs of copies with different labels: one of the two labels is wrong, or both are right."""
    nearest = lab.counts.nearest_impostors
    copies = nearest.score >= (SAME if lab.metric == "cosine" else -1e-9)
    if lab.metric == "inner_product":
        vectors = lab.embeddings.vectors
        copies = np.all(vectors[nearest.left] == vectors[nearest.right], axis=1)
    return pair_cards.table(lab, nearest.chosen(np.asarray(copies)).first(MOST), unit)


def _pairs(
    lab: Lab, point: OperatingPoint, kind: str, chosen: int | None
) -> tuple[ScoredPairs, str]:
    """The pairs of a kind that are wrong at the threshold, and which were looked at."""
    genuine = kind == REJECTED
    if chosen is None:
        held = lab.counts.farthest_genuine if genuine else lab.counts.nearest_impostors
        of_kind = studies.wrongly_rejected if genuine else studies.wrongly_accepted
        pairs = of_kind(held, point.score, MOST)
        order = "the farthest first" if genuine else "the nearest first"
        return pairs, f"{kind} pairs, {order}. {decide.counts_at(lab, point)} {lab.basis}"
    found = _pairs_of_class(lab, chosen, genuine)
    wrong = found.pairs.score < point.score if genuine else found.pairs.score >= point.score
    words = f"{kind} pairs of {lab.names[chosen]}"
    if found.is_sample:
        words += ", of a sample of 2,000 rows of the class and of the others (seed 0)"
    return found.pairs.chosen(wrong), f"{words}. {lab.basis}"


@cached
def _pairs_of_class(lab: Lab, chosen: int, genuine: bool) -> studies.PairsBetween:
    labels, order = lab.embeddings.labels, lab.counts.order
    assert labels is not None
    own = np.flatnonzero(labels == order.classes[chosen])
    others = own if genuine else np.flatnonzero((labels >= 0) & (labels != order.classes[chosen]))
    return studies.pairs_between(
        lab.embeddings.vectors,
        labels,
        own,
        others,
        metric=lab.metric,
        genuine=genuine,
        most=MOST,
    )


def _confusions(lab: Lab, point: OperatingPoint) -> None:
    frame = confusion_table(lab, point)
    alike = studies.nearly_one_class(frame)
    st.markdown(
        "**Which classes are confused**",
        help="Pairs of classes by the number of impostor pairs accepted between them. A ratio near "
        "1 says that pairs between the two classes pass as often as pairs within them: near-"
        "duplicate classes, which no threshold tells apart.",
    )
    if not len(frame):
        messages.empty("No impostor pair is accepted.", "A laxer threshold shows some.")
        return
    if len(alike):
        messages.note(
            plain(
                f"{count(len(alike), 'pair')} of classes can hardly be told apart here: pairs "
                f"between {alike['group'][0]} and {alike['other group'][0]} pass "
                f"{number(100 * float(alike['ratio'][0]))} % as often as pairs within them."
            )
        )
    shown = frame.head(MOST)
    tables.show(shown.round(5), hide_index=True, height=chart.table_height(shown, 320))
    downloads.download(frame, "confusions")


def _doubts(lab: Lab, unit: ScoreUnit) -> None:
    st.markdown(
        "**Labels in doubt**",
        help="Rows that lie nearer to the mean of another class than to the mean of the others of "
        "their own. A list to look through, not a proof: classes of many kinds have means that "
        "say little.",
    )
    found = _doubtful.need(lab.embeddings, lab.metric)
    copies = copy_table(lab, unit)
    if len(copies):
        messages.note(f"{count(len(copies), 'pair')} of copies with different labels.")
        downloads.download(copies, "copies_with_different_labels", "Download the copies (CSV)")
    if found is None:
        return
    frame = doubt_table(lab, found)
    if not len(frame):
        messages.empty("Every row is nearest to its own class.", "No label is in doubt.")
        return
    rows = found.rows.tolist()
    play_table.lines(
        frame,
        "_doubtful_labels",
        lambda line: page_links.leave_for("neighbors", item=rows[line]),
        height=chart.table_height(frame, 320),
    )
    messages.note("Click a line to see who is near the row.")
    downloads.download(frame, "labels_in_doubt")


@jobs.job("Comparing rows with the means of the classes")
def _doubtful(progress: Progress, embeddings: EmbeddingSet, metric: Metric) -> DoubtfulLabels:
    assert embeddings.labels is not None
    report = counted(progress, "{:,} of {:,} rows")
    return studies.doubtful_labels(
        embeddings.vectors, embeddings.labels, metric=metric, progress=report
    )
