"""Which rows a search visits on layer 0, where its descent ends, and which beam returns a row."""

from core.index.kernels.answers import UNBOUNDED
from core.index.kernels.beam import advance
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.types import ROW_MASK, SIZE, STOPPED, Record


@kernel
def visits_block(graph, scratch, record, queries, exclude, width, k, rows, visited, start):
    """Search each query as `search_block` does; writes whether layer 0 computed the distance of
    each of rows[q], visited (q, r), and the row that the descent ended at, start (q,)."""
    for q in range(len(queries)):
        beam_width = max(width, k + 1) if exclude[q] >= 0 else width
        begin(graph, scratch, queries[q], beam_width + 1)
        start[q] = scratch.entry[0] & ROW_MASK
        advance(graph, scratch, record, beam_width, UNBOUNDED)
        for i in range(rows.shape[1]):
            row = rows[q, i]
            visited[q, i] = row >= 0 and scratch.marks[row] == scratch.tag[0]


@kernel
def smallest_ef_block(
    graph, scratch, nothing, place_of, present, queries, rows, exclude, ef_max, smallest
):
    """One traversal per query; writes the first ef from k = rows.shape[1] to ef_max whose answer
    holds each of rows (q, k), smallest (q, k), and leaves -1 where none does.

    Between two hops the nearest k stay as they are, and the beams that stop there answer with them.
    nothing: an empty record. place_of: (n,) int32 filled with -1. present: (k,) int64.
    """
    k = rows.shape[1]
    for q in range(len(queries)):
        wanted = _mark(rows, q, place_of)
        first = k + 1 if exclude[q] >= 0 else k
        record = _plain(nothing, exclude[q], k, first)
        begin(graph, scratch, queries[q], k)
        more = True
        while more and wanted > 0:
            stopped = scratch.state[STOPPED]
            count = _present(scratch, graph.deleted, exclude[q], k, place_of, present)
            more = advance(graph, scratch, record, max(ef_max, first), 1)
            if scratch.state[STOPPED] > stopped:
                wanted -= _note(smallest, q, present, count, stopped + 1)
        for j in range(k):
            if rows[q, j] >= 0:
                place_of[rows[q, j]] = -1


@kernel
def _plain(nothing, exclude, k, first):
    """An empty record that stops at each beam from `first` on."""
    return Record(
        nothing.out,
        nothing.now,
        nothing.ks,
        nothing.known,
        nothing.rank_tag,
        nothing.tie_tag,
        nothing.limits,
        nothing.vectors,
        nothing.query,
        nothing.squared,
        nothing.unit,
        exclude,
        k,
        first,
    )


@kernel
def _mark(rows, q, place_of):
    """Write the places of rows[q]; returns how many rows there are."""
    count = 0
    for j in range(rows.shape[1]):
        if rows[q, j] >= 0:
            place_of[rows[q, j]] = j
            count += 1
    return count


@kernel
def _present(scratch, deleted, exclude, k, place_of, present):
    """Write the places of the rows that stand among the first k live entries; returns how many."""
    live, count, position = 0, 0, 0
    while position < scratch.state[SIZE] and live < k:
        row = scratch.entry[position] & ROW_MASK
        position += 1
        if row == exclude or deleted[row]:
            continue
        live += 1
        if place_of[row] >= 0:
            present[count] = place_of[row]
            count += 1
    return count


@kernel
def _note(smallest, q, present, count, ef):
    """Write `ef` for the rows that are returned for the first time; returns how many are."""
    new = 0
    for i in range(count):
        if smallest[q, present[i]] < 0:
            smallest[q, present[i]] = ef
            new += 1
    return new
