"""Judged pairs in place of classes: what Decide says of them, lists and measures."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.data.judged_pairs import JudgedPairs
from core.metrics import score_judged_pairs, units_of
from core.metrics.judged_scores import QueryResamples
from core.metrics.operating import point_at
from core.studies import Estimate, calibrated_estimates, estimates_of
from core.studies.thresholds.operating import calibrated_figures
from pages.thresholds import decide
from pages.thresholds.judged_lab import JudgedLab
from tests.pages.thresholds.labs import point

ANGLES = np.radians([0.0, 10.0, 60.0, 90.0])
ROWS = np.column_stack([np.cos(ANGLES), np.sin(ANGLES)]).astype(np.float32)
LEFT, RIGHT = np.array([0, 0, 1, 2, 0]), np.array([1, 2, 2, 3, 3])
SAME = np.array([True, True, False, True, False])  # cosines .985, .5, .643, .866, 0


def lab() -> JudgedLab:
    items = EmbeddingSet.from_arrays(
        ROWS, metadata=pd.DataFrame({"title": [f"thing {row}" for row in range(4)]}), name="mine"
    )
    pairs = JudgedPairs(LEFT, RIGHT, SAME, False, "pairs.csv", (), pd.DataFrame())
    return JudgedLab(items, "cosine", pairs, score_judged_pairs(pairs, ROWS))


def test_the_basis_counts_both_kinds_and_the_first_items() -> None:
    assert lab().basis == (
        "The pairs are those of pairs.csv: 3 judged the same (genuine) and 2 judged different "
        "(impostor), of 3 first items. Intervals by drawing these."
    )


def test_wrong_pairs_are_those_on_the_other_side_of_the_threshold() -> None:
    accepted = lab().wrong(0.6, accepted=True)
    assert (accepted.left.tolist(), accepted.right.tolist()) == ([1], [2])
    rejected = lab().wrong(0.9, accepted=False)
    assert rejected.left.tolist() == [0, 2]  # .5 before .866
    assert rejected.score == pytest.approx([0.5, np.cos(np.radians(30.0))], abs=1e-6)


def test_the_gap_is_between_the_extreme_judged_pairs() -> None:
    assert lab().gap.gap == pytest.approx(0.5 - np.cos(np.radians(50.0)), abs=1e-6)


def test_the_table_names_both_items_in_the_unit() -> None:
    frame = decide.judged_table(lab(), lab().wrong(0.6, accepted=True), units_of("cosine")[1])
    assert frame.columns.tolist() == [
        "cosine distance", "row (1)", "name (1)", "row (2)", "name (2)"
    ]  # fmt: skip
    assert frame.iloc[0, 1:].tolist() == [1, "thing 1", 2, "thing 2"]
    assert frame.iloc[0, 0] == pytest.approx(1 - np.cos(np.radians(50.0)), abs=1e-6)


def test_the_sentence_has_no_class() -> None:
    unit = units_of("cosine")[0]
    assert decide.judged_answer(point(0.7, far=0.001, frr=0.25), unit) == (
        "At cosine similarity >= 0.7000, 1 in 1,000 impostor pairs is accepted, and 75 % of the "
        "genuine pairs pass."
    )
    weak = Estimate(0.55, 0.45, 0.65)
    assert decide.judged_answer(point(), unit, weak).startswith(
        "This space does not separate these judged pairs (AUC 0.550"
    )


def test_rates_at_a_threshold_come_from_drawn_queries() -> None:
    made = lab()
    resamples = QueryResamples(made.scores, count=50, seed=3)
    found = estimates_of(made.totals, resamples)
    here = point_at(made.totals, 0.6)
    far, tar = found.at(here)
    drawn = [
        (
            float(weights[~SAME & (made.scores.scores >= 0.6)].sum() / weights[~SAME].sum()),
            float(weights[SAME & (made.scores.scores >= 0.6)].sum() / weights[SAME].sum()),
        )
        for weights in made.scores.resamples(50, seed=3)
    ]
    wanted = np.percentile(np.array(drawn), [2.5, 97.5], axis=0)
    assert (far.value, tar.value) == (0.5, pytest.approx(2 / 3))
    assert [far.low, far.high] == pytest.approx(wanted[:, 0])
    assert [tar.low, tar.high] == pytest.approx(wanted[:, 1])


def test_costs_have_intervals_from_the_first_resamples() -> None:
    made = lab()
    resamples = QueryResamples(made.scores, count=50, seed=3)
    found = calibrated_estimates(made.totals, resamples, most=9)
    drawn = [calibrated_figures(counts) for counts, _ in zip(resamples, range(9), strict=False)]
    for name, value in calibrated_figures(made.totals).items():
        low, high = np.percentile([one[name] for one in drawn], [2.5, 97.5])
        assert found[name].value == value
        assert (found[name].low, found[name].high) == pytest.approx((low, high))


def test_decide_is_offered_without_labels_once_pairs_are_judged(
    unlabeled: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.thresholds.judged.held", lambda _work: lab().pairs)
    unlabeled.query_params["section"] = "Decide"
    opened = unlabeled.switch_page("pages/thresholds/page.py").run()
    assert not opened.exception
    assert "of the genuine pairs pass" in str(opened.title[0].value)
    (view,) = [box for box in opened.main.button_group if box.key == "section"]
    assert view.options == ["Decide", "No labels", "Open world"]
