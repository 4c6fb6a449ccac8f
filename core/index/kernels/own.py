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
    the nearest row that it holds is the row itself or exactly as near, first (r,).
    """
    itself_first = graph.squared or graph.unit  # nothing is nearer to a row than itself
    for i in range(len(rows)):
        begin(graph, scratch, graph.vectors[rows[i]], width + 1)
        advance(graph, scratch, record, width, UNBOUNDED)
        found[i] = _holds(scratch.entry, scratch.state[SIZE], graph.deleted, rows[i], width)
        first[i] = (found[i] and itself_first) or _leads(graph, scratch, rows[i], width)


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
def _leads(graph, scratch, row, width):
    """Whether the row, or one exactly as near, is the nearest of the first `width` live entries.

    All are asked, for the beam is in order of float32 distances.
    """
    vectors, deleted, entry, query = graph.vectors, graph.deleted, scratch.entry, graph.vectors[row]
    own = true_distance(vectors, row, query, graph.squared, graph.unit)
    live, position, held = 0, 0, False
    while position < scratch.state[SIZE] and live < width:
        other = entry[position] & ROW_MASK
        position += 1
        if deleted[other]:
            continue
        live += 1
        distance = true_distance(vectors, other, query, graph.squared, graph.unit)
        if distance < own:
            return False
        held |= distance == own
    return held
