"""What is searched for: an item, a query that came with the data, or a pasted vector."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.errors import DataError
from pages.ui.controls import item_picker
from pages.ui.controls.declared import NumberBox, Options
from pages.ui.display import items, messages

ITEM, GIVEN, PASTED = "item", "query of the data", "pasted vector"
KIND = Options("query", "Search for", in_sight=True)
NUMBER = NumberBox("given_query", "Query")


@dataclass(frozen=True, eq=False)
class Query:
    """vector: (d,). item: the row of the data that it is, or -1. name: in words."""

    vector: npt.NDArray[np.float32]
    item: int
    name: str


def chosen(embeddings: EmbeddingSet) -> Query:
    """The query that the controls of `picker` and `more` name."""
    kind = KIND.held(_kinds(embeddings))
    if kind == GIVEN and embeddings.queries is not None:
        number = NUMBER.held(len(embeddings.queries) - 1)
        return Query(embeddings.queries[number], -1, f"query {number:,} of the data")
    pasted = st.session_state.get(_pasted_key(embeddings), "")
    if kind == PASTED and pasted.strip():
        with messages.guard():
            return Query(parse_vector(pasted, embeddings.dim), -1, "the pasted vector")
    item = item_picker.ITEM.held(embeddings.n - 1)
    return Query(embeddings.vectors[item], item, str(items.short_names(embeddings)[item]))


def more(embeddings: EmbeddingSet) -> None:
    """Choose another kind of query than an item of the data."""
    kind = KIND.draw(_kinds(embeddings))
    if kind == GIVEN and embeddings.queries is not None:
        NUMBER.draw(len(embeddings.queries) - 1)
    elif kind == PASTED:
        paste_box(embeddings)


def paste_box(embeddings: EmbeddingSet) -> str:
    """A box for a vector from elsewhere; its text, which `parse_vector` reads."""
    return st.text_area(
        f"{embeddings.dim:,} numbers",
        key=_pasted_key(embeddings),
        placeholder="0.1, -0.2, ...",
        help="A query from elsewhere: nothing is left out of its answer. Empty it to go back.",
    )


def parse_vector(text: str, dim: int) -> npt.NDArray[np.float32]:
    """Numbers from pasted text: JSON, or parted by commas or blanks. Raises DataError."""
    try:
        values = (
            json.loads(text) if text.lstrip().startswith("[") else text.replace(",", " ").split()
        )
        vector = np.array(values, dtype=np.float32)
    except (ValueError, TypeError, RecursionError) as error:
        raise DataError(
            f"The pasted text is not a list of numbers: {error}. Paste numbers such as 0.1, -0.2."
        ) from error
    if vector.shape != (dim,):
        raise DataError(
            f"The pasted vector must have {dim:,} numbers, as the data has dimensions; got "
            f"{vector.size:,}."
        )
    if not np.isfinite(vector).all():
        raise DataError("The pasted vector holds NaN or infinity; all numbers must be finite.")
    return vector


def _kinds(embeddings: EmbeddingSet) -> list[str]:
    return [ITEM, PASTED] if embeddings.queries is None else [ITEM, GIVEN, PASTED]


def _pasted_key(embeddings: EmbeddingSet) -> str:
    return f"_pasted_{embeddings.dim}"
