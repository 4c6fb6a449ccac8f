"""What exact duplicates do to an index, and what updates, replacements and deletions do to it.

Rows that are deleted and inserted again can leave others that no search reaches any more: Xiao et
al., Enhancing HNSW Index for Real-Time Updates (arXiv 2407.07871).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from core.errors import ParameterError
from core.index import HnswGraph, HnswParams, Neighbors, census, churn_hnsw, exact_neighbors, search
from core.index.churn import HOWS, How, churned_rows
from core.index.search import check_ef
from core.metrics import recall_at_k
from core.spaces import Floats
from core.studies.inspection.health import health
from core.studies.inspection.what_if import NO_COPIES, WhatIf, what_if
from core.studies.parts.cells import Done, Progress, Tell, run_cells
from core.studies.parts.query_sets import sample_queries
from core.studies.parts.sampling import sample_rows
from core.studies.parts.truth import live_rows, true_neighbors

Rows = npt.NDArray[np.int64]
Float64s = npt.NDArray[np.float64]
DUPLICATES = "duplicates"
Key = tuple[str]
SEARCHED_AT_MOST = 5_000
RESAMPLES = 1_000


@dataclass(frozen=True, eq=False)
class Series:
    """An index round after round, (r,) each; place 0 is the index as it was built.

    recall: mean recall@k over the queries, strict by id, with the 95 % bootstrap interval of the
    mean from recall_low to recall_high. distance_computations: mean per query. live: rows that are
    not deleted. unreachable: those that no search can visit. unfindable_share: of the live rows, or
    of 5,000 of them, those that their own vector does not find.
    """

    how: How
    rounds: Rows
    recall: Float64s
    recall_low: Float64s
    recall_high: Float64s
    distance_computations: Float64s
    live: Rows
    unreachable: Rows
    unfindable_share: Float64s


@dataclass(frozen=True, eq=False)
class Updates:
    """The index without its exact duplicates, and a series for each way to change its rows.

    n: live rows of the index. share: of the n rows that each round takes. asked: (q,) the queries
    of the series, as places among the live rows; no round deletes them.
    """

    k: int
    ef: int
    n: int
    share: float
    asked: Rows
    duplicates: WhatIf
    series: tuple[Series, ...]

    def of(self, how: How) -> Series:
        """The series of "update", "replace" or "delete"."""
        return self.series[HOWS.index(how)]


@dataclass(frozen=True, eq=False)
class _Plan:
    """What all series share. vectors: (n, d) live rows; truth: of the queries among all of them."""

    vectors: Floats
    params: HnswParams
    k: int
    ef: int
    rounds: int
    share: float
    seed: int
    asked: Rows
    truth: Neighbors


@dataclass(frozen=True, eq=False)
class _Point:
    """A graph after a round. recall: (q,)."""

    recall: Float64s
    distance_computations: float
    live: int
    unreachable: int
    unfindable_share: float


def updates(
    graph: HnswGraph,
    vectors: Floats,
    params: HnswParams,
    *,
    k: int,
    ef: int,
    rounds: int = 5,
    share: float = 0.1,
    queries: int = 500,
    seed: int = 0,
    progress: Progress | None = None,
    done: Done | None = None,
) -> Updates:
    """What duplicates and `rounds` of changes do to the index of `vectors` (n, d), row by row.

    params: of the index; it is built anew from the rows that `graph` does not mark as deleted.
    ("duplicates",): health with and without exact duplicates, as `what_if` has it; where there are
    none, `removed` is 0 and nothing is built. ("update",), ("replace",), ("delete",): the series of
    `churn_hnsw`; the queries are the same in all, drawn with `seed` from the rows that "delete"
    leaves, each left out of its own answer, and the truth is that among the rows then live.
    done: finished parts by those keys, as in `run_cells`; so is progress.

    Raises ParameterError where the arguments do not fit the graph or one another.
    """
    _check(graph, vectors, params)
    check_ef(ef, k)
    rows = live_rows(graph)
    held = vectors[rows] if graph.n_deleted else vectors
    left = _lasting(len(rows), k, rounds=rounds, share=share, seed=seed)
    asked = left[sample_rows(len(left), queries, seed=seed)]
    truth = exact_neighbors(held, held[asked], k, metric=params.metric, exclude=asked)
    plan = _Plan(held, params, k, ef, rounds, share, seed, asked, truth)
    makers: dict[Key, Callable[[Tell], Any]] = {
        (DUPLICATES,): partial(_without_duplicates, graph, vectors, plan, queries),
        **{(how,): partial(_series, plan, how) for how in HOWS},
    }
    duplicates, *series = run_cells(
        list(makers),
        lambda key, tell: makers[key](tell),
        name=lambda key: key[0],
        done=done,
        progress=progress,
    )
    return Updates(k, ef, len(rows), share, asked, duplicates, tuple(series))


def _check(graph: HnswGraph, vectors: Floats, params: HnswParams) -> None:
    if vectors.shape != (graph.n, graph.dim) or params.metric != graph.metric:
        raise ParameterError(
            f"vectors and params must be those of the graph, {graph.n:,} rows of {graph.dim:,} "
            f"dimensions under {graph.metric!r}; got shape {vectors.shape} and {params.metric!r}."
        )


def _lasting(n: int, k: int, *, rounds: int, share: float, seed: int) -> Rows:
    """The rows that no round deletes, ascending."""
    gone = churned_rows(n, "delete", rounds=rounds, share=share, seed=seed)
    if n - gone.size <= k:
        raise ParameterError(
            f"k must be below the {n - gone.size:,} rows that {rounds:,} rounds of deletion leave; "
            f"got {k:,}. Lower k, rounds or share."
        )
    return np.setdiff1d(np.arange(n), gone)


def _without_duplicates(
    graph: HnswGraph, vectors: Floats, plan: _Plan, queries: int, tell: Tell
) -> WhatIf:
    k, ef, seed = plan.k, plan.ef, plan.seed
    if not _has_copies(plan.vectors):
        asked = sample_queries(graph, vectors, k, size=queries, seed=seed)
        same = health(graph, asked, ef, seed=seed)
        tell(1.0)
        return WhatIf(NO_COPIES, same, same, plan.params, live_rows(graph), 0, 0.0)
    result = what_if(
        graph,
        vectors,
        plan.params,
        NO_COPIES,
        ef=ef,
        k=k,
        queries=queries,
        seed=seed,
        progress=lambda share, _words: tell(share),
    )
    tell(1.0)
    return result


def _has_copies(vectors: Floats) -> bool:
    content = np.ascontiguousarray(vectors) + 0  # -0 becomes 0
    as_bytes = content.view(np.dtype((np.void, content.dtype.itemsize * content.shape[1])))
    return len(np.unique(as_bytes.ravel())) < len(vectors)


def _series(plan: _Plan, how: How, tell: Tell) -> Series:
    graphs = churn_hnsw(
        plan.vectors,
        plan.params,
        rounds=plan.rounds,
        share=plan.share,
        seed=plan.seed,
        how=how,
        progress=lambda done, total: tell(done / total),
    )
    points = [_point(plan, graph) for graph in graphs]
    intervals = [_interval(point.recall) for point in points]
    return Series(
        how=how,
        rounds=np.arange(len(points)),
        recall=np.array([point.recall.mean() for point in points]),
        recall_low=np.array([low for low, _ in intervals]),
        recall_high=np.array([high for _, high in intervals]),
        distance_computations=np.array([point.distance_computations for point in points]),
        live=np.array([point.live for point in points]),
        unreachable=np.array([point.unreachable for point in points]),
        unfindable_share=np.array([point.unfindable_share for point in points]),
    )


def _point(plan: _Plan, graph: HnswGraph) -> _Point:
    vectors, asked, truth = plan.vectors, plan.asked, plan.truth
    if graph.n_deleted:
        truth = true_neighbors(graph, vectors, vectors[asked], plan.k, exclude=asked)
    found = search(graph, vectors[asked], plan.k, plan.ef, exclude=asked)
    counted = census(graph, ef=plan.ef, sample=SEARCHED_AT_MOST, seed=plan.seed)
    return _Point(
        recall=recall_at_k(found.ids, truth.ids),
        distance_computations=float(found.distance_computations.mean()),
        live=graph.n - graph.n_deleted,
        unreachable=len(counted.unreachable),
        unfindable_share=counted.unfindable_share,
    )


def _interval(recall: Float64s) -> tuple[float, float]:
    """95 % interval of the mean by bootstrap over queries (q,), percentiles of the resamples."""
    count = len(recall)
    weights = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), size=RESAMPLES)
    low, high = np.percentile(weights @ recall / count, [2.5, 97.5])
    return float(low), float(high)
