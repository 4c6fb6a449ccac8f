"""The recall curve of the session's index, as a job."""

from core.data import EmbeddingSet
from core.index import HnswGraph
from core.studies import EfTradeoff, ef_tradeoff, given_queries, sample_queries
from pages.ui import jobs
from pages.ui.beam import largest_ef
from pages.ui.executors import Progress
from pages.ui.workspace import Workspace

QUERY_COUNTS = (200, 500, 1000, 2000, 5000)
SEED = 0


def tradeoff(
    work: Workspace, graph: HnswGraph, k: int, *, size: int, given: bool
) -> EfTradeoff | None:
    """Every ef from k to 512 (or 4 k), over rows of the data or the queries that came with it."""
    key = ("tradeoff", work.fingerprint, work.index_key, k, size, given)
    label = "Sweeping every ef"
    return jobs.need(key, label, _tradeoff, work.embeddings, graph, k, size, given)


def _tradeoff(
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    k: int,
    size: int,
    given: bool,
    *,
    progress: Progress,
) -> EfTradeoff:
    if given and embeddings.queries is not None:
        queries = given_queries(graph, embeddings.vectors, embeddings.queries, k)
    else:
        queries = sample_queries(
            graph, embeddings.vectors, k, size=size, seed=SEED, progress=progress
        )
    return ef_tradeoff(graph, queries, ef_max=largest_ef(k), progress=progress)
