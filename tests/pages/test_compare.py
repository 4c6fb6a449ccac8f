"""Indexes side by side: what the section says of them, and the table that a visitor fills."""

from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.index import Census, HnswParams, build_hnsw, hnswlib_bytes
from core.studies import ef_tradeoff, given_queries
from pages.recall import compare
from pages.recall.compare import Compared
from pages.ui.session.workspace import Workspace
from tests.pages.test_app import complaints
from tests.pages.test_recall import notes, open_section, press, sentence
from tests.pages.test_recall_sentences import GRAPH, HELD, STUDY, curve_of
from tests.pages.ui.test_noise_words import SPREAD

NONE = np.zeros(50, dtype=bool)
CENSUS = Census(np.arange(50) >= 3, NONE, np.arange(20), np.arange(20) < 19, NONE[:20], 40, 0)
# STUDY needs ef 5 for recall 0.75, at 22.5 distance computations; this one ef 6, at 12.
CHEAP = curve_of([[1, 2, 3]] * 4, [[8, 10, 12]] * 4)
ONE = Compared("A", GRAPH, HELD, STUDY, CENSUS, 1.25)
TWO = Compared("B", GRAPH, HELD, CHEAP, CENSUS, None)


def test_the_cheapest_of_several_is_named_and_not_that_of_the_smallest_ef() -> None:
    assert compare.answer([ONE, TWO], 5, 0.75, None) == (
        "Of 2 indexes, B reaches recall@4 0.75 with the fewest: 12 distance computations a query, "
        "at ef 6; at ef 5 its mean recall is 0.500."
    )


def test_a_single_index_is_told_alone() -> None:
    assert compare.answer([ONE], 4, 0.75, None) == (
        "A reaches recall@4 0.75 at ef 5, with 22 distance computations a query; at ef 4 its mean "
        "recall is 0.500."
    )


def test_where_none_reaches_the_target_the_best_is_named() -> None:
    assert compare.answer([TWO, ONE], 4, 0.95, None) == (
        "None of 2 indexes reaches recall@4 0.95 at any ef up to 6: the best mean, 0.938, is that "
        "of A."
    )
    assert compare.answer([ONE], 4, 0.95, None) == (
        "A reaches recall@4 0.95 at no ef up to 6: its best mean is 0.938."
    )


def test_the_table_has_each_figure_in_its_column() -> None:
    first, second = compare.table([ONE, TWO], 5, 0.75, None).to_dict("records")
    assert first == {
        "index": "A",
        "rows": 50,
        "queries": "held-out rows",
        "recall@4 at ef 5": 0.8125,
        "worst 5 %": 0.5,
        "distances": 22.5,
        "ef for 0.75": "5",
        "distances there": 22.5,
        "bytes": round(hnswlib_bytes(GRAPH) / 50),
        "unreachable": 3,
        "not found": "5 % of 20",
        "built in, s": "1.25",
    }
    assert second["built in, s"] == "not in the file"
    assert (second["ef for 0.75"], second["distances there"]) == ("6", 12.0)
    never = compare.table([ONE, TWO], 5, 0.95, None)
    assert never["ef for 0.95"].tolist() == ["none", "none"]


def test_each_index_is_held_against_rebuilds_of_the_first() -> None:
    # Recall 0.8125 to 0.5 at ef 5, distances 22.5 to 10; t(2, 98.75 %) = 6.2053
    spread = replace(
        SPREAD,
        k=4,
        ef=np.arange(4, 7),
        recall=np.array([[0.5, 0.80, 1.0], [0.5, 0.81, 1.0], [0.5, 0.82, 1.0]]),
        distance_computations=np.array([[9.0, 20.0, 30.0], [9.0, 25.0, 30.0], [9.0, 15.0, 30.0]]),
    )
    other = replace(CHEAP, queries=replace(CHEAP.queries, vectors=np.ones((4, 1), np.float32)))
    against = compare.against([ONE, TWO, replace(TWO, tradeoff=other)], spread, 5)
    assert against == {
        "recall against the first": [
            "",
            "beyond rebuild noise: -31 points (noise 8.8)",
            "other queries",
        ],
        "distances against the first": [
            "",
            "inside rebuild noise: -12.5 (noise 43.9)",
            "other queries",
        ],
    }
    assert compare.against_words(ONE, TWO, spread, 5) == (
        "From A to B at ef 5. Beyond rebuild noise: recall@4 -31 points, where two builds of one "
        "setting differ by up to 8.8. Inside rebuild noise: distance computations -12.5, where two "
        "builds of one setting differ by up to 43.9."
    )
    assert compare.against_words(ONE, replace(TWO, tradeoff=other), spread, 5) == (
        "B: other queries, so it is not held against rebuild noise."
    )


def test_indexes_that_answer_other_queries_are_to_be_compared_with_care() -> None:
    same = compare.basis([ONE, replace(TWO, name="C")])
    assert same.startswith("A: 4 held-out rows, searched for in an index of the other 50 rows; C:")
    assert "with care" not in same
    other = replace(CHEAP, queries=replace(CHEAP.queries, vectors=np.ones((4, 1), np.float32)))
    assert "compare with care" in compare.basis([ONE, replace(TWO, tradeoff=other)])


def test_another_index_is_asked_the_queries_that_are_uploaded_by_now() -> None:
    data = EmbeddingSet.from_arrays(np.eye(4, dtype=np.float32), name="data")
    kept = Workspace("a", data, HnswParams(), queries=None)
    log = EmbeddingSet.from_arrays(np.ones((2, 4), np.float32), name="log")
    other = EmbeddingSet.from_arrays(np.ones((2, 3), np.float32), name="of another model")
    assert compare._asked_as(replace(kept, queries=log), kept).queries is log
    assert compare._asked_as(kept, replace(kept, queries=log)).queries is None
    assert compare._asked_as(replace(kept, queries=other), kept).queries is None


DIGITS = load_sample("digits")


def reached(params: HnswParams) -> int | None:
    held = np.random.default_rng(0).permutation(1797)[:179]
    rest = np.delete(DIGITS.vectors, held, axis=0)
    graph = build_hnsw(rest, params)
    return ef_tradeoff(graph, given_queries(graph, rest, DIGITS.vectors[held], 10)).smallest_ef(0.9)


@pytest.mark.parametrize("kept", [False, True])
def test_two_builds_stand_side_by_side(app: AppTest, kept: bool) -> None:
    open_section(app, "Compare", target="0.9", m="4", efc="20")
    assert complaints(app) == []
    assert "Only the index that is open" in " ".join(info.value for info in app.info)
    if kept:
        press(app, "Keep this index")
    app.query_params["m"] = "16"
    app.run()
    assert complaints(app) == []
    table = app.dataframe[0].value
    expected = [reached(HnswParams(m=16, ef_construction=20))]
    expected += [reached(HnswParams(m=4, ef_construction=20))] if kept else []
    assert table["ef for 0.9"].tolist() == [str(ef) for ef in expected]
    assert sentence(app).startswith("Of 2 indexes" if kept else "Handwritten digits, M 16")
    assert "179 held-out rows" in notes(app)
