"""The section `Groups`: for whom does the threshold fail?"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.figures import fmr_matrix, fnmr_by_group
from core.intervals import wilson_interval
from core.metrics import (
    GroupErrors,
    PairCounts,
    errors_by_group,
    fairness_discrepancy,
    garbe,
    inequity_rate,
    max_over_geometric_mean,
    point_at,
)
from core.metrics.pair_counts import MOST_GROUPS
from core.studies.thresholds.operating import EXACT_ROWS, FIRST_ROWS
from pages.thresholds import lab as labs
from pages.thresholds import operating, pair_cards
from pages.thresholds.lab import Lab
from pages.ui import jobs
from pages.ui.controls import play_table, widgets
from pages.ui.display import chart, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import cached
from pages.ui.results import labeled_pairs
from pages.ui.session import selections
from pages.ui.session.selections import Kept, selected_group
from pages.ui.session.slot import Slot, forget_widget, widget_value
from pages.ui.session.workspace import Workspace

SHOWN = 60
LABEL = "the classes"
METRIC_WIDTH = 150
LEAST_PAIRS = 30  # of a kind: the rates of fewer are told by their intervals alone
_CELL: Slot[tuple[str, str, str] | None] = Slot("cell_of_groups", lambda: None)


def show(work: Workspace, heading: Heading) -> None:
    """The section `Groups` of the Thresholds page."""
    lab = labs.lab(work)
    point = operating.draw(lab)
    column = widgets.select(
        "Groups",
        "groups",
        [LABEL, *columns(lab.embeddings), *selected_groups(lab.embeddings)],
        help="Genuine pairs share a class, whatever the groups are: a group is a part of the items "
        "in which errors are counted, such as a language or a year. A selection that was kept on "
        "the Map page makes two groups: its rows, and all others.",
    )
    counts, names, codes = _grouped(lab, column, point.score)
    errors = errors_against_all(lab, counts, point.score)
    heading.answer(answer(errors, names, operating.value_text(operating.unit(lab), errors.score)))
    messages.note(plain(basis(lab, counts, names, errors)))
    shown = worst_groups(errors)
    with st.container(horizontal=True):
        for name, value, explanation in summary(errors, names):
            st.metric(name, value, help=explanation, width=METRIC_WIDTH)
    left, right = st.columns([3, 2])
    height = max(320, min(760, 140 + 20 * len(shown)))
    with left:
        st.markdown(
            "**log10 of the false match rate between groups**",
            help="FMR: share of the impostor pairs with one end in each group that is accepted. "
            "White is the FMR of all pairs, orange above, blue below; gray cannot be told from it "
            "(its 95 % interval holds it, or it has fewer than 3 / FMR pairs); '<' stands before "
            "the resolution of a cell without a false match. Click a cell to see its pairs.",
        )
        key = "fmr_matrix"
        chart.show(
            chart.drawn(fmr_matrix, errors, names, shown, dark=chart.is_dark(), height=height),
            key=key,
            alt="False match rates between groups",
            table=lambda: cell_table(errors, names),
            csv_name="fmr_matrix",
            on_select=lambda: _follow(key, names, column),
            selection=("points",),
        )
    with right:
        st.markdown("**Missed matches by group**")
        chart.show(
            chart.drawn(fnmr_by_group, errors, names, shown, dark=chart.is_dark(), height=height),
            key="fnmr_by_group",
            alt="Share of the genuine pairs of each group that is rejected",
            table=lambda: group_table(errors, names),
            csv_name="fnmr_by_group",
        )
    worst = worst_cells(errors, names)
    st.markdown("**Worst cells**")
    if len(worst):
        ends = list(zip(worst["group"], worst["other group"], strict=True))
        play_table.lines(
            worst,
            "_worst_cells",
            lambda line: _CELL.set((column, *ends[line])),
            height=chart.table_height(worst, 360),
        )
        messages.note("Click a line, or a cell of the matrix, to see its pairs.")
    else:
        messages.empty("No cell is surely above the FMR of all pairs.", "Nothing to do here.")
    _cell_pairs(lab, codes, names, column)
    labs.narrow(work, lab)


def errors_against_all(lab: Lab, counts: PairCounts, score: float) -> GroupErrors:
    """Errors of groups, compared with the FMR of all pairs, be the groups all classes or some."""
    errors = errors_by_group(counts, score)
    far = point_at(lab.counts.totals, errors.score).far
    return replace(errors, far=far, target=far)


def columns(embeddings: EmbeddingSet) -> list[str]:
    """Columns of metadata with 2 to 200 different values that repeat, other than the label."""
    found = []
    for name in embeddings.metadata.columns:
        values = embeddings.metadata[name]
        if name == embeddings.label_column or values.dtype.kind == "f":
            continue
        try:
            different = values.nunique(dropna=True)
        except TypeError:  # lists and other values that cannot be compared
            continue
        if 2 <= different <= MOST_GROUPS and 2 * different <= embeddings.n:
            found.append(str(name))
    return found


def selected_groups(embeddings: EmbeddingSet) -> dict[str, Kept]:
    """The kept selections, each by its name as a choice of groups."""
    taken = {LABEL, *map(str, embeddings.metadata.columns)}
    found = {}
    for each in selections.kept(embeddings):
        name = selected_group(each.name)
        while name in taken:
            name += " (selection)"
        found[name] = each
    return found


def answer(errors: GroupErrors, names: list[str], threshold: str) -> str:
    """The section's sentence: the group that fails most, on both sides."""
    named = enough_pairs(errors)
    fmr = np.where(named, errors.group_fmr, np.nan)
    fnmr = np.where(named, errors.fnmr, np.nan)
    many = count(len(names), "group")
    if not named.any():
        return f"At {threshold} there are no pairs of the {many} to compare."
    loud, lost = int(np.nanargmax(fmr)), int(np.nanargmax(fnmr))
    own = f"{names[lost]} loses most of its own pairs ({percent(float(fnmr[lost]))})"
    if fnmr[lost] == 0:
        own = "none loses any of its own pairs"
    if fmr[loud] == 0:
        return f"At {threshold} none of the {many} is wrongly matched; {own}."
    false = f"FMR {percent(float(fmr[loud]))}"
    if errors.far > 0:
        false += f", {number(fmr[loud] / errors.far, 2)} times that of all pairs"
    return f"Of {many}, {names[loud]} is wrongly matched most at {threshold} ({false}); {own}."


