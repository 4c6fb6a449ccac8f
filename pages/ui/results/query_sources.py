"""Which queries a figure rests on: rows held out of the index, one's own, or rows of the index."""

from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.distances import Floats
from core.index import HnswGraph, HnswParams
from core.progress import Progress as Report
from core.progress import unheard
from core.studies import HeldOut, QuerySet
from pages.ui import jobs
from pages.ui.controls import queries, query
from pages.ui.controls.queries import GIVEN, HELD_OUT, ROWS, SELECTED, UPLOADED, rows_kind
from pages.ui.display.text import count as counted
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.jobs.cache import keeping
from pages.ui.results import expected, indexes, on_cluster
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
SEED = 0
KEPT_ITEMS = 1  # sets of the rows of such an index


@dataclass(frozen=True, eq=False)
class QuerySource:
    """Queries of one kind, in the order in which they are searched for: first ones are a sample.

    kind: `HELD_OUT`, `GIVEN`, `UPLOADED`, `ROWS` or `SELECTED`. embeddings: the data. graph: that
    is searched; for held-out rows an index without them. held: that experiment. given: the set
    that the queries come from. stated: whether its ground truth is used. selected: the rows of a
    selection, whose name is `name`.
    """

    kind: str
    embeddings: EmbeddingSet
    graph: HnswGraph
    held: HeldOut | None = None
    given: EmbeddingSet | None = None
    stated: bool = False
    selected: Rows | None = None
    name: str = ""

    @cached_property
    def places(self) -> Rows:
        """(q,) rows of the data that the queries are, or their places in the set they come from."""
        if self.held is not None:
            return self.held.rows
        random = np.random.default_rng(SEED)
        if self.given is not None:
            return random.permutation(len(self._given))
        rows = studies.live_rows(self.graph)
        if self.selected is not None:
            rows = np.intersect1d(rows, self.selected)
        return random.permutation(rows)

    @property
    def available(self) -> int:
        """How many queries there are."""
        return len(self.places)

    @property
    def deepest(self) -> int:
        """How many neighbors each query can have."""
        return self.graph.n - self.graph.n_deleted - (self.kind in (ROWS, SELECTED))

    def data_rows(self, ids: Rows) -> Rows:
        """Rows of the data for row ids of the graph."""
        return ids if self.held is None else self.held.kept[ids]

    @property
    def indexed(self) -> Floats:
        """(n, d) the vectors of the rows of the graph, as the data has them."""
        vectors = self.embeddings.vectors
        return vectors if self.held is None else vectors[self.held.kept]

    def vectors(self, *, start: int = 0, stop: int) -> Floats | None:
        """The queries from `start` to `stop`, (q, d); None where they are rows of the graph."""
        places = self.places[start:stop]
        if self.held is not None:
            return self.embeddings.vectors[places]
        return None if self.given is None else self._given[places]

    def player_controls(self, place: int) -> dict[str, Any] | None:
        """What the player of Layers is set to for the query at a place.

        None for uploaded queries, of which the player has no number.
        """
        if self.held is not None:
            return {"query": query.HELD_OUT, "held_out_row": place}
        if self.kind == GIVEN:
            return {"query": query.GIVEN, "given_query": int(self.places[place])}
        return None if self.given is not None else item_controls(int(self.places[place]))

    def words(self, count: int) -> str:
        """The first `count` queries in words, as Markdown."""
        if self.held is not None:
            return (
                f"{counted(count, 'held-out row')}, searched for in an index of the other "
                f"{self.graph.n:,} rows"
            )
        if self.given is not None:
            return f"{counted(count, 'query', 'queries')} from elsewhere"
        if self.selected is not None:
            return (
                f"{count:,} of {counted(self.available, 'row')} of {plain(self.name)}, rows of the "
                "index, each left out of its own answer"
            )
        return f"{count:,} of {self.available:,} rows of the index, each left out of its own answer"

    def query_set(
        self, k: int, *, start: int = 0, stop: int, progress: Report | None = None
    ) -> QuerySet:
        """The queries from `start` to `stop` with their k true neighbors, by row id of the graph.

        With fewer neighbors where the ground truth of their file has fewer.
        """
        vectors, some = self.embeddings.vectors, slice(start, stop)
        places = self.places[some]
        truth = None if self.given is None else self.given.ground_truth
        if self.held is None and self.stated and truth is not None:
            asked = self._given[places]
            return studies.stated_queries(self.graph, vectors, asked, truth[places][:, :k])

        def find(executor: Executor | None, told: Report) -> QuerySet:
            if self.held is not None:
                return self.held.queries(vectors, some, k, executor=executor, progress=told)
            asked = self.vectors(start=start, stop=stop)
            if asked is None:
                return studies.row_queries(
                    self.graph, vectors, places, k, executor=executor, progress=told
                )
            return studies.given_queries(
                self.graph, vectors, asked, k, executor=executor, progress=told
            )

        units = expected.pairs(len(places), self.graph.n)
        return on_cluster.run(progress or unheard, units, vectors, find)

    @property
    def _given(self) -> Floats:
        assert self.given is not None
        if self.kind == GIVEN and self.given.queries is not None:
            return self.given.queries
        return self.given.vectors


