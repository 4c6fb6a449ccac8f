"""Which threshold, and what does it cost: the sentence, the figures, the tables."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.distances import Metric
from core.metrics import ScoredPairs, ScoreUnit, point_at, point_at_far, units_of
from core.studies import estimates
from core.studies.thresholds.operating import FARS
from pages.thresholds import decide
from pages.thresholds import lab as labs
from pages.thresholds.decide import accepted, answer, counts_at, figures, separation
from pages.ui.display.text import percent
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import (
    CODES,
    VECTORS,
    eighteen,
    five,
    known,
    made,
    notes,
    open_section,
    point,
)

SIMILARITY, DISTANCE, LENGTH = units_of("cosine")[:3]
CLASSES = pd.DataFrame({"class": ["bat", "ant"], "FRR": [0.9, 0.2], "FAR": [0.1, 0.3]})


def test_the_sentence_tells_the_threshold_its_cost_and_its_victim() -> None:
    assert answer(point(0.62, far=0.001, frr=0.36), SIMILARITY, CLASSES) == (
        "At cosine similarity >= 0.6200, 1 in 1,000 impostor pairs is accepted, 64 % of the "
        "genuine pairs pass, and the class that is served worst, bat, loses 90 % of its own."
    )
    lax = CLASSES.assign(FAR=[0.95, 0.3])
    assert answer(point(0.62, far=0.001, frr=0.36), SIMILARITY, lax).endswith(
        "the class that is served worst, bat, lets 95 % of its impostor pairs in."
    )
    assert answer(point(0.5, far=0.25), LENGTH, CLASSES).startswith(
        "At L2 on unit vectors <= 1, 25 % of the impostor pairs are accepted, 75 % of "
    )
    assert answer(point(0.62), SIMILARITY, CLASSES, known(0.55, 0.45, 0.65)).startswith(
        "This space does not separate these classes (AUC 0.550, 95 %: 0.450 to 0.650; 0.5 is "
        "chance). At cosine similarity >= 0.6200, 1 in 100 impostor pairs is accepted, "
    )


@pytest.mark.parametrize(
    ("far", "words"),
    [
        (0.0, "no impostor pair is accepted"),
        (0.001, "1 in 1,000 impostor pairs is accepted"),
        (0.03, "1 in 33.3 impostor pairs is accepted"),
        (0.05, "1 in 20 impostor pairs is accepted"),
        (0.051, "5.10 % of the impostor pairs are accepted"),
        (1.0, "100 % of the impostor pairs are accepted"),
    ],
)
def test_rare_false_matches_are_told_as_one_in_many(far: float, words: str) -> None:
    assert accepted(far) == words


def test_a_space_that_does_not_separate_is_said_so() -> None:
    assert separation(None) == ""
    assert separation(known(0.6, 0.4, 0.7)) == ""
    assert separation(known(0.59, 0.55, 0.62)) == (
        "This space hardly separates these classes (AUC 0.590, 95 %: 0.550 to 0.620; 0.5 is "
        "chance). "
    )
    assert separation(known(0.55, 0.5, 0.62)).startswith("This space does not separate these")


def test_pairs_at_the_threshold_are_counted() -> None:
    lab = five()
    totals = lab.counts.totals
    # At 0.7: 0.7431 of six impostor pairs; 0.6691 of four genuine pairs is lost.
    assert counts_at(lab, point_at(totals, 0.7)) == (
        "1 impostor pair wrongly accepted (FAR 16.7 %), 1 genuine pair wrongly rejected (FRR 25 %)."
    )
    assert counts_at(lab, point_at(totals, 0.9)) == (
        "0 impostor pairs wrongly accepted (FAR 0 %), 3 genuine pairs wrongly rejected (FRR 75 %)."
    )
    assert counts_at(lab, point_at(totals, -0.45)) == (
        "5 impostor pairs wrongly accepted (FAR 83.3 %), 0 genuine pairs wrongly rejected (FRR 0 "
        "%)."
    )


def test_figures_before_their_intervals_are_known() -> None:
    lab = five()
    frame = figures(lab, point_at(lab.counts.totals, 0.7), DISTANCE, None)
    lines: Any = frame.set_index("figure")
    assert lines.index.tolist() == ["FAR here", "TAR here", "HTER", "UNPG gap", "gap, inner 98 %"]
    assert lines.loc["FAR here", ["value", "95 % interval"]].tolist() == ["16.7 %", ""]
    assert float(lines.loc["FAR here", "threshold"]) == pytest.approx(0.3, abs=1e-4)
    assert lines.loc["TAR here", "value"] == "75 %"
    assert lines.loc["HTER", "value"] == "20.8 %"  # (1/6 + 1/4) / 2
    # 0.6691 - 0.7431
    assert lines.loc["UNPG gap", ["value", "threshold"]].tolist() == ["-0.0740", ""]


def test_figures_have_intervals_and_thresholds_that_they_are_taken_at() -> None:
    lab = made(eighteen())
    found = estimates(lab.study)
    frame = figures(lab, point_at(lab.counts.totals, 0.6), SIMILARITY, found)
    lines: Any = frame.set_index("figure")
    for far in FARS:
        line = lines.loc[f"TAR at FAR {far:g}"]
        place = point_at_far(lab.counts.totals, far)
        if place is None:
            assert line["value"] == "below resolution"
            assert (line["95 % interval"], line["threshold"]) == ("", "")
            assert line["score"] is None or np.isnan(line["score"])
        else:
            assert line["score"] == place.score
            assert float(line["threshold"]) == pytest.approx(place.score, abs=6e-5)
            assert line["value"].endswith(" %")
    eer = found.figures["EER"]
    assert lines.loc["EER", "value"] == f"{100 * eer.value:.1f} %"
    low, high = 100 * eer.low, 100 * eer.high
    assert lines.loc["EER", "95 % interval"] == f"{low:.1f} % to {high:.1f} %"
    assert "%" not in lines.loc["AUC", "value"]
    assert "%" not in lines.loc["d'", "value"]
    assert lines.loc["EER, convex hull", "threshold"] == ""
    shown = set(decide.DEFINITIONS)
    for name in frame["figure"]:
        assert name.split(" at FAR")[0].split(" at FMR")[0] in {
            *(each.split(" at ")[0] for each in shown), "FAR here", "TAR here",
        }  # fmt: skip


def test_the_calibration_range_is_that_of_opis() -> None:
    lab = made(eighteen())
    strict, lax = decide.calibration_scores(lab)
    assert strict > lax
    for score, far in ((strict, 0.01), (lax, 0.10)):
        assert point_at(lab.counts.totals, score).far == pytest.approx(far, abs=0.011)


def unit_scores() -> np.ndarray:
    unit = VECTORS.astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    return np.asarray(unit @ unit.T)


LEFT, RIGHT = np.triu_indices(18, 1)
SCORES, SAME = unit_scores()[LEFT, RIGHT], CODES[LEFT] == CODES[RIGHT]


@pytest.mark.parametrize("unit", [SIMILARITY, LENGTH], ids=lambda each: each.name)
def test_the_rates_table_counts_pairs_at_each_threshold(unit: ScoreUnit) -> None:
    table = decide.rates_table(made(eighteen()), unit)
    values = unit.of(SCORES)
    for line in table.iloc[1::97].to_dict("records"):
        border = line[f"threshold ({unit.name})"]
        passed = values <= border if unit.is_distance else values >= border
        assert line["impostor pairs accepted"] == np.count_nonzero(passed & ~SAME)
        assert line["genuine pairs rejected"] == np.count_nonzero(~passed & SAME)
        assert line["FAR"] == pytest.approx(passed[~SAME].mean())
        assert line["FRR"] == pytest.approx(1 - passed[SAME].mean())


def test_the_score_table_holds_every_pair_once() -> None:
    table = decide.score_table(made(eighteen()), SIMILARITY)
    assert len(table) == 1_024
    edges = np.append(table["from (cosine similarity)"], table["to"].iloc[-1])
    for name, kind in (("genuine pairs", SAME), ("impostor pairs", ~SAME)):
        naive, _ = np.histogram(SCORES[kind], bins=edges)
        assert table[name].tolist() == naive.tolist()
        assert table[name].sum() == np.count_nonzero(kind)


def test_a_gap_between_the_kinds_is_above_zero() -> None:
    lab = five()
    apart = lab.counts.nearest_impostors
    low = ScoredPairs(apart.left, apart.right, apart.score - 0.5)
    changed = made(lab.embeddings)
    object.__setattr__(changed.study.counts, "nearest_impostors", low)
    frame = figures(changed, point_at(changed.counts.totals, 0.7), SIMILARITY, None)
    assert frame.set_index("figure").loc["UNPG gap", "value"] == "0.426"


# ---- on the page


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_section_under_each_metric(app: AppTest, metric: Metric) -> None:
    open_section(app, eighteen(), "Decide", metric=metric)
    assert complaints(app) == []
    lab = made(eighteen(), metric)
    place = point_at_far(lab.counts.totals, 0.01)
    assert place is not None
    classes = labs.classes_at(lab, place.score)
    auc = estimates(lab.study).figures["AUC"]
    assert sentence(app) == answer(place, units_of(metric)[0], classes, auc)
    assert counts_at(lab, place) in notes(app)
    shown = app.dataframe[0].value
    assert shown["class"].tolist() == classes["class"].tolist()
    np.testing.assert_allclose(shown["utility"], classes["utility"], atol=6e-5)


@pytest.mark.parametrize("shape", decide.CURVES)
@pytest.mark.parametrize("shares", ["linear", "logarithmic"])
def test_each_picture_opens(app: AppTest, shape: str, shares: str) -> None:
    open_section(app, eighteen(), "Decide", rates=shape, shares=shares)
    assert complaints(app) == []
    (choice,) = [box for box in app.main.button_group if box.label == "Rates as"]
    assert choice.value == shape


def test_intervals_over_classes_are_others(app: AppTest) -> None:
    open_section(app, eighteen(), "Decide", over="classes")
    assert complaints(app) == []
    shown = app.dataframe[1].value.set_index("figure")["95 % interval"]
    eer = estimates(made(eighteen()).study, over="classes").figures["EER"]
    assert shown["EER"] == f"{percent(eer.low)} to {percent(eer.high)}"
    other = estimates(made(eighteen()).study).figures["EER"]
    assert (other.low, other.high) != (eer.low, eer.high)


def test_files_of_the_section(app: AppTest, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Decide")
    for table in ("rates_curve", "score_histogram"):
        app.session_state[f"{table}_table"] = True
    app.run()
    assert complaints(app) == []
    lab = made(eighteen())
    pd.testing.assert_frame_equal(
        downloads.csv("far_frr.csv"), decide.rates_table(lab, SIMILARITY), check_dtype=False
    )
    pd.testing.assert_frame_equal(
        downloads.csv("score_histogram.csv"), decide.score_table(lab, SIMILARITY), check_dtype=False
    )
    place = point_at_far(lab.counts.totals, 0.01)
    assert place is not None
    classes = labs.classes_at(lab, place.score).drop(columns="place")
    pd.testing.assert_frame_equal(
        downloads.csv("classes_at_threshold.csv"), classes, check_dtype=False
    )
