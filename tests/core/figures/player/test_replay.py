"""A search as the player gets it: the hops of the trace, and nothing else."""

from itertools import pairwise

import numpy as np
import pytest

from core.figures import Played, Scene, drawn_rows, player_page, replay_bytes, scene_bytes
from core.figures.player.words import fate_words, stop_meaning, stop_words
from core.index import (
    Adjacency,
    HnswParams,
    build_hnsw,
    row_distances,
    search,
    trace_search,
)
from core.studies import Misses, explain_misses, query_truth
from tests.core.figures.player.payload import unpack

N, K, ITEM = 600, 5, 42
HARD = 5  # a row of whose neighbors ef 5 misses two
VECTORS = np.random.default_rng(4).normal(size=(N, 8)).astype(np.float32)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))
NAMES = np.array([f"item {row}" for row in range(N)])
SCENE = Scene(GRAPH, VECTORS[:, :2].copy(), drawn_rows(GRAPH), NAMES)
QUERY_TRUTH = query_truth(GRAPH, VECTORS, VECTORS[ITEM], K, exclude=ITEM)
TRUTH = QUERY_TRUTH.exact
DISTANCES = row_distances(GRAPH, VECTORS[ITEM])


def played(ef: int) -> Played:
    trace = trace_search(GRAPH, VECTORS[ITEM], K, ef, exclude=ITEM)
    misses = explain_misses(GRAPH, VECTORS, QUERY_TRUTH, trace, DISTANCES)
    return Played(trace, TRUTH, ITEM, "item 42", misses, DISTANCES)


def arrays_of(content: bytes, number: int = 0) -> dict[str, np.ndarray]:
    _, arrays = unpack(content)
    return {
        name.split(".")[1]: array for name, array in arrays.items() if name.startswith(f"{number}.")
    }


@pytest.mark.parametrize("ef", [5, 20, 200])
def test_the_beam_replayed_in_the_browser_is_that_of_the_trace(ef: int) -> None:
    own = played(ef)
    arrays = arrays_of(replay_bytes(SCENE, "scene", [own], chosen=-1))
    beam: set[int] = set()
    visits, left = [0, *arrays["visit_end"].tolist()], [0, *arrays["left_end"].tolist()]
    for number, hop in enumerate(own.trace.hops):
        assert (arrays["hop_layer"][number], arrays["hop_node"][number]) == (
            hop.layer,
            hop.expanded,
        )
        rows = arrays["visit_row"][visits[number] : visits[number + 1]]
        assert rows.tolist() == hop.visited.tolist()
        if hop.layer > 0:
            continue
        beam |= {hop.expanded} if not beam else set()
        beam |= set(rows[arrays["entered"][visits[number] : visits[number + 1]] == 1].tolist())
        beam -= set(arrays["left_row"][left[number] : left[number + 1]].tolist())
        assert beam == set(hop.beam.tolist())
        assert arrays["beam_size"][number] == len(hop.beam)


@pytest.mark.parametrize("ef", [5, 20, 200])
def test_the_answer_is_that_of_the_search(ef: int) -> None:
    content = replay_bytes(SCENE, "scene", [played(ef)], chosen=-1)
    found = search(GRAPH, VECTORS[[ITEM]], K, ef, exclude=[ITEM])
    meta, _ = unpack(content)
    assert arrays_of(content)["answer_row"].tolist() == found.ids[0].tolist()
    assert meta["searches"][0]["computations"] == found.distance_computations[0]
    assert arrays_of(content)["truth_row"].tolist() == TRUTH.ids[0].tolist()


def test_the_nearest_so_far_is_never_the_query_itself() -> None:
    own = played(50)
    arrays = arrays_of(replay_bytes(SCENE, "scene", [own], chosen=-1))
    base = [place for place, hop in enumerate(own.trace.hops) if hop.layer == 0]
    assert ITEM in own.trace.visited
    assert ITEM not in arrays["best_row"][base[2:]]
    assert arrays["best_row"][-1] == own.trace.ids[0]
    assert arrays["best"][-1] == np.float32(own.trace.distances[0])


