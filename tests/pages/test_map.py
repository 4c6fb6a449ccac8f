"""The map's sentence, colors, notes and tables, against figures computed here."""

import io
import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.distances import distance_matrix
from core.figures.map import Classes, Values
from core.index import HnswParams
from core.projection import project_pca
from core.studies import KeptNeighbors
from pages.map import drawing, measures
from pages.ui.session.workspace import Workspace
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints
from tests.patience import PATIENCE


def nearest(vectors: np.ndarray, k: int, metric: str) -> np.ndarray:
    """Row ids of the k nearest others of each row, the naive way."""
    distances = distance_matrix(vectors, vectors, metric)  # type: ignore[arg-type]
    np.fill_diagonal(distances, np.inf)
    return np.argsort(distances, axis=1, kind="stable")[:, :k]


def work_on(frame: pd.DataFrame, label_column: str | None = None) -> Workspace:
    vectors = np.random.default_rng(0).normal(size=(len(frame), 3)).astype(np.float32)
    embeddings = EmbeddingSet.from_arrays(
        vectors, metadata=frame, label_column=label_column, name="mine"
    )
    return Workspace("mine", embeddings, HnswParams())


def upload(app: AppTest, frame: pd.DataFrame, name: str = "mine.csv") -> None:
    content = io.BytesIO()
    frame.to_csv(content, index=False) if name.endswith("csv") else frame.to_parquet(content)
    app.run()
    bring_file(app, name, content.getvalue())


@pytest.mark.parametrize(("view", "axes"), [("2-D", 2), ("3-D", 3)])
def test_the_sentence_counts_the_neighbors_that_the_map_keeps(
    app: AppTest, view: str, axes: int
) -> None:
    digits = load_sample("digits")
    places = project_pca(digits.vectors, components=axes).coordinates
    true, shown = nearest(digits.vectors, 15, "cosine"), nearest(places, 15, "euclidean")
    kept = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(true, shown, strict=True)])
    open_page(app, "map", data="digits", view=view)
    assert complaints(app) == []
    said = re.search(r"([\d.]+) % of an item's 15 true nearest", sentence(app))
    assert said is not None
    assert float(said[1]) == pytest.approx(100 * kept, abs=0.06)


def test_a_sample_of_the_rows_says_so_with_its_interval() -> None:
    # Shares 0.25, 0.5, 0.75: their deviation is 0.25, and 1.96 * 0.25 / sqrt(3) = 0.283.
    kept = KeptNeighbors(np.arange(3), np.array([0.25, 0.5, 0.75]), 15, n=400, seed=7)
    work = work_on(pd.DataFrame({"weight": np.arange(400.0)}))
    shown = project_pca(work.embeddings.vectors)
    said = drawing.basis(work.embeddings, shown, "nothing", kept, "cosine")
    assert "measured on 3 of 400 rows drawn with seed 7, ± 28.3 points (95 %)." in said
    assert drawing.answer(work, shown, kept).endswith(
        "; about 50 % of an item's 15 true nearest stay among its 15 nearest here."
    )


def test_of_all_rows_there_is_no_interval() -> None:
    kept = KeptNeighbors(np.arange(400), np.full(400, 0.25), 15, n=400, seed=0)
    work = work_on(pd.DataFrame({"weight": np.arange(400.0)}))
    shown = project_pca(work.embeddings.vectors)
    assert "; 25 % of an item's 15 true nearest" in drawing.answer(work, shown, kept)
    assert "Neighbors kept" not in drawing.basis(work.embeddings, shown, "nothing", kept, "cosine")


def test_color_columns_leave_out_long_texts_and_pictures() -> None:
    frame = pd.DataFrame(
        {
            "label": list("ab") * 30,
            "kind": [f"kind {i % 3}" for i in range(60)],
            "weight": np.linspace(0, 1, 60),
            "day": pd.date_range("2020-01-01", periods=60),
            "text": [f"text {i}" for i in range(60)],
            "image": ["data:image/png;base64,AA=="] * 60,
        }
    )
    choices = drawing.color_choices(work_on(frame).embeddings)
    measures = ["k-occurrence", "LID", "lost items", "ef needed"]
    assert choices == ["label", "kind", "weight", "day", *measures, "nothing"]


def test_the_commonest_classes_are_named_and_the_rest_is_other() -> None:
    # Kind i stands i + 1 times: the 20 commonest of 30 are kinds 29 down to 10.
    column = np.repeat([f"kind {i:02}" for i in range(30)], range(1, 31))
    work = work_on(pd.DataFrame({"sort": column}))
    colors = drawing.colors(work, "sort")
    assert isinstance(colors, Classes)
    assert colors.names == tuple(f"kind {i:02}" for i in range(29, 9, -1))
    named = np.array([*colors.names, "other"])[colors.codes]
    expected = np.where(np.isin(column, colors.names), column, "other")
    np.testing.assert_array_equal(named, expected)


