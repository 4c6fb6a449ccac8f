"""Metadata counted as its writers count it: one row for each vector."""

import json

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, read_embeddings, read_metadata
from core.errors import BadRowsError, DataError
from tests.core.data.files import VECTORS, as_jsonl, as_parquet

AS_NAMES = "first line taken as column names"
AS_ROW = "first line taken as a row, so the columns are numbered"


def labels(content: bytes, rows: int | None = None, name: str = "m.tsv") -> list[str | None]:
    """The one column, None for an empty label."""
    frame = read_metadata(content, name=name, rows=rows)
    assert len(frame.columns) == 1
    column = frame.iloc[:, 0]
    return [None if pd.isna(value) else str(value) for value in column]


class TestOneColumn:
    def test_without_a_heading(self) -> None:
        assert labels(b"cat\ndog\ncat\n") == ["cat", "dog", "cat"]

    def test_a_usual_name_is_a_heading_and_said(self) -> None:
        frame = read_metadata(b"word\ncat\ndog\n", name="m.tsv")
        assert frame.to_dict("list") == {"word": ["cat", "dog"]}
        assert frame.attrs["notes"] == (AS_NAMES,)

    def test_a_usual_name_that_stands_again_is_a_label(self) -> None:
        assert labels(b"word\nname\nword\n") == ["word", "name", "word"]

    @pytest.mark.parametrize(
        ("rows", "read", "said"),
        [(3, ["animal", "cat", "dog"], AS_ROW), (2, ["cat", "dog"], AS_NAMES)],
    )
    def test_the_number_of_vectors_decides(self, rows: int, read: list[str], said: str) -> None:
        assert labels(b"animal\ncat\ndog\n", rows) == read
        frame = read_metadata(b"animal\ncat\ndog\n", name="m.tsv", rows=rows)
        assert frame.attrs["notes"] == (said,)

    def test_it_decides_beyond_the_first_hundred_lines(self) -> None:
        lines = [f"w{i}" for i in range(5_000)]
        content = "\n".join(["animal", *lines]).encode()
        assert labels(content, 5_000) == lines
        assert labels(content, 5_001) == ["animal", *lines]

    def test_blank_lines_are_empty_labels(self) -> None:
        assert labels(b"cat\n\ndog\n") == ["cat", None, "dog"]
        assert labels(b"cat\ndog\n\n") == ["cat", "dog", None]
        assert labels(b"\ncat\n") == [None, "cat"]

    @pytest.mark.parametrize(
        ("rows", "read"),
        [(1, ["cat"]), (2, ["cat", None]), (3, ["cat", None, None])],
    )
    def test_blank_lines_at_the_end_count_as_far_as_needed(
        self, rows: int, read: list[str | None]
    ) -> None:
        assert labels(b"cat\n\n\n", rows) == read

    def test_labels_may_hold_anything_but_a_line_end(self) -> None:
        words = ["a\u2028b", "c\x85", "e\x1cf", "g\x0b", "# 1", "x, y", 'say "', '"', "p|q", "NA"]
        assert labels("\n".join(words).encode()) == words

    def test_a_column_of_numbers(self) -> None:
        assert read_metadata(b"year\n1990\n1991\n", name="m.tsv")["year"].tolist() == [1990, 1991]
        assert read_metadata(b"3\n1\n2\n", name="m.tsv")["label"].tolist() == [3, 1, 2]


class TestSeveralColumns:
    @pytest.mark.parametrize(
        ("name", "separator"), [("m.tsv", "\t"), ("m.csv", ","), ("m.csv", ";"), ("m.txt", "|")]
    )
    def test_any_separator(self, name: str, separator: str) -> None:
        text = "word\tlabel\na\tx\nb\ty\n".replace("\t", separator)
        frame = read_metadata(text.encode(), name=name)
        assert frame.to_dict("list") == {"word": ["a", "b"], "label": ["x", "y"]}

    def test_quotation_marks_are_letters_in_tsv(self) -> None:
        content = b'word\tcount\nw0\t0\n"\t1\n"quoted\t2\nw3\t3\n'
        frame = read_metadata(content, name="m.tsv")
        assert frame["word"].tolist() == ["w0", '"', '"quoted', "w3"]
        assert frame["count"].tolist() == [0, 1, 2, 3]

    def test_a_blank_line_is_a_row_but_not_at_the_end(self) -> None:
        content = b"word\tcount\nw0\t0\n\nw2\t2\n\n\n"
        frame = read_metadata(content, name="m.tsv")
        np.testing.assert_array_equal(frame["count"], [0, np.nan, 2])
        assert frame["word"].isna().tolist() == [False, True, False]
        assert "2 empty lines at the end left out" in frame.attrs["notes"]

    def test_at_the_end_it_is_one_if_there_is_a_vector_for_it(self) -> None:
        frame = read_metadata(b"word\tcount\nw0\t0\n\n\n", name="m.tsv", rows=2)
        assert frame["word"].isna().tolist() == [False, True]
        assert "1 empty line at the end left out" in frame.attrs["notes"]

    def test_each_row_ends_in_a_tab_but_not_the_heading(self) -> None:
        frame = read_metadata(b"word\tcount\na\t0\t\nb\t1\t\n", name="m.tsv")
        assert frame.to_dict("list") == {"word": ["a", "b"], "count": [0, 1]}

    def test_the_index_of_pandas_that_only_counts_is_left_out(self) -> None:
        frame = read_metadata(b",word\n0,a\n1,b\n", name="m.csv")
        assert frame.to_dict("list") == {"word": ["a", "b"]}
        assert "the first column, without a name, only numbers the rows" in frame.attrs["notes"]
        other = read_metadata(b",word\n7,a\n9,b\n", name="m.csv")
        assert other["Unnamed: 0"].tolist() == [7, 9]

    def test_a_short_line_is_named(self) -> None:
        with pytest.raises(
            BadRowsError, match=r"2 values as the others have: line 4 has 1 \('c'\)"
        ):
            read_metadata(b"word\tcount\na\t0\nb\t1\nc\nd\t3\n", name="m.tsv")


@pytest.mark.parametrize("name", ["m.jsonl", "m.parquet"])
def test_other_formats(name: str) -> None:
    frame = pd.DataFrame({"word": ["a", "b"], "size": [1.5, 2]})
    content = as_jsonl(frame) if name == "m.jsonl" else as_parquet(frame)
    assert read_metadata(content, name=name).to_dict("list") == frame.to_dict("list")


def test_damaged_metadata_is_a_data_error() -> None:
    with pytest.raises(DataError, match="Line 1 is not JSON"):
        read_metadata(json.dumps([1])[:-1].encode(), name="m.jsonl")
    with pytest.raises(DataError, match="not readable Parquet"):
        read_metadata(b"PAR1 nothing PAR1", name="m.parquet")
    with pytest.raises(DataError, match="has no rows"):
        read_metadata(b"word\tcount\n", name="m.tsv")


def test_notes_come_along_once() -> None:
    items = EmbeddingSet.from_arrays(VECTORS, name="x", notes=["kept"])
    found = items.with_metadata(read_metadata(b"a\nb\nc\nd\n", name="m.tsv", rows=4))
    assert found.notes == ("kept", AS_ROW)
    assert found.with_metadata(found.metadata).notes == found.notes
    vectors = "\n".join("\t".join(map(str, row)) for row in VECTORS.tolist()).encode()
    pair = read_embeddings(vectors, name="v.tsv", metadata=b"animal\na\nb\nc\nd\n")
    assert pair.metadata["animal"].tolist() == ["a", "b", "c", "d"]
    assert AS_NAMES in pair.notes
