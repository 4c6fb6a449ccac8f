"""Thresholds in the units of the systems in use: cosine distance, L2, pgvector's operators.

Every figure here takes scores, of which the larger is the nearer (`core.metrics.pair_scores`). What
a system takes may be a similarity or a distance, and its own operator may write it with another
sign. Each unit is a strictly monotone map of the score, so that a threshold keeps what it accepts.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Metric, check_metric


@dataclass(frozen=True)
class ScoreUnit:
    """A way to write a threshold.

    name: shown to people; the first of a metric is the default. is_distance: the smaller is the
    nearer, and a pair is accepted iff its value is at most the threshold. used_by: who takes it.
    """

    name: str
    is_distance: bool
    used_by: str
    _of_score: Callable[[Float64s], Float64s]
    _to_score: Callable[[Float64s], Float64s]

    @property
    def fingerprint(self) -> str:
        """Tells the unit from all others: they are those of this module, each with its own name."""
        return self.name

    @property
    def sign(self) -> str:
        """How a pair's value stands to the threshold where it is accepted."""
        return "<=" if self.is_distance else ">="

    def of(self, score: npt.ArrayLike) -> Float64s:
        """Values of scores, of any shape."""
        return np.asarray(self._of_score(np.asarray(score, dtype=np.float64)))

    def to_score(self, value: npt.ArrayLike) -> Float64s:
        """Scores of values, of any shape."""
        return np.asarray(self._to_score(np.asarray(value, dtype=np.float64)))


def _same(values: Float64s) -> Float64s:
    return values


def _one_less(values: Float64s) -> Float64s:
    return 1.0 - values


def _negative(values: Float64s) -> Float64s:
    return -values


_COSINE = (
    ScoreUnit("cosine similarity", False, "most models' cards, faiss and Qdrant", _same, _same),
    ScoreUnit("cosine distance", True, "pgvector's <=>, hnswlib, Weaviate", _one_less, _one_less),
    ScoreUnit(
        "L2 on unit vectors",
        True,
        "the literature on thresholds",
        lambda score: np.sqrt(np.maximum(2.0 - 2.0 * score, 0.0)),
        lambda value: 1.0 - np.square(value) / 2.0,
    ),
    ScoreUnit(
        "squared L2 on unit vectors",
        True,
        "faiss and hnswlib in their L2 space on unit vectors",
        lambda score: np.maximum(2.0 - 2.0 * score, 0.0),
        lambda value: 1.0 - value / 2.0,
    ),
    ScoreUnit(
        "(1 + cosine) / 2",
        False,
        "the scores of Elasticsearch and Lucene",
        lambda score: (1.0 + score) / 2.0,
        lambda value: 2.0 * value - 1.0,
    ),
)
_EUCLIDEAN = (
    ScoreUnit(
        "L2 distance",
        True,
        "pgvector's <->, Milvus's users, Qdrant",
        lambda score: np.sqrt(np.maximum(-2.0 * score, 0.0)),
        lambda value: -np.square(value) / 2.0,
    ),
    ScoreUnit(
        "squared L2 distance",
        True,
        "faiss, hnswlib, Milvus",
        lambda score: np.maximum(-2.0 * score, 0.0),
        lambda value: -value / 2.0,
    ),
)
_INNER_PRODUCT = (
    ScoreUnit("inner product", False, "faiss, Milvus, Qdrant", _same, _same),
    ScoreUnit("negative inner product", True, "pgvector's <#>, Weaviate", _negative, _negative),
    ScoreUnit("1 - inner product", True, "hnswlib", _one_less, _one_less),
)
_UNITS: dict[Metric, tuple[ScoreUnit, ...]] = {
    "cosine": _COSINE,
    "euclidean": _EUCLIDEAN,
    "inner_product": _INNER_PRODUCT,
}


def units_of(metric: Metric) -> tuple[ScoreUnit, ...]:
    """The units that thresholds of a metric are written in, the default first."""
    return _UNITS[check_metric(metric)]


def threshold_axis(metric: Metric) -> ScoreUnit:
    """The unit along which thresholds are spread evenly: a length, where there is one.

    OPIS takes its mean over thresholds that are equally far apart. Under cosine they are L2
    distances of unit vectors, as the literature has it, under euclidean L2 distances; an inner
    product is no length, and is taken as it is, negative.
    """
    return {"cosine": _COSINE[2], "euclidean": _EUCLIDEAN[0], "inner_product": _INNER_PRODUCT[1]}[
        check_metric(metric)
    ]
