"""Maximal marginal relevance by hand and against the formula taken literally."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.studies import diverse_list
from tests.core.index.datasets import clustered


def direction(degrees: float) -> list[float]:
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]


ROWS = np.array([direction(each) for each in (10, 12, -20, 60)])
QUERY, ALL = np.array([2.0, 0.0]), np.arange(4)


def test_a_copy_of_what_was_chosen_is_left_out() -> None:
    found = diverse_list(ROWS, QUERY, ALL, 2, 0.5)
    # After 10 degrees: 12: (cos 12 - cos 2) / 2 = -0.0106; -20: (cos 20 - cos 30) / 2 = 0.0368;
    # 60: (cos 60 - cos 50) / 2 = -0.0714.
    assert found.ids.tolist() == [0, 2]
    assert (found.left_out.tolist(), found.taken_in.tolist()) == ([1], [2])


def test_the_ends_of_the_balance() -> None:
    assert diverse_list(ROWS, QUERY, ALL, 3, 1.0).ids.tolist() == [0, 1, 2]
    # Only unlike: after 10 the angle of 50 to 60 is largest, then -20 (30 from 10).
    assert diverse_list(ROWS, QUERY, ALL, 3, 0.0).ids.tolist() == [0, 3, 2]


@pytest.mark.parametrize("balance", [0.0, 0.3, 0.7, 1.0])
def test_equals_the_formula(balance: float) -> None:
    vectors = clustered(60, 5).astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    candidates = np.argsort(-(unit @ unit[0]), kind="stable")[1:31]
    chosen = [int(candidates[0])]
    while len(chosen) < 8:
        rest = [int(each) for each in candidates if each not in chosen]
        value = [
            balance * unit[i] @ unit[0] - (1 - balance) * max(unit[i] @ unit[j] for j in chosen)
            for i in rest
        ]
        chosen.append(rest[int(np.argmax(value))])
    assert diverse_list(vectors, vectors[0], candidates, 8, balance).ids.tolist() == chosen


def test_refusals_name_what_was_got() -> None:
    with pytest.raises(ParameterError, match=r"balance must be between 0 and 1; got 1\.5"):
        diverse_list(ROWS, QUERY, ALL, 2, 1.5)
    with pytest.raises(ParameterError, match="k must be at most 4 candidates; got 5"):
        diverse_list(ROWS, QUERY, ALL, 5, 0.5)
