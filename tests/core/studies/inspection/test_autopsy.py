"""Each fate worked by hand on a graph of nine rows; a plain loop as oracle on random data."""

import importlib
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import breadth_first_order

from core.distances import Metric, distance_matrix
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw, search, trace_search
from core.metrics import recall_at_k
from core.studies import FATES, Autopsy, QuerySet, autopsy, given_queries, sample_queries
from tests.core.index.datasets import DATASETS, queries_of
from tests.core.index.graphs import hand_graph

K, EF, EF_MAX = 5, 8, 60
Links = dict[int, list[int]]


def by_hand(
    vectors: npt.NDArray[np.float32],
    entry: int,
    base: Links,
    upper: Links | None = None,
    metric: Metric = "euclidean",
) -> HnswGraph:
    """A graph of one layer, or of two; rows that `base` does not name have no links there."""
    every = {row: base.get(row, []) for row in range(len(vectors))}
    return hand_graph([every, upper or {}], entry, vectors=vectors, metric=metric)


def named(fate: npt.NDArray[np.int8]) -> list[list[str]]:
    return [[FATES[place] for place in row] for row in fate]


def line() -> HnswGraph:
    """Rows at 1, 2, 3, 4, 4, -4, -4, 20 and 30; nothing leads to row 1, only row 8 to row 2."""
    at = np.array([1, 2, 3, 4, 4, -4, -4, 20, 30], dtype=np.float32)
    return by_hand(at[:, None], 7, {7: [0], 0: [4, 5, 6, 8], 4: [3], 8: [2], 1: [0]})


def test_the_fates_on_a_line() -> None:
    # The query stands at 0, k = 4: the true neighbors are rows 0, 1, 2 and 3 (of four rows at
    # distance 4 the least id). ef = 4: row 7 leads to 0, that to 4, 5, 6 at distance 4 and to 8 at
    # 30. The beam 0 4 5 6 is full; row 4 leads to 3, which is no nearer than the worst. So the
    # answer is 0 4 5 6: 0 found, 1 unreachable, 2 behind row 8, 3 a tie.
    # ef = 7 is the first that keeps row 8: after row 3 the list is 0 4 5 6 3 7 8. It returns 2.
    # Row 3 arrives after 4, 5 and 6 in every beam, so no ef returns it.
    graph = line()
    queries = given_queries(graph, graph.vectors, np.zeros((1, 1), np.float32), 4)
    result = autopsy(graph, queries, 4)
    assert named(result.fate) == [["found", "unreachable", "never visited", "tie"]]
    assert result.smallest_ef.tolist() == [[4, -1, 7, -1]]
    assert result.counts.tolist() == [1, 1, 1, 1, 0]
    assert result.recall.tolist() == [0.25]
    assert result.help == {"larger ef": 1, "better graph": 1, "deduplication": 1}
    assert result.ef_max == 9  # no beam holds more than the nine rows


def test_an_ef_max_below_the_ef_that_is_needed_asks_for_a_better_graph() -> None:
    graph = line()
    queries = given_queries(graph, graph.vectors, np.zeros((1, 1), np.float32), 4)
    result = autopsy(graph, queries, 4, ef_max=6)
    assert result.smallest_ef.tolist() == [[4, -1, -1, -1]]
    assert result.help == {"larger ef": 0, "better graph": 2, "deduplication": 1}
    assert result.remedy == "better graph"


def test_where_nothing_is_missed_there_is_no_remedy() -> None:
    graph = line()
    queries = given_queries(graph, graph.vectors, np.zeros((1, 1), np.float32), 1)
    result = autopsy(graph, queries, 2)
    assert result.counts.tolist() == [1, 0, 0, 0, 0]
    assert result.remedy is None


def test_unreachable_is_asked_from_where_the_own_descent_ends() -> None:
    # Rows at 0, 1 and at 10, 11: two islands on layer 0, joined above by 0 - 2. A query at 1 ends
    # its descent at row 0, one at 10 at row 2; neither gets over to the other island.
    at = np.array([0, 1, 10, 11], dtype=np.float32)[:, None]
    base: Links = {0: [1], 1: [0], 2: [3], 3: [2]}
    graph = by_hand(at, 0, base, {0: [2], 2: [0]})
    result = autopsy(graph, given_queries(graph, at, at[[1, 2]], 3), 4)
    assert named(result.fate) == [["found", "found", "unreachable"]] * 2  # rows 1 0 2, rows 2 3 1
    assert result.smallest_ef.tolist() == [[3, 3, -1]] * 2


