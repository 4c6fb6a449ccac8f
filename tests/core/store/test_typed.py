"""What an annotation allows, and what it does not."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pytest

from core.index import HnswParams
from core.store.typed import fits

FITS = [
    (3, int),
    (np.int64(3), int),
    (3, float),
    (np.float32(3), float),
    (True, bool),
    ("cosine", Literal["cosine", "euclidean"]),
    (None, int | None),
    ((1, "a"), tuple[int, str]),
    ((), tuple[int, ...]),
    ([1, 2], Sequence[int]),
    ("text", Sequence[str]),
    ({"a": 1.0}, Mapping[str, float]),
    (frozenset({1}), frozenset[int]),
    (HnswParams(), HnswParams),
    (np.zeros(2, np.int32), npt.NDArray[np.int64]),
    (np.zeros(2, np.int32), npt.NDArray[np.float64]),
    (np.zeros(2), npt.NDArray[np.floating[Any]]),
    (np.zeros(2, bool), npt.NDArray[np.bool_]),
    (np.array(["a"]), npt.NDArray[np.str_]),
    (np.zeros(2), npt.NDArray[Any]),
    (print, Callable[[], None]),
    (object(), Any),
]
MISFITS = [
    (True, int),
    ("3", float),
    (1.5, int),
    (1, bool),
    ("taxicab", Literal["cosine", "euclidean"]),
    ("a", int | None),
    ((1, 2), tuple[int, str]),
    ((1, "a"), tuple[int, ...]),
    ([1], tuple[int, ...]),
    (["a"], Sequence[int]),
    ({1: 1.0}, Mapping[str, float]),
    ({"a": "b"}, Mapping[str, float]),
    (frozenset({"a"}), frozenset[int]),
    ({}, HnswParams),
    ([1, 2], npt.NDArray[np.int64]),
    (np.zeros(2), npt.NDArray[np.int64]),
    (np.array(["a"]), npt.NDArray[np.float64]),
    (np.zeros(2, np.int8), npt.NDArray[np.bool_]),
]


@pytest.mark.parametrize(("value", "hint"), FITS)
def test_what_fits(value: Any, hint: Any) -> None:
    assert fits(value, hint)


@pytest.mark.parametrize(("value", "hint"), MISFITS)
def test_what_does_not(value: Any, hint: Any) -> None:
    assert not fits(value, hint)
