"""A picture of some rows: which they are, where they lie, and how they are colored."""

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data import Look, ReadSettings, look_at
from core.data.readers.found import Found
from core.projection import picture_of, project_pca
from core.projection.first_picture import FirstPicture
from tests.core.data.files import as_npy

RANDOM = np.random.default_rng(5)


def picture(
    vectors: np.ndarray, rows: int = 2_000, frame: pd.DataFrame | None = None
) -> FirstPicture:
    made = picture_of(Look(Found(vectors, frame)), rows=rows)
    assert made is not None
    return made


def test_all_rows_of_a_small_file_lie_as_in_its_pca() -> None:
    vectors = RANDOM.normal(size=(50, 6)).astype(np.float32)
    made = picture(vectors)
    assert made.rows.tolist() == list(range(50))
    assert (made.of, made.left_out, made.label, made.codes) == (50, 0, "", None)
    assert np.array_equal(made.projection.coordinates, project_pca(vectors).coordinates)


def test_some_rows_of_a_large_file_are_drawn_from_all_of_it_and_the_same_each_time() -> None:
    vectors = np.arange(20_000.0)[:, None] * [1.0, 0.5, 0.25]
    made = picture(vectors, rows=400)
    assert len(np.unique(made.rows)) == 400
    assert np.array_equal(made.rows, np.sort(made.rows))
    # 400 rows of 20,000 in ten equal parts: 40 of each, 40 +- 4 * 6 with near certainty
    assert np.abs(np.histogram(made.rows, 10, (0, 20_000))[0] - 40).max() < 24
    assert np.array_equal(picture(vectors, rows=400).rows, made.rows)
    # on a line the first axis is the row number, up to scale: length of (1, 0.5, 0.25) is 1.1456
    spread = np.ptp(made.projection.coordinates[:, 0])
    assert spread == pytest.approx(np.ptp(made.rows) * np.sqrt(1 + 0.25 + 0.0625), rel=1e-5)


def test_rows_that_are_not_finite_are_left_out_and_counted() -> None:
    vectors = RANDOM.normal(size=(10, 3))
    vectors[2, 1], vectors[7, 0], vectors[8, 2] = np.nan, np.inf, 1e300  # beyond float32
    made = picture(vectors)
    assert made.rows.tolist() == [0, 1, 3, 4, 5, 6, 9]
    assert made.left_out == 3
    rest = np.delete(vectors, [2, 7, 8], axis=0).astype(np.float32)
    assert np.array_equal(made.projection.coordinates, project_pca(rest).coordinates)


@pytest.mark.parametrize(
    "vectors",
    [
        np.full((4, 2), np.nan),
        np.array([["a", "b"]]),
        np.arange(3.0),
        np.empty((0, 4)),
        np.empty((4, 0)),
    ],
)
def test_what_cannot_be_drawn_has_no_picture(vectors: np.ndarray) -> None:
    assert picture_of(Look(Found(vectors))) is None


def test_what_was_not_read_has_no_picture() -> None:
    assert picture_of(Look(None, problem="The file is empty.")) is None


@pytest.mark.parametrize("shape", [(300, 600), (3, 600), (2, 600), (1, 600)])
def test_two_axes_of_wide_rows_are_those_of_the_full_pca(shape: tuple[int, int]) -> None:
    vectors = np.random.default_rng(1).normal(size=shape)
    vectors[:, :2] *= [9.0, 5.0]
    vectors += 100.0
    mine, full = picture(vectors).projection, project_pca(vectors.astype(np.float32))
    assert np.allclose(mine.coordinates, full.coordinates, atol=1e-3)
    assert mine.explained_variance is not None
    assert full.explained_variance is not None
    assert np.allclose(mine.explained_variance, full.explained_variance, atol=1e-5, equal_nan=True)


def test_equal_wide_rows_have_no_variance_to_share() -> None:
    made = picture(np.ones((20, 600))).projection
    assert np.array_equal(made.coordinates, np.zeros((20, 2)))
    assert made.explained_variance is not None
    assert np.isnan(made.explained_variance).all()


def test_classes_are_those_of_the_column_that_the_set_will_have() -> None:
    vectors = RANDOM.normal(size=(6, 2))
    frame = pd.DataFrame({"text": list("uvwxyz"), "label": ["b", "a", None, "b", "a", "b"]})
    made = picture(vectors, frame=frame)
    assert made.label == "label"
    assert made.class_names == ("a", "b")
    assert made.codes is not None
    assert made.codes.tolist() == [1, 0, -1, 1, 0, 1]
    chosen = picture_of(Look(Found(vectors, frame), settings=ReadSettings(label_column="text")))
    assert chosen is not None
    assert (chosen.label, chosen.class_names) == ("text", tuple("uvwxyz"))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"label": ["a", "b"]}),  # of another number of rows
        pd.DataFrame([["a", "b"]] * 6, columns=["label", "label"]),
        pd.DataFrame({"text": list("uvwxyz")}),
    ],
)
def test_without_classes_the_picture_is_plain(frame: pd.DataFrame) -> None:
    made = picture(RANDOM.normal(size=(6, 2)), frame=frame)
    assert (made.label, made.codes, made.class_names) == ("", None, ())


def test_a_label_column_that_is_not_there_leaves_the_picture_plain() -> None:
    found = Found(RANDOM.normal(size=(6, 2)), pd.DataFrame({"text": list("uvwxyz")}))
    made = picture_of(Look(found, settings=ReadSettings(label_column="kind")))
    assert made is not None
    assert made.label == ""


def test_only_the_rows_that_are_drawn_are_read_of_a_mapped_file(tmp_path: Path) -> None:
    path = tmp_path / "sparse.npy"
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (40_000_000, 4)}
    )
    with path.open("wb") as file:  # 640 MB that take no place on the disk
        file.write(header.getvalue())
        file.truncate(len(header.getvalue()) + 40_000_000 * 16)
    look = look_at(path, name="sparse.npy")
    assert look.found is not None
    assert look.found.vectors.base is not None  # a view of the file
    made = picture_of(look)
    assert made is not None
    assert (len(made.rows), made.of) == (2_000, 40_000_000)


def test_a_picture_of_an_uploaded_file() -> None:
    vectors = RANDOM.normal(size=(30, 3)).astype(np.float32)
    made = picture_of(look_at(as_npy(vectors), name="mine.npy"))
    assert made is not None
    assert np.array_equal(made.projection.coordinates, project_pca(vectors).coordinates)
