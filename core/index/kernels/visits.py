"""Which rows a search visits on layer 0, and where its descent ends."""

from core.index.kernels.answers import UNBOUNDED
from core.index.kernels.beam import advance
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.types import ROW_MASK


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
