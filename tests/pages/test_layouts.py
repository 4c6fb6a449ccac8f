"""The map's projection: what is asked for, what is kept, and every sentence about it."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.index import HnswParams, exact_neighbors
from core.projection import (
    LayoutSettings,
    PacmapSettings,
    Projection,
    Steps,
    TsneSettings,
    UmapSettings,
    libraries,
)
from core.projection.inside import points_inside
from core.projection.result import Method
from pages.map import layout_controls, layout_words, layouts, subsets
from pages.map.kept_maps import KeptMap, KeptMaps, Name
from pages.ui.session import workspace
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints


def made(method: Method, axes: int = 2, **more: object) -> Projection:
    return Projection(np.zeros((3, axes), np.float32), method, None, 0, **more)  # type: ignore[arg-type]


def embeddings(n: int = 40, dim: int = 6, **metadata: Any) -> EmbeddingSet:
    vectors = np.random.default_rng(n).normal(size=(n, dim)).astype(np.float32)
    return EmbeddingSet.from_arrays(
        vectors, metadata=pd.DataFrame(metadata, index=range(n)), name="mine"
    )


@pytest.mark.parametrize(
    ("projection", "expected"),
    [
        (made("tsne"), "The t-SNE of mine lays out 1,200 items"),
        (
            made("umap", steps=Steps(120, 500, "epochs")),
            "The UMAP of mine, after 120 of 500 epochs, lays out 1,200 items",
        ),
        (made("given"), "The vectors of mine lay out 1,200 items"),
        (made("given", columns=("x", "y")), "The columns x and y of mine lay out 1,200 items"),
        (
            made("given", 3, columns=("x", "y", "z")),
            "The columns x, y and z of mine lay out 1,200 items",
        ),
    ],
)
def test_the_sentence_names_the_map_that_is_drawn(projection: Projection, expected: str) -> None:
    assert layout_words.opening(projection, "mine", 1200) == expected


def test_axes_have_the_names_of_their_columns_else_of_their_method() -> None:
    assert layout_words.axis_names(made("pacmap")) == ("PaCMAP 1", "PaCMAP 2")
    assert layout_words.axis_names(made("given")) == ("Dimension 1", "Dimension 2")
    lonely = made("given", 3, columns=("lon", "lat"))
    assert layout_words.axis_names(lonely) == ("lon", "lat", "Dimension 3")
    assert layout_words.axis_names(made("given", columns=("x", "y", "z"))) == ("x", "y")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (
            UmapSettings("euclidean", 30, 0.25, 7, 0.5),
            "UMAP: 30 neighbors, min_dist 0.25, labels with weight 0.5, euclidean distance, seed 7",
        ),
        (
            TsneSettings("inner_product", 12.0, 4.0, 1),
            "t-SNE: perplexity 12, exaggeration 4, inner product distance, seed 1",
        ),
        (
            PacmapSettings(),
            "PaCMAP: 10 neighbors, 0.5 mid-near and 2 further pairs for each, cosine distance, "
            "seed 42",
        ),
    ],
)
def test_settings_in_words(settings: LayoutSettings, expected: str) -> None:
    assert layout_words.settings_words(settings) == expected


def test_what_is_drawn_meanwhile_and_after_a_stop() -> None:
    settings, begun = UmapSettings(), made("umap", steps=Steps(120, 500, "epochs"))
    assert layout_words.waiting(settings, made("pca")) == (
        "The UMAP is being laid out; until it begins, this is the PCA."
    )
    assert layout_words.waiting(settings, made("umap")) == (
        "The UMAP is being laid out; until it begins, this is the UMAP before it."
    )
    assert layout_words.stopped(settings, begun) == (
        "The UMAP was stopped after 120 of 500 epochs, and is drawn as it was then."
    )
    assert layout_words.stopped(settings, made("pca")) == (
        "The UMAP was stopped before it began; this is the PCA."
    )
    assert layout_words.started(settings, None) == (
        "The UMAP started from the PCA, and is turned to lie on it."
    )
    assert layout_words.started(settings, UmapSettings(neighbors=30)) == (
        "The UMAP started from the map before it (UMAP: 30 neighbors, min_dist 0.1, cosine "
        "distance, seed 42), and is turned to lie on it."
    )


def test_what_is_left_out_is_said() -> None:
    assert layout_words.alone(312, 4985) == (
        "312 items of 4,985, laid out alone; the others are not drawn."
    )
    assert layout_words.unplaced(0, ("x", "y")) == ""
    assert layout_words.unplaced(1, ("x", "y")) == "1 item has no number in x or y, and no place."
    assert layout_words.unplaced(2, ("x", "y")) == "2 items have no number in x or y, and no place."
    assert layout_words.flat(made("given"), 2) == ""
    assert layout_words.flat(made("given"), 3) == (
        "The first two of three given dimensions; choose 3-D to see all."
    )
    assert layout_words.flat(made("given", 3), 2) == (
        "Only two dimensions are given; the third is 0."
    )
    assert layout_words.neighbors_from_index(64) == (
        "Laid out over the neighbors that the index found at ef 64."
    )


def test_how_long_ago() -> None:
    said = [layout_words.ago(passed) for passed in (59, 61, 1800, 3600, 7200)]
    assert said == ["just now", "1 min ago", "30 min ago", "1 h ago", "2 h ago"]


def kept(settings: LayoutSettings, at: float, *, came_along: bool = False) -> KeptMap:
    return KeptMap(Name("a", 2, settings), made("umap"), None, at, came_along)


def test_a_kept_map_in_the_list() -> None:
    assert layout_controls.kept_words(kept(UmapSettings(), 100.0), 400.0) == (
        "UMAP: 15 neighbors, min_dist 0.1, cosine distance, seed 42; 5 min ago"
    )
    assert layout_controls.kept_words(kept(UmapSettings(), 0.0, came_along=True), 9e9).endswith(
        "seed 42; came with the sample"
    )


def test_kept_maps_are_found_by_their_name_and_the_oldest_leave() -> None:
    times = iter(range(1, 10))
    maps = KeptMaps(at_most=2, clock=lambda: float(next(times)))
    names = [Name("a", 2, UmapSettings(seed=seed)) for seed in range(3)]
    first = maps.add(names[0], made("umap"))
    assert maps.add(names[0], made("umap"), UmapSettings()) is first  # the first stays
    maps.add(names[1], made("umap"), UmapSettings(), came_along=True)
    assert maps.get(names[0]) is first  # shown again, so the other leaves
    maps.add(names[2], made("umap"))
    assert maps.get(names[1]) is None
    assert [each.name for each in maps.of("a", 2)] == [names[2], names[0]]
    assert maps.of("a", 3) == maps.of("b", 2) == []


@pytest.mark.parametrize(
    "settings",
    [
        UmapSettings("euclidean", 30, 0.25, 7, 0.5),
        TsneSettings("cosine", 12.0, 4.0, 1),
        PacmapSettings("cosine", 7, 1.0, 3.0, 2),
    ],
)
def test_a_kept_map_sets_every_control_that_it_depends_on(
    settings: LayoutSettings,
) -> None:
    values = layout_controls.values_of(settings)
    assert (values["projection"], values["map_rows"]) == (str(settings), "all rows")
    assert set(values.values()) == {*vars(settings).values(), str(settings), "all rows"}


def test_one_column_of_numbers_beside_a_map_is_no_choice_of_axes() -> None:
    frame = pd.DataFrame({"size": np.arange(6.0)})
    plane = EmbeddingSet.from_arrays(np.eye(6)[:, :2], metadata=frame, name="plane")
    assert layout_controls._columns(plane) == ()  # the vectors are the map


def test_what_can_be_chosen_follows_from_the_data() -> None:
    methods = layout_controls.methods
    assert methods(embeddings(), 40) == ["PCA", "UMAP", "t-SNE", "PaCMAP"]
    assert methods(embeddings(), 6) == ["PCA", "UMAP", "t-SNE"]
    assert methods(embeddings(4), 4) == ["PCA"]
    assert methods(embeddings(4, 3), 4) == ["PCA", "Given"]
    x = y = np.arange(4.0)
    assert methods(embeddings(4, x=x, y=y), 4) == ["PCA", "Given"]
    assert methods(embeddings(4, x=np.arange(4.0)), 4) == ["PCA"]


def test_rows_that_are_projected_alone_are_found_by_their_name() -> None:
    mine, other = embeddings(41), embeddings(42)
    rows = np.array([3, 5, 8])
    name = subsets.add(mine, rows)
    assert name.startswith("3 rows ")
    assert name == subsets.add(mine, rows) != subsets.add(mine, rows + 1)
    found = subsets.rows_of(mine, name)
    assert found is not None
    assert found.tolist() == [3, 5, 8]
    assert subsets.rows_of(other, name) is None
    assert subsets.rows_of(mine, subsets.ALL_ROWS) is None
    assert subsets.names(mine)[:1] == ["all rows"]
    assert name in subsets.names(mine)
    assert subsets.names(other) == ["all rows"]


def test_a_layout_is_handed_on_once_in_a_while() -> None:
    now, told = [0.0], list[tuple[object, ...]]()
    telling = layouts.Telling(lambda *said: told.append(said), 1.0, lambda: now[0])
    parts = {done: made("umap", steps=Steps(done, 9, "epochs")) for done in range(5)}

    def step(done: int, at: float) -> None:
        now[0] = at
        telling.progress(done / 9, f"epoch {done}")
        telling.watch(Steps(done, 9, "epochs"), lambda: parts[done])

    for done, at in enumerate([2.0, 2.5, 3.4, 3.6, 4.5]):
        step(done, at)
    handed = [said[2] for said in told if len(said) == 3]
    assert handed == [parts[1], parts[3]]
    assert (1 / 9, "epoch 1", parts[1]) in told


def test_a_map_of_some_rows_stands_among_all() -> None:
    own = Projection(np.array([[1, 2], [3, 6]], np.float32), "umap", None, 0)
    found, placed = layouts._among_all(own, np.array([3, 1]), 4)
    assert found.coordinates.tolist() == [[2, 4], [3, 6], [2, 4], [1, 2]]
    assert placed.tolist() == [False, True, False, True]
    work = workspace.Workspace("mine", embeddings(4), HnswParams())
    shown = layouts.Shown(found, placed, work, own)
    square = np.array([[0.0, 0.0], [9.0, 0.0], [9.0, 9.0], [0.0, 9.0]])
    inside = points_inside(shown.selectable.coordinates, square)
    assert inside.tolist() == placed.tolist()
    assert not shown.is_whole


def test_layouts_share_lists_of_few_lengths() -> None:
    settings = (UmapSettings(), UmapSettings(neighbors=40), TsneSettings(), PacmapSettings())
    assert [layouts._length(each, 5000) for each in settings] == [20, 100, 100, 100]
    assert layouts._length(TsneSettings(perplexity=100.0), 5000) == 300
    assert layouts._length(TsneSettings(), 15) == 20
    assert [layouts._ef(each) for each in settings] == [64, 64, 135, 90]


def csv_of(rows: int, **columns: object) -> bytes:
    vectors = np.random.default_rng(rows).normal(size=(rows, 5)).round(3)
    frame = pd.DataFrame({**columns, "vector": [str(row.tolist()) for row in vectors]})
    content = io.StringIO()
    frame.to_csv(content, index=False)
    return content.getvalue().encode()


def captions(app: AppTest) -> str:
    return " ".join(note.value for note in app.caption).replace("\\", "")


def test_an_old_link_opens_the_sample_s_umap_and_a_change_starts_from_it(app: AppTest) -> None:
    open_page(app, "map", data="digits", projection="UMAP")
    assert sentence(app).startswith("The UMAP of Handwritten digits lays out 1,797 items")
    assert app.segmented_control(key="projection").options == ["PCA", "UMAP", "t-SNE", "PaCMAP"]
    assert "started from" not in captions(app)
    rows = subsets.add(load_sample("digits"), np.arange(0, 1797, 30))
    app.query_params["map_rows"] = rows
    app.run()
    assert sentence(app).startswith("The UMAP of 60 items of Handwritten digits lays out 60 items")
    assert "60 items of 1,797, laid out alone; the others are not drawn." in captions(app)
    app.slider(key="umap_min_dist").set_value(0.5).run()
    assert (
        "The UMAP started from the map before it (UMAP: 15 neighbors, min_dist 0.1, cosine "
        "distance, seed 42), and is turned to lie on it."
    ) in captions(app)
    app.slider(key="umap_min_dist").set_value(0.1).run()
    next(each for each in app.button if each.label == "Back to all rows").click().run()
    assert sentence(app).startswith("The UMAP of Handwritten digits lays out 1,797 items")
    kept_one = next(each for each in app.button if "came with the sample" in each.label)
    assert kept_one.label.replace("\\", "").startswith("UMAP: 15 neighbors, min_dist 0.1, cosine ")
    app.segmented_control(key="projection").set_value("PCA").run()
    assert sentence(app).startswith("The 2 axes of this PCA")
    next(each for each in app.button if each.key == kept_one.key).click().run()
    assert sentence(app).startswith("The UMAP of Handwritten digits lays out 1,797 items")
    assert complaints(app) == []


def test_columns_can_be_the_map(app: AppTest) -> None:
    app.run()
    numbers = {"x": [*range(38), None, None], "y": range(40), "size": range(5, 45)}
    bring_file(app, "mine.csv", csv_of(40, **numbers))
    assert sentence(app).startswith("The 2 axes of this PCA")
    app.segmented_control(key="projection").set_value("Given").run()
    assert sentence(app) == "The columns x and y of mine lay out 40 items."
    assert "2 items have no number in x or y, and no place." in captions(app)
    app.selectbox(key="given_x").set_value("size").run()
    assert sentence(app).startswith("The columns size and y of mine lay out 40 items")
    assert complaints(app) == []


def test_vectors_of_two_dimensions_are_shown_as_they_are(app: AppTest) -> None:
    content = io.BytesIO()
    np.save(content, np.random.default_rng(0).normal(size=(50, 2)).astype(np.float32))
    app.run()
    bring_file(app, "plane.npy", content.getvalue())
    assert sentence(app).startswith("The vectors of plane lay out 50 items; ")
    assert app.segmented_control(key="projection").value == "Given"


def test_a_missing_extra_is_named_and_the_pca_is_drawn(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(libraries, "find_spec", lambda _: None)
    open_page(app, "map", data="digits", projection="t-SNE")
    assert sentence(app).startswith("The 2 axes of this PCA")
    (warning,) = complaints(app)
    assert "t-SNE needs openTSNE, which is not installed here." in warning.replace("\\", "")


def test_above_a_bound_another_metric_has_an_index_of_its_own(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.random.default_rng(5).normal(size=(90, 4)).astype(np.float32)
    mine = EmbeddingSet.from_arrays(vectors * np.arange(1, 91)[:, None], name="mine")
    told: list[float] = []
    lists = layouts._index_near_by(
        mine, HnswParams("euclidean"), 7, 90, progress=lambda share, *_: told.append(share)
    )
    rows = np.arange(90)
    near = exact_neighbors(mine.vectors, mine.vectors, 7, metric="euclidean", exclude=rows)
    np.testing.assert_array_equal(lists.neighbors.ids, near.ids)
    assert (lists.metric, lists.n, lists.is_sample) == ("euclidean", 90, False)
    assert told == sorted(told)
    assert told[-1] == 1

    monkeypatch.setattr(layouts, "ROWS_AT_MOST", 50)
    app.run()
    bring_file(app, "mine.csv", pd.DataFrame(mine.vectors).to_csv(index=False).encode())
    app.query_params["projection"], app.query_params["map_metric"] = "UMAP", "inner_product"
    app.switch_page("pages/map/page.py").run()
    assert complaints(app) == []
    said = " ".join(note.value for note in app.caption).replace("\\", "")
    assert (
        "Laid out over the neighbors that an index by inner product distance found at ef 64."
        in said
    )
