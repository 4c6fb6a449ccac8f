"""Promised against got, and identification: what stands where in the pictures."""

from dataclasses import replace
from typing import Any

import numpy as np

from core.figures import Figure
from core.figures.threshold_open_world import (
    answer_scores,
    far_promised_and_got,
    identification,
    tar_promised_and_got,
)
from core.metrics.open_set import OpenSet, identification_curve
from core.studies.thresholds.transfer import transfer

RANDOM = np.random.default_rng(5)
LABELS = np.repeat(np.arange(6), 10)
STUDY = transfer(RANDOM.normal(size=(6, 5))[LABELS] + RANDOM.normal(size=(60, 5)), LABELS, splits=7)
KNOWN = RANDOM.random(80) < 0.5
ANSWERS = OpenSet(RANDOM.normal(size=80), KNOWN & (RANDOM.random(80) < 0.8), KNOWN)


def by_name(figure: Figure) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_each_split_is_a_dot_at_the_far_that_it_got() -> None:
    traces = by_name(far_promised_and_got(STUDY, 0.1))
    assert list(traces) == ["all 7 splits", "median", "as promised", "a split"]
    at = STUDY.at(0.1)
    dots, median = traces["a split"], traces["median"]
    np.testing.assert_allclose(dots.customdata, np.column_stack([at.far_set, at.far_met]))
    np.testing.assert_allclose(dots.y, at.far_met)
    assert (np.abs(np.log10(np.array(dots.x) / 0.1)) <= 0.08 + 1e-9).all()
    place = list(median.x).index(0.1)
    assert median.y[place] == np.median(at.far_met)
    band = traces["all 7 splits"]
    half = len(median.x)
    assert band.y[place] == at.far_met.max()
    assert band.y[2 * half - 1 - place] == at.far_met.min()


def test_a_far_of_zero_stands_at_the_lower_end() -> None:
    none = replace(STUDY, far_met=np.zeros_like(STUDY.far_met))
    traces = by_name(far_promised_and_got(none, 0.1))
    floor = STUDY.finest_far / 2
    assert set(traces["a split"].y) == {floor}
    assert traces["a split"].customdata[:, 1].tolist() == [0.0] * 7


def test_a_far_that_no_split_tells_has_no_dots() -> None:
    assert "a split" not in by_name(far_promised_and_got(STUDY, 1e-7))
    assert len(by_name(tar_promised_and_got(STUDY, 1e-7))["a split"].x) == 0


def test_tar_promised_and_got() -> None:
    figure = tar_promised_and_got(STUDY, 0.1)
    at, dots = STUDY.at(0.1), by_name(figure)["a split"]
    np.testing.assert_allclose(dots.x, at.tar_set)
    np.testing.assert_allclose(dots.y, at.tar_met)
    assert figure.layout.xaxis.range == figure.layout.yaxis.range


def test_identification_by_far_with_the_share_without_a_threshold() -> None:
    figure = identification(ANSWERS, 0.1)
    far, rate, _ = identification_curve(ANSWERS)
    line = by_name(figure)["named rightly"]
    np.testing.assert_allclose(line.x, far)
    np.testing.assert_allclose(line.y, rate)
    assert [(each.x0, each.y0) for each in figure.layout.shapes] == [
        (0, ANSWERS.rank_one),
        (0.1, 0),
    ]
    assert len(identification(ANSWERS, 1e-4).layout.shapes) == 1


def test_scores_of_the_answers_by_kind_sum_to_one() -> None:
    figure = answer_scores(ANSWERS, np.nan, ANSWERS.scores, axis="cosine similarity")
    assert [trace.name for trace in figure.data] == [
        "known, named rightly",
        "known, named wrongly",
        "unknown",
    ]
    for trace in figure.data:
        assert abs(np.sum(trace.y) - 1) < 1e-9
    assert len(figure.layout.shapes) == 0
    drawn = answer_scores(ANSWERS, 0.5, ANSWERS.scores, axis="cosine similarity")
    assert drawn.layout.shapes[0].x0 == 0.5
