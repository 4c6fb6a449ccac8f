"""Filters: costs worked by hand, and recall held against a loop over queries and rows."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from core.distances import distance_matrix
from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, build_hnsw, search, search_filtered
from core.studies.experiments.filtered_search import filtered_search
from core.studies.experiments.filtered_search_results import (
    AFTER,
    BRUTE_FORCE,
    DURING,
    Climb,
    FilterCell,
    FilteredSearch,
)
from tests.core.index.datasets import clustered
from tests.core.index.graphs import hand_graph

N, K = 1200, 5
VECTORS = clustered(N, 16, 4)
# Values that 600, 300, 150, 75, 60, 12 and 3 rows have, by chance
COLUMN = np.random.default_rng(1).permutation(
    np.repeat([7, 1, 9, 2, 4, 30, 3], [600, 300, 150, 75, 60, 12, 3])
)


@pytest.fixture(scope="module")
def graph() -> HnswGraph:
    return build_hnsw(VECTORS, HnswParams("euclidean", m=4, ef_construction=20))


def study(graph: HnswGraph, **changes: Any) -> FilteredSearch:
    settings = {"k": K, "target": 0.9, "queries": 30, "seed": 2, "ef_max": 200} | changes
    return filtered_search(graph, VECTORS, **settings)


def full_graph(positions: list[int]) -> HnswGraph:
    """Rows on a line, each linked to all others."""
    n = len(positions)
    links = {i: [j for j in range(n) if j != i] for i in range(n)}
    return hand_graph([links], 0, vectors=np.array(positions, dtype=np.float32)[:, None])


def climb(cost: float, *, reaches: bool = True) -> Climb:
    recall = np.array([0.5, 0.9 if reaches else 0.7])
    return Climb(0.9, np.array([10, 15]), recall, np.array([cost / 2, cost]), 0.4)


def cell(allowed: int, during: Climb, after: Climb) -> FilterCell:
    return FilterCell(None, allowed / 1000, allowed, during, after)


def test_where_every_row_is_linked_to_all_costs_are_known() -> None:
    """All 20 rows are measured at the first hop, whatever the beam: 20 distance computations."""
    graph = full_graph([i * (i + 1) // 2 for i in range(20)])
    result = filtered_search(
        graph, graph.vectors, k=2, target=1.0, selectivities=(0.5,), queries=4, ef=3, ef_max=30
    )
    (only,) = result.cells
    assert (only.allowed, only.selectivity, only.value) == (10, 0.5, None)
    # The beam holds the nearest 3, so the own row and both neighbors are right at once.
    assert only.during.ef.tolist() == [2]
    assert only.during.recall.tolist() == [1.0]
    assert only.costs[DURING] == only.costs[AFTER] == 20
    assert only.costs[BRUTE_FORCE] == 10
    assert (only.best, result.best, result.brute_force_below) == (BRUTE_FORCE, (BRUTE_FORCE,), 0.5)


def test_after_the_search_the_allowed_of_the_beam_are_left() -> None:
    """Nine rows whose distances all differ; the filter allows rows 0, 3 and 6, at 0, 12 and 35.

    row                         0  1  2  3  4  5  6  7  8
    stands at                   0  1  5 12 25 27 35 41 44
    nearest allowed other row   3  0  0  0  6  6  3  6  6
    its rank among all others   3  1  2  3  2  2  5  2  2
    """
    graph = full_graph([0, 1, 5, 12, 25, 27, 35, 41, 44])
    column = np.array([1, 0, 0] * 3)
    result = filtered_search(
        graph, graph.vectors, k=1, target=1.0, column=column, queries=9, ef=4, ef_max=9
    )
    (ones,) = (each for each in result.cells if each.value == 1)
    # The query's own row fills one place, and the beam has room for one more at least: at ef 1 and
    # 2 rank 1 is in reach, at ef 3 rank 2, at ef 4 rank 3, at ef 5 rank 4, at ef 8 rank 7.
    assert ones.after.ef.tolist() == [1, 2, 3, 5, 8]
    np.testing.assert_allclose(ones.after.recall, np.array([1, 1, 6, 8, 9]) / 9)
    assert ones.after.recall_at_ef == pytest.approx(8 / 9)
    assert (ones.after.smallest_ef, ones.after.cost) == (8, 9.0)
    assert (ones.during.ef.tolist(), ones.during.recall.tolist()) == ([1], [1.0])
    assert (ones.during.recall_at_ef, ones.during.cost) == (1.0, 9.0)
    assert (ones.best, ones.costs[BRUTE_FORCE]) == (BRUTE_FORCE, 3.0)


def naive_truth(allowed: npt.NDArray[np.int64], row: int) -> list[int]:
    distances = distance_matrix(VECTORS[row : row + 1], VECTORS, "euclidean")[0]
    return sorted((i for i in allowed.tolist() if i != row), key=lambda i: (distances[i], i))[:K]


def asked_rows(result: FilteredSearch, seed: int = 2) -> npt.NDArray[np.int64]:
    """The queries: documented as drawn with the first child of the seed's generator."""
    return np.sort(np.random.default_rng(seed).spawn(2)[0].choice(N, result.queries, replace=False))


