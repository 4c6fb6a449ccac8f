"""The Layers page: its sections, the query, an index opened as a file, rebuilds, files to take."""

import io
import json
import math
import tempfile
from dataclasses import replace
from pathlib import Path

import hnswlib
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load_sample
from core.gate import check, diff_words, parse_bounds
from core.index import Census, HnswParams, build_hnsw, hnswlib_bytes, search, write_hnswlib
from core.studies import CHANGES, diff_indexes, diff_noise
from pages.layers import gate
from pages.ui.results import rebuilds, verdicts
from tests.pages.conftest import Downloads
from tests.pages.test_app import PAGES, complaints
from tests.pages.test_app import card as escaped_card

SECTIONS = ("Search", "Insertion", "Anatomy", "Autopsy", "What if", "Diff", "Take away")
DIGITS = load_sample("digits")
GRAPH = build_hnsw(DIGITS.vectors, HnswParams())


def card(app: AppTest) -> str:
    return escaped_card(app).replace("\\", "")


def open_section(app: AppTest, section: str, **query: str) -> AppTest:
    for name, value in {"data": "digits", "section": section, **query}.items():
        app.query_params[name] = value
    return app.switch_page("pages/layers/page.py").run()


def sentence(app: AppTest) -> str:
    return app.title[0].value.replace("\\", "")


def notes(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption).replace("\\", "")


@pytest.mark.parametrize("section", SECTIONS)
def test_each_section_opens_with_an_answer(
    app: AppTest, section: str, downloads: Downloads
) -> None:
    open_section(app, section)
    assert complaints(app) == []
    assert "on its way" not in sentence(app)
    if section == "Take away":
        report = check(DIGITS, parse_bounds(downloads.text("index_bounds.toml")))
        assert report.passed
        assert [each.name for each in report.checks] == ["lost items at ef 40", "memory"]
        assert "MB (a tenth more)" in notes(app)


def test_the_index_is_compared_with_another_build_and_with_a_file(
    app: AppTest, downloads: Downloads
) -> None:
    open_section(app, "Diff", k="5", ef="10", rebuilds="2")
    assert sentence(app) == "What changed from this index to another one?"
    next(button for button in app.button if button.label == "Build and compare").click().run()
    assert complaints(app) == []
    other = build_hnsw(DIGITS.vectors, HnswParams(seed=101))
    found = diff_indexes(GRAPH, other, k=5, ef=10)
    assert 0 < found.moved.sum() < 1000
    rebuilt = diff_noise(GRAPH, found, params=HnswParams(), rebuilds=2)
    assert sentence(app) == diff_words.answer(found, diff_words.noise(found, rebuilt))
    assert diff_words.noise_basis(rebuilt) in notes(app)
    moved = downloads.csv("moved_answers.csv")
    assert len(moved) == found.moved.sum()
    assert set(moved["reason"]) == set(found.counts)
    assert moved["query"][0].startswith(("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"))
    assert "After: M 16, ef_construction 200, seed 101." in notes(app)
    app.segmented_control(key="diff_with").set_value("an index file").run()
    app.selectbox(key="_index_metric_diff").set_value("cosine").run()
    content = io.BytesIO()
    write_hnswlib(GRAPH, content)
    upload = app.file_uploader(key="_index_file_diff_0")
    upload.set_value(("same.bin", content.getvalue(), "")).run()
    assert complaints(app) == []
    assert sentence(app).startswith("The two indexes are the same: 1,797 items")
    assert "After: same.bin." in notes(app)
    app.file_uploader(key="_index_file_diff_1").set_value(("no.bin", b"none", "")).run()
    assert "no.bin: " in app.error[0].value.replace("\\", "")


