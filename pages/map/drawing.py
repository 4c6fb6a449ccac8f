"""What the Map page draws and says."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import EmbeddingSet
from core.distances import Metric
from core.projection import Projection
from core.studies import MapQuality
from core.studies.parts.sampling import sample_rows
from pages.map import layout_words, measures
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.display.text import number, percent
from pages.ui.jobs.key import fingerprint
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
DRAWN_AT_MOST = 5_000_000
DRAWN_IN_SPACE = 100_000  # in 3-D
SEED = 0
KEY, SECOND_KEY = "map", "map_second"


def drawn_rows(embeddings: EmbeddingSet, components: int = 2) -> Rows:
    """Rows on the map: all up to 5,000,000, in 3-D 100,000, else a sample stratified by label."""
    return _sampled_rows(embeddings, DRAWN_AT_MOST if components == 2 else DRAWN_IN_SPACE)


def sampled(embeddings: EmbeddingSet, components: int = 2) -> Rows | None:
    """Rows on the map where these are not all, else None."""
    rows = drawn_rows(embeddings, components)
    return None if len(rows) == embeddings.n else rows


@jobs.cached
def _sampled_rows(embeddings: EmbeddingSet, most: int) -> Rows:
    return sample_rows(embeddings.n, most, labels=embeddings.labels, seed=SEED)


def axes(projection: Projection) -> tuple[str, ...]:
    """The titles of the axes."""
    shares = projection.explained_variance
    if shares is not None and np.isfinite(shares).all():
        return tuple(f"PC {i + 1} ({percent(share)} of variance)" for i, share in enumerate(shares))
    return layout_words.axis_names(projection)


def answer(work: Workspace, projection: Projection, kept: MapQuality | None) -> str:
    """The page's sentence."""
    name, n = work.embeddings.name, work.embeddings.n
    start = layout_words.opening(projection, name, n)
    shown = _shown_variance(projection)
    if shown is not None:
        axes = projection.coordinates.shape[1]
        words = _variance_words(projection, shown)
        start = f"The {axes} axes of this PCA show {words} of the variance of {name}"
    if kept is None:
        return f"{start}."
    about = "about " if kept.is_sample else ""
    sentence = (
        f"{start}; {about}{percent(kept.mean('kept'))} of an item's {kept.k} true nearest "
        f"stay among its {kept.k} nearest here."
    )
    if shown is not None:
        return sentence
    pca = projections.pca(work.embeddings, projection.coordinates.shape[1])
    variance = _shown_variance(pca)
    if projection.method in ("pca", "given") or variance is None:
        return sentence
    return f"{sentence} PCA's axes show {_variance_words(pca, variance)} of the variance."


def _variance_words(pca: Projection, share: float) -> str:
    return percent(share) if pca.rows is None else f"about {percent(share)}"


def _shown_variance(projection: Projection) -> float | None:
    """Share of the variance that the axes show; None where there is no variance or no PCA."""
    shares = projection.explained_variance
    return float(shares.sum()) if shares is not None and np.isfinite(shares).all() else None


def basis(
    embeddings: EmbeddingSet,
    projection: Projection,
    choice: str,
    kept: MapQuality | None,
    metric: Metric,
) -> str:
    """What the picture and its figures rest on, leave out or sample, or an empty text."""
    shown, n, notes = len(drawn(embeddings, projection)), embeddings.n, []
    if shown < n:
        how = f", stratified by {embeddings.label_column}" if embeddings.labels is not None else ""
        notes.append(f"{shown:,} of {n:,} points shown, sampled with seed {SEED}{how}.")
    if projection.rows is not None:
        notes.append(
            f"The axes are those of {projection.rows:,} rows drawn with seed {projection.seed}."
        )
    if kept is not None and kept.is_sample:
        notes.append(
            f"Neighbors kept: measured on {len(kept.rows):,} of {n:,} rows drawn with "
            f"seed {kept.seed}, ± {number(100 * kept.half_width('kept'))} points (95 %)."
        )
    return " ".join([*notes, *measures.notes(n, choice, metric)])


def drawn(embeddings: EmbeddingSet, projection: Projection) -> Rows:
    """Rows on the map of a projection."""
    return drawn_rows(embeddings, projection.coordinates.shape[1])


def how_to_pick(components: int) -> str:
    """How an item is chosen on the picture."""
    if components == 3:
        return (
            "Click a point to see its true neighbors, wherever the map put them: threads lead to "
            "them. Drag to turn, Shift and drag to move, scroll or pinch to zoom; arrow keys turn. "
            "Box and lasso are in the 2-D view."
        )
    return (
        "Click a point to see its true neighbors, wherever the map put them: threads lead to them. "
        "Scroll or pinch to zoom. Box and lasso, beside the picture, list what is inside."
    )


def view_name(work: Workspace, projection: Projection) -> str:
    """Names what a zoom is of: the places of these vectors in this projection."""
    return fingerprint((work.embeddings.bare, projection.coordinates))


def coordinate_table(
    embeddings: EmbeddingSet,
    projection: Projection,
    placed: npt.NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """The rows drawn and their places; placed: (n,) rows that are drawn, all without it."""
    rows = drawn(embeddings, projection)
    rows = rows if placed is None else rows[placed[rows]]
    frame = items.table(embeddings, rows).drop(columns=list(items.column_config(embeddings)))
    named = zip(layout_words.axis_names(projection), projection.coordinates[rows].T, strict=True)
    for axis, (name, places) in enumerate(named):
        frame.insert(1 + axis, name, places, allow_duplicates=True)
    return frame
