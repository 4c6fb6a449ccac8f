"""k above the rows that can be returned is a ParameterError in every function that takes k."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.index import (
    HnswGraph,
    HnswParams,
    build_hnsw,
    ef_curve,
    ef_curves,
    exact_neighbors,
    measure_latency,
    search,
    search_filtered,
    smallest_ef,
    trace_search,
    visits,
)
from core.studies.inspection.autopsy import autopsy
from core.studies.inspection.health import health
from core.studies.parts.query_sets import given_queries, row_queries, sample_queries
from core.studies.parts.tradeoff import ef_tradeoff
from core.studies.parts.truth import true_neighbors

N, DELETED = 6, 2
VECTORS = np.arange(N, dtype=np.float32)[:, None]  # row i lies at i; rows 0 and 3 are deleted
WHOLE = build_hnsw(VECTORS, HnswParams("euclidean", m=4))
GRAPH: HnswGraph = replace(WHOLE, deleted=np.isin(np.arange(N), [0, 3]))
QUERY = np.array([[2.1]], np.float32)
ALL = np.ones(N, dtype=bool)

Call = Callable[[HnswGraph, int, int | None], Any]


def ids(k: int) -> np.ndarray:
    return np.resize(np.arange(N), (1, k))


def listed(exclude: int | None) -> Any:
    return None if exclude is None else [exclude]


SEARCHES: dict[str, Call] = {
    "search": lambda g, k, e: search(g, QUERY, k, 20, exclude=listed(e)).ids,
    "search_filtered": lambda g, k, e: search_filtered(g, QUERY, k, 20, ALL, exclude=listed(e)).ids,
    "trace_search": lambda g, k, e: trace_search(g, QUERY[0], k, 20, exclude=e).ids[None],
    "true_neighbors": lambda g, k, e: true_neighbors(g, VECTORS, QUERY, k, exclude=listed(e)).ids,
}
OTHERS: dict[str, Call] = {
    "ef_curve": lambda g, k, e: ef_curve(g, QUERY, ids(k), ef_max=20, exclude=listed(e)),
    "ef_curves": lambda g, k, e: ef_curves(g, QUERY, ids(20), (1, k), ef_max=20, exclude=listed(e)),
    "visits": lambda g, k, e: visits(g, QUERY, [[1]], k, 20, exclude=listed(e)),
    "smallest_ef": lambda g, k, e: smallest_ef(
        g, QUERY, np.full((1, k), -1), 20, exclude=listed(e)
    ),
}
WITHOUT_EXCLUDE: dict[str, Call] = {
    "measure_latency": lambda g, k, _: measure_latency(g, QUERY, k, (20,), rounds=1, seconds=0.01),
    "given_queries": lambda g, k, _: given_queries(g, VECTORS, QUERY, k),
}
OF_ROWS: dict[str, Call] = {  # each query is a row and leaves itself out
    "sample_queries": lambda g, k, _: sample_queries(g, VECTORS, k),
    "row_queries": lambda g, k, _: row_queries(g, VECTORS, np.array([1]), k),
    "ef_tradeoff": lambda g, k, _: ef_tradeoff(g, stated(k), ef_max=20),
    "autopsy": lambda g, k, _: autopsy(g, stated(k), 20),
    "health": lambda g, k, _: health(g, stated(k), 20),
}


def stated(k: int) -> Any:
    """Row 1 as a query, with k true neighbors however many there are."""
    held = row_queries(WHOLE, VECTORS, np.array([1]), 1)
    truth = replace(held.truth, ids=ids(k), distances=np.zeros((1, k)))
    return replace(held, truth=truth)


@pytest.mark.parametrize("name", [*SEARCHES, *OTHERS, *WITHOUT_EXCLUDE])
@pytest.mark.parametrize(("graph", "most"), [(WHOLE, N), (GRAPH, N - DELETED)])
def test_as_many_as_there_are_and_no_more(name: str, graph: HnswGraph, most: int) -> None:
    call = {**SEARCHES, **OTHERS, **WITHOUT_EXCLUDE}[name]
    call(graph, most, None)
    with pytest.raises(ParameterError, match=f"k must be at most {most}: there are [64] rows"):
        call(graph, most + 1, None)


@pytest.mark.parametrize("name", [*SEARCHES, *OTHERS])
def test_an_excluded_row_counts_unless_it_is_deleted(name: str) -> None:
    call = {**SEARCHES, **OTHERS}[name]
    call(GRAPH, 4, 3)  # row 3 is deleted: nothing less to return
    call(GRAPH, 3, 2)
    with pytest.raises(ParameterError, match=r"at most 3: .* one of them excluded; got 4\."):
        call(GRAPH, 4, 2)


@pytest.mark.parametrize("name", OF_ROWS)
@pytest.mark.parametrize(("graph", "most"), [(WHOLE, N - 1), (GRAPH, N - DELETED - 1)])
def test_queries_that_are_rows(name: str, graph: HnswGraph, most: int) -> None:
    OF_ROWS[name](graph, most, None)
    with pytest.raises(ParameterError, match=f"k must be at most {most}: "):
        OF_ROWS[name](graph, most + 1, None)


@pytest.mark.parametrize("name", SEARCHES)
def test_the_largest_k_lists_every_row_that_is_left(name: str) -> None:
    # From 2.1: row 2 at .1, 3 at .9, 1 at 1.1, 4 at 1.9, 0 at 2.1, 5 at 2.9.
    assert SEARCHES[name](WHOLE, 6, None).tolist() == [[2, 3, 1, 4, 0, 5]]
    assert SEARCHES[name](GRAPH, 4, None).tolist() == [[2, 1, 4, 5]]
    assert SEARCHES[name](GRAPH, 3, 2).tolist() == [[1, 4, 5]]


def test_the_message_tells_what_is_left_out() -> None:
    with pytest.raises(ParameterError) as told:
        search(GRAPH, QUERY, 4, 20, exclude=[1])
    assert str(told.value) == (
        "k must be at most 3: there are 6 rows, 2 of them deleted, one of them excluded; got 4. "
        "Lower k."
    )


def test_a_filter_that_allows_fewer_is_no_error() -> None:
    allowed = np.isin(np.arange(N), [1, 5])
    assert search_filtered(WHOLE, QUERY, 4, 20, allowed).ids.tolist() == [[1, 5, -1, -1]]


def test_exact_neighbors_by_the_same_rule() -> None:
    found = exact_neighbors(VECTORS, QUERY, N, metric="euclidean")
    assert found.ids.tolist() == [[2, 3, 1, 4, 0, 5]]
    with pytest.raises(ParameterError, match="k must be at most 6: there are 6 rows; got 7"):
        exact_neighbors(VECTORS, QUERY, N + 1, metric="euclidean")
    with pytest.raises(ParameterError, match="k must be at most 10,000; got 10,001"):
        exact_neighbors(np.zeros((10_001, 1)), QUERY, 10_001, metric="euclidean")
