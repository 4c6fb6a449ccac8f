"""Two items: how far apart under each distance, what they share, and who stands between."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.distances import METRICS, Float64s, Floats, Metric, length_metric, paired_distances
from core.index import exact_neighbors
from core.studies.neighborhood.by_metric import ROWS_AT_ONCE, SNR, snr_distances

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class ComparedPair:
    """distances: by name; "snr" from the first to the second. rank: of the second among the
    neighbors of the first, from 1, and the other way round.

    shared: rows among the k nearest of both. between: rows nearer to each of the two than they are
    to one another, the one whose larger length is least first; longer: (b,) that length.
    """

    distances: dict[str, float]
    rank: int
    rank_back: int
    shared: Ids
    between: Ids
    longer: Float64s


def compare_pair(
    vectors: Floats, first: int, second: int, k: int, metric: Metric, *, most: int = 10
) -> ComparedPair:
    """Compare two rows of `vectors` (n, d).

    k: length of the lists of neighbors that may share rows. most: rows between that are named.
    """
    pair = vectors[[first, second]]
    distances: dict[str, float] = {
        name: float(paired_distances(pair[:1], pair[1:], name)[0]) for name in METRICS
    }
    distances[SNR] = float(snr_distances(pair[0], pair[1:])[0])
    near = exact_neighbors(vectors, pair, k, metric=metric, exclude=[first, second])
    shared = near.ids[0][np.isin(near.ids[0], near.ids[1])]
    to_each = [_all_distances(vectors, row, metric) for row in pair]
    rank, back = _rank(to_each[0], first, second), _rank(to_each[1], second, first)
    measured = length_metric(metric)
    if measured != metric:
        to_each = [_all_distances(vectors, row, measured) for row in pair]
    longer = np.maximum(*to_each)
    longer[[first, second]] = np.inf
    between = np.flatnonzero(longer < to_each[0][second])
    between = between[np.argsort(longer[between], kind="stable")][:most]
    return ComparedPair(distances, rank, back, shared, between, longer[between])


def differing(metadata: pd.DataFrame, first: int, second: int) -> pd.DataFrame:
    """The columns in which two rows differ: name, value of the first, value of the second."""
    one, other = metadata.iloc[first], metadata.iloc[second]
    unlike = [name for name in metadata.columns if not _same(one[name], other[name])]
    return pd.DataFrame(
        {
            "column": unlike,
            "first": [_text(one[name]) for name in unlike],
            "second": [_text(other[name]) for name in unlike],
        }
    )


def _same(one: Any, other: Any) -> bool:
    return _text(one) == _text(other)


def _text(value: Any) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)  # NaN != NaN


def _all_distances(vectors: Floats, query: Floats, metric: Metric) -> Float64s:
    distances = np.empty(len(vectors))
    for start in range(0, len(vectors), ROWS_AT_ONCE):
        part = vectors[start : start + ROWS_AT_ONCE]
        distances[start : start + len(part)] = paired_distances(
            np.broadcast_to(query, part.shape), part, metric
        )
    return distances


def _rank(distances: Float64s, own: int, other: int) -> int:
    """By (distance, id), the row itself left out."""
    nearer = (distances < distances[other]) | (
        (distances == distances[other]) & (np.arange(len(distances)) < other)
    )
    nearer[own] = False
    return int(np.count_nonzero(nearer)) + 1
