"""How an item is named, found and listed, the same on every page."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import streamlit as st

from core.data import EmbeddingSet, text_search
from core.data.item_names import as_texts, item_names
from core.data.media import SOUNDS
from core.data.pictures import drawable
from core.data.text_search import Hits, Searchable
from core.index import Neighbors
from core.limits import remote_image_hosts
from core.visible import hides, marked
from pages.ui import jobs

Rows = npt.NDArray[np.int64]
FOUND_AT_MOST = 50
OWN_COLUMNS = ("row", "rank", "name", "label", "query", "distance", "neighbor", "candidate")
OF_THE_DATA = " (column)"


def name_column(embeddings: EmbeddingSet) -> str | None:
    """The column that names an item best: the most telling text, else an id, else None."""
    return embeddings.name_column


def picture_column(embeddings: EmbeddingSet) -> str | None:
    """The column of pictures; addresses on the web only where the deployment names their hosts."""
    if embeddings.picture_column is not None or not remote_image_hosts():
        return embeddings.picture_column
    return embeddings.picture_link_column


def pictures(embeddings: EmbeddingSet, rows: Iterable[int]) -> list[str | None]:
    """What a browser draws of each row; None where it has no picture, or may draw none."""
    column, hosts = picture_column(embeddings), remote_image_hosts()
    if column is None:
        return [None for _ in rows]
    cells = embeddings.metadata[column].to_numpy(dtype=object)
    return [drawable(cells[row], hosts) or None for row in rows]


def picture(embeddings: EmbeddingSet, row: int) -> str:
    """What a browser draws of one row, "" for nothing."""
    return pictures(embeddings, [row])[0] or ""


def sounds(embeddings: EmbeddingSet, rows: Iterable[int]) -> list[str | None]:
    """What a browser plays of each row, never from an address; None where it has no sound."""
    if embeddings.sound_column is None:
        return [None for _ in rows]
    cells = embeddings.metadata[embeddings.sound_column].to_numpy(dtype=object)
    return [uri if SOUNDS.holds(uri := cells[row]) else None for row in rows]


def sound(embeddings: EmbeddingSet, row: int) -> str:
    """What a browser plays of one row, "" for nothing."""
    return sounds(embeddings, [row])[0] or ""


@jobs.cached
def short_names(embeddings: EmbeddingSet) -> npt.NDArray[np.str_]:
    """(n,) a short text for each row, which hides nothing: its name, else its label and row id."""
    array = np.array(names_of(embeddings, range(embeddings.n)), dtype=np.str_)
    array.setflags(write=False)
    return array


def names_of(embeddings: EmbeddingSet, rows: Sequence[int] | Rows) -> list[str]:
    """The same of some rows, without a text for each of the others, which may be millions."""
    return item_names(embeddings, rows)


def name_of(embeddings: EmbeddingSet, row: int) -> str:
    """The short text of one row."""
    return names_of(embeddings, [row])[0]


@jobs.cached
def label_texts(embeddings: EmbeddingSet) -> npt.NDArray[np.str_]:
    """(n,) the label of each row, "" where it is missing; all "" without labels."""
    if not hides("\n".join(embeddings.class_names)):
        return embeddings.label_texts
    texts = np.array([marked(label) for label in embeddings.label_texts], dtype=np.str_)
    texts.setflags(write=False)
    return texts


def find(embeddings: EmbeddingSet, text: str, most: int = FOUND_AT_MOST) -> npt.NDArray[np.int64]:
    """Rows whose texts or id hold `text`, in any case, the best first (`core.data.text_search`)."""
    return hits(embeddings, text, most).rows


def hits(embeddings: EmbeddingSet, text: str, most: int = FOUND_AT_MOST) -> Hits:
    """As `find`, with how many rows there are in all."""
    own = embeddings.id_column
    wanted = text.strip()
    if own is not None and wanted.casefold().startswith(f"{own} ".casefold()):
        wanted = wanted[len(own) :]  # an id that names items is shown so
    if not wanted:  # nothing is prepared for a search that nobody asks for
        return Hits(np.empty(0, np.int64), np.empty(0, np.int64), 0)
    return text_search.find(_searchable(embeddings), wanted, most)


@jobs.cached
def _searchable(embeddings: EmbeddingSet) -> Searchable:
    """Where the data has no ids, the row ids are."""
    own, named = embeddings.id_column, name_column(embeddings)
    others = [embeddings.metadata[name] for name in embeddings.text_columns if name != named]
    if embeddings.labels is not None:
        others.append(pd.Series(label_texts(embeddings)))
    if named is None:
        names = pd.Series(label_texts(embeddings))
    elif named == own:
        names = pd.Series(short_names(embeddings))
    else:
        names = embeddings.metadata[named]
    ids = pd.Series(np.arange(embeddings.n)) if own is None else embeddings.metadata[own]
    return text_search.searchable(as_texts(names), others, ids)


def longest_texts(embeddings: EmbeddingSet, rows: npt.NDArray[np.int64]) -> list[str]:
    """What the longest column of text says of some rows, "" where it names or classes them."""
    columns = embeddings.text_columns
    if not columns or columns[-1] in (name_column(embeddings), embeddings.label_column):
        return [""] * len(rows)
    values = embeddings.metadata[columns[-1]].to_numpy(dtype=object)[rows]
    return [value if isinstance(value, str) else "" for value in values]


def table(embeddings: EmbeddingSet, rows: npt.NDArray[np.int64], **columns: Any) -> pd.DataFrame:
    """One line per row: id, name, label, picture, sound and texts, then `columns`.

    A column of the data that is called as one of a page's own gets " (column)" behind its name.
    """
    frame = pd.DataFrame({"row": rows})
    if name_column(embeddings) is not None:
        frame["name"] = names_of(embeddings, rows)
    drawn = picture_column(embeddings)
    if drawn is not None:
        frame[shown_name(drawn)] = np.array(pictures(embeddings, rows), dtype=object)
    if embeddings.sound_column is not None:
        frame[shown_name(embeddings.sound_column)] = np.array(sounds(embeddings, rows), object)
    if embeddings.labels is not None:
        frame["label"] = label_texts(embeddings)[rows]
    for name, values in columns.items():
        frame[name.replace("_", " ")] = values
    longest = embeddings.text_columns[-1:] if len(embeddings.text_columns) > 1 else ()
    for name in longest:
        if name not in (name_column(embeddings), embeddings.label_column, drawn):
            frame[shown_name(name, [*OWN_COLUMNS, *frame.columns])] = embeddings.metadata[
                name
            ].to_numpy()[rows]
    return frame


def shown_name(name: str, taken: Iterable[str] = OWN_COLUMNS) -> str:
    """What a column of the data is called in a table that has columns of its own.

    >>> shown_name("gloss"), shown_name("row"), shown_name("LID", ["LID"])
    ('gloss', 'row (column)', 'LID (column)')
    """
    own = set(taken)
    while name in own:
        name += OF_THE_DATA
    return name


def distances(near: Neighbors | None) -> dict[str, npt.NDArray[np.float64]]:
    """The distance column for a table of one item's neighbors."""
    return {} if near is None else {"distance": near.distances[0].round(4)}


def column_config(embeddings: EmbeddingSet, taken: Iterable[str] = OWN_COLUMNS) -> dict[str, Any]:
    """How `st.dataframe` shows the columns of `table`: pictures as pictures, sounds to be played.

    taken: names of columns that are not of the data.
    """
    own, shown = set(taken), dict[str, Any]()
    drawn, played = picture_column(embeddings), embeddings.sound_column
    if drawn is not None:
        name = shown_name(drawn, own)
        shown[name] = st.column_config.ImageColumn(name, width="small")
    if played is not None:
        name = shown_name(played, own)
        shown[name] = st.column_config.AudioColumn(name)
    return shown
