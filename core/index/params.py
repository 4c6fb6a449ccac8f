"""The parameters of an HNSW index."""

from dataclasses import dataclass

from core.errors import ParameterError
from core.spaces import Metric, check_metric

LARGEST_M = 512
LARGEST_EF_CONSTRUCTION = 10_000


@dataclass(frozen=True)
class HnswParams:
    """What an index is built with; equal parameters and one thread give the same graph every time.

    metric: how distance is measured. m: links a node gets on each layer when it is inserted (at
    most 2 m stay on layer 0, m above). ef_construction: beam of the search that finds them. seed:
    of the levels. threads: more than one is faster, and gives another graph at each build.
    """

    metric: Metric = "cosine"
    m: int = 16
    ef_construction: int = 200
    seed: int = 100
    threads: int = 1

    def __post_init__(self) -> None:
        check_metric(self.metric)
        _check_range("m", self.m, 2, LARGEST_M)
        _check_range("ef_construction", self.ef_construction, 1, LARGEST_EF_CONSTRUCTION)
        _check_range("seed", self.seed, 0, 2**31 - 1)
        _check_range("threads", self.threads, 1, 256)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ParameterError(f"{name} must be between {low:,} and {high:,}; got {value:,}.")
