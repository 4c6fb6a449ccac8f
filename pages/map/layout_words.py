"""What the Map page says of a layout: its settings, how far it is, what it started from."""

from collections.abc import Sequence

from core.distances import Metric, metric_name
from core.projection import (
    LayoutSettings,
    Projection,
    Steps,
    TsneSettings,
    UmapSettings,
)
from pages.ui.display.text import count

MINUTE = 60.0  # seconds
HOUR = 60  # minutes


def opening(projection: Projection, name: str, n: int) -> str:
    """How the page's sentence begins: which map of what lays out how many items."""
    items = count(n, "item")
    if projection.method == "given":
        return f"The {_given(projection)} of {name} lay out {items}"
    so_far = "" if projection.steps is None else f", {after(projection.steps)},"
    return f"The {projection.name} of {name}{so_far} lays out {items}"


def _given(projection: Projection) -> str:
    if not projection.columns:
        return "vectors"
    *first, last = projection.columns
    return f"columns {', '.join(first)} and {last}"


def after(steps: Steps) -> str:
    """How far a layout has come."""
    return f"after {steps.done:,} of {steps.total:,} {steps.unit}"


def axis_names(projection: Projection) -> tuple[str, ...]:
    """The names of a map's axes."""
    components = projection.coordinates.shape[1]
    known = projection.columns[:components]
    name = "Dimension" if projection.method == "given" else projection.name
    rest = [f"{name} {axis + 1}" for axis in range(len(known), components)]
    return (*known, *rest)


def settings_words(settings: LayoutSettings) -> str:
    """The settings of a layout, in a line.

    >>> settings_words(UmapSettings())
    'UMAP: 15 neighbors, min_dist 0.1, cosine distance, seed 42'
    """
    metric = metric_name(settings.metric)
    return f"{settings}: {_shape(settings)}, {metric} distance, seed {settings.seed}"


def _shape(settings: LayoutSettings) -> str:
    if isinstance(settings, UmapSettings):
        weight = settings.label_weight
        drawn = f", labels with weight {weight:g}" if weight else ""
        return f"{settings.neighbors} neighbors, min_dist {settings.min_dist:g}{drawn}"
    if isinstance(settings, TsneSettings):
        exaggeration = f", exaggeration {settings.exaggeration:g}"
        return f"perplexity {settings.perplexity:g}{exaggeration}"
    return (
        f"{settings.neighbors} neighbors, {settings.mid_near:g} mid-near and "
        f"{settings.further:g} further pairs for each"
    )


def ago(passed: float) -> str:
    """How long ago something was, of which `passed` seconds have gone by.

    >>> ago(20), ago(180)
    ('just now', '3 min ago')
    """
    minutes = round(passed / MINUTE)
    if passed < MINUTE:
        return "just now"
    return f"{minutes:,} min ago" if minutes < HOUR else f"{round(minutes / HOUR):,} h ago"


def waiting(settings: LayoutSettings, shown: Projection) -> str:
    """What is drawn while a layout is sought that has told nothing yet."""
    if shown.method == "pca":
        return f"The {settings} is being laid out; until it begins, this is the PCA."
    return f"The {settings} is being laid out; until it begins, this is the {shown.name} before it."


def stopped(settings: LayoutSettings, shown: Projection) -> str:
    """What is drawn of a layout that was stopped."""
    if shown.steps is not None:
        return f"The {settings} was stopped {after(shown.steps)}, and is drawn as it was then."
    return f"The {settings} was stopped before it began; this is the {shown.name}."


def started(settings: LayoutSettings, before: LayoutSettings | None) -> str:
    """What a layout started from and is turned onto."""
    if before is None:
        return f"The {settings} started from the PCA, and is turned to lie on it."
    onto = f"the map before it ({settings_words(before)})"
    return f"The {settings} started from {onto}, and is turned to lie on it."


def neighbors_from_index(ef: int, metric: Metric | None = None) -> str:
    """What a layout of many rows rests on; metric: of an index that was built for it.

    >>> neighbors_from_index(64, "inner_product")
    'Laid out over the neighbors that an index by inner product distance found at ef 64.'
    """
    index = "the index" if metric is None else f"an index by {metric_name(metric)} distance"
    return f"Laid out over the neighbors that {index} found at ef {ef}."


def alone(part: int, n: int) -> str:
    """What a map of some rows leaves out."""
    return f"{count(part, 'item')} of {n:,}, laid out alone; the others are not drawn."


def unplaced(missing: int, columns: tuple[str, ...]) -> str:
    """How many rows have no place among given columns, or an empty text."""
    if not missing:
        return ""
    is_are = "has" if missing == 1 else "have"
    return f"{count(missing, 'item')} {is_are} no number in {' or '.join(columns)}, and no place."


def selected_elsewhere(names: Sequence[str]) -> str:
    """What is to be said where a link's selection is of maps that are not on this server.

    >>> selected_elsewhere(["PCA", "UMAP"])
    'This link selects on a PCA and a UMAP with other settings or rows than this map has; that \
selection is shown once such a map is laid out here.'
    """
    maps = " and ".join(f"a {name}" for name in names)
    return (
        f"This link selects on {maps} with other settings or rows than this map has; that "
        "selection is shown once such a map is laid out here."
    )


def flat(projection: Projection, given: int) -> str:
    """What happens where the view has another number of axes than the given coordinates."""
    components = projection.coordinates.shape[1]
    if given > components:
        return "The first two of three given dimensions; choose 3-D to see all."
    return "" if given == components else "Only two dimensions are given; the third is 0."
