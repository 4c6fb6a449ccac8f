"""Bounds are rounded to the side on which what is on the screen holds them."""

import pytest

from pages.ui.display.gate_file import rounded_down, rounded_up


@pytest.mark.parametrize(
    ("value", "digits", "down", "up"),
    [
        (0.95, 4, 0.95, 0.95),  # 9,500 of 10,000, which is less as a product of floats
        (0.98634, 4, 0.9863, 0.9864),
        (0.1234569999996, 6, 0.123456, 0.123457),  # the nearest such number is no floor
        (0.1234560000004, 6, 0.123456, 0.123457),
        (0.0, 6, 0.0, 0.0),
        (1.0, 6, 1.0, 1.0),
        (9.244, 2, 9.24, 9.25),
    ],
)
def test_rounded_away_from_what_is_measured(
    value: float, digits: int, down: float, up: float
) -> None:
    assert rounded_down(value, digits) == down <= value
    assert rounded_up(value, digits) == up >= value
