"""What the pages need of a set, worked out while a person still looks at what was understood of it.

The results are kept where the pages look for them, so that the click finds them.
"""

from core.data import EmbeddingSet
from core.progress import Progress as Report
from core.progress import unheard
from pages.ui import jobs
from pages.ui.display import items
from pages.ui.jobs import Named, Progress
from pages.ui.results import projections


@jobs.job("Preparing the pages")
def prepare(progress: Progress, held: Named[EmbeddingSet]) -> None:
    """Name the set by its content, and lay out its PCA."""
    work(held.value, progress)


def work(embeddings: EmbeddingSet, progress: Report = unheard) -> None:
    """The same, here; `progress` hears of each step, and may end the work."""
    progress(0.0, "fingerprint")
    _ = embeddings.bare.fingerprint
    progress(0.2, "fingerprint of all columns")
    _ = embeddings.fingerprint
    progress(0.4, "PCA")
    projections.pca(embeddings)
    progress(0.9, "names")
    if items.name_column(embeddings) is not None:  # without one, pages make those that they show
        items.short_names(embeddings)
