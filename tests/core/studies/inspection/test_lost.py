"""Why items are lost: each cause on data made for it."""

import numpy as np
import pytest

from core.index import HnswGraph, HnswParams, build_hnsw, census, search
from core.studies import CAUSES, LostItems, lost_items
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
from tests.core.index.graphs import broken, hand_graph

RANDOM = np.random.default_rng(8)


def lost(graph: HnswGraph, ef: int = 40) -> LostItems:
    return lost_items(graph, census(graph, ef=ef))


def causes(found: LostItems) -> dict[str, int]:
    names, counts = np.unique(found.cause, return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))


def test_cut_off_nodes_by_hand() -> None:
    # Nothing leads to 3; 4 and 5 lead to each other only. The beam of 1 at 0 finds 1 and 2.
    graph = hand_graph([{0: [1], 1: [0, 2], 2: [1], 3: [2], 4: [5], 5: [4]}], entry=0)
    found = lost(graph, ef=1)
    assert found.rows.tolist() == [3, 4, 5]
    assert found.cause.tolist() == [NO_LINKS, REGION, REGION]
    assert found.unreachable.tolist() == [True] * 3
    assert found.in_degree.tolist() == [0, 1, 1]
    assert found.duplicates.tolist() == [0, 0, 0]
    # Norms are 0 1 2 3 4 5: half, two thirds, five sixths of the rows are shorter.
    assert found.norm_rank.tolist() == pytest.approx([3 / 6, 4 / 6, 5 / 6])
    # The mean is 2.5, at distances 2.5 1.5 .5 .5 1.5 2.5 of the rows.
    assert found.center_rank.tolist() == pytest.approx([0, 2 / 6, 4 / 6])


def test_a_search_that_ends_before_an_item() -> None:
    # From 0 the beam of 1 goes to 1, which leads only away from 9 at the far end.
    line = np.array([[0.0], [1.0], [-5.0], [9.0]], dtype=np.float32)
    graph = hand_graph([{0: [1], 1: [0, 2], 2: [3], 3: [2]}], entry=0, vectors=line, m=3)
    found = lost(graph, ef=1)
    assert found.rows.tolist() == [2, 3]  # 2 lies behind 1, which is farther from it than 0 is
    assert found.cause.tolist() == [STOPPED, STOPPED]
    assert not found.unreachable.any()


def test_copies_of_the_mean_hide_other_items() -> None:
    graph = build_hnsw(broken(), HnswParams("euclidean", m=4, ef_construction=20))
    found = lost(graph)
    center = np.linalg.norm(graph.vectors - graph.vectors.mean(axis=0, dtype=float), axis=1)
    crowd = set(np.flatnonzero(center < 0.3 * np.median(center)).tolist())
    assert crowd == set(range(2000, 2040))  # the copies stand last
    answers = search(graph, graph.vectors, 40, 40).ids.tolist()
    for row, cause in zip(found.rows.tolist(), found.cause.tolist(), strict=True):
        links = graph.base.targets[graph.base.indptr[row] : graph.base.indptr[row + 1]].tolist()
        led = len(crowd & set(links)) >= len(links) / 2
        ended = len(crowd & set(answers[row])) >= len([i for i in answers[row] if i >= 0]) / 2
        assert (cause == MEAN) == (row in crowd or led or ended)
    assert causes(found)[MEAN] > len(found.rows) / 2


def test_copies_fill_the_lists_of_one_another() -> None:
    rows = RANDOM.normal(size=(1000, 16)).astype(np.float32)
    rows[:300] = rows[0]
    graph = build_hnsw(rows[RANDOM.permutation(1000)], HnswParams("euclidean", m=4))
    found = lost(graph, ef=20)
    assert set(causes(found)) <= {HIDDEN, COPIES, NO_LINKS, REGION, STOPPED}
    copies = found.duplicates == 299
    assert copies.sum() > 100
    # More copies than ef are as near as the item itself: no list can hold them all.
    assert set(found.cause[copies].tolist()) == {HIDDEN}


def test_duplicates_are_counted_by_value() -> None:
    line = np.array([[0.0], [-0.0], [2.0], [2.0], [2.0], [5.0]], dtype=np.float32)
    graph = hand_graph([{node: [] for node in range(6)}], entry=5, vectors=line, m=9)
    found = lost(graph, ef=1)
    assert found.rows.tolist() == [0, 1, 2, 3, 4]
    assert found.duplicates.tolist() == [1, 1, 2, 2, 2]


def test_rows_of_signs_are_told_apart() -> None:
    # 1 and -1 differ in one bit, the highest, so a hash that only multiplies keeps 33 bits of 64:
    # of the 5e9 pairs of these rows one shared a hash (0.6 expected).
    numbers = np.unique(np.random.default_rng(1).integers(2**40, size=100_000))
    signs = 1 - 2 * (numbers[:, None] >> np.arange(40) & 1).astype(np.float32)
    graph = hand_graph([dict.fromkeys(range(len(signs)), ())], entry=0, vectors=signs)
    found = lost_items(graph, census(graph, ef=1, sample=1))
    assert len(found.rows) >= len(signs) - 1
    assert not found.duplicates.any()


def test_short_vectors_are_lost_under_inner_product() -> None:
    rows = RANDOM.normal(size=(1500, 16)) * RANDOM.lognormal(0, 0.8, size=(1500, 1))
    graph = build_hnsw(rows.astype(np.float32), HnswParams("inner_product", m=4))
    found = lost(graph)
    counted = causes(found)
    assert counted[SHORT] + counted[HIDDEN] > 0.8 * len(found.rows) > 100
    norms = np.linalg.norm(graph.vectors, axis=1)
    kept = np.delete(norms, found.rows)
    assert (norms[found.rows[found.cause == SHORT]] < np.median(kept)).all()


