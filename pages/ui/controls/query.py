"""What is searched for: an item, a query that came with the data, a pasted vector, or a text."""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import streamlit as st

from core.data import EmbeddingSet
from core.errors import CoreError, DataError
from pages.ui.controls import by_text, item_picker
from pages.ui.controls.declared import NumberBox, Options
from pages.ui.display import encoder_words, items, messages

Rows = npt.NDArray[np.int64]
ITEM, GIVEN, PASTED, TEXT = "item", "query of the data", "pasted vector", "text"
HELD_OUT = "held-out row"
KIND = Options("query", "Search for", in_sight=True)
PASTED_HELP = "A query from elsewhere: nothing is left out of its answer. Empty it to go back."
INSERTED = Options("inserted", "Insert", in_sight=True)
NUMBER = NumberBox("given_query", "Query")
HELD_NUMBER = NumberBox("held_out_row", "Held-out row")


@dataclass(frozen=True, eq=False)
class Query:
    """vector: (d,). item: the row of the index that it is, or -1. name: in words.

    held_out: whether it is a row of the data that is searched for in an index without it.
    """

    vector: npt.NDArray[np.float32]
    item: int
    name: str
    held_out: bool = False


def chosen(
    embeddings: EmbeddingSet, held_out: Rows | None = None, *, control: Options = KIND
) -> Query:
    """The query that the controls of `item_picker.pick` and `more` name.

    held_out: rows that an index without them can be searched for, if there is one. control: of its
    kind. Raises NotReady while a text becomes a vector.
    """
    kind = control.held(_kinds(embeddings, held_out))
    if kind == HELD_OUT and held_out is not None:
        row = int(held_out[HELD_NUMBER.held(len(held_out) - 1)])
        name = f"{items.name_of(embeddings, row)} (held-out row {row:,})"
        return Query(embeddings.vectors[row], -1, name, held_out=True)
    if kind == GIVEN and embeddings.queries is not None:
        number = NUMBER.held(len(embeddings.queries) - 1)
        return Query(embeddings.queries[number], -1, f"query {number:,} of the data")
    pasted = st.session_state.get(_pasted_key(embeddings), "")
    if kind == PASTED and pasted.strip():
        with messages.guard():
            return Query(parse_vector(pasted, embeddings.dim), -1, "the pasted vector")
    found = _of_text(embeddings, by_text.held()) if kind == TEXT else None
    if found is not None:
        return found
    item = item_picker.ITEM.held(embeddings.n - 1)
    return Query(embeddings.vectors[item], item, items.name_of(embeddings, item))


def more(
    embeddings: EmbeddingSet, held_out: Rows | None = None, *, control: Options = KIND
) -> None:
    """Choose another kind of query than an item of the data."""
    kind = control.draw(_kinds(embeddings, held_out))
    if kind == HELD_OUT and held_out is not None:
        HELD_NUMBER.draw(len(held_out) - 1)
    if kind == GIVEN and embeddings.queries is not None:
        NUMBER.draw(len(embeddings.queries) - 1)
    elif kind == PASTED:
        paste_box(embeddings)
    elif kind == TEXT:
        by_text.box()


def of_item(control: Options = KIND) -> dict[str, str]:
    """What the choice of an item sets other controls to: nothing else is searched for."""
    return {control.key: ITEM, **({by_text.KEY: ""} if by_text.offered() else {})}


def elsewhere_title() -> str:
    """What a page without kinds of queries calls the place of `elsewhere_boxes`."""
    return "Text or vector" if by_text.offered() else "Paste a vector"


def elsewhere_boxes(embeddings: EmbeddingSet, item: int) -> None:
    """Draw boxes for a text, where the deployment has an encoder, and for a vector.

    item: of the page; where another page has chosen a new one, the text is let go.
    """
    if by_text.offered():
        by_text.leave_for(item)
        by_text.box()
    paste_box(embeddings)


def elsewhere(embeddings: EmbeddingSet) -> Query | None:
    """The text or the vector of these boxes, None where an item is searched for.

    Says how well the encoder fits the data. Raises NotReady while a text becomes a vector.
    """
    found = _of_text(embeddings, by_text.held())
    pasted = st.session_state.get(_pasted_key(embeddings), "")
    if found is None and pasted.strip():
        with messages.guard():
            return Query(parse_vector(pasted, embeddings.dim), -1, "the vector")
    return found


def as_kind() -> dict[str, str]:
    """What a link to a page with kinds of queries sets, so that the text is searched for there."""
    return {KIND.key: TEXT} if by_text.held() else {}


def _of_text(embeddings: EmbeddingSet, text: str) -> Query | None:
    """The query of a text; None, after saying why, where it has no vector here."""
    if not text:
        return None
    try:
        vector = by_text.vector(embeddings, text)
    except CoreError as error:
        messages.show_error(error)
        return None
    by_text.say_fit(embeddings)
    return Query(vector, -1, by_text.name_of(text))


def paste_box(embeddings: EmbeddingSet) -> str:
    """A box for a vector from elsewhere; its text, which `parse_vector` reads."""
    return st.text_area(
        f"{embeddings.dim:,} numbers",
        key=_pasted_key(embeddings),
        placeholder="0.1, -0.2, ...",
        help=PASTED_HELP if by_text.offered() else f"{PASTED_HELP} {encoder_words.HOW_TO}",
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


def _kinds(embeddings: EmbeddingSet, held_out: Rows | None = None) -> list[str]:
    held = [] if held_out is None else [HELD_OUT]
    given = [] if embeddings.queries is None else [GIVEN]
    return [ITEM, *held, *given, PASTED, *([TEXT] if by_text.offered() else [])]


def _pasted_key(embeddings: EmbeddingSet) -> str:
    return f"_pasted_{embeddings.dim}"
