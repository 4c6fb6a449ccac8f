"""Which column holds the classes, which names an item, and what is a picture."""

import base64
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, preview_embeddings, read_embeddings
from core.data.images import png_data_uri
from core.data.item_names import item_names
from core.data.labels import propose_label
from core.data.media import PICTURES, SOUNDS
from core.data.pictures import is_picture_link
from tests.core.data.files import as_lines

N = 60
WORDS = [f"word {i}" for i in range(N)]
URI = png_data_uri(np.arange(64, dtype=np.uint8).reshape(8, 8))
PNG = base64.b64decode(URI.split(",")[1])


def make(**columns: Any) -> EmbeddingSet:
    n = len(next(iter(columns.values())))
    return EmbeddingSet.from_arrays(np.eye(n), metadata=pd.DataFrame(columns), name="x")


class TestLabels:
    @pytest.mark.parametrize(
        "name", ["category", "Topic", "species", "cluster", "genre", "lexname"]
    )
    def test_names_of_classes_where_values_repeat(self, name: str) -> None:
        assert propose_label(pd.DataFrame({name: ["a", "b", "c"] * 20})) == name
        assert propose_label(pd.DataFrame({name: [1, 2, 3] * 20})) == name
        assert propose_label(pd.DataFrame({name: WORDS})) is None
        assert propose_label(pd.DataFrame({name: np.arange(N)})) is None
        assert propose_label(pd.DataFrame({name: np.arange(N) % 20 / 7})) is None
        assert propose_label(pd.DataFrame({name: ["only one"] * N})) is None

    def test_classes_have_two_members_on_average(self) -> None:
        assert propose_label(pd.DataFrame({"topic": [i % 30 for i in range(N)]})) == "topic"
        assert propose_label(pd.DataFrame({"topic": [f"t{i % 31}" for i in range(N)]})) is None

    def test_a_usual_name_comes_first(self) -> None:
        frame = pd.DataFrame({"topic": ["a", "b"] * 30, "target": ["x", "y"] * 30})
        assert propose_label(frame) == "target"

    def test_a_usual_name_may_hold_few_of_anything(self) -> None:
        for values in ([0.5, 1.5] * 30, list(np.arange(N) % 20 + 0.5), [*range(59), 0]):
            assert propose_label(pd.DataFrame({"label": values})) == "label"
        assert propose_label(pd.DataFrame({"label": ["p", "q", "r"]})) == "label"

    def test_never_values_to_color_by(self) -> None:
        days = pd.date_range("2020-01-01", periods=30).repeat(2)
        for values in (np.linspace(0, 1, 30).repeat(2), days, WORDS, range(N), [7] * N):
            assert propose_label(pd.DataFrame({"target": values})) is None

    def test_the_chosen_column_is_taken_whatever_it_holds(self) -> None:
        frame = pd.DataFrame({"target": np.linspace(0, 1, N)})
        found = EmbeddingSet.from_arrays(np.eye(N), metadata=frame, name="x")
        assert found.label_column is None
        assert len(found.relabeled("target").class_names) == N

    def test_no_two_classes_of_one_name(self) -> None:
        lines = [{"vector": [i, 1.5], "label": (1, "1", 2.0, "2", 1.5)[i % 5]} for i in range(N)]
        found = read_embeddings(as_lines(*lines), name="a.jsonl")
        assert len(set(found.class_names)) == len(found.class_names)
        assert found.label_texts[0] == found.label_texts[1] == "1"
        assert found.label_texts[4] == "1.5"


class TestNames:
    def test_words_before_codes_and_different_before_repeated(self) -> None:
        codes = [f"x{i:05}" for i in range(N)]
        assert make(code=codes, said=WORDS).name_column == "said"
        assert make(lang=["en", "de"] * 30, code=codes).name_column == "code"
        assert make(title=["the same title"] * N, said=WORDS).name_column == "said"
        assert make(gloss=[f"a long gloss of {i}" for i in range(N)], said=WORDS).name_column == (
            "said"
        )

    def test_usual_names_in_their_order(self) -> None:
        columns = {name: [f"{name} {i}" for i in range(N)] for name in ("text", "title", "other")}
        assert make(**columns).name_column == "title"

    def test_an_id_where_no_text_tells_items_apart(self) -> None:
        found = make(lang=["en"] * N, item_id=np.arange(N) + 500)
        assert (found.name_column, found.id_column) == ("item_id", "item_id")
        assert make(lang=["en"] * N).name_column is None
        assert make(item_id=[1] * N).id_column is None
        assert make(**{"Unnamed: 0": range(N)}).name_column is None

    def test_no_blob_picture_or_address(self) -> None:
        blobs = [base64.b64encode(bytes([i] * 60)).decode() for i in range(N)]
        links = [f"https://example.org/{i}.png" for i in range(N)]
        found = make(blob=blobs, photo=[URI] * N, link=links)
        assert found.name_column is None
        assert found.picture_column == "photo"
        assert found.picture_link_column == "link"

    def test_the_label_names_no_item(self) -> None:
        assert make(label=["a", "b"] * 30).name_column is None