def basis(lab: Lab, counts: PairCounts, names: list[str], errors: GroupErrors) -> str:
    """What was counted, and what was left out."""
    words = (
        "The matrix is counted at steps of the threshold, of which this is the nearest; the FMR "
        f"of all pairs is {percent(errors.far)} there. {lab.basis}"
    )
    if counts.order.n < lab.counts.order.n:
        words += (
            f" Shown are the {len(names)} classes of the {len(lab.names):,} that fail most at the "
            "threshold, and the pairs among them."
        )
    return words


def summary(errors: GroupErrors, names: list[str]) -> list[tuple[str, str, str]]:
    """(name, value, explanation) of the figures over all groups."""
    known = enough_pairs(errors)
    if np.count_nonzero(known) < 2:
        return []
    fmr, fnmr = errors.group_fmr[known], errors.fnmr[known]
    pairs, genuine = errors.pairs.sum(axis=1)[known], errors.genuine[known]
    ratio, zeros = max_over_geometric_mean(fmr, pairs)
    lost, none_lost = max_over_geometric_mean(fnmr, genuine)
    worst = int(np.nanargmax(np.where(known, errors.fnmr, np.nan)))
    low, high = wilson_interval(float(errors.fnmr[worst]), int(errors.genuine[worst]))
    floor = " A rate of 0 was taken as 1 / pairs for {} of the groups."
    both = (
        f"Over the groups of {LEAST_PAIRS} or more pairs of each kind, false matches and missed "
        "matches weighing alike (arXiv 2203.05051)."
    )
    return [
        ("FDR", number(fairness_discrepancy(fmr, fnmr)), f"1 is even. {both}"),
        ("IR", number(inequity_rate(fmr, fnmr)), f"1 is even; not defined at a rate of 0. {both}"),
        ("GARBE", number(garbe(fmr, fnmr)), f"Gini coefficients; 0 is even. {both}"),
        (
            "FMR, max / geom. mean",
            number(ratio),
            "The largest FMR of a group over the geometric mean of all; 1 is even."
            + (floor.format(zeros) if zeros else ""),
        ),
        (
            "FNMR, max / geom. mean",
            number(lost),
            "The same of the missed matches." + (floor.format(none_lost) if none_lost else ""),
        ),
        (
            "Worst FNMR",
            percent(float(errors.fnmr[worst])),
            f"{names[worst]}; 95 % (Wilson): {percent(low)} to {percent(high)}.",
        ),
    ]


