"""What each study says and tabulates, of results made by hand whose figures all differ."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.index import HnswParams
from core.studies import (
    BuildGrid,
    FilteredSearch,
    Growth,
    InsertionOrder,
    IntrinsicDimension,
    Updates,
)
from core.studies.experiments.build_grid_results import GridCell
from core.studies.experiments.filtered_search_results import Climb, FilterCell, SkippedFilter
from core.studies.experiments.growth import GrowthStep
from core.studies.experiments.insertion_order_results import (
    ASCENDING,
    BY_CLASS,
    DESCENDING,
    RANDOM,
    OrderRun,
)
from core.studies.experiments.intrinsic_dimension import RankPoint
from core.studies.experiments.updates_results import Series
from pages.recall.studies import (
    build_grid,
    filtered_search,
    growth,
    insertion_order,
    intrinsic_dimension,
    updates,
)
from pages.recall.studies.runs import (
    basis_words,
    clock_words,
    own_queries,
    queries_words,
    source_words,
)
from pages.ui.controls.queries import GIVEN, HELD_OUT, ROWS, UPLOADED
from pages.ui.session.workspace import Workspace

# ---- the build grid


def grid(*cells: GridCell) -> BuildGrid:
    return BuildGrid(10, 0.95, 1000, 100, cells)


def cell(m: int, width: int, ef: int, cost: float, **more: Any) -> GridCell:
    figures: dict[str, Any] = {
        "build_seconds": 3.0,
        "bytes_per_vector": 2200.0,
        "best_recall": 0.99,
        "own_check": 0.93,
        "unreachable": 4,
        "unfindable_share": 0.055,
        **more,
    }
    params = HnswParams("euclidean", m=m, ef_construction=width)
    return GridCell(params, ef=ef, distance_computations=cost, **figures)


def test_the_build_grid_recommends_with_the_figures_of_that_setting() -> None:
    found = grid(
        cell(16, 200, 35, 1000.0, bytes_per_vector=4400.0, build_seconds=75.0),
        cell(8, 100, 42, 1090.0),
        cell(4, 40, 80, 1900.0, bytes_per_vector=1100.0, build_seconds=1.0),
    )
    assert build_grid.answer(found) == (
        "M 8 with ef_construction 100 and ef 42: recall@10 0.95 over 100 held-out rows, at 1,090 "
        "distance computations, 2.20 kB per vector in hnswlib, built in 3 s."
    )
    assert build_grid.answer(replace(found, own_queries=True, queries=812)) == (
        "M 8 with ef_construction 100 and ef 42: recall@10 0.95 over your 812 queries, at 1,090 "
        "distance computations, 2.20 kB per vector in hnswlib, built in 3 s."
    )


def test_a_build_grid_says_how_many_settings_chance_may_put_first() -> None:
    # Rebuilds of 980, 1,000 and 1,020: s = 20, t(2) = 4.3027: two builds differ by up to 121.7
    again = tuple(cell(16, 200, 35, cost) for cost in (980.0, 1000.0, 1020.0))
    found = grid(
        cell(16, 200, 35, 1000.0, bytes_per_vector=1000.0),
        cell(8, 100, 42, 1090.0),
        cell(4, 40, 80, 1900.0),
        cell(4, 20, -1, float("nan")),
    )
    assert build_grid.answer(replace(found, again=again)).endswith(
        "built in 3 s. The search cost of 1 of 2 other settings that reach the target is inside "
        "rebuild noise of it."
    )
    assert build_grid.answer(found).endswith("built in 3 s.")
    against = build_grid.table(replace(found, again=again))["cost against the recommended"]
    assert against.tolist() == [
        "not known",
        "beyond rebuild noise: +900 (noise 122)",
        "inside rebuild noise: +90 (noise 122)",
        "",
    ]
    assert "Rebuild noise: 3 rebuilds of the recommended" in build_grid.noise_words_of(
        replace(found, again=again)
    )
    assert build_grid.noise_words_of(found) == ""
    two = grid(cell(16, 200, 35, 1000.0), cell(16, 200, 35, 1000.0, best_recall=1.0))
    assert build_grid.noise_words_of(two).startswith("Rebuild noise: of the seeds")


def test_a_build_grid_that_misses_its_target_names_the_best_recall() -> None:
    missed: dict[str, Any] = {"ef": -1, "cost": float("nan")}
    found = grid(
        cell(8, 100, best_recall=0.875, **missed),
        cell(16, 40, best_recall=0.914, own_check=0.95, **missed),
    )
    assert build_grid.answer(found) == (
        "No setting of this grid reaches recall@10 0.95 over 100 held-out rows: the best is 0.914. "
        "Try a larger M."
    )


def test_the_table_of_a_build_grid_has_each_figure_in_its_column() -> None:
    (line,) = build_grid.table(grid(cell(8, 100, 42, 1090.04))).to_dict("records")
    assert line == {
        "M": 8,
        "ef_construction": 100,
        "ef": "42",
        "distance computations": 1090.0,
        "hnswlib's bytes per vector": 2200,
        "build, s": 3.0,
        "best recall": 0.99,
        "hnswlib's check": 0.93,
        "unreachable": 4,
        "not found by own vector": "5.50 %",
        "on the Pareto front": True,
        "cost against the recommended": "",
    }


@pytest.mark.parametrize(
    ("hosts", "words"),
    [
        (["", ""], "Build times are by this server's clock."),
        (["node_1"], r"Build times are by the clock of node\_1."),
        (
            ["b", "", "b"],
            "Build times are by the clocks of b, this server: those of two machines cannot be "
            "compared.",
        ),
    ],
)
def test_it_is_said_whose_clock_build_times_are_by(hosts: list[str], words: str) -> None:
    assert clock_words(hosts) == words


# ---- whose queries they are


@pytest.mark.parametrize(
    ("queries", "own", "words", "basis"),
    [
        (1000, False, "1,000 held-out rows", "1,000 held-out rows, in no index."),
        (1, False, "1 held-out row", "1 held-out row, in no index."),
        (812, True, "your 812 queries", "your 812 queries."),
        (1, True, "your 1 query", "your 1 query."),
    ],
)
def test_a_result_says_how_many_queries_of_which_kind(
    queries: int, own: bool, words: str, basis: str
) -> None:
    assert queries_words(queries, own=own) == words
    assert basis_words(9000, queries, own=own) == f"9,000 rows indexed; queries: {basis}"


@pytest.mark.parametrize(
    ("given", "taken", "words"),
    [
        (812, 812, "Queries: your 812 queries."),
        (5310, 2000, "Queries: 2,000 of your 5,310, drawn with seed 0."),
        (
            0,
            0,
            "Queries: rows held out of every index of the study. Choose your own queries in the "
            "section Curve.",
        ),
    ],
)
def test_before_a_run_it_is_said_which_queries_it_will_ask(
    given: int, taken: int, words: str
) -> None:
    assert source_words(given, taken) == words


def queries_of(n: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)


def test_the_persons_own_queries_are_those_that_the_source_names() -> None:
    held, uploaded = queries_of(30, 1), queries_of(20, 2)
    data = EmbeddingSet.from_arrays(queries_of(50, 0), name="data", queries=held)
    sent = EmbeddingSet.from_arrays(uploaded, name="log")
    work = Workspace("data", data, HnswParams(), queries=sent)
    for source, expected in ((GIVEN, held), (UPLOADED, uploaded)):
        asked = own_queries(work, source)
        assert asked is not None
        np.testing.assert_array_equal(asked, expected)
    assert own_queries(work, HELD_OUT) is own_queries(work, ROWS) is None
    assert own_queries(replace(work, queries=None), UPLOADED) is None


@pytest.mark.parametrize("source", [GIVEN, UPLOADED])
def test_of_many_queries_two_thousand_are_drawn_with_a_seed(source: str) -> None:
    many = queries_of(2001, 3)
    data = EmbeddingSet.from_arrays(queries_of(50, 0), name="data", queries=many)
    work = Workspace("data", data, HnswParams(), queries=EmbeddingSet.from_arrays(many, name="log"))
    drawn = np.sort(np.random.default_rng(0).choice(2001, 2000, replace=False))
    asked = own_queries(work, source)
    assert asked is not None
    np.testing.assert_array_equal(asked, many[drawn])
    assert own_queries(work, source) is asked  # so that its name is worked out once


# ---- the insertion order


def order(**recalls: tuple[float, float]) -> InsertionOrder:
    """Two seeds of two queries each; at ef 40 the recalls are swapped, so that ef 10 is told."""
    names = {"falling": DESCENDING, "rising": ASCENDING, "classes": BY_CLASS, "random": RANDOM}
    least = {"falling": "rising", "rising": "falling"}
    runs = []
    for name, values in recalls.items():
        for seed, value in enumerate(values):
            other = recalls[least.get(name, name)][seed]
            recall = np.array([[value, other]] * 2)
            costs = np.array([100.0 + seed, 300.0 + seed])
            runs.append(OrderRun(names[name], seed, recall, costs))
    return InsertionOrder(5, (10, 40), 1000, 2, (0, 1), np.ones(1000), True, tuple(runs))


def test_the_order_of_greater_recall_is_named_with_its_lead_and_interval() -> None:
    # 0.75 - 0.6875 is 6.25 points, at every seed and query
    # a step of 1 / 10,000 in place of no variance, t(2) = 4.3027: 0.043 points of noise
    falling = order(falling=(0.75, 0.75), rising=(0.6875, 0.6875))
    falling = replace(falling, queries=2000)
    assert insertion_order.answer(falling) == (
        "At ef 10 over 2,000 held-out rows, LID descending beats ascending by 6.2 points, beyond "
        "rebuild noise (0.043), as Elliott & Clark found."
    )
    rising = order(falling=(0.6875, 0.6875), rising=(0.75, 0.75))
    assert insertion_order.answer(replace(rising, queries=2000)) == (
        "At ef 10 over 2,000 held-out rows, LID ascending beats descending by 6.2 points, beyond "
        "rebuild noise (0.043), against what Elliott & Clark found."
    )


def test_orders_that_do_not_differ_are_said_so_and_the_range_of_classes_is_told() -> None:
    # Seeds that contradict one another: s^2 = 0.03125 on both sides, t(2) sqrt(0.03125) = 0.7606;
    # classes of 0.5 and 0.75, 25 points apart
    even = order(falling=(0.75, 0.5), rising=(0.5, 0.75), classes=(0.5, 0.75), random=(0.625, 0.5))
    assert insertion_order.answer(even) == (
        "At ef 10 over 2 held-out rows, LID descending and ascending differ by 0 points, inside "
        "rebuild noise (76); the order of classes moves recall by 25 points, other seeds of a "
        "random order by 12."
    )


def test_the_tables_of_an_insertion_order_have_each_figure_in_its_column() -> None:
    found = order(falling=(0.75, 0.5), rising=(0.25, 0.25), random=(0.75, 0.5))
    line = insertion_order.table(found).to_dict("records")[0]
    assert line == {
        "ef": 10,
        "order": DESCENDING,
        "mean recall": 0.625,
        "95 % from": 0.5,
        "95 % to": 0.75,
        "least of the seeds": 0.5,
        "most of the seeds": 0.75,
        "distance computations": 100.5,
        "of brute force": "10.1 %",  # 100.5 of 1,000 rows: 10.05 %
        "against random order": "inside rebuild noise: 0 points (noise 76)",
    }
    assert insertion_order.runs(found).to_dict("records")[1] == {
        "order": DESCENDING,
        "seed": 1,
        "recall at ef 10": 0.5,
        "distances at ef 10": 101.0,
        "recall at ef 40": 0.25,
        "distances at ef 40": 301.0,
    }


# ---- the intrinsic dimension

POINTS = (
    RankPoint(2, 1.0, 1.5, (1.0, 1.0), (50.0, 100.0)),
    RankPoint(8, 16.0, 12.0, (0.5, 0.75), (90.0, 200.0)),
)


def dimension(recall: float) -> IntrinsicDimension:
    """LID 4 lies half way from 1 to 16 in logarithms: rank 4, recall 0.75 at ef 10."""
    own = RankPoint(0, 4.0, 3.25, (recall, 0.99), (70.0, 140.0))
    return IntrinsicDimension(10, (10, 40), 500, 32, POINTS, own, 50)


@pytest.mark.parametrize(
    ("recall", "words"),
    [
        (0.625, "0.625, worse than the 0.750 of synthetic data of that LID"),
        (0.875, "0.875, better than the 0.750 of synthetic data of that LID"),
        (0.7525, "0.752, as synthetic data of that LID"),
    ],
)
def test_the_data_is_placed_among_synthetic_data(recall: float, words: str) -> None:
    assert intrinsic_dimension.answer(dimension(recall)) == (
        "With a median LID of 4 in 32 dimensions, this data is like synthetic data of rank 4.0; "
        f"recall@10 at ef 10 over 50 held-out rows is {words}."
    )


def test_the_rows_and_queries_of_both_kinds_of_data_are_told() -> None:
    assert intrinsic_dimension.basis(dimension(0.625)) == (
        "500 rows indexed; queries: 50 held-out rows, in no index. Each synthetic set: 500 rows "
        "and 50 held-out rows as queries."
    )
    assert intrinsic_dimension.basis(replace(dimension(0.625), own_queries=True)) == (
        "500 rows indexed; queries: your 50 queries. Each synthetic set: 500 rows and 50 held-out "
        "rows as queries."
    )


def test_the_table_of_dimensions_has_each_figure_in_its_column() -> None:
    lines = intrinsic_dimension.table(dimension(0.625)).to_dict("records")
    assert [line["data"] for line in lines] == ["rank 2", "rank 8", "this data"]
    assert lines[-1] == {
        "data": "this data",
        "median LID": 4.0,
        "TwoNN": 3.25,
        "recall at ef 10": 0.625,
        "distances at ef 10": 70.0,
        "recall at ef 40": 0.99,
        "distances at ef 40": 140.0,
    }


# ---- the filtered search


def climb(ef: int, cost: float, at_ef: float, *, reaches: bool = True) -> Climb:
    recall = np.array([0.5, 0.9 if reaches else 0.7])
    return Climb(0.9, np.array([5, ef]), recall, np.array([cost / 2, cost]), at_ef)


def filter_of(allowed: int, during: float, after: float) -> FilterCell:
    return FilterCell(None, allowed / 1000, allowed, climb(15, during, 0.8), climb(24, after, 0.6))


def filters(*cells: FilterCell) -> FilteredSearch:
    return FilteredSearch(
        5, 0.9, 40, 100, 1000, 30, cells, (SkippedFilter(None, 0.001, 1),), 64, 16
    )


def test_brute_force_is_told_from_where_on_and_what_comes_before() -> None:
    few, fewer = filter_of(40, 50, 60), filter_of(20, 50, 60)
    assert filtered_search.answer(filters(filter_of(500, 50, 60), few, fewer)) == (
        "Below a selectivity of 4 %, brute force is the cheapest for recall@5 0.9; above it "
        "filtering during the traversal is."
    )
    assert filtered_search.answer(filters(filter_of(500, 60, 50), fewer)) == (
        "Below a selectivity of 2 %, brute force is the cheapest for recall@5 0.9; above it "
        "filtering afterwards is."
    )
    assert filtered_search.answer(filters(few, fewer)) == (
        "Below a selectivity of 4 %, brute force is the cheapest for recall@5 0.9: at every "
        "selectivity tried."
    )


def test_a_traversal_that_is_the_cheapest_is_told_with_its_cost() -> None:
    assert filtered_search.answer(filters(filter_of(500, 50, 60), filter_of(100, 72.4, 60.4))) == (
        "For recall@5 0.9, filtering afterwards is the cheapest down to a selectivity of 10 %, at "
        "60 distance computations."
    )
    assert filtered_search.answer(filters()) == "No filter leaves more than 5 rows."


def test_the_table_of_filters_has_each_figure_in_its_column() -> None:
    during, missed = climb(15, 72.4, 0.8), climb(100, 400.0, 0.6, reaches=False)
    (line,) = filtered_search.table(filters(FilterCell(None, 0.1, 100, during, missed))).to_dict(
        "records"
    )
    assert line == {
        "selectivity": "10 %",
        "allowed rows": 100,
        "cheapest": "during",
        "during: ef": "15",
        "during: distances": "72",
        "after: ef": "none",
        "after: distances": "not reached",
        "during: recall at ef 40": 0.8,
        "after: recall at ef 40": 0.6,
    }


# ---- updates


class Side:
    """The health of an index, as far as the page reads it."""

    def __init__(self, recall: float, unreachable: int) -> None:
        self.recall, self.unreachable = np.array([recall, recall]), unreachable


class Copies:
    """What removing duplicates did."""

    def __init__(self, removed: int) -> None:
        self.removed, self.before, self.after = removed, Side(0.75, 12), Side(0.875, 3)


def series(how: Any, last: float) -> Series:
    return Series(
        how=how,
        rounds=np.arange(3),
        recall=np.array([0.95, 0.5, last]),
        recall_low=np.array([0.9, 0.4, last - 0.125]),
        recall_high=np.array([1.0, 0.6, last + 0.0625]),
        distance_computations=np.array([100.0, 110.0, 120.25]),
        live=np.array([400, 390, 380]),
        unreachable=np.array([0, 2, 6]),
        unfindable_share=np.array([0.0, 0.01, 0.025]),
    )


def changed(removed: int = 90) -> Updates:
    ways = (series("update", 0.875), series("replace", 0.75), series("delete", 0.625))
    copies: Any = Copies(removed) if removed else None
    return Updates(5, 12, 400, 0.1, 20, copies, ways)


def test_each_way_of_updating_goes_from_the_first_round_to_the_last() -> None:
    assert updates.answer(changed()) == (
        "After 2 rounds of 10 %, over 20 held-out rows: updating rows in place takes recall@5 "
        "from 0.950 to 0.875, deleting and inserting them again takes recall@5 from 0.950 to "
        "0.750, deleting them takes recall@5 from 0.950 to 0.625."
    )


def test_duplicates_are_told_before_and_after_their_removal() -> None:
    assert updates.without_duplicates(changed()) == (
        "Without its 90 exact duplicates, recall@5 goes from 75 % to 87.5 %, unreachable items "
        "from 12 to 3."
    )
    assert updates.without_duplicates(changed(removed=0)) == (
        "There are no exact duplicates among the indexed rows, so none were removed."
    )


def test_the_table_of_updates_has_each_figure_in_its_column() -> None:
    lines = updates.table(changed()).to_dict("records")
    assert len(lines) == 9
    assert lines[5] == {
        "way": "replace",
        "round": 2,
        "mean recall": 0.75,
        "95 % from": 0.625,
        "95 % to": 0.8125,
        "distance computations": 120.2,
        "rows": 380,
        "unreachable": 6,
        "not found by own vector": "2.50 %",
    }


# ---- growth


def grown(steps: int = 5) -> Growth:
    """1,024 to 16,384 rows; 50 + 30 log2 n distance computations, and 5 + 2 log2 n hops."""
    made = [
        GrowthStep(2**x, 20.0 + x, 50.0 + 30 * x, 5.0 + 2 * x, 0.5 * x)
        for x in range(10, 10 + steps)
    ]
    return Growth(10, 0.95, 100, HnswParams("euclidean"), tuple(made))


def test_growth_is_told_by_doubling_and_extrapolated_to_ten_million_and_a_billion() -> None:
    # log2 of 1e7 is 23.2535 and of 1e9 29.8974: 50 + 30 x 23.2535 = 747.6 and 946.9. The power:
    # log2 of 350, 380, 410, 440, 470 over 10 to 14 has slope 0.106327, mean 8.675563 at 12, R2
    # 0.998498; 2^0.106327 = 1.0765; 2^(8.675563 + 0.106327 x 11.2535) = 937.2, x 17.8974 = 1529.
    log2 = np.log2([350, 380, 410, 440, 470])
    slope = ((np.arange(10, 15) - 12) * log2).sum() / 10
    ends = 2 ** (log2.mean() + slope * (np.log2([1e7, 1e9]) - 12))
    assert growth.answer(grown()) == (
        "At recall@10 0.95 a search takes 470 distance computations at 16,384 rows. Extrapolated, "
        f"from 748 to {ends[0]:.0f} at 10M and from 947 to {float(f'{ends[1]:.3g}'):,.0f} at 1B: "
        f"30 more with each doubling (R² 1.00), or {2**slope:.2f} times as many (R² 1.00)."
    )
    flat = [replace(step, distance_computations=300.0) for step in grown().steps]
    level = growth.answer(replace(grown(), steps=tuple(flat)))
    assert "Extrapolated, about 300 at 10M and about 300 at 1B: " in level
    assert growth.answer(grown(3)) == (
        "Too few sizes cross recall@10 0.95 for a fit: four are needed. Choose more rows, or a "
        "higher target."
    )


def test_the_extrapolation_has_a_line_for_each_cost_and_fit() -> None:
    lines = growth.extrapolated(grown()).to_dict("records")
    assert [(line["cost"], line["fit"]) for line in lines] == [
        ("distance computations", "a + b log2 n"),
        ("distance computations", "a n^b"),
        ("hops", "a + b log2 n"),
        ("hops", "a n^b"),
    ]
    # Without scatter the interval has no width: 5 + 2 x 23.2535 = 51.5, 5 + 2 x 29.8974 = 64.8
    assert lines[0]["10M rows (95 %)"] == "748 (748 to 748)"
    assert lines[0]["1B rows (95 %)"] == "947 (947 to 947)"
    assert (lines[2]["10M rows (95 %)"], lines[2]["1B rows (95 %)"]) == (
        "52 (52 to 52)",
        "65 (65 to 65)",
    )
    assert lines[0]["R²"] == 1.0
    assert growth.extrapolated(grown(3)).empty


def test_the_extrapolated_interval_runs_from_its_low_end_to_its_high_end() -> None:
    steps = [
        replace(step, distance_computations=step.distance_computations + 8 * (-1) ** place)
        for place, step in enumerate(grown().steps)
    ]
    scattered = replace(grown(), steps=tuple(steps))
    fit = scattered.fit("distance_computations")
    assert fit is not None
    middle, low, high = (f"{round(value):,}" for value in fit.at(1e9))
    assert int(low) < int(middle) < int(high.replace(",", ""))
    line = growth.extrapolated(scattered).to_dict("records")[0]
    assert line["1B rows (95 %)"] == f"{middle} ({low} to {high})"


def test_the_table_of_growth_has_each_figure_in_its_column() -> None:
    assert growth.table(grown()).to_dict("records")[1] == {
        "rows": 2048,
        "ef": 31.0,
        "distance computations": 380.0,
        "hops": 27.0,
        "build, s": 5.5,
        "fitted": True,
    }
