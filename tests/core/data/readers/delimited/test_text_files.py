"""Text files as other tools write them: what is read, and what is said of it."""

import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, read_embeddings
from core.data.readers.delimited import read_table
from core.errors import BadRowsError, DataError
from tests.core.data.files import VECTORS, WORDS

ROWS = VECTORS.tolist()


def saved(header: str = "", **settings: str) -> bytes:
    buffer = io.StringIO()
    np.savetxt(buffer, VECTORS, header=header, **settings)
    return buffer.getvalue().encode()


def lines(*rows: Sequence[object], separator: str = ",") -> bytes:
    return "".join(separator.join(map(str, row)) + "\n" for row in rows).encode()


def with_words(separator: str, words: tuple[str, ...] = WORDS) -> bytes:
    pairs = zip(words, ROWS, strict=True)
    return lines(*([word, *row] for word, row in pairs), separator=separator)


def vectors_of(content: bytes, name: str) -> EmbeddingSet:
    found = read_embeddings(content, name=name)
    np.testing.assert_array_equal(found.vectors, VECTORS)
    return found


class TestNumpy:
    @pytest.mark.parametrize(
        "settings",
        [{}, {"delimiter": ","}, {"delimiter": "\t"}, {"fmt": "%12.4f"}, {"fmt": " % .3e"}],
    )
    @pytest.mark.parametrize("name", ["a.csv", "a.txt", "a.tsv"])
    def test_numbers_alone(self, settings: dict[str, str], name: str) -> None:
        found = vectors_of(saved(**settings), name)
        assert "first line of numbers taken as a row, so the columns are numbered" in found.notes

    @pytest.mark.parametrize("separator", [",", " ", "\t"])
    def test_a_header_behind_the_comment_sign_names_the_columns(self, separator: str) -> None:
        content = saved(header=separator.join(["x0", "x1", "x2"]), delimiter=separator)
        assert content.startswith(b"# x0")
        assert "vectors taken from the columns x0 to x2" in vectors_of(content, "a.csv").notes

    def test_other_comments_are_left_out_and_counted(self) -> None:
        found = vectors_of(saved(header="made on Monday\nby hand", delimiter=","), "a.csv")
        assert "2 lines that begin with # left out" in found.notes

    def test_comments_among_the_rows_are_counted_too(self) -> None:
        content = saved(delimiter=",") + b"# the end\n"
        assert "1 line that begins with # left out" in vectors_of(content, "a.csv").notes


class TestHeading:
    @pytest.mark.parametrize(
        "content",
        [
            b"w0,1,2,3\nw1,8,9,10\nw2,15,16,17\n",  # distinct whole numbers
            b"w0,0,0,3\nw1,3,7,2\nw2,7,7,0\n",  # repeated ones
            b"w0,1,0,3\nw1,0.5,1.5,2.5\nw2,0.5,1.5,2.5\n",  # zeros and ones above fractions
            b"w0,-1,2,3\nw1,8,9,10\nw2,1,6,7\n",
        ],
    )
    def test_whole_numbers_in_the_first_line_are_a_row(self, content: bytes) -> None:
        found = read_embeddings(content, name="a.csv")
        assert (found.n, found.dim) == (3, 3)
        assert found.metadata["0"].tolist() == ["w0", "w1", "w2"]
        assert "first line of numbers taken as a row, so the columns are numbered" in found.notes

    def test_a_database_export_of_lists_without_names(self) -> None:
        content = b"1\tw0\t[0.5,1]\n2\tw1\t[2,3]\n"
        found = read_embeddings(content, name="a.tsv")
        assert found.vectors.tolist() == [[0.5, 1], [2, 3]]

    def test_the_index_of_pandas_has_no_name(self) -> None:
        content = pd.DataFrame(VECTORS, columns=list("abc")).to_csv().encode()
        assert list(read_table(content).frame.columns) == ["Unnamed: 0", "a", "b", "c"]

    def test_names_of_rows_as_r_writes_them(self) -> None:
        content = b'"a" "b"\n"first row" 0.5 1\n"second row" 1.5 2\n'
        frame = read_table(content, ".txt").frame
        assert frame.to_dict("list") == {
            "Unnamed: 0": ["first row", "second row"],
            "a": [0.5, 1.5],
            "b": [1, 2],
        }

    def test_words_that_stand_again_below_are_a_row(self) -> None:
        table = read_table(b"cat,animal\ndog,animal\nrose,plant\n")
        assert len(table.frame) == 3
        assert table.notes == ("first line taken as a row, so the columns are numbered",)

    def test_words_above_words_are_names_and_said_so(self) -> None:
        table = read_table(b"lemma,kind\ncat,animal\nrose,plant\n")
        assert list(table.frame.columns) == ["lemma", "kind"]
        assert table.notes == ("first line taken as column names",)


