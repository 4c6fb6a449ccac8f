"""What the Layers page says and tabulates, of results made by hand whose figures all differ."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.figures import Played
from core.index import (
    Anatomy,
    Census,
    HnswGraph,
    HnswParams,
    Neighbors,
    anatomy,
    trace_search,
)
from core.studies import (
    Autopsy,
    Health,
    HeldOut,
    LostItems,
    Misses,
    QuerySet,
    RebuildSpread,
    WhatIf,
)
from core.studies.inspection.lost import COPIES, NO_LINKS
from pages.layers import anatomy as anatomy_section
from pages.layers import autopsy, export, lost_items, scene, what_if
from pages.ui.controls.queries import HELD_OUT, ROWS, UPLOADED
from pages.ui.results.health import AutopsyOf, WhatIfOf
from pages.ui.results.query_sources import QuerySource
from pages.ui.session.workspace import Workspace
from tests.core.index.graphs import hand_graph

# Six nodes on a line, each linked to the next; the third stands on layer 1, too, beside the first.
CHAIN = {0: [1], 1: [0, 2], 2: [1, 3], 3: [2, 4], 4: [3], 5: [4]}
GRAPH = hand_graph([CHAIN, {0: [2], 2: [0]}], 0, m=2)
ITEMS = EmbeddingSet.from_arrays(
    np.arange(6, dtype=np.float32)[:, None],
    metadata=pd.DataFrame({"name": ["ant", "bee", "cat", "dog", "eel", "fox"]}),
    name="line",
)
WORK = Workspace("line", ITEMS, HnswParams("euclidean", m=2))
INSIDE = QuerySource(ROWS, ITEMS, GRAPH)


def counted(n: int, unreachable: int, lost: int, *, searched: int, first: int) -> Census:
    """A census of n rows: the first cannot be reached; of those searched, the last are lost."""
    found, came_first = np.arange(searched) < searched - lost, np.arange(searched) < first
    none = np.zeros(n, dtype=bool)
    checked = np.arange(searched)
    return Census(np.arange(n) >= unreachable, none, checked, found, came_first, 40, 7)


# ---- what if


def health(recall: list[float], costs: list[int], unreachable: int, m: int = 2) -> Health:
    return Health(
        graph=replace(GRAPH, m=m),
        k=5,
        ef=1200,
        recall=np.array(recall),
        distance_computations=np.array(costs),
        census=counted(4000, unreachable, 60, searched=4000, first=4000),
    )


REBUILT = WhatIf(
    change="other M",
    before=health([0.5, 0.75], [1000, 1301], 1500),
    after=health([0.75, 1.0], [2000, 2411], 3, m=24),
    params=HnswParams("euclidean", m=24, ef_construction=300),
    rows=np.arange(6),
    removed=0,
    seconds=2.5,
)


def test_a_rebuild_is_told_from_before_to_after() -> None:
    # Means: 0.625 and 0.875; 1,150.5 and 2,205.5, which rounding takes to the even neighbor.
    assert what_if.answer(REBUILT) == (
        "Rebuilt with M 24: recall@5 at ef 1,200 goes from 62.5 % to 87.5 %, unreachable items "
        "from 1,500 to 3, distance computations from 1,150 to 2,206 a query."
    )


def test_a_rebuild_is_held_against_rebuilds_of_the_index_as_it_is() -> None:
    # Both judged at once: t(2, 98.75 %) = 6.2053. s of recall 0.02, of cost 2,000:
    # 6.2053 * 0.02 sqrt(2) = 0.1755, and 17,551.
    spread = RebuildSpread(
        params=HnswParams("euclidean", m=2),
        seeds=(1, 2, 3),
        shuffled=True,
        k=5,
        n=4000,
        queries=1000,
        ef=np.array([1199, 1200]),
        recall=np.array([[0.0, 0.6], [0.0, 0.62], [0.0, 0.64]]),
        distance_computations=np.array([[0.0, 1000.0], [0.0, 3000.0], [0.0, 5000.0]]),
        recall_residual=np.zeros(2),
        computations_residual=np.zeros(2),
        unreachable=np.zeros(3, np.int64),
    )
    assert what_if.answer(REBUILT, spread).endswith(
        "2,206 a query. Beyond rebuild noise: recall@5 +25 points, where two builds of one setting "
        "differ by up to 18. Inside rebuild noise: distance computations +1,055, where two "
        "builds of one setting differ by up to 17,551."
    )
    lines = what_if.noise_lines(REBUILT, spread)
    assert [line.title for line in lines] == [
        "mean recall@5 at ef 1,200",
        "mean distance computations per query",
    ]
    assert lines[0].rebuilds == (0.6, 0.62, 0.64)
    assert lines[1].sides == ("before", "rebuilt with M 24")
    frame = what_if.table(REBUILT, spread)
    assert frame["recall against rebuilds"].tolist() == [
        "",
        "beyond rebuild noise: +25 points (noise 18)",
    ]
    assert frame["cost"].tolist()[1] == "inside rebuild noise: +1,055 (noise 17,551)"


@pytest.mark.parametrize(
    ("change", "removed", "words"),
    [
        ("other ef_construction", 0, "Rebuilt with ef_construction 300: recall"),
        ("random order", 0, "Rebuilt in random order: recall"),
        ("lost items again", 0, "Rebuilt with its lost items inserted again: recall"),
        ("without duplicates", 1, "Rebuilt without duplicates (1 row left out): recall"),
        ("without duplicates", 1200, "Rebuilt without duplicates (1,200 rows left out): recall"),
    ],
)
def test_each_change_is_named(change: str, removed: int, words: str) -> None:
    assert what_if.answer(replace(REBUILT, change=change, removed=removed)).startswith(words)


def test_the_table_of_a_rebuild_has_each_figure_in_its_column() -> None:
    before, after = what_if.table(REBUILT).to_dict("records")
    assert before == {
        "index": "before",
        "items": 6,
        "M": 2,
        "mean recall": 0.625,
        "unreachable": 1500,
        "not found by own vector": 0.015,
        "distance computations": 1150.5,
    }
    assert after == {
        "index": "after",
        "items": 6,
        "M": 24,
        "mean recall": 0.875,
        "unreachable": 3,
        "not found by own vector": 0.015,
        "distance computations": 2205.5,
    }


def test_the_queries_of_a_rebuild_are_told() -> None:
    assert what_if.basis(REBUILT, INSIDE) == (
        "2 of 6 rows of the index, each left out of its own answer: the same queries before and "
        "after; built in 2.50 s. Items are called not found when their own vector does not return "
        "them."
    )


def test_runs_stand_side_by_side_after_the_index_as_it_is() -> None:
    other = replace(REBUILT, change="random order", after=health([1.0, 1.0], [10, 11], 0))
    wider = replace(REBUILT, before=replace(REBUILT.before, ef=90))
    runs = [what_if.run_lines(WhatIfOf(each, INSIDE)) for each in (REBUILT, wider, other)]
    table = what_if.runs_table(runs)
    assert table["index"].tolist() == [
        "as it is",
        "rebuilt with M 24",
        "rebuilt in random order",
        "as it is",
        "rebuilt with M 24",
    ]
    assert table["ef"].tolist() == [1200, 1200, 1200, 90, 90]
    assert table["mean recall"].tolist() == [0.625, 0.875, 1.0, 0.625, 0.875]
    assert table["built in, s"].tolist()[1:3] == [2.5, 2.5]
    assert set(table["queries"]) == {"rows of the index"}


# ---- the autopsy

FOUND, TIE, UNREACHABLE, NEVER, EVICTED = range(5)


def dead(
    fate: list[list[int]], smallest_ef: list[list[int]], ef: int = 20, *, stored: bool = False
) -> Autopsy:
    """Queries are the rows 0, 1, ... of the line, their neighbors the rows 5, 4, ..."""
    q, k = np.shape(fate)
    ids = np.tile(np.arange(5, 5 - k, -1), (q, 1))
    near = Neighbors(ids, np.arange(1.0, q * k + 1).reshape(q, k))
    queries = QuerySet(ITEMS.vectors[:q], near, np.arange(q), 3)
    farther = np.array(fate) == EVICTED if stored else None
    return Autopsy(queries, ef, 4096, np.array(fate, np.int8), np.array(smallest_ef), farther)


def test_all_found_is_said_with_the_number() -> None:
    assert autopsy.answer(dead([[FOUND] * 3, [FOUND] * 3], [[20] * 3, [20] * 3])) == (
        "At ef 20 all of 6 true neighbors are found; nothing is missed."
    )


def test_missed_neighbors_are_told_with_the_ef_that_returns_half() -> None:
    # Missed: 3 that ef 30, 50 and 90 return (median 50), and 1 that no walk reaches.
    fate = [[FOUND, NEVER, NEVER], [FOUND, NEVER, UNREACHABLE]]
    assert autopsy.answer(dead(fate, [[20, 30, 50], [20, 90, -1]])) == (
        "At ef 20, 2 of 6 true neighbors are found; of the 4 missed, a larger ef up to 4,096 would "
        "return 3, half of them by ef 50. What helps most: a larger ef."
    )


def test_a_single_one_that_a_larger_ef_returns_has_its_ef() -> None:
    fate = [[FOUND, NEVER, UNREACHABLE], [UNREACHABLE, UNREACHABLE, TIE]]
    assert autopsy.answer(dead(fate, [[20, 30, -1], [-1, -1, 25]])) == (
        "At ef 20, 1 of 6 true neighbors are found; of the 5 missed, a larger ef up to 4,096 would "
        "return 1, at ef 30. What helps most: a better graph: a larger M or ef_construction, "
        "random order, or lost items inserted again (the section What if measures each)."
    )


def test_an_ef_many_times_as_large_is_no_remedy() -> None:
    # 8 times ef 20 is 160: a median of 160 is worth it, one of 161 is not.
    worth = dead([[FOUND, NEVER]], [[20, 160]])
    assert autopsy.answer(worth).endswith("What helps most: a larger ef.")
    assert "better graph" in autopsy.answer(dead([[FOUND, NEVER]], [[20, 161]]))


@pytest.mark.parametrize(
    ("fate", "stored", "words"),
    [
        (TIE, False, "removing duplicates, for the misses are ties."),
        (
            EVICTED,
            True,
            "finer codes, or more candidates compared again by their vectors: even",
        ),
    ],
)
def test_ties_and_codes_have_remedies_of_their_own(fate: int, stored: bool, words: str) -> None:
    result = dead([[FOUND, fate]], [[20, -1]], stored=stored)
    assert f"What helps most: {words}" in autopsy.answer(result)
    assert "would return 0. What" in autopsy.answer(result)


def test_the_basis_of_an_autopsy_names_queries_and_fates() -> None:
    result = dead([[FOUND, NEVER, TIE]] * 2, [[20, 30, 20]] * 2)
    assert autopsy.basis(result, INSIDE) == (
        "The 3 true neighbors of 2 of 6 rows of the index, each left out of its own answer. "
        "found: returned; tie: as near as the last one returned, which took its place; "
        "unreachable: no "
        "walk leads there from where the descent ended; no ef returns it; never visited: the beam "
        "stopped before it; a larger ef goes on; visited and evicted: its distance was computed "
        "and lost by rounding."
    )
    assert autopsy.basis(result, None).startswith(
        "The 3 true neighbors of an item of the index, left out of its own answer. found:"
    )
    held = QuerySource(HELD_OUT, ITEMS, GRAPH, HeldOut(np.array([1, 4]), np.arange(6), GRAPH))
    assert autopsy.basis(result, held).startswith(
        "The 3 true neighbors of 2 held-out rows, searched for in an index of the other 6 rows."
    )
    log = QuerySource(UPLOADED, ITEMS, GRAPH, given=ITEMS)
    assert autopsy.basis(result, log).startswith(
        "The 3 true neighbors of 2 queries from elsewhere. found:"
    )
    coded = dead([[FOUND, EVICTED]], [[20, -1]], stored=True)
    assert autopsy.basis(coded, INSIDE).endswith(
        "visited and evicted: its distance was computed; as the index stores it, others are nearer."
    )


def test_fates_are_counted_in_numbers_and_shares() -> None:
    fate = [[FOUND, FOUND, FOUND, NEVER], [FOUND, FOUND, UNREACHABLE, TIE]]
    table = autopsy.totals(dead(fate, [[20] * 4] * 2))
    assert table["fate"].tolist() == [
        "found",
        "tie",
        "unreachable",
        "never visited",
        "visited and evicted",
    ]
    assert table["true neighbors"].tolist() == [5, 1, 1, 1, 0]
    assert table["share"].tolist() == [0.625, 0.125, 0.125, 0.125, 0]  # of 8


def test_missed_neighbors_are_listed_the_hardest_first() -> None:
    fate = [[FOUND, NEVER], [UNREACHABLE, NEVER], [NEVER, FOUND]]
    result = dead(fate, [[20, 30], [-1, 1234], [30, 20]])
    source = QuerySource(HELD_OUT, ITEMS, GRAPH, HeldOut(np.arange(3), np.arange(6), GRAPH))
    table = autopsy.missed_table(WORK, AutopsyOf(result, source))
    assert table.to_dict("records")[0] == {
        "query": "bee",
        "query row": 1,
        "missed": "fox",
        "missed row": 5,
        "rank": 1,
        "distance": 3.0,
        "fate": "unreachable",
        "smallest ef": "none up to 4,096",
    }
    assert table["query row"].tolist() == [1, 1, 0, 2]
    assert table["missed row"].tolist() == [5, 4, 4, 5]
    assert table["rank"].tolist() == [1, 2, 2, 1]
    assert table["smallest ef"].tolist() == ["none up to 4,096", "1234", "30", "30"]
    assert table["distance"].tolist() == [3.0, 4.0, 2.0, 5.0]


def test_missed_neighbors_of_held_out_rows_have_their_rows_of_the_data() -> None:
    result = dead([[FOUND, NEVER]], [[20, 30]])  # of truth 4 and 5, rows of the index
    kept = np.array([5, 4, 3, 2, 1, 0])
    held = QuerySource(HELD_OUT, ITEMS, GRAPH, HeldOut(np.array([2]), kept, GRAPH))
    line = autopsy.missed_table(WORK, AutopsyOf(result, held)).iloc[0]
    missed = result.queries.truth.ids[0, 1]
    assert (line["query"], line["query row"]) == ("cat", 2)
    assert line["missed row"] == kept[missed] != missed
    assert line["missed"] == ITEMS.metadata["name"][kept[missed]]


def test_queries_from_elsewhere_have_a_number_for_a_name() -> None:
    result = dead([[FOUND, NEVER]] * 2, [[20, 30], [20, 40]])
    log = QuerySource(UPLOADED, ITEMS, GRAPH, given=ITEMS)
    first, second = log.places[:2]
    table = autopsy.missed_table(WORK, AutopsyOf(result, log))
    assert table["query"].tolist() == [f"query {second}", f"query {first}"]  # by falling ef


# ---- the anatomy


def measured() -> Anatomy:
    """That of the chain: no link leads to node 5."""
    return anatomy(GRAPH)


def test_the_anatomy_tells_the_lost_and_the_links_of_a_node() -> None:
    # 9 links of 6 nodes; links in: 1, 2, 2, 2, 2 and 0.
    found = counted(6, 1, 2, searched=6, first=6)
    assert anatomy_section.answer(GRAPH, measured(), found) == (
        "Of 6 items, 1 is unreachable and 33.3 % are not found by their own vector at ef 40; a "
        "node of layer 0 has 1.50 links out, and from 0 to 2 in."
    )
    sample = counted(6, 0, 1, searched=4, first=4)
    assert anatomy_section.answer(GRAPH, measured(), sample).startswith(
        "Of 6 items, 0 are unreachable and 25 % (of 4 searched) are not found by their own vector"
    )
    assert anatomy_section.answer(GRAPH, None, found) == (
        "What is the graph made of, and which items are lost in it? The answer is on its way."
    )


def test_the_level_law_is_told_with_its_chance() -> None:
    assert anatomy_section.law_words(replace(measured(), level_p_value=float("nan"))) == (
        "Too few nodes above layer 0 to hold their number against the level law."
    )
    fits = anatomy_section.law_words(replace(measured(), level_p_value=0.01))
    assert fits.endswith("chi-square p = 0.0100, as drawn levels should be.")
    rare = anatomy_section.law_words(replace(measured(), level_p_value=0.0099))
    assert rare.endswith(
        "chi-square p = 0.00990, rarely so by chance: were levels drawn with another M, or items "
        "added in another way?"
    )


def test_the_degrees_of_a_layer_in_words() -> None:
    # 9 links of 6 x 4 places; 8 of them go both ways (5 to 4 does not). Parts: 0 to 4, and 5.
    assert anatomy_section.degree_words(measured(), 0) == (
        "37.5 % of the 4 places for links are used; 88.9 % of links go both ways. 1 node has no "
        "link in. Along the links the layer is 2 parts, the largest of 5 nodes."
    )
    assert anatomy_section.degree_words(measured(), 1) == (
        "50 % of the 2 places for links are used; 100 % of links go both ways. 0 nodes have no "
        "link in. Along the links the layer is one part, the largest of 2 nodes."
    )


def test_a_sample_of_link_lengths_says_so() -> None:
    found = measured()
    assert anatomy_section.length_words(found).endswith("crosses the space in few hops.")
    layers = tuple(replace(layer, lengths_sampled=True) for layer in found.layers)
    assert anatomy_section.length_words(replace(found, layers=layers)).endswith(
        "few hops. Measured on 100,000 links, drawn with a seed, where there are more."
    )


# ---- lost items


def test_the_census_in_words() -> None:
    assert lost_items.words(counted(2000, 1300, 50, searched=2000, first=1500)) == (
        "Unreachable: 1,300 items; no walk along links leads there from the entry point, so no ef "
        "returns them. Not found by their own vector at ef 40: 50 items, 2.50 %. The item itself, "
        "or an exact copy, comes first for 75 %. Having links in does not make an item findable."
    )
    sampled = counted(2000, 1, 1, searched=1000, first=1000)
    low, high = sampled.interval
    assert 0 < low < 0.001 < high < 0.01
    words = lost_items.words(sampled)
    assert words.startswith("Unreachable: 1 item; no walk")
    assert "at ef 40: 1 item, 0.100 % (1,000 of 2,000 items searched, drawn with seed 7; " in words
    assert f"95 % interval {100 * low:.4f} % to {100 * high:.3f} %)" in words


def test_lost_items_are_listed_with_what_is_known_of_each() -> None:
    lost = LostItems(
        rows=np.array([1, 4]),
        unreachable=np.array([True, False]),
        in_degree=np.array([0, 3]),
        duplicates=np.array([7, 2]),
        norm_rank=np.array([0.25, 0.5]),
        center_rank=np.array([0.125, 0.75]),
        cause=np.array(["no links in", "elsewhere"]),
    )
    first, second = lost_items.table(WORK, lost, 2).to_dict("records")
    assert first == {
        "row": 1,
        "name": "bee",
        "cause": "no links in",
        "lost": "unreachable",
        "links in": 0,
        "exact copies": 7,
        "norm rank": "0.250",
    }
    assert (second["row"], second["lost"], second["links in"]) == (4, "not found", 3)
    assert len(lost_items.table(WORK, lost, 1)) == 1


def test_what_is_in_the_way_is_told_from_what_the_lost_items_are() -> None:
    lost = LostItems(
        rows=np.arange(4),
        unreachable=np.ones(4, dtype=bool),
        in_degree=np.zeros(4, dtype=int),
        duplicates=np.array([0, 3, 0, 9]),
        norm_rank=np.zeros(4),
        center_rank=np.zeros(4),
        cause=np.array([COPIES, COPIES, COPIES, NO_LINKS]),
    )
    assert lost_items.cause_words(lost, COPIES).startswith(
        "**exact duplicates in the way: 3.** 1 of them has exact copies themselves. The item has"
    )
    assert lost_items.cause_words(lost, NO_LINKS).startswith(
        "**no incoming links: 1.** Every link back to it was pruned"
    )
    both = replace(lost, duplicates=np.array([2, 3, 0, 9]))
    assert " 2 of them have exact copies themselves." in lost_items.cause_words(both, COPIES)


# ---- the search, and what is taken along


def played(graph: HnswGraph, item: int, truth: list[int], ef: int) -> Played:
    ids = np.array([truth])
    trace = trace_search(graph, ITEMS.vectors[item], len(truth), ef, exclude=item)
    near = Neighbors(ids, np.abs(ids - item).astype(float))
    nothing = np.empty(0, dtype=np.int64)
    misses = Misses(
        np.array(["found"] * len(truth)), np.array([ef] * len(truth)), 9, (nothing,) * len(truth)
    )
    distances = np.abs(np.arange(6) - item).astype(float)
    return Played(trace, near, item, "ant", misses, distances)


def test_a_search_is_told_with_its_nodes_distances_and_hits() -> None:
    # The distance of the entry point 0 is the first. Expanded: 0 on layer 1 (of 2), then 0, 1 and 2
    # on layer 0 (of 1, 2 and 3), for a beam of 3 holds 0 itself, 1 and 2. Row 4 is not found.
    found = played(GRAPH, 0, [1, 4], 3)
    assert scene.answer(found, GRAPH) == (
        "The index has 2 layers of 6 and 2 nodes; the search near ant expands 4 nodes, computes 5 "
        "distances (83.3 % of brute force) and finds 1 of the 2 true nearest."
    )


def test_one_layer_is_told_without_an_and() -> None:
    flat = hand_graph([CHAIN], 0, m=2)
    assert scene.answer(played(flat, 0, [1], 3), flat).startswith(
        "The index has 1 layer of 6 nodes; the search near ant expands "
    )


def test_each_hop_has_a_line() -> None:
    names = np.array(["ant", "bee", "cat", "dog", "eel", "fox"])
    trace = played(GRAPH, 3, [2, 4], 2).trace
    table = scene.hop_table(trace, names)
    assert table["hop"].tolist() == list(range(1, len(trace.hops) + 1))
    for line, hop in zip(table.to_dict("records"), trace.hops, strict=True):
        assert line["layer"] == hop.layer
        assert (line["row"], line["expanded"]) == (hop.expanded, names[hop.expanded])
        assert line["distance"] == abs(3 - hop.expanded)
        assert line["visited"] == len(hop.visited)
        assert line["entered the beam"] == np.count_nonzero(hop.entered)
        assert line["beam"] == len(hop.beam)
        assert line["farthest in the beam"] == np.abs(hop.beam - 3).max()


def test_the_picture_says_what_it_leaves_out() -> None:
    drawn = scene.drawn(ITEMS, GRAPH, scene.NOTHING, dark=False)
    assert scene.words(drawn).endswith("click it to light its links.")
    part = replace(drawn, scene=replace(drawn.scene, rows=np.arange(4)))
    assert scene.words(part).endswith(
        "light its links. Layer 0 shows 4 of 6 nodes, drawn with seed 0, and all that the search "
        "touches."
    )


def test_what_is_taken_along_is_counted() -> None:
    assert export.answer(GRAPH) == (
        "Take the graph along: 2 layers, 6 nodes and 11 links, as files that scipy, pandas, "
        "networkx and Gephi read."
    )
