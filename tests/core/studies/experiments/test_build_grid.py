"""The build grid: each cell against calls of its own, and the choice among settings by hand."""

import math
import platform
from collections.abc import Hashable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import (
    HnswParams,
    build_hnsw,
    census,
    ef_curve,
    exact_neighbors,
    hnswlib_bytes,
    search,
)
from core.studies.experiments.build_grid import build_grid
from core.studies.experiments.build_grid_results import BuildGrid, GridCell, GridSetting
from core.studies.parts.rebuild_noise import against_rebuilds, between_settings

module = import_module("core.studies.experiments.build_grid")
N, K, EF_MAX, TARGET = 700, 5, 60, 0.95
ASKED = 60
VECTORS = np.random.default_rng(0).normal(size=(N, 12)).astype(np.float32)
PARAMS = [
    HnswParams("euclidean", m=m, ef_construction=width, seed=seed)
    for m in (3, 10)
    for width in (6, 40)
    for seed in (1, 2)
]


@pytest.fixture(scope="module")
def grid() -> BuildGrid:
    return build_grid(VECTORS, PARAMS, k=K, target=TARGET, ef_max=EF_MAX, queries=ASKED, seed=4)


def split() -> tuple[np.ndarray, np.ndarray]:
    """The other rows, and those that seed 4 draws as queries."""
    held = np.random.default_rng(4).permutation(N)[:ASKED]
    return np.delete(VECTORS, held, axis=0), VECTORS[held]


def test_cells_come_in_the_order_of_their_params(grid: BuildGrid) -> None:
    assert [cell.params for cell in grid.cells] == PARAMS
    assert (grid.k, grid.target, grid.n, grid.queries) == (K, TARGET, N - ASKED, ASKED)
    assert all(cell.build_seconds > 0 for cell in grid.cells)


@pytest.mark.parametrize("i", range(len(PARAMS)))
def test_a_cell_holds_what_separate_calls_give(grid: BuildGrid, i: int) -> None:
    cell, (rows, asked) = grid.cells[i], split()
    graph = build_hnsw(rows, PARAMS[i])
    truth = exact_neighbors(rows, asked, 10, metric="euclidean")
    curve = ef_curve(graph, asked, truth.ids[:, :K], ef_max=EF_MAX)
    reached = [
        (ef, cost)
        for ef, hits, cost in zip(
            curve.ef.tolist(),
            curve.hits.sum(axis=0).tolist(),
            curve.distance_computations.mean(axis=0).tolist(),
            strict=True,
        )
        if hits >= 285  # 0.95 of 60 queries with 5 neighbors each
    ]
    if reached:
        assert (cell.ef, cell.distance_computations) == (
            reached[0][0],
            pytest.approx(reached[0][1]),
        )
    else:
        assert cell.ef == -1
        assert math.isnan(cell.distance_computations)
    assert cell.best_recall == pytest.approx(curve.recall[:, -1].mean())
    counted = census(graph, ef=40)
    assert cell.unreachable == len(counted.unreachable)
    assert cell.unfindable_share == counted.unfindable_share
    assert cell.bytes_per_vector == hnswlib_bytes(graph) / (N - ASKED)


@pytest.mark.parametrize("i", range(len(PARAMS)))
def test_own_check_is_recall_of_m_neighbors_at_ef_construction(grid: BuildGrid, i: int) -> None:
    params, (rows, asked) = PARAMS[i], split()
    m, graph = params.m, build_hnsw(rows, PARAMS[i])
    truth = exact_neighbors(rows, asked, m, metric="euclidean").ids
    ef = max(m, params.ef_construction)  # hnswlib searches with no less than k
    found = search(graph, asked, m, ef).ids
    recalls = [
        len(set(a) & set(b)) / m for a, b in zip(found.tolist(), truth.tolist(), strict=True)
    ]
    assert grid.cells[i].own_check == pytest.approx(sum(recalls) / ASKED)


def test_the_grid_holds_cells_that_reach_and_cells_that_miss(grid: BuildGrid) -> None:
    assert {cell.ef > 0 for cell in grid.cells} == {True, False}


