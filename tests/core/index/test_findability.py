"""The census: found is what a search for as many answers as the beam holds returns."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import Census, HnswGraph, HnswParams, build_hnsw, census, reachable_rows, search
from tests.core.index.graphs import broken, hand_graph

VECTORS = broken()


def graph_of(metric: str, vectors: np.ndarray = VECTORS) -> HnswGraph:
    return build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=20))  # type: ignore[arg-type]


@pytest.mark.parametrize("metric", ["euclidean", "cosine", "inner_product"])
@pytest.mark.parametrize("ef", [1, 10, 60])
def test_found_and_first_equal_a_search_of_each_row(metric: str, ef: int) -> None:
    graph = graph_of(metric, np.concatenate([VECTORS, VECTORS[:30]]))
    counted = census(graph, ef=ef)
    answer = search(graph, graph.vectors, ef, ef)
    own = np.arange(graph.n)
    found = (answer.ids == own[:, None]).any(axis=1)
    assert counted.found.tolist() == found.tolist()
    assert counted.reachable.tolist() == reachable_rows(graph).tolist()
    assert counted.checked.tolist() == own.tolist()
    at_own = answer.distances[own, (answer.ids == own[:, None]).argmax(axis=1)]
    copy = (graph.vectors[answer.ids[:, 0]] == graph.vectors).all(axis=1)
    leads = copy | (found & (answer.distances[:, 0] >= at_own))
    assert counted.first.tolist() == leads.tolist()
    assert counted.self_recall == leads.mean()


def test_a_copy_that_comes_first_is_as_good_as_the_item() -> None:
    # 0 and 1 stand at the same place, and the beam of 1 ends at the entry, 0.
    twins = np.array([[0.0], [0.0], [5.0]], dtype=np.float32)
    graph = hand_graph([{0: [1, 2], 1: [0], 2: [0]}], entry=0, vectors=twins)
    counted = census(graph, ef=1)
    assert counted.found.tolist() == [True, False, True]
    assert counted.first.tolist() == [True, True, True]


def test_nearer_is_decided_in_float64() -> None:
    # Products with row 1: 2^24 + 2^-10 (0 adds nothing): with 0 2^24, with itself 2^24 + 2^-10,
    # with 2 2^24 + 2^-9. In float32 all are 2^24, a tie; truly 2 is nearer to 1 than 1 itself.
    rows = np.array([[4096, 0], [4096, 2**-5], [4096, 2**-4]], dtype=np.float32)
    links = {0: [1, 2], 1: [0, 2], 2: [0, 1]}
    graph = hand_graph([links], entry=0, vectors=rows, metric="inner_product")
    assert census(graph, ef=3).first.tolist() == [True, False, True]


@pytest.mark.parametrize("ef", [1, 2, 10])
def test_deleted_rows_take_no_place_in_the_beam(ef: int) -> None:
    whole = graph_of("inner_product", np.concatenate([VECTORS, VECTORS[:30]]))
    graph = replace(whole, deleted=np.random.default_rng(4).random(whole.n) < 0.4)
    counted = census(graph, ef=ef)
    live = np.flatnonzero(~graph.deleted)
    assert counted.checked.tolist() == live.tolist()
    answer = search(graph, graph.vectors[live], ef, ef)
    held = answer.ids == live[:, None]
    assert counted.found.tolist() == held.any(axis=1).tolist()
    for i, row in enumerate(live.tolist()):
        mine = answer.distances[i][answer.ids[i] == row]
        copy = (graph.vectors[answer.ids[i, 0]] == graph.vectors[row]).all()
        assert counted.first[i] == (copy or (len(mine) == 1 and answer.distances[i, 0] >= mine[0]))


def test_lost_items_by_hand() -> None:
    # On a line 0 1 2 3: the entry 0 leads to 1 and 2; nothing leads to 3.
    graph = hand_graph([{0: [1], 1: [0, 2], 2: [1], 3: [2]}], entry=0)
    counted = census(graph, ef=4)
    assert counted.unreachable.tolist() == [3]
    assert counted.unfindable.tolist() == [3]
    assert (counted.unfindable_share, counted.self_recall) == (0.25, 0.75)
    assert counted.interval == (0.25, 0.25)
    # From 0 the search for 2 with a beam of 1 steps to 1, then to 2.
    assert census(graph, ef=1).unfindable.tolist() == [3]


def test_deleted_rows_are_not_counted() -> None:
    graph = hand_graph([{0: [1], 1: [0, 2], 2: [1], 3: [2]}], entry=0, deleted=[0, 3])
    counted = census(graph, ef=4)
    assert counted.checked.tolist() == [1, 2]
    assert counted.unreachable.tolist() == []
    assert counted.found.tolist() == [True, True]
    assert not counted.is_sample


def test_a_sample_is_drawn_with_its_seed() -> None:
    graph = graph_of("euclidean")
    counted, again = (census(graph, ef=20, sample=300, seed=3) for _ in range(2))
    assert counted.checked.tolist() == again.checked.tolist() == sorted(set(counted.checked))
    assert len(counted.checked) == 300
    assert counted.is_sample
    assert census(graph, ef=20, sample=300, seed=4).checked.tolist() != counted.checked.tolist()
    whole = census(graph, ef=20)
    assert counted.found.tolist() == whole.found[counted.checked].tolist()
    low, high = counted.interval
    assert low < counted.unfindable_share < high


def test_the_interval_is_wilson_s() -> None:
    # 10 of 100 not found, z = 1.96: scale 1.0384, middle (0.1 + 0.0192) / 1.0384 = 0.1148,
    # half 1.96 / 1.0384 * sqrt(0.0009 + 0.000096) = 0.0596.
    found = np.arange(100) >= 10
    many = np.zeros(1000, dtype=bool)
    counted = Census(~many, many, np.arange(100), found, found, 40, 0)
    assert counted.interval == pytest.approx((0.1148 - 0.0596, 0.1148 + 0.0596), abs=2e-4)


@pytest.mark.parametrize(("found", "interval"), [(False, (0.2065, 1)), (True, (0, 0.7935))])
def test_the_interval_stays_between_0_and_1(found: bool, interval: tuple[float, float]) -> None:
    # One row of a sample: all or nothing. z^2 = 3.8415; scale 4.8415; middle (1 + 1.9207) / 4.8415
    # = 0.6033 or 1.9207 / 4.8415 = 0.3967; half 1.96 / 4.8415 * sqrt(1 / 4 * 3.8415) = 0.3967.
    one, many = np.array([found]), np.zeros(1000, dtype=bool)
    counted = Census(~many, many, np.arange(1), one, one, 40, 0)
    assert counted.interval == pytest.approx(interval, abs=1e-4)
    assert 0 <= counted.interval[0] <= counted.interval[1] <= 1


def test_progress_counts_the_rows_and_can_stop() -> None:
    graph, told = graph_of("euclidean"), list[tuple[int, int]]()
    census(graph, ef=10, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (graph.n, graph.n)
    assert told == sorted(told)

    def stop(_done: int, _of: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        census(graph, ef=10, progress=stop)


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_change_nothing(threads: int) -> None:
    graph = graph_of("cosine")
    counted, usual = census(graph, ef=5, threads=threads), census(graph, ef=5)
    assert counted.found.tolist() == usual.found.tolist()
    assert counted.first.tolist() == usual.first.tolist()


def test_one_row_finds_itself_and_ef_must_be_positive() -> None:
    alone = hand_graph([{0: []}], entry=0)
    assert census(alone, ef=1).found.tolist() == [True]
    with pytest.raises(ParameterError, match="ef must be a whole number of at least 1; got 0"):
        census(alone, ef=0)


def test_an_index_of_deleted_rows_has_nothing_to_count() -> None:
    counted = census(hand_graph([{0: [1], 1: [0]}], entry=0, deleted=[0, 1]), ef=3)
    assert len(counted.checked) == 0
    assert np.isnan(counted.unfindable_share)
    assert np.isnan(counted.self_recall)
