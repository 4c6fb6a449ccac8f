"""What each step of an insertion says, of one written down by hand."""

from dataclasses import replace

import numpy as np
import pytest

from core.figures.insertion import words
from core.index import DROPPED, KEPT
from tests.core.figures.insertion.made import (
    DESCENT,
    DRAW,
    FULL,
    LAYER,
    NAMES,
    NEW,
    PRUNED,
    ROOM,
    SELECTION,
    TRACE,
    at_level,
    ids,
)


def test_the_level_is_told_with_its_number_and_formula() -> None:
    assert words.level_words(TRACE, DRAW) == [
        "hnswlib draws u = 0.750000, draw 5,000 of seed 1,234. Level = floor(-ln u / ln M) = "
        "floor(0.415) = 0, with M = 2.",
        "50 % of items get level 0. It joins layer 0 only.",
    ]


def test_a_high_level_is_told_with_its_chance_and_the_new_entry_point() -> None:
    # -ln(0.1) / ln(2) = 2.303 / 0.6931 = 3.322; 2^-3 = 12.5 %
    trace = replace(TRACE, level=3, becomes_entry=True)
    assert words.level_words(trace, replace(DRAW, u=0.1)) == [
        "hnswlib draws u = 0.100000, draw 5,000 of seed 1,234. Level = floor(-ln u / ln M) = "
        "floor(3.322) = 3, with M = 2.",
        "12.5 % of items get level 3 or higher. It joins layers 3 to 0. No item has a higher "
        "level, so it becomes the entry point of the index.",
    ]


def test_a_level_of_an_unknown_generator_is_told_without_a_number() -> None:
    first, second = words.level_words(replace(TRACE, level=1), None)
    assert first.startswith("hnswlib drew level 1. ")
    assert "not known" in first
    assert second == "It joins layers 1 to 0."


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (
            0,
            [
                "Layer 2: the walk stands at ibis, at distance 1.25, and compares its 2 links.",
                "It moves to the nearest, dog, at 0.75.",
            ],
        ),
        (
            1,
            [
                "Layer 2: the walk stands at dog, at distance 0.75, and compares its 1 link.",
                "None is nearer, so it goes down to layer 1.",
            ],
        ),
        (
            2,
            [
                "Layer 1: the walk stands at dog, at distance 0.75, and compares its 1 link.",
                "None is nearer, so it goes down to layer 0, where the item gets links.",
            ],
        ),
    ],
)
def test_a_step_of_the_descent(at: int, said: list[str]) -> None:
    assert words.step_words(DESCENT[at], 0, NAMES) == said


def test_a_search_on_its_way_and_at_its_end() -> None:
    assert words.search_words(LAYER, 2, 5, NAMES) == [
        "Search on layer 0 with ef_construction 5, from eel: after 2 of 3 expansions, 4 items were "
        "compared.",
        "The open item nearest to the new one is expanded next.",
    ]
    assert words.search_words(LAYER, 3, 5, NAMES) == [
        "The search on layer 0 ends after 3 expansions and 5 items compared: the 5 nearest of them "
        "are the candidates, for every open item is farther than all of these.",
        "Distances run from 0.125 to 1.",
    ]
    assert (
        "all 5 that were met and are not deleted are candidates"
        in (words.search_words(LAYER, 3, 1200, NAMES)[0])
    )
    assert "though ef_construction is 1,200" in words.search_words(LAYER, 3, 1200, NAMES)[0]


def test_the_first_candidate_is_kept() -> None:
    assert words.rule_words(SELECTION, 0, "euclidean", NAMES) == [
        "Candidate 1 of 5: ant, at 0.125 from new thing.",
        "Kept: no neighbor is kept yet that could be nearer to it. 1 kept.",
    ]


def test_a_dropped_candidate_is_told_with_both_distances() -> None:
    assert words.rule_words(SELECTION, 1, "euclidean", NAMES) == [
        "Candidate 2 of 5: bee, at 0.5 from new thing.",
        "Dropped: it is nearer to the kept neighbor ant (0.25) than to new thing (0.5). It lies on "
        "that neighbor's side. The link to ant is taken to lead there.",
    ]
    assert "side" not in words.rule_words(SELECTION, 1, "inner_product", NAMES)[1]


