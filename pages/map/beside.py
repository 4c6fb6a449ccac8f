"""A second map beside the first: another projection of the same rows, with the same colors."""

from core.projection import Projection, UmapSettings
from pages.map import kept_maps, layout_words
from pages.map.layout_controls import GIVEN, PCA, Asked
from pages.ui.controls import widgets
from pages.ui.results import projections
from pages.ui.session.workspace import Workspace

NOTHING = "no other map"


def choose(work: Workspace, asked: Asked, components: int) -> str:
    """What to draw beside the map that is asked for: "PCA", a kept map's settings or `NOTHING`."""
    shown = name_of(asked)
    names = [PCA, *_kept(work, components)]
    return widgets.select(
        "Compare with",
        "beside",
        [NOTHING, *(name for name in names if name != shown)],
        help="Draws a second map beside the first: the PCA or a map that was laid out before. A "
        "row under the pointer is ringed on both, and what is selected on one is selected on the "
        "other.",
    )


def name_of(asked: Asked) -> str:
    """What a map is called where two stand side by side."""
    if asked.settings is None:
        return GIVEN if asked.method == GIVEN else PCA
    return layout_words.settings_words(asked.settings)


def projection(work: Workspace, wanted: str, components: int) -> Projection | None:
    """The map of a choice; None for `NOTHING`."""
    if wanted == PCA:
        return projections.pca(work.embeddings, components)
    return _kept(work, components).get(wanted)


def _kept(work: Workspace, components: int) -> dict[str, Projection]:
    """The finished layouts of all rows by their settings, the one of a sample among them."""
    along = projections.kept_umap(work.embeddings, components, work.params.metric)
    default = layout_words.settings_words(UmapSettings(metric=work.params.metric))
    found = {} if along is None else {default: along}
    for each in kept_maps.of_session(work.embeddings, components, everybodys=work.is_sample):
        found.setdefault(layout_words.settings_words(each.name.settings), each.projection)
    return found