def test_a_grid_goes_on_from_what_is_done(grid: BuildGrid, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[HnswParams] = []
    build = module.build_hnsw

    def counting(vectors: Any, params: HnswParams, **more: Any) -> Any:
        built.append(params)
        return build(vectors, params, **more)

    def stop(_share: float, words: str) -> None:
        if words.startswith("3 of 8"):
            raise KeyboardInterrupt

    monkeypatch.setattr(module, "build_hnsw", counting)
    done: dict[Hashable, Any] = {}
    same: dict[str, Any] = {"k": K, "target": TARGET, "ef_max": EF_MAX, "queries": ASKED, "seed": 4}
    with pytest.raises(KeyboardInterrupt):
        build_grid(VECTORS, PARAMS, progress=stop, done=done, **same)
    kept = dict(done)
    assert list(kept) == PARAMS[:3]
    built.clear()
    again = build_grid(VECTORS, PARAMS, done=done, **same)
    assert built == PARAMS[3:]
    assert [again.cells[i] is kept[PARAMS[i]] for i in range(3)] == [True] * 3
    for mine, whole in zip(again.cells, grid.cells, strict=True):
        assert (mine.ef, mine.own_check) == (whole.ef, whole.own_check)
        np.testing.assert_equal(mine.distance_computations, whole.distance_computations)


def test_progress_rises_to_1_and_names_the_cell() -> None:
    told: list[tuple[float, str]] = []
    build_grid(
        VECTORS[:300],
        PARAMS[:2],
        k=K,
        queries=20,
        ef_max=20,
        progress=lambda share, words: told.append((share, words)),
    )
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[-1] == (1.0, "2 of 2 done")
    assert any(words.endswith("M 3, ef_construction 6, seed 1") for _, words in told)


def test_a_cell_names_its_machine_where_that_is_another(
    grid: BuildGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert {cell.host for cell in grid.cells} == {""}
    monkeypatch.setattr(module, "this_host", lambda: "where the study was started")
    (cell,) = build_grid(VECTORS[:50], PARAMS[:1], k=K, queries=5).cells
    assert cell.host == platform.node()


def test_an_m_above_all_rows_is_held_against_all_of_them() -> None:
    small = build_grid(VECTORS[:12], [HnswParams("euclidean", m=16)], k=3, ef_max=20)
    assert (small.n, small.queries) == (11, 1)
    assert small.cells[0].own_check == 1.0
    assert small.cells[0].ef == 3


@pytest.mark.parametrize(
    ("params", "words"),
    [([], "at least one"), ([HnswParams("cosine"), HnswParams("euclidean")], "all of one metric")],
)
def test_params_must_be_some_of_one_metric(params: list[HnswParams], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        build_grid(VECTORS, params)


@pytest.mark.parametrize(
    ("k", "ef_max", "words"),
    [
        (631, 900, "at most the 630 rows that are indexed; got 631"),
        (0, 60, "got 0"),
        (10, 9, r"ef_max must be at least k = 10.*got 9"),
    ],
)
def test_k_and_ef_are_checked_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, k: int, ef_max: int, words: str
) -> None:
    monkeypatch.setattr(module, "build_hnsw", lambda *_a, **_k: pytest.fail("built"))
    with pytest.raises(ParameterError, match=words):
        build_grid(VECTORS, PARAMS, k=k, ef_max=ef_max)


def cell(
    m: int,
    width: int = 100,
    *,
    memory: float = 1.0,
    seconds: float = 1.0,
    cost: float = 1.0,
    check: float = 0.95,
    ef: int = 20,
    seed: int = 0,
    best: float = 1.0,
    unreachable: int = 0,
    unfindable: float = 0.0,
) -> GridCell:
    return GridCell(
        HnswParams("euclidean", m=m, ef_construction=width, seed=seed),
        build_seconds=seconds,
        bytes_per_vector=memory,
        ef=ef,
        distance_computations=cost if ef > 0 else math.nan,
        best_recall=best,
        own_check=check,
        unreachable=unreachable,
        unfindable_share=unfindable,
    )


def of(cells: Sequence[GridCell]) -> BuildGrid:
    return BuildGrid(10, 0.95, 1000, 100, tuple(cells))


def test_settings_sum_up_their_seeds() -> None:
    cells = [
        cell(16, 50, ef=30, cost=100, seed=1, memory=10, seconds=1, check=0.91, unreachable=2),
        cell(8, 200, ef=40, cost=70, memory=7, seconds=3),
        cell(16, 50, ef=20, cost=50, seed=2, memory=30, seconds=2, check=0.89, best=0.96),
        cell(8, 50, ef=10, cost=90, memory=8, seconds=4, unfindable=0.5),
    ]
    settings = of(cells).settings
    assert [(each.m, each.ef_construction) for each in settings] == [(8, 50), (8, 200), (16, 50)]
    assert settings[2] == GridSetting(
        m=16,
        ef_construction=50,
        ef=30,  # the larger serves both seeds
        least_ef=20,
        distance_computations=75.0,
        build_seconds=1.5,
        bytes_per_vector=20.0,
        best_recall=0.98,
        own_check=0.89,  # the worse
        unreachable=2,  # the more
        unfindable_share=0.0,
        seed_costs=(100, 50),
    )
    assert settings[2].reaches
    assert not settings[2].passes
    assert settings[0].unfindable_share == 0.5


def test_costs_of_two_settings_are_held_against_the_builds_there_are() -> None:
    once = of([cell(16, cost=100.0), cell(8, cost=130.0), cell(4, ef=-1)])
    least, other, missed = (once.settings[i] for i in (2, 1, 0))
    assert not once.cost_change(least, other).is_known  # nothing was built again
    again = tuple(cell(16, cost=cost, seed=i) for i, cost in enumerate((90.0, 100.0, 110.0)))
    known = replace(once, again=again)
    # s = 10, t(2) = 4.3027: 4.3027 * 10 * sqrt(2) = 60.85
    assert known.cost_change(least, other) == against_rebuilds(100.0, 130.0, [90, 100, 110])
    assert known.cost_change(least, other).half_width == pytest.approx(60.85, abs=0.01)
    assert not known.cost_change(least, missed).is_known
    seeds = of([cell(m, cost=cost, seed=s) for m, s, cost in SEEDED])
    assert seeds.cost_change(*seeds.settings) == between_settings(
        [130.0, 140.0], [100.0, 110.0], step=0.01
    )


SEEDED = ((16, 0, 100.0), (8, 0, 130.0), (16, 1, 110.0), (8, 1, 140.0))


def test_the_recommended_setting_is_built_again_where_each_has_one_seed() -> None:
    params = [HnswParams("euclidean", m=m, ef_construction=20) for m in (8, 12)]
    same: dict[str, Any] = {"k": 5, "target": 0.5, "queries": 20, "ef_max": 30}
    found = build_grid(VECTORS[:200], params, rebuilds=2, **same)
    best = found.recommended
    assert best is not None
    assert [each.params for each in found.again] == [
        HnswParams("euclidean", m=best.m, ef_construction=20, seed=seed) for seed in (10100, 10101)
    ]
    alone = build_grid(VECTORS[:200], [each.params for each in found.again], **same)
    costs = [each.distance_computations for each in alone.cells]
    assert [each.distance_computations for each in found.again] == costs
    assert len(found.settings) == 2
    two_seeds = [*params, *(replace(each, seed=3) for each in params)]
    assert build_grid(VECTORS[:200], two_seeds, rebuilds=2, **same).again == ()


def test_a_setting_misses_the_target_where_one_seed_does() -> None:
    setting = of([cell(8, ef=30, cost=50), cell(8, ef=-1, seed=1)]).settings[0]
    assert (setting.ef, setting.least_ef, setting.reaches) == (-1, -1, False)
    assert math.isnan(setting.distance_computations)


@pytest.mark.parametrize(("check", "passes"), [(0.9, True), (0.8999, False)])
def test_hnswlibs_check_asks_for_nine_tenths(check: float, passes: bool) -> None:
    assert of([cell(8, check=check)]).settings[0].passes is passes


def naive_pareto(settings: Sequence[GridSetting]) -> list[bool]:
    def costs(one: GridSetting) -> tuple[float, float, float]:
        return one.bytes_per_vector, one.build_seconds, one.distance_computations

    front = []
    for one in settings:
        beaten = False
        for other in settings:
            if other.ef > 0 and one.ef > 0:
                pairs = list(zip(costs(other), costs(one), strict=True))
                beaten |= all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)
        front.append(one.ef > 0 and not beaten)
    return front


@pytest.mark.parametrize("seed", range(5))
def test_the_front_is_that_of_a_loop(seed: int) -> None:
    random = np.random.default_rng(seed)
    cells = [
        cell(
            m,
            width,
            memory=float(random.integers(1, 5)),  # few values, so that some are equal
            seconds=float(random.integers(1, 5)),
            cost=float(random.integers(1, 5)),
            ef=int(random.choice([-1, 20, 20, 20])),
        )
        for m in (4, 8, 16, 32)
        for width in (50, 100, 200)
    ]
    found = of(cells)
    assert found.pareto.tolist() == naive_pareto(found.settings)
    assert 0 < found.pareto.sum() < 12


def test_the_front_by_hand() -> None:
    cells = [
        cell(4, memory=1, seconds=1, cost=1, ef=-1),  # misses the target: beats nobody
        cell(8, memory=1, seconds=2, cost=9),
        cell(16, memory=1, seconds=2, cost=9),  # equal to the one before: both stay
        cell(32, memory=2, seconds=2, cost=8),
        cell(64, memory=2, seconds=3, cost=8),  # slower to build, no better
    ]
    assert of(cells).pareto.tolist() == [False, True, True, True, False]


def test_no_setting_that_reaches_is_no_front_and_no_advice() -> None:
    missed = of([cell(4, ef=-1), cell(8, ef=-1)])
    assert missed.pareto.tolist() == [False, False]
    assert missed.recommended is None


def recommended(cells: Sequence[GridCell]) -> int:
    found = of(cells).recommended
    assert found is not None
    return found.m


def test_the_least_memory_within_a_tenth_of_the_least_cost_is_recommended() -> None:
    # The least cost is 100, so up to 110 will do: M 8 and 16, of which 8 takes less memory.
    cells = [
        cell(4, memory=1, cost=111),
        cell(8, memory=2, cost=109),
        cell(16, memory=3, cost=100),
        cell(32, memory=4, cost=105),
    ]
    assert recommended(cells) == 8
    assert recommended(cells[2:]) == 16


def test_of_equal_memory_the_fastest_build_is_recommended() -> None:
    cells = [
        cell(8, 50, memory=2, seconds=1, cost=111),  # too dear: more than 1.1 x 100
        cell(8, 100, memory=2, seconds=9, cost=100),
        cell(8, 200, memory=2, seconds=3, cost=105),
        cell(8, 400, memory=2, seconds=5, cost=101),
        cell(16, 100, memory=3, seconds=2, cost=100),
    ]
    found = of(cells).recommended
    assert found is not None
    assert (found.m, found.ef_construction) == (8, 200)


def test_settings_that_miss_the_target_are_not_recommended() -> None:
    assert recommended([cell(4, memory=1, cost=1, ef=-1), cell(8, memory=2, cost=100)]) == 8


def test_hnswlibs_check_counts_while_any_setting_passes_it() -> None:
    failing, passing = cell(4, memory=1, cost=50, check=0.8), cell(8, memory=2, cost=100)
    assert recommended([failing, passing]) == 8
    assert recommended([failing, cell(8, memory=2, cost=100, check=0.7)]) == 4
    # one that passes and misses the target does not count
    assert recommended([failing, cell(8, memory=2, ef=-1)]) == 4
