"""The curves of the session's index, their queries, and latency, each as a job."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.index import HnswGraph, HnswParams, Latency, build_hnsw, measure_latency
from core.studies import Autopsy, EfTradeoff, Hardness, QuantizationLoss, QuerySet
from pages.ui import jobs
from pages.ui.beam import EF_MAX, largest_ef
from pages.ui.executors import Progress
from pages.ui.recall_controls import ALL, GIVEN, HELD_OUT, HONEST, ROWS, UPLOADED, Asked
from pages.ui.workspace import Workspace

Rows = npt.NDArray[np.int64]
SEED = 0
TIMED_EFS = (10, 16, 24, 40, 64, 100, 160, 256, 400)
TIMED_QUERIES = 1000
HELD_AT_MOST = 2000


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


def curves(work: Workspace, graph: HnswGraph, asked: Asked) -> Curves | None:
    """Every ef from each k to 512 (or 4 k) for the queries asked for, from one traversal each.

    Changing the target, the share or k among the usual ones finds the same job again.
    """
    given, ks = _given(work, asked), _ks(work, asked)
    if asked.source == HELD_OUT:
        key = ("tradeoff", work.fingerprint, work.index_key, ks, HELD_OUT)
        label = "Building an index without the held-out rows"
        return jobs.need(key, label, _of_held_out, work.embeddings, work.params, ks)
    if asked.source == ROWS or given is None:
        key = ("tradeoff", work.fingerprint, work.index_key, ks, asked.size)
        return jobs.need(key, "Sweeping every ef", _of_rows, work.embeddings, graph, ks, asked.size)
    vectors = _vectors(given, asked)
    name = (given.fingerprint, asked.source, asked.stated)
    return jobs.need(
        ("tradeoff", work.fingerprint, work.index_key, ks, *name),
        "Sweeping every ef",
        _of_given,
        work.embeddings,
        graph,
        ks,
        vectors,
        asked.stated,
    )


def latency(work: Workspace, graph: HnswGraph, k: int, queries: QuerySet) -> Latency | None:
    """Measured latency of hnswlib, in a process of its own."""
    efs = tuple(sorted({max(k, ef) for ef in TIMED_EFS}))
    vectors = queries.vectors[:TIMED_QUERIES]
    digest = _digest(vectors)
    key = ("latency", work.fingerprint, work.index_key, graph.n, k, efs, digest)
    label = "Measuring hnswlib's latency"
    return jobs.need(key, label, time_hnswlib, graph, vectors, k, efs, lane="process")


def stored_loss(work: Workspace, graph: HnswGraph, study: EfTradeoff) -> QuantizationLoss | None:
    """What an exact search of codes or transformed vectors finds, for the queries of a curve."""
    queries, k = study.queries, study.curve.k
    rows = np.empty(0, np.int64) if queries.rows is None else queries.rows
    digest = _digest(queries.vectors, queries.truth.ids, rows)
    key = ("stored loss", work.fingerprint, work.index_key, k, digest)
    label = "Searching what the index stores exactly"
    return jobs.need(key, label, _stored_loss, graph, queries, k)


def loses_by_storage(work: Workspace, graph: HnswGraph) -> bool:
    """Whether the index stores something else than the vectors that its truth is taken from."""
    if graph.codes is None and graph.transform is None:
        return False
    return not studies.holds_stored_vectors(graph, work.embeddings.vectors)


def causes(work: Workspace, found: Curves, study: EfTradeoff, some: Rows) -> Autopsy | None:
    """The fates of the true neighbors of some of the queries at the largest ef of the curve."""
    ef, k = int(study.ef[-1]), study.curve.k
    held = found.held_out is not None
    key = ("causes", work.fingerprint, work.index_key, held, k, ef, some.tobytes())
    near = study.queries.nearest(k)
    truth = type(near)(near.ids[some], near.distances[some])
    rows = None if study.queries.rows is None else study.queries.rows[some]
    asked = QuerySet(study.queries.vectors[some], truth, rows, None)
    return jobs.need(key, "Asking what the hardest queries miss", _causes, found.graph, asked, ef)


def hardest(work: Workspace, found: Curves, study: EfTradeoff, asked: Asked) -> Hardness | None:
    """What each query needs for the target and is like; seldom long enough to be seen."""
    uploaded = "" if work.queries is None else work.queries.fingerprint
    key = ("hardness", work.fingerprint, work.index_key, uploaded, asked)
    label = "Measuring the queries"
    vectors = work.embeddings.vectors if found.held_out is None else found.graph.vectors
    return jobs.need(key, label, _hardest, found.graph, vectors, study, asked.target)


def time_hnswlib(
    graph: HnswGraph,
    queries: npt.NDArray[np.float32],
    k: int,
    efs: tuple[int, ...],
    *,
    progress: Progress,
) -> Latency:
    """`measure_latency` as a job; a function of a module, for it travels by name."""
    return measure_latency(graph, queries, k, efs, progress=progress)


def _given(work: Workspace, asked: Asked) -> EmbeddingSet | None:
    if asked.source == UPLOADED:
        return work.queries
    return work.embeddings if asked.source == GIVEN else None


def _vectors(given: EmbeddingSet, asked: Asked) -> npt.NDArray[np.float32]:
    if asked.source == GIVEN and given.queries is not None:
        return given.queries
    return given.vectors


def _ks(work: Workspace, asked: Asked) -> tuple[int, ...]:
    most = work.embeddings.n - 1
    return tuple(sorted({min(k, most) for k in asked.ks}))


def _of_rows(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    ks: tuple[int, ...],
    size: str,
    *,
    progress: Progress,
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


def _of_held_out(
    embeddings: EmbeddingSet, params: HnswParams, ks: tuple[int, ...], *, progress: Progress
) -> Curves:
    """Rows drawn with a seed, up to a tenth of all, searched for in an index of the others."""
    vectors, n = embeddings.vectors, embeddings.n
    random = np.random.default_rng(SEED)
    held = np.sort(random.choice(n, min(HELD_AT_MOST, n // 10), replace=False))
    kept = np.delete(vectors, held, axis=0)
    ks = tuple(sorted({min(k, len(kept)) for k in ks}))

    def tell(inserted: int, total: int) -> None:
        progress(0.7 * inserted / total, f"{inserted:,} of {total:,} rows inserted")

    def late(share: float, words: str) -> None:
        progress(0.7 + 0.3 * share, words)

    graph = build_hnsw(kept, params, progress=tell)
    depth = min(ks[-1] + 1, len(kept))
    asked = studies.given_queries(graph, kept, vectors[held], depth, progress=late)
    found = studies.ef_tradeoffs(graph, asked, ks, ef_max=largest_ef(ks[-1]), progress=late)
    return Curves(found, graph, held_out=held)


def _of_given(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    ks: tuple[int, ...],
    queries: npt.NDArray[np.float32],
    stated: bool,
    *,
    progress: Progress,
) -> Curves:
    vectors, truth = embeddings.vectors, embeddings.ground_truth
    if stated and truth is not None:
        asked = studies.stated_queries(graph, vectors, queries, truth)
        ks = tuple(k for k in ks if k <= truth.shape[1]) or (truth.shape[1],)
    else:
        depth = min(ks[-1] + 1, graph.n - graph.n_deleted)
        asked = studies.given_queries(graph, vectors, queries, depth, progress=progress)
    found = studies.ef_tradeoffs(graph, asked, ks, ef_max=largest_ef(ks[-1]), progress=progress)
    own = truth is not None and queries is embeddings.queries and not stated
    agrees = studies.agreement(asked.truth, truth) if own and truth is not None else np.nan
    shift = studies.distance_shift(graph, vectors, asked, seed=SEED)
    return Curves(found, graph, shift, agrees)


def _stored_loss(
    graph: HnswGraph, queries: QuerySet, k: int, *, progress: Progress
) -> QuantizationLoss:
    def report(done: int, total: int) -> None:
        progress(done / max(total, 1), f"{done:,} of {total:,} queries")

    return studies.quantization_loss(graph, queries, k, progress=report)


def _digest(*arrays: npt.NDArray[Any]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for array in arrays:
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


def _hardest(
    graph: HnswGraph,
    vectors: npt.NDArray[np.float32],
    study: EfTradeoff,
    target: float,
    *,
    progress: Progress,
) -> Hardness:
    progress(0.0)
    return studies.hardness(graph, vectors, study, target, seed=SEED)


def _causes(graph: HnswGraph, queries: QuerySet, ef: int, *, progress: Progress) -> Autopsy:
    return studies.autopsy(graph, queries, ef, ef_max=max(ef, 8 * EF_MAX), progress=progress)
