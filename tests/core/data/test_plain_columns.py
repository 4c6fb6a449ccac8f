"""Every type of pandas becomes text, numbers, yes or no, or dates; what is missing stays so."""

import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from core.data import EmbeddingSet, load_sample
from core.data.plain_columns import plain_column, plain_frame

DAY = datetime.datetime(2024, 5, 1, 12)
NOON_IN_TOKYO = DAY.replace(tzinfo=ZoneInfo("Asia/Tokyo"))  # 3 o'clock in UTC
TEXT, NUMBER, FLAG, DATE = "text", "number", "yes or no", "date"


def arrow(values: list[Any], kind: pa.DataType) -> "pd.Series[Any]":
    return pd.Series(pd.arrays.ArrowExtensionArray(pa.array(values, kind)))


# name: (column, what it becomes, its values with None for what is missing)
COLUMNS: dict[str, tuple["pd.Series[Any]", str, list[Any]]] = {
    "text": (pd.Series(["b", None, "a"]), TEXT, ["b", None, "a"]),
    "object text": (pd.Series(["b", None, "a"], dtype=object), TEXT, ["b", None, "a"]),
    "category": (pd.Series(pd.Categorical(["b", None, "a"])), TEXT, ["b", None, "a"]),
    "ordered": (
        pd.Series(pd.Categorical(["low", None, "high"], ["low", "high"], ordered=True)),
        TEXT,
        ["low", None, "high"],
    ),
    "category of numbers": (pd.Series(pd.Categorical([2, None, 1])), NUMBER, [2.0, None, 1.0]),
    "full category of numbers": (pd.Series(pd.Categorical([2, 3, 1])), NUMBER, [2, 3, 1]),
    "category of flags": (
        pd.Series(pd.Categorical([True, False, True])),
        FLAG,
        [True, False, True],
    ),
    "category of dates": (pd.Series(pd.Categorical([DAY, None, DAY])), DATE, [DAY, None, DAY]),
    "category of intervals": (
        pd.Series(pd.cut([0.5, np.nan, 1.5], [0, 1, 2])),
        TEXT,
        ["(0, 1]", None, "(1, 2]"],
    ),
    "nullable number": (pd.Series([1, None, 3], dtype="Int64"), NUMBER, [1.0, None, 3.0]),
    "full nullable number": (pd.Series([1, 2, 3], dtype="Int8"), NUMBER, [1, 2, 3]),
    "nullable float": (pd.Series([1.5, None, 3], dtype="Float32"), NUMBER, [1.5, None, 3.0]),
    "huge number": (
        pd.Series([2**53 + 1, None, 3], dtype="Int64"),
        TEXT,
        ["9007199254740993", None, "3"],
    ),
    "nullable flag": (
        pd.Series([True, None, False], dtype="boolean"),
        TEXT,
        ["True", None, "False"],
    ),
    "full nullable flag": (
        pd.Series([True, True, False], dtype="boolean"),
        FLAG,
        [True, True, False],
    ),
    "nullable text": (pd.Series(["b", None, "a"], dtype="string[python]"), TEXT, ["b", None, "a"]),
    "pyarrow text": (pd.Series(["b", None, "a"], dtype="string[pyarrow]"), TEXT, ["b", None, "a"]),
    "arrow text": (arrow(["b", None, "a"], pa.string()), TEXT, ["b", None, "a"]),
    "arrow number": (arrow([1, None, 3], pa.int32()), NUMBER, [1.0, None, 3.0]),
    "arrow huge number": (
        arrow([2**53 + 1, None, 3], pa.int64()),
        TEXT,
        ["9007199254740993", None, "3"],
    ),
    "arrow flag": (arrow([True, None, False], pa.bool_()), TEXT, ["True", None, "False"]),
    "arrow day": (
        arrow([DAY.date(), None, DAY.date()], pa.date32()),
        DATE,
        [datetime.datetime(2024, 5, 1), None, datetime.datetime(2024, 5, 1)],
    ),
    "arrow zoned": (
        arrow([NOON_IN_TOKYO, None, NOON_IN_TOKYO], pa.timestamp("us", "Asia/Tokyo")),
        DATE,
        [DAY.replace(hour=3), None, DAY.replace(hour=3)],
    ),
    "arrow decimal": (
        arrow([Decimal("1.5"), None, Decimal(3)], pa.decimal128(5, 2)),
        NUMBER,
        [1.5, None, 3.0],
    ),
    "arrow list": (arrow([[1, 2], None, []], pa.list_(pa.int8())), TEXT, ["[1, 2]", None, "[]"]),
    "arrow dictionary": (
        pd.Series(pd.arrays.ArrowExtensionArray(pa.array(["b", None, "a"]).dictionary_encode())),
        TEXT,
        ["b", None, "a"],
    ),
    "arrow duration": (arrow([90, None, 1], pa.duration("s")), NUMBER, [90.0, None, 1.0]),
    "period": (
        pd.Series(pd.PeriodIndex(["2024-05", None, "2024-06"], freq="M")),
        DATE,
        [datetime.datetime(2024, 5, 1), None, datetime.datetime(2024, 6, 1)],
    ),
    "interval": (
        pd.Series(pd.arrays.IntervalArray.from_breaks([0, 1, 2]).take([0, -1, 1], allow_fill=True)),
        TEXT,
        ["(0.0, 1.0]", None, "(1.0, 2.0]"],
    ),
    "duration": (pd.Series(pd.to_timedelta(["90s", None, "1min"])), NUMBER, [90.0, None, 60.0]),
    "sparse": (pd.Series(pd.arrays.SparseArray([0.0, np.nan, 2.0])), NUMBER, [0.0, None, 2.0]),
    "sparse whole": (pd.Series(pd.arrays.SparseArray([0, 0, 2])), NUMBER, [0, 0, 2]),
    "mixed": (pd.Series([1, None, "a"], dtype=object), TEXT, ["1", None, "a"]),
    "decimals": (pd.Series([Decimal("1.5"), None, Decimal(3)]), NUMBER, [1.5, None, 3.0]),
    "decimals and floats": (pd.Series([Decimal("1.5"), None, 2.5]), NUMBER, [1.5, None, 2.5]),
    "object numbers": (pd.Series([1, None, 2.5], dtype=object), NUMBER, [1.0, None, 2.5]),
    "object whole": (pd.Series([1, 2**63, 3], dtype=object), NUMBER, [1, 2**63, 3]),
    "beyond 64 bits": (pd.Series([1, 2**70, 3], dtype=object), TEXT, ["1", str(2**70), "3"]),
    "object flags": (pd.Series([True, None, False], dtype=object), TEXT, ["True", None, "False"]),
    "flags and numbers": (pd.Series([True, None, 2], dtype=object), TEXT, ["True", None, "2"]),
    "lists": (pd.Series([[1, 2], None, ["x"]]), TEXT, ["[1, 2]", None, "['x']"]),
    "arrays": (pd.Series([np.arange(2), None, np.arange(1)]), TEXT, ["[0, 1]", None, "[0]"]),
    "dicts": (pd.Series([{"a": 1}, None, {}]), TEXT, ["{'a': 1}", None, "{}"]),
    "bytes": (pd.Series([b"b", None, b"\xff"]), TEXT, ["b", None, "\\xff"]),
    "zoned": (
        pd.Series([NOON_IN_TOKYO, None, NOON_IN_TOKYO]),
        DATE,
        [DAY.replace(hour=3), None, DAY.replace(hour=3)],
    ),
    "days": (
        pd.Series([DAY.date(), None, DAY.date()]),
        DATE,
        [datetime.datetime(2024, 5, 1), None, datetime.datetime(2024, 5, 1)],
    ),
    "times of day": (
        pd.Series([datetime.time(3), None, datetime.time(4)]),
        TEXT,
        ["03:00:00", None, "04:00:00"],
    ),
    "complex": (pd.Series([1 + 2j, np.nan, 0j]), TEXT, ["(1+2j)", None, "0j"]),
    "half floats": (pd.Series([1.5, np.nan, 2.0], dtype=np.float16), NUMBER, [1.5, None, 2.0]),
    "nothing": (pd.Series([None, None, None], dtype=object), TEXT, [None, None, None]),
}


