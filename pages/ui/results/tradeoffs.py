"""The curves of the session's index, their queries, and latency, each as a job."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.index import HnswGraph, HnswParams, Latency, measure_latency
from core.progress import counted, part
from core.studies import Autopsy, EfTradeoff, Hardness, QuantizationLoss, QuerySet
from pages.ui import jobs
from pages.ui.controls.beam import EF_MAX, largest_ef, returnable
from pages.ui.controls.queries import ALL, GIVEN, HELD_OUT, HONEST, ROWS, UPLOADED, RecallSettings
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
SEED = 0
TIMED_EFS = (10, 16, 24, 40, 64, 100, 160, 256, 400)
TIMED_QUERIES = 1000
HELD_OUT_READY = 0.88  # of the progress of the held-out curve: the rest are its searches
SWEEPING = "Sweeping every ef"


@dataclass(frozen=True, eq=False)
class Curves:
    """The trade-off of each k, by k, and what is known of the queries.

    shift: how much farther than usual the nearest rows of queries from elsewhere are; agreement:
    share of the computed true neighbors that the data's file states too; NaN where it does not
    apply. graph: that was searched; held_out: the rows that were left out of it, or None.
    """

    by_k: dict[int, EfTradeoff]
    graph: HnswGraph
    shift: float = np.nan
    agreement: float = np.nan
    held_out: Rows | None = None

    def of_k(self, k: int) -> EfTradeoff:
        """The trade-off of k, or of the largest k that the ground truth of a file allows."""
        return self.by_k[k if k in self.by_k else max(self.by_k)]


def curves(work: Workspace, graph: HnswGraph, wanted: RecallSettings) -> Curves | None:
    """Every ef from each k to 512 (or 4 k) for the queries asked for, from one traversal each.

    Changing the target, the share or k among the usual ones finds the same job again.
    """
    given, ks = _given(work, wanted), _ks(work, wanted)
    if wanted.source == HELD_OUT:
        return _of_held_out.need(work.embeddings, work.params, ks)
    if wanted.source == ROWS or given is None:
        return _of_rows.need(work.embeddings, graph, ks, wanted.size)
    return _of_given.need(work.embeddings, graph, ks, _vectors(given, wanted), wanted.stated)


def latency(graph: HnswGraph, k: int, queries: QuerySet) -> Latency | None:
    """Measured latency of hnswlib, in a process of its own."""
    efs = tuple(sorted({max(k, ef) for ef in TIMED_EFS}))
    vectors = queries.vectors[:TIMED_QUERIES]
    return _latency.need(graph, vectors, k, efs)


def stored_loss(graph: HnswGraph, study: EfTradeoff) -> QuantizationLoss | None:
    """What an exact search of codes or transformed vectors finds, for the queries of a curve."""
    return _stored_loss.need(graph, study.queries, study.curve.k)


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
    vectors = work.embeddings.vectors if found.held_out is None else found.graph.vectors
    return _hardest.need(found.graph, vectors, study, target)


@jobs.job("Measuring hnswlib's latency", lane="process")
def _latency(
    progress: Progress,
    graph: HnswGraph,
    queries: npt.NDArray[np.float32],
    k: int,
    efs: tuple[int, ...],
) -> Latency:
    return measure_latency(graph, queries, k, efs, progress=progress)


def _given(work: Workspace, wanted: RecallSettings) -> EmbeddingSet | None:
    if wanted.source == UPLOADED:
        return work.queries
    return work.embeddings if wanted.source == GIVEN else None


def _vectors(given: EmbeddingSet, wanted: RecallSettings) -> npt.NDArray[np.float32]:
    if wanted.source == GIVEN and given.queries is not None:
        return given.queries
    return given.vectors


def _ks(work: Workspace, wanted: RecallSettings) -> tuple[int, ...]:
    most = max(1, returnable(work) - 1)
    return tuple(sorted({min(k, most) for k in wanted.ks}))


@jobs.job(SWEEPING, kind="curves")
def _of_rows(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    ks: tuple[int, ...],
    size: str,
) -> Curves:
    vectors, ef_max = embeddings.vectors, largest_ef(ks[-1])
    if size == HONEST:
        found = studies.honest_tradeoffs(
            graph, vectors, ks, ef_max=ef_max, seed=SEED, progress=progress
        )
        return Curves(found, graph)
    live = graph.n - graph.n_deleted
    wanted = live if size == ALL else int(size)
    depth = min(ks[-1] + 1, live - 1)
    queries = studies.sample_queries(
        graph, vectors, depth, size=wanted, seed=SEED, progress=progress
    )
    found = studies.ef_tradeoffs(graph, queries, ks, ef_max=ef_max, progress=progress)
    return Curves(found, graph)


@jobs.job("Building an index without the held-out rows", kind="curves")
def _of_held_out(
    progress: Progress, embeddings: EmbeddingSet, params: HnswParams, ks: tuple[int, ...]
) -> Curves:
    """Rows drawn with a seed, up to a tenth of all, searched for in an index of the others."""
    rows = studies.held_out_rows(embeddings.n, seed=SEED)
    left = embeddings.n - len(rows)
    ks = tuple(sorted({min(k, left) for k in ks}))

    depth = min(ks[-1] + 1, left)
    held = studies.hold_out(
        embeddings.vectors, rows, params, depth, progress=part(progress, 0, HELD_OUT_READY)
    )
    found = studies.ef_tradeoffs(
        held.graph, held.queries, ks, ef_max=largest_ef(ks[-1]), progress=part(progress, 0.7, 1)
    )
    return Curves(found, held.graph, held_out=held.rows)


@jobs.job(SWEEPING, kind="curves")
def _of_given(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    ks: tuple[int, ...],
    queries: npt.NDArray[np.float32],
    stated: bool,
) -> Curves:
    vectors, truth = embeddings.vectors, embeddings.ground_truth
    if stated and truth is not None:
        query_set = studies.stated_queries(graph, vectors, queries, truth)
        ks = tuple(k for k in ks if k <= truth.shape[1]) or (truth.shape[1],)
    else:
        depth = min(ks[-1] + 1, graph.n - graph.n_deleted)
        query_set = studies.given_queries(graph, vectors, queries, depth, progress=progress)
    found = studies.ef_tradeoffs(graph, query_set, ks, ef_max=largest_ef(ks[-1]), progress=progress)
    own = truth is not None and queries is embeddings.queries and not stated
    agrees = studies.agreement(query_set.truth, truth) if own and truth is not None else np.nan
    shift = studies.distance_shift(graph, vectors, query_set, seed=SEED)
    return Curves(found, graph, shift, agrees)


@jobs.job("Searching what the index stores exactly")
def _stored_loss(
    progress: Progress, graph: HnswGraph, queries: QuerySet, k: int
) -> QuantizationLoss:
    report = counted(progress, "{:,} of {:,} queries")
    return studies.quantization_loss(graph, queries, k, progress=report)


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
