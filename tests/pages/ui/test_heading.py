"""The heading: one sentence, or the question while its answer is being made."""

from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from pages.ui import jobs
    from pages.ui.display.heading import Heading

    heading = Heading()
    st.text("below")
    with heading.until_ready("How many?"):
        jobs.ready(1 if "ready" in st.query_params else None)
        heading.answer("It is *one*.")
    st.text("after")


def test_the_answer_stands_above_what_is_drawn_before_it() -> None:
    app = AppTest.from_function(page)
    app.query_params["ready"] = "yes"
    app.run()
    assert [title.value for title in app.title] == [r"It is \*one\*\."]
    assert [text.value for text in app.text] == ["below", "after"]


def test_a_page_whose_result_is_not_ready_ends_with_its_question() -> None:
    app = AppTest.from_function(page).run()
    assert [title.value for title in app.title] == [r"How many? The answer is on its way\."]
    assert [text.value for text in app.text] == ["below"]