def test_figures_are_those_of_a_plain_loop(graph: HnswGraph) -> None:
    result = study(graph, column=COLUMN, target=0.95)
    asked = asked_rows(result)
    assert [each.value for each in result.cells] == [7, 1, 9, 2, 4, 30]
    for each in result.cells:
        rows = np.flatnonzero(each.value == COLUMN)
        truth = {row: naive_truth(rows, row) for row in asked.tolist()}
        for ef, recall, cost in zip(
            each.after.ef, each.after.recall, each.after.distance_computations, strict=True
        ):
            found = search(graph, VECTORS[asked], max(ef, K + 1), max(ef, K + 1))
            hits = 0
            for row, beam in zip(asked.tolist(), found.ids.tolist(), strict=True):
                kept = [i for i in beam if i != row and i in set(rows.tolist())][:K]
                hits += len(set(kept) & set(truth[row]))
            assert recall == pytest.approx(hits / (K * len(asked)))
            assert cost == found.distance_computations.mean()
        for ef, recall in zip(each.during.ef, each.during.recall, strict=True):
            ids = search_filtered(
                graph, VECTORS[asked], K, ef, np.asarray(each.value == COLUMN), exclude=asked
            ).ids
            hits = sum(
                len(set(a) & set(truth[r])) for r, a in zip(truth, ids.tolist(), strict=True)
            )
            assert recall == pytest.approx(hits / (K * len(asked)))
        assert (each.during.recall < 0.95).tolist() == [True] * (len(each.during.ef) - 1) + [False]
        assert each.during.smallest_ef == each.during.ef[-1] <= max(each.allowed, K)


def test_given_queries_take_the_place_of_rows_and_nothing_is_left_out(graph: HnswGraph) -> None:
    """Copies of rows as queries: a row is the nearest of its copy, and has to be found."""
    asked = np.arange(40, 70)
    result = study(graph, column=COLUMN, query_vectors=VECTORS[asked], target=0.95, queries=7)
    assert result.queries == 30
    for each in result.cells:
        rows = np.flatnonzero(each.value == COLUMN)
        distances = distance_matrix(VECTORS[asked], VECTORS[rows], "euclidean")
        truth = rows[np.argsort(distances, axis=1, kind="stable")[:, :K]]
        for place, row in enumerate(asked.tolist()):
            assert (truth[place, 0] == row) == (each.value == COLUMN[row])
        mask = np.asarray(each.value == COLUMN)
        for ef, recall, cost in zip(
            each.during.ef, each.during.recall, each.during.distance_computations, strict=True
        ):
            found = search_filtered(graph, VECTORS[asked], K, ef, mask)
            hits = sum(
                len(set(a) & set(b))
                for a, b in zip(found.ids.tolist(), truth.tolist(), strict=True)
            )
            assert recall == pytest.approx(hits / (K * 30))
            assert cost == found.distance_computations.mean()
        for ef, recall in zip(each.after.ef, each.after.recall, strict=True):
            beams = search(graph, VECTORS[asked], ef, ef).ids.tolist()
            kept = [[i for i in beam if mask[i]][:K] for beam in beams]
            hits = sum(len(set(a) & set(b)) for a, b in zip(kept, truth.tolist(), strict=True))
            assert recall == pytest.approx(hits / (K * 30))


def test_the_study_names_the_size_of_its_graph(graph: HnswGraph) -> None:
    result = study(graph, selectivities=(0.5,))
    assert (result.n, result.dim, result.m) == (N, 16, 4)


