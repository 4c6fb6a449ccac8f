"""What the map says of how far it can be trusted, from results made by hand."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.manifold import trustworthiness
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.distances import Metric
from core.index import HnswParams
from core.projection import Projection, UmapSettings, project_given, project_pca, stored_umap
from core.studies import GroupQuality, MapComparison, MapQuality, map_quality
from pages.map import quality, trust
from pages.map.layouts import Shown
from pages.ui.display.text import percent
from pages.ui.session.workspace import Workspace
from tests.pages.conftest import bring_file
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints


def measured(n: int = 4) -> MapQuality:
    """Kept 0.2 0.4 0.4 0.24: mean 0.31; trust 0.92 and continuity 0.95 in the mean."""
    return MapQuality(
        np.arange(4),
        np.array([0.2, 0.4, 0.4, 0.24]),
        np.array([0.9, 0.94, 0.92, 0.92]),
        np.array([0.95, 0.9, 1.0, 0.95]),
        15,
        n,
        0,
    )


def group(name: str, kept: float, half: float = 0.0) -> GroupQuality:
    return GroupQuality(name, 40, kept, 0.9126, 0.95, half)


def test_the_sentence_says_how_far_where_least_and_where_most() -> None:
    groups = [group("noun.act", 0.18), group("noun.food", 0.3), group("noun.plant", 0.44)]
    assert trust.answer(measured(), groups) == (
        "On average 31 % of an item's 15 nearest stay near on this map; trust it least in noun.act "
        "(18 %), most in noun.plant (44 %). False neighbors: trustworthiness 0.920 of 1. Torn "
        "apart: continuity 0.950 of 1. Measured on all 4 rows."
    )


def test_a_sample_is_said_with_its_interval() -> None:
    # s of 0.2 0.4 0.4 0.24 is 0.1052; 1.96 x 0.1052 / 2 = 0.103.
    assert trust.answer(measured(100), []) == (
        "On average 31 % (± 10 points, 95 %) of an item's 15 nearest stay near on this map. False "
        "neighbors: trustworthiness 0.920 of 1. Torn apart: continuity 0.950 of 1. Measured on 4 "
        "of 100 rows drawn with seed 0."
    )


def test_groups_that_do_not_differ_are_not_named() -> None:
    assert trust.where_words([group("a", 0.2, 0.06), group("b", 0.3, 0.05)]) == ""
    assert trust.where_words([group("a", 0.2, 0.04), group("b", 0.3, 0.05)]) != ""
    assert trust.where_words([group("a", 0.2), group("b", 0.2)]) == ""
    assert trust.where_words([group("a", 0.2)]) == ""


def test_a_figure_is_not_rounded_up_to_1() -> None:
    kept, trusted, whole = np.array([0.5]), np.array([0.9997]), np.array([1.0])
    near = MapQuality(np.array([0]), kept, trusted, whole, 15, 1, 0)
    assert "trustworthiness above 0.999 of 1" in trust.answer(near, [])
    assert "continuity 1.000 of 1" in trust.answer(near, [])


@pytest.mark.parametrize(
    ("choice", "title", "expected"),
    [
        ("torn apart", "torn apart (0 is none)", [0.05, 0.1, 0, 0.05]),
        ("false neighbors", "false neighbors (0 is none)", [0.1, 0.06, 0.08, 0.08]),
        ("true neighbors kept", "true neighbors kept (1 keeps all)", [0.2, 0.4, 0.4, 0.24]),
    ],
)
def test_each_row_is_colored_by_its_own_term(
    choice: str, title: str, expected: list[float]
) -> None:
    colors = trust.values(measured(6), choice)
    assert colors.title == title
    np.testing.assert_allclose(colors.values, [*expected, np.nan, np.nan], atol=1e-12)


def test_the_table_has_a_line_for_each_group_the_worst_first() -> None:
    table = trust.table("kind", [group("a", 0.18), group("b", 0.44)])
    assert table.to_dict("list") == {
        "kind": ["a", "b"],
        "rows measured": [40, 40],
        "true neighbors kept": [0.18, 0.44],
        "trustworthiness": [0.913, 0.913],
        "continuity": [0.95, 0.95],
    }
    sampled = trust.table("kind", [group("a", 0.18, 0.0123)])
    assert sampled["± kept"].tolist() == [0.012]


def test_two_maps_side_by_side() -> None:
    compared = [
        MapComparison("kept", 0.31, 0.08, -0.23, 0.02),
        MapComparison("trust", 0.92, 0.95, 0.03, 0.01),
        MapComparison("continuity", 0.95, 0.951, 0.001, 0.01),
    ]
    assert trust.comparison_words("UMAP", "PCA", compared) == (
        "UMAP keeps 31 % of the true neighbors, PCA 8 %; trustworthiness is 0.950 with PCA, 0.920 "
        "with UMAP; continuity does not differ (0.950)."
    )
    table = trust.comparison_table("UMAP", "PCA", compared)
    assert table.columns.tolist() == ["figure", "UMAP", "PCA", "difference", "± (95 %)"]
    assert table["difference"].tolist() == [-0.23, 0.03, 0.001]


def test_the_map_of_the_sample_says_what_scikit_learn_finds(app: AppTest) -> None:
    digits = load_sample("digits")
    kept = stored_umap(digits.vectors, 2, UmapSettings())
    assert kept is not None
    open_page(app, "map", data="digits", color="torn apart")
    assert complaints(app) == []
    said = " ".join(note.value for note in app.caption).replace("\\", "")
    figure = trustworthiness(digits.vectors, kept.coordinates, n_neighbors=15, metric="cosine")
    assert f"False neighbors: trustworthiness {figure:.3f} of 1." in said
    assert "; trust it least in " in said


def test_the_three_figures_below_one_of_two_maps() -> None:
    said = "31 % of the 15 true nearest kept, trustworthiness 0.920, continuity 0.950"
    assert trust.brief(measured()) == said
    assert trust.brief(measured(100)) == f"about {said}"


def test_little_data_has_no_such_colors() -> None:
    sample = load_sample("digits")
    assert [*trust.CHOICES] == trust.with_choices(sample)[-3:]
    assert not quality.is_measured(30)
    assert quality.is_measured(31)


def test_vectors_that_are_drawn_as_they_are_are_not_judged() -> None:
    flat = np.random.default_rng(6).normal(size=(60, 2)).astype(np.float32)

    def told(own: Projection, metric: Metric, vectors: np.ndarray = flat, **more: Any) -> bool:
        embeddings = EmbeddingSet.from_arrays(vectors, name="flat")
        work = Workspace("flat", embeddings, HnswParams(metric))
        return quality.is_told(Shown(own, None, work, own, **more))

    given, placed = project_given(flat), np.arange(60) > 9
    assert not told(given, "euclidean")
    assert told(given, "cosine")  # which is not the distance that is seen
    assert told(project_pca(flat), "euclidean")
    assert told(replace(given, columns=("x", "y")), "euclidean")
    assert told(given, "euclidean", np.pad(flat, ((0, 0), (0, 1)), constant_values=1.0))
    assert not told(project_pca(flat), "cosine", is_final=False)
    part = Shown(
        given,
        placed,
        Workspace("all", EmbeddingSet.from_arrays(flat, name="all"), HnswParams()),
        given,
    )
    assert not quality.is_told(part)  # ten rows of what was projected have no place


def test_colors_say_which_rows_they_are_of() -> None:
    assert trust.notes(measured(6), "torn apart") == (
        "Torn apart: of 4 of 6 rows drawn with seed 0; the rest is gray."
    )
    assert trust.notes(measured(), "false neighbors") == "False neighbors: of all 4 rows."
    assert trust.notes(measured(), "density on the map") == trust.notes(None, "torn apart") == ""


def test_a_deployment_says_how_many_rows_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert quality.rows_at_last(117_659, 384) == 117_659
    monkeypatch.setenv("NEARFIELD_MAP_QUALITY_ROWS", "50000")
    # 50,000 x 50,000 distances of 384 dimensions; of 117,659 rows as many are those of 21,247.
    assert quality.rows_at_last(117_659, 384) == 21_247
    # Twice the work for a distance of 1,152 dimensions.
    assert quality.rows_at_last(117_659, 1_152) == 10_623
    monkeypatch.setenv("NEARFIELD_MAP_QUALITY_ROWS", "1")
    assert quality.rows_at_last(117_659, 384) == quality.first_rows(117_659, 384)


def test_a_sample_is_told_at_once_and_all_rows_once_they_are_measured(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors = np.random.default_rng(4).normal(size=(400, 3)).astype(np.float32)
    frame = pd.DataFrame(vectors, columns=["a", "b", "c"])
    monkeypatch.setattr(quality, "FIRST_WORK", 0)
    monkeypatch.setattr(quality, "FEWEST_MEASURED", 60)
    monkeypatch.setenv("NEARFIELD_MAP_QUALITY_ROWS", "1")  # no more than the sample
    app.run()
    bring_file(app, "mine.csv", frame.to_csv(index=False).encode())
    app.query_params["color"] = "torn apart"
    app.switch_page("pages/map/page.py").run()

    def said() -> str:
        return " ".join(note.value for note in app.caption).replace("\\", "")

    kept = re.compile(r"([\d.]+) %( \(± [\d.]+ points, 95 %\))? of an item's 15 ")
    assert complaints(app) == []
    assert "Measured on 60 of 400 rows drawn with seed 0." in said()
    assert "Torn apart: of 60 of 400 rows drawn with seed 0; the rest is gray." in said()
    headline, below = kept.search(sentence(app)), kept.search(said())
    assert headline
    assert below
    assert headline[1] == below[1]
    assert "; about " in sentence(app)
    sampled = headline[1]

    monkeypatch.delenv("NEARFIELD_MAP_QUALITY_ROWS")
    app.run()
    assert complaints(app) == []
    assert "Measured on all 400 rows." in said()
    assert "Torn apart: of all 400 rows." in said()
    headline, below = kept.search(sentence(app)), kept.search(said())
    assert headline
    assert below
    assert headline[1] == below[1] != sampled
    assert "about" not in sentence(app)
    whole = map_quality(vectors, project_pca(vectors).coordinates, metric="cosine")
    assert headline[1] == percent(whole.mean("kept")).removesuffix(" %")
