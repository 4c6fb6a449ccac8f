"""Which columns of a table are the vectors, what each other column is, and when to ask."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import read_embeddings
from core.data.column_names import why_no_dimension
from core.data.readers.columns import split_table
from core.data.readers.found import ColumnRole, Found, Options
from core.errors import ChoiceError, DataError
from tests.core.data.files import as_csv, as_lines, as_parquet

N = 12
RANDOM = np.random.default_rng(0)
FLOATS = RANDOM.normal(size=(N, 32)).round(3)
WORDS = [f"w{i}" for i in range(N)]


def columns(prefix: str, numbers: Any, values: Any = FLOATS) -> dict[str, Any]:
    return {f"{prefix}{number}": values[:, place] for place, number in enumerate(numbers)}


def split(frame: dict[str, Any], **options: Any) -> Found:
    return split_table(pd.DataFrame(frame), Options(**options))


def roles(found: Found) -> dict[str, tuple[str, str]]:
    return {role.name: (role.role, role.reason) for role in found.roles}


class TestLists:
    def test_floats_of_one_length_win_over_everything_beside_them(self) -> None:
        frame = {
            "input_ids": [[101, 2023, 102]] * N,
            "tags": [["a", "b"]] * N,
            "spans": [list(range(i % 3 + 1)) for i in range(N)],
            "bbox": [[0.5, 0.25, 0.75, 1.0]] * N,
            "counts": [[1.0, 2.0, 3.0]] * N,
            "sentence_vector": FLOATS.tolist(),
        }
        found = split(frame)
        np.testing.assert_array_equal(found.vectors, FLOATS)
        assert "vectors taken from the column 'sentence_vector'" in found.notes
        assert roles(found)["sentence_vector"] == ("vector", "lists of numbers of one length")

    def test_a_usual_name_decides_between_two(self) -> None:
        found = split({"feat": FLOATS[:, :16].tolist(), "embedding": FLOATS[:, 16:].tolist()})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, 16:])

    def test_two_of_equal_standing_are_asked_for(self) -> None:
        frame = {"image": FLOATS.tolist(), "text": (2 * FLOATS).tolist()}
        with pytest.raises(ChoiceError, match="Several columns hold lists: image, text") as asked:
            split(frame)
        assert asked.value.candidates == ("image", "text")
        for name in asked.value.candidates:
            np.testing.assert_array_equal(
                split(frame, vector_column=name).vectors, np.array(frame[name])
            )

    def test_four_numbers_are_no_second_vector_beside_many(self) -> None:
        found = split({"place": FLOATS[:, :4].tolist(), "feat": FLOATS.tolist()})
        np.testing.assert_array_equal(found.vectors, FLOATS)

    def test_a_column_left_out_is_not_chosen(self) -> None:
        frame = {"image": FLOATS.tolist(), "text": (2 * FLOATS).tolist(), "word": WORDS}
        found = split(frame, left_out=frozenset(["text", "gone"]))
        np.testing.assert_array_equal(found.vectors, FLOATS)
        assert roles(found)["text"] == ("left out", "as asked")
        assert found.metadata is not None
        assert list(found.metadata.columns) == ["word"]

    def test_a_sparse_column_beside_a_dense_one_is_named(self) -> None:
        sparse = [{"indices": [1, 2], "values": [0.5, 0.25]}] * N
        found = split({"values": FLOATS.tolist(), "sparse_values": sparse})
        np.testing.assert_array_equal(found.vectors, FLOATS)
        assert "not used: sparse_values (vectors that cannot be read)" in found.notes

    def test_long_lists_beside_the_vectors_are_left_out_and_named(self) -> None:
        found = split({"v": FLOATS.tolist(), "input_ids": [list(range(64))] * N})
        note = "not used: input_ids (lists of numbers of one length, beside the vectors)"
        assert note in found.notes
        assert found.metadata is None


class TestNumberedColumns:
    def test_gaps_are_said(self) -> None:
        frame = {"word": WORDS, **columns("e", (0, 1, 3, 4)), "votes": range(N)}
        found = split(frame)
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :4])
        note = "vectors taken from the columns e0 to e4, numbered with gaps: 4 columns"
        assert note in found.notes
        assert found.metadata is not None
        assert list(found.metadata.columns) == ["word", "votes"]

    def test_a_usual_name_wins_over_more_columns(self) -> None:
        answers = RANDOM.integers(1, 6, (N, 5))
        found = split({**columns("emb_", range(3)), **columns("q", range(1, 6), answers)})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :3])

    def test_floats_win_over_whole_numbers_and_these_over_yes_and_no(self) -> None:
        whole = RANDOM.integers(0, 9, (N, 6))
        found = split({**columns("a", range(3)), **columns("b", range(6), whole)})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :3])
        flags = {f"q{i}": [True, False] * (N // 2) for i in range(8)}
        found = split({**columns("b", range(6), whole), **flags})
        np.testing.assert_array_equal(found.vectors, whole)

    def test_the_longer_of_two_without_a_usual_name(self) -> None:
        found = split({**columns("a", range(3)), **columns("b", range(6))})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :6])

    def test_two_groups_of_equal_standing_are_asked_for(self) -> None:
        frame = {**columns("image_", range(4)), **columns("text_", range(4), 2 * FLOATS)}
        with pytest.raises(ChoiceError, match=r"numbered columns .*: image, text") as asked:
            split(frame)
        assert asked.value.candidates == ("image", "text")
        found = split(frame, vector_column="text")
        np.testing.assert_array_equal(found.vectors, 2 * FLOATS[:, :4])

    def test_yes_and_no_are_one_and_zero(self) -> None:
        found = split({"word": WORDS, **{f"f{i}": [True, False] * (N // 2) for i in range(4)}})
        assert found.vectors.tolist() == [[1] * 4, [0] * 4] * (N // 2)

    def test_numbers_at_the_end_of_some_names_make_no_vector(self) -> None:
        names = ["TP53", "BRCA1", "BRCA2", "MYC", "KRAS", "EGFR", "CDK1", "CDK2", "sample"]
        found = split({**dict(zip(names[:-1], FLOATS.T, strict=False)), "sample": WORDS})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :8])
        pixels = {f"{i}x{j}": FLOATS[:, 6 * i + j] for i in range(5) for j in range(1, 7)}
        np.testing.assert_array_equal(split(pixels).vectors, FLOATS[:, 1:31])

    def test_years_are_no_group(self) -> None:
        found = split({"col2019": WORDS, "height": FLOATS[:, 0], "width": FLOATS[:, 1]})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :2])


class TestPlainNumbers:
    def test_ids_times_years_and_counts_are_no_dimensions(self) -> None:
        frame = {
            **dict(zip("abcd", FLOATS.T, strict=False)),
            "user_id": range(100_000, 100_000 + N),
            "timestamp": range(1_700_000_000, 1_700_000_000 + N),
            "when": RANDOM.integers(1_600_000_000, 1_700_000_000, N),
            "born": RANDOM.integers(1900, 2000, N),
            "n_words": RANDOM.integers(1, 9, N),
            "serial": range(7000, 7000 + N),
            "__index_level_0__": range(N),
        }
        found = split(frame)
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :4])
        assert found.notes[0].startswith("vectors guessed: all 4 columns of numbers but user_id (")
        said = roles(found)
        assert said["user_id"] == ("id", "an id by its name")
        assert said["timestamp"] == ("number", "a date or time by its name")
        assert said["when"] == ("number", "whole numbers that are times since 1970")
        assert said["born"] == ("number", "whole numbers that are years")
        assert said["n_words"] == ("number", "a count or score by its name")
        assert said["serial"] == ("id", "whole numbers in ascending order: an id")
        assert said["__index_level_0__"] == ("id", "an id by its name")

    def test_without_fractions_only_names_count(self) -> None:
        found = split({"id": range(N), "height": range(N), "width": range(1900, 1900 + N)})
        assert found.vectors.shape == (N, 2)

    def test_x_and_y_with_texts_are_two_numbers_and_said(self) -> None:
        frame = {"x": FLOATS[:, 0], "y": FLOATS[:, 1], "size": FLOATS[:, 2], "text": WORDS}
        found = split(frame)
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :2])
        assert found.notes == ("2 numbers, x, y, are all that the vectors have",)

    def test_x_and_y_among_many_numbers_are_not_all(self) -> None:
        found = split({**dict(zip("abcdxy", FLOATS.T, strict=False)), "cut": WORDS})
        np.testing.assert_array_equal(found.vectors, FLOATS[:, :6])

    def test_the_index_that_pandas_keeps_in_a_file(self) -> None:
        frame = pd.DataFrame({"a": FLOATS[:, 0], "b": FLOATS[:, 1]}, index=range(7000, 7000 + N))
        content = frame.to_parquet()
        assert content is not None
        np.testing.assert_allclose(
            read_embeddings(content, name="a.parquet").vectors, FLOATS[:, :2], rtol=1e-6
        )


def test_each_column_has_a_role_and_a_reason() -> None:
    frame = {
        "id": WORDS,
        "vec": FLOATS.tolist(),
        "title": [f"a title {i}" for i in range(N)],
        "photo": [b"\xff\xd8\xff\xe0" + bytes(20)] * N,
        "link": ["https://example.org/a.png"] * N,
        "topic": ["a", "b"] * (N // 2),
        "price": FLOATS[:, 0],
        "sold": [True, False] * (N // 2),
        "day": pd.date_range("2020-01-01", periods=N),
        "blob": [b"\x00\xff\x01"] * N,
        "nothing": [None] * N,
    }
    assert split(frame).roles == (
        ColumnRole("id", "id", "an id by its name"),
        ColumnRole("vec", "vector", "lists of numbers of one length"),
        ColumnRole("title", "text", "text"),
        ColumnRole("photo", "picture", "pictures"),
        ColumnRole("link", "picture", "addresses of pictures"),
        ColumnRole("topic", "label", "2 different values"),
        ColumnRole("price", "number", "numbers"),
        ColumnRole("sold", "number", "yes or no"),
        ColumnRole("day", "number", "dates"),
        ColumnRole("blob", "left out", "bytes of an unknown kind"),
        ColumnRole("nothing", "left out", "every cell is empty"),
    )


def test_a_label_that_was_asked_for() -> None:
    found = split({"vec": FLOATS.tolist(), "topic": WORDS, "color": WORDS}, label_column="color")
    assert roles(found)["color"] == ("label", "as asked")
    assert roles(found)["topic"] == ("text", "text")


@pytest.mark.parametrize("write", [as_csv, as_parquet])
def test_a_prefix_may_be_asked_for_in_a_file(write: Any) -> None:
    frame = pd.DataFrame({**columns("image_", range(4)), **columns("text_", range(4))})
    content = write(frame)
    with pytest.raises(ChoiceError):
        read_embeddings(content, name=f"a.{'csv' if write is as_csv else 'parquet'}")
    ending = "csv" if write is as_csv else "parquet"
    assert read_embeddings(content, name=f"a.{ending}", vector_column="image").dim == 4


def test_named_vectors_of_json_are_asked_for() -> None:
    lines = as_lines(*({"vector": {"image": v, "text": v}} for v in FLOATS.tolist()))
    with pytest.raises(ChoiceError) as asked:
        read_embeddings(lines, name="a.jsonl")
    assert asked.value.candidates == ("image", "text")
    assert read_embeddings(lines, name="a.jsonl", vector_column="text").dim == 32


def test_words_alone_are_no_vectors() -> None:
    with pytest.raises(DataError, match=r"No vectors were found.*columns are: word\."):
        split({"word": WORDS})


def test_numbers_with_fractions_are_never_ids_or_years_by_their_values() -> None:
    rising = pd.Series(np.arange(12) * 1000 + 0.5, name="height")
    assert why_no_dimension(rising) is None
    assert why_no_dimension(rising - 0.5) == "whole numbers in ascending order: an id"
    assert why_no_dimension(pd.Series([1990.5, 1985.0, 2001.0], name="height")) is None
