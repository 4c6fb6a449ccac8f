"""A faiss index of codes, or behind a transform, on the pages: whose the loss is, and the truth."""

import io
import re
from functools import cache
from typing import Any

import faiss
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.engines import ENGINES
from core.index import HnswParams, read_index
from core.studies import QuantizationLoss, ef_tradeoff, quantization_loss, sample_queries
from pages.recall import export, sentences
from pages.ui.controls.queries import ROWS, RecallSettings
from pages.ui.results import truth_words
from pages.ui.results.query_sources import QuerySource
from pages.ui.results.tradeoffs import Curves
from pages.ui.session.workspace import Workspace
from tests.core.index.index_files import serialized
from tests.pages.test_app import complaints
from tests.pages.test_layers import bring, card

DIGITS = load_sample("digits")
PQ, PCA = "HNSW8_PQ8x4", "PCA8,HNSW8"  # what faiss is to make
PAGES = ("recall", "neighbors", "layers", "map")


@cache
def file_of(factory: str) -> bytes:
    index: Any = faiss.index_factory(DIGITS.dim, factory)
    index.train(DIGITS.vectors)
    index.add(DIGITS.vectors)
    return serialized(index)


def open_page(app: AppTest, page: str, **query: str) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = value
    return app.switch_page(f"pages/{page}/page.py").run()


def texts(app: AppTest) -> str:
    shown = [*app.caption, *app.info, *app.warning]
    return " ".join(str(element.value) for element in shown).replace("\\", "")


def loss_of(codes: str | None, transform: str | None, best: float) -> QuantizationLoss:
    ids = np.zeros((2, 10), dtype=np.int64)
    return QuantizationLoss(codes, transform, 10, ids, np.array([best, best]))


def test_the_two_parts_of_the_loss_in_words() -> None:
    loss = loss_of("PQ 8 x 4 bit", None, 0.618)
    assert sentences.loss_parts(loss, 0.61, 40) == (
        "Of 39.0 % lost at ef 40, 38.2 points are the codes' (PQ 8 x 4 bit): even an exact search "
        "of what the index stores finds 61.8 %; the graph loses 0.8 points more."
    )
    assert sentences.loss_parts(loss, 0.618, 40).endswith(
        "the graph loses nothing more, and a larger ef gains nothing."
    )
    lucky = sentences.loss_parts(loss, 0.63, 40)
    assert lucky.startswith("Of 37.0 % lost at ef 40, 37.0 points are the codes'")
    assert sentences.loss_parts(loss_of("SQ fp16", None, 1.0), 1.0, 40) == ""
    both = sentences.loss_parts(loss_of("SQ 8 bit", "PCA to 8 dimensions", 0.5), 0.4, 1_000)
    assert "at ef 1,000, 50.0 points are the codes' (SQ 8 bit) and the transform's (PCA" in both


def test_recall_tells_the_codes_part_from_the_graph_s(app: AppTest) -> None:
    open_page(app, "recall", data="digits", size="200")
    bring(app, file_of(PQ), "as the file says")
    assert complaints(app) == []
    graph = read_index(file_of(PQ))
    queries = sample_queries(graph, DIGITS.vectors, 10, size=200)
    study = ef_tradeoff(graph, queries)
    loss = quantization_loss(graph, queries, 10)
    expected = sentences.loss_parts(loss, float(study.mean_recall[-1]), 512)
    assert expected in texts(app)
    assert "is a broken graph" not in texts(app)  # no larger M would help
    title = app.title[0].value.replace("\\", "")
    assert title.startswith("On rows of the index as queries, no ef up to 512 reaches recall@10")
    assert "truth, too" not in texts(app)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_with_recall_says_that_the_truth_is_of_decoded_vectors(
    app: AppTest, page: str
) -> None:
    open_page(app, page, data="words", item="0")
    bring(app, file_of(PQ), "as the file says")
    assert complaints(app) == []
    assert "The truth, too, is of vectors decoded from PQ 8 x 4 bit codes" in texts(app)


@pytest.mark.parametrize("section", ["Queries", "Time", "Studies", "Take away"])
def test_so_does_every_section_of_recall(app: AppTest, section: str) -> None:
    open_page(app, "recall", data="words", section=section, size="200")
    bring(app, file_of(PQ), "as the file says")
    assert app.exception == []
    assert "The truth, too, is of vectors decoded from" in texts(app)


def test_an_index_behind_pca_is_one_of_the_loaded_data(app: AppTest) -> None:
    open_page(app, "recall", data="digits", size="200")
    bring(app, file_of(PCA), "as the file says")
    assert complaints(app) == []
    assert app.query_params["data"] == "digits"
    assert "points are the transform's (PCA to 8 dimensions)" in texts(app)
    for page in ("neighbors", "layers", "map"):
        app.switch_page(f"pages/{page}/page.py").run()
        assert complaints(app) == []


