"""The replay of an insertion, held against the links that hnswlib itself makes."""

from dataclasses import replace
from functools import cache

import hnswlib
import numpy as np
import pytest

from core.data import load_sample
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import (
    DROPPED,
    KEPT,
    NOT_ASKED,
    HnswGraph,
    HnswParams,
    Insertion,
    build_hnsw,
    draw_level,
    drawn_levels,
    insert_after,
    insert_into,
    trace_insertion,
    with_inserted,
)
from core.index.insertion import differing_rows
from core.index.insertion import made as made_module
from core.index.insertion.sum_order import sum_order
from tests.core.index.datasets import clustered, duplicated, graph_of, grid
from tests.core.index.graphs import hand_graph

SETTINGS = ((2, 8), (5, 40), (16, 200))
DATA = ("random", "clusters with copies", "grid", "wordnet")


@cache
def rows_of(name: str, n: int) -> np.ndarray:
    random = np.random.default_rng(5)
    if name == "random":
        rows = random.normal(size=(n, 20)).astype(np.float32)
    elif name == "clusters with copies":
        rows = random.permutation(duplicated())[:n]
    else:
        rows = grid()[:n] if name == "grid" else load_sample("wordnet").vectors[:n].copy()
    rows.setflags(write=False)
    return rows


def assert_same_graph(ours: HnswGraph, theirs: HnswGraph) -> None:
    assert ours.entry_point == theirs.entry_point
    np.testing.assert_array_equal(ours.levels, theirs.levels)
    for links in ("base", "upper"):
        mine, other = getattr(ours, links), getattr(theirs, links)
        np.testing.assert_array_equal(mine.indptr, other.indptr)
        np.testing.assert_array_equal(mine.targets, other.targets)
    np.testing.assert_array_equal(ours.vectors, theirs.vectors)


# ---- the level


@pytest.mark.parametrize("seed", [0, 1, 100, 2**31 - 2, 2**31 - 1])
@pytest.mark.parametrize("m", [2, 5, 16])
def test_the_levels_drawn_are_those_of_hnswlib(m: int, seed: int) -> None:
    rows = np.random.default_rng(0).normal(size=(2000, 2)).astype(np.float32)
    graph = build_hnsw(rows, HnswParams("euclidean", m=m, ef_construction=4, seed=seed))
    assert graph.max_level > 1
    np.testing.assert_array_equal(drawn_levels(m, seed, 2000), graph.levels)
    each = [draw_level(m, seed, number).level for number in range(0, 2000, 7)]
    np.testing.assert_array_equal(each, graph.levels[::7])


def test_the_generator_is_the_one_of_the_standard() -> None:
    # The 10,000th number of minstd_rand0 is 1043618065 (C++ standard, [rand.predef]). It is the
    # second of draw 4,999, and u r = (x1 - 1) / r + (x2 - 1), so its whole part is x2 - 1.
    r = 2**31 - 2
    assert int(draw_level(16, 1, 4999).u * r) == 1043618065 - 1


def test_a_level_is_the_whole_part_of_the_logarithm() -> None:
    draw = replace(draw_level(4, 1, 0), u=1 / 20)  # ln 20 / ln 4 = 2.9957 / 1.3863 = 2.161
    assert draw.scaled == pytest.approx(2.161, abs=5e-4)
    assert (draw.level, draw.chance) == (2, 1 / 16)


# ---- the arithmetic


