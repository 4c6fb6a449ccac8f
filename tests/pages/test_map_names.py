"""What maps are called in a link's areas: an area selects on the map that it was drawn on."""

import numpy as np
import pytest

from core.data import EmbeddingSet, load_sample
from core.index import HnswParams
from core.projection import LayoutSettings, Projection, TsneSettings, UmapSettings
from pages.map import kept_maps, layouts, map_names
from pages.map.kept_maps import KeptMap, KeptMaps, Name
from pages.ui.jobs.key import fingerprint
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

USUAL = UmapSettings(metric="cosine")
MINE = EmbeddingSet.from_arrays(
    np.random.default_rng(3).normal(size=(6, 3)).astype(np.float32), name="mine"
)
WORK = Workspace("mine", MINE, HnswParams())
VECTORS = fingerprint(MINE.bare)


def laid_out(
    settings: LayoutSettings, before: LayoutSettings | None = None, codes: str = ""
) -> KeptMap:
    places = Projection(np.zeros((6, 2), np.float32), settings.method, None, 0)
    return KeptMap(Name(VECTORS, 2, settings, codes), places, before, 0.0)


def test_the_usual_map_has_the_name_of_its_method_and_every_other_one_its_own() -> None:
    assert map_names.of_layout(laid_out(USUAL), "cosine") == "umap"
    assert map_names.of_layout(laid_out(TsneSettings()), "cosine") == "tsne"
    others = [
        laid_out(UmapSettings(neighbors=30)),
        laid_out(UmapSettings(neighbors=31)),
        laid_out(USUAL, before=TsneSettings()),
        laid_out(USUAL, before=UmapSettings(neighbors=30)),
        laid_out(UmapSettings(label_weight=0.5), codes="one"),
        laid_out(UmapSettings(label_weight=0.5), codes="two"),
        laid_out(UmapSettings(metric="euclidean")),
    ]
    names = [map_names.of_layout(each, "cosine") for each in others]
    assert len({*names, "umap"}) == len(others) + 1
    assert all(name.startswith("umap.") and len(name) == 13 for name in names)
    assert map_names.of_layout(others[-1], "euclidean") == "umap"  # the metric of that index


def test_maps_of_some_rows_and_of_other_columns_have_names_of_their_own() -> None:
    few, more = map_names.of_rows("pca", "9 rows ab"), map_names.of_rows("pca", "9 rows cd")
    assert few != more
    assert few.startswith("pca.")
    assert map_names.of_rows(map_names.NO_NAME, "9 rows ab") == map_names.NO_NAME
    assert map_names.of_columns(("x", "y", "z"), ("x", "y")) == "given"
    assert map_names.of_columns((), ()) == "given"
    assert map_names.of_columns(("x", "z"), ("x", "y")).startswith("given.")


def test_a_name_finds_its_own_map_or_none(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = KeptMaps()
    monkeypatch.setattr(kept_maps, "KEPT", kept)
    wide = UmapSettings(neighbors=5)
    usual = kept.add(Name(VECTORS, 2, USUAL), laid_out(USUAL).projection)
    other = kept.add(Name(VECTORS, 2, wide), laid_out(wide).projection, USUAL)
    deep = Projection(np.zeros((6, 3), np.float32), "tsne", None, 0)
    kept.add(Name(VECTORS, 3, TsneSettings()), deep)
    on_page = {"tsne.12345678": laid_out(TsneSettings()).projection}

    def found(name: str) -> Projection | None:
        return layouts.at_hand(WORK, on_page, name)

    other_name = layouts.name_of(WORK, other.projection)
    assert layouts.name_of(WORK, usual.projection) == "umap"
    assert layouts.name_of(WORK, projections.pca(MINE)) == "pca"
    assert layouts.name_of(WORK, deep) == map_names.NO_NAME
    assert found("umap") is usual.projection
    assert found(other_name) is other.projection
    assert found("pca") is projections.pca(MINE)
    assert found("tsne.12345678") is on_page["tsne.12345678"]
    assert [found(name) for name in ("tsne", "umap.00000000", "given", "")] == [None] * 4


def test_the_map_that_came_with_a_sample_is_at_hand_before_it_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kept_maps, "KEPT", KeptMaps())
    digits = Workspace("digits", load_sample("digits"), HnswParams())
    along = projections.kept_umap(digits.embeddings, 2, "cosine")
    assert along is not None
    assert layouts.at_hand(digits, {}, "umap") is along
    assert layouts.name_of(digits, along) == "umap"
