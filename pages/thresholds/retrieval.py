"""The section `Retrieval`: does each item find the others of its class first?"""

import json

import numpy as np
import streamlit as st

from core.data import EmbeddingSet
from core.data.sheets import csv_text
from core.distances import Metric
from core.figures.threshold_retrieval import Curve, cutoff_curves, group_dots
from core.studies.thresholds.retrieval import (
    CURVES,
    FIGURES,
    LARGEST_K,
    RetrievalStudy,
    RetrievalSummary,
    curves,
    retrieval_study,
    retrieval_summary,
)
from core.studies.thresholds.separation import Separation, separation
from core.studies.thresholds.slices import Slices, slice_columns, slices
from pages.thresholds import retrieval_words as words
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, plain
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

AT_ONCE = 5_000  # items that are all queries unless a sample is chosen
DRAWN = (500, 2_000, 10_000)
EVERY = "all"
USUAL_K = 10
QUERIES_HELP = (
    "How many items are queries. A sample takes its share of each class, of a small class more, "
    "and weighs the queries so that means stand for all items."
)
FIGURE_HELP = (
    "Ranks the groups and makes the sentence. Each figure is defined below, under Definitions."
)
SLICE_HELP = (
    "The label, or another column: a group for each of its values, five parts where it holds many "
    "numbers or dates."
)


def show(work: Workspace, heading: Heading) -> None:
    """The section `Retrieval` of the Thresholds page."""
    embeddings, metric = work.embeddings, work.params.metric
    figure, column, k, queries = _controls(embeddings)
    study = jobs.ready(_study.need(embeddings, metric, queries))
    cut = _slices(embeddings, column)
    summary = jobs.ready(_summary.need(study, cut, k))
    by_k = _curves(study)
    groups, whole = summary.groups[figure], summary.overall[figure]
    of_label = column == embeddings.label_column
    sentence = words.answer(figure, k, whole, groups, cut, of_label=of_label)
    heading.answer(sentence)
    messages.note(plain(words.basis(study)))

    picture, numbers = st.columns([3, 2], gap="medium")
    title = words.at_k(figure, k)
    with picture:
        if len(groups.groups):
            chart.show(
                chart.drawn(
                    group_dots, groups, cut.names, whole, title=title, dark=chart.is_dark()
                ),
                key="retrieval_groups",
                alt=sentence,
                table=lambda: words.group_table(groups, cut, title),
                csv_name="retrieval_by_group",
            )
        else:
            messages.empty(f"No query has a value of {column}.", "Choose another column.")
        messages.note(plain(words.spread(title, groups, of_label=of_label)))
        messages.note(f"**{title}**: {words.DEFINITIONS[figure]}")
    with numbers:
        chart.show(
            chart.drawn(cutoff_curves, by_k, k, dark=chart.is_dark()),
            key="retrieval_curves",
            alt="hit@k, precision@k and recall@k (IR) by k",
            table=lambda: words.curve_table(by_k),
            csv_name="retrieval_by_k",
        )
        messages.note(words.THREE_RECALLS)
        st.markdown("**All figures**")
        table = words.figure_table(summary, k)
        tables.show(table.round(4), hide_index=True, height=chart.table_height(table, 400))
        with st.container(horizontal=True):
            downloads.download(table, "retrieval_figures")
            _more_downloads(work, study, summary, cut, k)

    st.subheader("The space as a whole")
    _space(embeddings, metric)
    with st.expander("Definitions"):
        st.markdown(
            "For a query, the other items are ordered by distance; R is the number of other items "
            "of its class.\n\n"
            + "\n".join(f"- **{name}**: {told}" for name, told in words.DEFINITIONS.items())
        )