def test_rounding_evicts_what_was_visited() -> None:
    # Angles of 0.00099 and 0.001 to the query: 1 - cos is 4.90e-7 and 5.00e-7. float32 below 1 goes
    # in steps of 5.96e-8, and both are 8 steps: the one that was there first stays.
    angle = np.array([0.00099, 0.001])
    rows = np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32)
    graph = by_hand(rows, 1, {1: [0]}, metric="cosine")
    result = autopsy(graph, given_queries(graph, rows, np.array([[1, 0]], np.float32), 1), 1)
    assert named(result.fate) == [["visited and evicted"]]
    assert result.remedy == "better graph"


def test_copies_tie_although_the_index_rounds_what_the_truth_does_not() -> None:
    # Two copies of a row, and a query at an angle of about 1e-3. The index stores them at length 1
    # in float32, which moves so small a distance by more than the 1e-6 that a tie allows.
    copies = np.array([[0.3, 0.7, -0.2], [0.3, 0.7, -0.2]], dtype=np.float32)
    query = np.array([[0.3005, 0.7, -0.2]], dtype=np.float32)
    stored = (copies / np.linalg.norm(copies, axis=1, keepdims=True)).astype(np.float32)
    graph = by_hand(stored, 1, {1: [0]}, metric="cosine")
    queries = given_queries(graph, copies, query, 1)
    returned = search(graph, query, 1, 1).distances
    assert abs(returned / queries.truth.distances - 1) > 1e-6
    assert named(autopsy(graph, queries, 1).fate) == [["tie"]]


@pytest.mark.parametrize(("beyond", "fate"), [(9e-7, "tie"), (3e-6, "unreachable")])
def test_a_tie_is_a_millionth_of_the_distance(beyond: float, fate: str) -> None:
    # Row 0 stands alone on the graph, a little farther away than row 1, which nothing leads to.
    at = np.array([[1 + beyond], [1]], dtype=np.float32)
    graph = by_hand(at, 0, {})
    result = autopsy(graph, given_queries(graph, at, np.zeros((1, 1), np.float32), 1), 1)
    assert named(result.fate) == [[fate]]


def test_nothing_ties_with_an_empty_place() -> None:
    # Only row 0 can be reached. Row 1 is missed; the last row is as far, and was not returned.
    graph = by_hand(np.array([[1], [2], [-2]], dtype=np.float32), 0, {})
    queries = given_queries(graph, graph.vectors, np.zeros((1, 1), np.float32), 2)
    assert named(autopsy(graph, queries, 2).fate) == [["found", "unreachable"]]


def case(name: str, metric: Metric) -> tuple[HnswGraph, QuerySet]:
    """A weak graph in which every seventh row is deleted, and 30 of its live rows as queries."""
    vectors = DATASETS[name]()
    built = build_hnsw(vectors, HnswParams(metric, m=4, ef_construction=20))
    graph = replace(built, deleted=np.arange(built.n) % 7 == 3)
    return graph, sample_queries(graph, vectors, K, size=30, seed=2)


def from_elsewhere(graph: HnswGraph, name: str) -> QuerySet:
    """Queries that are no rows of the index; half of them lie where rows do."""
    vectors = DATASETS[name]()
    return given_queries(graph, vectors, queries_of(vectors, 30), K)


def naive_fates(graph: HnswGraph, queries: QuerySet) -> list[list[str]]:
    """One query at a time, from its trace, a walk of scipy's and distances from a full matrix."""
    links = csr_matrix(
        (np.ones(len(graph.base.targets)), graph.base.targets, graph.base.indptr),
        shape=(graph.n, graph.n),
    )
    left_out = [None] * len(queries.vectors) if queries.rows is None else queries.rows.tolist()
    fates = []
    for query, row, truth in zip(queries.vectors, left_out, queries.truth.ids, strict=True):
        trace = trace_search(graph, query, K, EF, exclude=row)
        base = [hop for hop in trace.hops if hop.layer == 0]
        reached = set(breadth_first_order(links, base[0].expanded)[0].tolist())
        seen = {base[0].expanded}.union(*(hop.visited.tolist() for hop in base))
        distance = distance_matrix(query[None], graph.vectors, graph.metric)[0]
        limit = distance[trace.ids[-1]]
        fates.append(
            [
                "found"
                if neighbor in trace.ids
                else "tie"
                if abs(distance[neighbor] - limit) <= 1e-6 * abs(limit) + 1e-12
                else "unreachable"
                if neighbor not in reached
                else "visited and evicted"
                if neighbor in seen
                else "never visited"
                for neighbor in truth.tolist()
            ]
        )
    return fates


CASES: list[tuple[str, Metric]] = [
    ("clustered", "cosine"),
    ("duplicated", "euclidean"),
    ("duplicated", "cosine"),
    ("grid", "euclidean"),
    ("grid", "inner_product"),
    ("uneven_norms", "inner_product"),
]


