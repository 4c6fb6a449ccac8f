"""One threshold, stated in three ways and in any unit."""

import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.distances import Metric
from core.metrics import ScoreUnit, count_pairs, point_at, point_at_far, point_at_tar, units_of
from core.metrics.score_counts import ScoreCounts, ScoreScale
from pages.thresholds import operating
from pages.thresholds.operating import clicked_score, slider_range, slider_value, value_text
from pages.ui.controls import widgets
from pages.ui.results import labeled_pairs
from pages.ui.results.labeled_pairs import key_of
from tests.pages.test_answers import open_page, sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import CODES, VECTORS, eighteen, made, notes, open_section

METRICS: tuple[Metric, ...] = get_args(Metric)
COUNTS = {metric: count_pairs(VECTORS, CODES, metric=metric).totals for metric in METRICS}
SIMILARITY, DISTANCE, LENGTH, SQUARED, HALF = units_of("cosine")


def test_a_threshold_is_written_with_its_direction() -> None:
    assert value_text(SIMILARITY, 0.61804) == "cosine similarity >= 0.6180"
    assert value_text(LENGTH, 0.5) == "L2 on unit vectors <= 1"
    assert value_text(units_of("inner_product")[1], 12.5) == "negative inner product <= -12.50"


@pytest.mark.parametrize("metric", METRICS)
def test_the_slider_covers_the_pairs_in_round_steps(metric: Metric) -> None:
    counts = COUNTS[metric]
    filled = np.flatnonzero(counts.genuine + counts.impostor)
    for unit in units_of(metric):
        low, high, step = slider_range(counts, unit)
        ends = np.sort(unit.of(counts.scale.edges[[filled[0], filled[-1] + 1]]))
        assert low <= ends[0] + step
        assert high >= ends[1] - step
        assert high - low < 1.25 * (ends[1] - ends[0])
        assert math.log10(step) == pytest.approx(round(math.log10(step)))
        assert 300 < (high - low) / step < 5_000
        for share in np.linspace(0.0, 1.0, 9):
            score = float(unit.to_score(low + share * (high - low)))
            value = slider_value(counts, unit, score)
            assert low <= value <= high
            assert value == pytest.approx(low + share * (high - low), abs=step)
        assert slider_value(counts, unit, 1e9) in (low, high)


@pytest.mark.parametrize(
    ("metric", "unit"), [(m, u) for m in METRICS for u in units_of(m) if "L2" in u.name]
)
def test_no_threshold_of_a_length_is_below_zero(metric: Metric, unit: ScoreUnit) -> None:
    """A length of -0.1 would be taken as one of 0.1, which accepts more than 0 does."""
    near = np.vstack([VECTORS, VECTORS[:6] * (1 + 1e-4)])
    counts = count_pairs(near, np.append(CODES, CODES[:6]), metric=metric).totals
    low, high, _ = slider_range(counts, unit)
    assert low == 0.0
    strict, lax = (float(unit.to_score(end)) for end in (low, high))
    assert point_at(counts, strict).far <= point_at(counts, lax).far
    assert point_at(counts, strict).place > point_at(counts, lax).place


def test_a_cosine_above_one_is_no_threshold() -> None:
    scale = ScoreScale("cosine", 0.0, 1.0)
    counts = ScoreCounts(scale, scale.count([1.0, 1.0]), scale.count([0.0, 0.5]))
    assert slider_range(counts, SIMILARITY)[1] == 1.0
    assert slider_range(counts, DISTANCE)[0] == 0.0


@pytest.mark.parametrize(
    ("state", "score"),
    [
        ({"selection": {"points": [{"customdata": [0.5, 0.1]}]}}, 0.5),
        ({"selection": {"points": [{"customdata": 0.25}]}}, 0.25),
        ({"selection": {"points": [{}, {"customdata": [0.75]}]}}, 0.75),
        ({"selection": {"points": [{"customdata": [math.nan]}]}}, None),
        ({"selection": {"points": [{"customdata": []}]}}, None),
        ({"selection": {"points": []}}, None),
        ({}, None),
        (None, None),
    ],
)
def test_a_click_gives_the_score_of_its_point(state: object, score: float | None) -> None:
    assert clicked_score(state) == score


# ---- on the page


def at(app: AppTest, unit: ScoreUnit = SIMILARITY) -> float:
    (value,) = [box.value for box in app.main.slider if box.key == key_of(unit)]
    assert isinstance(value, float)
    return value


def number_box(app: AppTest, key: str) -> object:
    (box,) = [box for box in app.main.number_input if box.key == key]
    return box


def test_the_default_accepts_one_impostor_pair_in_a_hundred(app: AppTest) -> None:
    open_section(app, eighteen(), "Decide")
    assert complaints(app) == []
    point = point_at_far(COUNTS["cosine"], 0.01)
    assert point is not None
    assert sentence(app).startswith(f"At {value_text(SIMILARITY, point.score)}, 1 in 104 impostor")


def test_a_far_below_resolution_is_said_and_accepts_none(app: AppTest) -> None:
    open_section(app, eighteen(), "Decide", far="0.001")
    assert complaints(app) == []
    assert (
        "0.00100 is less than one of the 104 impostor pairs; the least FAR that they can show is "
        "0.00962, and the threshold accepts none of them." in notes(app)
    )
    assert "no impostor pair is accepted" in sentence(app)