def enough_pairs(errors: GroupErrors) -> npt.NDArray[np.bool_]:
    """Groups whose rates are told in words, (G,): those of 30 or more pairs of each kind.

    Where fewer than two have as many, all that have a pair of each kind.
    """
    impostor = errors.pairs.sum(axis=1)
    enough = (errors.genuine >= LEAST_PAIRS) & (impostor >= LEAST_PAIRS)
    if np.count_nonzero(enough) >= 2:
        return np.asarray(enough)
    return np.asarray((errors.genuine > 0) & (impostor > 0))


def worst_groups(errors: GroupErrors) -> npt.NDArray[np.intp]:
    """The groups that are drawn: all, or the 60 of highest FMR, in their order."""
    groups = len(errors.pairs)
    if groups <= SHOWN:
        return np.arange(groups)
    return np.sort(np.argsort(-np.nan_to_num(errors.group_fmr), kind="stable")[:SHOWN])


def cell_table(errors: GroupErrors, names: list[str]) -> pd.DataFrame:
    """One line per pair of groups, each counted once: accepted pairs, FMR and its interval."""
    first, second = np.triu_indices(len(names))
    low, high = (ends[first, second] for ends in errors.interval)
    return pd.DataFrame(
        {
            "group": [names[code] for code in first],
            "other group": [names[code] for code in second],
            "accepted impostor pairs": errors.accepted[first, second],
            "of pairs": errors.pairs[first, second],
            "FMR": errors.fmr[first, second],
            "low": low,
            "high": high,
            "times the FMR of all": errors.fmr[first, second] / max(errors.far, 1e-300),
            "told from it": ~errors.is_untold[first, second],
        }
    )


def worst_cells(errors: GroupErrors, names: list[str], most: int = 50) -> pd.DataFrame:
    """The cells that are surely above the FMR of all pairs, worst first."""
    frame = cell_table(errors, names)
    sure = frame[frame["told from it"] & (frame["FMR"] > errors.target)]
    ordered = sure.sort_values("FMR", ascending=False, kind="stable", ignore_index=True)
    return ordered.head(most).drop(columns="told from it")


def group_table(errors: GroupErrors, names: list[str]) -> pd.DataFrame:
    """One line per group: both rates and the pairs that they were counted from."""
    return pd.DataFrame(
        {
            "group": names,
            "FMR with all": errors.group_fmr,
            "impostor pairs": errors.pairs.sum(axis=1),
            "FNMR": errors.fnmr,
            "genuine pairs": errors.genuine,
            "genuine pairs rejected": errors.rejected,
        }
    )


def _grouped(
    lab: Lab, column: str, score: float
) -> tuple[PairCounts, list[str], npt.NDArray[np.int64]]:
    """Counts by group, the groups' names, and the group of every row (n,), below 0 for none."""
    embeddings = lab.embeddings
    assert embeddings.labels is not None
    slots = _slots(lab)
    if column != LABEL:
        selected = selected_groups(embeddings).get(column)
        codes, names = (
            _codes(embeddings, column) if selected is None else in_or_out(embeddings.n, selected)
        )
        rows = FIRST_ROWS if embeddings.n > FIRST_ROWS and lab.rows is not None else None
        counts = jobs.ready(_by_column.need(embeddings, lab.metric, column, codes, rows))
        return counts, names, codes
    if len(lab.names) <= MOST_GROUPS:
        return lab.counts, lab.names, slots
    worst = np.sort(labs.classes_at(lab, score)["place"].to_numpy()[:SHOWN])
    codes = np.full(embeddings.n, -1)
    codes[np.isin(slots, worst)] = np.searchsorted(worst, slots[np.isin(slots, worst)])
    counts = jobs.ready(_worst_classes.need(embeddings, lab.metric, tuple(worst.tolist()), codes))
    return counts, [lab.names[place] for place in worst], codes