def test_when_everything_is_allowed_all_is_as_in_a_plain_search(graph: HnswGraph) -> None:
    result = study(graph, selectivities=(1.0,), target=1.0, ef=20)
    (only,) = result.cells
    asked = asked_rows(result)
    assert only.allowed == N
    np.testing.assert_array_equal(only.during.ef, only.after.ef)
    np.testing.assert_array_equal(only.during.recall, only.after.recall)
    np.testing.assert_array_equal(
        only.during.distance_computations, only.after.distance_computations
    )
    truth = [naive_truth(np.arange(N), row) for row in asked.tolist()]
    found = search(graph, VECTORS[asked], K, 20, exclude=asked).ids.tolist()
    shares = [len(set(a) & set(b)) / K for a, b in zip(found, truth, strict=True)]
    assert only.during.recall_at_ef == only.after.recall_at_ef == pytest.approx(np.mean(shares))


def test_the_ladder_ends_at_the_target_or_at_what_can_be_gained(graph: HnswGraph) -> None:
    result = study(graph, selectivities=(0.1, 0.02), target=1.0, ef_max=100)
    wide, narrow = result.cells
    assert wide.after.ef.tolist() == [5, 8, 12, 18, 27, 41, 62, 93, 100]
    assert (wide.after.smallest_ef, np.isnan(wide.after.cost)) == (-1, True)
    assert set(narrow.during.ef.tolist()) <= {5, 8, 12, 18, 24}  # 24 rows are allowed
    assert set(wide.during.ef.tolist()) <= set(wide.after.ef.tolist())


def test_random_filters_are_parts_of_one_another_and_exact_in_size(graph: HnswGraph) -> None:
    result = study(graph, selectivities=(0.05, 0.5, 0.1, 0.5))
    assert [each.selectivity for each in result.cells] == [0.5, 0.1, 0.05]
    assert [each.allowed for each in result.cells] == [600, 120, 60]
    assert study(graph, selectivities=(0.1,)).cells[0].after.recall.tolist() == (
        result.cells[1].after.recall.tolist()
    )
    other = study(graph, selectivities=(0.1,), seed=3).cells[0]
    assert other.after.recall.tolist() != result.cells[1].after.recall.tolist()


def test_filters_with_too_few_rows_are_skipped_and_listed(graph: HnswGraph) -> None:
    result = study(graph, column=COLUMN)
    assert [(each.value, each.allowed) for each in result.skipped] == [(3, 3)]
    assert result.skipped[0].selectivity == 3 / 1200
    # 0.005 of 1,200 rows are 6 = k + 1, enough; 0.004 are 4.8, so 5.
    random = study(graph, selectivities=(0.005, 0.004))
    assert [each.allowed for each in random.cells] == [6]
    assert [(each.value, each.allowed) for each in random.skipped] == [(None, 5)]
    nothing = study(graph, column=np.arange(N))
    assert (nothing.cells, len(nothing.skipped), nothing.brute_force_below) == ((), N, None)


def test_rows_without_a_value_and_deleted_rows_belong_to_no_filter(graph: HnswGraph) -> None:
    deleted = np.arange(N) % 5 == 0
    column = np.where(np.arange(N) < 100, -1, COLUMN)
    result = study(replace(graph, deleted=deleted), column=column)
    counts = {value: np.sum((column == value) & ~deleted) for value in (7, 1, 9, 2, 4, 30)}
    assert {each.value: each.allowed for each in result.cells} == {
        value: count for value, count in counts.items() if count > K
    }
    assert result.n == 960
    assert result.cells[0].selectivity == counts[7] / 960


def test_twelve_of_many_values_span_the_range_of_shares(graph: HnswGraph) -> None:
    sizes = np.array([*range(6, 46), 180])  # 6 + ... + 45 = 1,020 rows, and one value of 180
    column = np.repeat(np.arange(41), sizes)
    result = study(graph, column=column, queries=3, ef_max=10)
    allowed = [each.allowed for each in result.cells]
    # Factors of (180 / 6) ** (1 / 11) = 1.362 apart: 180, 132, 97, 71, 52, 38.3, 28.1, 20.7, 15.2,
    # 11.1, 8.2, 6. The nearest by factor is free for the first (180); 132 is nearest to 45 of what
    # is left, 97 to 44, 71 to 43, 52 to 42, and 38, 28, 21, 15, 11, 8 and 6 are there.
    assert allowed == [180, 45, 44, 43, 42, 38, 28, 21, 15, 11, 8, 6]
    assert result.skipped == ()


