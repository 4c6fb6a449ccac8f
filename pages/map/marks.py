"""Which items are marked on the map: whose texts hold letters, of a finding, nearest to a query."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.data.filters import Mask
from core.distances import Metric, metric_name
from core.index import Neighbors
from pages.map import filter
from pages.ui import jobs
from pages.ui.controls import beam, by_text, query, widgets
from pages.ui.display import items
from pages.ui.display.text import count
from pages.ui.results import indexes, preflight
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
MARKED_AT_MOST = 2_000
NEAREST = 50  # to a text or a vector


@dataclass(frozen=True)
class Asked:
    """What the controls ask for. finding: of the Data page, or ""."""

    letters: str
    finding: str


@dataclass(frozen=True, eq=False)
class Marked:
    """The items found, best first; words: what they are, "" where nothing is asked for.

    columns: of the table that lists `drawn`, beside those of every item.
    """

    rows: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    words: str = ""
    columns: Mapping[str, npt.NDArray[np.float64]] = field(default_factory=dict)

    @property
    def drawn(self) -> Rows:
        """The first 2,000, which have rings."""
        return self.rows[:MARKED_AT_MOST]


def draw(embeddings: EmbeddingSet) -> Asked:
    """The controls: letters, a finding, and a text or a vector whose nearest are marked."""
    letters = widgets.text("Mark items whose texts hold", "mark", placeholder="letters")
    kind = widgets.select("Mark the rows of a finding", "finding", preflight.MARKS)
    st.markdown(f"Mark the {NEAREST} nearest to")
    if by_text.offered():
        by_text.box()
    query.paste_box(embeddings)
    return Asked(letters, "" if kind == preflight.NOTHING else kind)


def find(work: Workspace, asked: Asked, passing: Mask | None) -> Marked:
    """What is marked of the rows that the filters show: the query's nearest before all else.

    What is still being worked out draws its progress here, and is nothing until then.
    """
    with suppress(jobs.NotReady):
        other = query.elsewhere(work.embeddings)
        if other is not None:
            k = min(NEAREST, beam.returnable(work))
            near = jobs.ready(indexes.true_neighbors(work, other.vector, -1, k))
            return nearest(near, other.name, work.params.metric, passing)
    if asked.letters:
        found = filter.among(items.find(work.embeddings, asked.letters, work.embeddings.n), passing)
        return Marked(found, letters_words(len(found)))
    if asked.finding:
        rows = preflight.rows_of(work, asked.finding)
        found = filter.among(np.empty(0, np.int64) if rows is None else rows, passing)
        return Marked(found, finding_words(len(found), asked.finding))
    return Marked()


def nearest(near: Neighbors, name: str, metric: Metric, passing: Mask | None) -> Marked:
    """The true neighbors (1, k) of a query of that name that the filters show."""
    ids, distances = near.ids[0], near.distances[0]
    kept = np.ones(len(ids), dtype=bool) if passing is None else passing[ids]
    columns = {"distance": distances[kept].round(4)}
    return Marked(ids[kept], nearest_words(len(ids), int(kept.sum()), name, metric), columns)


def nearest_words(k: int, shown: int, name: str, metric: Metric) -> str:
    """Which items are marked, and how many of them the filters hide."""
    hidden = f"; the filters hide {k - shown:,} of them" if shown < k else ""
    by = metric_name(metric)
    return f"The {count(k, 'item')} nearest to {name}, by {by} distance, are marked{hidden}."


def letters_words(found: int) -> str:
    """How many items the text search found, and how many of them are marked."""
    return f"{count(found, 'item holds', 'items hold')} these letters{_of_first(found)}"


def finding_words(found: int, finding: str) -> str:
    """How many items a finding has, and how many of them are marked."""
    return f"{count(found, 'item')} of the finding {finding!r}{_of_first(found)}"


def _of_first(found: int) -> str:
    most = MARKED_AT_MOST
    return "." if found <= most else f"; the first {most:,} are marked."
