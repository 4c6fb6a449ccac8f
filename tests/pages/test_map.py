"""The map's sentence, colors, notes and tables, against figures computed here."""

import io
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.distances import distance_matrix
from core.figures.map import Classes, Values
from core.index import HnswParams
from core.projection import Projection, UmapSettings, project_pca, stored_umap
from core.studies import MapQuality
from pages.map import areas, drawing, layouts, measures, naming, picture, selection
from pages.map import colors as map_colors
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace
from tests.pages.conftest import bring_file, new_app
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints


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


@pytest.mark.parametrize("method", ["PCA", "UMAP"])
@pytest.mark.parametrize(("view", "axes"), [("2-D", 2), ("3-D", 3)])
def test_the_sentence_counts_the_neighbors_that_the_map_keeps(
    app: AppTest, view: str, axes: int, method: str
) -> None:
    digits = load_sample("digits")
    made = project_pca(digits.vectors, components=axes)
    projection = made if method == "PCA" else stored_umap(digits.vectors, axes, UmapSettings())
    assert projection is not None
    places = projection.coordinates
    true, shown = nearest(digits.vectors, 15, "cosine"), nearest(places, 15, "euclidean")
    kept = np.mean([len(set(a) & set(b)) / 15 for a, b in zip(true, shown, strict=True)])
    open_page(app, "map", data="digits", view=view, projection=method)
    assert complaints(app) == []
    said = re.search(r"([\d.]+) % of an item's 15 true nearest", sentence(app))
    assert said is not None
    assert float(said[1]) == pytest.approx(100 * kept, abs=0.06)


def test_a_sample_of_the_rows_says_so_with_its_interval() -> None:
    # Shares 0.25, 0.5, 0.75: their deviation is 0.25, and 1.96 * 0.25 / sqrt(3) = 0.283.
    share = np.array([0.25, 0.5, 0.75])
    kept = MapQuality(np.arange(3), share, share, share, 15, n=400, seed=7)
    work = work_on(pd.DataFrame({"weight": np.arange(400.0)}))
    shown = project_pca(work.embeddings.vectors)
    said = drawing.basis(work.embeddings, shown, "nothing", kept, "cosine")
    assert "measured on 3 of 400 rows drawn with seed 7, ± 28.3 points (95 %)." in said
    assert drawing.answer(work, shown, kept).endswith(
        "; about 50 % of an item's 15 true nearest stay among its 15 nearest here."
    )


def test_of_all_rows_there_is_no_interval() -> None:
    share = np.full(400, 0.25)
    kept = MapQuality(np.arange(400), share, share, share, 15, n=400, seed=0)
    work = work_on(pd.DataFrame({"weight": np.arange(400.0)}))
    shown = project_pca(work.embeddings.vectors)
    assert "; 25 % of an item's 15 true nearest" in drawing.answer(work, shown, kept)
    assert "Neighbors kept" not in drawing.basis(work.embeddings, shown, "nothing", kept, "cosine")


def test_above_a_bound_a_sample_is_drawn_in_3d_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drawing.DRAWN_IN_SPACE == 100_000
    monkeypatch.setattr(drawing, "DRAWN_IN_SPACE", 40)
    work = work_on(groups(4).rename(columns={"kind": "label"}), "label")
    rows = drawing.sampled(work.embeddings, 3)
    assert rows is not None
    assert np.bincount(rows // 20).tolist() == [10, 10, 10, 10]  # of each label alike
    assert drawing.sampled(work.embeddings) is None
    shown = project_pca(work.embeddings.vectors, components=3)
    said = drawing.basis(work.embeddings, shown, "nothing", None, "cosine")
    assert "40 of 80 points shown, sampled with seed 0, stratified by label." in said


def test_a_pca_of_some_rows_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projections, "ALL_ROWS_VALUES", 100)
    monkeypatch.setattr(projections, "SOME_ROWS", 30)
    work = work_on(groups(3).head(59))  # of no other test: what was projected is kept
    shown = projections.pca(work.embeddings)
    assert shown.rows == 30
    assert "The axes are those of 30 rows drawn with seed 0." in drawing.basis(
        work.embeddings, shown, "nothing", None, "cosine"
    )
    assert drawing.answer(work, shown, None).startswith("The 2 axes of this PCA show about ")
    monkeypatch.setattr(projections, "ALL_ROWS_VALUES", 1_000)
    other = work_on(groups(2).head(39))
    whole = projections.pca(other.embeddings)
    assert whole.rows is None
    assert "axes are" not in drawing.basis(other.embeddings, whole, "nothing", None, "cosine")
    assert "show about" not in drawing.answer(other, whole, None)


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
    choices = map_colors.choices(work_on(frame).embeddings)
    assert choices == [
        *("label", "kind", "weight", "day"),
        *("density on the map", "k-occurrence", "LID", "lost items", "ef needed", "highest layer"),
        *("distance to the item", "impostors accepted", "genuine rejected"),
        *("distance to its class's center", "nothing"),
    ]


