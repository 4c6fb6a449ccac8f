"""A graph with the links that an insertion makes, and whether they are those of another graph."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.index.graph import Adjacency, HnswGraph, ranges
from core.index.insertion.results import Ids, InsertionTrace


def with_inserted(graph: HnswGraph, trace: InsertionTrace) -> HnswGraph:
    """The graph that a traced insertion leaves, its new row being the last."""
    links = _grown(graph, trace)
    n = graph.n
    return replace(
        graph,
        vectors=np.concatenate([graph.vectors, trace.vector[None]]),
        entry_point=n if trace.becomes_entry else graph.entry_point,
        levels=np.append(graph.levels, np.int32(trace.level)),
        labels=np.append(graph.labels, graph.labels[-1] + 1),
        deleted=np.append(graph.deleted, False),
        base=links.base,
        upper=links.upper,
        upper_start=np.append(graph.upper_start, len(graph.upper.indptr) - 1),
    )


def differing_rows(graph: HnswGraph, trace: InsertionTrace, after: HnswGraph) -> Ids:
    """Rows whose links, level or place as entry point differ between the replay and `after`.

    after: the graph with the row inserted, as hnswlib left it. All layers are compared, and the
    order of the links.
    """
    links = _grown(graph, trace)
    entry = graph.n if trace.becomes_entry else graph.entry_point
    levels = np.append(graph.levels, np.int32(trace.level))
    wrong = levels != after.levels
    if entry != after.entry_point:
        wrong[after.entry_point] = True
    wrong |= _differing(links.base, after.base)
    if np.array_equal(levels, after.levels):
        owners = np.repeat(np.arange(graph.n + 1), levels)
        wrong[owners[_differing(links.upper, after.upper)]] = True
    return np.flatnonzero(wrong)


@dataclass(frozen=True, eq=False)
class _Links:
    base: Adjacency
    upper: Adjacency


def _grown(graph: HnswGraph, trace: InsertionTrace) -> _Links:
    base: dict[int, Ids] = {graph.n: np.empty(0, dtype=np.int64)}
    first = len(graph.upper.indptr) - 1
    upper: dict[int, Ids] = {first + i: np.empty(0, dtype=np.int64) for i in range(trace.level)}
    for made in trace.layers:
        changed = {other.neighbor: other.links for other in made.reverse}
        if made.layer == 0:
            base |= {**changed, graph.n: made.links}
            continue
        below = made.layer - 1
        upper |= {int(graph.upper_start[row]) + below: links for row, links in changed.items()}
        upper[first + below] = made.links
    return _Links(
        _spliced(graph.base, base, graph.n + 1), _spliced(graph.upper, upper, first + trace.level)
    )


def _spliced(links: Adjacency, changed: Mapping[int, Ids], rows: int) -> Adjacency:
    """Links with some rows replaced or added, in `rows` rows."""
    before = len(links.indptr) - 1
    counts = np.zeros(rows, dtype=np.int64)
    counts[:before] = links.degrees
    same = np.arange(rows) < before
    for row, targets in changed.items():
        counts[row], same[row] = len(targets), False
    indptr = np.concatenate([[0], np.cumsum(counts)])
    out = np.empty(indptr[-1], dtype=np.int32)
    kept = np.flatnonzero(same)
    sizes = counts[kept]
    out[ranges(indptr[kept], sizes)] = links.targets[ranges(links.indptr[kept], sizes)]
    for row, targets in changed.items():
        out[indptr[row] : indptr[row + 1]] = targets
    return Adjacency(indptr, out)


def _differing(left: Adjacency, right: Adjacency) -> npt.NDArray[np.bool_]:
    """Which rows do not hold the same links in the same order, (rows,)."""
    same = left.degrees == right.degrees
    equal = np.flatnonzero(same)
    sizes = left.degrees[equal]
    unequal = (
        left.targets[ranges(left.indptr[equal], sizes)]
        != right.targets[ranges(right.indptr[equal], sizes)]
    )
    wrong: npt.NDArray[np.bool_] = ~same
    wrong[np.repeat(equal, sizes)[unequal]] = True
    return wrong