def test_an_index_behind_pca_of_unknown_data_is_searched_in_its_own_space(app: AppTest) -> None:
    open_page(app, "recall", data="words", size="200")
    bring(app, file_of(PCA), "as the file says")
    assert complaints(app) == []
    assert "The truth, too, is of vectors after PCA to 8 dimensions" in texts(app)
    assert app.title[0].value.startswith("On rows of the index as queries, ef ")


def exported(vectors: np.ndarray) -> tuple[dict[str, Any], str, list[str]]:
    """JSON, report and the columns of the CSV of a PQ index whose items have these vectors."""
    graph = read_index(file_of(PQ))
    items = EmbeddingSet.from_arrays(vectors, name="items")
    work = Workspace("items", items, HnswParams(metric="euclidean"), opened=graph)
    queries = sample_queries(graph, vectors, 10, size=50)
    source = QuerySource(ROWS, items, graph)
    found = Curves({10: ef_tradeoff(graph, queries)}, source, 50, 50)
    wanted = RecallSettings(0.9, None, 10, ROWS, "50", stated=False)
    study = found.by_k[10]
    setting = export.setting_of(graph, found, study, 512)
    page = export.report(work, found, study, wanted, ENGINES["faiss"](setting)).decode()
    table = truth_words.told(sentences.whole_table(study, 0.9), graph, vectors)
    return export.curve_json(work, found, wanted), page, list(table.columns)


def test_files_say_what_their_truth_is_of() -> None:
    told, page, columns = exported(read_index(file_of(PQ)).vectors)
    assert told["truth_of"] == "vectors decoded from PQ 8 x 4 bit codes"
    assert told["index"]["codes"] == "PQ 8 x 4 bit"
    assert "The truth, too, is of vectors decoded from PQ 8 x 4 bit codes" in page
    assert columns[-1] == "truth of"
    told, page, columns = exported(DIGITS.vectors)
    assert told["truth_of"] == "vectors as added"
    assert "The truth, too" not in page
    assert "truth of" not in columns


def test_the_autopsy_blames_the_codes(app: AppTest) -> None:
    open_page(app, "layers", data="digits", section="Autopsy", autopsies="200", ef="200")
    bring(app, file_of(PQ), "as the file says")
    assert complaints(app) == []
    title = app.title[0].value.replace("\\", "")
    assert "What helps most: finer codes" in title
    assert "visited and evicted: its distance was computed; as the index stores it" in texts(app)


def test_a_rebuilt_index_is_held_against_one_of_the_same_vectors(app: AppTest) -> None:
    """Both sides store the decoded vectors: another graph can't regain what the codes lose."""
    open_page(app, "layers", data="digits", section="What if", ef="100")
    bring(app, file_of(PQ), "as the file says")
    next(button for button in app.button if button.label == "Rebuild").click().run()
    assert complaints(app) == []
    before, after = re.findall(r"([\d.]+) %", app.title[0].value.replace("\\", ""))[:2]
    assert float(before) > 90  # of the decoded truth; of the true neighbors it finds about 60 %
    assert abs(float(before) - float(after)) < 5
    assert "Both are indexes of the vectors as the file stores them" in texts(app)
    app.query_params["rebuilds"] = "2"
    app.segmented_control(key="section").set_value("Diff").run()
    next(button for button in app.button if button.label == "Build and compare").click().run()
    assert complaints(app) == []
    assert "; the same 1,797 items;" in app.title[0].value


def test_the_card_names_the_codes(app: AppTest) -> None:
    open_page(app, "layers", data="digits")
    bring(app, file_of(PQ), "as the file says")
    assert "faiss IndexHNSWPQ: M 8" in card(app)
    assert "PQ 8 x 4 bit codes" in card(app)


def test_vectors_given_beside_codes_are_the_truth(app: AppTest) -> None:
    open_page(app, "recall", data="words", size="200")
    bring(app, file_of(PQ), "as the file says")
    assert "The truth, too" in texts(app)
    held = io.BytesIO()
    np.save(held, DIGITS.vectors)
    uploader = next(it for it in app.file_uploader if str(it.key).startswith("_index_vectors"))
    uploader.set_value(("rows.npy", held.getvalue(), "")).run()
    bring(app, file_of(PQ), "as the file says")
    assert complaints(app) == []
    assert "The truth, too" not in texts(app)
    assert "points are the codes' (PQ 8 x 4 bit)" in texts(app)