def test_two_searches_stand_side_by_side() -> None:
    content = replay_bytes(SCENE, "scene", [played(5), played(60)], chosen=-1)
    meta, _ = unpack(content)
    assert [search["title"] for search in meta["searches"]] == ["ef 5", "ef 60"]
    assert len(arrays_of(content, 1)["hop_node"]) == len(played(60).trace.hops)
    assert meta["searches"][0]["width"] == K + 1  # the query's own row takes a place
    assert meta["searches"][1]["width"] == 60


def test_the_chosen_node_lights_all_its_links() -> None:
    entry = GRAPH.entry_point
    arrays = arrays_of(replay_bytes(SCENE, "scene", [played(20)], chosen=entry))
    lit = set(zip(*(arrays[f"lit_{name}"].tolist() for name in ("layer", "a", "b")), strict=True))
    expected = set()
    for layer in range(GRAPH.max_level + 1):
        for a, b in zip(*(ends.tolist() for ends in GRAPH.links(layer)), strict=True):
            if entry in (a, b):
                expected.add((layer, a, b))
    assert lit == expected
    assert np.array_equal(arrays["lit_out"] == 1, arrays["lit_a"] == entry)


def test_another_chosen_node_is_the_same_search() -> None:
    first, second = (replay_bytes(SCENE, "scene", [played(20)], chosen=row) for row in (1, 2))
    other = replay_bytes(SCENE, "scene", [played(21)], chosen=1)
    assert unpack(first)[0]["id"] == unpack(second)[0]["id"] != unpack(other)[0]["id"]


def test_rows_that_the_scene_leaves_out_bring_their_places() -> None:
    few = Scene(GRAPH, SCENE.coordinates, drawn_rows(GRAPH, most=1), NAMES)
    own = played(20)
    arrays = arrays_of(replay_bytes(few, "scene", [own], chosen=ITEM))
    needed = set(own.trace.visited.tolist()) | set(TRUTH.ids[0].tolist()) | {ITEM}
    assert needed - set(few.rows.tolist()) <= set(arrays["extra_row"].tolist())
    assert not set(arrays["extra_row"].tolist()) & set(few.rows.tolist())
    np.testing.assert_array_equal(arrays["extra_x"], few.quantized[arrays["extra_row"], 0])
    assert len(arrays_of(replay_bytes(SCENE, "s", [own], chosen=-1))["extra_row"]) == 0


def test_deleted_rows_alone_leave_an_empty_beam() -> None:
    from dataclasses import replace

    live = (GRAPH.entry_point + 1) % N  # a row that no link leads to
    unlinked = Adjacency(np.zeros(N + 1, dtype=np.int64), np.empty(0, dtype=np.int32))
    dead = replace(GRAPH, deleted=np.arange(N) != live, base=unlinked)
    trace = trace_search(dead, GRAPH.vectors[GRAPH.entry_point], 1, 10)
    nothing = type(TRUTH)(ids=np.empty((1, 0), np.int64), distances=np.empty((1, 0)))
    scene = Scene(dead, SCENE.coordinates, SCENE.rows, NAMES)
    none = Misses(np.empty(0, np.str_), np.empty(0, np.int64), 10, ())
    found = Played(trace, nothing, -1, "x", none, DISTANCES)
    content = replay_bytes(scene, "scene", [found], chosen=-1)
    arrays = arrays_of(content)
    assert arrays["answer_row"].tolist() == []
    assert set(arrays["beam_size"][arrays["hop_layer"] == 0].tolist()) == {0}
    stop = unpack(content)[0]["searches"][0]["stop"]
    assert (stop["row"], set(stop)) == (-1, {"row", "words", "meaning"})  # NaN is no JSON


