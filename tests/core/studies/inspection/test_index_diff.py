"""Two indexes side by side: the same file, one node deleted or built without, other vectors."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, read_index, search
from core.index.storage import FLOAT16
from core.studies import IndexDiff, diff_indexes
from core.studies.inspection.index_diff import (
    CHANGED,
    GONE,
    LEFT,
    NEW,
    REACHED,
    REASONS,
    TIE,
    LayerLinks,
)
from tests.core.gate.made import cut_off
from tests.core.index.graphs import hand_graph
from tests.core.index.index_files import hnswlib_bytes

RANDOM = np.random.default_rng(8)
ROWS = RANDOM.normal(size=(400, 6)).astype(np.float32)
ASKED = RANDOM.normal(size=(200, 6)).astype(np.float32)
WIDE = 400  # a beam of all rows: what is reachable is found


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(ROWS, HnswParams("euclidean", m=8, ef_construction=100))


def without(graph: HnswGraph, row: int) -> HnswGraph:
    """The same graph, the row marked as deleted."""
    return replace(graph, deleted=np.arange(graph.n) == row)


def line(labels: list[int], places: list[float]) -> HnswGraph:
    """Every node linked to every other, at places on a line."""
    nodes = range(len(labels))
    links = {one: [other for other in nodes if other != one] for one in nodes}
    vectors = np.array(places, np.float32)[:, None]
    return replace(hand_graph([links], 0, vectors=vectors, m=9), labels=np.array(labels))


def of(diff: IndexDiff, query: int) -> set[str]:
    """All reasons of a query."""
    return {name for name, applies in zip(REASONS, diff.reasons[query], strict=True) if applies}


def test_a_file_with_itself_is_empty() -> None:
    content = hnswlib_bytes(ROWS, labels=np.arange(400) * 3 + 1, deleted=(4, 31))
    a, b = (read_index(content, metric="euclidean") for _ in range(2))
    diff = diff_indexes(a, b)
    assert diff.is_empty
    assert (diff.before, diff.after, diff.queries) == (398, 398, 398)
    assert (diff.overlap.tolist(), diff.rank_overlap.tolist()) == ([1.0] * 398, [1.0] * 398)
    assert diff.counts == {}
    assert [each.kept_share for each in diff.links] == [1.0] * (a.max_level + 1)
    assert not diff.reasons.any()


def test_one_deleted_node_changes_exactly_the_queries_that_had_it(graph: HnswGraph) -> None:
    row = 17
    diff = diff_indexes(graph, without(graph, row), ASKED, k=10, ef=WIDE)
    had = (search(graph, ASKED, 10, WIDE).ids == row).any(axis=1)
    assert 0 < had.sum() < 100
    assert diff.moved.tolist() == had.tolist()
    assert diff.lost.tolist() == [row]
    assert (len(diff.gained), len(diff.changed)) == (0, 0)
    assert diff.counts == {GONE: int(had.sum())}
    assert diff.overlap[had].tolist() == [0.9] * int(had.sum())
    assert (diff.rank_overlap[had] < 1).all()
    assert all(each.kept == each.before == each.after for each in diff.links)
    assert diff.links[0].possible < diff.links[0].before  # its own links cannot be kept
    back = diff_indexes(without(graph, row), graph, ASKED, k=10, ef=WIDE)
    assert back.counts == {NEW: int(had.sum())}
    assert back.gained.tolist() == [row]


def test_a_node_without_links_is_no_longer_reached(graph: HnswGraph) -> None:
    cut = cut_off(graph, (17,))
    diff = diff_indexes(graph, cut, ASKED, k=10, ef=WIDE)
    had = (search(graph, ASKED, 10, WIDE).ids == 17).any(axis=1)
    assert diff.moved.tolist() == had.tolist()
    assert diff.counts == {LEFT: int(had.sum())}
    assert (len(diff.lost), len(diff.gained)) == (0, 0)
    lost = int((graph.links(0)[1] == 17).sum())
    assert diff.links[0] == LayerLinks(
        0, len(graph.base.targets), len(graph.base.targets) - lost, len(graph.base.targets) - lost,
        len(graph.base.targets),
    )  # fmt: skip
    assert diff_indexes(cut, graph, ASKED, k=10, ef=WIDE).counts == {REACHED: int(had.sum())}


def test_each_reason_on_a_line() -> None:
    """Queries at 0 for the two nearest of a few items."""
    at_zero = np.zeros((1, 1), np.float32)

    def reasons(a: HnswGraph, b: HnswGraph) -> set[str]:
        return of(diff_indexes(a, b, at_zero, k=2, ef=5), 0)

    before = line([1, 2, 3], [1, 2, 3])
    assert reasons(before, line([1, 3], [1, 3])) == {GONE}  # 3 fills the place of 2
    assert reasons(before, line([1, 2, 3, 9], [1, 2, 3, 1.5])) == {NEW}  # 9 pushes 2 out
    assert reasons(before, line([1, 2, 3], [1, 2, 1.5])) == {CHANGED}  # 3 came nearer
    assert reasons(before, line([1, 2, 3], [1.5, 1.2, 3])) == {CHANGED}  # only the order
    assert reasons(before, line([1, 3, 9], [1, 3, 1.5])) == {GONE, NEW}
    assert reasons(before, before) == set()


def test_of_items_as_near_any_may_be_returned() -> None:
    """A full beam takes no item that is only as near: which one came first depends on links."""
    vectors = np.array([[1], [2], [-2]], np.float32)
    a, b = (
        hand_graph([{0: order, 1: [0], 2: [0]}], 0, vectors=vectors) for order in ([1, 2], [2, 1])
    )
    diff = diff_indexes(a, b, np.zeros((1, 1), np.float32), k=2, ef=2)
    assert (diff.first.tolist(), diff.second.tolist()) == ([[0, 1]], [[0, 2]])
    assert of(diff, 0) == {TIE}
    assert diff.counts == {TIE: 1}


def test_items_are_told_by_label_and_repeated_ones_by_their_turn() -> None:
    a = line([5, 5, 7], [1, 2, 3])
    b = line([2, 5, 5, 5], [9, 1, 2, 8])
    diff = diff_indexes(a, b, np.zeros((1, 1), np.float32), k=3, ef=4)
    assert (diff.lost.tolist(), diff.gained.tolist()) == ([7], [2, 5])
    assert diff.labels.tolist() == [2, 5, 5, 5, 7]
    assert diff.labels[diff.first[0]].tolist() == [5, 5, 7]
    assert diff.labels[diff.second[0]].tolist() == [5, 5, 5]
    assert diff.first[0].tolist() == [1, 2, 4]


def test_large_labels_and_small_ones() -> None:
    large = np.array([3, 2**64 - 1], np.uint64)
    a = replace(line([0, 1], [1, 2]), labels=large)
    diff = diff_indexes(a, line([3, 4], [1, 2]), np.zeros((1, 1), np.float32), k=1, ef=2)
    assert diff.lost.tolist() == [2**64 - 1]
    assert diff.gained.tolist() == [4]


def test_fewer_digits_are_no_other_vectors(graph: HnswGraph) -> None:
    halved = graph.vectors.astype(np.float16).astype(np.float32)
    half = replace(graph, vectors=halved, storage=FLOAT16)
    diff = diff_indexes(graph, half, ASKED, k=10, ef=WIDE)
    assert len(diff.changed) == 0
    assert set(diff.counts) <= {TIE}
    assert diff_indexes(half, half, ASKED).is_empty
    other = replace(half, vectors=halved + 0.01 * (np.arange(400) == 3)[:, None])
    assert diff_indexes(half, other, ASKED).changed.tolist() == [3]


def test_links_are_counted_by_layer() -> None:
    base = {0: [1, 2], 1: [0], 2: [0, 1]}
    a = hand_graph([base, {0: [1], 1: [0]}], 0)
    b = hand_graph([{0: [2], 1: [0, 2], 2: [0]}], 0)
    diff = diff_indexes(a, b, np.zeros((1, 1), np.float32), k=1, ef=3)
    # On layer 0, 0>1 and 2>1 went and 1>2 came; layer 1 is gone with its two links.
    assert diff.links == (LayerLinks(0, 5, 4, 3, 5), LayerLinks(1, 2, 0, 0, 0))
    assert diff.links[0].kept_share == 0.6
    assert np.isnan(LayerLinks(1, 0, 2, 0, 0).kept_share)


def test_items_are_queries_that_leave_themselves_out(graph: HnswGraph) -> None:
    other = build_hnsw(ROWS, HnswParams("euclidean", m=8, ef_construction=20, seed=3))
    diff = diff_indexes(graph, other, k=5, ef=WIDE, size=50, seed=4)
    assert diff.asked is not None
    rows = np.sort(np.random.default_rng(4).permutation(400)[:50])
    assert diff.asked.tolist() == rows.tolist()
    assert not (diff.first == rows[:, None]).any()
    assert not diff.moved.any()  # a beam of all rows finds the same in both
    assert 0 < diff.links[0].kept_share < 1
    narrow = diff_indexes(graph, other, k=5, ef=5)
    assert set(narrow.counts) <= {LEFT, REACHED}
    assert 0 < narrow.moved.sum() < 400
    assert narrow.moved.tolist() == (narrow.reason != "").tolist()


def test_progress_grows_to_its_end(graph: HnswGraph) -> None:
    heard: list[float] = []
    diff_indexes(graph, graph, ASKED, progress=lambda share, _: heard.append(share))
    assert heard == sorted(heard)
    assert heard[-1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (lambda it: diff_indexes(it, replace(it, metric="cosine")), "by euclidean and by cosine"),
        (
            lambda it: diff_indexes(it, build_hnsw(ROWS[:, :5].copy(), HnswParams("euclidean"))),
            "of 6 and of 5 dimensions",
        ),
        (lambda it: diff_indexes(it, replace(it, labels=it.labels + 999)), "share no item"),
        (lambda it: diff_indexes(it, it, k=20, ef=10), "ef must be between"),
        (lambda it: diff_indexes(it, it, k=400, ef=400), "k must be"),
    ],
)
def test_what_cannot_be_compared(
    made: Callable[[HnswGraph], IndexDiff], said: str, graph: HnswGraph
) -> None:
    with pytest.raises(ParameterError, match=said):
        made(graph)
