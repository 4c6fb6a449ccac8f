"""What the points of the map are colored by, and what each color rests on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.data.filters import numbers
from core.data.histograms import DAY, round_dates
from core.data.labels import propose_target
from core.distances import Metric, metric_name
from core.figures.axes import tick_name
from core.figures.map import NAMED_CLASSES, OTHER, Classes, Values, class_colors
from core.index import HnswGraph
from core.metrics.centers import centers_of, distances_to_centers
from core.progress import counted
from core.projection import Projection
from core.projection.density import map_density
from core.studies import PairStudy
from pages.map import measures
from pages.map.measures import K_OCCURRENCE, LID
from pages.ui import jobs
from pages.ui.controls.beam import CENSUS_EF
from pages.ui.display.text import number, percent
from pages.ui.jobs import Progress
from pages.ui.results import ef_needed, health, indexes, labeled_pairs
from pages.ui.results.ef_needed import EF_NEEDED
from pages.ui.results.health import LOST
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
NONE = "nothing"
DENSITY = "density on the map"
LAYER = "highest layer"
FALSE_ACCEPTS, FALSE_REJECTS = "impostors accepted", "genuine rejected"
TO_ITEM = "distance to the item"
TO_CLASS, TO_SELECTION = "distance to its class's center", "distance to the selection's center"
FEWEST_ROWS = 3  # below it there are no neighborhoods to measure
MOST_CLASSES = 50  # that have colors of their own
DATE_TICKS = 6
HALF_TICK = 0.5  # of the step between powers of ten: nearer ticks than that are left out


@dataclass(frozen=True, eq=False)
class Asked:
    """What a color may depend on beside the data.

    item: that is chosen. selected: rows. placed: (n,) rows that the map has a place for, None: all.
    """

    projection: Projection
    item: int
    selected: Rows
    placed: npt.NDArray[np.bool_] | None = None


def choices(embeddings: EmbeddingSet, *, selected: bool = False) -> list[str]:
    """What points can be colored by: label, columns, measures.

    Without labels a column of numbers that is named as one comes first: it is a target. A column
    that is named as a measure takes its place. selected: whether rows are.
    """
    label = embeddings.label_column
    shown = label if label is not None else propose_target(embeddings.metadata)
    first, last = ([NONE], []) if shown is None else ([shown], [NONE])
    columns = [name for name in _columns(embeddings) if name != label]
    own = []
    if embeddings.n >= FEWEST_ROWS:
        own = [DENSITY, K_OCCURRENCE, LID, LOST, EF_NEEDED, LAYER, TO_ITEM]
        if (embeddings.class_sizes > 1).sum() > 1:
            own += [FALSE_ACCEPTS, FALSE_REJECTS]
        own += [TO_CLASS] if label is not None else []
        own += [TO_SELECTION] if selected else []
    return list(dict.fromkeys([*first, *columns, *own, *last]))


@jobs.cached
def _columns(embeddings: EmbeddingSet) -> tuple[str, ...]:
    frame = embeddings.metadata
    return tuple(name for name in frame.columns if _colorable(frame[name]))


def colors(work: Workspace, choice: str, asked: Asked | None = None) -> Classes | Values | None:
    """Colors of every row; None for a plain map, also while a measure is being computed.

    asked: without it there are no colors that depend on the projection, item or selection.
    """
    embeddings = work.embeddings
    if choice == embeddings.label_column and embeddings.labels is not None:
        return class_colors(choice, embeddings.labels, embeddings.class_names, MOST_CLASSES)
    if choice in embeddings.metadata.columns:
        return column_colors(embeddings, choice)
    if choice == DENSITY:
        return None if asked is None else _density(asked.projection, asked.placed)
    if choice == LAYER:
        graph = indexes.graph(work)
        return None if graph is None else _layers(graph)
    if choice == LOST:
        return _lost(work)
    if choice == EF_NEEDED:
        return ef_needed.ef_needed(work)
    if choice in (FALSE_ACCEPTS, FALSE_REJECTS):
        return _threshold_errors(work, choice)
    if choice in (TO_ITEM, TO_CLASS, TO_SELECTION):
        return None if asked is None else _distances(work, choice, asked)
    return measures.measure(work, choice) if choice in (K_OCCURRENCE, LID) else None


def notes(work: Workspace, choice: str) -> str:
    """What a color rests on; of LID and k-occurrence `measures.notes` tells it."""
    embeddings, metric = work.embeddings, work.params.metric
    if choice in embeddings.metadata.columns:
        return _column_notes(embeddings, choice)
    told = {
        DENSITY: "Density: points in cells of a 256 x 256 grid, smoothed, in multiples of an even "
        "spread; of the map, not of the space.",
        LAYER: "The highest layer that each item stands on in the index; layer 0 holds all.",
        LOST: "Searched for by its own vector, at the ef of the census on Layers.",
        EF_NEEDED: "The smallest ef that serves each item as a query; target and k as on Recall.",
        TO_ITEM: f"The {metric_name(metric)} distance of every row to the chosen item, in the "
        "space.",
        TO_CLASS: f"The {metric_name(metric)} distance of every row to the mean of its class"
        f"{_of_unit(metric)}.",
        TO_SELECTION: f"The {metric_name(metric)} distance of every row to the mean of the "
        f"selected rows{_of_unit(metric)}.",
    }.get(choice)
    if choice in (FALSE_ACCEPTS, FALSE_REJECTS):
        return _threshold_notes(work)
    return told or ""


@jobs.cached
def column_colors(embeddings: EmbeddingSet, name: str) -> Classes | Values:
    """A column of dates by time, of many numbers by value, else by class.

    Beyond 50 classes the commonest have colors and the rest is "other".
    """
    column = embeddings.metadata[name]
    if column.dtype.kind == "M":
        return date_colors(name, numbers(column))
    if column.dtype.kind in "iuf" and column.nunique() > NAMED_CLASSES:
        return Values(name, numbers(column))
    return class_colors(name, *class_codes(column), MOST_CLASSES)


def date_colors(name: str, values: npt.NDArray[np.float64]) -> Values:
    """Dates (n,) in nanoseconds, NaN where missing, with ticks at round dates, in days."""
    known = values[np.isfinite(values)]
    if not len(known):
        return Values(name, values)
    low, high = float(known.min()), float(known.max())
    stamps, _ = round_dates(low, high, DATE_TICKS)
    places = stamps.astype("datetime64[ns]").view(np.int64).astype(np.float64)
    inside = (places >= low) & (places <= high)
    ticks = [
        (float(place) / DAY, str(stamp))
        for place, stamp in zip(places[inside], stamps[inside], strict=True)
    ]
    if len(ticks) < 2:
        ticks = [
            (end / DAY, str(np.datetime64(round(end), "ns").astype("datetime64[s]")))
            for end in dict.fromkeys((low, high))
        ]
    return Values(name, values / DAY, tuple(ticks))


def log_colors(title: str, values: npt.NDArray[np.float64]) -> Values:
    """Positive values (n,) on a logarithmic scale with ticks at round values."""
    logs = np.log10(np.where(values > 0, values, np.nan))
    known = logs[np.isfinite(logs)]
    if not len(known):
        return Values(title, logs)
    low, high = float(known.min()), float(known.max())
    powers = range(int(np.ceil(low)), int(np.floor(high)) + 1)
    ticks = {float(power): tick_name(10.0**power) for power in powers}
    ends = {end: number(10.0**end, 2) for end in (low, high)}
    for end, name in ends.items():
        if all(abs(end - tick) > HALF_TICK for tick in ticks):
            ticks[end] = name
    return Values(title, logs, tuple(sorted(ticks.items())))


def layer_colors(levels: npt.NDArray[np.integer[Any]]) -> Classes:
    """The highest layer of each item (n,) as classes, layer 0 first; empty layers in between too.

    >>> layer_colors(np.array([0, 2])).names
    ('layer 0', 'layer 1', 'layer 2')
    """
    top = int(levels.max(initial=0))
    names = tuple(f"layer {layer:,}" for layer in range(top + 1))
    return Classes(LAYER, np.asarray(levels, dtype=np.int64), names)


def error_colors(
    study: PairStudy, labels: npt.NDArray[np.int64], score: float, choice: str
) -> Values:
    """Each row by the share of its class's pairs that are judged wrong at a threshold.

    labels: (n,) of the set. NaN for rows without a class of two or more.
    """
    sensitivity, specificity = study.counts.class_rates([score])
    wrong = 1 - (specificity if choice == FALSE_ACCEPTS else sensitivity)[:, 0]
    classes = study.counts.order.classes
    by_class = np.full(max(int(labels.max(initial=-1)), int(classes.max(initial=-1))) + 2, np.nan)
    by_class[classes] = wrong
    return Values(f"{choice} (share)", by_class[labels])


@jobs.cached
def _density(projection: Projection, placed: npt.NDArray[np.bool_] | None) -> Values:
    density = np.full(len(projection.coordinates), np.nan)
    rows = slice(None) if placed is None else placed
    density[rows] = map_density(projection.coordinates[rows])
    return log_colors("density (times an even spread)", density)


@jobs.cached
def _layers(graph: HnswGraph) -> Classes:
    return layer_colors(graph.levels)


def _lost(work: Workspace) -> Classes | None:
    """What the census says of each item, at the ef that the Layers page holds."""
    graph = indexes.graph(work)
    census = graph and health.census(graph, CENSUS_EF.held())
    if not census:
        return None
    codes = np.full(work.embeddings.n, OTHER)
    codes[census.checked] = 0
    codes[census.unfindable] = 1
    codes[census.unreachable] = 2
    names = ("found by its own vector", f"not found at ef {census.ef:,}", "unreachable")
    return Classes(LOST, codes, names)


def _threshold_errors(work: Workspace, choice: str) -> Values | None:
    embeddings, metric = work.embeddings, work.params.metric
    study = labeled_pairs.at_hand(embeddings, metric)
    if study is None or embeddings.labels is None:
        return None
    point = labeled_pairs.held_point(study.counts.totals, metric)
    return error_colors(study, embeddings.labels, point.score, choice)


def _threshold_notes(work: Workspace) -> str:
    embeddings, metric = work.embeddings, work.params.metric
    study = labeled_pairs.at_hand(embeddings, metric)
    if study is None:
        return ""
    point = labeled_pairs.held_point(study.counts.totals, metric)
    unit = labeled_pairs.held_unit(metric)
    value = number(float(unit.of(point.score)), 4)
    rows = f" Of pairs of {study.rows:,} rows, a sample." if study.is_sample else ""
    return (
        f"Of the pairs of each item's class, at {unit.name} {unit.sign} {value} (FAR "
        f"{percent(point.far)}), the threshold that is held on Thresholds.{rows}"
    )


def _distances(work: Workspace, choice: str, asked: Asked) -> Values | None:
    embeddings, metric = work.embeddings, work.params.metric
    if choice == TO_ITEM:
        found = _to_item.need(embeddings.bare, metric, asked.item)
    elif choice == TO_CLASS and embeddings.labels is not None:
        groups = len(embeddings.class_names)
        found = _to_classes.need(embeddings.bare, metric, embeddings.labels, groups)
    elif choice == TO_SELECTION and len(asked.selected):
        codes = np.full(embeddings.n, -1)
        codes[asked.selected] = 0
        found = _to_selected.need(embeddings.bare, metric, codes)
    else:
        return None
    return None if found is None else Values(f"{choice} ({metric_name(metric)})", found)


@jobs.job("Measuring distances to the item")
def _to_item(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, item: int
) -> npt.NDArray[np.float64]:
    center = embeddings.vectors[item : item + 1]
    return _to_one(progress, embeddings, metric, center)


@jobs.job("Measuring distances to the centers of classes")
def _to_classes(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    labels: npt.NDArray[np.int64],
    groups: int,
) -> npt.NDArray[np.float64]:
    progress(0.0, "centers")
    centers = centers_of(embeddings.vectors, labels, groups, metric=metric)
    report = counted(progress, "{:,} of {:,} rows")
    return distances_to_centers(embeddings.vectors, centers, labels, metric=metric, progress=report)


@jobs.job("Measuring distances to the selection's center")
def _to_selected(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, codes: npt.NDArray[np.int64]
) -> npt.NDArray[np.float64]:
    progress(0.0, "center")
    center = centers_of(embeddings.vectors, codes, 1, metric=metric)
    return _to_one(progress, embeddings, metric, center)


def _to_one(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    center: npt.NDArray[np.floating[Any]],
) -> npt.NDArray[np.float64]:
    report, codes = counted(progress, "{:,} of {:,} rows"), np.zeros(embeddings.n, np.int64)
    return distances_to_centers(embeddings.vectors, center, codes, metric=metric, progress=report)


def _column_notes(embeddings: EmbeddingSet, name: str) -> str:
    if name == embeddings.label_column:
        different = len(embeddings.class_names)
        return _commonest_words(NAMED_CLASSES, different) if different > MOST_CLASSES else ""
    found = column_colors(embeddings, name)
    if isinstance(found, Values) and not found.ticks:
        return f"The scale of {name} goes from its 1st percentile to its 99th."
    if isinstance(found, Classes):
        different = int(embeddings.metadata[name].nunique())
        if different > MOST_CLASSES:
            return _commonest_words(len(found.names), different)
    return ""


def _commonest_words(named: int, different: int) -> str:
    return f"The {named} commonest of {different:,} different values have colors."


def _of_unit(metric: Metric) -> str:
    return ", each scaled to length 1" if metric == "cosine" else ""


def _colorable(column: "pd.Series[Any]") -> bool:
    if column.dtype.kind in "iufbM":
        return True
    values = column.dropna()
    if not len(values) or not isinstance(values.iloc[0], str):
        return False
    return bool(
        column.nunique() <= max(NAMED_CLASSES, 0.2 * len(column)) and values.iloc[0][:5] != "data:"
    )