@pytest.mark.parametrize("space", ["l2", "ip"])
@pytest.mark.parametrize("dim", [1, 3, 8, 20, 64, 99, 384])
def test_distances_are_as_near_as_hnswlibs_own(dim: int, space: str) -> None:
    from core.index.kernels.insertion import all_distances

    rows = np.random.default_rng(1).normal(size=(300, dim)).astype(np.float32)
    index = hnswlib.BFIndex(space, dim)
    index.init_index(300)
    index.add_items(rows, np.arange(300))
    labels, distances = index.knn_query(rows[7], 300, num_threads=1)
    ours = np.empty(300, np.float32)
    rows.setflags(write=False)
    all_distances(rows, rows[7].copy(), sum_order(dim, squared=space == "l2"), ours)
    np.testing.assert_allclose(ours[labels[0].astype(int)], distances[0], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("squared", [True, False])
@pytest.mark.parametrize("dim", [5, 16, 23, 36, 52])
def test_whole_numbers_add_up_in_any_order(dim: int, squared: bool) -> None:
    from core.index.kernels.insertion import all_distances

    rows = np.random.default_rng(2).integers(-9, 10, size=(40, dim)).astype(np.float32)
    expected = ((rows - rows[3]) ** 2).sum(axis=1) if squared else 1 - rows @ rows[3]
    rows.setflags(write=False)
    for lanes, fold in made_lanes():
        for fused in (True, False):
            for unfused in (1, 4, 16):
                how = sum_order(dim, squared=squared)._replace(
                    fused=fused, fold=fold, unfused=unfused, sums=np.empty(lanes, np.float32)
                )
                ours = np.empty(40, np.float32)
                all_distances(rows, rows[3].copy(), how, ours)
                np.testing.assert_array_equal(ours, expected)


def made_lanes() -> tuple[tuple[int, int], ...]:
    from core.index.insertion.sum_order import LANES_AND_FOLD

    return LANES_AND_FOLD


# ---- the links


@pytest.mark.parametrize(("m", "ef_construction"), SETTINGS)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATA)
def test_an_index_made_by_replays_alone_is_hnswlibs(
    name: str, metric: Metric, m: int, ef_construction: int
) -> None:
    rows = rows_of(name, 300)
    params = HnswParams(metric, m=m, ef_construction=ef_construction, seed=3)
    built, graph = build_hnsw(rows, params), build_hnsw(rows[:1], params)
    levels = drawn_levels(m, 3, 300)
    for row in range(1, 300):
        trace = trace_insertion(graph, rows[row], int(levels[row]))
        graph = with_inserted(graph, trace)
    assert_same_graph(graph, built)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("name", DATA)
def test_single_insertions_are_hnswlibs(name: str, metric: Metric) -> None:
    rows, params = rows_of(name, 900), HnswParams(metric, m=4, ef_construction=30, seed=9)
    levels = drawn_levels(4, 9, 900)
    highest = np.maximum.accumulate(levels)
    entries = np.flatnonzero(np.diff(highest) > 0) + 1
    upper = np.flatnonzero(levels > 0)
    seen: list[Insertion] = []
    for row in (*entries[-2:], *upper[-3:], 899, 450, 3):
        made = insert_after(rows, params, np.arange(row), rows[row])
        assert made.proven, row
        assert made.draw is not None
        assert made.trace.level == levels[row]
        assert made.compared == row + 1
        seen.append(made)
    layers = [layer for made in seen for layer in made.trace.layers]
    full = [other for layer in layers for other in layer.reverse if other.selection is not None]
    assert any(made.trace.becomes_entry for made in seen)
    assert any(layer.layer > 0 for layer in layers)
    assert any(len(other.lost) > 0 for other in full)
    assert any(made.trace.descent for made in seen)


@pytest.mark.parametrize("metric", METRICS)
def test_an_item_that_comes_last_is_inserted_after_the_others(metric: Metric) -> None:
    rows, params = clustered(400), HnswParams(metric, m=5, ef_construction=40)
    others = np.delete(np.arange(400), 7)
    reported: list[tuple[int, int]] = []
    made = insert_after(
        rows, params, others, rows[7], progress=lambda done, total: reported.append((done, total))
    )
    built = build_hnsw(rows, params, order=[*others.tolist(), 7])
    links = built.base.targets[built.base.indptr[7] : built.base.indptr[8]]
    assert made.proven
    assert others[made.trace.layers[-1].links].tolist() == links.tolist()
    assert reported[-1] == (399, 400)


def test_the_first_item_has_no_links() -> None:
    rows = clustered(5)
    made = insert_after(rows, HnswParams("cosine", m=3, ef_construction=2), [], rows[0])
    assert made.proven
    assert (made.trace.n, made.trace.layers, made.trace.descent) == (0, (), ())
    assert made.trace.becomes_entry
    assert made.trace.ef_construction == 3  # hnswlib takes no less than M
    assert np.linalg.norm(made.trace.vector) == pytest.approx(1)
    assert made.trace.compared == 0


# ---- an opened index


@pytest.mark.parametrize("metric", METRICS)
def test_an_item_added_to_an_opened_index_gets_hnswlibs_links(metric: Metric) -> None:
    rows, params = clustered(500), HnswParams(metric, m=6, ef_construction=50)
    graph = build_hnsw(rows, params)
    made = insert_into(graph, rows[3] + np.float32(0.1))
    assert made.proven
    assert made.draw == draw_level(6, 1, 0)
    assert made.trace.level == made.draw.level
    assert made.compared == 501


