"""Whether two values are the same to the bit: types, order, NaN, the sign of zero, layout."""

import datetime
import enum
import struct
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from core.data import EmbeddingSet
from core.index import HnswGraph
from core.store import decode, encode, kinds

LEFT_OUT = ("_bare",)


def again(value: Any, folder: Path) -> Any:
    """The value after a way through a manifest and files in a folder."""
    content = encode(value)
    for blob in content.blobs:
        (folder / blob.name).write_bytes(b"".join(blob.parts))
    return decode((folder / content.manifest.name).read_bytes(), lambda name: folder / name)


def assert_same(left: Any, right: Any, where: str = "value") -> None:
    assert type(left) is type(right), (where, type(left), type(right))
    if isinstance(left, EmbeddingSet | HnswGraph):
        vars(right).pop("fingerprint", None)  # worked out again, not the one that was kept
        assert left.fingerprint == right.fingerprint, where
    if isinstance(left, np.ndarray):
        _assert_same_array(left, right, where)
    elif isinstance(left, pd.DataFrame | pd.Series):
        _assert_same_frame(left, right, where)
    elif isinstance(left, sparse.csr_array):
        for name in ("data", "indices", "indptr"):
            _assert_same_array(getattr(left, name), getattr(right, name), f"{where}.{name}")
        assert left.shape == right.shape
    elif is_dataclass(left) and not isinstance(left, type):
        for each in fields(left):
            if each.name not in LEFT_OUT:
                place = f"{where}.{each.name}"
                assert_same(getattr(left, each.name), getattr(right, each.name), place)
    elif kinds.is_plain(type(left)):
        assert_same(vars(left), vars(right), where)
    elif isinstance(left, dict):
        assert_same(list(left.items()), list(right.items()), where)
    elif isinstance(left, tuple | list):
        assert len(left) == len(right), where
        for number, (one, other) in enumerate(zip(left, right, strict=True)):
            assert_same(one, other, f"{where}[{number}]")
    elif isinstance(left, set | frozenset):
        assert len(left) == len(right), where
        for one, other in zip(sorted(left, key=_order), sorted(right, key=_order), strict=True):
            assert_same(one, other, where)
    else:
        assert _bits(left) == _bits(right), (where, left, right)


def _order(value: Any) -> str:
    return f"{type(value).__name__} {value!r}"


def _bits(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value
    if isinstance(value, np.generic):
        return value.dtype.str, value.tobytes()
    if isinstance(value, float):
        return "nan" if np.isnan(value) else struct.pack("d", value)
    if isinstance(value, complex):
        return _bits(value.real), _bits(value.imag)
    if isinstance(value, datetime.datetime | datetime.time):
        return value.isoformat(), value.fold
    return value


def _assert_same_array(left: Any, right: Any, where: str) -> None:
    assert left.dtype == right.dtype, where
    assert left.dtype.str == right.dtype.str, where
    assert left.shape == right.shape, where
    assert left.tobytes() == right.tobytes(), where
    if left.flags.contiguous or left.flags.f_contiguous:
        assert left.flags.c_contiguous == right.flags.c_contiguous, where
        assert left.flags.f_contiguous == right.flags.f_contiguous, where


def _assert_same_frame(left: Any, right: Any, where: str) -> None:
    if isinstance(left, pd.Series):
        assert left.name == right.name, where
        left, right = left.to_frame(name=0), right.to_frame(name=0)
    pd.testing.assert_index_equal(left.index, right.index, exact=True)
    pd.testing.assert_index_equal(left.columns, right.columns, exact=True)
    assert left.attrs == right.attrs, where
    for place in range(left.shape[1]):
        one, other = left.iloc[:, place], right.iloc[:, place]
        assert one.dtype == other.dtype, (where, place)
        if isinstance(one.dtype, np.dtype) and one.dtype != object:
            assert one.to_numpy().tobytes() == other.to_numpy().tobytes(), (where, place)
        elif one.dtype == object:
            assert_same(one.tolist(), other.tolist(), f"{where}[{place}]")
        else:
            pd.testing.assert_series_equal(one, other, check_exact=True)