@pytest.mark.parametrize("ef", [5, 20, 200])
def test_the_comparison_that_ends_the_search_goes_along(ef: int) -> None:
    own = played(ef)
    content = replay_bytes(SCENE, "scene", [own], chosen=-1)
    meta, arrays = unpack(content)[0]["searches"][0], arrays_of(content)
    assert meta["stop"] == {
        "row": own.trace.stop.row,
        "words": stop_words(own.trace.stop),
        "meaning": stop_meaning(own.trace.stop, own.trace.ef),
        "distance": own.trace.stop.distance,
        "worst": own.trace.stop.worst,
    }
    for place, hop in enumerate(own.trace.hops):
        if hop.layer == 0:
            assert arrays["worst_row"][place] == hop.beam[-1]
            assert arrays["worst"][place] == np.float32(hop.worst)
            assert arrays["hop_links"][place] == len(links_of(hop.expanded))
        else:
            assert arrays["hop_links"][place] == len(hop.visited)


def links_of(row: int) -> list[int]:
    sources, targets = GRAPH.links(0)
    return targets[sources == row].tolist()


def test_each_missed_neighbor_brings_its_reason_and_its_walk() -> None:
    truth = query_truth(GRAPH, VECTORS, VECTORS[HARD], K, exclude=HARD)
    trace = trace_search(GRAPH, VECTORS[HARD], K, K, exclude=HARD)
    distances = row_distances(GRAPH, VECTORS[HARD])
    misses = explain_misses(GRAPH, VECTORS, truth, trace, distances)
    own = Played(trace, truth.exact, HARD, "hard", misses, distances)
    content = replay_bytes(SCENE, "scene", [own], chosen=-1)
    meta, arrays = unpack(content)[0]["searches"][0], arrays_of(content)
    missed = set(truth.exact.ids[0].tolist()) - set(trace.ids.tolist())
    assert len(missed) > 1
    starts = [0, *arrays["path_end"].tolist()]
    expanded = {hop.expanded for hop in own.trace.hops if hop.layer == 0}
    for place, row in enumerate(truth.exact.ids[0].tolist()):
        walk = arrays["path_row"][starts[place] : starts[place + 1]].tolist()
        words = meta["truth_words"][place]
        assert words == fate_words(misses, place, K, int(GRAPH.in_degree(0)[row]))
        assert words.startswith("missed: ") == (row in missed) == bool(walk)
        if walk:
            assert walk[0] in expanded
            assert walk[-1] == row
            assert all(b in links_of(a) for a, b in pairwise(walk))
        assert all(meta["names"][str(step)] == f"item {step}" for step in walk)


def test_every_drawn_row_brings_its_distance() -> None:
    few = Scene(GRAPH, SCENE.coordinates, drawn_rows(GRAPH, most=1), NAMES)
    content = replay_bytes(few, "scene", [played(20)], chosen=-1)
    meta, arrays = unpack(content)[0]["searches"][0], arrays_of(content)
    low, high = meta["far_range"]
    assert (low, high) == (DISTANCES.min(), DISTANCES.max())
    step = (high - low) / 65_535
    for rows, name in ((few.rows, "far"), (arrays["extra_row"], "extra_far")):
        measured = low + arrays[name].astype(float) * step
        np.testing.assert_allclose(measured, DISTANCES[rows], atol=0.51 * step)
    np.testing.assert_array_equal(arrays["extra_in"], GRAPH.in_degree(0)[arrays["extra_row"]])


def test_the_page_to_take_away_needs_nothing_from_anywhere() -> None:
    name, content = scene_bytes(SCENE)
    replay = replay_bytes(SCENE, name, [played(20)], chosen=ITEM)
    page = player_page(content, replay, title="<b>x</b>", words="a & b")
    assert "<h1>&lt;b&gt;x&lt;/b&gt;</h1>" in page
    assert "<p>a &amp; b</p>" in page
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in page  # of its policy
    assert "mountPlayer(document" in page
