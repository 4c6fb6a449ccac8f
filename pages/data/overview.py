"""The loaded data at a glance: the metric that fits, sizes of classes, lengths of vectors."""

import streamlit as st

from core.data import EmbeddingSet
from core.figures.data import class_sizes, norm_histogram
from pages.data import summary
from pages.ui.display import chart, messages
from pages.ui.display.text import plain
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace


def show(embeddings: EmbeddingSet) -> None:
    """The sizes of the classes and the lengths of the vectors."""
    sizes = embeddings.class_sizes
    if len(sizes):
        chart.show(
            chart.drawn(class_sizes, embeddings.class_names, sizes, dark=chart.is_dark()),
            key="class_sizes",
            alt=f"Members of each of {len(sizes):,} classes",
            table=lambda: summary.class_table(embeddings),
        )
        messages.note(summary.classes_shown(len(sizes)))
    else:
        messages.empty("There are no labels.", "Choose or add a column with classes to see them.")
    chart.show(
        chart.drawn(norm_histogram, summary.norms(embeddings), dark=chart.is_dark(), height=230),
        key="norms",
        alt=f"Histogram of the vectors' lengths. {summary.lengths(embeddings)}",
        table=lambda: summary.norm_table(embeddings),
    )
    messages.note(plain(summary.lengths(embeddings)))


def show_metric(work: Workspace) -> None:
    """The recommended metric with its reason, and a button where the index has another."""
    metric, reason = summary.metric_words(work.embeddings)
    messages.note(f"Recommended metric: **{metric}**, because {plain(reason)}.")
    if metric != work.params.metric and work.opened is None:
        st.button(
            f"Use {summary.METRIC_NAMES[metric]}",
            key="_use_metric",
            help=f"The index is built anew; it is by {summary.METRIC_NAMES[work.params.metric]}.",
            on_click=workspace.choose_params,
            kwargs={"metric": metric},
        )