def item_controls(row: int) -> dict[str, Any]:
    """What the player of Layers is set to for an item of the index."""
    return {"query": query.ITEM, "item": row}


def query_source(
    work: Workspace, graph: HnswGraph, kind: str, *, stated: bool = False
) -> QuerySource | None:
    """The queries of a kind; None while the index without held-out rows is built.

    graph: of the session. A kind that the session has not is replaced by its rows.
    """
    if kind == HELD_OUT:
        held = held_out.need(work.embeddings.bare, work.params)
        return None if held is None else QuerySource(kind, work.embeddings.bare, held.graph, held)
    if kind == UPLOADED and work.queries is not None:
        return QuerySource(kind, work.embeddings.bare, graph, given=work.queries)
    if kind == GIVEN and work.embeddings.queries is not None:
        data = work.embeddings
        return QuerySource(kind, data, graph, given=data, stated=stated)
    chosen = queries.selected(work) if kind == SELECTED else None
    if chosen is not None:
        own = work.embeddings.bare
        return QuerySource(kind, own, graph, selected=chosen.rows, name=chosen.name)
    return QuerySource(ROWS, work.embeddings.bare, graph)


@jobs.job("Building an index without the held-out rows", lane=jobs.by_size)
def held_out(progress: Progress, embeddings: EmbeddingSet, params: HnswParams) -> HeldOut:
    """An index without a tenth of the rows, up to 10,000; one for all pages and visitors."""
    rows = studies.held_out_rows(embeddings.n, seed=SEED)
    report = indexes.with_time_left(progress, embeddings, params)
    return studies.hold_out(embeddings.vectors, rows, params, progress=report)


def indexed_items(embeddings: EmbeddingSet, held: HeldOut) -> EmbeddingSet:
    """The rows of the data that the index without held-out rows has, in its order."""
    return _items_at(embeddings, held.kept)


@keeping(KEPT_ITEMS)
def _items_at(embeddings: EmbeddingSet, rows: Rows) -> EmbeddingSet:
    """Kept for the rows alone, which are the same for every setting of the index."""
    return EmbeddingSet.from_arrays(
        embeddings.vectors[rows],
        metadata=embeddings.metadata.iloc[rows].reset_index(drop=True),
        label_column=embeddings.label_column,
        name=embeddings.name,
    )


def rows_to_hold_out(work: Workspace) -> Rows | None:
    """The rows that are held out of an index of the session's data; None where there is none."""
    if rows_kind(work) == ROWS:
        return None
    return _drawn(work.embeddings.n)


@jobs.cached
def _drawn(n: int) -> Rows:
    """The rows of n that are held out; drawn once, for a page asks for them in each run."""
    return studies.held_out_rows(n, seed=SEED)


def lacks_held_out(work: Workspace) -> bool:
    """Whether the queries are held-out rows, and the index without them is not built yet."""
    asked = queries.held(work).source == HELD_OUT
    return asked and not has_held_out(work.embeddings, work.params)


def has_held_out(embeddings: EmbeddingSet, params: HnswParams) -> bool:
    """Whether the index without held-out rows is there."""
    return held_out.finished(embeddings.bare, params) is not None


def held_out_index(embeddings: EmbeddingSet, params: HnswParams, progress: Progress) -> HeldOut:
    """The same within another job, which waits for it while it is built elsewhere."""
    return held_out.within(progress, embeddings.bare, params)
