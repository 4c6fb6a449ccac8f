"""Every page on data whose columns are pictures, ids, numbers to color by, or named as ours are."""

import base64
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, Preview
from core.data.images import png_data_uri
from core.figures import Values
from core.index import HnswParams
from pages.data import summary
from pages.map import colors as map_colors
from pages.map import picture
from pages.thresholds import pair_rows
from pages.ui.controls import item_picker
from pages.ui.controls.item_picker import Walk
from pages.ui.display import items, preview_words
from pages.ui.session import workspace
from pages.ui.session.workspace import Workspace
from tests.pages.test_answers import open_page
from tests.pages.test_app import PAGES, complaints

N = 60
RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(N, 8)).astype(np.float32)
URIS = [png_data_uri(RANDOM.integers(0, 256, (8, 8), dtype=np.uint8)) for _ in range(N)]
BASE64 = [uri.split(",")[1] for uri in URIS]
PNGS = [base64.b64decode(text) for text in BASE64]
WAVS = [b"RIFF" + bytes([i, 0, 0, 0]) + b"WAVEfmt " + bytes(20) for i in range(N)]
KINDS = ["a", "b", "c"] * (N // 3)
CODES = [0, 1, 2] * (N // 3)
OURS = ("row", "rank", "distance", "name", "query", "vector", "neighbor", "candidate", "LID")

FRAMES: dict[str, dict[str, Any]] = {
    "a category of texts with a missing one": {
        "sentence": pd.Categorical([None, *(f"a sentence {i}" for i in range(1, N))])
    },
    "a column named row": {
        "row": [f"my row text number {i} long" for i in range(N)],
        "title": [f"t{i}" for i in range(N)],
    },
    "a text named label": {
        "label": [f"long description of item {i} to read" for i in range(N)],
        "name": [f"t{i}" for i in range(N)],
        "category": KINDS,
    },
    "structs of pictures": {
        "image": [{"bytes": png, "path": None} for png in PNGS],
        "label": CODES,
    },
    "bytes of pictures": {"image": PNGS, "label": CODES},
    "pictures in base64, one missing": {"image": [None, *BASE64[1:]], "label": CODES},
    "pictures under another name": {"photo": URIS, "label": CODES},
    "structs of sounds beside pictures": {
        "audio": [{"bytes": wav, "path": f"{i}.wav"} for i, wav in enumerate(WAVS)],
        "photo": URIS,
        "label": CODES,
    },
    "a continuous target": {"target": RANDOM.normal(size=N)},
    "languages before the sentence": {
        "split": ["train"] * N,
        "lang": ["en", "de"] * (N // 2),
        "sentence": [f"this is sentence {i}" for i in range(N)],
        "topic": KINDS,
    },
    "a numeric id": {"product_id": np.arange(90_000, 90_000 + N)},
    "columns named as ours, the longest last": {
        name: [f"{name} {'x' * place} {i}" for i in range(N)] for place, name in enumerate(OURS)
    },
}


def made(case: str) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(VECTORS, metadata=pd.DataFrame(FRAMES[case]), name="wild")


@pytest.mark.parametrize("case", FRAMES)
@pytest.mark.parametrize("page", PAGES)
def test_each_page_opens(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, page: str, case: str
) -> None:
    monkeypatch.setattr(workspace, "sample", lambda _: made(case))
    open_page(app, page, k=3)
    assert complaints(app) == []
    assert len(app.title) == 1


@pytest.mark.parametrize("case", [case for case in FRAMES if made(case).labels is not None])
def test_cards_of_pairs_show_any_column(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    monkeypatch.setattr(workspace, "sample", lambda _: made(case))
    open_page(app, "thresholds", section="Errors", far="0.3")
    assert complaints(app) == []
    assert "impostor pairs are wrongly accepted" in app.title[0].value


@pytest.mark.parametrize("name", OURS)
def test_the_longest_text_may_be_named_as_a_column_of_ours(
    app: AppTest, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    texts = [f"the longest text of item {i} in {name}" for i in range(N)]
    frame = pd.DataFrame({"title": [f"t {i}" for i in range(N)], name: texts, "topic": KINDS})
    embeddings = EmbeddingSet.from_arrays(VECTORS, metadata=frame, name="wild")
    monkeypatch.setattr(workspace, "sample", lambda _: embeddings)
    for page in ("neighbors", "layers", "map", "thresholds"):
        open_page(app, page, k=3, section="Anatomy")
        assert complaints(app) == [], page
    table = items.table(embeddings, np.array([4, 2]), distance=[0.5, 0.25])
    assert texts[4] in table.iloc[0].tolist()
    assert table["row"].tolist() == [4, 2]
    assert table["distance"].tolist() == [0.5, 0.25]
    first = summary.first_rows(embeddings)
    assert first["row"].tolist() == list(range(N))
    assert first["vector"][3] == VECTORS[3].tolist()
    assert texts[3] in first.iloc[3].tolist()


def test_sounds_are_played_and_pictures_shown_in_tables() -> None:
    embeddings = made("structs of sounds beside pictures")
    table = items.table(embeddings, np.array([4, 2]))
    played = [f"data:audio/wav;base64,{base64.b64encode(WAVS[row]).decode()}" for row in (4, 2)]
    assert table["audio"].tolist() == played
    assert table["photo"].tolist() == [URIS[4], URIS[2]]
    config = items.column_config(embeddings)
    kinds = {name: column["type_config"]["type"] for name, column in config.items()}
    assert kinds == {"photo": "image", "audio": "audio"}
    assert embeddings.text_columns == ()


def test_items_are_named_by_the_text_that_tells_most() -> None:
    said = {case: items.short_names(made(case))[7] for case in FRAMES}
    assert said == {case: items.name_of(made(case), 7) for case in FRAMES}
    assert said["a column named row"] == "t7"
    assert said["a text named label"] == "t7"
    assert said["languages before the sentence"] == "this is sentence 7"
    assert said["a numeric id"] == "product_id 90007"
    assert said["structs of pictures"] == "1 (row 7)"
    assert said["pictures in base64, one missing"] == "1 (row 7)"
    assert said["a continuous target"] == "row 7"


def test_labels_are_classes_and_a_continuous_target_is_a_number() -> None:
    named = made("a text named label")
    assert (named.label_column, named.class_names) == ("category", ("a", "b", "c"))
    assert items.table(named, np.array([4]))["label"].tolist() == ["b"]
    assert made("languages before the sentence").label_column == "topic"
    target = made("a continuous target")
    assert target.label_column is None
    work = Workspace("wild", target, HnswParams())
    colors = map_colors.colors(work, "target")
    assert isinstance(colors, Values)
    np.testing.assert_array_equal(colors.values, FRAMES["a continuous target"]["target"])
    assert map_colors.choices(target)[0] == "target"


@pytest.mark.parametrize(
    "case", ["structs of pictures", "bytes of pictures", "pictures in base64, one missing"]
)
def test_pictures_are_shown_as_pictures(case: str) -> None:
    embeddings = made(case)
    shown = items.table(embeddings, np.array([5, 1]))["image"].tolist()
    assert shown == [URIS[5], URIS[1]]
    assert list(items.column_config(embeddings)) == ["image"]
    assert embeddings.text_columns == ()


def test_addresses_of_pictures_are_text_unless_the_deployment_names_their_hosts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    links = [f"https://example.org/{i}.jpg" for i in range(N)]
    links[1], links[2] = "https://elsewhere.org/1.jpg", "/etc/1.jpg"
    frame = pd.DataFrame({"photo": links, "said": [f"a word {i}" for i in range(N)]})
    embeddings = EmbeddingSet.from_arrays(VECTORS, metadata=frame, name="links")
    assert items.column_config(embeddings) == {}
    assert items.pictures(embeddings, range(3)) == [None, None, None]
    assert items.short_names(embeddings)[3] == "a word 3"
    monkeypatch.setenv("NEARFIELD_REMOTE_IMAGES", "example.org")
    assert list(items.column_config(embeddings)) == ["photo"]
    assert items.pictures(embeddings, range(4)) == [links[0], None, None, links[3]]
    shown = items.table(embeddings, np.arange(4))["photo"].fillna("").tolist()
    assert shown == [links[0], "", "", links[3]]
    assert picture.card_of(embeddings, None, 0)["picture"] == links[0]
    assert picture.card_of(embeddings, None, 1)["picture"] == ""
    pairs = pair_rows.pair_rows(embeddings, np.array([0]), np.array([2]), ("a", "b"))
    assert pairs[["a: picture", "b: picture"]].iloc[0].fillna("").tolist() == [links[0], ""]
    first = preview_words.first_rows(Preview(embeddings))
    assert first["photo"].fillna("").tolist()[:4] == shown


def test_only_pixels_of_the_data_are_drawn() -> None:
    svg = "data:image/svg+xml;base64,PHN2Zz4="
    cells = [URIS[0], svg, "https://example.org/a.png", "<svg/>"]
    frame = pd.DataFrame({"image": cells + URIS[4:N]})
    embeddings = EmbeddingSet.from_arrays(VECTORS, metadata=frame, name="mixed")
    assert items.pictures(embeddings, range(5)) == [URIS[0], None, None, None, URIS[4]]
    assert "image: 1 not drawn, for only PNG, JPEG, GIF and WebP are" in embeddings.notes


def test_a_numeric_id_is_found() -> None:
    embeddings = made("a numeric id")
    assert items.find(embeddings, "90012").tolist() == [12]
    assert items.find(embeddings, "product_id 90012").tolist() == [12]
    assert items.find(embeddings, "9001").tolist() == list(range(10, 20))


def test_the_id_itself_comes_before_texts_that_hold_it() -> None:
    frame = pd.DataFrame({"id": [10, 1, 2], "text": ["has a 2 in it", "no", "none"]})
    embeddings = EmbeddingSet.from_arrays(np.eye(3), metadata=frame, name="three")
    assert items.find(embeddings, "2").tolist() == [2, 0]


def test_the_list_of_a_search_names_its_hits_and_counts_them() -> None:
    embeddings = made("a numeric id")
    shown = item_picker.listing(embeddings, 3, "9001", Walk("9001", 1, embeddings.fingerprint))
    assert shown["name"] == "product_id 90003"
    assert [hit["row"] for hit in shown["hits"]] == list(range(10, 20))
    assert shown["hits"][0]["name"] == "product_id 90010"
    assert (shown["count"], shown["walk"]) == ("10 hits", "")
    nothing = item_picker.listing(embeddings, 3, "nowhere", None)
    assert (nothing["hits"], nothing["count"]) == ([], "Nothing holds nowhere.")
    many = item_picker.listing(embeddings, 11, "900", Walk("9001", 1, embeddings.fingerprint))
    assert many["count"] == f"50 of {N:,} hits, the best first"
    assert many["walk"] == "Hit 2 of 10 for 9001."