def test_the_bounds_of_a_graph_leave_room_for_a_tenth() -> None:
    some = np.arange(400) % 40 != 0  # 10 of 400 are lost
    reached = np.ones(1000, dtype=bool)
    reached[0] = False
    whole = Census(reached, ~reached, np.arange(400), some, some, 40, 0)
    taken = replace(whole, deleted=~np.ones(1000, dtype=bool))
    assert gate.lost(replace(taken, checked=np.arange(1000), found=reached)) == 1
    assert gate.lost(taken) == math.ceil(1000 * taken.interval[1]) > 25
    exact = replace(taken, checked=np.arange(1000), found=np.arange(1000) % 100 != 0)
    assert (gate.lost(exact), gate.most_lost(exact)) == (10, 11)
    none = replace(exact, reachable=~exact.deleted, found=~exact.deleted)
    assert gate.most_lost(none) == 0
    assert gate.margins(GRAPH, none)[0] == "Lost items at ef 40: none now, and none may be."
    assert gate.margins(GRAPH, exact)[0] == (
        "Lost items at ef 40: 10 now, at most 11 (a tenth more)."
    )
    assert "by the upper end of the sample's interval" in gate.margins(GRAPH, taken)[0]
    size = hnswlib_bytes(GRAPH) / 1e6
    assert 1.1 * size <= gate.most_memory(GRAPH) < 1.1 * size + 0.01


def test_the_search_says_what_search_does(app: AppTest) -> None:
    open_section(app, "Search", item="17", k="5", ef="30")
    found = search(GRAPH, DIGITS.vectors[[17]], 5, 30, exclude=[17])
    assert f"expands {found.hops[0]} nodes" in sentence(app)
    assert f"computes {found.distance_computations[0]} distances" in sentence(app)


def test_a_pasted_vector_is_searched_for(app: AppTest) -> None:
    open_section(app, "Search", query="pasted vector", k="1")
    vector = DIGITS.vectors[3]
    app.text_area[0].set_value(json.dumps(vector.tolist())).run()
    assert complaints(app) == []
    assert "near the pasted vector" in sentence(app)
    assert "finds 1 of the 1 true nearest" in sentence(app)


def test_a_pasted_vector_of_another_length_is_a_message(app: AppTest) -> None:
    open_section(app, "Search", query="pasted vector")
    app.text_area[0].set_value("1, 2, 3").run()
    assert len(app.error) == 1
    assert "must have 64 numbers" in app.error[0].value.replace("\\", "")


def test_two_searches_are_compared(app: AppTest) -> None:
    open_section(app, "Search", compare="true", ef="20", ef2="100")
    assert complaints(app) == []
    assert [slider.value for slider in app.slider if slider.key in ("ef", "ef2")] == [20, 100]


@pytest.mark.parametrize("color", ["label", "nothing", "level", "in-degree", "reachability"])
def test_nodes_take_every_color(app: AppTest, color: str) -> None:
    open_section(app, "Search", paint=color)
    assert complaints(app) == []


def test_a_clicked_node_is_named_and_can_be_searched_for(app: AppTest) -> None:
    open_section(app, "Search")
    app.session_state["node"] = 99
    app.run()
    assert any("are lit" in text.value for text in app.markdown)
    next(button for button in app.button if button.key == "_search_chosen").click().run()
    assert app.query_params["item"] == "99"
    assert not any("are lit" in text.value for text in app.markdown)


def test_the_item_stays_while_sections_change(app: AppTest) -> None:
    open_section(app, "Search", item="17", ef="33")
    app.segmented_control(key="section").set_value("Anatomy").run()
    app.segmented_control(key="section").set_value("Search").run()
    assert app.number_input(key="item").value == 17
    assert app.slider(key="ef").value == 33


def test_the_autopsy_of_one_item_lists_its_neighbors(app: AppTest) -> None:
    open_section(app, "Autopsy", of="one item", item="17", k="7")
    assert complaints(app) == []
    assert len(app.dataframe[0].value) == 7
    assert set(app.dataframe[0].value["fate"]) == {"found"}


