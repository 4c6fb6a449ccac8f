"""How long a build, a study or a rebuild takes, from how long the session's index took to build.

The unit of work is such that inserting a row into an index of n rows takes
n^0.25 ef_construction^0.75 M^0.2 units (M up to 32): fitted to builds of 4,985 and 20,000 rows of
WordNet by MiniLM, 384 dimensions, M 4 to 64, ef_construction 40 to 400. A query at an ef takes what
a row takes at that ef_construction.
"""

import math
from collections.abc import Container, Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from core.index import HnswParams

DIMENSIONS = 384  # of the data that was measured
SECONDS_PER_UNIT = 2.5e-7  # of one thread of a 2-core x86-64 server, on that data
BESIDE_DISTANCES = 64  # dimensions whose distances take as long as the rest of the work
WIDEST_M = 32  # beyond it the heuristic of HNSW seldom fills the links
PAIR = 0.06  # units of an exact distance, which is one of a block
EVERY_EF = 1.35  # a sweep of every ef, as a multiple of one search at the largest
SWEPT_TO = 512
CENSUS = 20_000, 40  # rows that are searched for, and the ef
AT_MOST_A_TENTH = 10
FIRST_MEASURED = 0.02  # share of the rows of a build that tell its speed


@dataclass(frozen=True)
class Costs:
    """What a study takes, in units of work.

    parts: by the keys of its cells. threads: how many share the parts. unnamed: of all parts whose
    keys only the running study knows, alike in cost.
    """

    parts: Mapping[Any, float]
    threads: int
    unnamed: float = 0.0


def insertions(rows: int, of: int, m: int, ef_construction: int) -> float:
    """Units of inserting `rows` rows into an index that holds `of` rows at the end.

    >>> insertions(10, 16, 1, 16)
    160.0
    """
    return float(rows * of**0.25 * ef_construction**0.75 * min(m, WIDEST_M) ** 0.2)


def build(rows: int, params: HnswParams) -> float:
    """Units of building an index."""
    return insertions(rows, rows, params.m, params.ef_construction)


def sweep(queries: int, rows: int, m: int, ef_max: int = SWEPT_TO) -> float:
    """Units of searching an index for queries at every ef up to `ef_max`."""
    return EVERY_EF * insertions(queries, rows, m, ef_max)


def take_census(rows: int, m: int, at_most: int = CENSUS[0], ef: int = CENSUS[1]) -> float:
    """Units of searching for the rows of an index, or for some of them, by their own vectors."""
    return insertions(min(rows, at_most), rows, m, ef)


def rebuild(rows: int, params: HnswParams, ef: int, queries: int, *, census_of_all: bool) -> float:
    """Units of building another index and holding it against the one that is there.

    Both are searched for the queries, whose exact neighbors are found in each, and for up to 20,000
    of their rows. census_of_all: whether all rows are searched for first.
    """
    each = insertions(queries, rows, params.m, ef) + pairs(queries, rows)
    each += take_census(rows, params.m, ef=ef)
    before = take_census(rows, params.m, rows, ef) if census_of_all else 0.0
    return build(rows, params) + 2 * each + before


def pairs(queries: int, rows: int) -> float:
    """Units of the exact neighbors of queries among rows."""
    return PAIR * queries * rows


def split(rows: int, given: int, held_out: int) -> tuple[int, int]:
    """Rows that a study indexes and queries that it asks, of which `given` are the person's own.

    >>> split(4985, 0, 1000), split(4985, 812, 1000)
    ((4487, 498), (4985, 812))
    """
    asked = given or min(held_out, rows // AT_MOST_A_TENTH)
    return (rows, asked) if given else (rows - asked, asked)


def seconds_per_unit(built_in: float | None, rows: int, dim: int, params: HnswParams) -> float:
    """Seconds of one thread for a unit, from a build of `rows` rows that took `built_in` seconds.

    None: what was measured on another machine, for so many dimensions.
    """
    if built_in is None:
        share = (dim + BESIDE_DISTANCES) / (DIMENSIONS + BESIDE_DISTANCES)
        return SECONDS_PER_UNIT * share
    return built_in * params.threads / build(rows, params)


def expected_seconds(
    costs: Costs, rate: float, finished: Container[Hashable] = (), share: float = 0.0
) -> float:
    """Seconds that the parts take that are not finished.

    rate: seconds of a thread for a unit. finished: keys of finished parts. share: that they are of
    all parts, for parts without a known key.
    """
    left = [units for key, units in costs.parts.items() if key not in finished]
    if costs.unnamed:
        left.append(costs.unnamed * (1 - share))
    return rate * sum(left) / max(1, min(costs.threads, len(left)))


def build_seconds(rows: int, dim: int, params: HnswParams) -> float:
    """Seconds that the build of an index of `rows` rows takes at the speed that was measured."""
    rate = seconds_per_unit(None, rows, dim, params)
    return rate * build(rows, params) / params.threads


def left_to_build(elapsed: float, share: float) -> float:
    """Seconds that a build still takes whose share (above 0) of the rows took `elapsed` seconds.

    A row costs the more the larger the index is that it goes into (n^0.25, as above).

    >>> left_to_build(10.0, 0.0625)
    310.0
    """
    return float(elapsed * (share**-1.25 - 1))


def build_words(rows: int, dim: int, params: HnswParams, share: float, elapsed: float) -> str:
    """How long a build still takes, from its own speed once a fiftieth of the rows is in.

    >>> build_words(200_000, 32, HnswParams(), 0.0, 0.0)
    'expected: about 20 s at the speed of a 2-core server, for no build of this data was measured'
    >>> build_words(200_000, 32, HnswParams(), 0.0625, 10.0)
    'about 5 min left'
    """
    if share < FIRST_MEASURED:
        return f"expected: {words(build_seconds(rows, dim, params), measured=False)}"
    return f"{words(left_to_build(elapsed, share))} left"


def words(seconds: float, *, measured: bool = True) -> str:
    """The expected time, rounded as what is not known better.

    measured: whether a build of this data by this server is what it comes from.

    >>> words(3), words(47), words(135), words(4000)
    ('under 10 s', 'about 50 s', 'about 2 min', 'about 1 h 5 min')
    >>> words(47, measured=False)
    'about 50 s at the speed of a 2-core server, for no build of this data was measured'
    """
    if seconds < 10:
        text = "under 10 s"
    elif seconds < 55:
        text = f"about {round(seconds, -1):.0f} s"
    elif seconds < 3570:
        text = f"about {max(1, round(seconds / 60))} min"
    else:
        minutes = 5 * math.floor(seconds / 300 + 0.5)
        text = f"about {minutes // 60} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    if measured:
        return text
    return f"{text} at the speed of a 2-core server, for no build of this data was measured"
