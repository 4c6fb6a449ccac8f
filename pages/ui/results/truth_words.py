"""What the true neighbors are those of, where only the vectors that the index stores are known."""

import pandas as pd

from core.distances import Floats
from core.index import HnswGraph
from core.studies import holds_stored_vectors
from pages.ui.display import messages
from pages.ui.display.text import plain
from pages.ui.session.workspace import Workspace

COLUMN = "truth of"


def stored_as(graph: HnswGraph, vectors: Floats) -> str:
    """What `vectors` (n, d) are, "vectors decoded from PQ 8 x 4 bit codes", or "" as they were.

    vectors: those that the true neighbors are taken from.
    """
    parts = []
    if graph.codes is not None:
        parts.append(f"decoded from {graph.codes} codes")
    if graph.carried is not None:
        parts.append(f"after {graph.carried}")
    known = not parts or not holds_stored_vectors(graph, vectors)
    return "" if known else f"vectors {' '.join(parts)}"


def sentence(graph: HnswGraph, vectors: Floats) -> str:
    """One sentence for wherever recall is shown; "" where the vectors are as they were added."""
    stored = stored_as(graph, vectors)
    if not stored:
        return ""
    return (
        f"The truth, too, is of {stored}: recall counts what the graph loses, not what they lose; "
        "to count both, load the data, or give its vectors beside it, and open the index file "
        "again."
    )


def show(work: Workspace, graph: HnswGraph | None) -> None:
    """The sentence as a note, if there is something to say, and a graph by now."""
    text = "" if graph is None else sentence(graph, work.embeddings.vectors)
    if text:
        messages.note(plain(text))


def told(frame: pd.DataFrame, graph: HnswGraph, vectors: Floats) -> pd.DataFrame:
    """A table for a file, with a last column that says what its truth is of, if that is needed."""
    stored = stored_as(graph, vectors)
    return frame.assign(**{COLUMN: stored}) if stored else frame
