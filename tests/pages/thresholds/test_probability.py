"""What is said of a score as a probability, and of judged pairs, word by word."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data.judged_columns import JudgedColumns
from core.data.judged_pairs import JudgedPairs
from core.metrics import units_of
from core.metrics.calibration import (
    IsotonicCalibration,
    LogisticCalibration,
    Reliability,
    weighted_scores,
)
from core.studies.thresholds.calibrated import CalibrationStudy
from pages.thresholds import judged, probability

COSINE, COSINE_DISTANCE = units_of("cosine")[:2]
BINS = Reliability(np.array([0.2, 0.8]), np.array([0.25, 1.0]), np.array([4.0, 4.0]), 0.125, 10)
STUDY = CalibrationStudy(
    metric="cosine",
    pairs=weighted_scores([0.9, 0.6], [0.1, 0.2, 0.7, 0.3]),
    logistic=LogisticCalibration(10.0, -6.0, 0.0, separated=False),
    isotonic=IsotonicCalibration(np.array([0.1, 0.9]), np.array([0.0, 1.0]), 0.0),
    logistic_reliability=BINS,
    isotonic_reliability=BINS._replace(error=0.25),
    cllr=0.61,
    min_cllr=0.5,
    items=3,
    of_labels=False,
    seed=0,
)


def test_the_words_of_judged_pairs() -> None:
    assert probability.words(STUDY, COSINE) == (
        "At cosine similarity 0.600 a pair belongs together with a probability of one half "
        "(logistic). Of 6 pairs of 3 judged items, 33.3 % belong together; where another share "
        "does, the probabilities do not hold. On the half that it was not fitted on, ECE is 0.125 "
        "(isotonic 0.250) in 10 bins and Cllr 0.610; the least that a rising map reaches on all "
        "pairs is 0.500."
    )


def test_the_words_of_labels_and_without_halves() -> None:
    study = replace(
        STUDY,
        of_labels=True,
        logistic=replace(STUDY.logistic, separated=True),
        logistic_reliability=None,
        isotonic_reliability=None,
    )
    assert probability.words(study, COSINE_DISTANCE) == (
        "At cosine distance 0.400 a pair belongs together with a probability of one half "
        "(logistic). A threshold separates all pairs, so the slope is as steep as a ridge lets it "
        "be. Of 6 pairs of 3 rows, which belong together where the labels are equal (used here "
        "alone; seed 0), 33.3 % belong together; where another share does, the probabilities do "
        "not hold."
    )


def test_what_the_floor_does_to_the_pairs() -> None:
    # At or above .6 are both of .9 and .6, and .7 of .1, .2, .7, .3.
    assert probability.at_floor(STUDY, COSINE, 0.6) == (
        "The floor 0.600 passes 100 % of these pairs that belong together and 25 % of the others."
    )
    assert probability.at_floor(STUDY, COSINE_DISTANCE, 0.8) == (
        "The upper limit 0.200 passes 50 % of these pairs that belong together and 0 % of the "
        "others."
    )
    assert probability.at_floor(STUDY, COSINE, float("nan")) == ""


def test_a_half_beyond_the_scores() -> None:
    rare = replace(STUDY, logistic=LogisticCalibration(10.0, -10.0, 0.0, separated=False))
    # sigma(10 * .9 - 10) = sigma(-1) = .269
    assert probability.words(rare, COSINE).startswith(
        "Even the nearest pair, cosine similarity 0.900, belongs together with a probability of "
        "only 26.9 %. Of 6 pairs"
    )
    turned = replace(STUDY, logistic=LogisticCalibration(0.0, 1.0, 0.0, separated=False))
    assert probability.words(turned, COSINE).startswith(
        "No score of these pairs has a probability of one half."
    )


def test_the_tables() -> None:
    frame = probability.table(STUDY, COSINE_DISTANCE)
    assert len(frame) == 101
    assert frame["cosine distance"].iloc[[0, -1]].tolist() == pytest.approx([0.9, 0.1])
    assert frame["logistic"].iloc[-1] == pytest.approx(1 / (1 + np.exp(-3)))
    assert frame["isotonic"].iloc[50] == pytest.approx(0.5)
    bins = probability.reliability_table(STUDY)
    assert bins["calibration"].tolist() == ["logistic"] * 2 + ["isotonic"] * 2
    assert bins["observed"].tolist() == [0.25, 1.0] * 2
    assert bins["pairs"].tolist() == [4.0] * 4


def test_what_judged_pairs_are() -> None:
    pairs = JudgedPairs(
        np.array([0, 1, 2]),
        np.array([3, 4, 5]),
        np.array([True, False, False]),
        False,
        "pairs.csv",
        ("id1 as row numbers, id2 as row numbers", "same: 1 as same, 0 as different"),
        pd.DataFrame(),
    )
    assert judged.summary(pairs) == (
        "pairs.csv: 3 judged pairs, 1 same and 2 different. Read: id1 as row numbers, id2 as row "
        "numbers; same: 1 as same, 0 as different."
    )


def test_which_columns_must_be_chosen() -> None:
    columns = JudgedColumns(("a",), (), ("label", "score"))
    chosen = {"left": "a", "right": None, "judgment": None}
    assert judged.asking(columns, chosen) == (
        "Choose the column of the second item (no column fits) and of the judgment (label, score "
        "stand level)."
    )
