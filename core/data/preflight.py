"""What about a set changes what search or thresholds do, and the metric that fits it."""

from dataclasses import dataclass
from typing import Literal

from core.data.embedding_set import EmbeddingSet
from core.data.summary import LONG, DataSummary, summarize
from core.distances import Metric

Reason = Literal[
    "stated",
    "few dimensions",
    "zero vectors",
    "equal lengths",
    "uneven lengths",
    "directions by default",
]
IMBALANCE = 10
FLAT = 2  # dimensions in which directions say little
UNIT = 1e-2  # relative: lengths that differ by less are nearly the same


@dataclass(frozen=True)
class Finding:
    """Something about the data that changes what search or thresholds do.

    what: of which rows or classes, "zero vectors". count: how many of them. effect: what they do,
    in a sentence or two.
    """

    what: str
    count: int
    effect: str


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


def findings(embeddings: EmbeddingSet, *, summary: DataSummary | None = None) -> list[Finding]:
    """What stands out, worst first; empty where nothing does.

    summary: of the same set, where it is at hand; measured here by default.
    """
    facts = summary or summarize(embeddings)
    every = [
        Finding(
            "zero vectors",
            facts.n_zero_rows,
            "They have no direction: cosine distance to everything is 1.",
        ),
        Finding(
            "exact duplicates of an earlier row",
            facts.n_duplicate_rows,
            "They fill each other's links and answers; many of them can cut the graph.",
        ),
        Finding(
            f"vectors over {LONG:g} times the median length",
            facts.n_long_rows,
            "Under inner product they are near everything and hide the others.",
        ),
        Finding(
            "classes with one member",
            facts.n_singleton_classes,
            "They have no genuine pair: thresholds count them as impostors only.",
        ),
        Finding(
            f"classes with less than 1/{IMBALANCE} of the largest's members",
            small_classes(embeddings),
            "Averages over items follow the large classes, and the rates of the small ones "
            "move in large steps: read thresholds class by class.",
        ),
        Finding("rows without a label", facts.n_unlabeled, "Thresholds leave them out."),
    ]
    return [finding for finding in every if finding.count]


def small_classes(embeddings: EmbeddingSet) -> int:
    """Classes of two members or more that hold less than a tenth of the largest's."""
    sizes = embeddings.class_sizes
    return int(((sizes > 1) & (IMBALANCE * sizes < sizes.max(initial=0))).sum())
