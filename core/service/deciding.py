"""A threshold on labeled data: what it accepts, and whether it serves all classes alike."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.distances import Metric
from core.errors import ParameterError
from core.metrics import OperatingPoint, point_at, point_at_far, point_at_tar, units_of
from core.progress import Progress, part, unheard
from core.service.answers import Answer, plain
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings
from core.service.indexing import DATA
from core.studies import (
    Consistency,
    Estimate,
    PairStudy,
    class_consistency,
    classes_at,
    estimates,
    pair_study,
)
from core.studies.thresholds.operating import EXACT_ROWS, FIGURES, FIRST_ROWS

USUAL_FAR = 0.01
SHOWN = ("EER", "AUC", "d'")


@dataclass(frozen=True, kw_only=True)
class Threshold(Arguments):
    """Of `threshold`."""

    data: str = said(f"{DATA}, which must have labels")
    metric: Metric | None = said(
        "how pairs are scored; that of the data unless given, else cosine", default=None
    )
    far: float | None = said(
        f"the most impostor pairs that may be accepted, as a share; {USUAL_FAR} where none of far, "
        "tar and threshold is given",
        default=None,
        low=0.0,
        high=1.0,
    )
    tar: float | None = said(
        "the least genuine pairs that must be accepted, as a share", default=None, low=0.0, high=1.0
    )
    threshold: float | None = said("the threshold itself, in `unit`", default=None)
    unit: str | None = said(
        "of `threshold`, such as cosine similarity; the first in the answer unless given",
        default=None,
    )
    rows: int = said(
        "of more rows with a label so many are drawn", default=FIRST_ROWS, low=4, high=EXACT_ROWS
    )
    classes: int = said(
        "classes that are listed, the worst served first", default=5, low=0, high=200
    )


def threshold(holdings: Holdings, asked: Threshold, progress: Progress = unheard) -> Answer:
    """The operating point of all pairs and OPIS, with 95 % intervals; raises CoreError."""
    embeddings = holdings.sets.get(asked.data)
    metric = asked.metric or embeddings.metric or "cosine"
    study = pair_study(
        embeddings.vectors,
        _labels(embeddings),
        metric=metric,
        rows=asked.rows,
        progress=part(progress, 0.0, 0.5),
    )
    point = _point(study, asked, metric)
    figures = {name: FIGURES[name] for name in SHOWN}
    drawn = estimates(study, figures=figures, progress=part(progress, 0.5, 0.9))
    progress(0.9, "OPIS")
    far, tar = drawn.at(point)
    consistency = class_consistency(study.counts)
    return {
        "data": asked.data,
        "metric": metric,
        "pairs": _pairs(study),
        "threshold": [
            {"unit": unit.name, "accepted_if": unit.sign, "value": float(unit.of(point.score))}
            for unit in units_of(metric)
        ],
        "far": _estimate(far),
        "tar": _estimate(tar),
        "figures": {name: _estimate(each) for name, each in drawn.figures.items()},
        "opis": _opis(consistency),
        "classes": _classes(study, point, embeddings, asked.classes),
        "sentence": sentence(point, metric, consistency),
    }


def sentence(point: OperatingPoint, metric: Metric, consistency: Consistency) -> str:
    """What the threshold does."""
    unit = units_of(metric)[0]
    return (
        f"A pair with {unit.name} {unit.sign} {float(unit.of(point.score)):.4f} is accepted: "
        f"{point.far:.3g} of the impostor pairs and {point.tar:.3g} of the genuine pairs. OPIS is "
        f"{consistency.opis.opis:.3g} (0: all classes are served alike)."
    )


def _labels(embeddings: EmbeddingSet) -> npt.NDArray[np.int64]:
    if embeddings.labels is None:
        raise ParameterError(
            "The data has no labels, which a threshold is judged by. Load it with label_column."
        )
    return embeddings.labels


def _point(study: PairStudy, asked: Threshold, metric: Metric) -> OperatingPoint:
    totals = study.counts.totals
    given = [name for name in ("far", "tar", "threshold") if getattr(asked, name) is not None]
    if len(given) > 1:
        raise ParameterError(f"Give one of far, tar and threshold; got {' and '.join(given)}.")
    if asked.tar is not None:
        return point_at_tar(totals, asked.tar)
    if asked.threshold is not None:
        units = {unit.name: unit for unit in units_of(metric)}
        unit = units.get(asked.unit or next(iter(units)))
        if unit is None:
            raise ParameterError(f"unit must be one of {', '.join(units)}; got {asked.unit!r}.")
        return point_at(totals, float(unit.to_score(asked.threshold)))
    far = USUAL_FAR if asked.far is None else asked.far
    point = point_at_far(totals, far)
    if point is None:
        raise ParameterError(
            f"far must be 0 or at least {1 / totals.n_impostor:.3g}, one of the "
            f"{totals.n_impostor:,.0f} impostor pairs; got {far!r}."
        )
    return point


def _estimate(estimate: Estimate) -> Answer:
    found: Answer = plain({"value": estimate.value, "low": estimate.low, "high": estimate.high})
    return found


def _pairs(study: PairStudy) -> Answer:
    totals = study.counts.totals
    return {
        "genuine": int(totals.n_genuine),
        "impostor": int(totals.n_impostor),
        "rows": study.rows,
        "labeled_rows": study.n,
        "is_sample": study.is_sample,
    }


def _opis(consistency: Consistency) -> Answer:
    low, high = consistency.interval
    found: Answer = plain(
        {
            "value": consistency.opis.opis,
            "low": low,
            "high": high,
            "epsilon_opis": consistency.epsilon_opis,
            "calibration_range": consistency.opis.calibration_range,
        }
    )
    return found


def _classes(
    study: PairStudy, point: OperatingPoint, embeddings: EmbeddingSet, most: int
) -> list[Answer]:
    names = [embeddings.class_names[code] for code in study.counts.order.classes]
    table = classes_at(study.counts, point.score, names).head(most)
    return [
        plain(
            {
                "class": row["class"],
                "members": row["members"],
                "far": row["FAR"],
                "frr": row["FRR"],
                "utility": row["utility"],
            }
        )
        for row in table.to_dict("records")
    ]