def _controls(embeddings: EmbeddingSet) -> tuple[str, str, int, int | None]:
    """Figure, column of the groups, k, and how many queries (None for all)."""
    by_figure, by_column, by_k, by_queries = st.columns([3, 3, 3, 2], vertical_alignment="bottom")
    with by_figure:
        figure = widgets.select("Figure", "figure", list(FIGURES), help=FIGURE_HELP)
    with by_column:
        column = widgets.select("By", "slice", _columns(embeddings), help=SLICE_HELP)
    with by_k:
        most = min(LARGEST_K, embeddings.n - 1)
        k = widgets.slider("k", "retrieval_k", low=1, high=most, value=min(USUAL_K, most))
    with by_queries:
        queries = _queries(embeddings)
    return figure, column, k, queries


def _queries(embeddings: EmbeddingSet) -> int | None:
    eligible = int(embeddings.class_sizes[embeddings.class_sizes > 1].sum())
    sizes = {f"{size:,}": size for size in DRAWN if size < eligible}
    if not sizes:
        return None
    usual = EVERY if eligible <= AT_ONCE else next(iter(sizes))
    chosen = widgets.select(
        "Queries", "retrieval_queries", [*sizes, EVERY], value=usual, help=QUERIES_HELP
    )
    return sizes.get(chosen)


def _space(embeddings: EmbeddingSet, metric: Metric) -> None:
    """Figures about the space as a whole, once they are there."""
    with jobs.place("separation"):
        found = _separation.need(embeddings, metric)
    if found is None:
        return
    table, classes = words.space_table(found), words.margin_table(found, embeddings.class_names)
    shown = words.shown_space(table)
    left, right = st.columns(2, gap="medium")
    with left:
        tables.show(shown, hide_index=True, height=chart.table_height(shown, 400))
        downloads.download(table, "space_figures")
    with right:
        tables.show(classes.round(4), hide_index=True, height=chart.table_height(classes, 324))
        downloads.download(classes, "classes_and_margins")
    messages.note(plain(words.space_words(found)))
    if found.icnn is None:
        messages.note("ICNN is not defined under inner product, which has no distances.")
    if np.isnan(found.clusters.ami).any():
        messages.note(
            f"{count(found.clusters.clusters, 'class', 'classes')} in "
            f"{count(found.clusters.rows, 'item')}: too few items for k-means."
        )


def _more_downloads(
    work: Workspace, study: RetrievalStudy, summary: RetrievalSummary, cut: Slices, k: int
) -> None:
    labels = items.label_texts(work.embeddings)
    downloads.offer(
        "Download queries",
        lambda: csv_text(words.query_table(study, labels, k)),
        "retrieval_queries.csv",
        "text/csv",
    )
    downloads.offer(
        "Download JSON",
        lambda: json.dumps(
            words.as_json(study, summary, cut, k, work.fingerprint), indent=1, allow_nan=False
        ),
        "retrieval.json",
        "application/json",
    )


@jobs.job("Searching for items of the same class", patience=1.0)
def _study(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, queries: int | None
) -> RetrievalStudy:
    labels = embeddings.labels
    assert labels is not None
    return retrieval_study(
        embeddings.vectors, labels, metric=metric, queries=queries, progress=progress
    )


@jobs.job("Drawing the queries anew for intervals", patience=1.0)
def _summary(progress: Progress, study: RetrievalStudy, cut: Slices, k: int) -> RetrievalSummary:  # noqa: ARG001
    return retrieval_summary(study, cut.codes, k)


@jobs.job("Alignment, uniformity, clusters and margins")
def _separation(progress: Progress, embeddings: EmbeddingSet, metric: Metric) -> Separation:
    labels = embeddings.labels
    assert labels is not None
    return separation(embeddings.vectors, labels, metric=metric, progress=progress)


@jobs.cached
def _curves(study: RetrievalStudy) -> dict[str, Curve]:
    return curves(study, [FIGURES[name] for name in CURVES])


@jobs.cached
def _columns(embeddings: EmbeddingSet) -> tuple[str, ...]:
    return slice_columns(embeddings)


@jobs.cached
def _slices(embeddings: EmbeddingSet, column: str) -> Slices:
    return slices(embeddings, column)
