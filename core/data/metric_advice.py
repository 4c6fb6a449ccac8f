"""The metric that fits a set."""

from dataclasses import dataclass
from typing import Literal

from core.data.embedding_set import EmbeddingSet
from core.data.summary import DataSummary, summarize
from core.distances import Metric

Reason = Literal[
    "stated",
    "few dimensions",
    "zero vectors",
    "equal lengths",
    "uneven lengths",
    "directions by default",
]
FLAT = 2  # dimensions in which directions say little
UNIT = 1e-2  # relative: lengths that differ by less are nearly the same


@dataclass(frozen=True)
class MetricAdvice:
    """The metric that the file states, or one that fits the lengths of the vectors, and why.

    reason: "stated": by the file. "few dimensions": at most 2, too few directions for cosine to
    tell items apart. "zero vectors": there are some, and they have no direction. "equal lengths":
    all within 1 %, so that the three metrics order neighbors alike. "uneven lengths": the longest
    is over 3 times the median, and would dominate under inner product. "directions by default":
    none of these, and most embedding models are trained for directions.
    """

    metric: Metric
    reason: Reason


def recommended_metric(
    embeddings: EmbeddingSet, *, summary: DataSummary | None = None
) -> MetricAdvice:
    """The metric that the file states, else one that fits the lengths of the vectors.

    See `MetricAdvice` for the rules, in order.

    summary: of the same set, where it is at hand; measured here by default.

    >>> from core.data import load_sample
    >>> recommended_metric(load_sample("wordnet"))
    MetricAdvice(metric='cosine', reason='equal lengths')
    """
    if embeddings.metric is not None:
        return MetricAdvice(embeddings.metric, "stated")
    facts = summary or summarize(embeddings)
    if facts.dim <= FLAT:
        return MetricAdvice("euclidean", "few dimensions")
    if facts.n_zero_rows:
        return MetricAdvice("euclidean", "zero vectors")
    if facts.norm_max <= facts.norm_min * (1 + UNIT):
        return MetricAdvice("cosine", "equal lengths")
    if facts.n_long_rows:
        return MetricAdvice("cosine", "uneven lengths")
    return MetricAdvice("cosine", "directions by default")
