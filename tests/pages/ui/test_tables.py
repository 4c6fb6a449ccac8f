"""Tables on a page: marks for what is hidden, and no export of formulas by Streamlit."""

import numpy as np
import pandas as pd
from streamlit.testing.v1 import AppTest

from pages.ui.display.tables import visible_frame


def test_a_frame_without_anything_hidden_is_the_same() -> None:
    frame = pd.DataFrame({"a": ["x", "\u05e9"], "n": [1.0, np.nan]})
    assert visible_frame(frame) is frame


def test_hidden_characters_are_marks_in_cells_names_and_index() -> None:
    frame = pd.DataFrame(
        {
            "a\u202eb": ["x\u200b", None],
            "n": [1, 2],
            "list": [["y\x00"], []],
            "image": ["data:image/png;base64,\u200b", "z"],
        },
        index=["one\u200b", "two"],
    )
    shown = visible_frame(frame)
    assert list(shown.columns) == ["a[U+202E]b", "n", "list", "image"]
    assert shown.index.tolist() == ["one[U+200B]", "two"]
    assert shown["a[U+202E]b"].fillna("").tolist() == ["x[U+200B]", ""]
    assert shown["list"].tolist() == [["y[U+0000]"], []]
    assert shown["n"].dtype.kind == "i"
    assert shown["image"].tolist() == frame["image"].tolist()
    assert frame.columns[0] == "a\u202eb"


def test_two_names_that_become_the_same_are_told_apart() -> None:
    frame = pd.DataFrame([[1, 2]], columns=["a\x00", "a[U+0000]"])
    assert list(visible_frame(frame).columns) == ["a[U+0000]", "a[U+0000] (2)"]


def _page() -> None:
    import pandas as pd
    import streamlit as st

    from pages.ui.display import tables

    config = {"\u200bb": st.column_config.TextColumn("b")}
    for word in ("plain", "=1+1", "=1+1"):
        frame = pd.DataFrame({"a": [word], "\u200bb": ["x"]})
        tables.show(frame, column_config=config, column_order=["\u200bb", "a"], hide_index=True)


def test_a_table_with_a_formula_stands_where_streamlit_exports_none() -> None:
    page = AppTest.from_function(_page).run()
    assert not page.exception
    keys = [
        block.proto.id.split("-")[-1]
        for block in page.main.children.values()
        if getattr(block, "proto", None) is not None
        and hasattr(block.proto, "id")
        and block.proto.id
    ]
    assert [key for key in keys if key.startswith("guarded_table")] == [
        "guarded_table_table_0",
        "guarded_table_table_1",
    ]
    assert [list(each.value.columns) for each in page.dataframe] == [["a", "[U+200B]b"]] * 3
    assert '"[U+200B]b"' in page.dataframe[0].proto.columns
    assert list(page.dataframe[0].proto.column_order) == ["[U+200B]b", "a"]