def test_a_copy_is_linked_to_its_original_alone_where_that_is_nearest_to_all() -> None:
    # A copy lies at 0 from its original; every other candidate is as far from the one as from the
    # other, which is not nearer, so copies drop nothing.
    graph = build_hnsw(clustered(300), HnswParams("euclidean", m=6, ef_construction=50))
    selection = insert_into(graph, graph.vectors[5]).trace.layers[-1].selection
    assert (selection.rows[0], selection.distances[0]) == (5, 0)
    assert not np.any((selection.against == 5) & (selection.verdict == DROPPED))


@pytest.mark.parametrize("share", [0.3, 1.0])
def test_deleted_rows_are_walked_through_and_a_deleted_entry_point_is_a_candidate(
    share: float,
) -> None:
    rows, params = clustered(400), HnswParams("euclidean", m=4, ef_construction=20)
    index = hnswlib.Index("l2", 32)
    index.init_index(401, 4, 20, 100)
    index.add_items(rows, np.arange(400), num_threads=1)
    entry = graph_of(index, params).entry_point
    deleted = np.random.default_rng(0).permutation(400)[: int(400 * share)]
    for row in {*deleted.tolist(), entry}:
        index.mark_deleted(row)
    before = graph_of(index, params)
    new = rows[entry] + np.float32(0.01)
    index.add_items(new[None], [400], num_threads=1)
    after = graph_of(index, params)
    trace = trace_insertion(before, new, int(after.levels[-1]))
    assert differing_rows(before, trace, after).tolist() == []
    assert entry in trace.layers[-1].selection.rows
    others = np.setdiff1d(trace.layers[-1].selection.rows, [entry])
    assert not before.deleted[others].any()


def test_where_all_rows_are_deleted_but_an_entry_point_out_of_reach_it_is_refused() -> None:
    # The descent ends at row 1, whose component on layer 0 is deleted; the entry point 0 is not.
    graph = hand_graph([{0: [], 1: [2], 2: [1]}, {0: [1], 1: [0]}], 0, deleted=(1, 2))
    with pytest.raises(ParameterError, match="reaches are deleted"):
        trace_insertion(graph, np.array([1.2]), 0)


# ---- the rule, by hand and by a naive reference


def test_the_rule_by_hand() -> None:
    # The new item at (0, 0). Candidates by distance: 0 (1, 0) at 1, 1 (1.5, 0) at 1.5, 2 (0, 2) at
    # 2, 3 (2, 2) at 2.83, 4 (-3, 0) at 3. Row 0 is kept. Row 1 is 0.5 from row 0 and 1.5 from the
    # new item: dropped. Row 2 is sqrt(1 + 4) = 2.24 from row 0: kept, and M = 2 is reached.
    vectors = np.array([[1, 0], [1.5, 0], [0, 2], [2, 2], [-3, 0]], dtype=np.float32)
    links = {row: [other for other in range(5) if other != row] for row in range(5)}
    graph = hand_graph([links], 3, vectors=vectors, m=2)
    trace = trace_insertion(graph, np.zeros(2), 0)
    (made,) = trace.layers
    selection = made.selection
    assert selection.rows.tolist() == [0, 1, 2, 3, 4]
    assert selection.distances == pytest.approx([1, 1.5, 2, 8**0.5, 3])
    assert selection.verdict.tolist() == [KEPT, DROPPED, KEPT, NOT_ASKED, NOT_ASKED]
    assert selection.against.tolist() == [-1, 0, 0, -1, -1]
    assert selection.against_distances[1:3] == pytest.approx([0.5, 5**0.5])
    assert made.links.tolist() == [2, 0]  # the farthest first
    assert (made.start, made.expanded[0], trace.entry_point) == (3, 3, 3)
    # Row 0 holds 4 = 2 M links, so the rule is asked for it: 1 at 0.5 is kept, then the new item at
    # 1 is 1.5 from row 1: kept. Rows 2 and 3, both sqrt(5) = 2.24 away, are 2 and 2.83 from the new
    # item, and 3 is 2.06 from row 1; both are dropped: 2 for the new item, 3 for row 1. Row 4, 4
    # away, is 3 from the new item: dropped.
    of_row_0 = made.reverse[1]
    assert of_row_0.neighbor == 0
    assert of_row_0.selection is not None
    assert sorted(of_row_0.links.tolist()) == [1, 5]
    assert sorted(of_row_0.lost.tolist()) == [2, 3, 4]
    rule = of_row_0.selection
    by = dict(zip(rule.rows.tolist(), rule.against.tolist(), strict=True))
    assert (by[2], by[3], by[4]) == (5, 1, 5)


