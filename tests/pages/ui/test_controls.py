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


def part_of_the_time() -> None:
    import streamlit as st

    from pages.ui.controls import widgets

    if st.session_state.get("drawn", True):
        widgets.slider("k", "k", low=1, high=50, value=10)
        widgets.several("Classes", "classes", ["a", "b"])
        widgets.toggle("Log", "log")
        widgets.select("Color", "color", st.session_state.get("colors", ["red", "blue"]))
    st.json({"k": widgets.held("k", int, 10), "color": widgets.held("color", str, "red")})


def drawn(app: AppTest) -> tuple[object, ...]:
    return (
        app.slider(key="k").value,
        app.multiselect(key="classes").value,
        app.toggle(key="log").value,
        app.selectbox(key="color").value,
    )


def moved() -> AppTest:
    app = AppTest.from_function(part_of_the_time).run()
    assert drawn(app) == (10, [], False, "red")
    app.slider(key="k").set_value(7)
    app.multiselect(key="classes").set_value(["b"])
    app.toggle(key="log").set_value(True)
    app.selectbox(key="color").set_value("blue")
    return app.run()


def away(app: AppTest, runs: int) -> AppTest:
    """Runs that draw none of the controls, and in which Streamlit knows nothing of them."""
    app.session_state["drawn"] = False
    for _ in range(runs):
        app.run()
        assert values(app) == {"k": 7, "color": "blue"}
    for key in ("k", "classes", "log", "color"):
        del app.session_state[key]
        app.query_params.pop(key, None)
    app.session_state["drawn"] = True
    return app


@pytest.mark.parametrize("runs", [1, 3])
def test_a_moved_control_keeps_its_value_while_it_is_not_drawn(runs: int) -> None:
    assert drawn(away(moved(), runs).run()) == (7, ["b"], True, "blue")


def test_a_link_wins_over_a_kept_value() -> None:
    app = away(moved(), 1)
    app.query_params["k"] = "31"
    app.query_params["color"] = "red"  # the default
    assert drawn(app.run()) == (31, ["b"], True, "red")


def test_a_control_that_was_moved_back_follows_its_default() -> None:
    app = moved()
    app.selectbox(key="color").set_value("red").run()
    away_with_default(app)
    app.session_state["colors"] = ["green", "red"]
    assert app.run().selectbox(key="color").value == "green"


def away_with_default(app: AppTest) -> None:
    app.session_state["drawn"] = False
    app.run()
    assert values(app) == {"k": 7, "color": "red"}
    del app.session_state["color"]
    app.session_state["drawn"] = True


def test_a_kept_value_that_is_no_option_any_more_gives_the_default() -> None:
    app = away(moved(), 1)
    app.session_state["colors"] = ["green", "red"]
    assert drawn(app.run()) == (7, ["b"], True, "green")


def many() -> None:
    from pages.ui.controls import widgets

    for number in range(widgets.KEPT_CONTROLS + 1):
        widgets.slider("x", f"x{number}", low=0, high=9, value=1)


def test_the_longest_unmoved_are_forgotten_first() -> None:
    app = AppTest.from_function(many)
    for number in range(widgets.KEPT_CONTROLS + 1):
        app.session_state[f"x{number}"] = 5
    app.run()
    kept = app.session_state["_slot_moved_controls"]
    assert list(kept) == [f"x{number}" for number in range(1, widgets.KEPT_CONTROLS + 1)]
    app.slider(key="x7").set_value(1).run()
    assert "x7" not in kept


def forgetful() -> None:
    import streamlit as st

    from pages.ui.controls import widgets

    st.button("forget", on_click=widgets.forget, args=("k",))
    widgets.slider("k", "k", low=1, high=50, value=10)


def test_a_forgotten_control_starts_anew() -> None:
    app = AppTest.from_function(forgetful).run()
    app.slider(key="k").set_value(7).run()
    app.button[0].click().run()
    assert app.slider(key="k").value == 10
    assert app.run().slider(key="k").value == 10


def with_two_defaults() -> None:
    import streamlit as st

    from pages.ui.controls import widgets

    default = st.session_state.get("usual", "UMAP")
    methods = ["PCA", "UMAP"]
    st.json(
        {
            "method": widgets.segmented("Method", "method", methods, value=default),
            "color": widgets.select("Color", "color", methods, value=default),
        }
    )


def chosen(app: AppTest, **state: str) -> list[object]:
    for name, value in state.items():
        app.session_state[name] = value
    app.run()
    return list(values(app).values())


def test_a_control_that_was_not_moved_follows_its_default() -> None:
    app = AppTest.from_function(with_two_defaults)
    assert chosen(app) == ["UMAP", "UMAP"]
    assert chosen(app, usual="PCA") == ["PCA", "PCA"]
    assert chosen(app, usual="UMAP") == ["UMAP", "UMAP"]


def test_a_control_that_was_moved_stays_where_the_default_changes() -> None:
    app = AppTest.from_function(with_two_defaults)
    chosen(app)
    app.segmented_control(key="method").set_value("PCA").run()
    app.selectbox(key="color").set_value("PCA").run()
    assert chosen(app, usual="PCA") == ["PCA", "PCA"]
    assert chosen(app, usual="UMAP") == ["PCA", "PCA"]


def test_who_goes_back_to_the_default_follows_it_again() -> None:
    app = AppTest.from_function(with_two_defaults)
    chosen(app)
    app.segmented_control(key="method").set_value("PCA").run()
    app.segmented_control(key="method").set_value("UMAP").run()
    app.query_params.clear()  # a browser leaves the default out of the address
    assert chosen(app, usual="PCA") == ["PCA", "PCA"]


def test_what_a_link_names_does_not_follow_the_default() -> None:
    app = AppTest.from_function(with_two_defaults)
    app.query_params["method"] = "PCA"
    assert chosen(app) == ["PCA", "UMAP"]
    assert chosen(app, usual="PCA") == ["PCA", "PCA"]
    assert chosen(app, usual="UMAP") == ["PCA", "UMAP"]
