"""Growth: steps equal separate builds, and fits give back the line they were made from."""

import platform
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from scipy import stats

from core.errors import ParameterError
from core.index import HnswParams, build_hnsw, ef_curve, exact_neighbors
from core.studies.experiments.growth import Growth, GrowthStep, crossing, growth, growth_sizes

module = import_module("core.studies.experiments.growth")
PARAMS = HnswParams("euclidean", m=4, ef_construction=20)
VECTORS = np.random.default_rng(0).normal(size=(1500, 10)).astype(np.float32)


def line(costs: list[float], k: int = 10) -> Growth:
    """Steps of 1,024, 2,048, ... rows with these costs, all above the smallest beam."""
    steps = [GrowthStep(1024 << i, 20.0 + i, cost, cost / 10, 1.0) for i, cost in enumerate(costs)]
    return Growth(k, 0.95, 100, PARAMS, tuple(steps))


def test_each_step_is_the_index_of_so_many_rows_asked_by_rows_in_none() -> None:
    done: dict[Any, Any] = {}
    study = growth(VECTORS, PARAMS, k=5, target=0.9, queries=60, seed=3, done=done)
    order = np.random.default_rng(3).permutation(1500)
    asked, pool = VECTORS[order[:60]], order[60:]
    assert [step.n for step in study.steps] == growth_sizes(1440) == [360, 720, 1440]
    assert sorted(done) == [360, 720, 1440]
    for step in study.steps:
        rows = VECTORS[pool[: step.n]]
        truth = exact_neighbors(rows, asked, 5, metric="euclidean")
        curve = ef_curve(build_hnsw(rows, PARAMS), asked, truth)
        recall = curve.recall.mean(axis=0)
        after = int(np.argmax(recall >= 0.9))
        assert after > 0
        before = after - 1
        share = (0.9 - recall[before]) / (recall[after] - recall[before])
        assert step.ef == pytest.approx(curve.ef[before] + share)
        costs = curve.distance_computations.mean(axis=0)
        expected = costs[before] + share * (costs[after] - costs[before])
        assert step.distance_computations == pytest.approx(expected)
        hops = curve.hops.mean(axis=0)
        assert step.hops == pytest.approx(hops[before] + share * (hops[after] - hops[before]))
    again = growth(VECTORS, PARAMS, k=5, target=0.9, queries=60, seed=3, sizes=[720, 360, 720])
    costs = ("n", "ef", "distance_computations", "hops")
    for step, first in zip(again.steps, study.steps[:2], strict=True):
        assert [getattr(step, name) for name in costs] == [getattr(first, name) for name in costs]


def test_a_target_met_at_once_costs_the_smallest_beam_and_one_never_met_nothing_known() -> None:
    (at_once,) = growth(VECTORS, PARAMS, k=5, target=0.05, sizes=[400]).steps
    order = np.random.default_rng(0).permutation(1500)
    asked, rows = VECTORS[order[:150]], VECTORS[order[150:550]]  # a tenth of all asks
    truth = exact_neighbors(rows, asked, 5, metric="euclidean")
    curve = ef_curve(build_hnsw(rows, PARAMS), asked, truth, ef_max=5)
    assert at_once.ef == 5.0
    assert at_once.distance_computations == curve.distance_computations.mean()
    assert at_once.hops == curve.hops.mean()
    (never,) = growth(VECTORS, PARAMS, k=5, target=1.0, ef_max=6, sizes=[1300]).steps
    assert np.isnan([never.ef, never.distance_computations, never.hops]).all()
    assert never.n == 1300
    assert never.build_seconds > 0


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (5, [5]),
        (299, [299]),
        (599, [599]),
        (600, [300, 600]),
        (5000, [312, 625, 1250, 2500, 5000]),
        (76_800, [600, 1200, 2400, 4800, 9600, 19_200, 38_400, 76_800]),  # eight, not down to 300
    ],
)
def test_rows_are_halved_down_to_three_hundred(n: int, expected: list[int]) -> None:
    assert growth_sizes(n) == expected


def test_finished_steps_are_not_made_again() -> None:
    known = GrowthStep(720, 9.0, 1.0, 2.0, 3.0)
    study = growth(VECTORS, PARAMS, k=5, sizes=[720], done={720: known})
    assert study.steps == (known,)
    done: dict[object, object] = {720: known}
    study = growth(VECTORS, PARAMS, k=5, sizes=[360, 720], done=done)
    assert [step.n for step in study.steps] == [360, 720]
    assert study.steps[1] is known
    assert done == {360: study.steps[0], 720: known}


