import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.display.text import count, number, percent, plain, seconds, size


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (1_234_567, "1,234,567"),
        (0.95, "0.950"),
        (12.345, "12.3"),
        (12_345.678, "12,346"),
        (0.000123, "1.23e-04"),
        (-0.0456, "-0.0456"),
        (float("nan"), "not defined"),
        (float("-inf"), "-infinite"),
    ],
)
def test_numbers_have_separators_and_three_digits(value: float, text: str) -> None:
    assert number(value) == text


def test_units() -> None:
    assert [percent(0.0613), percent(1.0), percent(float("nan"))] == [
        "6.13 %",
        "100 %",
        "not defined",
    ]
    assert [seconds(0.0123), seconds(2.345), seconds(754.9)] == ["12.3 ms", "2.35 s", "12 min 34 s"]
    assert [size(999), size(7_680_000), size(2.5e12)] == ["999 B", "7.68 MB", "2,500 GB"]
    assert [count(1, "class", "classes"), count(0, "class", "classes")] == ["1 class", "0 classes"]


def test_text_of_users_is_shown_letter_by_letter() -> None:
    assert plain("<b>*x*</b> [a](http://b)\n# c") == (
        "\\<b\\>\\*x\\*\\</b\\> \\[a\\]\\(http\\://\u2060b\\) \\# c"
    )


def guarded() -> None:
    import streamlit as st

    from core.errors import DataError
    from pages.ui.display import messages

    with messages.guard():
        raise DataError("Row 3 is *empty*.")
    with messages.guard():
        raise ZeroDivisionError("a secret path")
    st.write("the rest")


def test_an_error_is_one_message_and_the_rest_lives(caplog: pytest.LogCaptureFixture) -> None:
    app = AppTest.from_function(guarded).run()
    assert not app.exception
    known, unknown = (box.value for box in app.error)
    assert known == "Row 3 is \\*empty\\*\\."
    assert "secret" not in unknown
    assert "ZeroDivisionError: a secret path" in caplog.text
    reference = caplog.records[-1].getMessage().split()[-1]
    assert f"Reference {reference}" in unknown
    assert app.markdown[0].value == "the rest"
