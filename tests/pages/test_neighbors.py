"""The table of true neighbors beside the index's answer, the walk, and data that is small."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import load_sample
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR
from core.index import (
    HnswParams,
    Neighbors,
    SearchResult,
    build_hnsw,
    exact_neighbors,
    search,
    trace_search,
)
from core.studies import NEIGHBOR_FATES, NeighborCheck
from pages.neighbors import comparison
from pages.neighbors.answers import answer, table
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints

WEAK = {"m": 2, "efc": 4}  # a graph that loses neighbors


def upload(app: AppTest, frame: pd.DataFrame, name: str) -> None:
    content = io.BytesIO()
    frame.to_csv(content, index=False) if name.endswith("csv") else frame.to_parquet(content)
    app.run()
    bring_file(app, name, content.getvalue())


def checked(ids: list[int], found: list[int], distances: list[float]) -> NeighborCheck:
    """True neighbors beside an answer; those that it lacks were never visited."""
    size = len(ids)
    return NeighborCheck(
        exact=Neighbors(ids=np.array([ids]), distances=np.linspace(0.1, 0.4, size)[None]),
        found=SearchResult(
            ids=np.array([found]),
            distances=np.array([distances]),
            distance_computations=np.array([9]),
            hops=np.array([3]),
        ),
        fate=np.where(np.isin(ids, found), "found", "never visited"),
        smallest_ef=np.full(size, 10),
        ef=10,
        ef_max=512,
    )


def test_the_index_answers_beside_the_true_neighbors(app: AppTest) -> None:
    digits = load_sample("digits")
    graph = build_hnsw(digits.vectors, HnswParams(m=2, ef_construction=4))
    query = digits.vectors[7:8]
    found = search(graph, query, 10, 10, exclude=[7])
    exact = exact_neighbors(digits.vectors, query, 10, metric="cosine", exclude=[7])
    open_page(app, "neighbors", data="digits", item=7, k=10, ef=10, **WEAK)
    assert complaints(app) == []
    table = app.dataframe[0].value
    names = [f"{digits.class_names[digits.labels[row]]} (row {row:,})" for row in found.ids[0]]  # type: ignore[index]
    assert table["the index answers"].tolist() == names
    np.testing.assert_allclose(table["at distance"], found.distances[0], atol=1e-5)
    kept = np.isin(exact.ids[0], found.ids[0])
    assert 0 < kept.sum() < 10
    assert (table["in the index"] == "found").tolist() == kept.tolist()
    assert table["rank"].tolist() == list(range(1, 11))


def test_the_smallest_ef_is_the_first_that_returns_the_neighbor(app: AppTest) -> None:
    words = load_sample("wordnet")
    graph = build_hnsw(words.vectors, HnswParams())
    open_page(app, "neighbors", item=0, k=5, ef=5)
    table = app.dataframe[0].value
    checked = 0
    for row, needed in zip(table["row"], table["smallest ef"], strict=True):
        if needed.isdecimal():
            at = search(graph, words.vectors[:1], 5, int(needed), exclude=[0])
            assert row in at.ids
            if int(needed) > 5:
                before = search(graph, words.vectors[:1], 5, int(needed) - 1, exclude=[0])
                assert row not in before.ids
            checked += 1
    assert checked > 0


def test_places_without_an_answer_stay_empty() -> None:
    rows = pd.DataFrame({"rank": [1, 2], "row": [4, 5], "distance": [0.1, 0.4]})
    lost = checked([4, 5], [5, -1], [0.4, np.nan])
    table = comparison.side_by_side(rows, lost, np.array(list("abcdef")))
    assert table["the index answers"].tolist() == ["f", ""]
    assert table["at distance"].tolist()[0] == 0.4
    assert np.isnan(table["at distance"].tolist()[1])
    assert table["row"].tolist() == [4, 5]


def test_cells_have_the_colors_of_their_roles() -> None:
    # Row 4 is found, row 5 missed; the index gave row 0 in its place, and nothing for row 3.
    mixed = checked([4, 5, 3], [4, 0, -1], [0.1, 0.5, np.nan])
    rows = pd.DataFrame({"rank": [1, 2, 3], "distance": 0.1, "in the index": ["found", "x", "x"]})
    table = comparison.side_by_side(rows, mixed, np.array(list("abcdef")))
    html = comparison.tinted(table, mixed)._compute().ctx  # type: ignore[attr-defined]
    fate, answer = (table.columns.get_loc(name) for name in ("in the index", "the index answers"))
    colors = [[dict(html[line, column]) for column in (fate, answer)] for line in range(3)]
    shades = [[cell.get("background-color", "") for cell in line] for line in colors]
    assert [[shade[:7] for shade in line] for line in shades] == [
        [TRUE_NEIGHBOR, TRUE_NEIGHBOR],
        [MISSED, FOUND],
        [MISSED, ""],
    ]


def test_another_item_leaves_a_trail_that_leads_back(app: AppTest) -> None:
    open_page(app, "neighbors", data="digits", item=7)
    first = sentence(app)
    app.main.number_input[0].set_value(20).run()
    assert "Nearest to " in sentence(app)
    assert sentence(app) != first
    back = next(button for button in app.main.button if button.key == "_trail_7")
    back.click().run()
    assert complaints(app) == []
    assert sentence(app) == first


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
def test_an_upload_with_hostile_names_is_walked(app: AppTest, name: str) -> None:
    vectors = np.random.default_rng(0).normal(size=(12, 3))
    frame = pd.DataFrame(vectors, columns=["v0", "v1", "v2"])
    frame.insert(0, "title", [f"<b>{row}</b> *star* $x$" for row in range(12)])
    upload(app, frame, name)
    app.switch_page("pages/neighbors/page.py").run()
    assert complaints(app) == []
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    nearest = int(np.argmax(np.where(np.arange(12) == 0, -2, unit @ unit[0])))
    assert sentence(app).startswith(f"Nearest to <b>0</b> *star* $x$ is <b>{nearest}</b>")
    assert "\\<b\\>" in app.title[0].value


def test_two_rows_are_each_other_s_neighbor(app: AppTest) -> None:
    content = io.BytesIO()
    np.save(content, np.array([[0.0, 1.0], [1.0, 0.0]], dtype=np.float32))
    app.run()
    bring_file(app, "two.npy", content.getvalue())
    app.switch_page("pages/neighbors/page.py").run()
    assert complaints(app) == []
    # Right angles: 1 - cos = 1.
    assert sentence(app).startswith("Nearest to row 0 is row 1 at cosine distance 1; the index")
    assert "finds 1 of the 1 nearest" in sentence(app)


def test_k_of_a_link_beyond_the_data_is_lowered(app: AppTest) -> None:
    upload(app, pd.DataFrame(np.eye(5), columns=list("abcde")), "five.csv")
    app.query_params["k"] = "100"
    app.switch_page("pages/neighbors/page.py").run()
    assert complaints(app) == []
    assert "of the 4 nearest" in sentence(app)


def test_each_fate_has_its_words() -> None:
    every = checked([1, 2, 3, 4, 5], [1, -1, -1, -1, -1], [0.1, *[np.nan] * 4])
    every = replace(
        every, fate=np.array(list(NEIGHBOR_FATES)), smallest_ef=np.array([10, 512, -1, 40, 1200])
    )
    rows = table(every, load_sample("digits"))
    assert rows["in the index"].tolist() == [
        "found",
        "tie at the last place",
        "missed: never visited",
        "missed: met on an upper layer only",
        "missed: farther as the index stores it",
    ]
    assert rows["smallest ef"].tolist() == ["10", "512", "none up to 512", "40", "1200"]
    assert rows["rank"].tolist() == [1, 2, 3, 4, 5]


def test_the_sentence_counts_what_was_found_and_what_it_cost() -> None:
    graph = build_hnsw(np.eye(90, dtype=np.float32), HnswParams(m=4))
    said = answer(checked([1, 2], [1, 7], [0.1, 0.5]), graph, np.array(list("abc")), "it")
    # 9 of 90 distance computations are 10 %.
    assert said == (
        "Nearest to it is b at cosine distance 0.100; the index finds 1 of the 2 nearest at ef 10, "
        "with 9 distance computations (10 % of brute force)."
    )


def test_a_true_neighbor_that_layer_0_visits_is_never_missed() -> None:
    """Why a miss can only be met above layer 0: fewer than k rows are nearer than it."""
    digits = load_sample("digits")
    graph = build_hnsw(digits.vectors, HnswParams(m=2, ef_construction=4))
    rows = np.arange(0, 1797, 12)
    exact = exact_neighbors(digits.vectors, digits.vectors[rows], 10, metric="cosine", exclude=rows)
    misses = 0
    for row, true in zip(rows.tolist(), exact.ids, strict=True):
        trace = trace_search(graph, digits.vectors[row], 10, 10, exclude=row)
        seen = np.concatenate([hop.visited for hop in trace.hops if hop.layer == 0])
        lost = np.setdiff1d(true, trace.ids)
        misses += len(lost)
        assert not np.isin(lost, seen).any()
    assert misses > 100


@pytest.mark.parametrize(
    ("metric", "unit", "told"),
    [
        ("cosine", True, "from chords between unit vectors"),
        ("euclidean", False, "from Euclidean distances."),
        ("inner_product", False, "for those of inner product are no lengths"),
    ],
)
def test_lid_is_of_lengths_and_says_which(app: AppTest, metric: str, unit: bool, told: str) -> None:
    rows = load_sample("digits").vectors.astype(np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True) if unit else rows
    near = np.sort(np.linalg.norm(rows - rows[7], axis=1))[1:21]
    lid = 19 / np.log(near[-1] / near).sum()  # Levina-Bickel
    open_page(app, "neighbors", data="digits", item=7, metric=metric)
    assert complaints(app) == []
    (shown,) = [figure for figure in app.metric if figure.label == "LID"]
    assert float(shown.value) == pytest.approx(lid, abs=0.006 * lid)
    assert told in shown.help