def test_hidden_items_have_as_many_nearer_rows_as_the_beam_is_wide() -> None:
    rows = (RANDOM.normal(size=(600, 8)) * RANDOM.lognormal(0, 1, size=(600, 1))).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("inner_product", m=8))
    found = lost(graph, ef=10)
    products = rows.astype(float) @ rows.T.astype(float)
    nearer = (products > np.diag(products)[:, None]).sum(axis=1)
    expected = nearer[found.rows] >= 10
    assert (found.cause == HIDDEN).tolist() == expected.tolist()
    assert expected.any()


def full(vectors: list[float], *, m: int = 9, deleted: tuple[int, ...] = ()) -> HnswGraph:
    """Points on a line under inner product, each linked to all others."""
    n = len(vectors)
    layer = {node: [other for other in range(n) if other != node] for node in range(n)}
    line = np.array(vectors, dtype=np.float32)[:, None]
    return hand_graph([layer], 0, vectors=line, metric="inner_product", m=m, deleted=deleted)


def test_hidden_by_a_longer_vector_and_a_copy() -> None:
    # At ef 2 the longer 3 and one of the two 1s fill the list; the other 1 is as near to itself.
    found = lost(full([1, 1, 3, 0.5]), ef=2)
    copy, half = found.rows.tolist()
    assert copy in (0, 1)
    assert half == 3
    assert found.cause.tolist() == [HIDDEN, HIDDEN]


def test_hidden_where_all_other_rows_are_longer() -> None:
    found = lost(full([1, 3]), ef=1)
    assert (found.rows.tolist(), found.cause.tolist()) == ([0], [HIDDEN])


def test_deleted_rows_hide_nothing() -> None:
    # 5 and 4 are deleted: only 3 is nearer to 2 than itself, and a list of two holds both.
    graph = full([5, 4, 3, 2, 1], deleted=(0, 1))
    assert lost(graph, ef=1).rows.tolist() == [3, 4]
    found = lost(graph, ef=2)
    assert (found.rows.tolist(), found.cause.tolist()) == ([4], [HIDDEN])


def test_deleted_copies_hide_nothing() -> None:
    # Nothing leads to 3; of its two copies at 7 one is deleted, so that ef 2 would hold it.
    line = np.array([[0.0], [7.0], [7.0], [7.0]], dtype=np.float32)
    layer = {0: [1], 1: [0, 2], 2: [1], 3: [2]}
    for deleted, cause in (((), HIDDEN), ((2,), NO_LINKS)):
        graph = hand_graph([layer], entry=0, vectors=line, m=9, deleted=deleted)
        found = lost(graph, ef=2)
        assert (found.rows.tolist(), found.duplicates.tolist()) == ([3], [2])
        assert found.cause.tolist() == [cause]


def test_copies_are_as_near_whatever_the_rounding() -> None:
    # Each pair of copies has one longer row beside it: at ef 2 each lost copy is hidden by both.
    rows = RANDOM.normal(size=(64, 64))
    rows = (3 * np.linalg.qr(rows)[0]).astype(np.float32)
    graph = build_hnsw(np.concatenate([rows, rows, 2 * rows]), HnswParams("inner_product"))
    found = lost(graph, ef=2)
    copies = found.rows < 128
    assert copies.sum() >= 64
    assert set(found.cause[copies].tolist()) == {HIDDEN}


def test_only_some_of_many_lost_items_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = full([9, 1, 2, 3, 4, 5, 6, 7])
    assert causes(lost(graph, ef=1)) == {HIDDEN: 7}
    monkeypatch.setattr("core.studies.inspection.lost.CHECKED_AT_MOST", 3)
    counted = census(graph, ef=1)
    drawn = [lost_items(graph, counted, seed=seed).cause.tolist() for seed in (1, 1, 2)]
    assert [names.count(HIDDEN) for names in drawn] == [3, 3, 3]
    assert drawn[0] == drawn[1] != drawn[2]


def test_class_after_class_stops_searches_and_cuts_nothing_off() -> None:
    random = np.random.default_rng(2)
    centers = np.repeat(3 * random.normal(size=(30, 16)), 100, axis=0)
    rows = (centers + random.normal(size=(3000, 16))).astype(np.float32)
    params = HnswParams("euclidean", m=8, ef_construction=40)
    ordered, mixed = (lost(build_hnsw(it, params)) for it in (rows, random.permutation(rows)))
    assert len(mixed.rows) <= 1
    assert causes(ordered)[STOPPED] > 20
    assert REGION not in causes(ordered)
    narrow = lost(build_hnsw(random.permutation(rows), HnswParams("euclidean", 2, 10)))
    assert causes(narrow)[REGION] > 20


def test_where_nothing_is_lost_nothing_is_listed() -> None:
    rows = RANDOM.normal(size=(300, 8)).astype(np.float32)
    found = lost(build_hnsw(rows, HnswParams("euclidean")))
    assert len(found.rows) == len(found.cause) == len(found.duplicates) == 0


def test_every_cause_has_a_sentence() -> None:
    assert set(CAUSES) == {ZERO, HIDDEN, COPIES, MEAN, SHORT, NO_LINKS, REGION, STOPPED}
    assert all(sentence.endswith(".") for sentence in CAUSES.values())