def test_nothing_is_rebuilt_before_it_is_asked_for(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_section(app, "What if", change="other M", m2="4")
    assert len(app.info) == 1
    assert "Expected time: under 10 s." in notes(app)
    next(button for button in app.button if button.label == "Rebuild").click().run()
    assert complaints(app) == []
    assert "Rebuilt with M 4" in sentence(app)
    assert "Inside rebuild noise: recall@10 -0.11 points, where two" in sentence(app)
    assert "Rebuild noise: 5 rebuilds of M 16, ef_construction 200" in notes(app)
    assert "179 held-out rows, searched for in an index of the other 1,618 rows" in notes(app)
    monkeypatch.setattr(rebuilds, "AT_ONCE", -1.0)  # rebuilds that take long are asked for
    app.number_input(key="rebuilds").set_value(3).run()
    assert "rebuild noise" not in sentence(app)
    assert "3 rebuilds; expected time: under 10 s." in notes(app)
    next(each for each in app.button if each.label == "Measure rebuild noise").click().run()
    assert "Rebuild noise: 3 rebuilds of M 16, ef_construction 200" in notes(app)
    monkeypatch.undo()
    app.number_input(key="m2").set_value(8).run()
    next(button for button in app.button if button.label == "Rebuild").click().run()
    runs = app.dataframe[-1].value
    assert runs["index"].tolist() == ["as it is", "rebuilt with M 4", "rebuilt with M 8"]
    app.number_input(key="m2").set_value(4).run()
    next(button for button in app.button if button.label == "Rebuild").click().run()
    use = next(button for button in app.button if button.label == "Use this index")
    use.click().run()
    assert "M 4, ef" in card(app)


def index_file(vectors: np.ndarray, ids: np.ndarray, deleted: int = 0) -> bytes:
    index = hnswlib.Index(space="l2", dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors), M=8)
    index.add_items(vectors, ids, num_threads=1)
    for label in ids[:deleted]:
        index.mark_deleted(int(label))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        index.save_index(str(path))
        return path.read_bytes()


def bring(app: AppTest, content: bytes, metric: str) -> AppTest:
    app.selectbox(key="_index_metric_card").set_value(metric).run()
    uploader = next(it for it in app.file_uploader if str(it.key).startswith("_index_file_card"))
    return uploader.set_value(("mine.bin", content, "")).run()


def test_an_index_file_is_opened_and_named(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(300, 5)).astype(np.float32)
    open_section(app, "Anatomy")
    bring(app, index_file(rows, np.arange(300) * 3 + 1, deleted=2), "euclidean")
    assert complaints(app) == []
    assert "hnswlib file: M 8" in card(app)
    assert "2 deleted items" in card(app)
    assert "Of 300 items" in sentence(app)
    app.segmented_control(key="section").set_value("Search").run()
    assert "near id 1 " in sentence(app)


def test_an_index_of_the_loaded_data_keeps_its_labels(app: AppTest) -> None:
    open_section(app, "Search")
    bring(app, index_file(DIGITS.vectors, np.arange(DIGITS.n)), "euclidean")
    assert complaints(app) == []
    assert "hnswlib file" in card(app)
    assert "labels: label" in card(app)
    assert app.query_params["data"] == "digits"


def test_the_metric_of_an_hnswlib_file_is_asked_for(app: AppTest) -> None:
    content = index_file(DIGITS.vectors, np.arange(DIGITS.n))
    open_section(app, "Search")
    bring(app, content, "as the file says")
    assert "does not say which metric" in app.error[0].value
    app.selectbox(key="_index_metric_card").set_value("euclidean").run()
    assert "hnswlib file" in card(app)


def test_a_damaged_index_file_leaves_the_index(app: AppTest) -> None:
    open_section(app, "Search")
    bring(app, index_file(DIGITS.vectors, np.arange(DIGITS.n))[:-7], "euclidean")
    assert len(app.error) == 1
    assert "at byte" in app.error[0].value.replace("\\", "")
    assert "M 16, ef" in card(app)


def test_metadata_is_matched_by_the_labels_of_the_index(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(40, 5)).astype(np.float32)
    open_section(app, "Search")
    bring(app, index_file(rows, np.arange(40)[::-1] * 2), "euclidean")
    app.switch_page("pages/data/page.py").run()
    table = "id,name\n" + "".join(f"{label},thing {label}\n" for label in range(100))
    uploader = next(it for it in app.file_uploader if str(it.key).startswith("_metadata"))
    uploader.set_value(("names.csv", table.encode(), "text/csv")).run()
    assert complaints(app) == []
    assert "hnswlib file" in card(app)
    app.switch_page("pages/layers/page.py").run()
    assert "near thing 0 " in sentence(app)


