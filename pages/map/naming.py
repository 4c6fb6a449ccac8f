"""Which regions of the map are named, and by what."""

import numpy as np

from core.data import EmbeddingSet
from core.figures.map import LEGEND_AT_MOST, Classes, Values
from core.projection import Projection
from core.projection.regions import Region, class_regions, word_regions
from pages.map import drawing
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace


def regions(
    work: Workspace, projection: Projection, colors: Classes | Values | None
) -> tuple[Region, ...]:
    """Regions by the classes of the color, else by labels, else by words of the texts.

    Classes that a legend names are not named again. Empty also while words are being counted.
    """
    if isinstance(colors, Classes):
        return () if len(colors.names) <= LEGEND_AT_MOST else _by_class(work, projection, colors)
    label = work.embeddings.label_column
    if label is not None:
        classes = drawing.colors(work, label)
        return _by_class(work, projection, classes) if isinstance(classes, Classes) else ()
    if not work.embeddings.text_columns:
        return ()
    return _by_words.need(work.embeddings, projection) or ()


def source(work: Workspace, colors: Classes | Values | None, named: int) -> str:
    """What the names on the map are, in a sentence; "" without names."""
    if not named:
        return ""
    if isinstance(colors, Classes):
        return f"A name stands where its {colors.title} is the commonest and densest."
    if work.embeddings.label_column is not None:
        return f"A name stands where its {work.embeddings.label_column} is the commonest."
    column = work.embeddings.text_columns[-1]
    return f"Regions are named by the words that their {column} has more than the rest."


def _by_class(work: Workspace, projection: Projection, colors: Classes) -> tuple[Region, ...]:
    return _class_regions(
        projection, drawing.drawn_rows(work.embeddings, projection.coordinates.shape[1]), colors
    )


@jobs.cached
def _class_regions(
    projection: Projection, rows: drawing.Rows, colors: Classes
) -> tuple[Region, ...]:
    return class_regions(projection.coordinates[rows], colors.codes[rows], colors.names)


@jobs.job("Naming the regions of the map")
def _by_words(
    progress: Progress, embeddings: EmbeddingSet, projection: Projection
) -> tuple[Region, ...]:
    progress(0.0, "words")
    rows = drawing.drawn(embeddings, projection)
    texts = embeddings.metadata[embeddings.text_columns[-1]].fillna("").astype(str)
    return word_regions(projection.coordinates[rows], texts.to_numpy()[rows].astype(np.str_))
