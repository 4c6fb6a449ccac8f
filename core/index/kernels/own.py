"""Each row searched for by its own vector."""

from core.index.kernels.answers import UNBOUNDED
from core.index.kernels.beam import advance
from core.index.kernels.compile import kernel
from core.index.kernels.descent import begin
from core.index.kernels.distance import true_distance
from core.index.kernels.types import ROW_MASK, SIZE


@kernel
def own_block(graph, scratch, record, rows, width, found, first):
    """Search for each of `rows` with a beam of `width`.

    record: an empty one. Writes whether the beam holds the row at the end, found (r,), and whether
    no other row that it holds first is strictly nearer, first (r,).
    """
    for i in range(len(rows)):
        begin(graph, scratch, graph.vectors[rows[i]], width + 1)
        advance(graph, scratch, record, width, UNBOUNDED)
        found[i] = _holds(scratch.entry, scratch.state[SIZE], graph.deleted, rows[i], width)
        first[i] = found[i] and _leads(graph, scratch, rows[i])


@kernel
def _holds(entry, size, deleted, row, width):
    """Whether a row is among the first `width` live entries."""
    live, position = 0, 0
    while position < size and live < width:
        other = entry[position] & ROW_MASK
        if other == row:
            return True
        live += not deleted[other]
        position += 1
    return False


@kernel
def _leads(graph, scratch, row):
    """Whether the first live entry is the row or no nearer to its vector than itself."""
    position = 0
    while graph.deleted[scratch.entry[position] & ROW_MASK]:
        position += 1
    nearest = scratch.entry[position] & ROW_MASK
    query = graph.vectors[row]
    ahead = true_distance(graph.vectors, nearest, query, graph.squared, graph.unit)
    own = true_distance(graph.vectors, row, query, graph.squared, graph.unit)
    return nearest == row or ahead >= own
