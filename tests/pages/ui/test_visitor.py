"""Who asks, by where a server listens and by what a request says of its way."""

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.session.visitor import LOCAL, is_at_this_machine, is_loopback


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("localhost", {"Host": "localhost:8501"}, True),
        ("127.0.0.1", {"Host": "127.0.0.1:8501"}, True),
        ("::1", {"Host": "[::1]:8501"}, True),
        ("0.0.0.0", {"Host": "localhost:8501"}, False),  # others reach it as well
        (None, {"Host": "localhost:8501"}, False),  # Streamlit then listens everywhere
        ("", {"Host": "localhost:8501"}, False),
        ("192.168.1.7", {"Host": "192.168.1.7"}, False),
        ("localhost", {"Host": "evil.example:8501"}, False),  # a name that was bound to 127.0.0.1
        ("localhost", {"Host": "localhost.evil.example"}, False),
        ("localhost", {"Host": ""}, False),
        ("localhost", {"Host": "[::1"}, False),
        ("localhost", {"Host": "localhost", "X-Forwarded-For": "203.0.113.9"}, False),
        ("localhost", {"Host": "localhost", "Via": "1.1 proxy"}, False),
        ("localhost", {}, True),  # no server: a test
    ],
)
def test_who_is_at_this_machine(address: str | None, headers: dict[str, str], local: bool) -> None:
    assert is_at_this_machine(address, headers) is local


def test_loopback_is_more_than_one_address() -> None:
    assert is_loopback("127.8.9.1")
    assert is_loopback("LOCALHOST.")
    assert not is_loopback("10.0.0.1")
    assert not is_loopback("local")


def _who() -> None:
    import streamlit as st

    from pages.ui.session.visitor import visitor

    st.text(repr(visitor()))


def test_a_page_without_a_server_is_the_local_users() -> None:
    assert AppTest.from_function(_who).run().text[0].value == repr(LOCAL)


def test_each_session_of_an_open_server_is_an_owner_that_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("pages.ui.session.visitor.is_at_this_machine", lambda *_: False)
    one, other = AppTest.from_function(_who).run(), AppTest.from_function(_who).run()
    first = one.text[0].value
    assert "name='a visitor', is_local=False, is_admin=False" in first
    assert one.run().text[0].value == first
    assert other.text[0].value != first