def test_a_tar_that_is_needed_sets_the_threshold(app: AppTest) -> None:
    open_section(app, eighteen(), "Decide", state=labeled_pairs.BY_TAR, tar="0.8")
    point = point_at_tar(COUNTS["cosine"], 0.8)
    assert point.tar >= 0.8
    assert sentence(app).startswith(f"At {value_text(SIMILARITY, point.score)}, ")
    number_box(app, "tar").set_value(0.3).run()  # type: ignore[attr-defined]
    point = point_at_tar(COUNTS["cosine"], 0.3)
    assert sentence(app).startswith(f"At {value_text(SIMILARITY, point.score)}, ")


@pytest.mark.parametrize("linked", [True, False])
def test_another_unit_keeps_the_threshold(app: AppTest, linked: bool) -> None:
    """A link's value must not come back where the slider gets other ends."""
    link = {"at_cosine_similarity": "0.6"} if linked else {}
    open_section(app, eighteen(), "Decide", state=labeled_pairs.BY_THRESHOLD, **link)
    if not linked:
        app.main.slider[0].set_value(0.6).run()
    for unit in (DISTANCE, LENGTH, HALF, SQUARED, SIMILARITY):
        (box,) = [box for box in app.main.selectbox if box.key == "unit"]
        box.set_value(unit.name).run()
        assert complaints(app) == []
        assert float(unit.to_score(at(app, unit))) == pytest.approx(0.6, abs=1e-3)
        here = point_at(COUNTS["cosine"], float(unit.to_score(at(app, unit))))
        assert sentence(app).startswith(f"At {value_text(unit, here.score)}, ")
    assert at(app) == 0.6


def test_a_click_moves_a_slider_that_a_link_had_set(app: AppTest) -> None:
    open_section(
        app, eighteen(), "Decide", at_cosine_similarity="0.11"
    )  # stated by FAR: there is no slider yet
    assert not app.main.slider
    values = put_by(lambda: operating.set_to(made(eighteen()), 0.4996))
    assert values == {"state": labeled_pairs.BY_THRESHOLD, "at_cosine_similarity": 0.5}
    for name, value in values.items():
        app.session_state[name] = value
    app.session_state["_slot_threshold_wanted"] = {"at_cosine_similarity": 0.5}
    app.run()
    assert complaints(app) == []
    assert at(app) == 0.5


def put_by(call: Callable[[], None], clicked: object = None) -> dict[str, Any]:
    """What a callback sets controls to."""
    values: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(widgets, "put", lambda **asked: values.update(asked))
        patch.setattr(operating, "widget_value", lambda _: clicked)
        patch.setattr(operating, "forget_widget", lambda key: forgotten.append(key))
        call()
    return values


forgotten: list[str] = []


def test_a_click_on_a_point_sets_the_threshold_once() -> None:
    lab = made(eighteen())
    clicked = {"selection": {"points": [{"customdata": [0.25, 0.1, 0.9]}]}}
    values = put_by(lambda: operating.follow_click(lab, "curve"), clicked)
    assert values == {"state": labeled_pairs.BY_THRESHOLD, "at_cosine_similarity": 0.25}
    assert forgotten[-1] == "curve"
    assert put_by(lambda: operating.follow_click(lab, "curve"), {"selection": {"points": []}}) == {}


def test_a_former_link_opens_as_a_length_of_unit_vectors(app: AppTest) -> None:
    open_section(app, eighteen(), "Decide", threshold="0.9")
    assert complaints(app) == []
    assert at(app, LENGTH) == 0.9
    assert sentence(app).startswith("At L2 on unit vectors <= 0.9")
    assert "threshold" not in app.query_params
    # A cosine of 1 - 0.9^2 / 2 = 0.595.
    point = point_at(COUNTS["cosine"], 0.595)
    assert f"FAR {100 * point.far:.1f} %" in notes(app)


@pytest.mark.parametrize("text", ["99", "-1", "nan", "inf", "wide"])
def test_a_former_link_of_no_threshold_is_harmless(app: AppTest, text: str) -> None:
    open_section(app, eighteen(), "Decide", threshold=text)
    assert complaints(app) == []
    assert sentence(app).startswith("At ")


def test_other_data_starts_with_a_threshold_of_its_own(app: AppTest) -> None:
    open_section(
        app, eighteen(), "Decide", state=labeled_pairs.BY_THRESHOLD, at_cosine_similarity="0.11"
    )
    assert at(app) == 0.11
    app.query_params.clear()
    open_page(app, "thresholds", data="digits")
    assert complaints(app) == []
    assert at(app) != 0.11


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("state", labeled_pairs.STATEMENTS)
def test_each_statement_opens_under_each_metric(app: AppTest, metric: Metric, state: str) -> None:
    open_section(app, eighteen(), "Decide", metric=metric, state=state)
    assert complaints(app) == []
    assert sentence(app).startswith(f"At {units_of(metric)[0].name} {units_of(metric)[0].sign} ")