def test_a_kept_candidate_is_told_with_the_nearest_kept() -> None:
    assert words.rule_words(SELECTION, 2, "cosine", NAMES)[1] == (
        "Kept: of the neighbors kept so far, the nearest to it, ant, is farther away (0.875) than "
        "new thing (0.625). 2 kept."
    )
    between = SELECTION.against_distances.copy()
    between[2] = 0.625
    equal = replace(SELECTION, against_distances=between)
    assert "is as far away (0.625) than" not in words.rule_words(equal, 2, "cosine", NAMES)[1]
    assert (
        "is as far away (0.625) as new thing (0.625)"
        in (words.rule_words(equal, 2, "cosine", NAMES)[1])
    )


def test_candidates_that_are_not_asked() -> None:
    assert words.rest_words(SELECTION, 3) == [
        "M = 2 neighbors are kept, so the list is full: 2 farther candidates are not asked."
    ]
    assert words.rest_words(SELECTION, 4)[0].endswith("1 farther candidate is not asked.")


def test_few_candidates_are_all_kept() -> None:
    assert words.few_words(replace(SELECTION, limit=6)) == [
        "There are 5 candidates, fewer than M = 6: hnswlib keeps all of them and does not apply "
        "the rule."
    ]
    assert words.few_words(at_level(1).layers[0].selection)[0].startswith("There is 1 candidate,")


def test_the_links_of_a_layer_are_named_nearest_first() -> None:
    assert words.links_words(LAYER, NAMES) == [
        "On layer 0 the new item links to 2 neighbors: ant, cat.",
        "Each of them is now asked to link back.",
    ]
    upper = replace(LAYER, layer=1)
    assert words.links_words(upper, NAMES)[0].endswith(
        "ant, cat. The search of layer 0 starts from the nearest, ant."
    )


def test_a_neighbor_with_room() -> None:
    assert words.back_words(ROOM, NEW, 0, 2, NAMES) == [
        "ant holds 3 of 4 links on layer 0: there is room, so the new item is added."
    ]


def test_a_full_neighbor_that_links_back() -> None:
    assert words.back_words(FULL, NEW, 0, 2, NAMES) == [
        "cat holds 4 links on layer 0, all it may hold (2 M = 4 on layer 0). The same rule is "
        "applied to these and the new item: 2 of 5 are kept.",
        "It links back to the new item and loses 3 links: bee, gnu, hen.",
    ]


def test_a_full_neighbor_that_does_not_link_back() -> None:
    verdict = np.array([KEPT, DROPPED, KEPT, KEPT, KEPT], dtype=np.int8)
    refused = replace(FULL, links=ids(7, 6, 1, 5), selection=replace(PRUNED, verdict=verdict))
    assert words.back_words(refused, NEW, 1, 4, NAMES) == [
        "cat holds 4 links on layer 1, all it may hold (M = 4 above layer 0). The same rule is "
        "applied to these and the new item: 4 of 5 are kept.",
        "It does not link back to the new item, which is nearer to fox (1.1) than to cat (0.625).",
    ]
    full = replace(PRUNED, verdict=np.array([KEPT, 2, KEPT, KEPT, KEPT], dtype=np.int8))
    assert words.back_words(replace(refused, selection=full), NEW, 1, 4, NAMES)[1] == (
        "It does not link back to the new item, for 4 nearer ones are kept."
    )


def test_long_lists_are_cut_off_with_their_number() -> None:
    assert words.listed([0, 1, 2, 3, 4, 5, 6], NAMES) == "ant, bee, cat, dog, eel and 2 more"
    assert words.listed([0, 1, 2, 3, 4], NAMES) == "ant, bee, cat, dog, eel"


def test_the_end_counts_all_layers() -> None:
    # Layer 0: 2 links, both back, 3 lost. Layer 1: 1 link, back.
    assert words.end_words(TRACE) == [
        "The item is in the graph: 2 links out, 2 in; 3 older links of its neighbors are gone."
    ]
    roomy = replace(TRACE, layers=(replace(LAYER, reverse=(ROOM,)),))
    assert words.end_words(roomy) == [
        "The item is in the graph: 2 links out, 1 in; no older link of its neighbors is gone."
    ]
    assert words.end_words(at_level(1, entry=True)) == [
        "The item is in the graph: 3 links out, 3 in; 3 older links of its neighbors are gone. "
        "It has the highest level, 1, and is the entry point from now on."
    ]


def test_the_end_of_the_first_item() -> None:
    (said,) = words.end_words(replace(TRACE, layers=()))
    assert said.startswith("It is the first item: there is nothing to link to.")
