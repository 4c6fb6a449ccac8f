"""The curves of the session's index, their queries, and latency, each as a job."""

import secrets
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.index import HnswGraph, HnswParams, Latency, measure_latency
from core.progress import Progress as Report
from core.progress import counted, part
from core.studies import (
    AnswerQuality,
    Autopsy,
    EfTradeoff,
    Hardness,
    HeldOut,
    QuantizationLoss,
    QuerySet,
)
from core.studies.parts.query_sets import TRUTH_ENDS
from pages.ui import jobs
from pages.ui.controls.beam import EF_MAX, largest_ef, returnable
from pages.ui.controls.queries import ALL, HELD_OUT, HONEST, ROWS, RecallSettings
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import keeping
from pages.ui.results import expected, on_cluster
from pages.ui.results.query_sources import QuerySource, query_source
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
SEED = 0
FIRST = 256  # queries of the first curve
LOOKED_AT = 20_000  # rows of a first look, while the index of all rows is built
LOOKED_AT_VALUES = 4_000_000  # rows times dimensions of it, at most
FEWEST_LOOKED_AT = 5_000
WORTH_A_LOOK = 4  # times as many rows as a first look takes; fewer are indexed soon enough
TIMES = 4  # as many queries in each next curve, until there are enough
BESIDE = "1000"  # rows of the index as queries, drawn beside held-out ones
KEPT_CURVES = 4
TIMED_EFS = (10, 16, 24, 40, 64, 100, 160, 256, 400)
TIMED_QUERIES = 1000


@dataclass(frozen=True, eq=False)
class Curves:
    """The trade-off of each k, by k, and what is known of the queries.

    source: of the queries. count: how many of them were searched for. wanted: how many are to be.
    shift: how much farther than usual the nearest rows of queries from elsewhere are; agreement:
    share of the computed true neighbors that the data's file states too; NaN where it does not
    apply.
    """

    by_k: dict[int, EfTradeoff]
    source: QuerySource
    count: int
    wanted: int
    shift: float = np.nan
    agreement: float = np.nan

    @property
    def graph(self) -> HnswGraph:
        """The graph that was searched."""
        return self.source.graph

    @property
    def held(self) -> HeldOut | None:
        """The index without held-out rows, where these are the queries."""
        return self.source.held

    @property
    def places(self) -> Rows:
        """(q,) rows of the data that the queries are, or places in the set that they come from."""
        return self.source.places[: self.count]

    @property
    def whole(self) -> bool:
        """Whether no more queries are needed."""
        return self.count >= self.wanted

    def of_k(self, k: int) -> EfTradeoff:
        """The trade-off of k, or of the largest k that the ground truth of a file allows."""
        return self.by_k[k if k in self.by_k else max(self.by_k)]


def curves(
    work: Workspace, graph: HnswGraph, wanted: RecallSettings, *, least: int = 1
) -> Curves | None:
    """Every ef from each k to 512 (or 4 k) for the queries asked for, from one traversal each.

    Of as many queries as have been searched for, `least` of them unless there are fewer; None,
    with its progress drawn, while there are not. `narrow` goes on with more. Changing the target,
    the share or k among the usual ones finds the same curves again.
    """
    source = query_source(work, graph, wanted.source, stated=wanted.stated)
    if source is None:
        return None
    while True:
        sweep = _sweep(source, _ks(work, wanted), wanted.size)
        if sweep.has(least):
            _swept.let_go(sweep.source, sweep.ks, sweep.size, sweep.token, sweep.count)
            return sweep.curves
        if _next(sweep) is None:
            return None


def narrow(work: Workspace, graph: HnswGraph, wanted: RecallSettings) -> None:
    """Search for more queries in the background, until there are enough or the visitor stops it.

    Its progress is drawn here; the page is drawn anew with each curve that is narrower.
    """
    source = query_source(work, graph, wanted.source, stated=wanted.stated)
    if source is None:
        return
    sweep = _sweep(source, _ks(work, wanted), wanted.size)
    if sweep.curves is None or sweep.curves.whole:
        return
    if _next(sweep) is not None:
        st.rerun()