@cached
def _slots(lab: Lab) -> npt.NDArray[np.int64]:
    """Place of each row's class among the eligible ones, (n,), -1 for none."""
    labels, classes = lab.embeddings.labels, lab.counts.order.classes
    assert labels is not None
    place = np.searchsorted(classes, labels)
    place[place == len(classes)] = 0
    return np.where(classes[place] == labels, place, -1)


@cached
def _codes(embeddings: EmbeddingSet, column: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    codes, values = pd.factorize(embeddings.metadata[column], sort=True)
    return codes.astype(np.int64), [str(value) for value in values]


def in_or_out(n: int, selected: Kept) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Two groups of n rows: 0 for those of a selection, 1 for all others, with their names."""
    codes = np.ones(n, np.int64)
    codes[selected.rows] = 0
    return codes, [selected.name, f"not in {selected.name}"]


@jobs.job("Comparing pairs by {column}")
def _by_column(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    column: str,  # noqa: ARG001 - names the job
    codes: npt.NDArray[np.int64],
    rows: int | None,
) -> PairCounts:
    assert embeddings.labels is not None
    study = labeled_pairs.study_of(
        progress,
        embeddings.vectors,
        embeddings.labels,
        metric=metric,
        groups=codes,
        rows=rows if embeddings.n <= EXACT_ROWS else FIRST_ROWS,
    )
    return study.counts


@jobs.job("Comparing the classes that fail most")
def _worst_classes(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    worst: tuple[int, ...],
    codes: npt.NDArray[np.int64],
) -> PairCounts:
    del worst  # names the call, for people who read its key
    assert embeddings.labels is not None
    inside = np.flatnonzero(codes >= 0)
    labels = np.where(codes >= 0, embeddings.labels, -1)
    study = labeled_pairs.study_of(
        progress,
        embeddings.vectors[inside],
        labels[inside],
        metric=metric,
        groups=codes[inside],
        rows=EXACT_ROWS,
    )
    return study.counts.of_rows(inside)


def _follow(key: str, names: list[str], column: str) -> None:
    """Note the cell that was clicked; a callback."""
    state = widget_value(key)
    forget_widget(key)
    for carried in chart.clicked(state):
        if len(carried) == 2:
            one, other = (int(code) for code in carried)
            _CELL.set((column, names[one], names[other]))


def _cell_pairs(lab: Lab, codes: npt.NDArray[np.int64], names: list[str], column: str) -> None:
    """The worst pairs of the cell that was clicked."""
    cell = _CELL.get()
    if cell is None or cell[0] != column or cell[1] not in names or cell[2] not in names:
        return
    one, other = cell[1], cell[2]
    left, right = (np.flatnonzero(codes == names.index(name)) for name in (one, other))
    assert lab.embeddings.labels is not None
    found = _pairs(lab, one, other, left, right)
    st.markdown(f"**Nearest impostor pairs of {plain(one)} and {plain(other)}**")
    if found.is_sample:
        messages.note(f"Of {found.compared:,} pairs of a sample of 2,000 rows of each (seed 0).")
    pair_cards.show(lab, found.pairs, key="cell")


@cached
def _pairs(
    lab: Lab,
    one: str,
    other: str,
    left: npt.NDArray[np.int64],
    right: npt.NDArray[np.int64],
) -> studies.PairsBetween:
    del one, other
    assert lab.embeddings.labels is not None
    return studies.pairs_between(
        lab.embeddings.vectors,
        lab.embeddings.labels,
        left,
        right,
        metric=lab.metric,
        genuine=False,
    )
