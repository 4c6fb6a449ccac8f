"""The list of findings: what they do, which they are, and one remedy each; versions of the data."""

import streamlit as st

from core.data import EmbeddingSet
from core.distances import Metric
from core.studies import Finding, severity
from pages.data import finding_words as words
from pages.ui.controls import page_links
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.text import plain
from pages.ui.results import preflight
from pages.ui.session import versions
from pages.ui.session.workspace import Workspace

COLORS = {"high": "red", "medium": "orange", "low": "gray"}
LISTED = 500  # lines of a table on the page; its file has all


def show(work: Workspace) -> bool:
    """All that is known so far, then what is still being sought; tell whether that is all."""
    st.subheader("Findings")
    show_versions(work)
    line, cards = st.container(), st.container()
    found, done = preflight.found(work)
    metric = work.params.metric
    with line:
        messages.note(words.summary(found, metric, done=done))
    with cards:
        for finding in found:
            _card(work.embeddings, finding, metric)
    if found:
        downloads.download(words.overview(found, metric), "findings", "Download all findings")
    return done


def _card(embeddings: EmbeddingSet, finding: Finding, metric: Metric) -> None:
    key = finding.kind.replace(" ", "_")
    weight = severity(finding, metric)
    with st.container(border=True, key=f"finding_{key}", gap="small"):
        st.markdown(
            f":{COLORS[weight]}-badge[{weight}] **{plain(words.title(finding))}.** "
            f"{plain(words.effect(finding, metric))}"
        )
        if told := words.examples(embeddings, finding):
            messages.note(plain(told))
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if finding.remedy is not None:
                st.button(
                    words.remedy_words(finding.remedy),
                    key=f"_remedy_{key}",
                    help=words.remedy_help(finding.remedy),
                    on_click=versions.apply,
                    args=(embeddings, finding.remedy),
                )
            if len(finding.rows):
                show_on_map(finding.kind, int(finding.rows[0]))
        if finding.subject != "direction":
            _listed(embeddings, finding, key)


def show_on_map(kind: str, item: int) -> None:
    """A button that opens the Map with the rows of a finding marked."""
    st.button(
        "Show on the Map",
        key=f"_mark_{kind}",
        type="tertiary",
        on_click=page_links.leave_for,
        args=("map",),
        kwargs={"finding": kind, "item": item},
    )


def _listed(embeddings: EmbeddingSet, finding: Finding, key: str) -> None:
    panel = st.expander("List", key=f"_list_{key}", on_change="rerun")
    if not panel.open:
        return
    with panel:
        table = words.table(embeddings, finding)
        tables.show(
            table.head(LISTED),
            hide_index=True,
            height=chart.table_height(table, 300),
            column_config=items.column_config(embeddings),
        )
        if len(table) > LISTED:
            messages.note(f"The first {LISTED:,} of {len(table):,}; the file has all.")
        downloads.download(table, f"finding_{key}")


def show_versions(work: Workspace) -> None:
    """The versions that remedies made, with the way back; nothing before the first remedy."""
    kept = versions.history(work)
    if kept is None:
        return
    place = kept.place(work)
    assert place is not None
    with st.container(border=True, key="versions", gap="xxsmall"):
        if place > 0:
            st.button(
                "Back to the version before",
                key="_undo",
                on_click=versions.go_to,
                args=(place - 1,),
            )
        for i, version in enumerate(kept.versions):
            told = f"{plain(version.name)}, {version.n:,} x {version.dim:,}"
            if i == place:
                st.markdown(f"{i + 1}\\. **{told}** (shown)")
            else:
                st.button(
                    f"{i + 1}\\. {told}",
                    key=f"_version_{i}",
                    type="tertiary",
                    on_click=versions.go_to,
                    args=(i,),
                )