def test_a_link_to_an_index_that_is_gone_builds_one(app: AppTest) -> None:
    app.query_params["data"] = "digits"
    app.query_params["index"] = "0123456789abcdef"
    app.run()
    assert len(app.warning) == 1
    assert "The index file of this link is not on this server" in app.warning[0].value
    assert "M 16, ef" in card(app)


def test_files_without_vectors_take_the_vectors_given_beside_them(app: AppTest) -> None:
    faiss = pytest.importorskip("faiss")
    rows = np.random.default_rng(0).normal(size=(400, 8)).astype(np.float32)
    index = faiss.IndexHNSWFlat(8, 8)
    index.add(rows)
    content = faiss.serialize_index(index, faiss.IO_FLAG_SKIP_STORAGE).tobytes()
    open_section(app, "Search")
    bring(app, content, "as the file says")
    assert "holds no vectors" in app.error[0].value
    held = io.BytesIO()
    np.save(held, rows)
    uploader = next(it for it in app.file_uploader if str(it.key).startswith("_index_vectors"))
    uploader.set_value(("rows.npy", held.getvalue(), "")).run()
    assert complaints(app) == []
    assert "IndexHNSWFlat" in card(app)


@pytest.mark.parametrize("page", PAGES)
def test_k_is_lowered_to_what_an_index_with_deleted_items_can_return(
    app: AppTest, page: str
) -> None:
    rows = np.random.default_rng(0).normal(size=(12, 3)).astype(np.float32)
    open_section(app, "Anatomy")
    bring(app, index_file(rows, np.arange(12), deleted=8), "euclidean")
    assert complaints(app) == []
    app.switch_page(f"pages/{page}/page.py").run()
    assert complaints(app) == []
    if page == "neighbors":  # 4 items are left, one of which may be the query
        assert app.slider(key="k").max == 3
        app.number_input(key="item").set_value(11).run()
        assert complaints(app) == []
        assert "of the 3 nearest" in sentence(app)
    if page == "layers":
        for section in ("Search", "Autopsy", "What if"):
            app.segmented_control(key="section").set_value(section).run()
            assert complaints(app) == [], section


def test_a_held_out_row_is_searched_for_in_the_index_without_it(app: AppTest) -> None:
    digits = load_sample("digits")
    held = np.random.default_rng(0).permutation(1797)[:179]
    kept = np.delete(np.arange(1797), held)
    graph = build_hnsw(digits.vectors[kept], HnswParams())
    open_section(app, "Search", query="held-out row", held_out_row="5", k="7", ef="20", node="3")
    assert complaints(app) == []
    found = search(graph, digits.vectors[[held[5]]], 7, 20)
    assert f"(held-out row {held[5]:,}) expands" in sentence(app)
    assert f"computes {int(found.distance_computations[0]):,} distances" in sentence(app)
    assert "the index without the held-out rows" in notes(app)
    app.segmented_control(key="section").set_value("Insertion").run()
    app.segmented_control(key="section").set_value("Search").run()
    assert f"(held-out row {held[5]:,}) expands" in sentence(app)
    next(button for button in app.button if button.label == "Search for it").click().run()
    assert app.number_input(key="item").value == kept[3]  # a node is another row of the data
    assert "held-out row" not in sentence(app)


@pytest.mark.parametrize("way", ["number", "random"])
def test_an_item_that_is_chosen_is_searched_for_whatever_was_before(app: AppTest, way: str) -> None:
    open_section(app, "Search", query="held-out row", held_out_row="5", k="7", ef="20")
    assert "held-out row" in sentence(app)
    if way == "number":
        app.number_input(key="item").set_value(8).run()
    else:
        app.button(key="_random_item").click().run()
    assert complaints(app) == []
    assert "held-out row" not in sentence(app)


def test_what_if_begins_with_what_the_census_suggests_when_that_comes_late(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = verdicts.verdict
    monkeypatch.setattr(verdicts, "verdict", lambda *_: None)
    open_section(app, "What if", m="2", efc="4")
    assert app.selectbox(key="change").value == CHANGES[0]
    monkeypatch.setattr(verdicts, "verdict", known)
    app.run()
    assert len(complaints(app)) == 1  # the warning that the index loses items
    assert app.selectbox(key="change").value == "other M"
    app.selectbox(key="change").set_value("random order").run()
    assert app.selectbox(key="change").value == "random order"
