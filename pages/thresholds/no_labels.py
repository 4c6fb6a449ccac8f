"""The section `No labels`: where does a similarity floor stand, and what does it cost?"""

import numpy as np
import streamlit as st

from core.data import EmbeddingSet
from core.distances import Metric
from core.engines.floor import threshold_lines
from core.figures.threshold_floor import floor_distributions
from core.studies.thresholds.floor import SHARES, Basis, FloorStudy, floor_study
from pages.thresholds import floor_controls, floor_words, probability
from pages.thresholds.floor_controls import NONE, Wanted
from pages.ui import jobs
from pages.ui.controls.queries import GIVEN, UPLOADED
from pages.ui.display import chart, downloads, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import cached
from pages.ui.session.workspace import Workspace

FEWEST_ROWS = 3
METRIC_WIDTH = 150  # pixels of a figure's card


def show(work: Workspace, heading: Heading) -> None:
    """The section `No labels` of the Thresholds page."""
    if work.embeddings.n < FEWEST_ROWS:
        heading.answer("A similarity floor needs at least three rows.")
        messages.empty(f"There are {work.embeddings.n:,} rows.", "Load more on the Data page.")
        return
    if _is_constant(work.embeddings.bare):
        heading.answer("All rows are equal: no similarity floor can tell them apart.")
        messages.empty("Every pair has the same score.", "Load rows that differ on the Data page.")
        return
    off_topic = floor_controls.off_topic_sets(work)
    wanted = floor_controls.show(work, off_topic)
    found = jobs.ready(study(work, wanted.queries, off_topic.get(wanted.off_topic)))
    basis: Basis = "pairs" if found.off_topic is None else wanted.basis
    unit, floor = wanted.unit, found.floors(basis)[SHARES.index(wanted.share)]
    words = floor_words.answer(found, floor, basis, unit, wanted.bearable)
    heading.answer(words)
    for text in (
        floor_words.passing(found, floor, basis),
        floor_words.strangers(floor),
        floor_words.all_copies(found, wanted.off_topic != NONE),
    ):
        if text:
            messages.note(plain(text))
    picture, numbers = st.columns([4, 1])
    with picture:
        chart.show(
            chart.drawn(
                floor_distributions, found, floor, unit, log=wanted.log, dark=chart.is_dark()
            ),
            key="floor",
            alt=words,
        )
    with numbers, st.container(horizontal=True):
        for name, value, explanation in floor_words.figures(found, floor, basis, unit):
            st.metric(name, value, help=explanation, width=METRIC_WIDTH)
    _floors(work, found, basis, wanted)
    messages.note(plain(floor_words.basis_words(found, wanted.queries)))
    probability.show(work, unit, floor.score.value)


@cached
def _is_constant(embeddings: EmbeddingSet) -> bool:
    """Whether all rows are equal."""
    return bool((embeddings.vectors == embeddings.vectors[0]).all())


def _floors(work: Workspace, found: FloorStudy, basis: Basis, wanted: Wanted) -> None:
    st.subheader("Floors for other shares")
    rows = floor_words.table(found, basis, wanted.unit)
    chart.show_table(rows, key="floors", csv_name="similarity_floors", open=True)
    floor = found.floors(basis)[SHARES.index(wanted.share)]
    downloads.offer(
        "Download JSON",
        lambda: floor_words.record(
            found,
            floor,
            basis,
            wanted.unit,
            data=work.embeddings.bare.fingerprint,
            queries=wanted.queries,
        ),
        "similarity_floor.json",
        "application/json",
    )
    if not np.isnan(floor.score.value):
        with st.expander("The floor in your system"):
            lines = threshold_lines(found.metric, floor.score.value)
            st.code("\n".join(f"# {system}\n{line}" for system, line in lines), language="python")


def study(work: Workspace, source: str, off_topic: EmbeddingSet | None) -> FloorStudy | None:
    """The study of the session's data with these queries, as a job."""
    asked = None
    if source == UPLOADED:
        asked = work.queries
    elif source == GIVEN:
        asked = _given(work.embeddings)
    return _study.need(work.embeddings.bare, work.params.metric, asked, off_topic)


@jobs.job("Looking for a similarity floor")
def _study(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    asked: EmbeddingSet | None,
    off_topic: EmbeddingSet | None,
) -> FloorStudy:
    return floor_study(
        embeddings.vectors,
        metric=metric,
        queries=None if asked is None else asked.vectors,
        off_topic=None if off_topic is None else off_topic.vectors,
        progress=progress,
    )


@jobs.cached
def _given(embeddings: EmbeddingSet) -> EmbeddingSet:
    """The queries that came with the data, as a set."""
    assert embeddings.queries is not None
    return EmbeddingSet.from_arrays(embeddings.queries, name=GIVEN)
