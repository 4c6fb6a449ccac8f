"""The true neighbors at once; what the index finds of them joins when it is there."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.figures.neighbors import distance_by_rank
from core.index import Neighbors
from core.studies import slope_line
from pages.neighbors import answers, cards, comparison, trail
from pages.neighbors.asked import Asked
from pages.ui import jobs
from pages.ui.controls import beam, page_links, query
from pages.ui.display import chart, downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import number, plain
from pages.ui.results import indexes, truth_words

ROOM = trail.Room(14, 520)
FEWEST_FOR_SLOPE = 3


def show(asked: Asked, heading: Heading) -> None:
    """The section `Nearest`."""
    embeddings, names = asked.embeddings, asked.names
    near = asked.nearest()
    cards.gallery(embeddings, near.ids[0], cards.ranked(near.distances[0]), key="nearest")
    with st.columns([3, 5])[0]:
        ef = beam.ef_slider(asked.k)
    with jobs.quiet():  # the side bar shows its progress
        graph = indexes.graph(asked.work)
    found = None
    if graph is None:
        messages.note("What the index finds of them joins here once it is built.")
    else:
        found = answers.check(asked.work, graph, asked.query, asked.item, asked.k, ef)
        truth_words.show(asked.work, graph)
    heading.answer(
        answers.nearest_words(near, asked.work.params.metric, names, asked.name)
        if found is None or graph is None
        else answers.answer(found, graph, names, asked.name)
    )
    listing, picture = st.columns([6, 5])
    rows = (
        plain_table(asked, near)
        if found is None
        else comparison.side_by_side(answers.table(found, embeddings), found, names)
    )
    with listing:
        key = f"_walk_{asked.work.fingerprint}_{asked.item}_{asked.k}"
        trail.table(
            rows,
            embeddings,
            key,
            room=ROOM,
            tinted=None if found is None else comparison.tinted(rows, found),
        )
        messages.note(
            "Choose a row to walk to that neighbor."
            if found is None
            else "Choose a row to walk to that neighbor. Green: true and found, vermilion: missed, "
            "blue: given by the index in place of a true neighbor."
        )
        page_links.to_page(
            "layers", "Play this search through the layers", section="Search", **query.as_kind()
        )
        told = rows if graph is None else truth_words.told(rows, graph, embeddings.vectors)
        downloads.download(told, "neighbors")
    with picture:
        dimension, expected = slope(near, asked)
        chart.show(
            chart.drawn(
                distance_by_rank,
                near,
                None if found is None else found.found.ids[0],
                None if found is None else found.found.distances[0],
                names,
                asked.work.params.metric,
                expected=expected,
                dark=chart.is_dark(),
            ),
            key="by_rank",
            alt=f"Distance of the {asked.k} true neighbors of {asked.name} by rank"
            + ("" if found is None else ", found or missed by the index"),
        )
        if expected is not None:
            messages.note(plain(slope_words(dimension, asked.k)))
        figures = answers.figures(asked.work, near, asked.query, asked.item)
        for column, (title, value, explanation) in zip(st.columns(3), figures, strict=False):
            column.metric(title, value, help=explanation)


def plain_table(asked: Asked, near: Neighbors) -> pd.DataFrame:
    """The true neighbors by rank, before there is an index."""
    frame = items.table(asked.embeddings, near.ids[0], distance=near.distances[0].round(5))
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame


def slope(near: Neighbors, asked: Asked) -> tuple[float, npt.NDArray[np.float64] | None]:
    """The local dimension by the listed neighbors, and the distances it expects, if defined."""
    if asked.work.params.metric == "inner_product" or asked.k < FEWEST_FOR_SLOPE:
        return float("nan"), None
    dimension, line = slope_line(near, asked.work.params.metric)
    return dimension, None if np.isnan(line).any() else line


def slope_words(dimension: float, k: int) -> str:
    """What the dashed line is."""
    return (
        f"Dashed: distances by rank where rows fill {number(dimension)} dimensions evenly, the "
        f"local intrinsic dimension of these {k:,} (Levina and Bickel 2004)."
    )
