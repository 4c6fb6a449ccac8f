"""What stands out in a set: a kind, whom it concerns, and what can be done."""

from dataclasses import dataclass, field
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt

from core.distances import Float64s, Metric
from core.studies.inspection.preflight.remedies import Remedy

Ids = npt.NDArray[np.int64]
Subject = Literal["row", "query", "dimension", "direction", "class"]
Kind = Literal[
    "zero vectors",
    "items near the mean",
    "exact duplicates",
    "near copies",
    "two clouds",
    "labels that look wrong",
    "float16 overflow",
    "float16 loss",
    "long vectors",
    "dominant mean",
    "dominant directions",
    "queries among the rows",
    "classes of one",
    "small classes",
    "rows without a label",
    "heavy-tailed dimensions",
    "near-constant dimensions",
    "constant dimensions",
    "sparse dimensions",
    "dead directions",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
Severity = Literal["high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
FEW = 0.001  # of all: a fault of so few weighs a step less
HEAVY: tuple[Kind, ...] = (
    "items near the mean",
    "exact duplicates",
    "near copies",
    "two clouds",
    "labels that look wrong",
    "float16 overflow",
    "queries among the rows",
)
LIGHT: tuple[Kind, ...] = (
    "near-constant dimensions",
    "constant dimensions",
    "sparse dimensions",
    "dead directions",
)
NONE: Ids = np.empty(0, np.int64)
NONE.setflags(write=False)


@dataclass(frozen=True, eq=False)
class Finding:
    """Something that changes what search or thresholds do.

    kind: what it is. subject: of what `ids` (c,) are the ids: rows, queries, dimensions, directions
    (0 has the most variance) or class codes. of: how many of them there are in all.
    rows: (r,) row ids to look at; empty where it concerns no rows in particular.
    partners, distances: (c,) the row that each of `ids` is like, and the length to it.
    value: a number that belongs to the kind:

    | kind                                 | value                                               |
    |--------------------------------------|-----------------------------------------------------|
    | near copies, queries among the rows  | the length up to which rows are near                |
    | items near the mean                  | the length from the mean below which they are       |
    | two clouds                           | Ashman's D, gap over spread                         |
    | labels that look wrong               | k, all of whose neighbors carry another label       |
    | float16 overflow                     | the largest absolute value                          |
    | float16 loss                         | the largest relative change of a row                |
    | long vectors                         | the longest over the median                         |
    | dominant mean, directions            | their share of the squared lengths, of the variance |
    | small classes                        | members of the largest                              |
    | heavy-tailed dimensions              | the largest kurtosis                                |

    checked: how many were looked at, where not all `of` were; seed: they were drawn with it.
    remedy: what can be done in one step, or None.
    """

    kind: Kind
    subject: Subject
    ids: Ids
    of: int
    rows: Ids = field(default_factory=lambda: NONE)
    partners: Ids | None = None
    distances: Float64s | None = None
    value: float = float("nan")
    checked: int | None = None
    seed: int = 0
    remedy: Remedy | None = None

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.ids)

    @property
    def share(self) -> float:
        """Their share of those that were looked at."""
        return self.count / max(1, self.of if self.checked is None else self.checked)


def severity(finding: Finding, metric: Metric) -> Severity:
    """How much it harms search by `metric`, or thresholds; of very few it weighs a step less."""
    step = SEVERITIES.index(_usual(finding.kind, metric))
    few = finding.subject == "row" and finding.share < FEW
    return SEVERITIES[min(step + few, len(SEVERITIES) - 1)]


def worst_first(findings: list[Finding], metric: Metric) -> list[Finding]:
    """By severity, then in the order of `KINDS`."""
    return sorted(
        findings,
        key=lambda each: (SEVERITIES.index(severity(each, metric)), KINDS.index(each.kind)),
    )


def _usual(kind: Kind, metric: Metric) -> Severity:
    of_metric: dict[Kind, dict[Metric, Severity]] = {
        "zero vectors": {"cosine": "high", "inner_product": "medium", "euclidean": "low"},
        "long vectors": {"cosine": "low", "inner_product": "high", "euclidean": "medium"},
        "dominant mean": {"cosine": "medium", "inner_product": "medium", "euclidean": "low"},
    }
    if kind in of_metric:
        return of_metric[kind][metric]
    if kind in HEAVY:
        return "high"
    return "low" if kind in LIGHT else "medium"