def test_numbers_and_dates_are_colored_by_value() -> None:
    frame = pd.DataFrame(
        {
            "weight": pd.array([None, *range(39)], dtype="Int64"),
            "day": pd.to_datetime(["2019-01-01", "NaT", *["2020-07-01"] * 38]),
        }
    )
    work = work_on(frame)
    weight, day = drawing.colors(work, "weight"), drawing.colors(work, "day")
    assert isinstance(weight, Values)
    assert isinstance(day, Values)
    np.testing.assert_array_equal(weight.values, [np.nan, *range(39)])
    # 2020 is a leap year: 1 July is its 183rd day.
    np.testing.assert_allclose(day.values[:3], [2019.0, np.nan, 2020 + 182 / 365.25])
    assert day.title == "day (year)"


def test_a_text_search_says_how_many_items_hold_the_letters(app: AppTest) -> None:
    words = load_sample("wordnet").metadata
    texts: Any = words.select_dtypes("string")
    holds = texts.apply(lambda column: column.str.casefold().str.contains("musical", regex=False))
    hits = np.flatnonzero(holds.fillna(False).any(axis=1))
    open_page(app, "map", mark="Musical")
    assert complaints(app) == []
    assert f"{len(hits)} items hold these letters." in [note.value for note in app.caption]
    assert sorted(app.dataframe[-1].value["row"]) == hits.tolist()


def test_marks_beyond_the_bound_are_announced() -> None:
    assert drawing.marked_words(1) == "1 item holds these letters."
    assert drawing.marked_words(2001).endswith("the first 2,000 are marked.")


def test_the_table_lists_the_true_neighbors_of_the_item(app: AppTest) -> None:
    digits = load_sample("digits")
    open_page(app, "map", data="digits", item=11)
    table = app.dataframe[-1].value
    distances = distance_matrix(digits.vectors[11:12], digits.vectors, "cosine")[0]
    distances[11] = np.inf
    np.testing.assert_array_equal(table["row"], np.argsort(distances, kind="stable")[:15])
    np.testing.assert_allclose(table["distance"], np.sort(distances)[:15], atol=6e-5)


def test_a_selection_tells_which_labels_stand_out() -> None:
    # 3 of 4 selected are a, of all 5 of 20: 75 % against 25 %.
    work = work_on(pd.DataFrame({"label": ["a"] * 5 + ["b"] * 15}))
    said = drawing.standing_out(work.embeddings, np.array([0, 1, 2, 10]))
    assert said == "4 items selected. Commoner here: a (75 % against 25 % of all)."


def test_data_without_spread_is_still_called_a_pca(app: AppTest) -> None:
    upload(app, pd.DataFrame(np.ones((30, 4)), columns=["x0", "x1", "x2", "x3"]))
    open_page(app, "map")
    assert complaints(app) == []
    assert sentence(app) == "The PCA of mine lays out 30 items."


@pytest.mark.parametrize("name", ["mine.csv", "mine.parquet"])
@pytest.mark.parametrize("color", ["kind", "weight", "k-occurrence", "LID", "gone"])
def test_an_upload_is_colored_by_each_choice(app: AppTest, name: str, color: str) -> None:
    random = np.random.default_rng(1)
    frame = pd.DataFrame(random.normal(size=(80, 6)), columns=[f"v{i}" for i in range(6)])
    frame["label"] = random.choice(["<b>x</b>", "y", "z"], 80)
    frame["kind"] = random.choice(["p", "q"], 80)
    frame["weight"] = random.normal(size=80)
    frame["text"] = [f"*text* {i} $x$" for i in range(80)]
    upload(app, frame, name)
    link = AppTest.from_file(app._script_path, default_timeout=PATIENCE)
    data = app.query_params["data"]
    open_page(link, "map", data=data, color=color, projection="UMAP", view="3-D")
    assert complaints(link) == []
    assert sentence(link).startswith("The UMAP of mine lays out 80 items; ")
    assert "PCA's axes show" in sentence(link)
    assert "Drag to turn" in " ".join(note.value for note in link.caption)


@pytest.mark.parametrize(
    ("metric", "unit", "told"),
    [
        ("cosine", True, "LID from chords between unit vectors."),
        ("euclidean", False, "LID from Euclidean distances."),
        ("inner_product", False, "LID from Euclidean distances, for those of inner product"),
    ],
)
def test_lid_on_the_map_is_of_lengths_and_says_which(
    monkeypatch: pytest.MonkeyPatch, app: AppTest, metric: str, unit: bool, told: str
) -> None:
    drawn: list[Values] = []
    measure = measures.measure

    def kept(work: Workspace, choice: str) -> Values | None:
        values = measure(work, choice)
        drawn.extend([values] if values is not None else [])
        return values

    monkeypatch.setattr(measures, "measure", kept)
    rows = load_sample("digits").vectors.astype(np.float64)
    rows = rows / np.linalg.norm(rows, axis=1, keepdims=True) if unit else rows
    near = np.sort(distance_matrix(rows, rows, "euclidean"), axis=1)[:, 1:21]
    open_page(app, "map", data="digits", color="LID", metric=metric)
    assert complaints(app) == []
    lid = 19 / np.log(near[:, -1:] / near).sum(axis=1)  # Levina-Bickel
    np.testing.assert_allclose(drawn[-1].values, lid, rtol=1e-4)
    assert told in " ".join(note.value for note in app.caption).replace("\\", "")