def test_finished_cells_are_kept_and_not_made_again(graph: HnswGraph) -> None:
    selectivities = (0.5, 0.2, 0.1)
    whole = study(graph, selectivities=selectivities)
    done: dict[Any, Any] = {}

    def stop_after_one(_share: float, words: str) -> None:
        if words.startswith("1 of 3"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        study(graph, selectivities=selectivities, done=done, progress=stop_after_one)
    assert 1 <= len(done) <= 2  # the second may have ended while the first was reported
    kept = dict(done)
    resumed = study(graph, selectivities=selectivities, done=done)
    assert set(kept) < set(done)
    assert all(done[key] is kept[key] for key in kept)
    assert resumed.cells[0] is kept[next(iter(kept))]
    for ours, theirs in zip(resumed.cells, whole.cells, strict=True):
        assert ours.costs == pytest.approx(theirs.costs, nan_ok=True)
        np.testing.assert_array_equal(ours.during.recall, theirs.during.recall)


def test_progress_grows_and_names_the_filter(graph: HnswGraph) -> None:
    told: list[tuple[float, str]] = []
    study(graph, selectivities=(0.5, 0.1), progress=lambda *note: told.append(note))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert told[0] == (0.0, "0 of 2 done; 600 rows allowed")
    assert (told[-1][0] > 0.5, told[-1][1]) == (True, "2 of 2 done")


def test_the_best_is_the_cheapest_that_reaches_the_target() -> None:
    assert cell(500, climb(100), climb(80)).best == AFTER
    assert cell(500, climb(100), climb(80, reaches=False)).best == DURING
    assert cell(90, climb(100), climb(95)).best == BRUTE_FORCE
    none = cell(9000, climb(100, reaches=False), climb(80, reaches=False))
    assert none.best == BRUTE_FORCE
    assert (none.during.smallest_ef, cell(9, climb(7), climb(8)).during.smallest_ef) == (-1, 15)
    np.testing.assert_equal(none.costs, {DURING: np.nan, AFTER: np.nan, BRUTE_FORCE: 9000.0})


def test_brute_force_wins_below_the_last_selectivity_where_another_does() -> None:
    def of(*cells: FilterCell) -> FilteredSearch:
        return FilteredSearch(K, 0.9, 40, 100, 1000, 30, cells, (), 16, 4)

    graph_wins = [cell(n, climb(50), climb(60)) for n in (500, 100)]
    brute_wins = [cell(n, climb(50), climb(60)) for n in (40, 20)]
    assert of(*graph_wins, *brute_wins).brute_force_below == 0.04
    assert of(*graph_wins).brute_force_below is None
    assert of(*brute_wins).brute_force_below == 0.04
    # At 300 rows it wins by chance; another way does at 100.
    chance = cell(300, climb(900), climb(900))
    assert of(chance, graph_wins[1], *brute_wins).brute_force_below == 0.04


def test_wrong_arguments_are_refused(graph: HnswGraph) -> None:
    with pytest.raises(ParameterError, match="vectors must hold the 1,200 rows"):
        filtered_search(graph, VECTORS[1:], k=K, target=0.9)
    with pytest.raises(ParameterError, match=r"query_vectors must have 16 dimensions"):
        study(graph, query_vectors=VECTORS[:3, :5])
    with pytest.raises(ParameterError, match="query_vectors must be a 2-D array"):
        study(graph, query_vectors=VECTORS[0])
    with pytest.raises(ParameterError, match="column must hold a whole number for each"):
        study(graph, column=COLUMN[1:])
    with pytest.raises(ParameterError, match="float64"):
        study(graph, column=COLUMN / 2)
    with pytest.raises(ParameterError, match=r"target must be above 0 and at most 1; got 1\.2"):
        study(graph, target=1.2)
    with pytest.raises(ParameterError, match=r"a selectivity must be above 0 .* got 0"):
        study(graph, selectivities=(0.5, 0))
    with pytest.raises(ParameterError, match="ef_max must be between k = 5"):
        study(graph, ef_max=4)
    with pytest.raises(ParameterError, match="queries must be a whole number of at least 1"):
        study(graph, queries=0)
