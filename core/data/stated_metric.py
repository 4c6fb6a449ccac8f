"""The metric that a file of vectors states, in the words that other programs write."""

from collections.abc import Iterable
from typing import NamedTuple

from core.distances import Metric

KEYS = ("distance", "metric")  # ann-benchmarks writes the first
SHOWN = 200
NAMES: dict[str, Metric] = {
    "angular": "cosine",
    "cosine": "cosine",
    "euclidean": "euclidean",
    "l2": "euclidean",
    "dot": "inner_product",
    "ip": "inner_product",
    "inner_product": "inner_product",
}


class Stated(NamedTuple):
    """metric: None where the file states none that is known. notes: what it says, in words."""

    metric: Metric | None = None
    notes: tuple[str, ...] = ()


def stated_metric(said: Iterable[tuple[str, str | None]]) -> Stated:
    """The first metric among what a file says under its keys; a text that is none is noted.

    >>> stated_metric([("distance", "angular")])
    Stated(metric='cosine', notes=('the file says distance: angular, which is cosine',))
    >>> stated_metric([("distance", None), ("metric", "hamming")])
    Stated(metric=None, notes=("the file says metric: 'hamming'",))
    """
    unknown = []
    for key, text in said:
        if not text:
            continue
        metric = NAMES.get(text.strip().casefold())
        if metric is not None:
            return Stated(metric, (f"the file says {key}: {text.strip()}, which is {metric}",))
        unknown.append(f"the file says {key}: {text[:SHOWN]!r}")
    return Stated(None, tuple(unknown))
