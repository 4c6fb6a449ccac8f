"""The pictures' rows on the Thresholds page, and the rates in the shape that was chosen."""

import numpy as np
import pandas as pd

from core.figures import Figure
from core.figures.thresholds import far_frr, operating_curve
from core.studies.thresholds.consistency import ThresholdStudy
from pages.ui.controls import widgets
from pages.ui.display import chart
from pages.ui.display.text import percent
from pages.ui.session.slot import Slot

_DATA: Slot[str] = Slot("thresholds_data", str)
RATES = ("FAR and FRR", "ROC", "DET")
RATES_HELP = (
    "FAR: impostor pairs accepted, FRR: genuine pairs rejected. ROC draws 1 - FRR against FAR, DET "
    "draws FRR against FAR on probit axes, where two normal distributions give a straight line "
    "([Martin et al. 1997](https://doi.org/10.21437/Eurospeech.1997-504))."
)


def start_anew(fingerprint: str) -> None:
    """Forget a threshold that was never moved once other data is loaded; before its slider."""
    if _DATA.get() not in ("", fingerprint):
        widgets.forget("threshold")
    _DATA.set(fingerprint)


def rates(study: ThresholdStudy, threshold: float, shape: str) -> Figure:
    """FAR and FRR by threshold, or the curve of the one against the other."""
    dark = chart.is_dark()
    if shape == "ROC":
        return operating_curve(study, threshold, "ROC", dark=dark)
    if shape == "DET":
        return operating_curve(study, threshold, "DET", dark=dark)
    return far_frr(study, threshold, dark=dark)


def sampled(study: ThresholdStudy, shape: str) -> str:
    """A sentence where ROC and DET are drawn from a sample of the pairs, or an empty text."""
    if shape not in ("ROC", "DET") or min(study.genuine_share, study.impostor_share) >= 1:
        return ""
    return (
        f"The curve is drawn from {percent(study.genuine_share)} of the genuine and "
        f"{percent(study.impostor_share)} of the impostor pairs (seed {study.seed}); the dot and "
        "the table count all pairs."
    )


def utility_table(study: ThresholdStudy, class_names: tuple[str, ...]) -> pd.DataFrame:
    """One row per class and threshold of the calibration range: its utility, and the mean."""
    result = study.opis
    names = [class_names[code] for code in result.classes]
    return pd.DataFrame(
        {
            "class": np.repeat(names, len(result.thresholds)),
            "threshold": np.tile(result.thresholds, len(names)).round(5),
            "utility": result.class_utility.ravel().round(5),
            "mean of the classes": np.tile(result.mean_utility, len(names)).round(5),
        }
    )


def rates_table(study: ThresholdStudy) -> pd.DataFrame:
    """FAR and FRR of all pairs at each threshold of the whole range."""
    return pd.DataFrame(
        {
            "threshold": study.thresholds.round(5),
            "FAR": study.far,
            "FRR": study.frr,
            "impostor pairs accepted": study.accepted_impostor,
            "genuine pairs rejected": study.n_genuine - study.accepted_genuine,
        }
    )


def distance_table(study: ThresholdStudy) -> pd.DataFrame:
    """Number of pairs of each kind in each interval of distance."""
    return pd.DataFrame(
        {
            "from": study.thresholds[:-1].round(5),
            "to": study.thresholds[1:].round(5),
            "genuine pairs": study.genuine,
            "impostor pairs": study.impostor,
        }
    )


def outside(study: ThresholdStudy, threshold: float) -> str:
    """A sentence where the threshold lies outside the calibration range, or an empty text."""
    low, high = study.opis.calibration_range
    if low <= threshold <= high:
        return ""
    side = "below" if threshold < low else "above"
    return (
        f"The threshold {threshold:.3f} lies {side} this picture, which shows the calibration "
        f"range of {low:.3f} to {high:.3f} (FAR 1 % to 10 %)."
    )
