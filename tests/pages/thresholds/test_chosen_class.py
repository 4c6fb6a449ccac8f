"""The class that was chosen, by its name in the link and by its place in a chart."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.thresholds import chosen_class
from pages.thresholds.chosen_class import clicked_place
from pages.ui.controls import widgets
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import five, items, open_section


@pytest.mark.parametrize(
    ("state", "place"),
    [
        ({"selection": {"points": [{"customdata": [7]}]}}, 7),
        ({"selection": {"points": [{"customdata": 0}]}}, 0),
        ({"selection": {"points": [{}, {"customdata": [3.0]}]}}, 3),
        ({"selection": {"points": [{"customdata": [0.5]}]}}, None),
        ({"selection": {"points": [{"customdata": []}]}}, None),
        ({"selection": {}}, None),
        (None, None),
    ],
)
def test_a_click_gives_the_place_of_its_class(state: object, place: int | None) -> None:
    assert clicked_place(state) == place


def test_a_click_is_taken_once(monkeypatch: pytest.MonkeyPatch) -> None:
    forgotten: list[str] = []
    click = {"selection": {"points": [{"customdata": [1]}]}}
    monkeypatch.setattr(chosen_class, "widget_value", lambda key: {"chart": click}[key])
    monkeypatch.setattr(chosen_class, "forget_widget", forgotten.append)
    assert chosen_class.taken("chart") == 1
    assert forgotten == ["chart"]
    values: dict[str, str] = {}
    monkeypatch.setattr(widgets, "put", lambda **asked: values.update(asked))
    chosen_class.choose(five(), 1)
    assert values == {"class": "bee"}


@pytest.mark.parametrize("section", ["Consistency", "Errors"])
def test_a_class_named_none_can_be_chosen(app: AppTest, section: str) -> None:
    vectors = np.random.default_rng(3).normal(size=(12, 4))
    mine = items(vectors, ["none", "some", "other"] * 4)
    open_section(app, mine, section, **{"class": "none"})
    assert complaints(app) == []
    (box,) = [box for box in app.main.selectbox if box.key == "class"]
    assert len(set(box.options)) == 4
    box.set_value("none").run()
    assert complaints(app) == []
    if section == "Errors":
        said = " ".join(note.value for note in app.caption)
        assert "Wrongly accepted pairs of none" in said
