"""Coordinates of the map: what is asked for, as far as it is there, and what a map keeps."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.distances import Metric
from core.errors import MissingExtraError
from core.index import HnswGraph, HnswParams, Neighbors, build_hnsw, search
from core.progress import ROWS_INSERTED, counted, part
from core.progress import Progress as Report
from core.projection import (
    LayoutSettings,
    Projection,
    Steps,
    TsneSettings,
    UmapSettings,
    check_extra,
    project_columns,
    project_given,
    project_pacmap,
    project_tsne,
    project_umap,
)
from core.projection.result import frozen
from core.studies import KnnLists
from core.studies.parts.knn import ROWS_AT_MOST
from pages.map import kept_maps, layout_controls, layout_words, map_names, subsets
from pages.map.drawing import Rows
from pages.map.kept_maps import KeptMap, Name
from pages.map.layout_controls import GIVEN, Asked
from pages.ui import jobs
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.jobs import Progress
from pages.ui.jobs.key import fingerprint
from pages.ui.results import indexes, projections
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

EF = 64
SEED = 0
BUILD_SHARE = 0.8  # of the time that neighbors take which need an index of their own
LENGTHS = (indexes.KNN, 100, 200, 300)  # of the lists: few, so that settings share them
FEWEST_SECONDS = 1.0  # between two pictures of a layout that converges
ROWS_A_SECOND = 50_000  # that are drawn anew
_PRESENT: Slot[Name | None] = Slot("map_layout", lambda: None)

Coordinates = npt.NDArray[np.float32]
Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shown:
    """What the map draws. projection: (n, 2 or 3) of all rows of the data.

    placed: (n,) rows that have a place; None where all have. part, own: what was projected, a
    workspace of its own where a selection is projected alone, and its coordinates. notes: what is
    to be said of it. is_final: whether it is what was asked for, and finished. name: that areas on
    it have in a link, `map_names.NO_NAME` while it changes.
    """

    projection: Projection
    placed: npt.NDArray[np.bool_] | None
    part: Workspace
    own: Projection
    notes: tuple[str, ...] = ()
    is_final: bool = True
    name: str = map_names.NO_NAME

    @property
    def selectable(self) -> Projection:
        """The map with rows that have no place at NaN, where no area holds them."""
        return self.projection if self.placed is None else _selectable(self.projection, self.placed)

    @property
    def is_whole(self) -> bool:
        """Whether it is finished and every row has its place."""
        return self.is_final and self.placed is None


@dataclass(frozen=True, eq=False)
class _Own:
    """A map of what is projected, as `Shown` has it of all rows."""

    projection: Projection
    notes: tuple[str, ...] = ()
    is_final: bool = True
    name: str = map_names.NO_NAME


def projection_of(work: Workspace, asked: Asked, components: int) -> Shown:
    """The map that is asked for, or what is there of it; draws the progress of the rest.

    The maps that are kept are listed in the place that `asked` has for them.
    """
    if asked.method == GIVEN:
        return _given(work, asked.columns, components)
    shown = _projected(work, asked, components)
    layout_controls.list_kept(work, asked, components)
    if shown.is_final or not shown.notes:
        return shown
    messages.note(plain(" ".join(shown.notes)))  # beside the progress
    return replace(shown, notes=())


def _projected(work: Workspace, asked: Asked, components: int) -> Shown:
    rows = subsets.rows_of(work.embeddings, asked.rows)
    if rows is None:
        own = _own(work, asked.settings, components, work.embeddings.labels)
        return Shown(own.projection, None, work, own.projection, own.notes, own.is_final, own.name)
    part, labels = subsets.part_of(work, rows), work.embeddings.labels
    own = _own(part, asked.settings, components, None if labels is None else _taken(labels, rows))
    everywhere, placed = _among_all(own.projection, rows, work.embeddings.n)
    notes = (layout_words.alone(len(rows), work.embeddings.n), *own.notes)
    name = map_names.of_rows(own.name, asked.rows)
    return Shown(everywhere, placed, part, own.projection, notes, own.is_final, name)


def _own(
    work: Workspace, settings: LayoutSettings | None, components: int, labels: Codes | None
) -> _Own:
    """The map of the rows of a workspace. labels: (n,) codes of their classes."""
    if settings is None:
        return _Own(projections.pca(work.embeddings, components), name=map_names.PCA)
    drawn_by = labels if isinstance(settings, UmapSettings) and settings.label_weight else None
    vectors = fingerprint(work.embeddings.bare)
    name = Name(vectors, components, settings, "" if drawn_by is None else fingerprint(drawn_by))
    kept = kept_maps.find(work.embeddings, name) or _came_along(work, name)
    if kept is None:
        return _laid_out(work, name, drawn_by)
    return _finished(work, kept)


def _finished(work: Workspace, kept: KeptMap) -> _Own:
    _PRESENT.set(kept.name)
    kept_maps.note(kept)
    notes = [] if kept.came_along else [layout_words.started(kept.name.settings, kept.before)]
    if not has_exact_graph(work.embeddings):
        settings = kept.name.settings
        own = None if settings.metric == work.params.metric else settings.metric
        notes.append(layout_words.neighbors_from_index(_ef(settings), own))
    return _Own(kept.projection, tuple(notes), name=map_names.of_layout(kept, work.params.metric))


def _laid_out(work: Workspace, name: Name, codes: Codes | None) -> _Own:
    """A layout that is not kept yet: finished now, or what is there while it is made."""
    settings = name.settings
    before = _before(work.embeddings, name)
    until = (
        projections.pca(work.embeddings, name.components) if before is None else before.projection
    )
    try:
        check_extra(settings.method)
    except MissingExtraError as error:
        messages.warn(str(error))
        return _Own(projections.pca(work.embeddings, name.components), is_final=False)
    lists = _lists(work, settings)
    if lists is None:
        return _Own(until, (layout_words.waiting(settings, until),), is_final=False)
    start = None if before is None else before.projection.coordinates
    asked = (work.embeddings.bare, lists, settings, name.components, codes, start)
    found = _layout.need(*asked)
    if found is not None:
        made = kept_maps.KEPT.add(name, found, None if before is None else before.name.settings)
        return _finished(work, made)
    told = _layout.partial(*asked)
    if _layout.is_stopped(*asked):
        shown = told or until
        return _Own(shown, (layout_words.stopped(settings, shown),), is_final=False)
    if told is None:
        return _Own(until, (layout_words.waiting(settings, until),), is_final=False)
    return _Own(told, is_final=False)


def _before(embeddings: EmbeddingSet, name: Name) -> KeptMap | None:
    """The finished map that the session saw last, where only settings differ from it."""
    present = _PRESENT.get()
    if present is None or (present.vectors, present.components) != (name.vectors, name.components):
        return None
    if present.settings.method != name.settings.method:
        return None
    return kept_maps.find(embeddings, present)


def _came_along(work: Workspace, name: Name) -> KeptMap | None:
    if not isinstance(name.settings, UmapSettings) or name.codes:
        return None
    found = projections.stored(work.embeddings, name.components, name.settings)
    return None if found is None else kept_maps.KEPT.add(name, found, came_along=True)


def name_of(work: Workspace, projection: Projection) -> str:
    """The name of a finished map (n, 2) of all rows, `map_names.NO_NAME` where it is none."""
    found = (name for name, each in _finished_maps(work) if each is projection)
    return next(found, map_names.NO_NAME)


def at_hand(work: Workspace, on_page: Mapping[str, Projection], name: str) -> Projection | None:
    """The map (n, 2) of a name without waiting; on_page: those that are drawn, by name."""
    if name == map_names.NO_NAME:
        return None
    if name in on_page:
        return on_page[name]
    return next((each for known, each in _finished_maps(work) if known == name), None)


def _finished_maps(work: Workspace) -> Iterator[tuple[str, Projection]]:
    yield map_names.PCA, projections.pca(work.embeddings)
    for kept in kept_maps.of_session(work.embeddings, 2, everybodys=True):
        yield map_names.of_layout(kept, work.params.metric), kept.projection
    along = projections.kept_umap(work.embeddings, 2, work.params.metric)
    if along is not None:
        yield along.method, along


def has_exact_graph(embeddings: EmbeddingSet) -> bool:
    """Whether a layout is over exact neighbors: up to 20,000 rows."""
    return embeddings.n <= ROWS_AT_MOST


def _lists(work: Workspace, settings: LayoutSettings) -> KnnLists | None:
    """Neighbors of all rows: exact ones up to 20,000 rows, those that an index finds above.

    That is the session's, or one by the layout's own metric. Of one of few lengths, so that layouts
    share them.
    """
    embeddings, k = work.embeddings, _length(settings, work.embeddings.n)
    if not has_exact_graph(embeddings):
        if settings.metric != work.params.metric:
            params = replace(work.params, metric=settings.metric)
            return _index_near_by.need(embeddings.bare, params, k, _ef(settings))
        graph = indexes.graph(work)
        return None if graph is None else _index_near.need(embeddings.bare, graph, k, _ef(settings))
    if k == indexes.KNN and settings.metric == work.params.metric:
        return indexes.knn(work, k)
    return _near.need(embeddings.bare, min(k, embeddings.n - 1), settings.metric)


def _length(settings: LayoutSettings, n: int) -> int:
    needed = min(settings.k, n - 1)
    return next((length for length in LENGTHS if length >= needed), LENGTHS[-1])


def _ef(settings: LayoutSettings) -> int:
    """The beam width that finds neighbors for a layout: half as many again as are wanted."""
    return max(EF, 3 * settings.k // 2)


def _given(work: Workspace, columns: tuple[str, ...], components: int) -> Shown:
    """The vectors themselves, or columns of numbers, with as many axes as the view has."""
    placed: npt.NDArray[np.bool_] | None = None
    given = _given_vectors(work.embeddings.bare) if not columns else None
    if given is None:
        given, has_place = _given_columns(work.embeddings, columns)
        placed = None if has_place.all() else has_place
    axes = given.coordinates.shape[1]
    shown = _with_axes(given, components)
    missing = 0 if placed is None else int((~placed).sum())
    notes = (layout_words.flat(shown, axes), layout_words.unplaced(missing, columns))
    name = map_names.of_columns(columns, layout_controls.usual_columns(work.embeddings))
    return Shown(shown, placed, work, shown, tuple(filter(None, notes)), name=name)


@jobs.cached
def _given_vectors(embeddings: EmbeddingSet) -> Projection:
    return project_given(embeddings.vectors)


@jobs.cached
def _given_columns(
    embeddings: EmbeddingSet, columns: tuple[str, ...]
) -> tuple[Projection, npt.NDArray[np.bool_]]:
    return project_columns(embeddings.metadata, columns)


@jobs.cached
def _with_axes(given: Projection, components: int) -> Projection:
    """Given coordinates with the first axes only, or a last one that is 0."""
    places = given.coordinates[:, :components]
    lacking = components - places.shape[1]
    if not lacking and places.shape == given.coordinates.shape:
        return given
    return replace(given, coordinates=frozen(np.pad(places, ((0, 0), (0, lacking)))))


@jobs.cached
def _among_all(own: Projection, rows: Rows, n: int) -> tuple[Projection, npt.NDArray[np.bool_]]:
    """A map of some rows as one of all n, the others at its mean, and which rows have a place."""
    places = np.repeat(own.coordinates.mean(axis=0, keepdims=True), n, axis=0)
    places[rows] = own.coordinates
    placed = np.zeros(n, dtype=bool)
    placed[rows] = True
    return replace(own, coordinates=frozen(places)), placed


@jobs.cached
def _selectable(projection: Projection, placed: npt.NDArray[np.bool_]) -> Projection:
    places = np.where(placed[:, None], projection.coordinates, np.nan)
    return replace(projection, coordinates=frozen(places))


@jobs.cached
def _taken(labels: Codes, rows: Rows) -> Codes:
    taken = labels[rows]
    taken.setflags(write=False)
    return taken


class Telling:
    """Hands the layout on while it converges, beside the share done: once in `seconds` at most."""

    def __init__(
        self, progress: Progress, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._progress, self._seconds, self._clock = progress, seconds, clock
        self._said, self._told = (0.0, ""), clock()

    def progress(self, share: float, words: str) -> None:
        """The layout's report."""
        self._said = (share, words)
        self._progress(share, words)

    def watch(self, steps: Steps, make: Callable[[], Projection]) -> None:
        """Hand the layout on if it is time."""
        if steps.done and self._clock() - self._told >= self._seconds:
            self._progress(*self._said, make())
            self._told = self._clock()


