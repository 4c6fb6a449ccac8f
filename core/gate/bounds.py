"""What an index or its vectors must hold: bounds in the field's terms, frozen and checked once.

A bound is broken where its figure is on the wrong side. Figures of a sample have a 95 % interval;
`counts` says whether the figure itself is compared with the bound, or the end of the interval that
is nearer to being broken, so that chance alone can hardly hide a fault.
"""

import math
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Literal, get_args

from core.checks import check_choice, check_count, check_number, check_whole
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.index import HnswParams
from core.studies.inspection.rebuild_spread import FEWEST, MOST

VERSION = 1  # of the form of the file
QUERIES = 1_000  # held-out rows, or rows of an index file, that are searched for
Side = Literal["at_least", "at_most"]


@dataclass(frozen=True)
class RecallBound:
    """Mean recall@k of a search with a beam of `ef`, at least so much.

    counts: the mean, or the lower end of its 95 % interval.
    """

    kind: ClassVar[str] = "recall_at_k"
    k: int
    ef: int
    at_least: float
    counts: Literal["mean", "lower_end"] = "mean"

    def __post_init__(self) -> None:
        _check_beam(self.k, self.ef)
        _check_share(self.at_least, "at_least")
        check_choice(self.counts, "counts", ("mean", "lower_end"))


@dataclass(frozen=True)
class ServedBound:
    """Share of the queries whose recall@k at `ef` is at least `recall`, at least so much.

    A mean hides queries that fare badly. counts: the share, or the lower end of its 95 % interval.
    """

    kind: ClassVar[str] = "served_queries"
    k: int
    ef: int
    recall: float
    at_least: float
    counts: Literal["share", "lower_end"] = "share"

    def __post_init__(self) -> None:
        _check_beam(self.k, self.ef)
        _check_share(self.recall, "recall")
        _check_share(self.at_least, "at_least")
        check_choice(self.counts, "counts", ("share", "lower_end"))


@dataclass(frozen=True)
class LostBound:
    """Items that no search reaches, or that their own vector does not find at `ef`, at most."""

    kind: ClassVar[str] = "lost_items"
    ef: int
    at_most: int

    def __post_init__(self) -> None:
        check_count(self.ef, "ef")
        check_whole(self.at_most, "at_most", 0)


@dataclass(frozen=True)
class MissingBound:
    """Rows of the data that an index file does not hold, or holds with another vector, at most."""

    kind: ClassVar[str] = "missing_items"
    at_most: int

    def __post_init__(self) -> None:
        check_whole(self.at_most, "at_most", 0)


@dataclass(frozen=True)
class MemoryBound:
    """MB (1,000,000 bytes) of the index as hnswlib saves it, vectors and links, at most."""

    kind: ClassVar[str] = "memory"
    at_most_mb: float

    def __post_init__(self) -> None:
        _check_positive(self.at_most_mb, "at_most_mb")


@dataclass(frozen=True)
class DuplicatesBound:
    """Rows that are equal, value by value, to an earlier row, at most."""

    kind: ClassVar[str] = "duplicates"
    at_most: int

    def __post_init__(self) -> None:
        check_whole(self.at_most, "at_most", 0)


@dataclass(frozen=True)
class NormDriftBound:
    """How far the lengths of the vectors are from those of a reference file, at most.

    reference: path of a file of vectors; a relative one begins at the bounds file. The figure is
    that of `core.gate.drift.norm_drift`, a share of the reference's median length.
    """

    kind: ClassVar[str] = "norm_drift"
    reference: str
    at_most: float

    def __post_init__(self) -> None:
        if not isinstance(self.reference, str) or not self.reference:
            raise ParameterError(
                f"reference must be the path of a file of vectors; got {self.reference!r}."
            )
        _check_positive(self.at_most, "at_most", zero=True)


@dataclass(frozen=True)
class FarBound:
    """Share of the impostor pairs that a threshold accepts, at most.

    threshold: in `unit`, one of `core.metrics.units_of`; "" for the default of the metric. counts:
    the rate, or the upper end of its 95 % interval.
    """

    kind: ClassVar[str] = "far"
    threshold: float
    at_most: float
    unit: str = ""
    counts: Literal["rate", "upper_end"] = "rate"

    def __post_init__(self) -> None:
        _check_finite(self.threshold, "threshold")
        _check_share(self.at_most, "at_most")
        _check_text(self.unit, "unit")
        check_choice(self.counts, "counts", ("rate", "upper_end"))


@dataclass(frozen=True)
class TarBound:
    """Share of the genuine pairs that a threshold accepts, at least; as `FarBound`."""

    kind: ClassVar[str] = "tar"
    threshold: float
    at_least: float
    unit: str = ""
    counts: Literal["rate", "lower_end"] = "rate"

    def __post_init__(self) -> None:
        _check_finite(self.threshold, "threshold")
        _check_share(self.at_least, "at_least")
        _check_text(self.unit, "unit")
        check_choice(self.counts, "counts", ("rate", "lower_end"))


@dataclass(frozen=True)
class OpisBound:
    """Operating-point-inconsistency score over the thresholds of FAR 1 % to 10 %, at most.

    counts: the score, or the upper end of its 95 % interval.
    """

    kind: ClassVar[str] = "opis"
    at_most: float
    counts: Literal["score", "upper_end"] = "score"

    def __post_init__(self) -> None:
        _check_positive(self.at_most, "at_most", zero=True)
        check_choice(self.counts, "counts", ("score", "upper_end"))


