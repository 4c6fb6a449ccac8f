"""Quick results: worked out once for equal arguments, bounded, the least recently asked leaves."""

import numpy as np
import pytest

from pages.ui.jobs.cache import keeping


def test_a_result_is_worked_out_once_for_equal_arguments() -> None:
    calls: list[int] = []

    @keeping(5)
    def square(value: int, power: int = 2) -> list[int]:
        calls.append(value)
        return [value**power]

    first = square(3)
    assert first == [9]
    assert square(value=3, power=2) is first
    assert square(3, 3) == [27]
    assert calls == [3, 3]


def test_the_least_recently_asked_result_leaves_first() -> None:
    calls: list[int] = []

    @keeping(2)
    def twice(value: int) -> int:
        calls.append(value)
        return 2 * value

    for value in (1, 2, 1, 3, 1, 2):
        assert twice(value) == 2 * value
    assert calls == [1, 2, 3, 2]


def test_two_functions_do_not_share_results() -> None:
    def make(factor: int):  # type: ignore[no-untyped-def]
        @keeping(4)
        def scale(value: int) -> int:
            return factor * value

        return scale

    assert (make(2)(5), make(3)(5)) == (10, 15)


def test_arrays_are_told_apart_by_every_value() -> None:
    @keeping(4)
    def total(values: np.ndarray) -> float:
        return float(values.sum())

    values = np.zeros((500, 1000))
    assert total(values) == 0
    values[250, 500] = 1
    assert total(values) == 1


def test_a_failure_is_not_kept() -> None:
    calls: list[int] = []

    @keeping(4)
    def fail(value: int) -> int:
        calls.append(value)
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            fail(1)
    assert calls == [1, 1]