class TestPictures:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (PNG, "png"),
            (b"\xff\xd8\xff\xe0 and more", "jpeg"),
            (b"GIF87a", "gif"),
            (b"RIFF\0\0\0\0WEBPVP8 ", "webp"),
            (b"RIFF\0\0\0\0WAVEfmt ", None),
            (b"BM" + bytes(20), "bmp"),
            (b"BMW is no picture", None),
            (b"", None),
        ],
    )
    def test_kinds(self, content: bytes, kind: str | None) -> None:
        assert PICTURES.kind(content) == kind

    def test_every_form_becomes_the_same_text(self) -> None:
        text = URI.split(",")[1]
        pictures: list[object] = [PNG, bytearray(PNG), {"bytes": PNG, "path": "a.png"}, URI, text]
        for cell in pictures:
            assert PICTURES.holds(cell)
            assert PICTURES.data_uri(cell) == URI
        others: list[object] = [
            {"bytes": None, "path": "a.png"},
            "a word",
            None,
            3,
            "iVBOR",
            b"word",
        ]
        for cell in others:
            assert not PICTURES.holds(cell)
            assert PICTURES.data_uri(cell) is None

    def test_addresses(self) -> None:
        assert is_picture_link("https://example.org/a/b.JPG?size=2")
        for text in ("https://example.org/page", "a.png", "see http://example.org/a.png", None):
            assert not is_picture_link(text)

    def test_a_cell_without_a_picture_is_empty(self) -> None:
        found = make(photo=[PNG, None, b"none"])
        assert found.metadata["photo"].tolist()[0] == URI
        assert found.metadata["photo"].isna().tolist() == [False, True, True]

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
            (b"fLaC" + bytes(12), "flac"),
            (b"OggS" + bytes(12), "ogg"),
            (b"ID3\4" + bytes(12), "mpeg"),
            (b"RIFF\0\0\0\0AVI LIST", None),
            (PNG, None),
        ],
    )
    def test_sounds_are_told_by_their_first_bytes(self, content: bytes, kind: str | None) -> None:
        text = base64.b64encode(content).decode()
        uri = None if kind is None else f"data:audio/{kind};base64,{text}"
        forms = (content, {"bytes": content, "path": None}, text)
        assert [SOUNDS.data_uri(cell) for cell in forms] == [uri] * 3
        assert SOUNDS.holds(content) == (kind is not None)

    def test_sounds_of_a_table_have_their_role(self) -> None:
        wav = b"RIFF\0\0\0\0WAVEfmt "
        frame = pd.DataFrame({"audio": [wav] * 3, "x0": [1.0, 2, 3], "x1": [4.0, 5, 6]})
        content = io.BytesIO()
        frame.to_parquet(content)
        found = preview_embeddings(content.getvalue(), name="a.parquet")
        assert {each.name: each.role for each in found.columns}["audio"] == "sound"
        assert found.embeddings is not None
        assert found.embeddings.sound_column == "audio"
        assert found.embeddings.dim == 2

    def test_a_column_beyond_the_limit_is_left_out_and_named(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NEARFIELD_PICTURES_MB", "1")
        found = make(photo=[PNG + bytes(300_000)] * 4, word=list("abcd"))
        assert list(found.metadata.columns) == ["word"]
        assert "photo: left out, for its pictures take more than 1 MB" in found.notes


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        ({"word": ["a\u202eb", "", "c" * 99]}, ["a[U+202E]b", "row 1", "c" * 60]),
        ({"id": [70, 80, 90]}, ["id 70", "id 80", "id 90"]),
        ({"label": ["x", None, "\u200by"]}, ["x (row 0)", "row 1", "[U+200B]y (row 2)"]),
        ({}, ["row 0", "row 1", "row 2"]),
    ],
)
def test_items_are_called_by_name_by_id_by_label_or_by_row(
    columns: dict[str, Any], names: list[str]
) -> None:
    frame = pd.DataFrame(columns, index=range(3))
    items = EmbeddingSet.from_arrays(np.eye(3), metadata=frame, name="three")
    assert item_names(items, range(3)) == names
    assert item_names(items, [2, 0]) == [names[2], names[0]]
