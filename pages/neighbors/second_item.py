"""Two items: compared, and the way from one to the other."""

import random
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.studies import ComparedPair, Path
from core.studies.neighborhood.path import Way
from pages.neighbors import cards, trail
from pages.neighbors.asked import Asked
from pages.neighbors.other_metrics import CALLED
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.controls.declared import NumberBox, Options, Slider, Switch
from pages.ui.display import downloads, items, messages, tables
from pages.ui.display.heading import Heading
from pages.ui.display.text import count, number, percent, plain
from pages.ui.jobs import Progress
from pages.ui.results import indexes

OTHER = NumberBox("other", "Second item, row id", value=1, width=180)
STEPS = Slider("steps", "Steps", low=3, high=25, value=9, help="Points of the way, ends included.")
WAY = Options(
    "way",
    "Way",
    ("straight", "spherical"),
    in_sight=True,
    help="Spherical: along the angle between the two, with lengths that change evenly "
    "([Shoemake 1985](https://dl.acm.org/doi/10.1145/325334.325242)).",
)
ENDS = Switch("ends", "The two themselves may be answers")
PER_STEP = Slider("per_step", "Nearest at each step", low=1, high=10, value=3)


@jobs.job("Comparing two items", lane="quick", patience=indexes.AT_ONCE)
def _compared(
    progress: Progress, embeddings: EmbeddingSet, first: int, second: int, k: int, metric: Metric
) -> ComparedPair:
    progress(0.0)
    return studies.compare_pair(embeddings.vectors, first, second, k, metric)


@jobs.job("Going from one item to the other", lane="quick", patience=indexes.AT_ONCE)
def _path(
    progress: Progress,
    embeddings: EmbeddingSet,
    first: int,
    second: int,
    steps: int,
    k: int,
    metric: Metric,
    way: Way,
    ends: bool,
) -> Path:
    progress(0.0)
    return studies.nearest_along(
        embeddings.vectors,
        first,
        second,
        steps=steps,
        k=k,
        metric=metric,
        way=way,
        ends=ends,
    )


def compare(asked: Asked, heading: Heading) -> None:
    """The section `Compare two`."""
    other = _choose(asked, heading)
    if other is None:
        return
    embeddings, names = asked.embeddings, asked.names
    k = min(asked.k, embeddings.n - 1)
    found = _compared.require(embeddings.bare, asked.item, other, k, asked.work.params.metric)
    heading.answer(compared_words(found, names, asked.item, other, k))
    left, right = st.columns(2)
    with left:
        cards.own(embeddings, other, "second")
        tables.show(distances_table(found), hide_index=True)
        unlike = studies.differing(_shown(embeddings), asked.item, other)
        messages.note("Columns in which the two differ.")
        tables.show(unlike.astype(str), hide_index=True)
    with right:
        messages.note(plain(f"Among the {k:,} nearest of both, by row of the first list."))
        _list(asked, found.shared, "shared", {})
        messages.note("Who stands between: nearer to both than they are to one another.")
        _list(asked, found.between, "between", {"longer length": found.longer.round(5)})


def along(asked: Asked, heading: Heading) -> None:
    """The section `Way`."""
    other = _choose(asked, heading)
    if other is None:
        return
    columns = st.columns([3, 3, 2, 3], vertical_alignment="bottom")
    with columns[0]:
        steps = STEPS.draw()
    with columns[1]:
        k = PER_STEP.draw(high=max(1, min(10, asked.embeddings.n - 2)))
    with columns[2]:
        way: Any = WAY.draw()
    with columns[3]:
        ends = ENDS.draw()
    found = _path.require(
        asked.embeddings.bare, asked.item, other, steps, k, asked.work.params.metric, way, ends
    )
    heading.answer(path_words(found, asked.names, asked.item, other))
    cards.gallery(
        asked.embeddings,
        found.ids[:, 0],
        [f"at {percent(share)}" for share in found.shares.tolist()],
        key="way",
    )
    rows = path_table(found, asked.names)
    tables.show(rows, hide_index=True, height="content")
    downloads.download(rows, "way")


