"""What the figures of a check rest on: the index, its queries, the pairs; each made once."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from core.checks import check_rows
from core.data import EmbeddingSet
from core.distances import Floats, Metric, check_metric, metric_name
from core.errors import ParameterError
from core.gate.bounds import QUERIES, Bounds
from core.index import HnswGraph, build_hnsw
from core.progress import ROWS_INSERTED, Progress, counted
from core.studies import (
    PairStudy,
    QuerySet,
    given_queries,
    held_out_rows,
    hold_out,
    index_with_items,
    live_rows,
    matching_rows,
    pair_study,
    row_changes,
    row_queries,
)

Rows = npt.NDArray[np.int64]
NO_ROW = -1


@dataclass(frozen=True, eq=False)
class Asked:
    """Queries and the index that they search. of: what they are; words: the same in full."""

    graph: HnswGraph
    vectors: Floats
    queries: Floats | Rows
    of: str
    words: str

    def set_of(self, k: int) -> QuerySet:
        """The queries with their k true neighbors among the rows of the index."""
        if self.queries.ndim == 1:
            return row_queries(self.graph, self.vectors, self.queries.astype(np.int64), k)
        return given_queries(self.graph, self.vectors, self.queries.astype(np.float32), k)


@dataclass(frozen=True, eq=False)
class Basis:
    """What is checked, and what is made of it when a bound asks for it.

    items: the data. opened: the index that was given, or None: then one is built. queries: (q, d)
    that were given, or None. alone: whether there is no data but the items of the index.
    """

    items: EmbeddingSet
    bounds: Bounds
    opened: HnswGraph | None
    queries: Floats | None
    progress: Progress
    alone: bool = False

    @cached_property
    def metric(self) -> Metric:
        """Of the index: of the file, else as the bounds have it, else the data's, else cosine."""
        if self.opened is not None:
            return self.opened.metric
        return check_metric(self.bounds.index.metric or self.items.metric or "cosine")

    @cached_property
    def _indexed(self) -> tuple[HnswGraph, EmbeddingSet]:
        """The index of all rows, and its rows."""
        if self.opened is None:
            return self._build(), self.items
        if self.alone:
            return index_with_items(self.opened, self.items.name)
        if self.rows_held is None:
            raise ParameterError(
                f"No item of the index has the vector of the row of {self.items.name} that its "
                "label names, so the index is not one of this data. Check it with the data that it "
                "was built from, its labels being row numbers."
            )
        return index_with_items(self.opened, self.items.name, self.items)

    @property
    def graph(self) -> HnswGraph:
        """The index of all rows."""
        return self._indexed[0]

    @property
    def index_words(self) -> str:
        """The index in words."""
        if self.opened is None:
            params = self.bounds.index.params(self.metric)
            return (
                f"built here, HNSW of {metric_name(self.metric)} distance, M {params.m}, "
                f"ef_construction {params.ef_construction:,}, seed {params.seed}, one thread"
            )
        deleted = f", {self.opened.n_deleted:,} of them deleted" if self.opened.n_deleted else ""
        return (
            f"{self.opened.source}, {metric_name(self.metric)} distance, {self.opened.n:,} items"
            f"{deleted}, M {self.opened.m}"
        )

    @cached_property
    def rows_held(self) -> Rows | None:
        """The row of the data that each row of the opened index holds by its label; else -1."""
        assert self.opened is not None
        return matching_rows(self.opened, self.items)

    @cached_property
    def missing(self) -> Rows:
        """Rows of the data that the opened index does not return with their own vector."""
        if self.opened is None or self.alone:
            raise ParameterError(
                "missing_items compares an index file with the data that it was built from: give "
                "both, the data and an index."
            )
        _, aligned = self._indexed
        rows = self.rows_held
        assert rows is not None
        same = (rows != NO_ROW) & ~self.opened.deleted
        same &= ~row_changes(self.opened, aligned.vectors).differ
        return np.setdiff1d(np.arange(self.items.n), rows[same])

    @cached_property
    def asked(self) -> Asked:
        """The queries, and the index that they search."""
        if self.queries is not None:
            return self._given(self.queries, "given queries")
        source = self.bounds.queries.source
        if source == "data" or (source == "" and self.items.queries is not None):
            if self.items.queries is None:
                raise ParameterError(
                    'source is "data" in [queries], and the data came with no queries. Give a file '
                    "of them, or another source."
                )
            return self._given(self.items.queries, "queries of the data")
        if source == "index" or self.opened is not None:
            if source == "held_out":
                raise ParameterError(
                    'source is "held_out" in [queries], and no row can be held out of an index '
                    'that is there already. Take "index", or give a file of queries.'
                )
            return self._rows()
        return self._held_out()

    def _given(self, queries: Floats, of: str) -> Asked:
        size, seed = self.bounds.queries.size, self.bounds.queries.seed
        graph, items = self._indexed
        asked = check_rows(queries, "queries", graph.dim)
        some = np.random.default_rng(seed).permutation(len(asked))[: size or len(asked)]
        drawn = f" of {len(asked):,}, drawn with seed {seed}" if len(some) < len(asked) else ""
        return Asked(graph, items.vectors, asked[some], of, f"{len(some):,} {of}{drawn}")

    def _rows(self) -> Asked:
        size, seed = self.bounds.queries.size or QUERIES, self.bounds.queries.seed
        graph, items = self._indexed
        some = np.random.default_rng(seed).permutation(live_rows(graph))[:size]
        of = "rows of the index, each left out of its own answer"
        words = f"{len(some):,} {of}, drawn with seed {seed}; rows of an index flatter it"
        return Asked(graph, items.vectors, np.sort(some), of, words)

    def _held_out(self) -> Asked:
        size, seed = self.bounds.queries.size or QUERIES, self.bounds.queries.seed
        rows = held_out_rows(self.items.n, seed=seed)
        params = self.bounds.index.params(self.metric)
        held = hold_out(self.items.vectors, rows, params, progress=self.progress)
        some = held.rows[:size]
        words = (
            f"{len(some):,} of {len(held.rows):,} rows held out of the index, drawn with seed "
            f"{seed}, searched for among the other {held.graph.n:,}"
        )
        vectors = self.items.vectors
        return Asked(held.graph, vectors[held.kept], vectors[some], "held-out rows", words)

    @cached_property
    def study(self) -> PairStudy:
        """The counted pairs of the labeled rows."""
        if self.items.labels is None:
            raise ParameterError(
                "far, tar and opis need classes, and the data has no labels. Name their column as "
                "label in [data]."
            )
        settings = self.bounds.pairs
        return pair_study(
            self.items.vectors,
            self.items.labels,
            metric=self.metric,
            keep_singletons=settings.singletons == "negatives",
            rows=settings.rows or None,
            seed=settings.seed,
            progress=self.progress,
        )

    @property
    def pair_words(self) -> str:
        """The pairs in words."""
        totals, study = self.study.counts.totals, self.study
        drawn = f", drawn from {study.n:,} with seed {study.seed}" if study.is_sample else ""
        return (
            f"{totals.n_genuine:,.0f} genuine and {totals.n_impostor:,.0f} impostor pairs of "
            f"{study.rows:,} labeled rows{drawn}"
        )

    def _build(self) -> HnswGraph:
        params = self.bounds.index.params(self.metric)
        report = counted(self.progress, ROWS_INSERTED)
        return build_hnsw(self.items.vectors, params, progress=report)
