"""Tables whose lines are links to the player: what a click sets, here and on another page."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.index import HnswParams, build_hnsw
from core.studies import hold_out
from pages.layers import autopsy
from pages.ui.controls import page_links, play_table
from pages.ui.controls.queries import GIVEN, HELD_OUT, ROWS, UPLOADED
from pages.ui.results.health import AutopsyOf
from pages.ui.results.query_sources import QuerySource, item_controls
from tests.pages.test_layers_sentences import FOUND, NEVER, dead

ROWS_8 = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
GRAPH = build_hnsw(ROWS_8, HnswParams("euclidean"))
DATA = EmbeddingSet.from_arrays(ROWS_8, name="forty", queries=ROWS_8[:5])


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"selection": {"rows": [], "cells": [(2, "ef")]}}, 2),
        ({"selection": {"rows": [], "cells": []}}, None),
        (None, None),
    ],
)
def test_the_line_of_the_selected_cell_is_the_one_that_was_clicked(
    state: object, place: int | None
) -> None:
    assert play_table.clicked(state) == place


def test_each_kind_of_query_has_its_own_controls() -> None:
    held = hold_out(ROWS_8, [7, 3, 9], HnswParams("euclidean"))
    of_held = QuerySource(HELD_OUT, DATA, held.graph, held)
    assert of_held.player_controls(1) == {"query": "held-out row", "held_out_row": 1}
    given = QuerySource(GIVEN, DATA, GRAPH, given=DATA)
    number = int(given.places[2])
    assert given.player_controls(2) == {"query": "query of the data", "given_query": number}
    rows = QuerySource(ROWS, DATA, GRAPH)
    assert rows.player_controls(4) == {"query": "item", "item": int(rows.places[4])}
    assert QuerySource(UPLOADED, DATA, GRAPH, given=DATA).player_controls(0) is None
    assert item_controls(6) == {"query": "item", "item": 6}


def test_a_missed_neighbor_is_lit_in_the_search_that_misses_it() -> None:
    result = dead([[FOUND, NEVER], [NEVER, FOUND]], [[20, 30], [90, 20]])
    source = QuerySource(ROWS, DATA, GRAPH)
    # The one of the larger ef comes first: the first neighbor of the second query.
    for line, (place, rank) in enumerate([(1, 0), (0, 1)]):
        assert autopsy.missed_controls(AutopsyOf(result, source), line) == {
            "query": "item",
            "item": int(source.places[place]),
            "node": int(result.queries.truth.ids[place, rank]),
            "k": 2,
            "ef": 20,
        }


def script() -> None:
    """Two pages in one: which of them this is stands in the address."""
    import pandas as pd
    import streamlit as st

    from pages.ui.controls import page_links, play_table

    page_links.begin_page(st.query_params.get("page", "layers"))
    play_table.show(pd.DataFrame({"a": [1, 2]}), "lines", lambda place: {"item": 10 + place})
    st.text(f"item {st.session_state.get('item')}, {st.session_state.get('section')}")


def test_a_click_on_the_same_page_sets_the_controls(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"selection": {"rows": [], "cells": [(1, "a")]}}
    monkeypatch.setattr(play_table, "widget_value", lambda _name: state)
    told: list[tuple[str, dict[str, object]]] = []
    monkeypatch.setattr(
        page_links, "leave_for", lambda folder, **query: told.append((folder, query))
    )
    play_table._follow("lines", play_table._to_player(lambda place: {"item": 10 + place}))
    assert told == [("layers", {"section": "Search", "item": 11})]


def test_nothing_is_followed_without_a_click(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(play_table, "widget_value", lambda _name: None)
    monkeypatch.setattr(page_links, "leave_for", lambda *_: pytest.fail("left"))
    play_table._follow("lines", lambda _place: pytest.fail("followed"))
    assert AppTest.from_function(script).run().text[0].value == "item None, None"
