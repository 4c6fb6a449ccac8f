"""What can be drawn beside a map."""

from dataclasses import replace

import numpy as np
import pytest
import streamlit as st

from core.data import EmbeddingSet, load_sample
from core.index import HnswParams
from core.projection import Projection, TsneSettings, UmapSettings, project_pca
from core.projection.result import Method
from pages.map import beside, kept_maps
from pages.map.kept_maps import KeptMaps, Name
from pages.map.layout_controls import GIVEN, PCA, Asked
from pages.ui.jobs.key import fingerprint
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

ROWS = np.random.default_rng(0).normal(size=(30, 4)).astype(np.float32)
WORK = Workspace("mine", EmbeddingSet.from_arrays(ROWS, name="mine"), HnswParams())
DIGITS = Workspace("digits", load_sample("digits"), HnswParams())


def placed(method: Method, axes: int = 2) -> Projection:
    return Projection(np.zeros((30, axes), np.float32), method, None, 0)


def test_maps_are_named_by_their_settings() -> None:
    assert beside.name_of(Asked(PCA)) == "PCA"
    assert beside.name_of(Asked(GIVEN)) == GIVEN
    said = "UMAP: 15 neighbors, min_dist 0.1, cosine distance, seed 42"
    assert beside.name_of(Asked("UMAP", UmapSettings())) == said


def test_a_finished_map_of_these_vectors_and_axes_can_stand_beside(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept = KeptMaps()
    monkeypatch.setattr(kept_maps, "KEPT", kept)
    settings = TsneSettings()
    name = Name(fingerprint(WORK.embeddings.bare), 2, settings)
    monkeypatch.setattr(st, "session_state", {})
    shown = kept.add(name, placed("tsne"))
    made = shown.projection
    kept.add(replace(name, components=3), placed("tsne", 3))
    kept.add(replace(name, vectors="others", settings=UmapSettings()), placed("umap"))
    title = beside.name_of(Asked("t-SNE", settings))
    assert beside.projection(WORK, title, 2) is None  # another person's, of equal vectors
    kept_maps.note(shown)
    assert beside.projection(WORK, title, 2) is made
    other = beside.name_of(Asked("UMAP", UmapSettings()))
    assert beside.projection(WORK, other, 2) is None
    assert beside.projection(WORK, beside.NOTHING, 2) is None
    pca = beside.projection(WORK, PCA, 2)
    assert pca is not None
    np.testing.assert_allclose(pca.coordinates, project_pca(ROWS).coordinates, atol=1e-5)


def test_the_map_that_came_with_a_sample_can_stand_beside() -> None:
    title = beside.name_of(Asked("UMAP", UmapSettings()))
    kept = projections.kept_umap(DIGITS.embeddings, 2, "cosine")
    assert beside.projection(DIGITS, title, 2) is kept
    assert beside.projection(DIGITS, title, 2) is not None
