"""Which regions of the map are named, and by what."""

from core.data import EmbeddingSet
from core.figures.map import LEGEND_AT_MOST, Classes, Values
from core.progress import counted
from core.projection import Projection
from core.projection.regions import Region, label_regions, word_regions
from core.projection.regions_words import Words, count_words
from pages.map import colors as colors_of
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.jobs import Progress
from pages.ui.session.workspace import Workspace

WORDS, LABELS = "words", "labels"


def choose(embeddings: EmbeddingSet) -> str:
    """Whether words or labels name the regions, asked where the data has both."""
    options = [WORDS] if embeddings.text_columns else []
    options += [LABELS] if embeddings.label_column is not None else []
    if len(options) < 2:
        return options[0] if options else LABELS
    return widgets.segmented("Name the regions by", "names", options)


def kind(embeddings: EmbeddingSet, colors: Classes | Values | None, wanted: str = "") -> str:
    """What the regions are named by: what is wanted where it can be, else what can; or "".

    Labels are those of the color where it has more classes than a legend shows; classes that a
    legend names are not named again.
    """
    options = [WORDS] if embeddings.text_columns else []
    options += [LABELS] if _classes(embeddings, colors) else []
    return wanted if wanted in options else next(iter(options), "")


def regions(
    work: Workspace,
    projection: Projection,
    colors: Classes | Values | None,
    wanted: str = "",
) -> tuple[Region, ...]:
    """The named regions, largest first, some 300 at most; of all rows, also where some are drawn.

    wanted: `WORDS` or `LABELS`, see `kind`. Empty also while the words are being counted.
    """
    match kind(work.embeddings, colors, wanted):
        case "words":
            return _by_words(work, projection)
        case "labels" if isinstance(colors, Classes):
            return _by_labels(projection, colors)
        case "labels":
            label = work.embeddings.label_column or ""
            classes = colors_of.colors(work, label)
            return _by_labels(projection, classes) if isinstance(classes, Classes) else ()
    return ()


def walked(projection: Projection, colors: Classes | Values | None) -> tuple[Region, ...]:
    """The regions that keys walk through on a map whose legend names the classes."""
    return _by_labels(projection, colors) if isinstance(colors, Classes) else ()


def source(
    embeddings: EmbeddingSet, colors: Classes | Values | None, named: int, wanted: str = ""
) -> str:
    """What the names on the map are, in a sentence; "" without names."""
    if not named:
        return ""
    if kind(embeddings, colors, wanted) == WORDS:
        column = embeddings.text_columns[-1]
        return (
            f"Regions are named by the words that their {column} has more than the rest; one "
            "within another by those that set it apart there."
        )
    title = _classes(embeddings, colors)
    return (
        f"Regions are named by their commonest {title}, with its share, or by the two commonest; "
        "one within another where these differ."
    )


def _classes(embeddings: EmbeddingSet, colors: Classes | Values | None) -> str:
    """The column whose classes may name regions, or ""."""
    if isinstance(colors, Classes):
        return "" if len(colors.names) <= LEGEND_AT_MOST else colors.title
    return embeddings.label_column or ""


@jobs.cached
def _by_labels(projection: Projection, colors: Classes) -> tuple[Region, ...]:
    return label_regions(projection.coordinates, colors.codes, colors.names)


def _by_words(work: Workspace, projection: Projection) -> tuple[Region, ...]:
    words = words_of.need(work.embeddings)
    if words is None:
        return ()
    return _named.need(jobs.Named(work.embeddings.fingerprint, words), projection) or ()


@jobs.job("Counting the words of the texts")
def words_of(progress: Progress, embeddings: EmbeddingSet) -> Words:
    """The words of the longest text, which name regions and explain selections."""
    texts = embeddings.metadata[embeddings.text_columns[-1]].fillna("").astype(str).tolist()
    return count_words(texts, progress=counted(progress, "{:,} of {:,} texts"))


@jobs.job("Naming the regions of the map")
def _named(
    progress: Progress, words: jobs.Named[Words], projection: Projection
) -> tuple[Region, ...]:
    progress(0.0, "regions")
    return word_regions(projection.coordinates, words.value)