def test_the_commonest_classes_are_named_and_the_rest_is_other() -> None:
    # Kind i stands i + 1 times: the 20 commonest of 60 are kinds 59 down to 40.
    column = np.repeat([f"kind {i:02}" for i in range(60)], range(1, 61))
    work = work_on(pd.DataFrame({"sort": column}))
    colors = map_colors.colors(work, "sort")
    assert isinstance(colors, Classes)
    assert colors.names == tuple(f"kind {i:02}" for i in range(59, 39, -1))
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
    weight, day = map_colors.colors(work, "weight"), map_colors.colors(work, "day")
    assert isinstance(weight, Values)
    assert isinstance(day, Values)
    np.testing.assert_array_equal(weight.values, [np.nan, *range(39)])
    # Days since 1970: 17,897 to 2019, and 365 + 182 more to 1 July of the leap year 2020.
    np.testing.assert_allclose(day.values[:3], [17_897, np.nan, 17_897 + 365 + 182])
    assert day.title == "day"


def test_a_text_search_says_how_many_items_hold_the_letters(app: AppTest) -> None:
    words = load_sample("wordnet").metadata
    texts: Any = words.select_dtypes("string")
    holds = texts.apply(lambda column: column.str.casefold().str.contains("musical", regex=False))
    hits = np.flatnonzero(holds.fillna(False).any(axis=1))
    open_page(app, "map", mark="Musical")
    assert complaints(app) == []
    assert f"{len(hits)} items hold these letters." in [
        note.value.replace("\\", "") for note in app.caption
    ]
    assert sorted(app.dataframe[-1].value["row"]) == hits.tolist()


def test_the_table_lists_the_true_neighbors_of_the_item(app: AppTest) -> None:
    digits = load_sample("digits")
    open_page(app, "map", data="digits", item=11)
    table = app.dataframe[-1].value
    distances = distance_matrix(digits.vectors[11:12], digits.vectors, "cosine")[0]
    distances[11] = np.inf
    np.testing.assert_array_equal(table["row"], np.argsort(distances, kind="stable")[:15])
    np.testing.assert_allclose(table["distance"], np.sort(distances)[:15], atol=6e-5)


def test_data_without_spread_is_still_called_a_pca(app: AppTest) -> None:
    upload(app, pd.DataFrame(np.ones((30, 4)), columns=["x0", "x1", "x2", "x3"]))
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
    link = new_app()
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


@pytest.mark.parametrize("data", ["wordnet", "digits"])
def test_a_sample_opens_with_the_umap_that_came_with_it(
    monkeypatch: pytest.MonkeyPatch, app: AppTest, data: str
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a UMAP is laid out")

    monkeypatch.setattr(layouts, "_laid_out", refuse)
    open_page(app, "map", data=data)
    assert complaints(app) == []
    assert sentence(app).startswith(f"The UMAP of {load_sample(data).name} lays out ")
    assert app.segmented_control(key="projection").value == "UMAP"


def test_another_metric_has_no_umap_of_its_own_and_opens_with_pca(app: AppTest) -> None:
    open_page(app, "map", data="digits", metric="euclidean")
    assert "axes of this PCA" in sentence(app)


def test_own_data_opens_with_pca_after_a_sample(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 5))
    upload(app, pd.DataFrame(rows, columns=[f"v{i}" for i in range(5)]))
    assert "axes of this PCA" in sentence(app)


def test_a_projection_that_was_chosen_stays_for_other_data(app: AppTest) -> None:
    open_page(app, "map", data="digits")
    app.segmented_control(key="projection").set_value("PCA").run()
    rows = np.random.default_rng(0).normal(size=(60, 5))
    upload(app, pd.DataFrame(rows, columns=[f"v{i}" for i in range(5)]))
    assert "axes of this PCA" in sentence(app)
    app.query_params["data"] = "digits"
    app.run()
    assert "axes of this PCA" in sentence(app)
    app.segmented_control(key="projection").set_value("UMAP").run()
    assert sentence(app).startswith("The UMAP of Handwritten digits")


