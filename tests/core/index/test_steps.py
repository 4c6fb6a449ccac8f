"""Steps are sized by a clock, and what they build does not depend on them."""

from collections.abc import Callable, Iterator
from itertools import count, cycle

import numpy as np
import pytest

from core.index import HnswParams, build_hnsw
from core.index.build import add_rows, new_index
from core.index.steps import LONGEST, timed_steps
from tests.core.index.datasets import clustered


class Clock:
    """A clock that stands still until it is told that time has gone by."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def sizes(total: int, seconds_of: Callable[[slice], float], smallest: int = 1) -> list[int]:
    clock, found = Clock(), []
    for part in timed_steps(total, smallest=smallest, clock=clock):
        clock.now += seconds_of(part)
        found.append(part.stop - part.start)
    return found


def test_sizes_by_hand() -> None:
    # 1 ms a row: 100 rows take 0.1 s, which is half of 0.2, so 200; these take 0.2 s: so again 200.
    assert sizes(900, lambda part: 0.001 * (part.stop - part.start)) == [100, 200, 200, 200, 200]
    # 4 ms: 100 rows take 0.4 s, so 50 come next, and take 0.2 s.
    assert sizes(230, lambda part: 0.004 * (part.stop - part.start)) == [100, 50, 50, 30]
    # Nothing takes any time: each twice the last. A second a row: the smallest that is allowed.
    assert sizes(1500, lambda _part: 0.0) == [100, 200, 400, 800]
    assert sizes(140, lambda part: part.stop - part.start, smallest=17) == [100, 17, 17, 6]
    assert sizes(0, lambda _part: 1.0) == []


@pytest.mark.parametrize("row_ms", [0.002, 0.1, 1.0, 1.9])
def test_no_step_takes_longer_than_a_stop_may_wait(row_ms: float) -> None:
    # The cost of a row grows with the logarithm of the rows before it, as HNSW's does.
    def taken(part: slice) -> float:
        return float(row_ms / 1000 * np.log2(np.arange(part.start, part.stop) + 2).sum() / 6)

    covered: list[int] = []
    clock, longest = Clock(), 0.0
    for part in timed_steps(20_000, clock=clock):
        longest = max(longest, taken(part))
        clock.now += taken(part)
        covered += range(part.start, part.stop)
    assert covered == list(range(20_000))
    assert longest <= LONGEST


def jumps(seconds: Iterator[float]) -> Callable[[], float]:
    """A clock that goes on by the next of these at each look."""
    state = Clock()

    def look() -> float:
        state.now += next(seconds)
        return state.now

    return look


CLOCKS: dict[str, Callable[[], Iterator[float]]] = {
    "nothing takes time": lambda: cycle([0.0]),
    "every step is slow": lambda: cycle([5.0]),
    "every second step is slow": lambda: cycle([0.0, 0.0, 0.0, 0.7]),
    "slower and slower": lambda: (0.001 * number for number in count()),
}


@pytest.mark.parametrize("clock", CLOCKS)
def test_one_thread_builds_the_same_graph_whatever_the_steps(clock: str) -> None:
    vectors = clustered(700, 8)
    order = np.random.default_rng(3).permutation(700)
    params = HnswParams("euclidean", m=6, ef_construction=40)
    index = new_index(vectors.shape, params)
    index.add_items(vectors[order], order, num_threads=1)  # all in one call
    bare = {int(label): row for label, row in zip(order, index.get_items(order), strict=True)}
    steps: list[int] = []
    built = build_hnsw(
        vectors,
        params,
        order=order,
        progress=lambda done, _total: steps.append(done),
        clock=jumps(CLOCKS[clock]()),
    )
    usual = build_hnsw(vectors, params, order=order)
    assert built.fingerprint == usual.fingerprint
    assert steps[-1] == 700
    assert len(steps) >= 3
    np.testing.assert_array_equal([bare[row] for row in range(700)], built.vectors)


def test_one_call_and_many_give_the_same_links() -> None:
    vectors = clustered(900, 8)
    params = HnswParams("cosine", m=4, ef_construction=30)
    whole, parts = new_index(vectors.shape, params), new_index(vectors.shape, params)
    whole.add_items(vectors, np.arange(900), num_threads=1)
    add_rows(parts, vectors, np.arange(900), threads=1, clock=jumps(cycle([1.0])))
    left, right = (index.__getstate__()[0] for index in (whole, parts))
    np.testing.assert_array_equal(left["data_level0"], right["data_level0"])
    np.testing.assert_array_equal(left["link_lists"], right["link_lists"])


def test_a_step_of_many_threads_is_large_enough_for_them() -> None:
    # hnswlib inserts up to 4 rows per thread on one thread only.
    seen = [0]
    build_hnsw(
        clustered(400, 8),
        HnswParams(threads=3),
        progress=lambda done, _total: seen.append(done),
        clock=jumps(cycle([9.0])),
    )
    assert np.diff(seen).tolist() == [100, *[13] * 23, 1]