def _choose(asked: Asked, heading: Heading) -> int | None:
    """The second item, chosen by row id, by chance or from the nearest; None for a vector."""
    if asked.item < 0 or asked.embeddings.n < 3:
        heading.answer("Two items of the data are compared.")
        messages.empty("A text or a vector is no item of the data.", "Empty its box.")
        return None
    nearest = int(asked.nearest().ids[0, -1])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        other = OTHER.draw(asked.embeddings.n - 1)
        st.button("Random second", on_click=_put_random, args=(asked.embeddings.n,))
        st.button(
            plain(f"Neighbor {asked.k:,}: {asked.names[nearest][:30]}"),
            on_click=widgets.put,
            kwargs={"other": nearest},
        )
        st.button("Swap", on_click=widgets.put, kwargs={"item": other, "other": asked.item})
    if other == asked.item:
        heading.answer(f"{asked.name} is compared with a second item.")
        messages.empty("Both are the same item.", "Choose another second item.")
        return None
    return other


def compared_words(
    found: ComparedPair,
    names: npt.NDArray[np.str_],
    first: int,
    second: int,
    k: int,
) -> str:
    """Ranks of each for the other, what both lists share, and who stands between."""
    between = (
        f"between them stands {names[found.between[0]]}"
        if len(found.between)
        else "nobody stands between them"
    )
    return (
        f"{names[second]} is neighbor {found.rank:,} of {names[first]}, which is neighbor "
        f"{found.rank_back:,} of it; they share {len(found.shared):,} of their {k:,} nearest, and "
        f"{between}."
    )


def distances_table(found: ComparedPair) -> pd.DataFrame:
    """The distance of the two under each metric."""
    names = [f"{CALLED[name]} distance" for name in found.distances]
    values = [number(value, 4) for value in found.distances.values()]
    return pd.DataFrame({"distance": names, "from the first to the second": values})


def path_words(found: Path, names: npt.NDArray[np.str_], first: int, second: int) -> str:
    """Who is nearest along the way, each named once where it follows itself."""
    rows = found.ids[:, 0]
    kept = rows[np.append(True, rows[1:] != rows[:-1])]
    met = [str(names[row]) for row in kept if row not in (first, second)]
    through = ", ".join(met[:6]) + (f" and {len(met) - 6:,} more" if len(met) > 6 else "")
    return (
        f"The {found.way} way from {names[first]} to {names[second]} passes "
        f"{through or 'nobody else'}; {count(len(met), 'change')} of the nearest in "
        f"{len(rows):,} steps."
    )


def path_table(found: Path, names: npt.NDArray[np.str_]) -> pd.DataFrame:
    """One line per step: its share of the way, the nearest, and the distance to the first."""
    frame = pd.DataFrame({"share of the way": [percent(share) for share in found.shares.tolist()]})
    for place in range(found.ids.shape[1]):
        frame[f"nearest {place + 1}"] = names[found.ids[:, place]]
    frame["distance to nearest 1"] = found.distances[:, 0].round(5)
    frame["row of nearest 1"] = found.ids[:, 0]
    return frame


def _shown(embeddings: EmbeddingSet) -> pd.DataFrame:
    """Metadata without pictures and sounds."""
    media = {items.picture_column(embeddings), embeddings.sound_column}
    return embeddings.metadata[[name for name in embeddings.metadata if name not in media]]


def _list(asked: Asked, rows: npt.NDArray[np.int64], name: str, also: dict[str, Any]) -> None:
    if not len(rows):
        messages.note("None.")
        return
    frame = items.table(asked.embeddings, rows, **also)
    key = f"_{name}_{asked.work.fingerprint}_{asked.item}"
    trail.table(frame, asked.embeddings, key, room=trail.Room(8, 320))


def _put_random(n: int) -> None:
    widgets.put(other=random.randrange(n))