@jobs.job("Laying out the {settings}", lane="process", kind="layout")
def _layout(
    progress: Progress,
    embeddings: EmbeddingSet,
    lists: KnnLists,
    settings: LayoutSettings,
    components: int,
    codes: Codes | None,
    start: Coordinates | None,
) -> Projection:
    telling = Telling(progress, max(FEWEST_SECONDS, embeddings.n / ROWS_A_SECOND))
    k = min(settings.k, lists.k)
    ids, distances = lists.neighbors.ids[:, :k], lists.neighbors.distances[:, :k]
    same: Any = {
        "components": components,
        "seed": settings.seed,
        "start": start,
        "progress": telling.progress,
        "watch": telling.watch,
    }
    if isinstance(settings, UmapSettings):
        return project_umap(
            embeddings.vectors,
            ids,
            distances,
            min_dist=settings.min_dist,
            codes=codes,
            label_weight=settings.label_weight,
            **same,
        )
    if isinstance(settings, TsneSettings):
        return project_tsne(
            embeddings.vectors,
            ids,
            distances,
            perplexity=settings.perplexity,
            exaggeration=settings.exaggeration,
            **same,
        )
    return project_pacmap(
        embeddings.vectors,
        ids,
        distances,
        metric=settings.metric,
        neighbors=settings.neighbors,
        mid_near=settings.mid_near,
        further=settings.further,
        **same,
    )


