"""The routed app: every page on every sample, links, uploads good and wrong."""

import io
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

import pages
from core.data import EmbeddingSet, load_sample, read_embeddings, sample_names
from core.index import HnswGraph, build_hnsw
from pages.ui.results import indexes
from pages.ui.session.uploads import new_key, uploads
from tests.pages.conftest import bring_file, new_app

PAGES = tuple(info.folder for info in pages.PAGES)


def complaints(app: AppTest) -> list[str]:
    boxes = [*app.exception, *app.error, *app.warning]
    return [str(box.value) for box in boxes]


def card(app: AppTest) -> str:
    return "\n".join(element.value for element in app.sidebar.markdown)


@pytest.mark.parametrize("sample", sample_names())
@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens_with_an_answer_on_each_sample(
    app: AppTest, page: str, sample: str
) -> None:
    app.query_params["data"] = sample
    app.switch_page(f"pages/{page}/page.py").run()
    assert complaints(app) == []
    assert len(app.title) == 1
    assert f"{load_sample(sample).vectors.shape[1]:,} dimensions" in card(app)


def test_a_link_restores_data_and_index(app: AppTest) -> None:
    for name, value in {"data": "digits", "metric": "euclidean", "m": "8", "efc": "50"}.items():
        app.query_params[name] = value
    app.run()
    assert complaints(app) == []
    assert "Euclidean distance" in card(app)
    assert "M 8, ef\\_construction 50, seed 100" in card(app)


def test_a_link_whose_values_cannot_be_used_opens_with_a_message_and_the_defaults(
    app: AppTest,
) -> None:
    for name, value in {"data": "digits", "m": "1e9", "metric": "hamming"}.items():
        app.query_params[name] = value
    app.run()
    told = " ".join(complaints(app)).replace("\\", "")
    assert len(complaints(app)) == 2
    assert "m must be a whole number; got '1e9'" in told
    assert "hamming" in told
    assert "M 16" in card(app)
    assert app.query_params in ({"data": "digits"}, {"data": ["digits"]})
    app.run()
    assert len(complaints(app)) == 2  # until it is dismissed
    app.button(key="_dismiss").click().run()
    assert complaints(app) == []


def test_a_link_to_data_that_is_gone_says_so_until_it_is_back(app: AppTest) -> None:
    text = b"x0,x1,label\n" + b"".join(b"%d,%d,a\n" % (i % 7, i % 5) for i in range(30))
    found = read_embeddings(text, name="mine.csv")
    key = new_key()
    for name, value in {"data": key, "m": "8", "metric": "euclidean", "k": "3"}.items():
        app.query_params[name] = value
    app.run()
    told = f"The data of this link ({key}) is not on this server, or not shared with you, so"
    for _ in range(2):
        assert [words.replace("\\", "")[: len(told)] for words in complaints(app)] == [told]
        assert "4,985 vectors" in card(app)
        assert "M 16" in card(app)
        assert "cosine distance" in card(app)
        assert key in str(app.query_params["data"])
        app.run()
    uploads().put(key, found, "local")
    app.run()
    assert complaints(app) == []
    assert "30 vectors of 2 dimensions" in card(app)
    assert "M 8" in card(app)
    assert "Euclidean distance" in card(app)


def test_a_missing_link_is_let_go_by_a_button_or_by_another_choice(app: AppTest) -> None:
    app.query_params["data"] = "0123456789abcdef"
    app.query_params["m"] = "8"
    app.run()
    app.button(key="_dismiss").click().run()
    assert complaints(app) == []
    assert app.query_params == {}
    app.query_params["data"] = "0123456789abcdef"
    app.run()
    assert len(complaints(app)) == 1
    next(box for box in app.sidebar.selectbox if box.label == "Sample").set_value("digits").run()
    assert complaints(app) == []
    assert "1,797 vectors" in card(app)


