"""An index of loaded data: built here, or opened from a file of the index that is in use."""

from dataclasses import dataclass

from core.data import watch
from core.distances import Metric
from core.index import HnswParams, build_hnsw, read_index
from core.limits import BUILD_THREADS
from core.progress import ROWS_INSERTED, Progress, counted, part, unheard
from core.service.answers import TEXTS, Answer, plain
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings, Indexed, index_name
from core.service.loading import opened
from core.studies import index_with_items

DATA = "the name that `load` gave to the data"
INDEX = "the name that `build` or `open_index` gave to the index"


@dataclass(frozen=True, kw_only=True)
class Build(Arguments):
    """Of `build`."""

    data: str = said(DATA)
    metric: Metric | None = said(
        "how distance is measured; that of the data unless given, else cosine", default=None
    )
    m: int = said("links that a node gets on each layer", default=16, low=2, high=512)
    ef_construction: int = said(
        "beam of the search that finds them", default=200, low=1, high=10_000
    )
    seed: int = said("of the levels", default=100, low=0, high=2**31 - 1)
    threads: int = said(
        "more than one is faster, and gives another graph at each build",
        default=1,
        low=1,
        high=256,
    )


@dataclass(frozen=True, kw_only=True)
class OpenIndex(Arguments):
    """Of `open_index`."""

    data: str = said(f"{DATA}, whose rows the index holds under their row numbers as labels")
    source: str = said("the file of the index, as `sources` names it (FOLDER/NAME)")
    metric: Metric | None = said(
        "needed where the file does not hold it (hnswlib, Chroma)", default=None
    )


def build(holdings: Holdings, asked: Build, progress: Progress = unheard) -> Answer:
    """Build an index; at once where the same one is held already. Raises CoreError."""
    embeddings = holdings.sets.get(asked.data)
    params = HnswParams(
        metric=asked.metric or embeddings.metric or "cosine",
        m=asked.m,
        ef_construction=asked.ef_construction,
        seed=asked.seed,
        threads=min(asked.threads, BUILD_THREADS.value),
    )
    held = holdings.indexes.find(index_name(asked.data, params))
    if held is None:
        report = counted(progress, ROWS_INSERTED)
        graph = build_hnsw(embeddings.vectors, params, progress=report)
        held = holdings.keep_index(asked.data, embeddings, graph, params)
    return described(held)


def open_index(holdings: Holdings, asked: OpenIndex, progress: Progress = unheard) -> Answer:
    """Open the file of an index, which is parsed and not loaded by a library; raises CoreError."""
    embeddings = holdings.sets.get(asked.data)
    content, name = opened(asked.source, part(progress, 0.0, 0.5))
    with watch.heard(part(progress, 0.5, 1.0)):
        graph = read_index(content, name=name, metric=asked.metric, vectors=embeddings.vectors)
    graph, items = index_with_items(graph, name, embeddings)
    return described(holdings.keep_index(asked.data, items, graph, None))


def described(index: Indexed) -> Answer:
    """What an index is."""
    graph = index.graph
    return {
        "index": index.name,
        "data": index.data,
        "rows": graph.n,
        "deleted": graph.n_deleted,
        "dimensions": graph.dim,
        "metric": graph.metric,
        "m": graph.m,
        "ef_construction": graph.ef_construction,
        "nodes_of_layers": plain(graph.nodes_per_layer),
        "bytes": graph.memory_bytes,
        "source": plain(graph.source),
        "notes": plain(graph.notes[:TEXTS]),
    }
