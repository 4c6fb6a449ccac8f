"""A search as the player gets it: the hops of the trace, and nothing else."""

import numpy as np
import pytest

from core.figures import Played, Scene, drawn_rows, player_page, replay_bytes, scene_bytes
from core.index import Adjacency, HnswParams, build_hnsw, exact_neighbors, search, trace_search
from tests.core.figures.player.payload import unpack

N, K, ITEM = 600, 5, 42
VECTORS = np.random.default_rng(4).normal(size=(N, 8)).astype(np.float32)
GRAPH = build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))
NAMES = np.array([f"item {row}" for row in range(N)])
SCENE = Scene(GRAPH, VECTORS[:, :2].copy(), drawn_rows(GRAPH), NAMES)
TRUTH = exact_neighbors(VECTORS, VECTORS[[ITEM]], K, metric="euclidean", exclude=[ITEM])


def played(ef: int) -> Played:
    trace = trace_search(GRAPH, VECTORS[ITEM], K, ef, exclude=ITEM)
    return Played(trace, TRUTH, ITEM, "item 42")


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
    content = replay_bytes(scene, "scene", [Played(trace, nothing, -1, "x")], chosen=-1)
    arrays = arrays_of(content)
    assert arrays["answer_row"].tolist() == []
    assert set(arrays["beam_size"][arrays["hop_layer"] == 0].tolist()) == {0}


def test_the_page_to_take_away_needs_nothing_from_anywhere() -> None:
    name, content = scene_bytes(SCENE)
    replay = replay_bytes(SCENE, name, [played(20)], chosen=ITEM)
    page = player_page(content, replay, title="<b>x</b>", words="a & b")
    assert "<h1>&lt;b&gt;x&lt;/b&gt;</h1>" in page
    assert "<p>a &amp; b</p>" in page
    assert "http" not in page
    assert "mountPlayer(document" in page