def rows_of_first_look(n: int, dim: int) -> int | None:
    """How many of n rows a first look takes; None where it would not come much sooner.

    >>> rows_of_first_look(200_000, 32), rows_of_first_look(200_000, 384)
    (20000, 10416)
    >>> rows_of_first_look(40_000, 32) is None
    True
    """
    rows = min(LOOKED_AT, max(FEWEST_LOOKED_AT, LOOKED_AT_VALUES // dim))
    return rows if n >= WORTH_A_LOOK * rows else None


def first_look(work: Workspace, wanted: RecallSettings) -> Curves | None:
    """The curves of an index of some rows, while that of all rows is built.

    Its queries are 256 rows held out of it. None while they are searched for, and where the data is
    so small that its own index is there soon.
    """
    rows = rows_of_first_look(*work.embeddings.vectors.shape)
    if rows is None:
        return None
    return _first_look.need(work.embeddings.bare, work.params, wanted.ks, rows)


def beside(work: Workspace, graph: HnswGraph, wanted: RecallSettings) -> Curves | None:
    """The curves of 1,000 rows of the index as queries, to hold against those of held-out rows."""
    source = QuerySource(ROWS, work.embeddings.bare, graph)
    return _of_rows.need(source, _ks(work, wanted))


def latency(graph: HnswGraph, k: int, queries: QuerySet) -> Latency | None:
    """Measured latency of hnswlib, in a process of its own."""
    efs = tuple(sorted({max(k, ef) for ef in TIMED_EFS}))
    vectors = queries.vectors[:TIMED_QUERIES]
    return _latency.need(graph, vectors, k, efs)


def stored_loss(graph: HnswGraph, study: EfTradeoff) -> QuantizationLoss | None:
    """What an exact search of codes or transformed vectors finds, for the queries of a curve."""
    return _stored_loss.need(graph, study.queries, study.curve.k)


def quality(found: Curves, study: EfTradeoff, efs: tuple[int, ...]) -> AnswerQuality | None:
    """Score-weighted recall and relative distance error at some ef, of up to 1,000 queries."""
    queries = study.queries
    if len(queries.vectors) > TIMED_QUERIES:
        queries = queries.at(np.arange(TIMED_QUERIES))
    return _quality.need(found.source, queries, study.curve.k, efs)


def loses_by_storage(work: Workspace, graph: HnswGraph) -> bool:
    """Whether the index stores something else than the vectors that its truth is taken from."""
    if graph.codes is None and graph.transform is None:
        return False
    return not studies.holds_stored_vectors(graph, work.embeddings.vectors)


def causes(found: Curves, study: EfTradeoff, some: Rows) -> Autopsy | None:
    """The fates of the true neighbors of some of the queries at the largest ef of the curve."""
    ef, k = int(study.ef[-1]), study.curve.k
    queries = study.queries.at(some)
    wanted = replace(queries, truth=queries.nearest(k))
    return _causes.need(found.graph, wanted, ef)


def hardest(work: Workspace, found: Curves, study: EfTradeoff, target: float) -> Hardness | None:
    """What each query needs for the target and is like; seldom long enough to be seen."""
    vectors = work.embeddings.vectors if found.held is None else found.graph.vectors
    return _hardest.need(found.graph, vectors, study, target)


def _ks(work: Workspace, wanted: RecallSettings) -> tuple[int, ...]:
    most = max(1, returnable(work) - 1)
    return tuple(sorted({min(k, most) for k in wanted.ks}))


@dataclass(eq=False)
class _Sweep:
    """The curves of the most queries that have been searched for; filled by its jobs.

    token: tells this one from an earlier one that was let go, so that no job of that is found.
    """

    source: QuerySource
    ks: tuple[int, ...]
    size: str
    curves: Curves | None = None
    token: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def count(self) -> int:
        """How many queries its curves are of."""
        return 0 if self.curves is None else self.curves.count

    @property
    def next_count(self) -> int:
        """How many queries the next curves are of."""
        if self.curves is None:
            return min(FIRST, _most(self.source, self.size))
        return min(TIMES * self.curves.count, self.curves.wanted)

    def has(self, least: int) -> bool:
        """Whether there are curves of so many queries, or of all that are wanted."""
        return self.curves is not None and (self.curves.whole or self.curves.count >= least)


@keeping(KEPT_CURVES)
def _sweep(source: QuerySource, ks: tuple[int, ...], size: str) -> _Sweep:
    return _Sweep(source, ks, size)


def _next(sweep: _Sweep) -> int | None:
    """How many queries the curves are of now, or None after drawing the progress of more."""
    return _swept.need(sweep.source, sweep.ks, sweep.size, sweep.token, sweep.next_count)


def _most(source: QuerySource, size: str) -> int:
    """How many queries are searched for at most."""
    return source.available if size in (HONEST, ALL) else min(int(size), source.available)


@jobs.job("Sweeping every ef", kind="curves")
def _swept(
    progress: Progress,
    source: QuerySource,
    ks: tuple[int, ...],
    size: str,
    token: str,  # noqa: ARG001 - tells one sweep from another
    count: int,
) -> int:
    """Make the curves of the first `count` queries; those searched for before are not again."""
    _sweep(source, ks, size).curves = _made.within(progress, source, ks, size, count)
    return count


def _to_parts(found: Curves) -> tuple[Any, ...]:
    """All but the source of the queries, which the call has."""
    return found.by_k, found.count, found.wanted, found.shift, found.agreement


def _from_parts(parts: tuple[Any, ...], source: QuerySource, *_: Any) -> Curves:
    by_k, *numbers = parts
    return Curves(by_k, source, *numbers)


_AS_PARTS = jobs.KeptAs(_to_parts, _from_parts)


@jobs.job("Sweeping every ef", kind="curves so far", kept_as=_AS_PARTS)
def _made(
    progress: Progress, source: QuerySource, ks: tuple[int, ...], size: str, count: int
) -> Curves:
    """The curves of the first `count` queries, which do not depend on those that are there."""
    return _curves(progress, source, ks, size, count, _sweep(source, ks, size).curves)


def _look_to_parts(found: Curves) -> tuple[Any, ...]:
    return found.held, _to_parts(found)


def _look_from_parts(
    parts: tuple[Any, ...],
    embeddings: EmbeddingSet,
    params: HnswParams,  # noqa: ARG001 - an argument of the call
    ks: tuple[int, ...],  # noqa: ARG001
    rows: int,
) -> Curves:
    held, curves = parts
    source = QuerySource(HELD_OUT, _looked_at(embeddings, rows), held.graph, held)
    return _from_parts(curves, source)


def _looked_at(embeddings: EmbeddingSet, rows: int) -> EmbeddingSet:
    drawn = np.random.default_rng(SEED).permutation(embeddings.n)[:rows]
    return EmbeddingSet.from_arrays(embeddings.vectors[drawn], name=embeddings.name)


@jobs.job(
    "Indexing some rows for a first look",
    lane="long process",
    kept_as=jobs.KeptAs(_look_to_parts, _look_from_parts),
)
def _first_look(
    progress: Progress,
    embeddings: EmbeddingSet,
    params: HnswParams,
    ks: tuple[int, ...],
    rows: int,
) -> Curves:
    items = _looked_at(embeddings, rows)
    indexed = part(progress, 0.0, 0.9)
    held = studies.hold_out(items.vectors, np.arange(FIRST), params, progress=indexed)
    source = QuerySource(HELD_OUT, items, held.graph, held)
    return _curves(part(progress, 0.9, 1.0), source, ks, str(FIRST), FIRST, None)


@jobs.job("Searching for rows of the index", kept_as=_AS_PARTS)
def _of_rows(progress: Progress, source: QuerySource, ks: tuple[int, ...]) -> Curves:
    return _curves(progress, source, ks, BESIDE, _most(source, BESIDE), None)


def _curves(
    progress: Report,
    source: QuerySource,
    ks: tuple[int, ...],
    size: str,
    count: int,
    before: Curves | None,
) -> Curves:
    ks = tuple(sorted({min(k, source.deepest) for k in ks}))
    depth, had = min(ks[-1] + 1, source.deepest), 0 if before is None else before.count
    queries = source.query_set(depth, start=had, stop=count, progress=progress)
    ks = tuple(k for k in ks if k <= queries.depth) or (queries.depth,)
    ef_max = largest_ef(ks[-1])

    def sweep(executor: Executor | None, told: Report) -> dict[int, EfTradeoff]:
        return studies.ef_tradeoffs(
            source.graph, queries, ks, ef_max=ef_max, executor=executor, progress=told
        )

    graph, asked = source.graph, len(queries.vectors)
    units = expected.sweep(asked, graph.n, graph.m, ef_max)
    by_k = on_cluster.run(progress, units, graph.vectors, sweep, start=TRUTH_ENDS)
    if before is not None:
        by_k = studies.joined(before.by_k, by_k)
    wanted = studies.queries_needed(by_k, source.available)
    every = next(iter(by_k.values())).queries
    return Curves(
        by_k,
        source,
        count,
        wanted if size == HONEST and source.given is None else _most(source, size),
        *_from_elsewhere(source, every),
    )


def _from_elsewhere(source: QuerySource, asked: QuerySet) -> tuple[float, float]:
    """How far queries from elsewhere are, and how well a file's truth agrees with theirs."""
    if source.given is None:
        return np.nan, np.nan
    shift = studies.distance_shift(source.graph, source.embeddings.vectors, asked, seed=SEED)
    truth = source.given.ground_truth
    if source.given is not source.embeddings or source.stated or truth is None:
        return shift, np.nan
    return shift, studies.agreement(asked.truth, truth[source.places[: len(asked.vectors)]])


@jobs.job("Measuring hnswlib's latency", lane="process")
def _latency(
    progress: Progress,
    graph: HnswGraph,
    queries: npt.NDArray[np.float32],
    k: int,
    efs: tuple[int, ...],
) -> Latency:
    return measure_latency(graph, queries, k, efs, progress=progress)


@jobs.job("Searching what the index stores exactly")
def _stored_loss(
    progress: Progress, graph: HnswGraph, queries: QuerySet, k: int
) -> QuantizationLoss:
    report = counted(progress, "{:,} of {:,} queries")
    return studies.quantization_loss(graph, queries, k, progress=report)


@jobs.job("Measuring how near the misses are")
def _quality(
    progress: Progress, source: QuerySource, queries: QuerySet, k: int, efs: tuple[int, ...]
) -> AnswerQuality:
    return studies.answer_quality(source.graph, source.indexed, queries, k, efs, progress=progress)


@jobs.job("Measuring the queries")
def _hardest(
    progress: Progress,
    graph: HnswGraph,
    vectors: npt.NDArray[np.float32],
    study: EfTradeoff,
    target: float,
) -> Hardness:
    progress(0.0)
    return studies.hardness(graph, vectors, study, target, seed=SEED)


@jobs.job("Asking what the hardest queries miss")
def _causes(progress: Progress, graph: HnswGraph, queries: QuerySet, ef: int) -> Autopsy:
    return studies.autopsy(graph, queries, ef, ef_max=max(ef, 8 * EF_MAX), progress=progress)
