from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.figures.latency import latency_vs_ef, qps_vs_recall
from core.figures.theme import surface
from core.index import Latency

EF = np.array([10, 40, 1200])
P50 = np.array([0.1, 0.4, 2.0])
SPREAD = np.array([0.5, 0.1, 0.02])
SINGLE, BATCH = np.array([9e3, 2e3, 400.0]), np.array([9.5e3, 2.2e3, 410.0])
RECALL = np.array([0.8, 0.98, 1.0])
LATENCY = Latency(
    ef=EF,
    k=5,
    p50_ms=P50,
    p95_ms=2 * P50,
    p99_ms=3 * P50,
    single_qps=SINGLE,
    batch_qps=BATCH,
    threads_qps=4 * BATCH,
    spread=SPREAD,
    spread_p99=2 * SPREAD,
    threads=4,
    rounds=5,
    queries=300,
    machine="A CPU",
)
ONE_BY_ONE, ONE_THREAD = "one by one, one thread", "all in one call, one thread"
FOUR_THREADS = "all in one call, 4 threads"


def same(values: np.ndarray) -> dict[str, Any]:
    """All of a latency's figures are `values`."""
    fields = ("p50_ms", "p95_ms", "p99_ms", "single_qps", "batch_qps", "threads_qps", "spread")
    return dict.fromkeys(fields, values)


def traces(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_the_median_with_the_slower_calls_above_it() -> None:
    figure = latency_vs_ef(LATENCY)
    lines = traces(figure)
    assert list(lines) == ["99 % within", "95 % within", "half within"]
    for name, times in (("half within", 1), ("95 % within", 2), ("99 % within", 3)):
        np.testing.assert_array_equal(lines[name].x, EF)
        np.testing.assert_array_equal(lines[name].y, times * P50)
    assert len({line.line.dash for line in figure.data}) == 3
    assert (figure.layout.xaxis.type, figure.layout.yaxis.type) == ("log", "log")
    assert figure.layout.yaxis.title.text == "time of a single query, ms"
    assert figure.layout.xaxis.title.text == "ef (beam width)"
    assert list(figure.layout.xaxis.tickvals) == EF.tolist()
    assert list(figure.layout.xaxis.ticktext) == ["10", "40", "1,200"]


def test_the_bars_are_half_the_spread_to_each_side_of_the_median_alone() -> None:
    lines = traces(latency_vs_ef(LATENCY))
    np.testing.assert_allclose(lines["half within"].error_y.array, [0.025, 0.02, 0.02])
    np.testing.assert_allclose(lines["half within"].customdata, [50, 10, 2])
    assert "rounds differ by %{customdata" in lines["half within"].hovertemplate
    for name in ("95 % within", "99 % within"):
        assert lines[name].error_y.array is None
        assert "rounds" not in lines[name].hovertemplate


def test_queries_per_second_of_each_way_stand_over_the_recall() -> None:
    figure = qps_vs_recall(LATENCY, RECALL, target=0.95)
    lines = traces(figure)
    assert list(lines) == [ONE_BY_ONE, ONE_THREAD, FOUR_THREADS]
    ways = ((ONE_BY_ONE, SINGLE), (ONE_THREAD, BATCH), (FOUR_THREADS, 4 * BATCH))
    for name, qps in ways:
        np.testing.assert_array_equal(lines[name].x, RECALL)
        np.testing.assert_array_equal(lines[name].y, qps)
        np.testing.assert_array_equal(lines[name].customdata, EF)
    assert len({line.line.color for line in figure.data}) == 3
    assert figure.layout.xaxis.title.text == "mean recall@5"
    assert figure.layout.yaxis.title.text == "queries per second"
    assert figure.layout.yaxis.type == "log"
    # Room of 1.3 times beyond 400 and 4 x 9,500.
    ends = [10**end for end in figure.layout.yaxis.range]
    np.testing.assert_allclose(ends, [400 / 1.3, 38_000 * 1.3])


def test_the_target_is_a_line_that_the_axis_holds() -> None:
    figure = qps_vs_recall(LATENCY, RECALL, target=0.93)
    (line,) = figure.layout.shapes
    assert (line.x0, line.x1) == (0.93, 0.93)
    # From 0.8 to 1: a tenth of 0.2 to the right, a third of that to the left.
    assert figure.layout.xaxis.range == pytest.approx((0.8 - 0.02 / 3, 1.02))
    below = qps_vs_recall(LATENCY, RECALL, target=0.5)
    assert below.layout.xaxis.range == pytest.approx((0.5 - 0.05 / 3, 1.05))


def test_one_measured_ef_has_an_axis_too() -> None:
    one = np.ones(1)
    single = replace(LATENCY, ef=EF[:1], **same(one))
    figure = qps_vs_recall(single, one, target=1.0)
    assert figure.layout.xaxis.range == pytest.approx((1 - 0.1 / 3, 1.1))
    assert traces(figure)[ONE_BY_ONE].text == ("ef 10",)


def test_the_points_of_the_fastest_way_are_named_by_their_ef() -> None:
    lines = traces(qps_vs_recall(LATENCY, RECALL, target=0.9))
    assert list(lines[FOUR_THREADS].text) == ["ef 10", "ef 40", "ef 1,200"]
    assert [lines[name].text for name in (ONE_BY_ONE, ONE_THREAD)] == [None, None]
    slow_threads = replace(LATENCY, threads_qps=BATCH / 4)
    lines = traces(qps_vs_recall(slow_threads, RECALL, target=0.9))
    assert list(lines[ONE_THREAD].text) == ["ef 10", "ef 40", "ef 1,200"]
    assert lines[FOUR_THREADS].text is None


def test_points_too_near_to_a_name_have_none() -> None:
    # Of a width of 0.2, 4 % are 0.008: 0.993 is 0.013 after 0.98, and 1.0 just 0.007 after it.
    near = np.array([0.8, 0.98, 0.985, 0.993, 0.9995, 1.0])
    ones = np.ones(6)
    many = replace(LATENCY, ef=np.arange(10, 70, 10), **same(ones))
    named = next(trace.text for trace in qps_vs_recall(many, near, target=0.9).data if trace.text)
    assert list(named) == ["ef 10", "ef 20", "", "ef 40", "", ""]


@pytest.mark.parametrize(
    "changes", [{"threads_qps": np.full(3, np.nan)}, {"threads": 1, "threads_qps": BATCH}]
)
def test_threads_that_were_none_are_not_drawn(changes: dict[str, Any]) -> None:
    figure = qps_vs_recall(replace(LATENCY, **changes), RECALL, target=0.9)
    assert list(traces(figure)) == [ONE_BY_ONE, ONE_THREAD]
    assert 10 ** figure.layout.yaxis.range[1] == pytest.approx(9500 * 1.3)


def test_recall_at_other_efs_is_an_error() -> None:
    with pytest.raises(ParameterError, match=r"each of the 3 values of ef .* got shape \(2,\)"):
        qps_vs_recall(LATENCY, RECALL[:2], target=0.9)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    for figure in (
        latency_vs_ef(LATENCY, dark=dark, height=333),
        qps_vs_recall(LATENCY, RECALL, target=0.9, dark=dark, height=333),
    ):
        assert figure.layout.template.layout.font.color == surface(dark).text
        assert figure.layout.height == 333
