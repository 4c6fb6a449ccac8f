"""The neighbors under other distances side by side, with their ranks."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.studies import DISTANCES, MetricLists
from pages.neighbors import trail
from pages.neighbors.asked import Asked
from pages.ui import jobs
from pages.ui.display import downloads, items, messages
from pages.ui.display.heading import Heading
from pages.ui.display.text import count
from pages.ui.jobs import Progress
from pages.ui.results import indexes

CALLED = {
    "cosine": "cosine",
    "euclidean": "Euclidean",
    "inner_product": "inner product",
    "snr": "SNR",
}


@jobs.job("Comparing distances", lane="quick", patience=indexes.AT_ONCE)
def _lists(
    progress: Progress,
    embeddings: EmbeddingSet,
    query: npt.NDArray[np.float32],
    item: int,
    k: int,
) -> MetricLists:
    progress(0.0)
    return studies.by_metric(embeddings.vectors, query, k, exclude=item)


def show(asked: Asked, heading: Heading) -> None:
    """The section `Other metrics`."""
    found = _lists.require(asked.embeddings.bare, asked.query, asked.item, asked.k)
    metric = asked.work.params.metric
    heading.answer(answer(found, metric, asked.name))
    rows = table(found, asked.embeddings, metric)
    key = f"_metrics_{asked.work.fingerprint}_{asked.item}_{asked.k}"
    trail.table(rows, asked.embeddings, key)
    messages.note(
        "Ranks under each distance, empty beyond the list. SNR distance: the variance of the "
        "difference by the variance of the item "
        "([Yuan et al. 2019](https://arxiv.org/abs/1904.02616)); an item of equal values has "
        "none."
    )
    downloads.download(rows, "neighbors_by_metric")


def answer(found: MetricLists, metric: Metric, name: str) -> str:
    """How many neighbors each other distance shares with the index's own."""
    k = len(found.ids[metric])
    others = [each for each in DISTANCES if each != metric and len(found.ids[each])]
    said = [f"{found.shared(metric, each):,} under {CALLED[each]}" for each in others]
    return (
        f"Of the {count(k, f'nearest to {name}', f'nearest to {name}')} by {CALLED[metric]} "
        f"distance, so many stay: {', '.join(said)}."
    )


def table(found: MetricLists, embeddings: EmbeddingSet, metric: Metric) -> pd.DataFrame:
    """One line per row of any list, by the index's own metric first: its rank under each."""
    own = found.ranks[metric]
    order = np.argsort(np.where(own > 0, own, own.max() + 1), kind="stable")
    ranks = {
        f"rank, {CALLED[name]}": pd.array(
            [int(rank) or None for rank in found.ranks[name][order]], dtype="Int64"
        )
        for name in (metric, *(each for each in DISTANCES if each != metric))
    }
    return items.table(embeddings, found.rows[order], **ranks)
