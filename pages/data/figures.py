"""The figures of the space: a table with reasons, and the line of TwoNN."""

import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.figures import two_nn_line
from core.studies import KnnLists, Moments, NeighborFigures, SpreadFigures
from pages.data import figure_words as words
from pages.ui import jobs
from pages.ui.display import chart, downloads, messages
from pages.ui.display.text import lengths_of
from pages.ui.jobs import Progress
from pages.ui.results import indexes, preflight
from pages.ui.session.workspace import Workspace


def show(work: Workspace) -> None:
    """All figures that are there; those that are not draw their progress."""
    st.subheader("Figures of the space")
    if work.embeddings.n < preflight.FEWEST_ROWS:
        messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more to measure the space.")
        return
    *halves, picture = st.columns(3, gap="large")
    spread = _spread_of(work)
    near = None if spread is None else _near_of(work)
    told = words.lines(spread, near)
    middle = -(-len(told) // 2)
    for half, part in zip(halves, (told[:middle], told[middle:]), strict=True):
        with half:
            for line in part:
                st.markdown(words.block(line))
    if near is None:
        return
    with picture:
        chart.show(
            chart.drawn(two_nn_line, near.fit, dark=chart.is_dark()),
            key="two_nn",
            alt=words.dimension(near, work.embeddings.dim),
        )
        messages.note(words.dimension(near, work.embeddings.dim))
        messages.note(words.basis(near, lengths_of(work.params.metric)))
        downloads.download(words.as_rows(spread, near), "figures")


def _spread_of(work: Workspace) -> SpreadFigures | None:
    moments = preflight.moments(work)
    return None if moments is None else _spread.need(work.embeddings, moments)


def _near_of(work: Workspace) -> NeighborFigures | None:
    near, by_length = preflight.lists(work), indexes.knn_by_length(work, indexes.KNN)
    if near is None or by_length is None:
        return None
    return _neighbor_figures(near, by_length)


@jobs.cached
def _neighbor_figures(near: KnnLists, by_length: KnnLists) -> NeighborFigures:
    return studies.neighbor_figures(near, by_length)


@jobs.job("Measuring isotropy and coding rate")
def _spread(progress: Progress, embeddings: EmbeddingSet, moments: Moments) -> SpreadFigures:
    return studies.spread_figures(embeddings, moments, progress)
