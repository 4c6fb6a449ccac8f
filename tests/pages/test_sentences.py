"""What Data, Map and Neighbors say, of results made by hand whose figures differ."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams
from core.projection import Projection
from core.studies import MapQuality
from pages.data import summary as data
from pages.map import drawing, measures
from pages.neighbors import answers
from pages.ui.session.workspace import Workspace
from tests.core.index.graphs import hand_graph
from tests.pages.test_neighbors import checked

NAMES = np.array(["ant", "bee", "cat", "dog", "eel", "fox"])
LINE = np.arange(6, dtype=np.float32)[:, None]
GRAPH = hand_graph([{row: [(row + 1) % 6] for row in range(6)}], 0)


def items(vectors: np.ndarray, labels: list[str | None] | None = None) -> EmbeddingSet:
    frame = None if labels is None else pd.DataFrame({"label": labels})
    return EmbeddingSet.from_arrays(vectors, metadata=frame, name="mine")


def work(embeddings: EmbeddingSet) -> Workspace:
    return Workspace("0123456789abcdef", embeddings, HnswParams())


# ---- Data


def test_data_is_told_in_rows_dimensions_and_classes() -> None:
    assert data.answer(work(items(np.ones((3, 2), np.float32)))) == (
        "mine holds 3 vectors of 2 dimensions."
    )
    assert data.answer(work(items(np.ones((1, 1), np.float32), ["a"]))) == (
        "mine holds 1 vector of 1 dimension in 1 class of 1 to 1 members."
    )
    labels: list[str | None] = ["a", "a", "b", "a", "b", "c"]
    assert data.answer(work(items(np.ones((6, 4)), labels))) == (
        "mine holds 6 vectors of 4 dimensions in 3 classes of 1 to 3 members; float64 converted to "
        "float32."
    )
    own = items(np.ones((6, 4)), labels)
    sample = Workspace("digits", own, HnswParams())
    assert sample.is_sample
    assert data.answer(sample).endswith("3 classes of 1 to 3 members.")


@pytest.mark.parametrize(
    ("vectors", "metric", "reason"),
    [
        (
            np.arange(1.0, 9.0)[:, None],
            "euclidean",
            "in 1 dimension there are too few directions for cosine to tell items apart",
        ),
        (
            np.vstack([np.zeros((2, 3)), np.eye(3)]),
            "euclidean",
            "2 zero vectors have no direction for cosine; choose cosine all the same if the model "
            "was trained for it",
        ),
        (
            np.diag([1.0, 1.01, 1.0, 1.0]),
            "cosine",
            "all vectors have nearly the same length, so that cosine, inner product and Euclidean "
            "distance order neighbors alike",
        ),
        (
            np.diag([1.0, 1.5, 2.5, 90.0]),
            "cosine",
            "lengths differ widely (median 2, largest 90): under inner product the longest would "
            "dominate",
        ),
        (
            np.diag([1.0, 1.5, 2.0, 1.2]),
            "cosine",
            "most embedding models are trained for directions; choose Euclidean where lengths "
            "carry meaning, as in counts or pixels",
        ),
    ],
)
def test_the_recommended_metric_with_its_whole_reason(
    vectors: np.ndarray, metric: str, reason: str
) -> None:
    assert data.metric_words(items(vectors.astype(np.float32))) == (metric, reason)


@pytest.mark.parametrize(
    ("classes", "sentence"),
    [
        (1, "All 1 class, largest first."),
        (45, "All 45 classes, largest first."),
        (
            46,
            "The 45 largest of 46 classes; the 1 class of the fewest members stand in the table.",
        ),
        (
            1200,
            "The 45 largest of 1,200 classes; the 1,155 classes of the fewest members stand in the "
            "table.",
        ),
    ],
)
def test_the_class_chart_says_which_it_leaves_out(classes: int, sentence: str) -> None:
    assert data.classes_shown(classes) == sentence


def test_lengths_are_told_shortest_longest_and_median() -> None:
    vectors = np.diag([1.0, 2.5, 12.25]).astype(np.float32)
    assert data.lengths(items(vectors)) == "Euclidean norms from 1 to 12.25, median 2.5."
    table = data.norm_table(items(vectors))
    assert table["vectors"].sum() == 3
    assert (table["length from"].iloc[0], table["to"].iloc[-1]) == (1.0, 12.25)


def test_notes_are_a_list_in_which_texts_of_users_are_escaped() -> None:
    bare = items(np.ones((2, 2), np.float32))
    assert data.notes(bare) == r"- nothing was converted, dropped or guessed"
    noted = replace(bare, notes=("*x* left out", "b"))
    assert data.notes(noted) == "- \\*x\\* left out\n- b"


# ---- Map


def projection(method: str, shares: list[float] | None, axes: int = 2) -> Projection:
    places = np.zeros((40, axes), np.float32)
    return Projection(places, method, None if shares is None else np.array(shares), 0)  # type: ignore[arg-type]


# Variance 4 of 4 + 1 + 0: the first axis shows 80 %, two show all.
SPREAD = np.array([[2, 1, 0], [2, -1, 0], [-2, 1, 0], [-2, -1, 0]] * 10, dtype=np.float32)


def kept(share: float, rows: int) -> MapQuality:
    """So many of 40 rows keep this share of their 15 neighbors."""
    each = np.full(rows, share)
    return MapQuality(np.arange(rows), each, each, each, 15, 40, 0)


def test_the_map_is_told_by_its_variance_and_by_the_neighbors_it_keeps() -> None:
    mine = work(items(SPREAD))
    pca = projection("pca", [0.5, 0.125])
    start = "The 2 axes of this PCA show 62.5 % of the variance of mine"
    assert drawing.answer(mine, pca, None) == f"{start}."
    assert drawing.answer(mine, pca, kept(0.375, 40)) == (
        f"{start}; 37.5 % of an item's 15 true nearest stay among its 15 nearest here."
    )
    assert drawing.answer(mine, pca, kept(0.375, 20)).startswith(
        f"{start}; about 37.5 % of an item's 15 true nearest"
    )


def test_a_umap_is_told_beside_the_variance_of_pca() -> None:
    mine = work(items(SPREAD))
    umap = projection("umap", None)
    assert drawing.answer(mine, umap, None) == "The UMAP of mine lays out 40 items."
    assert drawing.answer(mine, umap, kept(0.875, 40)) == (
        "The UMAP of mine lays out 40 items; 87.5 % of an item's 15 true nearest stay among its 15 "
        "nearest here. PCA's axes show 100 % of the variance."
    )
    flat = work(items(np.ones((40, 3), np.float32)))
    assert drawing.answer(flat, projection("pca", [np.nan, np.nan]), kept(0.5, 40)) == (
        "The PCA of mine lays out 40 items; 50 % of an item's 15 true nearest stay among its 15 "
        "nearest here."
    )


def test_the_basis_of_a_map_tells_samples_and_their_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine, pca, umap = items(SPREAD), projection("pca", [0.5, 0.1]), projection("umap", None)
    assert drawing.basis(mine, pca, "nothing", None, "cosine") == ""
    # Shares 0.25 and 0.5, each ten times: deviation 0.1282, error 0.0287, times 1.96
    share = np.repeat([0.25, 0.5], 10)
    spread = MapQuality(np.arange(20), share, share, share, 15, 40, 5)
    assert drawing.basis(mine, pca, "nothing", spread, "cosine") == (
        "Neighbors kept: measured on 20 of 40 rows drawn with seed 5, ± 5.62 points (95 %)."
    )
    monkeypatch.setattr(drawing, "drawn_rows", lambda *_: np.arange(30))
    assert drawing.basis(mine, umap, "LID", None, "euclidean") == (
        "30 of 40 points shown, sampled with seed 0. LID from Euclidean distances."
    )
    labeled = items(SPREAD, ["a", "b"] * 20)
    assert drawing.basis(labeled, pca, "nothing", None, "cosine") == (
        "30 of 40 points shown, sampled with seed 0, stratified by label."
    )


def test_measures_of_a_sample_say_so() -> None:
    assert measures.notes(20_000, "LID", "cosine") == ["LID from chords between unit vectors."]
    assert measures.notes(20_001, "LID", "cosine") == [
        "LID from chords between unit vectors.",
        "It is of 20,000 rows drawn with seed 0; the rest is gray.",
    ]
    assert measures.notes(20_000, "k-occurrence", "cosine") == []
    assert measures.notes(20_001, "k-occurrence", "cosine") == [
        "k-occurrence in the lists of 20,000 rows drawn with seed 0."
    ]
    assert measures.notes(20_001, "label", "cosine") == []


def test_how_to_pick_an_item_depends_on_the_view() -> None:
    assert drawing.how_to_pick(2).startswith("Click a point to see its true neighbors")
    assert "Box and lasso, beside the picture, list" in drawing.how_to_pick(2)
    assert "Drag to turn, Shift and drag to move" in drawing.how_to_pick(3)
    assert drawing.how_to_pick(3).endswith("Box and lasso are in the 2-D view.")


def test_the_coordinates_stand_beside_the_row_that_they_are_of() -> None:
    places = np.array([[0.5, 10], [1.5, 11], [2.5, 12]], np.float32)
    shown = Projection(places, "pca", None, 0)
    mine = items(np.eye(3, dtype=np.float32), ["a", "b", "a"])
    assert drawing.coordinate_table(mine, shown).to_dict("records")[1] == {
        "row": 1,
        "PCA 1": 1.5,
        "PCA 2": 11.0,
        "label": "b",
    }


# ---- Neighbors


def test_the_nearest_is_told_with_its_distance_and_the_hits() -> None:
    # Rows 4 and 2 of the three are found; the nearest is at 0.1, and 9 distances are 150 % of 6.
    found = checked([4, 3, 2], [4, 2, 5], [0.1, 0.4, 0.5])
    assert answers.answer(found, GRAPH, NAMES, "ant") == (
        "Nearest to ant is eel at euclidean distance 0.100; the index finds 2 of the 3 nearest at "
        "ef 10, with 9 distance computations (150 % of brute force)."
    )
    dot = hand_graph([{0: [1], 1: [0]}], 0, metric="inner_product")
    assert "at inner product distance 0.100" in answers.answer(found, dot, NAMES, "ant")


def test_the_table_of_neighbors_has_each_figure_in_its_column() -> None:
    mine = EmbeddingSet.from_arrays(LINE, metadata=pd.DataFrame({"name": NAMES}), name="line")
    found = checked([4, 3, 2, 1], [4, 2, 5, 0], [0.1, 0.3, 0.7, 0.8])
    fate = np.array(["found", "met on an upper layer", "found", "never visited"])
    seen = replace(found, smallest_ef=np.array([4, 33, 1200, -1]), fate=fate)
    lines = answers.table(seen, mine).to_dict("records")
    assert lines[0] == {
        "rank": 1,
        "row": 4,
        "name": "eel",
        "distance": 0.1,
        "in the index": "found",
        "smallest ef": "4",
    }
    assert [line["in the index"] for line in lines] == [
        "found",
        "missed: met on an upper layer only",
        "found",
        "missed: never visited",
    ]
    assert [line["smallest ef"] for line in lines] == ["4", "33", "1200", "none up to 512"]
    others = np.array(["tie", "farther as stored", "found", "found"])
    words = answers.table(replace(seen, fate=others), mine)["in the index"].tolist()
    assert words[:2] == ["tie at the last place", "missed: farther as the index stores it"]
