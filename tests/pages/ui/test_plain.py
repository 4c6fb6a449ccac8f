"""Small values as JSON and back."""

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.ui.session.plain import NotPlainError, from_plain, to_plain

KEYS = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.tuples(st.text()))
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text())
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner),
        st.lists(inner).map(tuple),
        st.dictionaries(KEYS, inner),
        st.sets(st.one_of(st.text(), st.integers())),
        st.frozensets(st.text()),
    ),
    max_leaves=20,
)


@given(VALUES)
def test_a_value_comes_back_with_its_types(value: Any) -> None:
    told = json.loads(json.dumps(to_plain(value), allow_nan=False))
    again = from_plain(told)
    assert again == value
    assert repr(type(again)) == repr(type(value))


def test_what_is_undefined_or_of_numpy_comes_back_as_a_number() -> None:
    assert math.isnan(from_plain(to_plain(float("nan"))))
    assert from_plain(to_plain([np.float32(0.5), np.int64(3), -math.inf])) == [0.5, 3, -math.inf]


@pytest.mark.parametrize("value", [np.zeros(2), object(), b"x", {"a": (1, {2: np.zeros(1)})}])
def test_other_values_are_refused(value: Any) -> None:
    with pytest.raises(NotPlainError):
        to_plain(value)


@pytest.mark.parametrize("told", [{}, {"a": 1, "b": 2}, {"object": ["os:system"]}, {"lambda": []}])
def test_other_json_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="kind"):
        from_plain(told)
