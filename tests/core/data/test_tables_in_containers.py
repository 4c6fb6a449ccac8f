"""Tables of SQLite, of Excel workbooks and of AnnData, and what is done to protect the reader."""

import tracemalloc
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import read_embeddings, read_metadata
from core.data.readers import sqlite
from core.errors import ChoiceError, DataError
from tests.core.data.files import VECTORS, WORDS, as_hdf5, as_sqlite, as_xlsx, as_zip, xlsx_of_rows

LISTS = [str(row) for row in VECTORS.tolist()]
ITEMS = [(i, word, text) for i, (word, text) in enumerate(zip(WORDS, LISTS, strict=True))]
CREATE = "CREATE TABLE items (id INTEGER PRIMARY KEY, label TEXT, embedding TEXT)"


class TestSqlite:
    def test_the_table_with_vectors_among_others(self) -> None:
        content = as_sqlite(
            "CREATE TABLE meta (key TEXT, value TEXT)",
            CREATE,
            rows={"items": ITEMS, "meta": [("version", "3")]},
        )
        found = read_embeddings(content, name="a.db")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.class_names == ("bird", "cat", "dog")
        assert found.notes[0] == "read from the table 'items'"
        assert "not used: the tables meta" in found.notes

    def test_two_tables_of_vectors_are_a_choice(self) -> None:
        content = as_sqlite(
            CREATE,
            CREATE.replace("items", "more"),
            rows={"items": ITEMS, "more": ITEMS[:2]},
        )
        with pytest.raises(ChoiceError) as told:
            read_embeddings(content, name="a.db")
        assert told.value.candidates == ("items", "more")
        assert read_embeddings(content, name="a.db", vector_column="more").n == 2
        found = read_embeddings(content, name="a.db", vector_column="more.embedding")
        assert found.vectors.shape == (2, 3)

    def test_a_log_beside_the_file_is_no_fault(self) -> None:
        content = bytearray(as_sqlite(CREATE, rows={"items": ITEMS}))
        content[18:20] = b"\2\2"  # as a database in the journal mode WAL says
        assert read_embeddings(bytes(content), name="a.db").n == 4

    def test_as_metadata(self) -> None:
        content = as_sqlite("CREATE TABLE m (name, year)", rows={"m": [("a", 1), ("b", None)]})
        table = read_metadata(content, name="m.sqlite")
        assert table["name"].tolist() == ["a", "b"]
        assert table["year"].isna().tolist() == [False, True]
        two = as_sqlite("CREATE TABLE m (x)", "CREATE TABLE n (x)")
        with pytest.raises(ChoiceError, match="several tables: m, n"):
            read_metadata(two, name="m.sqlite")

    def test_odd_names(self) -> None:
        content = as_sqlite(
            'CREATE TABLE "a ""b"" ; DROP TABLE x" (label TEXT, v TEXT)',
            rows={'"a ""b"" ; DROP TABLE x"': [("x", "[1, 2]")]},
        )
        assert read_embeddings(content, name="a.db").vectors.tolist() == [[1, 2]]

    def test_nothing_to_read(self) -> None:
        with pytest.raises(DataError, match="The database holds no table"):
            read_embeddings(as_sqlite("CREATE VIEW v AS SELECT 1"), name="a.db")
        with pytest.raises(DataError, match="No table of the database holds vectors"):
            read_embeddings(as_sqlite("CREATE TABLE t (word TEXT)"), name="a.db")
        many = as_sqlite(*(f"CREATE TABLE t{i} (x)" for i in range(201)))
        with pytest.raises(DataError, match="more than 200 tables"):
            read_embeddings(many, name="a.db")

    def test_views_and_virtual_tables_never_run(self) -> None:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n"
        content = as_sqlite(
            CREATE,
            f"CREATE VIEW harm AS {endless}",
            "CREATE VIRTUAL TABLE words USING fts5(text)",
            rows={"items": ITEMS},
        )
        found = read_embeddings(content, name="a.db")
        assert found.n == 4
        assert "not read: the virtual tables words; export them as CSV" in found.notes

    def test_a_column_of_vectors_wins_over_columns_of_numbers(self) -> None:
        content = as_sqlite(
            CREATE,
            "CREATE TABLE visits (year INTEGER, count INTEGER)",
            rows={"items": ITEMS, "visits": [(1990, 5), (1991, 7)]},
        )
        found = read_embeddings(content, name="a.db")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert "not used: the tables visits" in found.notes

    def test_a_statement_ends_after_so_many_steps(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sqlite, "MOST_STEPS", 3)
        monkeypatch.setattr(sqlite, "STEP", 10)
        content = as_sqlite(
            CREATE, rows={"items": [*ITEMS, *((i, "x", "[1,2,3]") for i in range(4, 900))]}
        )
        with pytest.raises(DataError, match="interrupted"):
            read_embeddings(content, name="a.db")

    def test_rows_that_unpack_to_more_than_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A generated column makes 400,000 letters for each row, which takes a few bytes."""
        content = as_sqlite(
            "CREATE TABLE t (x BLOB, y TEXT GENERATED ALWAYS AS (hex(zeroblob(200000))) VIRTUAL)",
            "INSERT INTO t (x) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
            "WHERE i < 2000) SELECT '' FROM n",
        )
        assert len(content) < 50_000
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "20")
        with pytest.raises(DataError, match="too large"):
            read_embeddings(content, name="a.db")

    def test_cut_off_and_damaged(self) -> None:
        content = as_sqlite(CREATE, rows={"items": ITEMS})
        random = np.random.default_rng(0)
        for length in range(1, len(content), 97):
            with pytest.raises(DataError):
                read_embeddings(content[:length], name="a.db")
        for _ in range(300):
            changed = bytearray(content)
            for place in random.integers(0, len(content), 5):
                changed[place] = random.integers(0, 256)
            try:
                read_embeddings(bytes(changed), name="a.db")
            except DataError:
                continue


def cell(place: str, value: str, kind: str = "", style: str = "") -> str:
    attributes = f' t="{kind}"' * bool(kind) + f' s="{style}"' * bool(style)
    return f'<c r="{place}"{attributes}><v>{value}</v></c>'


class TestXlsx:
    def test_every_kind_of_cell(self) -> None:
        # style 1 has the built-in date format 14, style 2 the own one 164, style 3 two decimals
        styles = (
            '<numFmts><numFmt numFmtId="164" formatCode="[$-409]d\\-mmm\\-yy"/>'
            '<numFmt numFmtId="165" formatCode="0.00&quot; days&quot;"/></numFmts>'
            '<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>'
            '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/>'
            '<xf numFmtId="165"/></cellXfs>'
        )
        texts = (
            "<si><t>name</t></si><si><r><t>gr</t></r><r><t>öße</t></r>"
            "<rPh sb='0' eb='1'><t>hint</t></rPh></si>"
        )
        names = ["name", "when", "then", "days", "good", "none"]
        heads = cell("A1", "0", "s") + "".join(
            f'<c r="{letter}1" t="inlineStr"><is><t>{name}</t></is></c>'
            for letter, name in zip("BCDEF", names[1:], strict=True)
        )
        row = (
            cell("A2", "1", "s")
            + cell("B2", "45000", style="1")
            + cell("C2", "45000.5", style="2")
            + cell("D2", "2.5", style="3")
            + cell("E2", "1", "b")
            + cell("F2", "#N/A", "e")
        )
        second = cell("A3", "formula", "str") + cell("D3", "7")
        content = as_xlsx(
            f'<row r="1">{heads}</row><row r="2">{row}</row><row r="3">{second}</row>',
            texts=texts,
            styles=styles,
        )
        table = read_metadata(content, name="m.xlsx")
        assert list(table.columns) == names
        assert table["name"].tolist() == ["größe", "formula"]
        # 45,000 days after 1899-12-30 is 2023-03-15
        assert table["when"][0] == pd.Timestamp(2023, 3, 15)
        assert table["then"][0] == pd.Timestamp(2023, 3, 15, 12)
        assert table["days"].tolist() == [2.5, 7]
        assert table["good"][0] is True
        assert table["none"].isna().all()

    def test_dates_from_1904(self) -> None:
        content = as_xlsx(
            f"<row>{cell('A1', 'when', 'str')}</row><row>{cell('A2', '1', style='0')}</row>",
            styles='<cellXfs><xf numFmtId="14"/></cellXfs>',
            more='<workbookPr date1904="1"/>',
        )
        assert read_metadata(content, name="m.xlsx")["when"][0] == pd.Timestamp(1904, 1, 2)

    def test_rows_are_counted_by_their_numbers(self) -> None:
        content = as_xlsx(
            f'<row r="3">{cell("B3", "name", "str")}</row>'
            f'<row r="4">{cell("B4", "a", "str")}</row>'
            f'<row r="5"/><row r="7">{cell("B7", "b", "str")}</row><row r="9"/>'
        )
        found = read_metadata(content, name="m.xlsx")["name"]
        assert found.fillna("missing").tolist() == ["a", "missing", "missing", "b"]

    def test_prefixed_tags(self) -> None:
        content = as_zip(
            {
                "xl/workbook.xml": b"<x:workbook/>",
                "xl/worksheets/sheet1.xml": b"<x:worksheet><x:row><x:c t='str'><x:v>n</x:v></x:c>"
                b"</x:row><x:row><x:c><x:v>5</x:v></x:c></x:row></x:worksheet>",
            }
        )
        assert read_metadata(content, name="m.xlsx")["n"].tolist() == [5]

    @pytest.mark.parametrize(
        ("cells", "message"),
        [
            ("", "first sheet of the workbook is empty"),
            (f"<row>{cell('A1', 'x', 'str')}</row><row r='1048577'/>", "row 1,048,577"),
            (f"<row r='1'>{cell('XFE1', '5')}</row>", "place 'XFE1'"),
            (f"<row r='1'>{cell('A1', '5', 's')}</row>", "list index out of range"),
            (f"<row r='1'>{cell('A1', 'x')}</row>", "could not convert"),
            (f"<row r='1'>{cell('A1', 'x', 'str')}{cell('B1', 'x', 'str')}</row>", "must differ"),
            ("<row><c>", "mismatched tag"),
        ],
    )
    def test_wrong_workbooks_are_named(self, cells: str, message: str) -> None:
        with pytest.raises(DataError, match=message):
            read_metadata(as_xlsx(cells), name="m.xlsx")

    def test_cells_far_from_one_another_cost_what_they_hold(self) -> None:
        """A rectangle up to the farthest cell would be 17 billion cells."""
        cells = "".join(
            f'<row r="{row}">{cell(place, "1")}</row>'
            for row, place in ((1, "A1"), (500_000, "ABC500000"), (1_048_576, "XFD1048576"))
        )
        tracemalloc.start()
        try:
            with pytest.raises(DataError, match=r"1,048,576 rows x 3 columns, most of them empty"):
                read_metadata(as_xlsx(cells), name="m.xlsx")
            assert tracemalloc.get_traced_memory()[1] < 5_000_000
        finally:
            tracemalloc.stop()

    def test_an_xml_bomb_is_refused(self) -> None:
        entities = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
        content = as_zip(
            {
                "xl/workbook.xml": b"<workbook/>",
                "xl/worksheets/sheet1.xml": f"{entities}<worksheet>&b;</worksheet>".encode(),
            }
        )
        with pytest.raises(DataError, match="states a document type"):
            read_metadata(content, name="m.xlsx")

    def test_vectors_in_a_workbook(self) -> None:
        rows: list[list[Any]] = [["label", "x0", "x1"], ["a", 1, 2.5], ["b", 3, 4]]
        found = read_embeddings(xlsx_of_rows(rows), name="a.xlsx")
        assert found.vectors.tolist() == [[1, 2.5], [3, 4]]
        assert found.class_names == ("a", "b")


class TestAnndata:
    def arrays(self, **more: Any) -> dict[str, Any]:
        codes = np.array([1, 0, -1, 1], np.int8)
        return {
            "X": VECTORS,
            "obs/_index": np.array(["c1", "c2", "c3", "c4"], "S2"),
            "obs/cell_type/codes": codes,
            "obs/cell_type/categories": np.array(["B", "T"], "S1"),
            "obs/depth": np.array([5, 6, 7, 8]),
            "var/_index": np.array(["g1", "g2", "g3"], "S2"),
            "obsm/X_pca": VECTORS[:, :2],
            "obsm/X_umap": VECTORS[:, :2] + 1,
            **more,
        }

    def test_columns_by_their_categories(self) -> None:
        found = read_embeddings(as_hdf5(**self.arrays()), name="a.h5ad", label_column="cell_type")
        np.testing.assert_array_equal(found.vectors, VECTORS)
        assert found.metadata["_index"].tolist() == ["c1", "c2", "c3", "c4"]
        assert found.metadata["depth"].tolist() == [5, 6, 7, 8]
        assert found.class_names == ("B", "T")
        assert found.labels is not None
        assert found.labels.tolist() == [1, 0, -1, 1]
        assert not any("var" in name for name in found.metadata.columns)

    def test_a_table_of_obsm_may_be_chosen(self) -> None:
        found = read_embeddings(
            as_hdf5(**self.arrays()), name="a.h5ad", vector_column="obsm/X_umap"
        )
        np.testing.assert_array_equal(found.vectors, VECTORS[:, :2] + 1)
        assert found.metadata["depth"].tolist() == [5, 6, 7, 8]

    def sparse(self) -> dict[str, Any]:
        arrays = self.arrays()
        del arrays["X"]
        parts = {"data": [1.0, 2.0], "indices": [0, 1], "indptr": [0, 1, 1, 2, 2]}
        return {**arrays, **{f"X/{name}": np.array(value) for name, value in parts.items()}}

    def test_a_sparse_x_leaves_the_choice_of_obsm(self) -> None:
        arrays = self.sparse()
        with pytest.raises(ChoiceError, match="'X' is a sparse matrix") as told:
            read_embeddings(as_hdf5(**arrays), name="a.h5ad")
        assert told.value.candidates == ("obsm/X_pca", "obsm/X_umap")
        del arrays["obsm/X_umap"]
        found = read_embeddings(as_hdf5(**arrays), name="a.h5ad")
        np.testing.assert_array_equal(found.vectors, VECTORS[:, :2])
        assert any(note.startswith("'X' left out: it is a sparse matrix") for note in found.notes)
        del arrays["obsm/X_pca"]
        with pytest.raises(DataError, match="'X' is a sparse matrix, which is not read"):
            read_embeddings(as_hdf5(**arrays), name="a.h5ad")
        with pytest.raises(DataError, match="The array 'X' is a sparse matrix"):
            read_embeddings(as_hdf5(**arrays), name="a.h5ad", vector_column="X")

    def test_categories_as_they_were_kept_before_0_8(self) -> None:
        arrays = self.arrays()
        codes = arrays.pop("obs/cell_type/codes")
        names = arrays.pop("obs/cell_type/categories")
        arrays["obs/cell_type"], arrays["obs/__categories/cell_type"] = codes, names
        found = read_embeddings(as_hdf5(**arrays), name="a.h5ad")
        cells = found.metadata["cell_type"]
        assert cells.fillna("missing").tolist() == ["T", "B", "missing", "T"]

    def test_codes_without_a_category_are_left_out(self) -> None:
        arrays = self.arrays(**{"obs/cell_type/codes": np.array([0, 1, 2, 0], np.int8)})
        found = read_embeddings(as_hdf5(**arrays), name="a.h5ad")
        assert "cell_type" not in found.metadata.columns
        assert any("has codes that none of its categories has" in note for note in found.notes)

    def test_queries_that_cannot_be_read_are_left_out(self) -> None:
        content = as_hdf5(
            train=VECTORS,
            test=np.zeros((2, 3), [("a", "i4"), ("b", "f4")]),
            neighbors=np.array([[0], [1]]),
        )
        found = read_embeddings(content, name="a.h5")
        assert (found.queries, found.ground_truth) == (None, None)
        assert any(note.startswith("'test' left out: it holds records") for note in found.notes)

    def test_sets_of_ann_benchmarks_are_named_as_sparse(self) -> None:
        content = as_hdf5(
            train=np.arange(9), size_train=np.array([4, 5]), test=np.arange(3), size_test=[3]
        )
        with pytest.raises(DataError, match="holds sparse data, as ann-benchmarks writes sets"):
            read_embeddings(content, name="a.hdf5")
