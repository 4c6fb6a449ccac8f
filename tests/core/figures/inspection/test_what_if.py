from typing import Any

import numpy as np
import pytest

from core.figures.inspection.what_if import before_after, recall_change
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.index import Census, HnswGraph, HnswParams, build_hnsw
from core.studies.inspection.health import Health
from core.studies.inspection.what_if import WhatIf, what_if

TITLES = [
    "mean recall@4 at ef 1,000",
    "items that no search can reach",
    "items not found by their own vector at ef 1,000",
    "mean distance computations per query",
]


def graph_of_rows(n: int) -> HnswGraph:
    vectors = np.arange(n, dtype=np.float32)[:, None]
    return build_hnsw(vectors, HnswParams("euclidean", m=2, ef_construction=10))


def of(n: int, recall: list[float], computations: list[int], lost: int, found: str) -> Health:
    """`lost` of n rows are unreachable; `found` tells of each row searched for: y or n."""
    graph = graph_of_rows(n)
    is_found = np.array([letter == "y" for letter in found])
    rows, deleted = np.arange(len(found)), np.zeros(n, dtype=bool)
    census = Census(np.arange(n) >= lost, deleted, rows, is_found, is_found, 1000, 0)
    return Health(graph, 4, 1000, np.array(recall), np.array(computations), census)


def changed(before: Health, after: Health) -> WhatIf:
    return WhatIf("random order", before, after, HnswParams(), np.arange(after.n), 0, 1.0)


BEFORE = of(9, [0.25, 0.5, 1.0, 1.0], [900, 1100, 1300, 1500], 3, "yyynnnnn")
AFTER = of(8, [0.5, 0.75, 0.75, 1.0], [2000, 2000, 2001, 2003], 0, "yyyyyyyy")


def test_each_figure_before_and_after() -> None:
    figure = before_after(changed(BEFORE, AFTER))
    assert [note.text for note in figure.layout.annotations] == TITLES
    recall, unreachable, unfindable, cost = figure.data
    assert {trace.y for trace in figure.data} == {("before", "after")}
    assert {trace.orientation for trace in figure.data} == {"h"}
    # 2.75 / 4 and 3 / 4; 3 of 9 and none; 5 of the 8 searched for; 4,800 / 4 and 8,004 / 4.
    assert recall.x == pytest.approx((0.6875, 0.75))
    assert recall.text == ("0.6875", "0.7500")
    assert unreachable.x == (3, 0)
    assert unreachable.text == ("3 of 9", "0 of 8")
    assert unfindable.x == (62.5, 0)
    assert unfindable.text == ("62.5 % of 8", "0 % of 8")
    assert cost.x == (1200, 2001)
    assert cost.text == ("1,200", "2,001")


def test_bars_start_at_zero_and_leave_room_for_their_words() -> None:
    layout = before_after(changed(AFTER, AFTER)).layout
    ranges = [getattr(layout, axis).range for axis in ("xaxis", "xaxis2", "xaxis3", "xaxis4")]
    # 1.6 times the longest bar, and any length at all where both bars are none.
    for found, expected in zip(ranges, (1.2, 1, 1, 3201.6), strict=True):
        assert found == pytest.approx((0, expected))


def test_queries_better_same_and_worse() -> None:
    (bars,) = recall_change(changed(BEFORE, AFTER)).data
    assert bars.y == ("better", "same", "worse")
    assert bars.x == (2, 1, 1)  # 0.25 -> 0.5, 0.5 -> 0.75; 1 -> 1; 1 -> 0.75
    assert bars.text == ("2 (50 %)", "1 (25 %)", "1 (25 %)")
    assert bars.marker.color == (TRUE_NEIGHBOR, surface(False).other, MISSED)
    (back,) = recall_change(changed(AFTER, BEFORE)).data
    assert back.x == (1, 1, 2)


def test_recalls_that_only_rounding_tells_apart_are_the_same() -> None:
    third = of(8, [1 / 3, 0.1 + 0.2], [1, 1], 0, "y")
    other = of(8, [1 - 2 / 3, 0.3], [1, 1], 0, "y")
    assert not np.array_equal(third.recall, other.recall)
    assert recall_change(changed(third, other)).data[0].x == (0, 2, 0)


def test_a_real_change() -> None:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(700, 8)).astype(np.float32)
    params = HnswParams("euclidean", m=2, ef_construction=8)
    made = what_if(
        build_hnsw(vectors, params), vectors, params, "other M", m=8, ef=10, k=5, queries=100
    )
    recall, _, unfindable, cost = before_after(made).data
    for place, health in enumerate((made.before, made.after)):
        assert recall.x[place] == pytest.approx(sum(health.recall.tolist()) / 100)
        assert unfindable.x[place] == pytest.approx(100 * np.mean(~health.census.found))
        assert cost.x[place] == pytest.approx(sum(health.distance_computations.tolist()) / 100)
    pairs = list(zip(made.before.recall.tolist(), made.after.recall.tolist(), strict=True))
    better, worse = sum(b < a for b, a in pairs), sum(b > a for b, a in pairs)
    assert better > 50
    assert recall_change(made).data[0].x == (better, 100 - better - worse, worse)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    made, tone = changed(BEFORE, AFTER), surface(dark)
    figures: list[Any] = [before_after(made, dark=dark), recall_change(made, dark=dark, height=199)]
    for bars in figures[0].data:
        assert bars.marker.color == (tone.other, FOUND)
    assert figures[1].layout.height == 199
    for figure in figures:
        assert figure.layout.template.layout.font.color == tone.text
