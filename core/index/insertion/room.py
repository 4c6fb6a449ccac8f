"""Working memory of the kernels of one insertion."""

import numpy as np

from core.index.graph import HnswGraph
from core.index.kernels.types import InsertionRoom


def new_room(graph: HnswGraph, width: int) -> InsertionRoom:
    """Memory for searches of `graph` with a beam of `width`."""
    n = graph.n
    near = min(width, n) + 2  # one before it is cut off, and a deleted entry point
    return InsertionRoom(
        near_distance=np.empty(near, np.float32),
        near=np.empty(near, np.int64),
        open_distance=np.empty(n + 1, np.float32),
        opened=np.empty(n + 1, np.int64),
        seen=np.zeros(n, np.bool_),
        expanded=np.empty(n, np.int64),
        ends=np.empty(n, np.int64),
        visited=np.empty(n, np.int64),
        visited_distance=np.empty(n, np.float32),
        kept=np.empty(2 * graph.m, np.int64),
        other=np.empty(graph.stored_dim, np.float32),
    )
