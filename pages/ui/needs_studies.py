"""The studies as jobs: a stopped one keeps its finished parts and goes on from there later."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import studies
from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.index import HnswGraph, HnswParams, build_hnsw
from core.studies import sample_rows
from pages.ui import jobs
from pages.ui.executors import Progress
from pages.ui.runner import Key
from pages.ui.workspace import Workspace

SEED = 0
KEPT_STUDIES = 12  # whose finished parts are held, an index among them for some
Rows = npt.NDArray[np.int64]
Settings = tuple[Any, ...]


@dataclass(frozen=True)
class Part:
    """The data that a study takes: all rows, or `rows` of them drawn with a seed, by label."""

    embeddings: EmbeddingSet = field(repr=False, compare=False)
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


def key_of(work: Workspace, kind: str, settings: Settings) -> Key:
    """The key of a study's job."""
    return (f"study {kind}", work.fingerprint, work.params, settings)


def need(
    work: Workspace, kind: str, settings: Settings, function: Callable[..., Any], rows: int
) -> Any:
    """The result of `function(part, settings, done, progress=...)`, or None while it runs."""
    key = key_of(work, kind, settings)
    part = Part(work.embeddings, work.params, rows)
    return jobs.need(key, kind, function, part, settings, done_parts(key))


def is_known(work: Workspace, kind: str, settings: Settings) -> bool:
    """Whether the result is there already."""
    return jobs.finished(key_of(work, kind, settings)) is not None


def done_parts(key: Key) -> dict[Any, Any]:
    """The finished parts of a study, filled while it runs."""
    return _done_parts(repr(key))


@st.cache_resource(max_entries=KEPT_STUDIES, show_spinner=False)
def _done_parts(name: str) -> dict[Any, Any]:  # `_name` would be no part of the cache's key
    del name
    return {}


def grid(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`build_grid` for settings (k, target, rows, ms, ef_constructions, seeds)."""
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


def order(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`insertion_order` for settings (k, efs, rows, seeds)."""
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


def rank(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`rank_study` for settings (k, efs, rows)."""
    k, efs, rows = settings
    params = replace(part.params, m=16, ef_construction=128)
    return studies.rank_study(
        part.embeddings.vectors, params, k=k, efs=efs, rows=rows, progress=progress, done=done
    )


def filters(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`filtered_search` for settings (k, target, rows, column or None)."""
    k, target, _, column = settings
    graph = _graph(part, done, progress)
    codes = None if column is None else part.codes(column)
    return studies.filtered_search(
        graph, part.vectors, k=k, target=target, column=codes, progress=progress, done=done
    )


def churn(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`duplicates_and_updates` for settings (k, ef, rows, rounds, share)."""
    k, ef, _, rounds, share = settings
    graph = _graph(part, done, progress)
    return studies.duplicates_and_updates(
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


def growth(part: Part, settings: Settings, done: Any, *, progress: Progress) -> Any:
    """`growth` for settings (k, target, rows)."""
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
