"""What the page says of memory: each sentence and table by hand."""

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.engines import MEMORY, Setting
from pages.recall import memory
from tests.pages.conftest import Downloads
from tests.pages.test_app import complaints
from tests.pages.test_recall import notes, open_section

SETTING = Setting("cosine", 20_000, 384, 16, 200, 10, 64, 0.987, 500)


def test_the_sentence_has_what_hnswlib_takes_and_the_range_of_the_others() -> None:
    # 1,536 + 128 + 16 + 68 / 15 = 1,684.5 bytes; Elasticsearch 1,536 + 64, Qdrant 1.5 x 1,536
    assert memory.answer(SETTING) == (
        "20,000 vectors of 384 dimensions at M 16 take 33.7 MB in hnswlib, 1,685 bytes each. For "
        "10,000,000 the systems state from 16 GB (Elasticsearch) to 23.0 GB (Qdrant)."
    )
    # At 2,000 dimensions a node of pgvector takes two pages.
    assert "to 164 GB (pgvector)" in memory.answer(replace(SETTING, dim=2_000))


def test_the_table_has_the_least_first_and_the_unknown_last() -> None:
    rows = {line["system"]: line for line in memory.table(SETTING).to_dict("records")}
    assert list(rows) == [
        "Elasticsearch",
        "Milvus",
        "faiss",
        "hnswlib",
        "usearch",
        "Weaviate",
        "Redis",
        "OpenSearch",
        "pgvector",
        "Qdrant",
        "LanceDB",
    ]
    assert rows["hnswlib"] == {
        "system": "hnswlib",
        "bytes per vector": "1,685",
        "vectors": "1,536",
        "links": "132",
        "other": "16",
        "at 20,000": "33.7 MB",
        "at 10,000,000": "16.8 GB",
        "by": "its file",
        "formula": "4 d + 8 M + 16 + (4 M + 4) / (M - 1)",
        "not counted": MEMORY["hnswlib"](SETTING, 1).note,
        "sources": "https://github.com/nmslib/hnswlib/blob/v0.8.0/hnswlib/hnswalg.h",
    }
    qdrant, unknown = rows["Qdrant"], rows["LanceDB"]
    assert (qdrant["bytes per vector"], qdrant["links"]) == ("2,304", "not stated")
    assert unknown["at 10,000,000"] == unknown["bytes per vector"] == "not stated"
    assert (unknown["by"], unknown["sources"]) == ("not documented", "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "OpenSearch",
            "OpenSearch: 1.1 x (4 d + 8 m) bytes per vector, by its documentation ([1]("
            "https://docs.opensearch.org/latest/mappings/supported-field-types/"
            "knn-methods-engines/)). Beside the Java heap; each replica takes as much again.",
        ),
        ("LanceDB", "LanceDB: not documented. The index is on disk, and read into a cache."),
    ],
)
def test_what_the_figures_of_a_system_rest_on(name: str, said: str) -> None:
    assert memory.basis(MEMORY[name](SETTING, 20_000)).replace("\\", "") == said


def test_what_cannot_be_indexed_is_not_called_undocumented() -> None:
    large = replace(SETTING, dim=5_000)
    assert memory.basis(MEMORY["pgvector"](large, 1)).replace("\\", "") == (
        "pgvector: no index is possible. No index can be created for more than 4,000 dimensions."
    )


def test_it_is_taken_away_as_a_file(app: AppTest, downloads: Downloads) -> None:
    open_section(app, "Take away", engine="faiss", m="8")
    assert complaints(app) == []
    assert "1,797 vectors of 64 dimensions at M 8 take" in notes(app)
    assert "faiss: 4 d + 8 M + 12 + 4 M / (M - 1) bytes per vector, by its file" in notes(app)
    (faiss,) = downloads.csv("memory.csv").query("system == 'faiss'").to_dict("records")
    # 256 + 64 + 12 + 32 / 7 = 336.6
    assert (faiss["bytes per vector"], faiss["at 1,797"]) == ("337", "605 kB")
