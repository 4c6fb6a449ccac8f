"""Checks data or an index against bounds: in memory, or from files."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from core.data import EmbeddingSet
from core.data.read import read_embeddings
from core.distances import Floats
from core.errors import BadRowsError, ChoiceError, DataError, IndexFileError, ParameterError
from core.gate.basis import Basis
from core.gate.bounds import (
    Bound,
    Bounds,
    DataSettings,
    FarBound,
    LostBound,
    MemoryBound,
    MissingBound,
    NormDriftBound,
    OpisBound,
    RecallBound,
    ServedBound,
    TarBound,
)
from core.gate.bounds_file import read_bounds
from core.gate.index_files import open_index
from core.gate.measures import measured
from core.gate.report import GateReport
from core.index import HnswGraph, index_file_kind
from core.progress import Progress, unheard
from core.studies import index_items

OF_QUERIES = (RecallBound, ServedBound)
OF_THE_INDEX = (*OF_QUERIES, LostBound, MissingBound, MemoryBound)
REMEDY = 'In [index] of the bounds: metric = "cosine", "euclidean" or "inner_product".'
OF_PAIRS = (FarBound, TarBound, OpisBound)


def check(
    checked: EmbeddingSet | HnswGraph | Floats,
    bounds: Bounds,
    *,
    index: HnswGraph | None = None,
    queries: Floats | None = None,
    name: str = "vectors",
    progress: Progress | None = None,
) -> GateReport:
    """Measure every bound on data, on an index, or on both.

    checked: a set, vectors (n, d), or an index, whose items are then the data. index: of the data,
    its labels being row numbers; without one it is built when a bound asks for it, by
    `bounds.index`. queries: (q, d); without them the set's own, else rows held out of the index
    that is built, else rows of the index. name: of vectors and of an index. progress: called as
    progress(share done, words).

    Raises CoreError where a bound cannot be measured: pairs without labels, an index of other data,
    more neighbors than there are rows.

    >>> from core.gate import DuplicatesBound
    >>> vectors = np.array([[1.0], [2.0], [1.0]])
    >>> check(vectors, Bounds((DuplicatesBound(at_most=0),))).broken[0].figure
    1.0
    """
    alone, heard = isinstance(checked, HnswGraph), progress or unheard
    if isinstance(checked, HnswGraph):
        if index is not None:
            raise ParameterError("index is given twice: what is checked is one already.")
        index, items = checked, index_items(checked, name)
    elif isinstance(checked, EmbeddingSet):
        items = checked
    else:
        items = EmbeddingSet.from_arrays(np.asarray(checked), name=name)
    place, count, results = 0, len(bounds.bounds), []

    def report(share: float, words: str) -> None:
        heard((place + share) / count, words)

    basis = Basis(items, bounds, index, queries, report, alone=alone)
    for place, bound in enumerate(bounds.bounds):  # noqa: B007 - `report` reads it
        report(0.0, bound.kind)
        results.append(measured(bound, basis))
    return GateReport(
        data=items.name,
        n=items.n,
        dim=items.dim,
        checks=tuple(results),
        index=basis.index_words if _has(bounds, OF_THE_INDEX) else "",
        queries=basis.asked.words if _has(bounds, OF_QUERIES) else "",
        pairs=basis.pair_words if _has(bounds, OF_PAIRS) else "",
        notes=_notes(items, index),
    )


def check_files(
    data: str | Path,
    bounds: str | Path | Bounds,
    *,
    index: str | Path | None = None,
    queries: str | Path | None = None,
    progress: Progress | None = None,
) -> GateReport:
    """`check` of files: vectors of any format that is read, or an index file, or both.

    bounds: a bounds file, or bounds; paths that a file names begin at its folder. Raises CoreError
    in words that name the file, and the line of the bounds that mends it where there is one.
    """
    if not isinstance(bounds, Bounds):
        bounds = _from_its_folder(read_bounds(bounds), Path(bounds).parent)
    asked = None if queries is None else read_embeddings(str(queries)).vectors
    try:
        items = _read(data, bounds)
    except DataError as error:
        if index is not None or not _is_index(data):
            raise type(error)(*_with_remedy(error)) from error
        if bounds.data != DataSettings():
            raise ParameterError(
                f"{Path(data).name} is an index file, which has none of what [data] of the bounds "
                "names. Give the vectors, and this file as the index."
            ) from error
        alone = _graph(data, bounds, None)
        return check(alone, bounds, queries=asked, name=Path(data).name, progress=progress)
    graph = None if index is None else _graph(index, bounds, items)
    return check(items, bounds, index=graph, queries=asked, progress=progress)


def _read(data: str | Path, bounds: Bounds) -> EmbeddingSet:
    settings = bounds.data
    return read_embeddings(
        str(data),
        vector_column=settings.vectors or None,
        label_column=settings.label or None,
        metadata=settings.metadata or None,
        bad_rows="drop" if settings.drop_bad_rows else "error",
    )


def _with_remedy(error: DataError) -> tuple[object, ...]:
    """The arguments of the same error, with the line of [data] that mends it."""
    if isinstance(error, ChoiceError):
        line = f"In [data] of the bounds: vectors = one of {', '.join(error.candidates)}."
        return f"{error} {line}", error.candidates
    if isinstance(error, BadRowsError):
        return f"{error} In [data] of the bounds: drop_bad_rows = true.", error.rows
    return (str(error),)


def _is_index(path: str | Path) -> bool:
    try:
        index_file_kind(str(path))
    except (IndexFileError, OSError):
        return False
    return True


def _graph(path: str | Path, bounds: Bounds, items: EmbeddingSet | None) -> HnswGraph:
    """The graph of an index file; the metric of the bounds serves where the file states none."""
    of_data = None if items is None else items.metric
    return open_index(path, bounds.index.metric or of_data, REMEDY)


def _from_its_folder(bounds: Bounds, folder: Path) -> Bounds:
    """The bounds with paths that begin where the file lies."""

    def found(bound: Bound) -> Bound:
        if not isinstance(bound, NormDriftBound):
            return bound
        return replace(bound, reference=str(folder / bound.reference))

    table = bounds.data.metadata
    data = replace(bounds.data, metadata=str(folder / table)) if table else bounds.data
    return replace(bounds, bounds=tuple(found(each) for each in bounds.bounds), data=data)


def _has(bounds: Bounds, kinds: tuple[type[Bound], ...]) -> bool:
    return any(isinstance(each, kinds) for each in bounds.bounds)


def _notes(items: EmbeddingSet, index: HnswGraph | None) -> tuple[str, ...]:
    """What was converted or left out on the way, as sentences."""
    said = (*items.notes, *(() if index is None else index.notes))
    return tuple(f"{each[:1].upper()}{each[1:]}." for each in dict.fromkeys(said))
