"""The level that hnswlib draws for an item, from the generator of libstdc++."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.checks import check_whole

MULTIPLIER, MODULUS = 16_807, 2**31 - 1
RANGE = float(MODULUS - 1)  # how many values one draw of the generator can take
SMALLEST_M = 2  # ln 1 = 0 would make every level infinite
SEED_AFTER_LOADING = 1  # `load_index` leaves the generator as it is made, and that is its seed


@dataclass(frozen=True)
class LevelDraw:
    """u: the uniform number drawn. m: of the index. number: how many were drawn before, by `seed`.

    The level is floor(-ln(u) / ln(m)): Malkov & Yashunin, arXiv 1603.09320, algorithm 1, line 4,
    with the m_L = 1 / ln(M) that section 4.1 finds best.
    """

    u: float
    m: int
    seed: int
    number: int

    @property
    def scaled(self) -> float:
        """-ln(u) / ln(m), which is cut off to the level."""
        return -math.log(self.u) * (1 / math.log(self.m))

    @property
    def level(self) -> int:
        """The top layer of the item."""
        return int(self.scaled)

    @property
    def chance(self) -> float:
        """The share of items that get this level or a higher one, m^-level."""
        return float(self.m) ** -self.level


def draw_level(m: int, seed: int, number: int) -> LevelDraw:
    """The draw for the item that is inserted as the `number`-th, from 0.

    `std::default_random_engine` of libstdc++ is x <- 16807 x mod (2^31 - 1), and a uniform double
    takes two draws x1, x2: ((x1 - 1) + (x2 - 1) r) / r^2, r = 2^31 - 2 (bits/random.tcc,
    `generate_canonical`).

    >>> draw_level(16, 100, 0).level, round(draw_level(16, 1, 0).u, 6)
    (0, 0.131538)
    """
    m = check_whole(m, "m", SMALLEST_M)
    start = check_whole(seed, "seed", 0) % MODULUS or 1
    number = check_whole(number, "number", 0)
    first = start * pow(MULTIPLIER, 2 * number + 1, MODULUS) % MODULUS
    second = first * MULTIPLIER % MODULUS
    u = (float(first - 1) + float(second - 1) * RANGE) / (RANGE * RANGE)
    return LevelDraw(min(u, math.nextafter(1.0, 0.0)), m, seed, number)


def drawn_levels(m: int, seed: int, count: int) -> npt.NDArray[np.int32]:
    """The levels of the first `count` items, (count,).

    >>> drawn_levels(2, 100, 6).tolist() == [draw_level(2, 100, i).level for i in range(6)]
    True
    """
    m, count = check_whole(m, "m", SMALLEST_M), check_whole(count, "count", 0)
    states = np.empty(2 * count + 1, dtype=np.int64)
    states[0] = check_whole(seed, "seed", 0) % MODULUS or 1
    known, factor = 1, MULTIPLIER
    while known < len(states):  # from one half, the other by one product
        more = min(known, len(states) - known)
        states[known : known + more] = states[:more] * factor % MODULUS
        known, factor = known + more, factor * factor % MODULUS
    first, second = states[1::2] - 1.0, states[2::2] - 1.0
    u = np.minimum((first + second * RANGE) / (RANGE * RANGE), math.nextafter(1.0, 0.0))
    return (-np.log(u) * (1 / math.log(m))).astype(np.int32)
