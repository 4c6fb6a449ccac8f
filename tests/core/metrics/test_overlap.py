"""Rank-biased overlap: worked by hand, against a loop over sets, and what must hold of it."""

import numpy as np
import pytest

from core.errors import ParameterError
from core.metrics import rank_biased_overlap


def naive(first: list[int], second: list[int], p: float) -> float:
    """Equation 32 of Webber, Moffat & Zobel (2010), over sets."""
    left, right = ([one for one in each if one >= 0] for each in (first, second))
    short, long = sorted((len(left), len(right)))

    def shared(depth: int) -> int:
        return len(set(left[:depth]) & set(right[:depth]))

    total = sum(shared(d) / d * p**d for d in range(1, long + 1))
    total += sum(
        shared(short) * (d - short) / (short * d) * p**d for d in range(short + 1, long + 1)
    )
    end = (shared(long) - shared(short)) / long + shared(short) / short
    return (1 - p) / p * total + end * p**long


def test_lists_worked_by_hand() -> None:
    # 1 2 3 and 1 3 4, p = 0.5: X = 1, 1, 2, so X_d / d = 1, 1/2, 2/3.
    # 1 (1/2 + 1/8 + 1/12) + 2/3 / 8 = 17/24 + 2/24 = 19/24.
    found = rank_biased_overlap([[1, 2, 3]], [[1, 3, 4]], p=0.5)
    assert found == pytest.approx([19 / 24])
    # 1 2 and 1, p = 0.5: s = 1, l = 2, X = 1, 1. 1 (1/2 + 1/8 + 1 (1) / (1 2) / 4) + 1 / 4 = 1.
    assert rank_biased_overlap([[1, 2]], [[1, -1]], p=0.5) == pytest.approx([1.0])


def test_many_lists_are_those_of_a_loop() -> None:
    random = np.random.default_rng(2)
    lists = np.array([[random.permutation(12)[:7] for _ in range(2)] for _ in range(60)])
    for query, length in enumerate(random.integers(1, 8, 60)):
        lists[query, 1, length:] = -1
    found = rank_biased_overlap(lists[:, 0], lists[:, 1])
    expected = [naive(one.tolist(), other.tolist(), 0.9) for one, other in lists]
    assert found == pytest.approx(expected)
    assert rank_biased_overlap(lists[:, 1], lists[:, 0]) == pytest.approx(expected)
    assert len(set(np.round(found, 6))) > 30


def test_the_ends_and_the_weight_of_the_first_ranks() -> None:
    same = np.arange(10)[None]
    assert rank_biased_overlap(same, same) == pytest.approx([1.0])
    assert rank_biased_overlap(same, same + 10).tolist() == [0.0]
    top, bottom = same.copy(), same.copy()
    top[0, :2], bottom[0, 8:] = (1, 0), (9, 8)
    assert rank_biased_overlap(same, top) < rank_biased_overlap(same, bottom)
    empty = np.full((1, 10), -1)
    assert np.isnan(rank_biased_overlap(empty, empty)).all()
    assert rank_biased_overlap(same, empty).tolist() == [0.0]


@pytest.mark.parametrize(
    ("first", "second", "p", "said"),
    [
        ([1, 2], [[1, 2]], 0.9, r"first must be ids, \(q, k\) integers"),
        ([[1.0]], [[1]], 0.9, "first must be ids"),
        ([[1, 2]], [[1]], 0.9, "must be of one shape"),
        ([[1, 2]], [[3, 3]], 0.9, "second must name an id once in a list"),
        ([[-1, 2]], [[3, 4]], 0.9, "first must have its empty places at the end"),
        ([[1]], [[1]], 1, "p must be between 0 and 1"),
    ],
)
def test_what_is_refused(first: list, second: list, p: float, said: str) -> None:
    with pytest.raises(ParameterError, match=said):
        rank_biased_overlap(first, second, p=p)
