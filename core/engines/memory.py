"""What an index of a system takes in memory: bytes of a vector, and where the figures are from."""

import math
from dataclasses import dataclass
from typing import Literal

from core.engines.setting import Setting

Basis = Literal[
    "its file", "its source", "its documentation", "not documented", "no index is possible"
]
FILE: Basis = "its file"
SOURCE: Basis = "its source"
DOCUMENTED: Basis = "its documentation"
UNDOCUMENTED: Basis = "not documented"
IMPOSSIBLE: Basis = "no index is possible"
NOT_STATED = math.nan
FLOAT, LINK = 4, 4  # bytes of a float32, and of a row id of 32 bits


@dataclass(frozen=True)
class EngineMemory:
    """Bytes that a system's index takes for each vector.

    n: vectors that it is asked for. vectors, links, other: bytes per vector of the numbers, of the
    graph, and of all else; NaN where the system does not state it. basis: what the figures rest
    on: the layout of the file that the library saves, which the tests hold against saved files;
    the system's source; its documentation; or why there are none. formula: bytes per vector in
    words, with d dimensions. sources: pages that say so. note: what the figures leave out.
    """

    engine: str
    n: int
    vectors: float
    links: float
    other: float
    basis: Basis
    formula: str
    sources: tuple[str, ...] = ()
    note: str = ""

    @property
    def per_vector(self) -> float:
        """Bytes per vector of what is stated; NaN where the system states no total.

        >>> EngineMemory("a", 1, 400.0, NOT_STATED, 200.0, DOCUMENTED, "1.5 x 4 d").per_vector
        600.0
        """
        return self.vectors + self.other + (0.0 if math.isnan(self.links) else self.links)

    @property
    def total(self) -> float:
        """Bytes of all `n` vectors, NaN where the system states no total."""
        return self.n * self.per_vector


def upper_layers(m: int) -> float:
    """Expected number of layers above the base that a node stands on, 1 / (M - 1).

    A node reaches layer l with probability M^-l (Malkov & Yashunin, https://arxiv.org/abs/1603.09320,
    section 4.1, with the level factor 1 / ln M), and the sum over l >= 1 is 1 / (M - 1).

    >>> upper_layers(5)
    0.25
    """
    return 1 / (m - 1)


def unsized(engine: str, n: int, basis: Basis, note: str) -> EngineMemory:
    """A system without figures. basis: why there are none."""
    return EngineMemory(engine, n, NOT_STATED, NOT_STATED, NOT_STATED, basis, basis, note=note)


def float_bytes(setting: Setting) -> float:
    """Bytes of a float32 vector, 4 d."""
    return float(FLOAT * setting.dim)
