"""The hub scan: items near to many different regions, and what leaving them out changes."""

import pandas as pd
import streamlit as st

from core.data import EmbeddingSet
from core.studies import HubRemoval, HubScan
from pages.data import finding_words, findings
from pages.ui.controls.declared import Switch
from pages.ui.display import chart, downloads, items, messages, tables
from pages.ui.display.text import count, number, percent, plain
from pages.ui.results import preflight
from pages.ui.session import versions
from pages.ui.session.workspace import Workspace

HELP = (
    "An item of a dense place is in many neighbor lists of that place. A hub over many regions is "
    "in lists that have nothing else in common: a natural hub "
    "([Radovanovic et al. 2010](https://www.jmlr.org/papers/v11/radovanovic10a.html)), a copy of "
    "the mean, or text planted to be found by every query "
    "([Zhong et al. 2023](https://arxiv.org/abs/2310.19156))."
)
RECALL = Switch(
    "hub_recall",
    "Measure recall without the hubs",
    help="Builds a second index with the same settings, without them.",
)


def show(work: Workspace) -> None:
    """The scan as soon as it is done."""
    st.subheader("Hub scan", help=HELP)
    if work.embeddings.n < preflight.FEWEST_ROWS:
        return
    scan = preflight.hubs(work)
    if scan is None:
        return
    st.markdown(plain(answer(scan)))
    if scan.remedy is not None:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.button(
                finding_words.remedy_words(scan.remedy),
                key="_remedy_hubs",
                help=finding_words.remedy_help(scan.remedy),
                on_click=versions.apply,
                args=(work.embeddings, scan.remedy),
            )
            findings.show_on_map(preflight.HUBS, int(scan.rows[0]))
        if work.opened is None and RECALL.draw():
            removal = preflight.hub_recall(work, scan)
            if removal is not None:
                st.markdown(plain(recall(removal)))
    rows = table(work.embeddings, scan)
    tables.show(
        rows,
        hide_index=True,
        height=chart.table_height(rows, 300),
        column_config=items.column_config(work.embeddings),
    )
    messages.note(basis(scan))
    downloads.download(rows, "hubs")


def answer(scan: HubScan) -> str:
    """How many hubs, how far they reach, and what leaving them out changes."""
    if not len(scan.rows):
        return (
            "No item is near to many different regions: the widest is in "
            f"{count(int(scan.top_lists[0]), 'list')} of "
            f"{count(int(scan.top_reached[0]), 'region')}."
        )
    removal = scan.removal
    said = (
        f"{count(len(scan.rows), 'item is', 'items are')} near to many different regions, the "
        f"widest in {scan.lists[0]:,} lists of {scan.reached[0]:,} of {scan.regions:,} regions."
    )
    if removal is None:
        return said
    left_out = (
        f" {percent(removal.touched)} of the other items' lists hold one, in "
        f"{percent(removal.places)} of their places. Without them the hubness of the others goes "
        f"from {number(removal.skewness_before)} to {number(removal.skewness_after)}, and the most "
        f"lists that hold one item from {removal.largest_before:,} to {removal.largest_after:,}."
    )
    short = (
        f" {count(removal.short, 'list has', 'lists have')} too few others among the known "
        "neighbors, and are not counted after."
    )
    return said + left_out + (short if removal.short else "")


def recall(removal: HubRemoval) -> str:
    """What the index gains without the hubs."""
    change = removal.after - removal.before
    certain = removal.before_half_width + removal.after_half_width
    if abs(change) <= certain:
        gain = "That is no difference beyond chance"
    else:
        gain = f"Leaving them out {'gains' if change > 0 else 'costs'} {number(abs(change))}"
    return (
        f"{gain}: recall@{removal.k} of {count(removal.queries, 'other item')} at ef "
        f"{removal.ef:,} is {removal.before:.3f} ± {removal.before_half_width:.3f} with the hubs "
        f"and {removal.after:.3f} ± {removal.after_half_width:.3f} in an index without them (rows "
        f"of the index as queries, drawn with seed {removal.seed}; ± is the 95 % interval)."
    )


def table(embeddings: EmbeddingSet, scan: HubScan) -> pd.DataFrame:
    """The hubs, or the items of the widest spread where there are none, by name."""
    if len(scan.rows):
        rows, lists, reached, spread = scan.rows, scan.lists, scan.reached, scan.spread
    else:
        rows, lists, reached = scan.top, scan.top_lists, scan.top_reached
        spread = scan.top_spread
    return items.table(
        embeddings,
        rows,
        effective_regions=spread.round(1),
        regions=reached,
        lists=lists,
    )


def basis(scan: HubScan) -> str:
    """How a hub is told from others."""
    drawn = f" of {scan.n_lists:,} rows drawn with seed 0" if scan.n_lists < scan.n else ""
    return (
        f"Lists of {scan.k} neighbors{drawn}; {scan.regions:,} regions by k-means. A hub is in at "
        "least 5 times as many lists as the mean, and its effective number of regions (exp of the "
        "entropy of its lists over the regions) is over 3 times the usual "
        f"{number(scan.usual)}."
    )
