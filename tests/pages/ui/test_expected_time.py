"""The time that a study is expected to take, by hand-worked units of work."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams
from core.studies.experiments.filtered_search import SELECTIVITIES
from core.studies.experiments.insertion_order import LID
from core.studies.experiments.insertion_order_results import ORDERS
from pages.recall.studies import (
    build_grid,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    updates,
)
from pages.recall.studies.runs import Part
from pages.ui.results import expected
from pages.ui.results.expected import Costs

PARAMS = HnswParams(m=32, ef_construction=16)  # 32^0.2 x 16^0.75 = 2 x 8 units at 1 row


def part(n: int = 625, *, dim: int = 8, own: int = 0, classes: int = 2) -> Part:
    """625 rows: the fourth root is 5."""
    vectors = np.random.default_rng(0).normal(size=(n, dim)).astype(np.float32)
    metadata = pd.DataFrame({"label": [f"class {row % classes}" for row in range(n)]})
    data = EmbeddingSet.from_arrays(vectors, metadata=metadata, name="data")
    return Part(data, PARAMS, n, vectors[:own] if own else None)


def test_units_by_hand() -> None:
    # 10 rows into 625: 10 x 5 x 16^0.75 x 1 = 10 x 5 x 8 = 400
    assert expected.insertions(10, 625, 1, 16) == pytest.approx(400)
    assert expected.build(625, PARAMS) == pytest.approx(50_000)  # 625 x 5 x 16
    assert expected.build(625, replace(PARAMS, m=64)) == pytest.approx(50_000)  # no more
    assert expected.build(625, replace(PARAMS, ef_construction=256)) == pytest.approx(400_000)
    assert expected.sweep(10, 625, 1, 16) == pytest.approx(540)  # 1.35 x 400
    assert expected.take_census(625, 1, at_most=10, ef=16) == pytest.approx(400)
    assert expected.take_census(625, 1, at_most=9999, ef=16) == pytest.approx(25_000)
    assert expected.pairs(10, 50) == pytest.approx(30)  # 0.06 each


@pytest.mark.parametrize(
    ("rows", "given", "held_out", "split"),
    [
        (5000, 0, 1000, (4500, 500)),
        (50_000, 0, 1000, (49_000, 1000)),
        (5000, 812, 1000, (5000, 812)),
    ],
)
def test_the_rows_that_are_indexed(
    rows: int, given: int, held_out: int, split: tuple[int, int]
) -> None:
    assert expected.split(rows, given, held_out) == split


def test_a_rebuild_costs_the_build_and_both_looks() -> None:
    # Each of two looks: 10 queries at ef 16, 10 x 5 x 8 x 2 = 800; their 6,250 pairs, 375; and the
    # census, 625 searches at ef 16, 50,000.
    looks = 2 * (800 + 375 + 50_000)
    assert expected.rebuild(625, PARAMS, 16, 10, census_of_all=False) == pytest.approx(
        50_000 + looks
    )
    assert expected.rebuild(625, PARAMS, 16, 10, census_of_all=True) == pytest.approx(
        100_000 + looks
    )


def test_the_speed_is_that_of_the_measured_build() -> None:
    # 50,000 units in 10 s by one thread: 0.0002 s each; by two threads twice the work
    assert expected.seconds_per_unit(10.0, 625, 8, PARAMS) == pytest.approx(2e-4)
    two = replace(PARAMS, threads=2)
    assert expected.seconds_per_unit(10.0, 625, 8, two) == pytest.approx(4e-4)


def test_without_a_measured_build_the_speed_is_that_of_384_dimensions_in_proportion() -> None:
    assert expected.seconds_per_unit(None, 625, 384, PARAMS) == pytest.approx(2.5e-7)
    assert expected.seconds_per_unit(None, 9, 160, PARAMS) == pytest.approx(1.25e-7)  # 224 / 448


@pytest.mark.parametrize(
    ("threads", "finished", "seconds"),
    [(1, (), 6.0), (2, (), 3.0), (1, ("b",), 4.0), (2, ("b",), 2.0), (9, ("a", "b"), 3.0)],
)
def test_finished_parts_take_no_time_and_the_others_share_the_threads(
    threads: int, finished: tuple[str, ...], seconds: float
) -> None:
    costs = Costs({"a": 10.0, "b": 20.0, "c": 30.0}, threads)
    assert expected.expected_seconds(costs, 0.1, finished) == pytest.approx(seconds)


def test_parts_without_a_known_key_count_by_their_share() -> None:
    costs = Costs({"a": 10.0}, 1, unnamed=40.0)
    assert expected.expected_seconds(costs, 0.1) == pytest.approx(5.0)
    assert expected.expected_seconds(costs, 0.1, ("a",), 0.75) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.01, "under 10 s"),
        (9.9, "under 10 s"),
        (10, "about 10 s"),
        (54, "about 50 s"),
        (56, "about 1 min"),
        (119, "about 2 min"),
        (3540, "about 59 min"),
        (3600, "about 1 h"),
        (3750, "about 1 h 5 min"),
        (7300, "about 2 h"),
    ],
)
def test_the_time_is_rounded_to_what_is_known(seconds: float, words: str) -> None:
    assert expected.words(seconds) == words
    assert expected.words(seconds, measured=False).startswith(f"{words} at the speed of a 2-core")


def test_a_grid_costs_each_of_its_cells() -> None:
    settings = build_grid.Settings(10, 0.95, (32, 64), (16,), 1)
    costs = build_grid.costs(part(690, own=65), settings)  # own queries: nothing is held out
    small, large = (replace(PARAMS, m=m) for m in (32, 64))
    assert list(costs.parts) == [small, large]
    by_hand = (
        expected.build(690, PARAMS)
        + expected.sweep(65, 690, 32)
        + expected.take_census(690, 32)
        + expected.insertions(65, 690, 32, 32)  # hnswlib's check: at ef M, which is more than 16
    )
    assert costs.parts[small] == pytest.approx(by_hand)
    check = expected.insertions(65, 690, 32, 64) - expected.insertions(65, 690, 32, 32)
    assert costs.parts[large] == pytest.approx(by_hand + check)  # else as M 32
    assert costs.threads == PARAMS.threads


def test_an_insertion_order_costs_the_lid_and_each_order_and_seed() -> None:
    settings = insertion_order.Settings(10, (10, 40), 3)
    costs = insertion_order.costs(part(1000), settings)
    runs = {(order, seed) for order in ORDERS for seed in range(3)}
    assert set(costs.parts) == {(LID, 0), *runs}
    assert costs.parts[LID, 0] == pytest.approx(0.06 * 900**2)
    of_paper = HnswParams(m=16, ef_construction=128)
    one = expected.build(900, of_paper) + expected.sweep(100, 900, 16, 40)
    assert [costs.parts[run] for run in runs] == pytest.approx([one] * 15)
    without = insertion_order.costs(part(1000, classes=1), settings)
    assert len(without.parts) == 1 + 3 * 3


def test_a_series_of_updates_costs_its_changes_and_its_looks() -> None:
    costs = updates.costs(part(1000), updates.Settings(10, 16, 2, 0.1))
    build = expected.build(900, PARAMS)
    looks = 3 * expected.insertions(100 + 900, 900, 32, 16)  # 100 queries and the census
    assert costs.parts["duplicates",] == pytest.approx(2 * build)
    assert costs.parts["delete",] == pytest.approx(build + looks)
    changed = build + looks + 9 * 0.2 * build  # two rounds of a tenth, nine insertions each
    assert costs.parts["update",] == costs.parts["replace",] == pytest.approx(changed)


def test_growth_and_dimension_cost_each_of_their_sizes_and_ranks() -> None:
    costs = growth.costs(part(1400), growth.Settings(10, 0.9))
    assert set(costs.parts) == {315, 630, 1260}  # 1,400 less a tenth, halved and halved
    assert costs.parts[630] == pytest.approx(
        expected.build(630, PARAMS) + expected.sweep(140, 630, 32)
    )
    costs = intrinsic_dimension.costs(
        part(1000, dim=8), intrinsic_dimension.Settings(10, (10, 40), 1000)
    )
    assert set(costs.parts) == {0, 2, 4, 8}
    assert costs.parts[4] == costs.parts[8] == pytest.approx(1.6 * costs.parts[0])


Costing = Callable[[Part, Any], Costs]
EVERY: dict[str, tuple[Costing, Any]] = {
    "build grid": (build_grid.costs, build_grid.Settings(10, 0.9, (4, 8), (40,), 2)),
    "insertion order": (insertion_order.costs, insertion_order.Settings(10, (10, 40), 2)),
    "intrinsic dimension": (
        intrinsic_dimension.costs,
        intrinsic_dimension.Settings(10, (10, 40), 10_000),
    ),
    "filtered search": (
        filtered_search.costs,
        filtered_search.Settings(10, 0.9, None, SELECTIVITIES, None),
    ),
    "updates": (updates.costs, updates.Settings(10, 40, 2, 0.1)),
    "growth": (growth.costs, growth.Settings(10, 0.9)),
}


@pytest.mark.parametrize("name", EVERY)
def test_more_rows_take_longer(name: str) -> None:
    costing, settings = EVERY[name]
    if name == "intrinsic dimension":
        few, many = (replace(settings, rows=rows) for rows in (700, 2800))
    else:
        few = many = settings
    small, large = costing(part(700), few), costing(part(2800), many)
    ratio = expected.expected_seconds(large, 1.0) / expected.expected_seconds(small, 1.0)
    least = 1 if name == "filtered search" else 4  # most of it are the searches of 200 queries
    assert least < ratio < 16  # more than in proportion, less than by the square