def naive_rule(
    vectors: np.ndarray, center: np.ndarray, rows: np.ndarray, limit: int
) -> tuple[list[int], dict[int, int]]:
    """Rows kept, and for each dropped one the first kept row that is nearer to it."""
    kept: list[int] = []
    because: dict[int, int] = {}
    for row in rows[np.argsort(np.linalg.norm(vectors[rows] - center, axis=1))].tolist():
        if len(kept) == limit:
            break
        own = np.linalg.norm(vectors[row] - center)
        nearer = [k for k in kept if np.linalg.norm(vectors[k] - vectors[row]) < own]
        if nearer:
            because[row] = nearer[0]
        else:
            kept.append(row)
    return kept, because


def test_the_rule_is_that_of_a_naive_loop() -> None:
    rows = clustered(600).astype(np.float64)
    graph = build_hnsw(rows[:599], HnswParams("euclidean", m=8, ef_construction=60))
    trace = trace_insertion(graph, rows[599], 0)
    selection = trace.layers[0].selection
    kept, because = naive_rule(rows, rows[599], selection.rows, 8)
    assert len(selection.rows) == 60
    assert selection.kept.tolist() == kept
    dropped = selection.verdict == DROPPED
    ours = zip(selection.rows[dropped].tolist(), selection.against[dropped].tolist(), strict=True)
    assert dict(ours) == because
    for other in trace.layers[0].reverse:
        if other.selection is None:
            assert other.links.tolist() == [*other.before.tolist(), 599]
            continue
        pool = np.append(other.before, 599)
        kept, _ = naive_rule(rows, rows[other.neighbor], pool, 16)
        assert other.selection.kept.tolist() == kept
        assert sorted(other.links.tolist()) == sorted(kept)


def test_one_kept_has_the_nearest_kept_before_it() -> None:
    rows = clustered(500).astype(np.float64)
    graph = build_hnsw(rows[:499], HnswParams("euclidean", m=8, ef_construction=60))
    selection = trace_insertion(graph, rows[499], 0).layers[0].selection
    places = np.flatnonzero(selection.verdict == KEPT)
    assert selection.against[places[0]] == -1
    for before, place in enumerate(places[1:], start=1):
        earlier = selection.rows[places[:before]]
        away = np.linalg.norm(rows[earlier] - rows[selection.rows[place]], axis=1)
        assert selection.against[place] == earlier[away.argmin()]
        assert selection.against_distances[place] == pytest.approx(away.min(), rel=1e-5)


def test_fewer_candidates_than_m_are_all_kept() -> None:
    # Row 1 is nearer to row 0 than to the new item and would be dropped, were the rule applied.
    graph = hand_graph([{0: [1], 1: [0]}], 0, m=3)
    selection = trace_insertion(graph, np.array([-1.0]), 0).layers[0].selection
    assert not selection.applied
    assert selection.kept.tolist() == [0, 1]


def test_with_as_many_candidates_as_m_the_rule_is_applied() -> None:
    graph = hand_graph([{0: [1], 1: [0]}], 0, m=2)
    selection = trace_insertion(graph, np.array([-1.0]), 0).layers[0].selection
    assert selection.applied
    assert (selection.kept.tolist(), selection.dropped.tolist()) == ([0], [1])


def test_a_wide_search_takes_every_row_that_the_layer_reaches() -> None:
    rows = clustered(200)
    graph = build_hnsw(rows, HnswParams("euclidean", m=8, ef_construction=300))
    (made,) = trace_insertion(graph, rows[0] + np.float32(1), 0).layers
    assert sorted(made.selection.rows.tolist()) == list(range(200))
    true = np.linalg.norm(rows - (rows[0] + 1), axis=1)
    assert made.selection.distances == pytest.approx(np.sort(true), rel=1e-5)
    assert made.visited_ends[-1] == len(made.visited) == 199
    assert sorted(made.expanded.tolist()) == list(range(200))


