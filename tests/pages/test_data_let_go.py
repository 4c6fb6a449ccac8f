"""A session that has worked on many sets holds those alone that the server still has room for."""

import gc
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.limits import KEPT_UPLOADS
from tests.core.data.files import as_npy
from tests.pages.conftest import bring_file
from tests.pages.test_app import complaints


def held() -> set[str]:
    """The names of all sets in memory that were uploaded here."""
    gc.collect()
    sets = [each for each in gc.get_objects() if isinstance(each, EmbeddingSet)]
    return {each.name for each in sets if each.name.startswith("let go")}


def test_what_was_loaded_before_is_let_go(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEPT_UPLOADS.variable, "2")
    st.cache_resource.clear()
    app.query_params["data"] = "digits"
    app.switch_page("pages/layers/page.py").run()
    for number in range(3):
        rows = np.random.default_rng(number).normal(size=(60, 4)).astype(np.float32)
        bring_file(app, f"let go {number}.npy", as_npy(rows))
    app.run()  # a widget is heard for one run more
    assert complaints(app) == []
    assert held() == {"let go 1", "let go 2"}
    st.cache_resource.clear()


def test_a_widget_is_forgotten_after_two_runs_without_it() -> None:
    def page() -> None:
        import streamlit as st

        from pages.ui.session import gone_widgets

        part = st.components.v2.component("heard", html="<p></p>")
        if st.session_state.setdefault("shown", True):
            st.button("Once", key="once", on_click=print, args=("pressed",))
            part(key="first", on_press_change=print)
        st.button("Always", key="always")
        part(key="second", on_press_change=print)
        gone_widgets.forget()

    app = AppTest.from_function(page).run()
    safe: Any = app.session_state._state
    state = safe._state._new_widget_state.widget_metadata
    assert len(state) == 6  # the events of a component are one of their own
    app.session_state["shown"] = False
    app.run()
    assert len(state) == 6  # a click may be on its way
    for _ in range(2):
        app.run()
        names = sorted(each.id.rpartition("-")[2] for each in state.values())
        assert names == ["always", "second", "second__events"]
