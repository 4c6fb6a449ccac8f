"""A query by text: off by default; with an encoder, searched, kept in the address, let go."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.encoders import load_encoder
from core.limits import ENCODER
from pages.ui.controls import by_text
from pages.ui.session.uploads import uploads
from tests.core.encoders.folders import write_static
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints

WORDS = ["cat", "dog", "cow", "hen", "owl"]
SETS = ["the cat", "a dog", "cow hen", "owl owl cat", "hen", "dog cow owl"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    pieces = ["[PAD]", "[UNK]", "a", "the", *WORDS]
    vectors = np.random.default_rng(0).normal(size=(len(pieces), 6)).astype(np.float32)
    folder = write_static(tmp_path / "tiny", pieces, embeddings=vectors)
    monkeypatch.setenv(ENCODER, str(folder))
    return folder


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.main.text_input]


def test_without_an_encoder_there_is_no_box_and_the_help_says_how(app: AppTest) -> None:
    open_page(app, "neighbors", data="digits", q="five")
    assert complaints(app) == []
    assert "Search by text" not in labels(app)
    assert "NEARFIELD_ENCODER=FOLDER" in app.main.text_area[0].help
    assert sentence(app).startswith("Nearest to 0 (row 0) is ")


def test_a_text_is_searched_for_on_neighbors_and_on_layers(app: AppTest, folder: Path) -> None:
    rows = load_encoder(folder).encode(SETS)
    data = EmbeddingSet.from_arrays(rows, metadata=pd.DataFrame({"said": SETS}), name="mine")
    open_page(app, "neighbors", data=uploads().add(data), q="hen, cow!", k=2)
    assert complaints(app) == []
    # The mean of the known pieces is that of "cow hen", row 2, at distance 0.
    assert sentence(app).startswith('Nearest to "hen, cow!" is cow hen at cosine distance ')
    assert app.dataframe[0].value["row"][0] == 2
    notes = " ".join(caption.value for caption in app.caption).replace("\\", "")
    assert (
        'tiny reproduces the vectors of 6 of 6 sampled rows (median cosine 1.00) from "said".'
        in (notes)
    )
    assert "The text becomes a vector by tiny; the data must come from the same model." in notes

    box = next(each for each in app.main.text_input if each.label == "Search by text")
    box.set_value("zebra").run()  # no piece of it is known: an item is shown
    assert "tiny knows no part of this text" in complaints(app)[0]
    assert sentence(app).startswith("Nearest to the cat is ")
    box.set_value("owl").run()
    assert sentence(app).startswith('Nearest to "owl" is ')
    app.main.number_input(key="item").set_value(3).run()  # an item takes its place
    assert sentence(app).startswith("Nearest to owl owl cat is ")
    assert complaints(app) == []

    app.query_params["query"], app.query_params["q"] = "text", "dog"
    app.switch_page("pages/layers/page.py").run()
    assert complaints(app) == []
    assert 'the search near "dog"' in sentence(app)


def test_data_of_other_dimensions_says_so_and_shows_the_item(app: AppTest, folder: Path) -> None:
    open_page(app, "neighbors", data="digits", q="five")
    assert complaints(app)[0].replace("\\", "") == (
        f"{folder.name} gives 6 dimensions, and the data has 64: it comes from another model. "
        "Start the server with the model that made these vectors."
    )
    assert sentence(app).startswith("Nearest to 0 (row 0) is ")


def test_a_long_text_is_cut_in_a_sentence() -> None:
    assert by_text.name_of("a cat") == '"a cat"'
    assert by_text.name_of("word " * 20) == f'"{"word " * 11}wo..."'
    assert len(by_text.name_of("x" * 61)) == by_text.SHOWN + 2