def test_the_descent_is_greedy_and_ends_where_no_link_is_nearer() -> None:
    # Layer 1 is 0 - 3 - 6 on a line; the new item at 5.2 walks 0, 3, 6 and stays there.
    base = {row: [other for other in (row - 1, row + 1) if 0 <= other <= 6] for row in range(7)}
    graph = hand_graph([base, {0: [3], 3: [0, 6], 6: [3]}], 0)
    trace = trace_insertion(graph, np.array([5.2]), 0)
    assert [(step.origin, step.nearest) for step in trace.descent] == [(0, 3), (3, 6), (6, 6)]
    assert [step.origin_distance for step in trace.descent] == pytest.approx([5.2, 2.2, 0.8])
    assert trace.descent[1].visited_distances == pytest.approx([5.2, 0.8])
    assert (trace.layers[0].start, trace.layers[0].start_distance) == (6, pytest.approx(0.8))
    assert trace.entry_distance == pytest.approx(5.2)
    assert trace.compared == 7


# ---- what differs, and what is refused


def test_every_kind_of_difference_is_found() -> None:
    rows, params = clustered(200), HnswParams("euclidean", m=3, ef_construction=20, seed=2)
    full = build_hnsw(rows, params)
    last = int(np.flatnonzero(full.levels > 0)[-1])
    before, after = build_hnsw(rows[:last], params), build_hnsw(rows[: last + 1], params)
    trace = trace_insertion(before, rows[last], int(after.levels[last]))
    assert differing_rows(before, trace, after).tolist() == []
    swapped = after.base.targets.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    changed = replace(after, base=replace(after.base, targets=swapped))
    assert differing_rows(before, trace, changed).tolist() == [0]
    assert last in differing_rows(before, replace(trace, level=trace.level + 1), after)
    assert after.entry_point != 4
    moved = replace(after, entry_point=int(np.flatnonzero(after.levels == after.max_level)[-1]))
    if moved.entry_point != after.entry_point:
        assert differing_rows(before, trace, moved).tolist() == [moved.entry_point]
    shorter = replace(trace, layers=trace.layers[1:])  # the upper links are missing
    owners = {last, *(other.neighbor for other in trace.layers[0].reverse)}
    assert set(differing_rows(before, shorter, after).tolist()) == owners


def test_an_order_that_differs_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_linked(graph: HnswGraph, vector: np.ndarray, level: int) -> object:
        trace = trace_insertion(graph, vector, level)
        return replace(trace, layers=())

    monkeypatch.setattr(made_module, "trace_insertion", nothing_linked)
    rows = clustered(60)
    made = insert_after(rows, HnswParams("euclidean", m=4), np.arange(59), rows[59])
    assert not made.proven
    assert 59 in made.differing


def test_a_level_that_our_generator_does_not_draw_is_not_explained(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(made_module, "drawn_levels", lambda *_: np.full(30, 9))
    rows = clustered(30)
    made = insert_after(rows, HnswParams("euclidean", m=4), np.arange(29), rows[29])
    assert made.draw is None
    assert made.proven


def test_wrong_arguments_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    rows, params = clustered(20), HnswParams("euclidean", m=4)
    graph = build_hnsw(rows, params)
    with pytest.raises(ParameterError, match="vector"):
        trace_insertion(graph, rows[0, :5], 0)
    with pytest.raises(ParameterError, match="one vector"):
        trace_insertion(graph, rows[:2], 0)
    with pytest.raises(ParameterError, match="level"):
        trace_insertion(graph, rows[0], -1)
    with pytest.raises(ParameterError, match="before must be a list of row ids"):
        insert_after(rows, params, [0.5], rows[0])
    with pytest.raises(ParameterError, match="before must hold row ids from 0 to 19"):
        insert_after(rows, params, [20], rows[0])
    with pytest.raises(ParameterError, match="vector"):
        insert_into(graph, rows[0, :5])
    monkeypatch.setattr(made_module, "ROWS_AT_MOST", 19)
    with pytest.raises(ParameterError, match=r"up to 19 rows.*got 20"):
        insert_into(graph, rows[0])
    with pytest.raises(ParameterError, match="got 20"):
        insert_after(rows, params, np.arange(20), rows[0])


def test_the_vectors_of_all_touched_rows_are_kept() -> None:
    rows, params = clustered(300), HnswParams("euclidean", m=4, ef_construction=20)
    made = insert_after(rows, params, np.arange(299), rows[299])
    trace = made.trace
    np.testing.assert_array_equal(made.vectors, rows[made.touched])
    named = {trace.entry_point, *(step.origin for step in trace.descent)}
    for layer in trace.layers:
        named |= {layer.start, *layer.selection.rows.tolist(), *layer.expanded.tolist()}
        for other in layer.reverse:
            named |= {*other.before.tolist(), *other.links.tolist()} - {299}
    assert named <= set(made.touched.tolist())
