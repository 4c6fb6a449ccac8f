import math
from typing import Any, get_args

import numpy as np
import pytest

from core.figures.recall import (
    COST_TITLES,
    Cost,
    Line,
    recall_line,
    recall_vs_ef,
    smallest_ef_histogram,
)
from core.figures.theme import FOUND, MISSED, TRUE_NEIGHBOR, surface
from core.index import EfCurve, HnswParams, build_hnsw
from core.studies.parts.query_sets import sample_queries
from core.studies.parts.tradeoff import EfTradeoff, ef_tradeoff

TARGET = 0.8


@pytest.fixture(scope="module")
def tradeoff() -> EfTradeoff:
    vectors = np.random.default_rng(0).normal(size=(500, 12)).astype(np.float32)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=4, ef_construction=20))
    return ef_tradeoff(graph, sample_queries(graph, vectors, 5, size=90), ef_max=60)


def traces(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_rebuild_noise_is_drawn_around_the_mean_as_far_as_it_is_known(tradeoff: EfTradeoff) -> None:
    figure = recall_vs_ef(tradeoff, target=TARGET, noise=np.array([0.1, 0.2]))
    above = traces(figure)["rebuild noise: another build of this setting"]
    np.testing.assert_allclose(above.y, tradeoff.mean_recall[:2] + np.array([0.1, 0.2]))
    np.testing.assert_allclose(
        traces(figure)["below"].y, tradeoff.mean_recall[:2] - np.array([0.1, 0.2])
    )
    np.testing.assert_array_equal(above.x, tradeoff.ef[:2])


def curve_of(hits: list[list[int]], k: int, tied: list[list[int]] | None = None) -> EfTradeoff:
    """A trade-off whose hits are given: one row per query, one column per ef from k.

    tied: the hits with ties counted, the same ones where None.
    """
    counts = np.array(hits, dtype=np.int32)
    ones = np.ones_like(counts)
    with_ties = counts if tied is None else np.array(tied, dtype=np.int32)
    curve = EfCurve(k, np.arange(k, k + counts.shape[1]), counts, with_ties, ones, ones)
    queries: Any = None  # no figure looks at the queries themselves
    return EfTradeoff(queries, curve, n=100)


def test_the_lines_hold_the_summaries(tradeoff: EfTradeoff) -> None:
    lines = traces(recall_vs_ef(tradeoff, target=TARGET))
    assert list(lines) == [
        "95 % interval of the mean",
        "mean recall@5",
        "worst 5 % of queries, mean",
        "share of queries with recall >= 0.8",
    ]
    for name, values, color in (
        ("mean recall@5", tradeoff.mean_recall, FOUND),
        ("worst 5 % of queries, mean", tradeoff.low_recall, MISSED),
        ("share of queries with recall >= 0.8", tradeoff.share_reaching(0.8), TRUE_NEIGHBOR),
    ):
        np.testing.assert_array_equal(lines[name].x, np.arange(5, 61))
        np.testing.assert_array_equal(lines[name].y, values)
        np.testing.assert_array_equal(lines[name].customdata, np.arange(5, 61))
        assert lines[name].line.color == color


def test_the_band_runs_out_along_the_top_and_back_along_the_bottom(tradeoff: EfTradeoff) -> None:
    band = recall_vs_ef(tradeoff, target=TARGET).data[0]
    low, high = tradeoff.interval
    there = list(range(5, 61))
    assert band.x.tolist() == there + there[::-1]
    assert band.y.tolist() == high.tolist() + low.tolist()[::-1]
    assert band.fill == "toself"
    assert band.fillcolor == "rgba(0,114,178,0.18)"  # #0072B2


@pytest.mark.parametrize("cost", get_args(Cost))
def test_the_axis_shows_the_cost_asked_for(tradeoff: EfTradeoff, cost: Cost) -> None:
    figure = recall_vs_ef(tradeoff, target=TARGET, ef=20, cost=cost)
    computed = tradeoff.curve.distance_computations.mean(axis=0)
    expected = {
        "ef": np.arange(5, 61),
        "distance_computations": computed,
        "brute_force_share": computed / 500 * 100,
    }[cost]
    np.testing.assert_allclose(traces(figure)["mean recall@5"].x, expected, rtol=1e-12)
    assert figure.layout.xaxis.title.text == COST_TITLES[cost]
    assert figure.layout.xaxis.type == "log"
    _, chosen = figure.layout.shapes
    assert chosen.x0 == chosen.x1 == pytest.approx(expected[15])  # ef 20 = 5 + 15
    (note,) = figure.layout.annotations
    assert note.text == "ef 20"
    assert note.x == pytest.approx(math.log10(expected[15]))  # of a log axis, unlike a shape


def test_the_target_is_a_line_and_no_ef_is_marked_unless_chosen(tradeoff: EfTradeoff) -> None:
    figure = recall_vs_ef(tradeoff, target=0.93)
    (target,) = figure.layout.shapes
    assert (target.y0, target.y1) == (0.93, 0.93)
    assert len(figure.layout.annotations) == 0


def test_for_a_share_of_queries_the_share_is_marked_on_its_own_line() -> None:
    # k = 2: recall 1 is reached by 1, 2 and 4 of 4 queries at ef 2, 3 and 4.
    study = curve_of([[2, 2, 2], [1, 2, 2], [1, 1, 2], [0, 0, 2]], 2)
    figure = recall_vs_ef(study, target=1.0, share=0.4, ef=3)
    goal, chosen = figure.layout.shapes
    assert (goal.y0, goal.y1) == (0.4, 0.4)
    assert chosen.x0 == 3
    (mark,) = [trace for trace in figure.data if trace.mode == "markers"]
    assert (list(mark.x), list(mark.y)) == ([3], [0.5])
    assert mark.marker.color == TRUE_NEIGHBOR
    assert [note.text for note in figure.layout.annotations] == ["40 % of queries", "ef 3"]
    assert figure.layout.annotations[0].y == 0.4
    never = recall_vs_ef(study, target=1.0, share=0.4)
    assert not [trace for trace in never.data if trace.mode == "markers"]
    assert [note.text for note in never.layout.annotations] == ["40 % of queries"]


def test_costs_stand_at_round_numbers() -> None:
    study = curve_of([[9, 10], [10, 10]], 10)
    costs: dict[Cost, np.ndarray] = {cost: np.array([80.0, 3000.0]) for cost in get_args(Cost)}
    beside = Line("kept", np.array([10, 11]), np.array([0.9, 1]), costs)
    figure = recall_vs_ef(study, target=0.9, cost="distance_computations", others=[beside])
    # From 1 computation of the study's own to 3,000: too many steps for all of 1, 2 and 5.
    assert figure.layout.xaxis.ticktext == ("1", "10", "100", "1,000")
    assert [10**end for end in figure.layout.xaxis.range] == pytest.approx([0.97, 3090])


def test_the_axis_holds_every_line() -> None:
    # Means of 2 queries, k = 2: worst 0, 0.5 and 1; shares reaching 0.5 are 0.5, 1 and 1.
    figure = recall_vs_ef(curve_of([[0, 1, 2], [2, 2, 2]], 2), target=0.5)
    assert figure.layout.yaxis.range == (0.0, 1.02)
    high = recall_vs_ef(curve_of([[9, 10], [10, 10]], 10), target=0.85)
    assert high.layout.yaxis.range == pytest.approx((0.8, 1.02))  # 0.05 below the target
    assert [10**end for end in high.layout.xaxis.range] == pytest.approx([9.7, 11.33])


def test_the_axis_holds_the_lines_beside() -> None:
    low = np.array([0.2, 0.3])  # 0.05 below it the axis begins
    beside = Line("kept", np.array([5, 40]), low, {"ef": np.array([5, 40])})
    study = curve_of([[9, 10], [10, 10]], 10)
    figure = recall_vs_ef(study, target=0.85, others=[beside])
    assert figure.layout.yaxis.range == pytest.approx((0.15, 1.02))
    assert [10**end for end in figure.layout.xaxis.range] == pytest.approx([4.85, 41.2])


def test_the_histogram_puts_every_query_in_the_bar_of_its_smallest_ef(
    tradeoff: EfTradeoff,
) -> None:
    figure = smallest_ef_histogram(tradeoff, target=1.0)
    served, unserved = figure.data
    expected: dict[str, int] = dict.fromkeys(served.customdata, 0)
    without = 0
    for hits in tradeoff.curve.hits.tolist():
        efs = [ef for ef, found in zip(tradeoff.ef.tolist(), hits, strict=True) if found == 5]
        if not efs:
            without += 1
            continue
        for name in expected:
            ends = [int(end) for end in name.removeprefix("ef ").split("-")]
            expected[name] += ends[0] <= efs[0] <= ends[-1]
    assert served.y.tolist() == list(expected.values())
    assert (list(unserved.customdata), list(unserved.y)) == (["no ef up to 60"], [without])
    assert figure.layout.xaxis.ticktext == ("5", "10", "20", "50", "none")
    assert figure.layout.xaxis.tickvals[-1] == pytest.approx(unserved.x[0])
    assert unserved.x[0] - unserved.width[0] / 2 == pytest.approx(60.5 * 1.25)
    assert 10 ** figure.layout.xaxis.range[1] > unserved.x[0] + unserved.width[0] / 2
    assert 0 < without < 90
    assert sum(expected.values()) + without == 90


def test_the_bars_cover_each_ef_once(tradeoff: EfTradeoff) -> None:
    covered: list[int] = []
    bars = smallest_ef_histogram(tradeoff, target=1.0).data[0]
    for name, middle, width in zip(bars.customdata, bars.x, bars.width, strict=True):
        ends = [int(end) for end in name.removeprefix("ef ").split("-")]
        covered += range(ends[0], ends[-1] + 1)
        # As far on the axis: ef 7 to 9 from 6.5 to 9.5.
        assert (middle - width / 2, middle + width / 2) == (ends[0] - 0.5, ends[-1] + 0.5)
    assert covered == list(range(5, 61))


def test_a_histogram_by_hand_where_every_query_is_served() -> None:
    # k = 2 and ef 2, 3, 4; both hits are met first at ef 2, 4, 3 and 2.
    study = curve_of([[2, 2, 2], [0, 1, 2], [1, 2, 2], [2, 2, 2]], 2)
    figure = smallest_ef_histogram(study, target=1.0)
    (bars,) = figure.data
    assert (bars.x.tolist(), bars.width.tolist()) == ([2, 3, 4], [1, 1, 1])
    assert list(bars.customdata) == ["ef 2", "ef 3", "ef 4"]
    assert bars.y.tolist() == [2, 1, 1]
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.xaxis.ticktext == ("2",)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(tradeoff: EfTradeoff, dark: bool) -> None:
    figure = recall_vs_ef(tradeoff, target=TARGET, ef=20, dark=dark, height=333)
    target, chosen = figure.layout.shapes
    assert (target.line.color, chosen.line.color) == (surface(dark).muted, surface(dark).text)
    assert figure.layout.height == 333
    bars = smallest_ef_histogram(tradeoff, target=TARGET, dark=dark)
    for drawn in (figure, bars):
        assert drawn.layout.template.layout.font.color == surface(dark).text


def test_other_lines_are_drawn_under_their_escaped_names_at_the_costs_asked_for() -> None:
    study = curve_of([[1, 2, 2], [2, 2, 2]], 2)
    costs: dict[Cost, np.ndarray] = {
        "ef": np.array([1, 2]),
        "distance_computations": np.array([30.0, 40.0]),
        "brute_force_share": np.array([3.0, 4.0]),
    }
    kept = [
        Line(name, np.array([1, 2]), np.array([0.6, 0.7]), costs) for name in ("<b>a & b</b>", "c")
    ]
    for cost, expected in costs.items():
        figure = recall_vs_ef(study, target=0.5, cost=cost, others=kept)
        first, second = figure.data[-2:]
        assert (first.name, second.name) == ("&lt;b&gt;a &amp; b&lt;/b&gt;", "c")
        assert first.x.tolist() == second.x.tolist() == expected.tolist()
        assert first.y.tolist() == [0.6, 0.7]
        assert first.customdata.tolist() == [1, 2]
        assert "<b>a" not in first.hovertemplate
        own = traces(figure)["mean recall@2"].line.color
        assert len({own, first.line.color, second.line.color}) == 3
    beside = recall_vs_ef(study, target=0.5, others=kept).layout.xaxis.range
    assert [10**end for end in beside] == pytest.approx([0.97, 4.12])  # ef 1 of the others to 4


def test_ties_have_a_line_only_where_they_change_the_mean() -> None:
    # k = 2, two queries: a tie counted at ef 2 alone lifts the mean from 0.75 to 1 there.
    strict, tied = [[1, 2, 2], [2, 2, 2]], [[2, 2, 2], [2, 2, 2]]
    assert "mean recall, ties counted" not in traces(recall_vs_ef(curve_of(strict, 2), target=0.5))
    lines = traces(recall_vs_ef(curve_of(strict, 2, tied=tied), target=0.5))
    assert lines["mean recall, ties counted"].y.tolist() == [1.0, 1.0, 1.0]
    assert lines["mean recall@2"].y.tolist() == [0.75, 1.0, 1.0]


def test_a_tie_too_small_to_be_seen_has_no_line() -> None:
    # One hit in 2q apart: 1 / 800 is above a thousandth and drawn, 1 / 2,000 is not.
    for queries, drawn in ((400, True), (1000, False)):
        strict = [[1, 2]] + [[2, 2]] * (queries - 1)
        tied = [[2, 2]] * queries
        lines = traces(recall_vs_ef(curve_of(strict, 2, tied=tied), target=0.5))
        assert ("mean recall, ties counted" in lines) == drawn


def test_a_recall_line_carries_the_mean_and_every_cost(tradeoff: EfTradeoff) -> None:
    line = recall_line(tradeoff, "kept")
    computed = tradeoff.curve.distance_computations.mean(axis=0)
    assert line.name == "kept"
    np.testing.assert_array_equal(line.ef, np.arange(5, 61))
    np.testing.assert_allclose(line.recall, tradeoff.curve.hits.mean(axis=0) / 5, rtol=1e-12)
    assert sorted(line.costs) == sorted(get_args(Cost))
    np.testing.assert_array_equal(line.costs["ef"], np.arange(5, 61))
    np.testing.assert_allclose(line.costs["distance_computations"], computed, rtol=1e-12)
    np.testing.assert_allclose(line.costs["brute_force_share"], computed / 5, rtol=1e-12)


def test_easier_queries_are_a_paler_line_of_the_same_color(tradeoff: EfTradeoff) -> None:
    easier = recall_line(curve_of([[5] * 56] * 4, 5), "rows of the index")
    figure = recall_vs_ef(tradeoff, target=TARGET, beside=easier)
    line = traces(figure)["rows of the index"]
    red, green, blue = (int(FOUND[i : i + 2], 16) for i in (1, 3, 5))
    assert line.line.color == f"rgba({red},{green},{blue},0.5)"
    assert line.line.dash == "solid"
    np.testing.assert_array_equal(line.y, np.ones(56))
    band = traces(figure)["95 % interval of the mean"]
    assert band.fillcolor == f"rgba({red},{green},{blue},0.18)"
