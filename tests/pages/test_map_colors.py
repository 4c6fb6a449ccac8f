"""Colors of the map, by hand."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.data.filters import numbers
from core.distances import distance_matrix
from core.figures.map import Classes, Values
from core.index import HnswParams
from core.metrics.centers import centers_of, distances_to_centers
from core.projection import project_pca
from core.projection.density import map_density
from core.studies import pair_study
from pages.map import colors
from pages.map.colors import Asked
from pages.ui.session.workspace import Workspace


def work_on(frame: pd.DataFrame, label_column: str | None = None) -> Workspace:
    vectors = np.random.default_rng(0).normal(size=(len(frame), 3)).astype(np.float32)
    embeddings = EmbeddingSet.from_arrays(
        vectors, metadata=frame, label_column=label_column, name="mine"
    )
    return Workspace("mine", embeddings, HnswParams())


def day(text: str) -> float:
    return float(np.datetime64(text, "D").astype(np.int64))


def test_the_label_comes_first_and_measures_last() -> None:
    frame = pd.DataFrame(
        {"label": ["a", "a", "b", "b"], "size": [1, 2, 3, 4], "text": list("wxyz")}
    )
    offered = colors.choices(work_on(frame).embeddings, selected=True)
    assert offered[:2] == ["label", "size"]
    assert offered[-1] == "nothing"
    for each in ("density on the map", "highest layer", "impostors accepted", colors.TO_SELECTION):
        assert each in offered
    bare = colors.choices(EmbeddingSet.from_arrays(np.eye(4), name="bare"))
    assert bare[0] == "nothing"
    assert colors.TO_CLASS not in bare
    assert "genuine rejected" not in bare
    assert colors.TO_SELECTION not in bare


def test_dates_have_ticks_at_round_dates() -> None:
    dates = pd.Series(pd.to_datetime(["2019-11-15", "2020-07-04", "", "2021-03-02"]))
    found = colors.date_colors("seen", numbers(dates))
    assert found.values[[0, 1, 3]].tolist() == [
        day("2019-11-15"),
        day("2020-07-04"),
        day("2021-03-02"),
    ]
    assert np.isnan(found.values[2])
    assert [name for _, name in found.ticks] == [
        "2020-01",
        "2020-04",
        "2020-07",
        "2020-10",
        "2021-01",
    ]
    assert found.ticks[0][0] == day("2020-01-01")


def test_one_date_has_its_own_tick() -> None:
    dates = pd.Series(pd.to_datetime(["2020-07-04T12:00:00"] * 3))
    found = colors.date_colors("seen", numbers(dates))
    assert [name for _, name in found.ticks] == ["2020-07-04T12:00:00"]


def test_values_on_a_logarithmic_scale() -> None:
    found = colors.log_colors("d", np.array([0.5, 20.0, 100.0, 0.0]))
    assert found.values[:3] == pytest.approx(np.log10([0.5, 20, 100]))
    assert np.isnan(found.values[3])
    assert found.ticks == ((0.0, "1"), (1.0, "10"), (2.0, "100"))


def test_more_than_50_values_are_the_commonest_and_others() -> None:
    many = [f"v{each}" for each in range(60) for _ in range(2 if each else 9)]
    work = work_on(pd.DataFrame({"maker": many}))
    found = colors.column_colors(work.embeddings, "maker")
    assert isinstance(found, Classes)
    assert len(found.names) == 20
    assert (found.codes == -1).sum() == 40 * 2
    said = colors.notes(work, "maker")
    assert said == "The 20 commonest of 60 different values have colors."


def test_a_number_is_told_to_be_cut_at_its_percentiles() -> None:
    work = work_on(pd.DataFrame({"size": np.arange(40.0)}))
    assert (
        colors.notes(work, "size") == "The scale of size goes from its 1st percentile to its 99th."
    )


def test_errors_at_a_threshold_are_those_of_the_class() -> None:
    # Two classes on a line: a at 0 and 1, b at 1.5 and 5; scores are minus the distance.
    vectors = np.array([[0.0], [1.0], [1.5], [5.0], [9.0]])
    labels = np.array([0, 0, 1, 1, -1])
    study = pair_study(vectors, labels, metric="euclidean")
    accepts = colors.error_colors(study, labels, -2.0, colors.FALSE_ACCEPTS)
    rejects = colors.error_colors(study, labels, -2.0, colors.FALSE_REJECTS)
    # Impostor pairs of a are 1.5, 5, 0.5 and 4 apart, two of them within 2; those of b the same.
    assert accepts.values[:4] == pytest.approx([0.5, 0.5, 0.5, 0.5], abs=1e-3)
    # Genuine: a 1 apart, accepted; b 3.5 apart, rejected.
    assert rejects.values[:4] == pytest.approx([0, 0, 1, 1], abs=1e-3)
    assert np.isnan(accepts.values[4])


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_distances_to_centers_are_those_of_a_loop(metric: str) -> None:
    random = np.random.default_rng(2)
    vectors, codes = random.normal(size=(50, 4)) + 1, random.integers(-1, 3, size=50)
    centers = centers_of(vectors, codes, 4, metric=metric)  # type: ignore[arg-type]
    assert np.isnan(centers[3]).all()
    found = distances_to_centers(vectors, centers, codes, metric=metric)  # type: ignore[arg-type]
    for row, code in enumerate(codes):
        if code < 0:
            assert np.isnan(found[row])
            continue
        members = vectors[codes == code]
        if metric == "cosine":
            members = members / np.linalg.norm(members, axis=1, keepdims=True)
        center = members.mean(axis=0)[None]
        wanted = distance_matrix(vectors[row][None], center, metric)[0, 0]  # type: ignore[arg-type]
        assert found[row] == pytest.approx(wanted, abs=1e-9)


def test_a_crowd_is_denser_than_a_loner() -> None:
    random = np.random.default_rng(0)
    crowd = random.normal(size=(900, 2)) * 0.1
    even = np.stack(np.meshgrid(np.linspace(-9, 9, 10), np.linspace(-9, 9, 10)), -1).reshape(-1, 2)
    density = map_density(np.r_[crowd, even])
    assert np.median(density[:900]) > 50 * np.median(density[900:])
    spread = map_density(random.random((200_000, 2)))
    assert np.median(spread) == pytest.approx(1.0, abs=0.05)  # even: 1


def test_what_depends_on_the_item_or_the_selection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEARFIELD_JOBS", "inline")
    work = work_on(pd.DataFrame({"label": list("aabb")}), "label")
    vectors = work.embeddings.vectors.astype(np.float64)
    projection = project_pca(work.embeddings.vectors)
    asked = Asked(projection, 2, np.array([0, 1]))
    work = Workspace(work.data, work.embeddings, HnswParams("euclidean"))
    with_item = colors._to_item(work.embeddings.bare, "euclidean", 2, progress=lambda *_: None)
    assert with_item == pytest.approx(np.linalg.norm(vectors - vectors[2], axis=1))
    assert colors.colors(work, colors.DENSITY, asked) is not None
    none = Asked(projection, 2, np.empty(0, np.int64))
    assert colors.colors(work, colors.TO_SELECTION, none) is None
    assert "mean of the selected rows." in colors.notes(work, colors.TO_SELECTION)
    assert isinstance(colors.colors(work, "label", asked), Classes)
    assert not isinstance(colors.colors(work, colors.DENSITY, asked), Classes)
    assert isinstance(colors.colors(work, colors.DENSITY, asked), Values)
