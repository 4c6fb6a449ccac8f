"""Values of links: legal ones are restored, others never reach the page."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.controls import widgets


def page() -> None:
    import streamlit as st

    from pages.ui.controls import widgets

    high = st.session_state.get("rows", 100) - 1
    st.json(
        {
            "k": widgets.slider("k", "k", low=1, high=50, value=10),
            "far": widgets.slider("FAR", "far", low=0.0, high=1.0, value=0.1, step=0.05),
            "item": widgets.number("Item", "item", low=0, high=high, value=3),
            "color": widgets.select(
                "Color",
                "color",
                ["label", "density", "none"],
                former={"crowding": "density"},
            ),
            "view": widgets.segmented("View", "view", ["2-D", "3-D"], value="3-D"),
            "classes": widgets.several("Classes", "classes", ["a", "b"]),
            "log": widgets.toggle("Log", "log"),
            "find": widgets.text("Find", "find", limit=5),
        }
    )


DEFAULTS = {
    "k": 10,
    "far": 0.1,
    "item": 3,
    "color": "label",
    "view": "3-D",
    "classes": [],
    "log": False,
    "find": "",
}


def values(app: AppTest) -> dict[str, object]:
    import json

    assert not app.exception
    found: dict[str, object] = json.loads(app.json[0].value)
    return found


def opened(**query: str | list[str]) -> AppTest:
    app = AppTest.from_function(page)
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def test_without_a_link_the_defaults() -> None:
    assert values(opened()) == DEFAULTS


def test_a_link_restores_every_value() -> None:
    app = opened(
        k="7", far="0.25", item="42", color="density", view="2-D", classes=["b"], log="true",
        find="wolf",
    )  # fmt: skip
    assert values(app) == {
        "k": 7,
        "far": 0.25,
        "item": 42,
        "color": "density",
        "view": "2-D",
        "classes": ["b"],
        "log": True,
        "find": "wolf",
    }


@pytest.mark.parametrize(
    ("name", "text", "kept"),
    [
        ("k", "9999", 10),
        ("k", "inf", 10),
        ("k", "ten", 10),
        ("k", "nan", 10),
        ("k", "", 10),
        ("far", "7", 0.1),
        ("far", "inf", 0.1),
        ("item", "1000", 3),
        ("item", "-1", 3),
        ("item", "1e400", 3),
        ("item", "2.5", 2),
        ("color", "rainbow", "label"),
        ("view", "4-D", "3-D"),
        ("classes", "z", []),
        ("log", "perhaps", False),
        ("find", "far too long", "far t"),
    ],
)
def test_a_value_that_is_not_legal_never_reaches_the_page(
    name: str, text: str, kept: object
) -> None:
    assert values(opened(**{name: text})) == DEFAULTS | {name: kept}


def test_a_former_name_in_a_link_is_the_option_of_today() -> None:
    app = opened(color="crowding")
    assert values(app) == DEFAULTS | {"color": "density"}
    assert app.query_params["color"] == "density"
    app.selectbox(key="color").set_value("none").run()
    assert values(app) == DEFAULTS | {"color": "none"}


def test_a_value_of_other_data_is_clamped() -> None:
    app = opened(item="90")
    app.session_state["rows"] = 20
    app.run()
    assert values(app) == DEFAULTS | {"item": 19}


def test_the_name_of_an_index_setting_is_no_key() -> None:
    with pytest.raises(ValueError, match="'m' names the data or the index in a link"):
        widgets.toggle("M", "m")
