"""Coordinates that the data came with: vectors as they are, columns by name."""

import numpy as np
import pandas as pd
import pytest

from core.errors import ParameterError
from core.projection import (
    is_map,
    number_columns,
    project_columns,
    project_given,
    proposed_columns,
)


def frame(*names: str) -> pd.DataFrame:
    return pd.DataFrame({name: [0.5, 1.5] for name in names})


@pytest.mark.parametrize("axes", [2, 3])
def test_vectors_of_two_or_three_dimensions_are_their_own_map(axes: int) -> None:
    vectors = np.arange(4.0 * axes, dtype=np.float32).reshape(4, axes) * 100
    found = project_given(vectors)
    np.testing.assert_array_equal(found.coordinates, vectors)
    assert (found.method, found.name, found.columns) == ("given", "Given", ())
    assert is_map(vectors)


def test_others_are_none() -> None:
    assert not is_map(np.zeros((3, 1)))
    assert not is_map(np.zeros((3, 4)))
    with pytest.raises(ParameterError, match="must be 2 or 3; got 4"):
        project_given(np.zeros((3, 4)))


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["year", "x", "y"], ("x", "y")),
        (["X", "Y", "Z"], ("X", "Y", "Z")),
        (["pos_x", "pos_y", "x"], ("pos_x", "pos_y")),
        (["lat", "lon"], ("lon", "lat")),
        (["Longitude", "Latitude"], ("Longitude", "Latitude")),
        (["UMAP1", "UMAP2", "UMAP3"], ("UMAP1", "UMAP2", "UMAP3")),
        (["umap_0", "umap_1"], ("umap_0", "umap_1")),
        (["X_tsne-1", "X_tsne-2"], ("X_tsne-1", "X_tsne-2")),
        (["PC1", "PC2", "PC4"], ("PC1", "PC2")),
        (["x", "z"], ()),
        (["size1", "size2"], ()),
        (["umap_2", "umap_3"], ()),
        (["matrix", "matriy"], ()),
        (["salmon", "salat"], ()),
    ],
)
def test_columns_that_are_named_as_coordinates_are_proposed(
    names: list[str], expected: tuple[str, ...]
) -> None:
    assert proposed_columns(frame(*names)) == expected


def test_only_numbers_are_offered() -> None:
    data = frame("x", "y").assign(y=["a", "b"], ok=[True, False], n=[1, 2])
    assert number_columns(data) == ["x", "n"]
    assert proposed_columns(data) == ()


def test_columns_become_coordinates_and_a_row_without_one_has_no_place() -> None:
    data = pd.DataFrame(
        {
            "x": [1.0, 2.0, np.nan, 3.0],
            "y": pd.array([4, 6, 8, None], dtype="Int64"),
        }
    )
    found, placed = project_columns(data, ["x", "y"])
    assert placed.tolist() == [True, True, False, False]
    # The mean of (1, 4) and (2, 6) stands in for those without a place.
    assert found.coordinates.tolist() == [[1, 4], [2, 6], [1.5, 5], [1.5, 5]]
    assert (found.method, found.columns) == ("given", ("x", "y"))


def test_wrong_columns() -> None:
    data = frame("x", "y").assign(word=["a", "b"], gap=np.nan)
    with pytest.raises(ParameterError, match=r"'word' holds no numbers. Choose one of \['x'"):
        project_columns(data, ["x", "word"])
    with pytest.raises(ParameterError, match=r"no row has a number in all of \['x', 'gap'\]"):
        project_columns(data, ["x", "gap"])
    with pytest.raises(ParameterError, match="must be 2 or 3; got 1"):
        project_columns(data, ["x"])
