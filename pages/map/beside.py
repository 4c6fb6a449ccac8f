"""A second map beside the first: another projection of the same rows, with the same colors."""

from collections.abc import Sequence

from core.index import HnswGraph
from core.projection import Projection
from pages.map import layouts
from pages.ui.controls import widgets
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

NOTHING = "no other map"


def choose(offered: Sequence[str], shown: str) -> str:
    """The projection to draw beside the one that is shown, or `NOTHING`.

    offered: the projections that the page has.
    """
    others = [method for method in offered if method != shown]
    if not others:
        return NOTHING
    return widgets.select(
        "Compare with",
        "beside",
        [NOTHING, *others],
        help="Draws a second map beside the first. A row under the pointer is ringed on both, and "
        "what is selected on one is selected on the other.",
    )


def projection(
    work: Workspace, graph: HnswGraph | None, wanted: str, components: int
) -> Projection | None:
    """The second map; None for none, and while it is laid out."""
    if wanted == "PCA":
        return projections.pca(work.embeddings, components)
    if wanted != "UMAP":
        return None
    kept = layouts.kept_umap(work, components)
    return kept or (None if graph is None else layouts.umap(work, graph, components))
