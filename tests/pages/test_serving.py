"""The server: who may enter, what it passes through, how it ends."""

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit import net_util
from streamlit.web.server import server_util

from core import limits
from core.limits import HOSTS
from pages import SUBTITLE, serving
from pages.ui.display.shell import Shell
from pages.ui.server.entrance import Entrance
from pages.ui.server.framed import Framed
from pages.ui.server.host_names import LOCAL, HostNames
from pages.ui.server.response_headers import ResponseHeaders
from pages.ui.server.upload_route import UploadsToDisk
from pages.ui.session.access import Access, login_of
from tests import loops

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[st.App, dict[str, Any]]]]:
    """The apps that were run, with their settings; no server runs."""
    runs: list[tuple[st.App, dict[str, Any]]] = []
    monkeypatch.setattr(st.App, "run", lambda app, *, config: runs.append((app, config)))
    monkeypatch.setattr(sys, "argv", ["nearfield", "--port", "8700"])
    monkeypatch.chdir(serving.APP.parent)  # put back after the test
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # so is this
    handler = signal.getsignal(signal.SIGTERM)
    yield runs
    signal.signal(signal.SIGTERM, handler)


def test_the_server_runs_the_router_and_receives_uploads_on_the_disk(
    runs: list[tuple[st.App, dict[str, Any]]],
) -> None:
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == 0
    assert serving.serve("localhost", None, opens_browser=False) == 0
    (app, settings), (_, free) = runs
    assert app.script_path == ROOT / "app.py"
    kinds = [ResponseHeaders, HostNames, Entrance, Framed, UploadsToDisk, Shell]
    assert [each.cls for each in app._user_middleware] == kinds
    assert app._user_middleware[1].kwargs == {"hosts": ("*",)}
    assert app._user_middleware[2].kwargs == {"asks_who": False}
    assert app._user_middleware[5].kwargs == {"words": SUBTITLE}
    assert settings == {
        "server.address": "0.0.0.0",
        "server.port": 8700,
        "server.headless": True,
        "browser.gatherUsageStats": False,
        "server.allowedHosts": ["*"],
    }
    bound = {"server.address": "localhost", "server.allowedHosts": list(LOCAL)}
    assert free == {name: settings[name] for name in settings if name != "server.port"} | bound
    assert sys.argv == [str(ROOT / "app.py")]


OIDC = {
    limits.OIDC_URL: "https://id.example",
    limits.OIDC_CLIENT: "nearfield",
    limits.OIDC_SECRET: "of the provider",
    limits.PUBLIC_URL: "https://nearfield.example",
    limits.COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
}


def test_the_server_answers_below_the_path_of_its_public_address(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.PUBLIC_URL, "https://lab.example/tools/nearfield")
    assert serving.serve("localhost", 8700, opens_browser=False) == 0
    assert runs[0][1]["server.baseUrlPath"] == "tools/nearfield"


