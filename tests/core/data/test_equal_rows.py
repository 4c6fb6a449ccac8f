"""Exact duplicates, against comparing each row with each other."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.data import equal_rows, first_equal_rows, is_first

TYPES = (np.float16, np.float32, np.float64, np.int8)


def naive(rows: npt.NDArray[Any]) -> list[int]:
    return [next(j for j in range(i + 1) if (rows[i] == rows[j]).all()) for i in range(len(rows))]


def copies(dtype: Any) -> npt.NDArray[Any]:
    """120 rows of 3 values of -2, ..., 2: 125 different ones are possible, many occur twice."""
    return np.random.default_rng(0).integers(-2, 3, size=(120, 3)).astype(dtype)


@pytest.mark.parametrize("dtype", TYPES)
def test_the_first_of_equal_rows_is_that_of_comparing_all(dtype: Any) -> None:
    rows = copies(dtype)
    firsts = first_equal_rows(rows)
    assert firsts.tolist() == naive(rows)
    assert is_first(firsts).sum() == len({tuple(row) for row in rows.tolist()}) < 120


@pytest.mark.parametrize("dtype", TYPES)
def test_it_is_so_where_all_hashes_are_the_same(
    dtype: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(equal_rows, "_hashes", lambda rows: np.zeros(len(rows), np.uint64))
    rows = copies(dtype)
    assert first_equal_rows(rows).tolist() == naive(rows)


def test_it_is_so_over_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equal_rows, "BLOCK", 7)
    rows = copies(np.float32)
    assert first_equal_rows(rows).tolist() == naive(rows)


def test_rows_of_signs_have_hashes_of_their_own() -> None:
    """All 1,024 rows of 10 signs, whose products differ in their upper bits only."""
    signs = np.stack(np.meshgrid(*[[-1.0, 1.0]] * 10), axis=-1).reshape(-1, 10)
    assert len(np.unique(equal_rows._hashes(signs.astype(np.float32)))) == 1024


def test_minus_zero_is_zero() -> None:
    rows = np.array([[0.0, 1.0], [-0.0, 1.0]], np.float32)
    assert first_equal_rows(rows).tolist() == [0, 0]


def test_no_rows() -> None:
    assert first_equal_rows(np.empty((0, 4), np.float32)).tolist() == []
    assert is_first(np.empty(0, np.int64)).tolist() == []
