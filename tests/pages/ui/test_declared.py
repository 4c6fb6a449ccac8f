"""Controls declared once: what is drawn and what is read elsewhere are legal and the same."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.patience import PATIENCE


def page() -> None:
    import streamlit as st

    from pages.ui.controls.declared import NumberBox, Options, Slider, Switch

    width = Slider("width", "Width", low=1, high=50, value=40)
    share = Slider("part", "Part", low=0.0, high=1.0, value=0.5, step=0.1)
    row = NumberBox("row", "Row")
    kind = Options("kind", "Kind", ("first", "second", "third"))
    on = Switch("on", "On")
    st.text(
        f"held {width.held(low=5, high=30)} {share.held():.1f} {row.held(9)} {kind.held()} "
        f"{kind.held(['second'])} {on.held()}"
    )
    if st.query_params.get("draw") == "yes":
        drawn = width.draw(low=5, high=30), share.draw(), row.draw(9), kind.draw(), on.draw()
        st.text("drawn {} {:.1f} {} {} {}".format(*drawn))


def run(**query: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


@pytest.mark.parametrize(
    ("query", "held"),
    [
        ({}, "held 30 0.5 0 first second False"),  # 40 is beyond the end that the data gives
        (
            {"width": "7", "part": "0.9", "row": "4", "kind": "third", "on": "true"},
            "held 7 0.9 4 third second True",
        ),
        (
            {"width": "3", "part": "7", "row": "12", "kind": "none"},
            "held 5 1.0 9 first second False",
        ),
        ({"width": "x", "part": "x", "row": "x"}, "held 30 0.5 0 first second False"),
    ],
)
def test_a_value_is_read_without_its_control(query: dict[str, str], held: str) -> None:
    assert [text.value for text in run(**query).text] == [held]


def test_what_is_drawn_is_what_is_held() -> None:
    app = run(draw="yes", width="7", row="4", kind="third")
    assert app.text[1].value == "drawn 7 0.5 4 third False"
    app.slider(key="width").set_value(11)
    app.selectbox(key="kind").set_value("second")
    app.toggle(key="on").set_value(True)
    app.run()
    assert app.text[0].value == "held 11 0.5 4 second second True"
    assert app.text[1].value == "drawn 11 0.5 4 second True"