def kind(column: "pd.Series[Any]") -> str:
    if column.dtype.kind in "iuf":
        return NUMBER
    return {"b": FLAG, "M": DATE}.get(column.dtype.kind, TEXT)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_column_becomes_plain(name: str) -> None:
    column, becomes, values = COLUMNS[name]
    plain = plain_column(column.set_axis([7, 8, 9]))
    assert kind(plain) == becomes
    assert plain.dtype == object or plain.dtype == "str" or isinstance(plain.dtype, np.dtype)
    assert [None if pd.isna(value) else value for value in plain] == values
    assert plain.index.tolist() == [7, 8, 9]
    if becomes == TEXT:
        assert all(type(value) is str for value in plain.dropna())
    assert plain_column(plain).dtype == plain.dtype  # once is enough


def test_plain_columns_come_back_as_they_are() -> None:
    frame = pd.DataFrame(
        {
            "text": ["a", None],
            "n": [1, 2],
            "x": [0.5, np.nan],
            "yes": [True, False],
            "day": [DAY, DAY],
        }
    )
    assert plain_frame(frame) == (frame, [])
    assert plain_frame(frame)[0] is frame


def test_another_unit_is_noted() -> None:
    names = ("duration", "zoned", "period", "category", "days")
    frame = pd.DataFrame({name: COLUMNS[name][0] for name in names})
    items = EmbeddingSet.from_arrays(np.eye(3, dtype=np.float32), metadata=frame, name="x")
    assert items.notes == (
        "duration: durations in seconds",
        "zoned: dates in UTC",
        "period: periods by their start",
    )
    assert items.with_metadata(items.metadata).notes == items.notes


def test_the_fingerprints_of_the_samples_stay() -> None:
    assert load_sample("wordnet").fingerprint == "7c516ab2074cb8fe0d562d017a81bfe2"
    assert load_sample("digits").fingerprint == "4575544de3ce23ba4011063f310c221c"


def test_the_fingerprint_is_of_the_values_not_of_the_type_they_came_in() -> None:
    vectors = np.eye(3, dtype=np.float32)

    def fingerprint(column: "pd.Series[Any]") -> str:
        frame = pd.DataFrame({"x": column})
        return EmbeddingSet.from_arrays(vectors, metadata=frame, name="x").fingerprint

    same = [fingerprint(COLUMNS[name][0]) for name in ("nullable number", "arrow number")]
    assert same == [fingerprint(pd.Series([1.0, np.nan, 3.0]))] * 2


@pytest.mark.parametrize("name", COLUMNS)
def test_any_column_may_hold_the_classes(name: str) -> None:
    column, _, values = COLUMNS[name]
    frame = pd.DataFrame({"label": column})
    items = EmbeddingSet.from_arrays(np.eye(3, dtype=np.float32), metadata=frame, name="x")
    assert items.labels is not None
    np.testing.assert_array_equal(items.labels == -1, [value is None for value in values])
    present = [value for value in values if value is not None]
    assert len(items.class_names) == len({str(value) for value in present})
    assert len(items.fingerprint) == 32
