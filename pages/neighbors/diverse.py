"""A list that repeats itself less (MMR), beside the nearest."""

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.studies import DiverseList
from pages.neighbors import cards, trail
from pages.neighbors.asked import Asked
from pages.ui import jobs
from pages.ui.controls.declared import Slider
from pages.ui.display import downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.results import indexes

TIMES, FEWEST = 5, 50  # candidates for each place, and at least
NAMED = 4
BALANCE = Slider(
    "lambda",
    "λ: 1 nearest, 0 most unlike",
    low=0.0,
    high=1.0,
    value=0.7,
    step=0.05,
    help="Share of nearness against unlikeness to what is listed already "
    "([Carbonell and Goldstein 1998](https://dl.acm.org/doi/10.1145/290941.291025)).",
)


@jobs.job("Choosing a diverse list", lane="quick", patience=indexes.AT_ONCE)
def _list(
    progress: Progress,
    embeddings: EmbeddingSet,
    query: npt.NDArray[np.float32],
    candidates: npt.NDArray[np.int64],
    k: int,
    balance: float,
) -> DiverseList:
    progress(0.0)
    return studies.diverse_list(embeddings.vectors, query, candidates, k, balance)


def show(asked: Asked, heading: Heading) -> None:
    """The section `Diverse`."""
    with st.columns([3, 5])[0]:
        balance = BALANCE.draw()
    most = asked.embeddings.n - (asked.item >= 0)
    if asked.work.opened is not None:
        most -= asked.work.opened.n_deleted
    pool = min(max(TIMES * asked.k, FEWEST), most)
    near = jobs.ready(indexes.true_neighbors(asked.work, asked.query, asked.item, pool))
    found = _list.require(asked.embeddings.bare, asked.query, near.ids[0], asked.k, balance)
    heading.answer(answer(found, asked.names, asked.name))
    order = {int(row): rank for rank, row in enumerate(near.ids[0])}
    places = [order[int(row)] for row in found.ids]
    notes = [f"nearest by rank: {place + 1:,}" for place in places]
    cards.gallery(asked.embeddings, found.ids, notes, key="diverse")
    rows = items.table(
        asked.embeddings,
        found.ids,
        distance=near.distances[0][places].round(5),
        rank_by_distance=np.array(places) + 1,
        taken_in=np.where(np.isin(found.ids, found.taken_in), "yes", ""),
    )
    rows.insert(0, "place", np.arange(1, len(rows) + 1))
    key = f"_diverse_{asked.work.fingerprint}_{asked.item}_{asked.k}_{balance}"
    trail.table(rows, asked.embeddings, key)
    messages.note(
        plain(f"Chosen among the {pool:,} nearest, by cosine to the item and to one another.")
    )
    downloads.download(rows, "diverse")


def answer(found: DiverseList, names: npt.NDArray[np.str_], name: str) -> str:
    """What the list leaves out of the nearest, and what it takes in."""
    if not len(found.left_out):
        return f"At λ {found.balance:g} the list is the {len(found.ids):,} nearest to {name}."
    return (
        f"At λ {found.balance:g} the list for {name} leaves out {_some(names[found.left_out])} of "
        f"the {len(found.ids):,} nearest and takes in {_some(names[found.taken_in])}."
    )


def _some(names: npt.NDArray[np.str_]) -> str:
    said = ", ".join(str(name) for name in names[:NAMED])
    return said if len(names) <= NAMED else f"{said} and {len(names) - NAMED:,} more"