@pytest.mark.parametrize("own_rows", [True, False])
@pytest.mark.parametrize(("name", "metric"), CASES)
def test_fates_and_smallest_ef_equal_a_loop_over_queries_and_ef(
    name: str, metric: Metric, own_rows: bool
) -> None:
    graph, sampled = case(name, metric)
    queries = sampled if own_rows else from_elsewhere(graph, name)
    result = autopsy(graph, queries, EF, ef_max=EF_MAX)
    assert named(result.fate) == naive_fates(graph, queries)
    truth, first = queries.truth.ids, np.full((len(queries.vectors), K), -1)
    for ef in range(K, EF_MAX + 1):
        found = search(graph, queries.vectors, K, ef, exclude=queries.rows).ids
        listed = (truth[:, :, None] == found[:, None, :]).any(axis=2)
        first[listed & (first < 0)] = ef
    np.testing.assert_array_equal(result.smallest_ef, first)
    answer = search(graph, queries.vectors, K, EF, exclude=queries.rows).ids
    np.testing.assert_array_equal(result.recall, recall_at_k(answer, truth))


def test_the_cases_hold_all_that_can_be_missed() -> None:
    counts = np.sum([autopsy(*case(*each), EF).counts for each in CASES], axis=0)
    assert (counts[:4] > 0).all()


def test_the_order_of_the_queries_does_not_matter() -> None:
    graph, queries = case("duplicated", "euclidean")
    order = np.random.default_rng(5).permutation(len(queries.vectors))
    assert queries.rows is not None
    truth = Neighbors(queries.truth.ids[order], queries.truth.distances[order])
    mixed = QuerySet(queries.vectors[order], truth, queries.rows[order], None)
    before, after = (autopsy(graph, asked, EF, ef_max=EF_MAX) for asked in (queries, mixed))
    np.testing.assert_array_equal(after.fate, before.fate[order])
    np.testing.assert_array_equal(after.smallest_ef, before.smallest_ef[order])


def test_the_blocks_of_queries_do_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, queries = case("duplicated", "euclidean")
    whole = autopsy(graph, queries, EF, ef_max=EF_MAX)
    monkeypatch.setattr(
        importlib.import_module("core.studies.inspection.autopsy"), "QUERIES_AT_ONCE", 7
    )
    blocks = autopsy(graph, queries, EF, ef_max=EF_MAX)
    np.testing.assert_array_equal(blocks.smallest_ef, whole.smallest_ef)


def test_progress_tells_how_far_it_is_and_can_stop_the_work() -> None:
    graph, queries = case("clustered", "cosine")
    shares: list[float] = []
    autopsy(graph, queries, EF, progress=lambda share, _words: shares.append(share))
    assert shares == sorted(shares)
    assert shares[-1] <= 1

    def stop(_share: float, words: str) -> None:
        if words.startswith("every ef"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        autopsy(graph, queries, EF, progress=stop)


def judged(fate: list[list[int]], smallest_ef: list[list[int]], ef: int = 10) -> Autopsy:
    """An autopsy with these fates; its queries do not matter."""
    places = np.array(fate, dtype=np.int8)
    truth = Neighbors(np.arange(places.size).reshape(places.shape), np.ones(places.shape))
    queries = QuerySet(np.zeros((len(places), 1), np.float32), truth, None, None)
    return Autopsy(queries, ef, 4096, places, np.array(smallest_ef))


@pytest.mark.parametrize(
    ("needed", "remedy"), [([20, 80, 900], "larger ef"), ([20, 81, 900], "better graph")]
)
def test_an_ef_many_times_as_large_is_no_remedy(needed: list[int], remedy: str) -> None:
    # Half of what a larger ef returns needs 80, 8 times the ef of 10, or a little more.
    result = judged([[3, 3, 3]], [needed])
    assert result.help == {"larger ef": 3, "better graph": 0, "deduplication": 0}
    assert result.remedy == remedy


def test_the_ef_of_the_missed_leaves_out_ties_and_what_no_ef_returns() -> None:
    # found 10, tie 30, unreachable, never visited 40, evicted 12
    result = judged([[0, 1, 2, 3, 4]], [[10, 30, -1, 40, 12]])
    assert result.ef_of_missed.tolist() == [40, 12]


def test_the_missed_are_listed_from_the_hardest() -> None:
    result = judged([[0, 3, 2], [3, 0, 1]], [[10, 40, -1], [70, 10, 40]])
    assert result.missed.tolist() == [[0, 2], [1, 0], [0, 1], [1, 2]]
    assert judged([[0, 0]], [[10, 10]]).missed.shape == (0, 2)


def test_the_commonest_miss_of_each_query() -> None:
    fates = [[0, 0, 0, 3], [2, 3, 3, 0], [0, 0, 0, 0], [1, 2, 2, 2], [4, 3, 0, 0]]
    result = judged(fates, [[-1] * 4] * 5)
    # of equally many the first of FATES
    assert result.commonest_miss.tolist() == [
        "never visited",
        "never visited",
        "",
        "unreachable",
        "never visited",
    ]
