"""The section Insertion of the Layers page: what it says, its tables, and what it refuses."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.figures import ShownInsertion
from core.index import HnswParams, build_hnsw, drawn_levels, insert_after
from pages.layers import inserted, insertion
from pages.layers.inserted import LAST, OWN_TURN
from pages.ui.controls.query import Query
from pages.ui.session.workspace import Workspace
from tests.core.figures.insertion.made import (
    FULL,
    LAYER,
    MADE,
    NAMES,
    NEW,
    ROOM,
    TRACE,
    at_level,
    ids,
)
from tests.pages.test_app import complaints
from tests.pages.test_layers import DIGITS, bring, index_file, open_section, sentence

SHOWN = ShownInsertion(MADE, NAMES, "euclidean")
ITEMS = EmbeddingSet.from_arrays(
    np.arange(10, dtype=np.float32)[:, None],
    metadata=pd.DataFrame({"name": list("abcdefghij"), "label": list("xyxyxyxyxy")}),
    name="line",
)
WORK = Workspace("line", ITEMS, HnswParams("euclidean", m=3, ef_construction=50, seed=1200))


def asked(item: int) -> Query:
    return Query(ITEMS.vectors[max(item, 0)], item, "the pasted vector" if item < 0 else "x")


# ---- the answer


def test_the_answer_has_the_figures_of_the_insertion() -> None:
    # Rows 0 to 4 and 8 were compared: 6 of 9. cat, full, lost 3 links.
    assert inserted.answer(SHOWN) == (
        "new thing enters as item 10: it draws level 0, compares itself with 6 items (66.7 %) and "
        "links to 2 of 5 candidates on layer 0; all 2 link back, and 1 full list lost 3 older "
        "links."
    )


def test_the_answer_of_several_layers_sums_their_links() -> None:
    made = replace(MADE, trace=at_level(1, entry=True))
    assert inserted.answer(replace(SHOWN, made=made)).endswith(
        "it draws level 1, and becomes the entry point, compares itself with 7 items (77.8 %) and "
        "links to 1 of 1 candidate on layer 1 and 2 of 5 candidates on layer 0; all 3 link back, "
        "and 1 full list lost 3 older links."
    )


def test_the_answer_counts_those_that_do_not_link_back() -> None:
    refused = replace(FULL, links=FULL.before)
    layer = replace(LAYER, reverse=(refused, ROOM))
    made = replace(MADE, trace=replace(TRACE, layers=(layer,)))
    assert inserted.answer(replace(SHOWN, made=made)).endswith(
        "1 of these 2 links back, and 1 full list lost nothing."
    )
    roomy = replace(MADE, trace=replace(TRACE, layers=(replace(LAYER, reverse=(ROOM,)),)))
    assert inserted.answer(replace(SHOWN, made=roomy)).endswith(
        "it links back, for which there was room."
    )


def test_the_answer_of_the_first_item() -> None:
    first = replace(MADE, trace=replace(TRACE, layers=(), level=2))
    assert inserted.answer(replace(SHOWN, made=first)) == (
        "new thing is the first item of the index: it draws level 2, has nothing to link to, and "
        "becomes the entry point."
    )


# ---- which index, and whether hnswlib agrees


def test_the_proof_is_told_as_it_came_out() -> None:
    assert inserted.proof(MADE).endswith(
        "its graph has the same links in the same order at all 10 nodes, on every layer."
    )
    differing = inserted.proof(replace(MADE, differing=ids(3, 4)))
    assert "its graph has other links at 2 of 10 nodes" in differing
    assert differing.endswith("What is played is the replay.")


def test_the_rows_before_follow_from_the_moment() -> None:
    last = inserted.moment(WORK, asked(4), LAST)
    assert last.rows.tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9]
    assert [last.row(row) for row in (3, 4, 9)] == [3, 5, 4]
    own = inserted.moment(WORK, asked(4), OWN_TURN)
    assert own.rows.tolist() == [0, 1, 2, 3]
    assert own.row(4) == 4
    other = inserted.moment(WORK, asked(-1), OWN_TURN)
    assert (len(other.rows), other.row(9), other.row(10)) == (10, 9, -1)


def test_the_index_before_is_told() -> None:
    settings = "with M 3, ef_construction 50 and seed 1,200, built by one thread."
    assert inserted.basis(WORK, inserted.moment(WORK, asked(4), LAST)) == (
        "Inserted into the index of all 9 other items, as if it came last; a build in order of "
        f"rows inserts it as item 5, {settings}"
    )
    assert inserted.basis(WORK, inserted.moment(WORK, asked(4), OWN_TURN)) == (
        "Inserted into the index of the 4 items in the rows before it, as in a build in order of "
        f"rows, {settings}"
    )
    assert inserted.basis(WORK, inserted.moment(WORK, asked(-1), LAST)) == (
        f"Inserted into the index of all 10 items, {settings}"
    )
    threads = replace(WORK, params=replace(WORK.params, threads=4))
    assert inserted.basis(threads, inserted.moment(threads, asked(4), LAST)).endswith(
        "The session's own index was built by 4 threads, whose order is not known, so its links "
        "are others."
    )


def test_what_an_opened_index_can_show_is_told() -> None:
    graph = build_hnsw(ITEMS.vectors, HnswParams("euclidean", m=3))
    native = replace(graph, source="hnswlib file")
    work = replace(WORK, opened=native)
    copy = inserted.basis(work, inserted.moment(work, asked(4), OWN_TURN))
    assert "adds one item now. It is a copy of an item that the index holds" in copy
    assert "their own insertions cannot be played" in copy
    assert "another library" not in copy
    new = inserted.basis(work, inserted.moment(work, asked(-1), LAST))
    assert "The vector is new to the index." in new
    other = replace(WORK, opened=replace(graph, source="faiss file", ef_construction=None))
    told = inserted.basis(other, inserted.moment(other, asked(4), LAST))
    assert "with ef_construction 200, for it states none" in told
    assert "built by another library" in told


def test_names_are_those_of_the_rows_of_the_data() -> None:
    at = inserted.moment(WORK, asked(4), LAST)
    made = insert_after(ITEMS.vectors, WORK.params, at.rows, ITEMS.vectors[4])
    shown = inserted.shown(WORK, at, made)
    assert (shown.names[3], shown.names[4], shown.names[9]) == ("d", "f", "e")
    work = replace(WORK, opened=build_hnsw(ITEMS.vectors, WORK.params))
    copy = inserted.moment(work, asked(4), LAST)
    added = inserted.insertion(work, copy)
    assert added is not None
    shown = inserted.shown(work, copy, added)
    assert (shown.names[4], shown.names[10]) == ("e", "copy of e")
    pasted = inserted.moment(WORK, asked(-1), LAST)
    made = insert_after(ITEMS.vectors, WORK.params, pasted.rows, pasted.asked.vector)
    assert inserted.shown(WORK, pasted, made).names[10] == "the pasted vector"


def test_rows_of_upper_layers_are_those_of_a_build_in_order() -> None:
    rows, params = DIGITS.vectors, HnswParams("euclidean", m=4, ef_construction=8, seed=5)
    graph = build_hnsw(rows, params)
    upper = np.flatnonzero(graph.levels)
    expected = upper[upper > 0].tolist()
    assert inserted.upper_rows(params, graph).tolist() == expected
    other = replace(graph, levels=np.roll(graph.levels, 1))  # as other threads may give them
    several = replace(params, threads=2)
    assert inserted.upper_rows(several, other).tolist() == expected
    assert inserted.upper_rows(params, other).tolist() != expected


# ---- the tables


def test_the_candidates_are_tabulated_with_both_distances() -> None:
    at = inserted.moment(WORK, asked(9), OWN_TURN)
    table = inserted.candidates_table(LAYER.selection, at, ITEMS, NAMES)
    assert table["name"].tolist() == ["ant", "bee", "cat", "dog", "eel"]
    assert table["label"].tolist() == ["x", "y", "x", "y", "x"]
    assert table["verdict"].tolist() == [
        "kept",
        "dropped",
        "kept",
        "not asked: list full",
        "not asked: list full",
    ]
    assert table.iloc[1].to_dict() == {
        "candidate": 2,
        "row": 1,
        "name": "bee",
        "label": "y",
        "distance to the center": 0.5,
        "verdict": "dropped",
        "kept neighbor nearer to it, or the nearest": "ant",
        "distance to that one": 0.25,
    }
    few = at_level(1).layers[0].selection
    assert inserted.candidates_table(few, at, ITEMS, NAMES)["verdict"].tolist() == [
        "kept: fewer candidates than M"
    ]


def test_the_links_back_are_tabulated_nearest_first() -> None:
    at = inserted.moment(WORK, asked(9), OWN_TURN)
    room, full = inserted.back_table(LAYER, at, NAMES).to_dict("records")
    assert room == {
        "neighbor": "ant",
        "row": 0,
        "distance": 0.125,
        "links before": 3,
        "full": False,
        "links after": 4,
        "links back": True,
        "lost": "",
    }
    assert full == {
        "neighbor": "cat",
        "row": 2,
        "distance": 0.625,
        "links before": 4,
        "full": True,
        "links after": 2,
        "links back": True,
        "lost": "bee, gnu, hen",
    }
    assert NEW in FULL.links


# ---- the page


def test_the_page_plays_the_insertion_of_the_item(app: AppTest) -> None:
    open_section(app, "Insertion", item="17")
    assert complaints(app) == []
    made = insert_after(
        DIGITS.vectors, HnswParams(), np.delete(np.arange(DIGITS.n), 17), DIGITS.vectors[17]
    )
    links = len(made.trace.layers[-1].links)
    assert f"compares itself with {made.trace.compared:,} items" in sentence(app)
    assert f"links to {links} of 200 candidates on layer 0" in sentence(app)
    assert any("the same links in the same order" in note.value for note in app.caption)


def test_the_next_item_of_an_upper_layer_is_inserted_at_its_turn(app: AppTest) -> None:
    open_section(app, "Insertion", item="17")
    next(button for button in app.button if button.label == "Next of an upper layer").click().run()
    assert complaints(app) == []
    levels = drawn_levels(16, 100, DIGITS.n)
    row = int(np.flatnonzero(levels[18:])[0]) + 18
    assert app.query_params["item"] == str(row)
    assert f"enters as item {row + 1}: it draws level {levels[row]}" in sentence(app)


def test_the_first_item_has_no_tables(app: AppTest) -> None:
    open_section(app, "Insertion", item="0", moment=OWN_TURN)
    assert complaints(app) == []
    assert "is the first item of the index" in sentence(app)
    assert not any("Candidates" in text.value for text in app.markdown)


def test_a_pasted_vector_is_inserted(app: AppTest) -> None:
    open_section(app, "Insertion", inserted="pasted vector")
    app.text_area[0].set_value(str(DIGITS.vectors[3].tolist())).run()
    assert complaints(app) == []
    assert "the pasted vector enters as item 1,798" in sentence(app)


def test_a_copy_is_added_to_an_opened_index(app: AppTest) -> None:
    open_section(app, "Insertion", item="5")
    bring(app, index_file(DIGITS.vectors, np.arange(DIGITS.n)), "euclidean")
    assert complaints(app) == []
    assert "copy of 5 (row 5) enters as item 1,798" in sentence(app)
    assert not any(control.key == "moment" for control in app.segmented_control)


def test_a_long_build_waits_to_be_asked_for(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insertion, "BUILT_AT_ONCE", 1000)
    open_section(app, "Insertion", item="17")
    assert "How does an item enter the graph?" in sentence(app)
    assert "index of the 1,796 items before" in app.info[0].value.replace("\\", "")
    next(button for button in app.button if button.label == "Build and insert").click().run()
    assert "enters as item 1,797" in sentence(app)


def test_too_many_items_are_refused_with_what_to_do(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(insertion, "ROWS_AT_MOST", 100)
    open_section(app, "Insertion", item="17")
    assert "up to 100 items; this one comes after 1,796" in app.info[0].value.replace("\\", "")
    app.segmented_control(key="moment").set_value(OWN_TURN).run()
    assert "enters as item 18" in sentence(app)