class TestSeparators:
    def test_a_tab_at_the_end_of_each_line(self) -> None:
        content = lines(*([*row, ""] for row in ROWS), separator="\t")
        found = vectors_of(content, "a.tsv")
        assert "each line ends in a separator: no column follows it" in found.notes

    def test_decimal_commas(self) -> None:
        rows = [[str(value).replace(".", ",") for value in row] for row in ROWS]
        content = lines(["x0", "x1", "x2"], *rows, separator=";")
        found = vectors_of(content, "a.csv")
        assert "columns separated by semicolons with decimal commas" in found.notes
        assert vectors_of(lines(*rows, separator="\t"), "a.tsv").n == 4
        assert vectors_of(lines(*rows, separator=" "), "a.txt").n == 4

    def test_a_point_among_decimal_commas_may_part_thousands(self) -> None:
        table = read_table(b"a;b\n0,5;1,5\n1.234;2,5\n")
        assert table.frame["a"].tolist() == ["0,5", "1.234"]
        assert table.frame["b"].tolist() == [1.5, 2.5]

    def test_separators_within_a_list_part_nothing(self) -> None:
        frame = read_table(b"cat;[0.1,0.2,0.3]\ndog;[0.4,0.5,0.6]\n").frame
        assert frame["1"].tolist() == ["[0.1,0.2,0.3]", "[0.4,0.5,0.6]"]

    def test_blanks_within_a_cell_part_nothing(self) -> None:
        frame = read_table(b"cat,0.1 0.2 0.3\ndog,0.4 0.5 0.6\n").frame
        assert frame["1"].tolist() == ["0.1 0.2 0.3", "0.4 0.5 0.6"]

    def test_the_line_that_tells_excel_the_separator(self) -> None:
        content = b"sep=;\r\n" + lines(["x0", "x1", "x2"], *ROWS, separator=";")
        vectors_of(content, "a.csv")


class TestQuotationMarks:
    @pytest.mark.parametrize("marks", [('"',), ('"', '"quoted'), ('"', '"'), ('"a"', 'b"')])
    def test_they_are_letters_between_tabs(self, marks: tuple[str, ...]) -> None:
        words = (*marks, *("w2", "w3", "w4"))[:4]
        found = vectors_of(with_words("\t", words), "a.tsv")
        assert found.metadata["0"].tolist() == list(words)

    def test_a_lone_one_takes_in_no_rows_far_below_the_head(self) -> None:
        rows = [[f"w{i}", i / 2, i] for i in range(1_000)]
        rows[500][0] = rows[700][0] = '"'
        table = read_table(lines(["word", "x0", "x1"], *rows), ".csv")
        assert table.frame["word"].tolist() == [row[0] for row in rows]
        assert table.notes == (
            "quotation marks taken as letters: else they would join several lines",
        )

    def test_quoted_cells_may_span_lines(self) -> None:
        content = b'text,embedding\nw0,"[ 0.5\n  1]"\nw1,"[ 2\n  3]"\n'
        assert read_table(content).frame["embedding"].tolist() == ["[ 0.5\n  1]", "[ 2\n  3]"]

    def test_one_open_to_the_end_is_refused(self) -> None:
        content = b"w,x0,x1\n" + b'"a, b",1,2\n' * 50_000 + b'"b,3,4\n' + b"c,5,6,7\n" * 9
        with pytest.raises(DataError, match="A quotation mark is never closed"):
            read_embeddings(content, name="a.csv", bad_rows="drop")


