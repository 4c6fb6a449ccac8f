"""The studies as jobs: a stopped one keeps its finished parts and goes on from there later."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.index import HnswGraph, HnswParams, build_hnsw
from core.studies import sample_rows
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import keeping

SEED = 0
KEPT_STUDIES = 12  # whose finished parts are held, an index among them for some
GRID = "Build grid"
ORDER = "Insertion order"
RANK = "Intrinsic dimension"
FILTERS = "Filtered search"
CHURN = "Duplicates and updates"
GROWTH = "Growth"
Rows = npt.NDArray[np.int64]
Settings = tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """The data that a study takes: all rows, or `rows` of them drawn with a seed, by label."""

    embeddings: EmbeddingSet
    params: HnswParams
    rows: int

    @property
    def taken(self) -> Rows:
        """The row ids, ascending."""
        return sample_rows(self.embeddings.n, self.rows, labels=self.embeddings.labels, seed=SEED)

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """The vectors of those rows, (rows, d)."""
        vectors = self.embeddings.vectors
        return vectors if self.rows >= len(vectors) else vectors[self.taken]

    @property
    def labels(self) -> Rows | None:
        """The class codes of those rows, or None."""
        labels = self.embeddings.labels
        if labels is None or len(self.embeddings.class_names) < 2:
            return None
        return labels if self.rows >= len(labels) else labels[self.taken]

    def codes(self, column: str) -> Rows:
        """The codes of a metadata column for those rows, -1 where it is empty."""
        codes, _ = class_codes(self.embeddings.metadata[column])
        return codes if self.rows >= len(codes) else codes[self.taken]


@keeping(KEPT_STUDIES)
def finished_parts(study: str, part: Part, settings: Settings) -> dict[Any, Any]:  # noqa: ARG001
    """The finished parts of one study of this data with these settings, filled while it runs."""
    return {}


@jobs.job(GRID)
def grid(progress: Progress, part: Part, settings: Settings) -> Any:
    """`build_grid` for settings (k, target, rows, ms, ef_constructions, seeds)."""
    done = finished_parts(GRID, part, settings)
    k, target, _, ms, widths, seeds = settings
    params = [
        replace(part.params, m=m, ef_construction=width, seed=part.params.seed + seed)
        for m in ms
        for width in widths
        for seed in range(seeds)
    ]
    return studies.build_grid(
        part.vectors, params, k=k, target=target, seed=SEED, progress=progress, done=done
    )


@jobs.job(ORDER)
def order(progress: Progress, part: Part, settings: Settings) -> Any:
    """`insertion_order` for settings (k, efs, rows, seeds)."""
    done = finished_parts(ORDER, part, settings)
    k, efs, _, seeds = settings
    params = replace(part.params, m=16, ef_construction=128)
    return studies.insertion_order(
        part.vectors,
        params,
        part.labels,
        k=k,
        efs=efs,
        seeds=range(seeds),
        progress=progress,
        done=done,
    )


@jobs.job(RANK)
def rank(progress: Progress, part: Part, settings: Settings) -> Any:
    """`intrinsic_dimension` for settings (k, efs, rows)."""
    done = finished_parts(RANK, part, settings)
    k, efs, rows = settings
    params = replace(part.params, m=16, ef_construction=128)
    return studies.intrinsic_dimension(
        part.embeddings.vectors, params, k=k, efs=efs, rows=rows, progress=progress, done=done
    )


@jobs.job(FILTERS)
def filters(progress: Progress, part: Part, settings: Settings) -> Any:
    """`filtered_search` for settings (k, target, rows, column or None)."""
    done = finished_parts(FILTERS, part, settings)
    k, target, _, column = settings
    graph = _graph(part, done, progress)
    codes = None if column is None else part.codes(column)
    return studies.filtered_search(
        graph, part.vectors, k=k, target=target, column=codes, progress=progress, done=done
    )


@jobs.job(CHURN)
def churn(progress: Progress, part: Part, settings: Settings) -> Any:
    """`updates` for settings (k, ef, rows, rounds, share)."""
    done = finished_parts(CHURN, part, settings)
    k, ef, _, rounds, share = settings
    graph = _graph(part, done, progress)
    return studies.updates(
        graph,
        part.vectors,
        part.params,
        k=k,
        ef=ef,
        rounds=rounds,
        share=share,
        progress=progress,
        done=done,
    )


@jobs.job(GROWTH)
def growth(progress: Progress, part: Part, settings: Settings) -> Any:
    """`growth` for settings (k, target, rows)."""
    done = finished_parts(GROWTH, part, settings)
    k, target, _ = settings
    return studies.growth(
        part.vectors, part.params, k=k, target=target, progress=progress, done=done
    )


def _graph(part: Part, done: Any, progress: Progress) -> HnswGraph:
    """The index of the part, built once and kept with the finished parts."""
    if "graph" not in done:

        def tell(inserted: int, total: int) -> None:
            progress(0.0, f"building the index: {inserted:,} of {total:,} rows")

        done["graph"] = build_hnsw(part.vectors, part.params, progress=tell)
    graph: HnswGraph = done["graph"]
    return graph
