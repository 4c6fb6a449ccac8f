"""Three ways to search with a filter, and which is the cheapest at each selectivity.

During the traversal: every row is walked through, only allowed ones enter the beam. After it: a
plain search whose beam is then cut down to the allowed rows. Brute force: the query is compared
with each allowed row, which finds them all.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor

import numpy as np

from core.checks import check_rows
from core.distances import Floats
from core.errors import ParameterError
from core.index import HnswGraph
from core.index.beam_search import check_ef
from core.index.checks import check_k
from core.progress import Progress
from core.studies.experiments.filtered_search_results import (
    FilterCell,
    FilteredSearch,
    SkippedFilter,
)
from core.studies.experiments.filtered_search_ways import (
    VALUE,
    Codes,
    FilterPlan,
    Key,
    filter_cell,
    value_of,
)
from core.studies.parts.cells import Cell, Done, SoFar, report_so_far, run_cells
from core.studies.parts.shared import Sharing
from core.studies.parts.truth import as_meant, live_rows

SELECTIVITIES = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)
RANDOM = "random"
MOST_VALUES = 12


def filtered_search(
    graph: HnswGraph,
    vectors: Floats,
    *,
    k: int,
    target: float,
    selectivities: Sequence[float] = SELECTIVITIES,
    column: Codes | None = None,
    queries: int = 200,
    query_vectors: Floats | None = None,
    seed: int = 0,
    ef: int = 40,
    ef_max: int = 4096,
    executor: Executor | None = None,
    progress: Progress | None = None,
    done: Done | None = None,
    so_far: Callable[[SoFar[FilteredSearch]], None] | None = None,
) -> FilteredSearch:
    """Compare the ways to search `vectors` (n, d), the rows of the graph, with filters.

    Without a column a filter of selectivity s allows that share of the live rows, drawn with
    `seed`; each is a part of the less selective ones. column: (n,) codes, -1 for none: each value
    is a filter, and up to 12 are taken, spread over the range of their shares. queries: live rows
    drawn with `seed`, each left out of its own answer, whether the filter allows it or not.
    query_vectors: (q, d) queries that are no rows of the graph, in place of these: nothing is left
    out then.
    Recall is against the exact neighbors among the allowed rows. ef grows by a factor of about 1.5
    from k to `ef_max` at most; during the traversal it need not exceed the number of allowed rows,
    at which it finds all within reach. ef: of `recall_at_ef`, at least k. A query's own row fills a
    place of the beam, as in `search`.
    executor: as in `run_cells`; without one the filters come one after the other, each on all
    cores.
    progress, done: as in `run_cells`; `done` belongs to one graph, set of arguments and column.
    so_far: called with the study of the finished filters.

    Raises ParameterError where the arguments do not fit the graph or one another.
    """
    _check(graph, vectors, column)
    _check_numbers(k, target, selectivities, queries, ef, ef_max)
    live = live_rows(graph)
    of_queries, of_filters = np.random.default_rng(seed).spawn(2)
    meant, rows = as_meant(graph, vectors), None
    if query_vectors is None:
        rows = np.sort(of_queries.choice(live, min(queries, len(live)), replace=False))
        asked = meant[rows]
    else:
        asked = as_meant(graph, check_rows(query_vectors, "query_vectors", graph.dim))
    plan = FilterPlan(
        graph=graph,
        vectors=meant,
        k=k,
        target=target,
        ef=max(k, ef),
        ef_max=ef_max,
        queries=asked,
        query_rows=rows,
        shuffled=of_filters.permutation(live),
        column=column,
        threads=None if executor is None else 1,
    )
    sizes = _sizes(plan, selectivities)
    keys = [key for key, size in sizes.items() if size > k]
    if column is not None:
        keys = _spread(keys, sizes)
    skipped = tuple(
        SkippedFilter(value_of(key), size / len(live), size)
        for key, size in sizes.items()
        if size <= k
    )

    def study(cells: Iterable[FilterCell]) -> FilteredSearch:
        return FilteredSearch(
            k=k,
            target=target,
            ef=plan.ef,
            ef_max=ef_max,
            n=len(live),
            queries=len(asked),
            cells=tuple(cells),
            skipped=skipped,
            dim=graph.dim,
            m=graph.m,
        )

    with Sharing() as sharing:
        shared = sharing.share(plan)
        cells = run_cells(
            [Cell(key, f"{sizes[key]:,} rows allowed", filter_cell, (shared, key)) for key in keys],
            executor=executor,
            workers=1 if executor is None else None,
            progress=progress,
            done=done,
            finished=report_so_far(so_far, keys, lambda parts: study(parts.values())),
        )
    return study(cells)


def _check(graph: HnswGraph, vectors: Floats, column: Codes | None) -> None:
    if vectors.shape != (graph.n, graph.dim):
        raise ParameterError(
            f"vectors must hold the {graph.n:,} rows of {graph.dim:,} dimensions that the graph "
            f"was built from; got shape {vectors.shape}."
        )
    if column is not None and (column.shape != (graph.n,) or column.dtype.kind not in "iu"):
        raise ParameterError(
            f"column must hold a whole number for each of the {graph.n:,} rows, -1 for no value; "
            f"got shape {column.shape} of {column.dtype}."
        )


def _check_numbers(
    k: int, target: float, selectivities: Sequence[float], queries: int, ef: int, ef_max: int
) -> None:
    check_k(queries, "queries")
    check_k(ef, "ef")
    check_ef(ef_max, check_k(k), "ef_max")
    for name, share in (("target", target), *(("a selectivity", each) for each in selectivities)):
        if not 0 < share <= 1:
            raise ParameterError(f"{name} must be above 0 and at most 1; got {share}.")


def _sizes(plan: FilterPlan, selectivities: Sequence[float]) -> dict[Key, int]:
    """How many live rows each filter allows, the largest first."""
    if plan.column is None:
        shares = sorted(set(selectivities), reverse=True)
        return {(RANDOM, share): round(share * len(plan.shuffled)) for share in shares}
    codes, counts = np.unique(plan.column[plan.shuffled], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {(VALUE, int(codes[i])): int(counts[i]) for i in order if codes[i] >= 0}


def _spread(keys: list[Key], sizes: dict[Key, int]) -> list[Key]:
    """Up to 12 filters whose sizes are spread over their range, by factors."""
    if len(keys) <= MOST_VALUES:
        return keys
    logs = np.log([sizes[key] for key in keys])
    apart = np.abs(logs - np.linspace(logs[0], logs[-1], MOST_VALUES)[:, None])
    for i in range(MOST_VALUES):
        apart[i + 1 :, apart[i].argmin()] = np.inf
    return [keys[i] for i in np.sort(apart.argmin(axis=1))]