Bound = (
    RecallBound
    | ServedBound
    | LostBound
    | MissingBound
    | MemoryBound
    | DuplicatesBound
    | NormDriftBound
    | FarBound
    | TarBound
    | OpisBound
)
KINDS: dict[str, type[Bound]] = {each.kind: each for each in get_args(Bound)}


@dataclass(frozen=True)
class DataSettings:
    """How the data is read; see `core.data.read_embeddings`. "" for what is found by itself.

    vectors, label: names of columns. metadata: path of a table with a line for each row, from the
    bounds file on. drop_bad_rows: leave out rows that are not finite, which are an error otherwise.
    """

    vectors: str = ""
    label: str = ""
    metadata: str = ""
    drop_bad_rows: bool = False

    def __post_init__(self) -> None:
        for name in ("vectors", "label", "metadata"):
            _check_text(getattr(self, name), name)
        _check_flag(self.drop_bad_rows, "drop_bad_rows")


@dataclass(frozen=True)
class IndexSettings:
    """The index that is built where no index file is given.

    metric: also of an index file that does not state its own; "" for the data's, else cosine. One
    thread builds it, so that the same data gives the same graph at each check. rebuilds: how many
    times it is built again, with other seeds and orders, to say by how much recall differs from
    build to build; 0 for none.
    """

    metric: str = ""
    m: int = 16
    ef_construction: int = 200
    seed: int = 100
    rebuilds: int = 0

    def __post_init__(self) -> None:
        if check_whole(self.rebuilds, "rebuilds", 0, MOST) not in (0, *range(FEWEST, MOST + 1)):
            raise ParameterError(
                f"rebuilds must be 0 or at least {FEWEST}, for one build has no spread; got "
                f"{self.rebuilds}."
            )
        if self.metric:
            check_choice(self.metric, "metric", METRICS)
        HnswParams(m=self.m, ef_construction=self.ef_construction, seed=self.seed)

    def params(self, metric: Metric) -> HnswParams:
        """The settings of a build."""
        return HnswParams(metric, self.m, self.ef_construction, self.seed)


@dataclass(frozen=True)
class QuerySettings:
    """Which queries are searched for.

    source: where no file of them is given: "data" for those that came with the data, "held_out" for
    rows held out of the index that is built, "index" for rows of the index, each left out of its
    own answer; "" for the first of these that can be had. size: how many; 0 for all of a file and
    of the data's, and for 1,000 rows. seed: they are drawn with it.
    """

    source: Literal["", "data", "held_out", "index"] = ""
    size: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        check_choice(self.source, "source", ("", "data", "held_out", "index"))
        check_whole(self.size, "size", 0)
        check_whole(self.seed, "seed", 0)


@dataclass(frozen=True)
class PairSettings:
    """Of which rows all pairs are counted: of all, or of about so many drawn with `seed`.

    rows: 0 for all. singletons: "negatives" where a row alone in its class is an impostor of the
    others, "drop" where it is left out.
    """

    rows: int = 0
    seed: int = 0
    singletons: Literal["negatives", "drop"] = "negatives"

    def __post_init__(self) -> None:
        check_whole(self.rows, "rows", 0)
        check_whole(self.seed, "seed", 0)
        check_choice(self.singletons, "singletons", ("negatives", "drop"))


@dataclass(frozen=True)
class Bounds:
    """Bounds, in the order in which they are checked, and the settings that they are checked with.

    Raises ParameterError where there is no bound.
    """

    bounds: tuple[Bound, ...]
    data: DataSettings = field(default_factory=DataSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    queries: QuerySettings = field(default_factory=QuerySettings)
    pairs: PairSettings = field(default_factory=PairSettings)

    def __post_init__(self) -> None:
        if not self.bounds:
            raise ParameterError(f"There must be at least one bound: one of {', '.join(KINDS)}.")

    def of(self, kind: type[Bound]) -> tuple[Any, ...]:
        """The bounds of one kind."""
        return tuple(each for each in self.bounds if isinstance(each, kind))


SETTINGS: dict[str, type[DataSettings | IndexSettings | QuerySettings | PairSettings]] = {
    "data": DataSettings,
    "index": IndexSettings,
    "queries": QuerySettings,
    "pairs": PairSettings,
}


def setting_names(of: type[Any]) -> tuple[str, ...]:
    """The names that a table of a bounds file takes."""
    return tuple(each.name for each in fields(of))


def _check_beam(k: Any, ef: Any) -> None:
    check_count(k, "k")
    if check_count(ef, "ef") < k:
        raise ParameterError(
            f"ef must be at least k = {k:,}, for a smaller beam cannot hold k answers; got {ef:,}."
        )


def _check_share(value: Any, name: str) -> None:
    if not 0 <= check_number(value, name) <= 1:
        raise ParameterError(f"{name} must be a share between 0 and 1; got {value!r}.")


def _check_positive(value: Any, name: str, *, zero: bool = False) -> None:
    number = check_number(value, name)
    if not (0 < number < float("inf") or (zero and number == 0)):
        least = "at least 0" if zero else "above 0"
        raise ParameterError(f"{name} must be a finite number {least}; got {value!r}.")


def _check_finite(value: Any, name: str) -> None:
    if not math.isfinite(check_number(value, name)):
        raise ParameterError(f"{name} must be a finite number; got {value!r}.")


def _check_text(value: Any, name: str) -> None:
    if not isinstance(value, str):
        raise ParameterError(f"{name} must be a text; got {value!r}.")


def _check_flag(value: Any, name: str) -> None:
    if not isinstance(value, bool):
        raise ParameterError(f"{name} must be true or false; got {value!r}.")