@jobs.job("Finding {k} neighbors of each row", lane=indexes.lane_of_lists)
def _near(progress: Progress, embeddings: EmbeddingSet, k: int, metric: Metric) -> KnnLists:
    return indexes.lists_of(progress, embeddings, k, metric)


@jobs.job("Finding {k} neighbors of each row with the index", lane=jobs.by_size)
def _index_near(
    progress: Progress, embeddings: EmbeddingSet, graph: HnswGraph, k: int, ef: int
) -> KnnLists:
    return _found_by(graph, embeddings, k, ef, progress)


@jobs.job("Finding {k} neighbors of each row with an index of their metric")
def _index_near_by(
    progress: Progress, embeddings: EmbeddingSet, params: HnswParams, k: int, ef: int
) -> KnnLists:
    report = counted(part(progress, 0.0, BUILD_SHARE), ROWS_INSERTED)
    graph = build_hnsw(embeddings.vectors, params, progress=report)
    return _found_by(graph, embeddings, k, ef, part(progress, BUILD_SHARE, 1.0))


def _found_by(
    graph: HnswGraph, embeddings: EmbeddingSet, k: int, ef: int, progress: Report
) -> KnnLists:
    report = counted(progress, "{:,} of {:,} rows")
    rows = np.arange(embeddings.n)
    k = min(k, max(1, graph.n - graph.n_deleted - 1))
    found = search(graph, embeddings.vectors, k, max(ef, k), exclude=rows, progress=report)
    near = Neighbors(found.ids, np.nan_to_num(found.distances))
    return KnnLists(rows, near, graph.metric, embeddings.n, SEED)