def test_the_crossing_lies_in_proportion() -> None:
    assert crossing(np.array([0.5, 0.7, 0.9]), 0.8) == (2, pytest.approx(0.5))
    assert crossing(np.array([0.2, 0.6, 0.5, 0.9]), 0.55) == (1, pytest.approx(0.875))  # the first
    assert crossing(np.array([0.8, 0.9]), 0.9) == (1, pytest.approx(1.0))
    assert crossing(np.array([0.8, 0.9]), 0.7) == (0, 1.0)
    assert crossing(np.array([0.8, 0.9]), 0.95) == (-1, 0.0)


def test_a_line_in_log_n_is_found_again() -> None:
    # 50 + 30 log2 n at n = 2^10 ... 2^14
    study = line([50 + 30 * x for x in range(10, 15)])
    fit = study.fit("distance_computations")
    assert fit is not None
    assert (fit.a, fit.b, fit.r_squared) == pytest.approx((50, 30, 1))
    assert fit.at(2.0**20) == pytest.approx((650, 650, 650))
    hops = study.fit("hops")
    assert hops is not None
    assert (hops.a, hops.b) == pytest.approx((5, 3))


def test_a_power_of_n_is_found_again() -> None:
    fit = line([3 * (1024 << i) ** 0.25 for i in range(5)]).fit("distance_computations", "power")
    assert fit is not None
    assert (2**fit.a, fit.b) == pytest.approx((3, 0.25))
    assert fit.at(1e9)[0] == pytest.approx(3 * 1e9**0.25)


def test_the_prediction_interval_is_the_textbook_one() -> None:
    costs = np.array([100.0, 140.0, 150.0, 200.0, 215.0])
    fit = line(costs.tolist()).fit("distance_computations")
    assert fit is not None
    x, new = np.arange(10.0, 15.0), 30.0
    design = np.stack([np.ones(5), x], axis=1)
    solved, rest, *_ = np.linalg.lstsq(design, costs)
    inverse = np.linalg.inv(design.T @ design)
    point = np.array([1, new])
    deviation = np.sqrt(rest[0] / 3 * (1 + point @ inverse @ point))
    half = stats.t.ppf(0.975, 3) * deviation
    middle = point @ solved
    assert fit.at(2.0**new) == pytest.approx((middle, middle - half, middle + half))
    spread = ((costs - costs.mean()) ** 2).sum()
    assert fit.r_squared == pytest.approx(1 - rest[0] / spread)


def test_the_interval_of_a_power_is_that_of_its_logarithms() -> None:
    costs = [100.0, 140.0, 150.0, 200.0, 215.0]
    power = line(costs).fit("distance_computations", "power")
    logs = line(np.log2(costs).tolist()).fit("distance_computations")
    assert power is not None
    assert logs is not None
    assert power.at(1e6) == pytest.approx(tuple(2**value for value in logs.at(1e6)))
    assert power.r_squared == pytest.approx(logs.r_squared)


def test_three_steps_are_too_few_for_a_line() -> None:
    assert line([100.0, 110.0, 120.0]).fit("hops") is None
    assert line([100.0, 110.0, 120.0, 130.0]).fit("hops") is not None


def test_steps_on_the_smallest_beam_or_without_an_answer_are_not_fitted() -> None:
    steps = list(line([100.0, 110.0, 120.0, 130.0, 140.0]).steps)
    steps[0] = GrowthStep(1024, 10.0, 1.0, 1.0, 1.0)  # ef = k: better than the target already
    kept = Growth(10, 0.95, 100, PARAMS, tuple(steps))
    assert kept.n.tolist() == [2048, 4096, 8192, 16384]
    assert kept.fit("hops") is not None
    steps[1] = GrowthStep(2048, float("nan"), float("nan"), float("nan"), 1.0)
    assert Growth(10, 0.95, 100, PARAMS, tuple(steps)).fit("hops") is None


def test_a_step_names_its_machine_where_that_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    (here,) = growth(VECTORS, PARAMS, k=5, sizes=[100]).steps
    monkeypatch.setattr(module, "this_host", lambda: "where the study was started")
    (there,) = growth(VECTORS, PARAMS, k=5, sizes=[100]).steps
    assert (here.host, there.host) == ("", platform.node())


def test_wrong_sizes_and_forms_are_named() -> None:
    for sizes in ([5], [5, 700], [1351], [1500], []):
        with pytest.raises(ParameterError, match=r"between k \+ 1 = 6 and 1,350"):
            growth(VECTORS, PARAMS, k=5, sizes=sizes)
    with pytest.raises(ParameterError, match="'log' or 'power'; got 'cubic'"):
        line([1.0, 2.0, 3.0, 4.0]).fit("hops", "cubic")