class TestLines:
    def test_only_line_ends_end_lines(self) -> None:
        words = ("a\u2028b", "c\x85d", "e\x0bf\x0c", "g\x1ch")
        found = vectors_of(with_words(","), "a.csv")
        assert found.metadata["0"].tolist() == list(WORDS)
        found = vectors_of(with_words("\t", words), "a.tsv")
        assert found.metadata["0"].tolist() == list(words)

    def test_a_return_within_a_line_is_a_letter(self) -> None:
        words = ("a\rb", "c", "d", "\re")
        found = vectors_of(with_words("\t", words), "a.tsv")
        assert found.metadata["0"].tolist() == list(words)

    def test_returns_alone_end_lines_where_there_is_nothing_else(self) -> None:
        vectors_of(with_words(",").replace(b"\n", b"\r"), "a.csv")

    def test_empty_lines_are_no_rows(self) -> None:
        content = with_words(",").replace(b"\n", b"\n\n") + b"\n,,,\n,,,\n"
        found = vectors_of(content, "a.csv")
        assert "4 empty lines at the end left out" in found.notes

    @pytest.mark.parametrize(
        ("odd", "said"),
        [
            (b"cat,1,2", r"line 3 has 3 \('cat,1,2'\)"),
            (b"cat,1,2,3,4", r"line 3 has 5 \('cat,1,2,3,4'\)"),
        ],
    )
    def test_a_line_of_another_width_is_named_and_can_be_left_out(
        self, odd: bytes, said: str
    ) -> None:
        rows = with_words(",").splitlines(keepends=True)
        content = b"".join([*rows[:2], odd + b"\n", *rows[2:]])
        with pytest.raises(
            BadRowsError, match=f"not have 4 values as the others have: {said}"
        ) as e:
            read_embeddings(content, name="a.csv")
        assert e.value.rows == (2,)
        found = read_embeddings(content, name="a.csv", bad_rows="drop")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.metadata["0"].tolist() == list(WORDS)
        assert "1 rows dropped: missing or not finite" in found.notes


class TestCells:
    def test_words_for_missing_are_words(self) -> None:
        words = ("nan", "null", "None", "NA")
        found = vectors_of(lines(["word", "x0", "x1", "x2"]) + with_words(",", words), "a.csv")
        assert found.metadata["word"].tolist() == list(words)

    def test_leading_zeros_and_large_numbers_stay(self) -> None:
        table = read_table(b"sku,big,huge,x0\n0108,9007199254740993,99999999999999999999,0.5\n")
        row = table.frame.iloc[0]
        assert row.to_dict() == {
            "sku": "0108",
            "big": 2**53 + 1,
            "huge": "99999999999999999999",
            "x0": 0.5,
        }

    def test_missing_numbers(self) -> None:
        table = read_table(b"a,b,c\n0.5,NA,1\n,2.5,nan\n1.5,null,3\n")
        np.testing.assert_array_equal(table.frame["a"], [0.5, np.nan, 1.5])
        np.testing.assert_array_equal(table.frame["b"], [np.nan, 2.5, np.nan])
        np.testing.assert_array_equal(table.frame["c"], [1, np.nan, 3])
        assert table.notes == ("words such as NA taken as missing numbers in b (2)",)

    def test_yes_or_no(self) -> None:
        frame = read_table(b"a,b,c\nTrue,false,True\nFalse,true,\n").frame
        assert frame["a"].tolist() == [True, False]
        assert frame["b"].dtype == bool
        assert frame["c"].fillna("").tolist() == ["True", ""]

    def test_a_column_of_numbers_and_texts_is_text_and_named(self) -> None:
        table = read_table(b"word,x0\na,1.5\nb,oops\nc,2.50\n")
        assert table.frame["x0"].tolist() == ["1.5", "oops", "2.50"]
        said = "text because some cells are no numbers: 'x0' (row 1 holds 'oops')"
        assert table.notes == ("first line taken as column names", said)

    def test_a_text_far_below_the_head_gives_the_column_back_as_it_was(self) -> None:
        cells = [f"{i}.50" for i in range(5_000)]
        cells[4_000] = "oops"
        content = lines(["word", "x0", "x1"], *([f"w{i}", c, 0.25] for i, c in enumerate(cells)))
        frame = read_table(content).frame
        assert frame["x0"].tolist() == cells
        assert frame["x1"].dtype == np.float64

    def test_a_long_text(self) -> None:
        text = "lorem ipsum " * 100_000
        found = read_embeddings(lines(["text", "x0", "x1"], [f'"{text}"', 0.5, 1]), name="a.csv")
        assert found.metadata["text"].tolist() == [text]