def regions_of(frame: pd.DataFrame, color: str, label: str | None = None) -> tuple[str, ...]:
    """Names on the map of a line of groups, each 10 apart."""
    work = work_on(frame, label)
    places = np.column_stack([np.arange(len(frame)) // 20 * 10.0, np.zeros(len(frame))])
    projection = replace(
        project_pca(work.embeddings.vectors), coordinates=places.astype(np.float32)
    )
    found = naming.regions(work, projection, map_colors.colors(work, color), naming.LABELS)
    return tuple(each.name for each in found)


def groups(count: int) -> pd.DataFrame:
    return pd.DataFrame({"kind": [f"kind {i:02}" for i in range(count) for _ in range(20)]})


def test_many_classes_are_named_on_the_map_and_few_in_the_legend() -> None:
    assert len(regions_of(groups(13), "kind")) == 13
    assert regions_of(groups(12), "kind") == ()


def test_a_map_colored_by_numbers_is_named_by_labels() -> None:
    frame = groups(3).assign(weight=np.linspace(0, 1, 60))
    said = {"kind 00 100 %", "kind 01 100 %", "kind 02 100 %"}
    assert set(regions_of(frame, "weight", "kind")) == said
    assert set(regions_of(frame, "nothing", "kind")) == said


BY_WORDS = (
    "Regions are named by the words that their text has more than the rest; one within another by "
    "those that set it apart there."
)


@pytest.mark.parametrize(
    ("color", "label", "named", "said"),
    [
        ("kind", None, 9, BY_WORDS),
        ("nothing", "kind", 3, BY_WORDS),
        ("kind", "kind", 0, ""),
    ],
)
def test_what_names_on_the_map_are_is_said(
    color: str, label: str | None, named: int, said: str
) -> None:
    texts = [f"a longer text {i}" for i in range(60)]
    work = work_on(groups(3).assign(text=texts), label)
    work = replace(work, embeddings=work.embeddings.relabeled(label))
    assert naming.source(work.embeddings, map_colors.colors(work, color), named) == said


def test_labels_name_the_regions_where_they_are_wanted_or_there_are_no_texts() -> None:
    frame = groups(3).assign(text=[f"a longer text {i}" for i in range(60)])
    embeddings = EmbeddingSet.from_arrays(
        np.eye(60), metadata=frame, label_column="kind", name="mine"
    )
    assert naming.kind(embeddings, None) == naming.kind(embeddings, None, "gone") == "words"
    assert naming.kind(embeddings, None, "labels") == "labels"
    assert naming.source(embeddings, None, 3, "labels") == (
        "Regions are named by their commonest kind, with its share, or by the two commonest; one "
        "within another where these differ."
    )
    legend = Classes("kind", np.zeros(60, np.int64), ("a",) * 12)
    assert naming.kind(embeddings, legend, "labels") == "words"
    many = Classes("sort", np.zeros(60, np.int64), ("a",) * 13)
    assert naming.kind(embeddings, many, "labels") == "labels"
    assert "commonest sort," in naming.source(embeddings, many, 3, "labels")


def test_without_labels_regions_are_named_by_words(app: AppTest) -> None:
    random = np.random.default_rng(0)
    centers = np.repeat([[9.0, 0, 0], [0, 9.0, 0], [0, 0, 9.0]], 40, axis=0)
    rows = centers + random.normal(size=(120, 3))
    frame = pd.DataFrame(rows, columns=["v0", "v1", "v2"])
    frame["text"] = [
        f"number {i} of the {('rivers', 'numbers', 'stars')[i // 40]}" for i in range(120)
    ]
    upload(app, frame)
    open_page(app, "map", color="nothing")
    assert complaints(app) == []
    said = " ".join(note.value for note in app.caption)
    assert "Regions are named by the words that their text has more than the rest" in said
    named = {name.split(",")[0] for name, *_ in sent(app, "overlay")["regions"]}
    assert named == {"rivers", "numbers", "stars"}


def test_a_card_tells_name_label_text_value_and_picture() -> None:
    frame = pd.DataFrame(
        {
            "word": [f"<b>word</b> {i}" for i in range(30)],
            "label": ["x", "y"] * 15,
            "gloss": [f"{'long ' * 60}{i}" for i in range(30)],
            "image": ["data:image/png;base64,AA=="] * 29
            + ["data:image/png;base64," + "A" * 300_000],
        }
    )
    embeddings = work_on(frame, "label").embeddings
    values = Values("size", np.array([0.5, np.nan] * 15))
    card = picture.card_of(embeddings, values, 4)
    assert {**card, "lines": []} == {
        "row": 4,
        "name": "<b>word</b> 4",
        "label": "x",
        "lines": [],
        "picture": "data:image/png;base64,AA==",
    }
    assert card["lines"][0].startswith("long long")
    assert len(card["lines"][0]) == picture.LINE_AT_MOST
    assert card["lines"][1] == "size: 0.5"
    last = picture.card_of(embeddings, values, 29)
    assert last["picture"] == ""  # too large for a hover
    assert len(last["lines"]) == 1


def select(app: AppTest, embeddings: EmbeddingSet, rows: list[int]) -> None:
    """Let these rows be selected, then a run."""
    app.session_state["_slot_map_selection"] = selection._Selection(
        selection._name(embeddings), np.array(rows)
    )
    app.run()


def sent(app: AppTest, part: str) -> Any:
    """What an element of the map was sent: bytes, or an object."""
    (element,) = [
        each
        for each in app.get("bidi_component")
        if each.proto.component_name == f"nearfield_map_{part}"
    ]
    return element.proto.bytes or json.loads(element.proto.json)


def bright(app: AppTest) -> list[int]:
    """Rows that the map draws as selected."""
    content = sent(app, "masks")
    length = int.from_bytes(content[:4], "little")
    place = json.loads(content[4 : 4 + length])["arrays"].get("selected")
    if place is None:
        return []
    _, offset, count = place
    bits = np.frombuffer(content, np.uint8, count, 4 + length + offset)
    return np.flatnonzero(np.unpackbits(bits, bitorder="little")).tolist()


def test_a_link_selects_what_lies_in_its_areas(app: AppTest) -> None:
    digits = load_sample("digits")
    places = project_pca(digits.vectors).coordinates
    low = float(np.median(places[:, 0]))
    inside = np.flatnonzero(places[:, 0] >= low).tolist()
    corners = ((low, -1e3), (1e3, -1e3), (1e3, 1e3), (low, 1e3))
    link = areas.to_link([areas.Area("pca", "replace", corners)])
    open_page(app, "map", data="digits", areas=link)  # opens with the UMAP
    assert complaints(app) == []
    assert bright(app) == inside
    assert sent(app, "overlay")["link"] == {"areas": link}
    assert f"{len(inside):,} items selected" in " ".join(note.value for note in app.caption)


def test_a_selection_survives_another_color_item_projection_and_page(app: AppTest) -> None:
    digits, rows = load_sample("digits"), [3, 14, 159, 1700]
    open_page(app, "map", data="digits")
    select(app, digits, rows)
    assert app.dataframe[-1].value["row"].tolist() == rows
    app.selectbox(key="color").set_value("nothing").run()
    assert bright(app) == rows
    app.segmented_control(key="projection").set_value("PCA").run()
    assert bright(app) == rows
    app.number_input(key="item").set_value(7).run()
    assert bright(app) == rows
    assert "true nearest to" in " ".join(note.value for note in app.caption)
    app.segmented_control(key="listed").set_value("Selected").run()
    del app.query_params["listed"]  # a browser leaves the default out of the address
    app.switch_page("pages/data/page.py").run()
    app.switch_page("pages/map/page.py").run()
    assert bright(app) == rows
    assert "4 items selected" in " ".join(note.value for note in app.caption)
    next(button for button in app.button if button.label == "Clear the selection").click().run()
    assert bright(app) == []
    assert "selected" not in " ".join(note.value for note in app.caption)
    assert complaints(app) == []


def test_a_selection_is_of_its_own_data(app: AppTest) -> None:
    open_page(app, "map", data="digits")
    select(app, load_sample("digits"), [1, 2, 3])
    app.query_params["data"] = "wordnet"
    app.run()
    assert bright(app) == []
    assert len(app.dataframe[-1].value) == 15  # true neighbors


def test_the_table_lists_what_was_asked_for_last(app: AppTest) -> None:
    open_page(app, "map", data="wordnet", mark="Musical")
    assert app.segmented_control(key="listed").value == "Marked"
    app.segmented_control(key="listed").set_value("Neighbors").run()
    assert len(app.dataframe[-1].value) == 15
    select(app, load_sample("wordnet"), [5, 6])
    assert app.segmented_control(key="listed").options == ["Neighbors", "Marked", "Selected"]
    assert complaints(app) == []


def test_keys_walk_by_the_classes_of_a_legend_alone() -> None:
    places = np.array([[0.0, 0.0]] * 30 + [[9.0, 9.0]] * 20, dtype=np.float32)
    projection = Projection(places, "pca", None, 0)
    found = naming.walked(projection, Classes("c", np.repeat([1, 0], [30, 20]), ("a", "b")))
    assert [(each.name, each.size) for each in found] == [("b 100 %", 30), ("a 100 %", 20)]
    assert naming.walked(projection, Values("x", np.zeros(50))) == ()
    assert naming.walked(projection, None) == ()
