"""Round numbers on a logarithmic axis."""

import math
from collections.abc import Mapping
from typing import Any

STEPS = (1, 2, 5)
MOST = 9  # ticks with room for their names
ROUNDING = 1e-9


def log_ticks(
    low: float, high: float, *, more: Mapping[float, str] | None = None
) -> dict[str, Any]:
    """Ticks of `round_values`, as `update_xaxes` and `update_yaxes` take them.

    more: names of further ticks, by their place.

    >>> log_ticks(800, 40_000, more={60_000: "none"})["ticktext"]
    ['1,000', '2,000', '5,000', '10,000', '20,000', 'none']
    """
    named = {value: tick_name(value) for value in round_values(low, high)} | dict(more or {})
    return {"tickvals": list(named), "ticktext": list(named.values())}


def round_values(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within [low, high], which are positive, ascending.

    Where there would be more than nine, the powers of ten alone, or every second, third, and so on
    of them.

    >>> round_values(8, 130), round_values(0.03, 0.4)
    ([10.0, 20.0, 50.0, 100.0], [0.05, 0.1, 0.2])
    >>> round_values(800, 4_000_000)
    [1000.0, 10000.0, 100000.0, 1000000.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [_between(low, high, [float(f"{step}e{p}") for p in powers]) for step in STEPS]
    if sum(map(len, every)) <= MOST:
        return sorted(value for values in every for value in values)
    return every[0][:: math.ceil(len(every[0]) / MOST)]


def tick_name(value: float) -> str:
    """A round value in words.

    >>> tick_name(2000.0), tick_name(0.05)
    ('2,000', '0.05')
    """
    return f"{value:,.0f}" if value >= 1 else f"{value:.12f}".rstrip("0")


def _between(low: float, high: float, values: list[float]) -> list[float]:
    return [value for value in values if low * (1 - ROUNDING) <= value <= high * (1 + ROUNDING)]