def test_a_login_of_the_environment_is_handed_to_the_server(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (OIDC | {limits.ALLOW: "@lab.example"}).items():
        monkeypatch.setenv(name, value)
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == 0
    (app, _), *_ = runs
    assert app._programmatic_secrets == {"auth": login_of(OIDC)}
    assert app._user_middleware[2].kwargs == {"asks_who": True}
    assert capsys.readouterr().out == "Visitors log in.\n"


def test_a_server_with_wrong_settings_does_not_start(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in OIDC.items():
        monkeypatch.setenv(name, value)
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == serving.REFUSED
    assert capsys.readouterr().err.startswith("nearfield: NEARFIELD_ALLOW is missing:")
    monkeypatch.setenv(limits.ALLOW, "*")
    monkeypatch.setattr("pages.ui.session.visitor.login_in_files", dict)
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == serving.REFUSED
    assert "The login is stated twice" in capsys.readouterr().err
    monkeypatch.setattr("pages.ui.session.visitor.login_in_files", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httpx" else name)
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == serving.REFUSED
    assert "A login needs httpx, which is not installed here." in capsys.readouterr().err
    assert runs == []


def test_scripts_and_agents_may_call_only_where_the_deployment_says_so(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def paths() -> list[str]:
        return [route.path for route in runs[-1][0]._user_routes]  # type: ignore[attr-defined]

    assert serving.serve("localhost", 8700, opens_browser=False) == 0
    assert paths() == ["/health", "/ready"]
    monkeypatch.setenv(limits.API, "on")
    assert serving.serve("localhost", 8700, opens_browser=False) == 0
    assert "/api/v1/{call}" in paths()
    assert capsys.readouterr().out.startswith("Scripts and agents call /api/v1, described in")
    monkeypatch.setenv(limits.PUBLIC_URL, "https://lab.example/tools/nearfield")
    assert serving.serve("localhost", 8700, opens_browser=False) == 0
    assert "/tools/nearfield/api/v1/{call}" in paths()
    for setting, value, words in (
        (limits.API_TOKEN, "", "NEARFIELD_API is on, and others reach this server: set NEARF"),
        (limits.API_TOKEN, "short", "NEARFIELD_API_TOKEN has 5 characters"),
        (limits.API, "yes", "NEARFIELD_API must be on or off; got 'yes'."),
    ):
        monkeypatch.setenv(setting, value)
        capsys.readouterr()
        assert serving.serve("0.0.0.0", 8700, opens_browser=False) == serving.REFUSED
        assert capsys.readouterr().err.startswith(f"nearfield: {words}")
    assert len(runs) == 3


def test_a_proxys_header_is_held_against_the_address_that_asks(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.USER_HEADER, "X-Forwarded-Email")
    monkeypatch.setenv(limits.PROXY_ADDRESSES, "10.0.0.5")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # would take X-Forwarded-For for the address
    assert serving.serve("0.0.0.0", 8700, opens_browser=False) == 0
    assert os.environ["FORWARDED_ALLOW_IPS"] == ""
    assert runs[0][0]._user_middleware[2].kwargs == {"asks_who": True}


def test_the_terminal_says_who_enters() -> None:
    assert serving.who_enters(Access("open"), "localhost") == ""
    assert serving.who_enters(Access("one"), "127.0.0.1") == ""
    assert serving.who_enters(Access("open"), "0.0.0.0").startswith(
        "Whoever reaches this server (0.0.0.0) can use it: there is no login."
    )
    assert serving.who_enters(Access("open"), "").startswith(
        "Whoever reaches this server (every address) can use it"
    )
    assert "is its one user" in serving.who_enters(Access("one"), "0.0.0.0")
    by_proxy = Access("header", header="X-User")
    assert serving.who_enters(by_proxy, "localhost") == (
        "Visitors are known by the header X-User of the proxy.\n"
    )


def test_nothing_asks_for_the_public_address_of_this_machine(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit would ask a server on the internet wherever a connection is refused."""
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("asked"))
    assert serving.serve("localhost", 8700, opens_browser=False) == 0
    assert len(runs) == 1
    assert not server_util.is_url_from_allowed_origins("http://evil.example")


def test_a_setting_of_the_gate_that_cannot_be_used_is_said(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(HOSTS, "https://near.example.org/")
    assert serving.serve("localhost", 8700, opens_browser=False) == serving.REFUSED
    assert runs == []
    assert "NEARFIELD_HOSTS must name hosts" in capsys.readouterr().err


def test_a_browser_is_opened_once_the_server_starts(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_at: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened_at.append)
    serving.serve("127.0.0.1", 8700, opens_browser=True)
    app, _ = runs[0]
    lifespan = app._user_lifespan
    assert lifespan is not None

    async def start() -> None:
        async with lifespan(app):
            pass

    assert opened_at == []
    loops.run(start())
    for thread in threading.enumerate():
        if thread.name == "browser":
            thread.join()
    assert opened_at == [f"http://127.0.0.1:{st.get_option('server.port')}/"]


def test_where_a_browser_finds_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    options: dict[str, Any] = {"server.port": 8600, "server.sslCertFile": None}
    options["server.baseUrlPath"] = ""
    monkeypatch.setattr(st, "get_option", lambda name: options[name])
    assert serving.address_of_server("localhost") == "http://localhost:8600/"
    assert serving.address_of_server("0.0.0.0") == "http://localhost:8600/"
    assert serving.address_of_server("::1") == "http://[::1]:8600/"
    options |= {"server.sslCertFile": "a.pem", "server.baseUrlPath": "/near/"}
    assert serving.address_of_server("10.0.0.1") == "https://10.0.0.1:8600/near"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_ends_well(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st.App, "run", lambda *_, **__: signal.raise_signal(number))
    assert serving.serve("localhost", 8700, opens_browser=False) == 0
