"""Crowds that keep items from being found, worked by hand on a line."""

from collections.abc import Sequence

import numpy as np
import pytest

from core.index import HnswGraph, census
from core.studies import lost_items
from core.studies.inspection.lost import (
    COPIES,
    HIDDEN,
    MEAN,
    NO_LINKS,
    REGION,
    SHORT,
    STOPPED,
    ZERO,
)
from tests.core.index.graphs import hand_graph

# Three copies at 0 (each with two others, and M = 2), then a chain from them up to 23. Nothing
# leads to the last four, which are lost. The mean is 154.5 / 13 = 11.9: only 12 is near to it.
# All of it is shifted by 100, so that the copies are no rows of zeros, unless a test says so.
CHAIN = [0, 0, 0, 1, 1.5, 20, 21, 22, 23]
CUT_OFF = [25, 26, 3, 12]


def line(points: Sequence[float]) -> np.ndarray:
    return np.array(points, dtype=np.float32)[:, None]


def with_cut_off(
    links: list[list[int]], *, m: int = 2, deleted: range = range(0), shift: float = 100
) -> HnswGraph:
    """The chain, linked both ways, and the four that are cut off, with these links."""
    last = len(CHAIN) - 1
    layer = {i: [j for j in (i - 1, i + 1) if 0 <= j <= last] for i in range(last + 1)}
    layer |= {last + 1 + i: out for i, out in enumerate(links)}
    return hand_graph([layer], 0, vectors=line([*CHAIN, *CUT_OFF]) + shift, m=m, deleted=deleted)


def lost_causes(graph: HnswGraph, ef: int) -> dict[int, str]:
    found = lost_items(graph, census(graph, ef=ef))
    return dict(zip(found.rows.tolist(), found.cause.tolist(), strict=True))


def test_half_of_the_links_or_half_of_the_answers_lead_to_copies() -> None:
    # 25 links to a copy and to 20: half. 26 links to a copy, 20 and 21: a third. The search for 3
    # ends with 1.5, 1 and two copies: half. The search for 12 ends with 20, 21, 22 and 1.5, and it
    # has no links at all.
    graph = with_cut_off([[0, 5], [0, 5, 6], [5, 6], []])
    assert lost_causes(graph, ef=4) == {9: COPIES, 10: NO_LINKS, 11: COPIES, 12: NO_LINKS}


def test_copies_of_zero_are_named_so() -> None:
    graph = with_cut_off([[0, 5], [0, 5, 6], [5, 6], []], shift=0)
    assert lost_causes(graph, ef=4) == {9: ZERO, 10: NO_LINKS, 11: ZERO, 12: NO_LINKS}
    fewer = with_cut_off([[0, 5], [0, 5, 6], [5, 6], []], m=3, shift=0)
    assert set(lost_causes(fewer, ef=4).values()) == {NO_LINKS}


def test_fewer_copies_than_links_are_no_crowd() -> None:
    graph = with_cut_off([[0, 5], [0, 5, 6], [5, 6], []], m=3)
    assert set(lost_causes(graph, ef=4).values()) == {NO_LINKS}


def test_a_search_that_returns_nothing_ends_in_no_crowd() -> None:
    graph = with_cut_off([[5, 6], [5, 6], [5, 6], []], deleted=range(len(CHAIN)))
    assert set(lost_causes(graph, ef=4).values()) == {NO_LINKS}


# The mean is 0 and the median distance to it 10: 1 and -1 are nearer than 3. Nothing leads to the
# first, nor to these two, whose links lead to others.
RING = [-10, 10, -11, 11, 12, -12, 1, -1]
LINKS = {0: [1, 6], 1: [3], 2: [5], 3: [1, 4], 4: [3, 2], 5: [2, 4], 6: [1, 3], 7: [2, 5]}


@pytest.mark.parametrize(
    ("m", "causes"), [(2, [MEAN, MEAN, MEAN]), (3, [NO_LINKS, REGION, NO_LINKS])]
)
def test_as_many_copies_of_the_mean_as_a_node_has_links(m: int, causes: list[str]) -> None:
    # 1 and -1 are of the crowd themselves; half of the links of -10 lead there, to 1.
    lost = lost_causes(hand_graph([LINKS], 1, vectors=line(RING), m=m), ef=6)
    assert lost == dict(zip([0, 6, 7], causes, strict=True))


def test_a_node_without_links_in_may_be_reached_from_above() -> None:
    # On layer 1 the way to 9 is by -50, which is farther than 0 where the search begins.
    layers = [{0: [1], 1: [0], 2: [0], 3: [0]}, {0: [2], 2: [3], 3: []}]
    graph = hand_graph(layers, 0, vectors=line([0, 1, -50, 9]), m=5)
    assert lost_causes(graph, ef=4) == {3: STOPPED}


@pytest.mark.parametrize(
    ("deleted", "causes"),
    [((), {2: HIDDEN, 3: HIDDEN, 4: HIDDEN}), ((0, 1), {4: SHORT})],
)
def test_deleted_longer_vectors_hide_nothing(
    deleted: tuple[int, ...], causes: dict[int, str]
) -> None:
    # 5 and 4 fill every list of two. Nothing leads to the 2, which stands last; without 5 and 4
    # only 3 is longer, and it is below the median norm of the others, 3.5.
    layer = {i: [j for j in range(4) if j != i] for i in range(5)}
    points = line([5, 4, 3, 1, 2])
    graph = hand_graph([layer], 0, vectors=points, metric="inner_product", m=9, deleted=deleted)
    assert lost_causes(graph, ef=2) == causes


def test_a_longer_vector_is_looked_for_up_to_the_largest_k(monkeypatch: pytest.MonkeyPatch) -> None:
    layer = {i: [j for j in range(4) if j != i] for i in range(4)}
    graph = hand_graph([layer], 0, vectors=line([1, 2, 3, 4]), metric="inner_product", m=9)
    assert lost_causes(graph, ef=2) == {0: HIDDEN, 1: HIDDEN}
    monkeypatch.setattr("core.studies.inspection.lost.LARGEST_K", 1)
    assert lost_causes(graph, ef=2) == {0: SHORT, 1: SHORT}
