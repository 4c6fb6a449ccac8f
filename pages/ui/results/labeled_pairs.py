"""The counted pairs of a labeled set, and the threshold that the Thresholds page holds."""

import math
import re
from concurrent.futures import Executor
from typing import Any

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.distances import Floats, Metric
from core.metrics import (
    OperatingPoint,
    ScoreUnit,
    point_at,
    point_at_far,
    point_at_tar,
    units_of,
)
from core.metrics.score_counts import ScoreCounts
from core.progress import Progress as Report
from core.studies import PairStudy
from core.studies.thresholds.operating import FIRST_ROWS
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.jobs import Progress
from pages.ui.jobs.runner import Lane
from pages.ui.results import expected, on_cluster

BY_FAR, BY_TAR, BY_THRESHOLD = "FAR I can bear", "TAR I need", "Threshold"
STATEMENTS = (BY_FAR, BY_TAR, BY_THRESHOLD)
USUAL_FAR, USUAL_TAR = 0.01, 0.9


@jobs.job("Comparing pairs")
def first(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, keep_singletons: bool
) -> PairStudy:
    """The pairs of a sample of rows, or of all where they are few."""
    return _study(progress, embeddings, metric, keep_singletons, FIRST_ROWS)


def _lane(embeddings: EmbeddingSet, *_: object) -> Lane:
    if on_cluster.takes(_units(len(embeddings.vectors)), embeddings.vectors):
        return "long"
    return "long process" if jobs.by_size(embeddings) == "process" else "long"


@jobs.job("Comparing all pairs", lane=_lane)
def counted(
    progress: Progress, embeddings: EmbeddingSet, metric: Metric, keep_singletons: bool
) -> PairStudy:
    """The pairs of all rows."""
    return _study(progress, embeddings, metric, keep_singletons, None)


def at_hand(
    embeddings: EmbeddingSet, metric: Metric, *, keep_singletons: bool = True
) -> PairStudy | None:
    """All pairs once they are counted, those of a sample before; None while these are counted."""
    whole = counted.finished(embeddings, metric, keep_singletons)
    if whole is not None and isinstance(whole.result, PairStudy):
        return whole.result
    return first.need(embeddings, metric, keep_singletons)


def held_point(totals: ScoreCounts, metric: Metric) -> OperatingPoint:
    """The operating point that the Thresholds page was left at, or a link says; FAR 0.01 at first.

    Where the FAR asked for is less than one pair, the one that accepts no impostor.
    """
    usual = point_at_far(totals, USUAL_FAR) or point_at(totals, math.inf)
    match widgets.held("state", str, BY_FAR):
        case "TAR I need":
            return point_at_tar(totals, _share(widgets.held("tar", float, USUAL_TAR)))
        case "Threshold":
            unit = held_unit(metric)
            value = widgets.held(key_of(unit), float, math.nan)
            return point_at(totals, float(unit.to_score(value))) if math.isfinite(value) else usual
    far = _share(widgets.held("far", float, USUAL_FAR))
    found = point_at_far(totals, far) or point_at_far(totals, 0.0)
    return found or point_at(totals, math.inf)


def held_unit(metric: Metric) -> ScoreUnit:
    """The unit that thresholds are shown in, as it was chosen, else the default of the metric."""
    known = units_of(metric)
    held = widgets.held("unit", str, known[0].name)
    return next((each for each in known if each.name == held), known[0])


def key_of(of: ScoreUnit) -> str:
    """The key of the slider in a unit: each has its own, for a value means nothing in another.

    >>> key_of(units_of("cosine")[0])
    'at_cosine_similarity'
    """
    return "at_" + re.sub(r"[^a-z0-9]+", "_", of.name.casefold()).strip("_")


def _share(value: float) -> float:
    return min(max(value, 0.0), 1.0)


def _study(
    progress: Progress,
    embeddings: EmbeddingSet,
    metric: Metric,
    keep_singletons: bool,
    rows: int | None,
) -> PairStudy:
    assert embeddings.labels is not None
    return study_of(
        progress,
        embeddings.vectors,
        embeddings.labels,
        metric=metric,
        keep_singletons=keep_singletons,
        rows=rows,
    )


def study_of(
    progress: Report,
    vectors: Floats,
    labels: npt.NDArray[np.integer[Any]],
    *,
    rows: int | None,
    **settings: Any,
) -> PairStudy:
    """`pair_study` of these arguments, on the cluster where it is large."""

    def compare(executor: Executor | None, told: Report) -> PairStudy:
        return studies.pair_study(
            vectors, labels, rows=rows, executor=executor, progress=told, **settings
        )

    compared = min(len(vectors), rows or len(vectors))
    return on_cluster.run(progress, _units(compared), vectors[:compared], compare)


def _units(rows: int) -> float:
    return expected.pairs(rows, rows) / 2