def test_other_labels_leave_the_index_as_it_is(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[int] = []

    def build(vectors: np.ndarray, *args: Any, **how: Any) -> HnswGraph:
        built.append(len(vectors))
        return build_hnsw(vectors, *args, **how)

    monkeypatch.setattr(indexes, "build_hnsw", build)
    rows = np.random.default_rng(5).normal(size=(40, 3))
    frame = pd.DataFrame({"kind": list("ab") * 20, "size": list("xyzx") * 10})
    given = EmbeddingSet.from_arrays(rows, metadata=frame, label_column="kind", name="mine")
    app.query_params["data"] = uploads().add(given)
    app.run()
    app.query_params["data"] = uploads().add(given.relabeled("size"))
    app.run()
    assert "labels: size" in card(app).replace("\\", "")
    app.query_params["data"] = uploads().add(given.with_metadata(frame[["size"]]))
    app.run()
    assert built == [40]


def test_an_uploaded_file_becomes_the_data_and_a_wrong_one_leaves_it(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 7))
    text = io.StringIO()
    np.savetxt(text, rows, delimiter=",", header=",".join(f"x{i}" for i in range(7)), comments="")
    app.run()
    bring_file(app, "mine.csv", text.getvalue().encode())
    assert complaints(app) == []
    assert "60 vectors of 7 dimensions" in card(app)
    assert len(app.query_params["data"]) == 22

    bring_file(app, "wrong.npy", b"not an array")
    assert len(app.error) == 1
    assert not app.exception
    assert "60 vectors of 7 dimensions" in card(app)


def test_an_upload_is_found_again_by_its_link(app: AppTest) -> None:
    rows = np.random.default_rng(1).normal(size=(50, 3)).astype(np.float32)
    content = io.BytesIO()
    np.save(content, rows)
    app.run()
    bring_file(app, "mine.npy", content.getvalue())
    link = app.query_params["data"]

    visitor = new_app()
    visitor.query_params["data"] = link
    visitor.run()
    assert complaints(visitor) == []
    assert "50 vectors of 3 dimensions" in card(visitor)


def test_the_index_form_rebuilds_the_index(app: AppTest) -> None:
    app.query_params["data"] = "digits"
    app.run()
    form = {field.label: field for field in app.sidebar.number_input}
    form["M"].set_value(6)
    form["Seed"].set_value(7)
    next(button for button in app.sidebar.button if button.label == "Build").click().run()
    assert complaints(app) == []
    assert "M 6, ef\\_construction 200, seed 7" in card(app)
    assert app.query_params["m"] == "6"


def euclidean_file() -> bytes:
    """As ann-benchmarks writes it: 90 rows, 10 queries, and the metric as an attribute."""
    rows = np.random.default_rng(2).normal(size=(100, 6)).astype(np.float32)
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["distance"] = "euclidean"
        file["train"], file["test"] = rows[:90], rows[90:]
    return content.getvalue()


def test_the_metric_of_a_file_becomes_the_metric_of_its_index(app: AppTest) -> None:
    app.run()
    bring_file(app, "stated.hdf5", euclidean_file())
    assert complaints(app) == []
    assert "Euclidean distance, as the file says" in card(app).replace("\\", "")
    assert app.query_params["metric"] == "euclidean"
    app.segmented_control(key="_metric_euclidean").set_value("cosine").run()
    assert "cosine distance; the file says Euclidean" in card(app).replace("\\", "")
    app.segmented_control(key="_metric_cosine").set_value("euclidean").run()
    app.sidebar.selectbox[0].set_value("digits").run()
    assert "cosine distance" in card(app)
    assert "the file says" not in card(app)


def test_a_metric_that_the_visitor_chose_stays_with_data_that_states_none(app: AppTest) -> None:
    app.query_params["metric"] = "euclidean"
    app.run()
    app.sidebar.selectbox[0].set_value("digits").run()
    assert "Euclidean distance" in card(app)


@pytest.mark.parametrize("page", PAGES)
def test_the_queries_of_a_file_are_asked_from_whichever_page_it_is_opened(
    app: AppTest, page: str
) -> None:
    app.query_params["data"] = "digits"
    app.switch_page("pages/recall/page.py").run()
    app.switch_page(f"pages/{page}/page.py").run()
    place = app.main if page == "data" else app.sidebar
    bring_file(app, "stated.hdf5", euclidean_file(), place=place)
    app.switch_page("pages/recall/page.py").run()
    assert complaints(app) == []
    assert any("10 queries from elsewhere" in note.value for note in app.caption)
    assert "Euclidean distance, as the file says" in card(app).replace("\\", "")


def test_of_a_file_with_queries_these_are_taken_as_one_s_own(app: AppTest) -> None:
    app.run()
    bring_file(app, "stated.hdf5", euclidean_file())
    app.switch_page("pages/recall/page.py").run()
    own = next(u for u in app.main.file_uploader if u.label == "Your own queries")
    own.set_value(("again.hdf5", euclidean_file(), "")).run()
    assert complaints(app) == []
    assert any("again, its queries: 10 queries" in n.value.replace("\\", "") for n in app.caption)
