"""What the Map page draws and says."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.figures.map import OTHER, Classes, MapPoints, Values
from core.metrics import k_occurrence, local_intrinsic_dimension
from core.projection import Projection
from core.studies.sampling import sample_rows
from pages.ui import cache, controls, items, needs
from pages.ui.messages import count, percent
from pages.ui.workspace import Workspace

Rows = npt.NDArray[np.int64]
DRAWN_AT_MOST = 50_000
SEED = 0
NAMED_CLASSES = 20
KEY = "map"
NONE, LABEL, K_OCCURRENCE, LID = "nothing", "label", "k-occurrence", "LID"
HOOD = 20
FEWEST_ROWS = 3  # below it there are no neighborhoods to measure


@cache.cached
def drawn_rows(embeddings: EmbeddingSet) -> Rows:
    """Rows on the map: all up to 50,000, else a sample stratified by label."""
    return sample_rows(embeddings.n, DRAWN_AT_MOST, labels=embeddings.labels, seed=SEED)


def points(embeddings: EmbeddingSet, projection: Projection) -> MapPoints:
    """The points of a projection, with the titles of its axes."""
    components = projection.coordinates.shape[1]
    axes = tuple(f"{projection.method.upper()} {i + 1}" for i in range(components))
    shares = projection.explained_variance
    if shares is not None and np.isfinite(shares).all():
        axes = tuple(f"PC {i + 1} ({percent(share)} of variance)" for i, share in enumerate(shares))
    return MapPoints(
        projection.coordinates, drawn_rows(embeddings), items.short_names(embeddings), axes
    )


def color_choices(embeddings: EmbeddingSet) -> list[str]:
    """What points can be colored by: label, columns with few values or numbers, and measures."""
    first = [LABEL] if embeddings.labels is not None else [NONE]
    last = [NONE] if embeddings.labels is not None else []
    measures = [K_OCCURRENCE, LID] if embeddings.n >= FEWEST_ROWS else []
    columns = [
        name
        for name in embeddings.metadata.columns
        if name != embeddings.label_column and _colorable(embeddings.metadata[name])
    ]
    return [*first, *columns, *measures, *last]


def colors(work: Workspace, choice: str) -> Classes | Values | None:
    """Colors of every row; None for a plain map, also while a measure is being computed."""
    embeddings = work.embeddings
    if choice == LABEL and embeddings.labels is not None:
        return _class_colors(
            embeddings.label_column or LABEL, embeddings.labels, embeddings.class_names
        )
    if choice in (K_OCCURRENCE, LID):
        return _measure(work, choice)
    if choice in embeddings.metadata.columns:
        column = embeddings.metadata[choice]
        if column.dtype.kind in "iuf" and column.nunique() > NAMED_CLASSES:
            return Values(choice, column.to_numpy(dtype=np.float64))
        codes, names = pd.factorize(column, sort=True)
        return _class_colors(choice, codes.astype(np.int64), tuple(map(str, names)))
    return None


def _class_colors(title: str, codes: Rows, names: tuple[str, ...]) -> Classes:
    """All classes up to 45, which colors and symbols tell apart; else the 20 commonest."""
    if len(names) <= 45:
        return Classes(title, codes, names)
    commonest = np.argsort(-np.bincount(codes[codes >= 0], minlength=len(names)), kind="stable")
    place = np.full(len(names) + 1, OTHER)
    place[commonest[:NAMED_CLASSES]] = np.arange(NAMED_CLASSES)
    return Classes(title, place[codes], tuple(names[i] for i in commonest[:NAMED_CLASSES]))


def _measure(work: Workspace, choice: str) -> Values | None:
    hoods = needs.neighborhoods(work, HOOD)
    if hoods is None:
        return None
    values = np.full(work.embeddings.n, np.nan)
    if choice == LID:
        lid = local_intrinsic_dimension(hoods.neighbors.distances, estimator="levina_bickel")
        values[hoods.rows] = np.where(np.isfinite(lid), lid, np.nan)
        return Values(f"LID (k = {hoods.neighbors.ids.shape[1]})", values)
    values[:] = k_occurrence(hoods.neighbors.ids, work.embeddings.n)
    return Values(f"k-occurrence (k = {hoods.neighbors.ids.shape[1]})", values)


def answer(work: Workspace, projection: Projection, kept: float | None) -> str:
    """The page's sentence."""
    name, n = work.embeddings.name, work.embeddings.n
    shares = projection.explained_variance
    if shares is not None and np.isfinite(shares).all():
        start = (
            f"The {len(shares)} axes of this PCA show {percent(float(shares.sum()))} of the "
            f"variance of {name}"
        )
    else:
        start = f"The UMAP of {name} lays out {count(n, 'item')}"
    if kept is None:
        return f"{start}."
    return f"{start}; {percent(kept)} of an item's 15 true nearest stay among its 15 nearest here."


def sampled(embeddings: EmbeddingSet) -> str:
    """What is left out of the picture, or an empty text."""
    shown = len(drawn_rows(embeddings))
    if shown == embeddings.n:
        return ""
    how = f", stratified by {embeddings.label_column}" if embeddings.labels is not None else ""
    return f"{shown:,} of {embeddings.n:,} points shown, sampled with seed {SEED}{how}."


def take_click() -> None:
    """A click on one point makes it the item; the callback of the map."""
    rows = selected_rows(st.session_state.get(KEY))
    if len(rows) == 1:
        controls.put(item=int(rows[0]))


def selected_rows(event: Any) -> Rows:
    """Row ids of the selected points."""
    chosen = event.selection.points if event is not None else []
    rows = [point["customdata"] for point in chosen if "customdata" in point]
    return np.unique(np.array([row[0] if isinstance(row, list) else row for row in rows], np.int64))


def standing_out(embeddings: EmbeddingSet, rows: Rows) -> str:
    """Which labels are commoner among the rows than in the whole."""
    if embeddings.labels is None or len(rows) == 0:
        return f"{count(len(rows), 'item')} selected."
    names = embeddings.class_names
    inside = np.bincount(
        embeddings.labels[rows][embeddings.labels[rows] >= 0], minlength=len(names)
    )
    whole = np.bincount(embeddings.labels[embeddings.labels >= 0], minlength=len(names))
    share, usual = inside / max(1, inside.sum()), whole / max(1, whole.sum())
    best = np.argsort(usual - share, kind="stable")[:3]
    parts = [
        f"{names[i]} ({percent(share[i])} against {percent(usual[i])} of all)"
        for i in best
        if share[i] > usual[i]
    ]
    return f"{count(len(rows), 'item')} selected. Commoner here: {', '.join(parts) or 'no label'}."


def _colorable(column: "pd.Series[Any]") -> bool:
    if column.dtype.kind in "iufb":
        return True
    values = column.dropna()
    if not len(values) or not isinstance(values.iloc[0], str):
        return False
    return bool(
        column.nunique() <= max(NAMED_CLASSES, 0.2 * len(column)) and values.iloc[0][:5] != "data:"
    )
