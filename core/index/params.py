"""The parameters of an HNSW index."""

from dataclasses import dataclass

from core.checks import check_whole
from core.distances import Metric, check_metric
from core.errors import ParameterError

LARGEST_M = 512
LARGEST_EF_CONSTRUCTION = 10_000


@dataclass(frozen=True)
class HnswParams:
    """What an index is built with; equal parameters and one thread give the same graph every time.

    metric: how distance is measured. m: links a node gets on each layer when it is inserted (at
    most 2 m stay on layer 0, m above). ef_construction: beam of the search that finds them. seed:
    of the levels. threads: more than one is faster, and gives another graph at each build. Raises
    ParameterError for another metric, and for what is no whole number in its range.
    """

    metric: Metric = "cosine"
    m: int = 16
    ef_construction: int = 200
    seed: int = 100
    threads: int = 1

    def __post_init__(self) -> None:
        check_metric(self.metric)
        self._set_whole("m", 2, LARGEST_M)
        self._set_whole("ef_construction", 1, LARGEST_EF_CONSTRUCTION)
        self._set_whole("seed", 0, 2**31 - 1)
        self._set_whole("threads", 1, 256)

    def _set_whole(self, name: str, low: int, high: int) -> None:
        """Keep an integer of numpy as one of Python, so that equal parameters print alike."""
        object.__setattr__(self, name, check_whole(getattr(self, name), name, low, high))


def check_params(params: HnswParams) -> HnswParams:
    """`params` if they are `HnswParams`; raises ParameterError otherwise."""
    if not isinstance(params, HnswParams):
        raise ParameterError(f"params must be HnswParams(...); got {params!r}.")
    return params
