"""Few queries: one float32 pass whose bound of error never loses a neighbor."""

from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import numpy as np
import pytest

from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import exact_neighbors
from core.index.one_pass import nearest_in_one_pass
from tests.core.index.datasets import DATASETS, clustered, queries_of
from tests.core.index.test_exact import naive

one_pass, exact = import_module("core.index.one_pass"), import_module("core.index.exact")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(
    ("scale", "offset"), [(1, 0), (1, 1e4), (1e-21, 0), (1e-30, 0), (1e17, 0), (1e30, 0)]
)
def test_equals_a_full_sort(name: str, metric: Metric, scale: float, offset: float) -> None:
    plain = DATASETS[name]()
    both = np.concatenate([queries_of(plain, 3), plain]).astype(np.float64)
    queries, vectors = np.split((both * scale + offset).astype(np.float32), [3])
    ids, distances = naive(vectors, queries, 12, metric)
    found = exact_neighbors(vectors, queries, 12, metric=metric)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-12, atol=1e-13)
    # Far from the origin float64 itself cannot order what the formula of the docstring can.
    apart = np.diff(distances, axis=1).min(axis=1) > 1e-9 * np.abs(distances).max(axis=1)
    np.testing.assert_array_equal(found.ids[apart], ids[apart])


@pytest.mark.parametrize("metric", METRICS)
def test_only_rows_that_may_be_near_are_measured(
    metric: Metric, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors, measured = clustered(3000, 24), list[int]()
    inner = one_pass._measured

    def counted(rows: object, near: np.ndarray, *more: object) -> object:
        measured.append(len(near))
        return inner(rows, near, *more)

    monkeypatch.setattr(one_pass, "_measured", counted)
    exact_neighbors(vectors, vectors[:2], 10, metric=metric, exclude=[0, 1])
    assert len(measured) == 2
    assert all(11 <= count <= 14 for count in measured)


def test_a_difference_that_float32_products_lose_is_kept_without_centering() -> None:
    # Rows at 1e6 + i / 16: their squares, 1e12, have steps of 65,536 in float32.
    line = (1e6 + np.arange(400) / 16).astype(np.float32)[:, None]
    found = exact_neighbors(line, line[200:201], 3, metric="euclidean", exclude=[200])
    assert found.ids.tolist() == [[199, 201, 198]]
    assert found.distances.tolist() == [[1 / 16, 1 / 16, 1 / 8]]


def test_squares_that_float32_rounds_to_its_smallest_numbers_keep_their_order() -> None:
    # In units of 2^-149, the smallest float32, the squares of the first row are four times 0.6, 2.4
    # in all, and are counted as four times 1; that of the second is 3.4, and is counted as 3.
    unit = 2.0**-74.5
    rows = np.array([[np.sqrt(0.6)] * 4, [np.sqrt(3.4), 0, 0, 0]]) * unit
    found = exact_neighbors(
        rows.astype(np.float32), np.zeros((1, 4), np.float32), 1, metric="euclidean"
    )
    assert found.ids.tolist() == [[0]]


@pytest.mark.parametrize("metric", METRICS)
def test_rows_that_are_not_finite_are_refused_by_name(metric: Metric) -> None:
    for bad in (np.nan, np.inf, -np.inf):
        vectors = clustered(50, 4)
        vectors[7, 2] = bad
        with pytest.raises(ParameterError, match="1 rows are not, the first is row 7"):
            exact_neighbors(vectors, vectors[:1], 3, metric=metric)


def test_numbers_too_large_for_float32_products_are_measured_in_float64() -> None:
    vectors = np.array([[3e38, 0], [-3e38, 0], [0, 1e38]], np.float32)
    with ThreadPoolExecutor(1) as pool:
        assert nearest_in_one_pass(vectors, vectors[:1], 2, "euclidean", pool, 1) is None
    found = exact_neighbors(vectors, vectors[:1], 3, metric="euclidean")
    assert found.ids.tolist() == [[0, 2, 1]]


def test_no_copy_of_the_vectors_is_prepared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(exact, "prepare_products")
    monkeypatch.delattr(exact, "check_finite")
    vectors = clustered(300, 5)
    assert exact_neighbors(vectors, vectors[:1], 1, metric="cosine").ids.tolist() == [[0]]
