"""The filter study on the page: whose graph is walked, and what is told of each system."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import studies
from core.data import EmbeddingSet
from core.engines import ENGINES, filter_advice
from core.index import HnswGraph, HnswParams, build_hnsw, read_index
from core.studies import FilteredSearch
from core.studies.experiments.filtered_search_results import Climb, FilterCell
from pages.recall.studies import filtered_search
from pages.ui.session.uploads import uploads
from tests.core.index.index_files import hnswlib_bytes
from tests.pages.test_app import complaints
from tests.pages.test_layers import bring
from tests.pages.test_recall import DIGITS, GRAPH, notes, open_section, press, sentence


@pytest.fixture
def walked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[HnswGraph, dict[str, Any]]]:
    """The graphs that the study was given, with the other arguments."""
    seen: list[tuple[HnswGraph, dict[str, Any]]] = []
    study = studies.filtered_search

    def note(graph: HnswGraph, vectors: Any, **others: Any) -> FilteredSearch:
        assert len(vectors) == graph.n
        seen.append((graph, others))
        return study(graph, vectors, **others)

    monkeypatch.setattr(studies, "filtered_search", note)
    return seen


def open_study(app: AppTest, **query: str) -> AppTest:
    return open_section(app, "Studies", study="Filtered search", target="0.8", **query)


def test_the_graph_of_an_opened_file_is_walked_as_it_is(
    app: AppTest, walked: list[tuple[HnswGraph, dict[str, Any]]]
) -> None:
    content = hnswlib_bytes(DIGITS.vectors, m=3)
    open_study(app, study_rows="1797")
    bring(app, content, "euclidean")
    assert "All 1,797 rows of the index file, on its own graph." in notes(app)
    assert "The index of this session is walked" not in notes(app)
    assert "Queries: rows of the opened index, each left out of its own answer." in notes(app)
    assert not any("What is built here" in each.value for each in app.main.caption)
    assert [box.key for box in app.selectbox if box.key == "study_rows"] == []
    press(app, "Run the study")
    assert complaints(app) == []
    ((graph, _),) = walked
    assert graph.fingerprint == read_index(content, metric="euclidean").fingerprint
    assert graph.ef_construction == 30


def test_with_all_rows_the_index_without_held_out_rows_is_walked(
    app: AppTest, walked: list[tuple[HnswGraph, dict[str, Any]]]
) -> None:
    open_study(app)
    assert "The index of this session is walked, with all 1,797 rows" in notes(app)
    app.multiselect(key="filter_shares").set_value([0.5, 0.1]).run()
    press(app, "Run the study")
    assert complaints(app) == []
    ((graph, others),) = walked
    held = np.random.default_rng(0).permutation(1797)[:179]
    rest = np.delete(DIGITS.vectors, held, axis=0)
    assert graph.fingerprint == build_hnsw(rest, HnswParams()).fingerprint
    np.testing.assert_array_equal(others["query_vectors"], DIGITS.vectors[held])
    assert others["selectivities"] == (0.5, 0.1)


def test_own_queries_walk_the_index_of_the_session(
    app: AppTest, walked: list[tuple[HnswGraph, dict[str, Any]]]
) -> None:
    own = DIGITS.vectors[:450] + np.float32(0.5)
    open_study(app, queries=uploads().add(EmbeddingSet.from_arrays(own, name="log")))
    app.multiselect(key="filter_shares").set_value([0.5]).run()
    press(app, "Run the study")
    assert complaints(app) == []
    ((graph, others),) = walked
    assert graph.fingerprint == GRAPH.fingerprint
    drawn = np.sort(np.random.default_rng(0).choice(450, 200, replace=False))
    np.testing.assert_array_equal(others["query_vectors"], own[drawn])
    assert "Queries: 200 of your 450, drawn with seed 0." in notes(app)


def test_a_filter_by_a_column_follows_the_rows_that_are_indexed(
    app: AppTest, walked: list[tuple[HnswGraph, dict[str, Any]]]
) -> None:
    open_study(app, filter_column="label", k="7")
    press(app, "Run the study")
    assert complaints(app) == []
    ((_, others),) = walked
    held = np.random.default_rng(0).permutation(1797)[:179]
    assert DIGITS.labels is not None
    left = np.delete(DIGITS.labels, held)
    sizes = sorted(np.bincount(left).tolist(), reverse=True)
    assert sorted(np.bincount(others["column"]).tolist(), reverse=True) == sizes


def test_a_sample_has_an_index_of_its_own_and_that_is_said() -> None:
    assert filtered_search.walked(20_000, 5_000) == (
        "An index of a sample of 5,000 of the 20,000 rows is built with the same settings and "
        "walked; with all rows it is that of this session. A smaller index is an easier one."
    )
    assert filtered_search.walked(20_000, 20_000) == (
        "The index of this session is walked, with all 20,000 rows; where rows are held out as "
        "queries, that without them."
    )


def climb(ef: int, cost: float) -> Climb:
    return Climb(0.9, np.array([5, ef]), np.array([0.5, 0.95]), np.array([cost / 2, cost]), 0.4)


def cell(allowed: int, during: Climb, after: Climb) -> FilterCell:
    return FilterCell(None, allowed / 100_000, allowed, during, after)


# Of 100,000 rows of 64 dimensions: 50,000 are 12,500 KB, which Qdrant walks.
RESULT = FilteredSearch(
    5,
    0.9,
    40,
    4096,
    100_000,
    30,
    (
        cell(50_000, climb(20, 900), climb(41, 1_200)),
        cell(500, climb(60, 2_500), climb(1_311, 9_000)),
        cell(500, climb(61, 2_600), climb(1_312, 9_100)),
    ),
    (),
    64,
    16,
)
NAMES = ["50 %: 50,000", "0.5 %: 500", "0.5 %: 500 (2)"]


def test_the_table_of_systems_has_a_line_for_each_and_a_column_for_each_filter() -> None:
    grid = filtered_search.advice_grid(RESULT)
    assert list(grid.index) == list(ENGINES)
    assert [name.replace("0.500", "0.5") for name in grid.columns] == NAMES
    lines = {str(name): line.tolist() for name, line in grid.iterrows()}
    assert lines["hnswlib"] == ["ef 20: 900", "ef 60: 2,500", "ef 61: 2,600"]
    assert lines["pgvector"] == ["ef 41: 1,200", "ef 1,311 > 1,000", "ef 1,312 > 1,000"]
    assert lines["Qdrant"] == ["own walk", "compares all 500", "compares all 500"]
    assert lines["LanceDB"] == ["ef 20: 900", "compares all 500", "compares all 500"]


def test_the_file_of_the_advice_has_every_sentence() -> None:
    rows = filtered_search.all_advice(RESULT)
    assert len(rows) == 3 * len(ENGINES)
    one = rows[rows["system"] == "Weaviate"].iloc[1]
    advice = filter_advice("Weaviate", RESULT, RESULT.cells[1])
    assert one["advice"] == advice.sentence
    assert one["in short"] == "compares all 500"
    assert one["sources"] == " ".join(advice.sources)
    assert "fewer than flatSearchCutoff, 40,000: exact, at 500 distance" in advice.sentence


def test_the_page_tells_a_system_and_a_filter_in_words(app: AppTest) -> None:
    open_study(app, filter_column="label", engine="Qdrant")
    press(app, "Run the study")
    assert complaints(app) == []
    assert "brute force is the cheapest" in sentence(app)
    grid = next(each.value for each in app.dataframe if each.value.index.name == "system")
    said = " ".join(each.value for each in app.markdown).replace("\\", "")
    # Of the rows that are not held out the ten digits have about 160 each, 64 x 4 bytes: 40 KB.
    assert "Compares the query with all 168 allowed rows, whose 42 KB are below" in said
    assert "config.yaml" in notes(app)
    assert "count those of this study, 1,618." in notes(app)
    app.selectbox(key="engine").set_value("hnswlib").run()
    said = " ".join(each.value for each in app.markdown).replace("\\", "")
    assert "knn_query(filter=...) filters during the traversal" in said
    assert grid.loc["Qdrant"].str.startswith("compares all").all()
