"""`nearfield FILE`: what it says in the terminal, and that sessions open with the file."""

import os
import signal
import sys
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit import net_util
from streamlit.testing.v1 import AppTest
from streamlit.web.server import server_util

from core import limits
from core.data.read import to_set
from core.limits import ENCODER, HOSTS, MAX_UPLOAD_MB, MAX_VALUES
from pages import SUBTITLE, launch
from pages.ui.display.shell import Shell
from pages.ui.session import opened
from pages.ui.session.access import Access, login_of
from pages.ui.session.entrance import Entrance
from pages.ui.session.host_names import LOCAL, HostNames
from pages.ui.session.response_headers import ResponseHeaders
from pages.ui.session.upload_route import UploadsToDisk
from tests import loops
from tests.core.data.files import as_npy
from tests.core.encoders.folders import write_static
from tests.pages.conftest import new_app
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
ROWS = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    opened.open_with(None)


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """What the server was started with; no server runs."""
    calls: list[tuple[Any, ...]] = []

    def serve(address: str, port: int | None, *, opens_browser: bool) -> int:
        calls.append((address, port, opens_browser))
        return 0

    monkeypatch.setattr(launch, "serve", serve)
    return calls


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.npy"
    path.write_bytes(as_npy(ROWS))
    return path


def test_a_file_is_read_said_and_served(
    file: Path, served: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    table = file.with_name("words.tsv")
    table.write_text("word\ttopic\n" + "".join(f"w{i}\tt{i % 3}\n" for i in range(60)))
    queries = file.with_name("queries.npy")
    queries.write_bytes(as_npy(ROWS[:4] + 1))
    arguments = [str(file), str(table), "--label", "topic", "--metric", "euclidean"]
    status = launch.main([*arguments, "--queries", str(queries), "--port", "8700", "--no-browser"])
    assert status == 0
    assert served == [("localhost", 8700, False)]
    assert capsys.readouterr().out.startswith(
        "mine: 60 vectors of 5 dimensions\n  labels: topic, 3 classes\n  queries: 4\n"
    )
    embeddings = opened.opened_set(opened.opened_data() or "")
    assert embeddings is not None
    assert embeddings.metric == "euclidean"
    assert embeddings.metadata["word"][59] == "w59"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.npy", b"\x93NUMPY", "is not a readable .npy array"),
        ("a.pdf", b"%PDF-1.7", "This is a PDF document"),
        ("a.csv", b"x0,x1\n1,2\n3,nan\n", "Here: --drop-bad-rows."),
    ],
)
def test_a_wrong_file_is_one_sentence_and_a_status(
    name: str,
    content: bytes,
    said: str,
    tmp_path: Path,
    served: list[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / name).write_bytes(content)
    assert launch.main([str(tmp_path / name)]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("nearfield: ")
    assert said in told.err
    assert (told.out, served) == ("", [])
    assert opened.opened_data() is None


@pytest.mark.usefixtures("served")
def test_a_choice_names_what_may_be_given(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "two.npz"
    np.savez(path, image=ROWS, text=ROWS)
    assert launch.main([str(path)]) == 2
    assert "Here: --vectors NAME, one of image, text." in capsys.readouterr().err
    assert launch.main([str(path), "--vectors", "text"]) == 0


@pytest.mark.usefixtures("served")
def test_bad_rows_are_left_out_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x0,x1\n1,2\n3,nan\n")
    assert launch.main([str(path), "--drop-bad-rows"]) == 0
    assert opened.opened_set(opened.opened_data() or "").n == 1  # type: ignore[union-attr]


def test_without_a_file_the_sample_is_served(served: list[Any]) -> None:
    assert launch.main([]) == 0
    assert served == [("localhost", None, True)]
    assert opened.opened_data() is None


def test_an_encoder_is_checked_before_the_server_starts(
    tmp_path: Path,
    served: list[Any],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(ENCODER, "")  # put back after the test
    vectors = np.ones((3, 4), dtype=np.float32)
    write_static(tmp_path / "tiny", ["[UNK]", "a", "b"], embeddings=vectors)
    monkeypatch.chdir(tmp_path)
    assert launch.main(["--encoder", "tiny"]) == 0
    assert capsys.readouterr().out == "tiny: encodes texts, 4 dimensions\n"
    assert os.environ[ENCODER] == str(tmp_path / "tiny")  # the server runs in another folder
    assert len(served) == 1
    (tmp_path / "tiny" / "model.safetensors").write_bytes(b"")
    assert launch.main([]) == 2  # the environment names it
    assert capsys.readouterr().err.startswith("nearfield: model.safetensors of 'tiny' cannot be ")
    assert len(served) == 1


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1"])
def test_a_port_that_is_none(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["--port", port])
    assert ended.value.code == 2
    assert "from 1 to 65535" in capsys.readouterr().err or port == "-1"


def test_the_limits_grow_with_a_file_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "big.npy"
    with path.open("wb") as file:
        file.truncate(3_000_000_000)  # takes no place on the disk
    for limit in (MAX_UPLOAD_MB, MAX_VALUES):
        monkeypatch.setenv(limit.variable, "5")  # put back after the test
        launch.raise_limits(path)
        assert limit.value == 5  # a stated limit holds
        monkeypatch.delenv(limit.variable)
    launch.raise_limits(path)
    assert os.environ[MAX_UPLOAD_MB.variable] == "30000"
    assert os.environ[MAX_VALUES.variable] == "30000000000"


@pytest.mark.usefixtures("served")
def test_sessions_open_with_the_file_and_its_key_is_in_the_link(file: Path, app: AppTest) -> None:
    launch.main([str(file), "--metric", "inner_product"])
    app.run()
    assert not app.exception
    assert app.query_params["data"] == opened.opened_data()
    assert app.query_params["metric"] == "inner_product"
    card = " ".join(text.value for text in app.sidebar.markdown)
    assert "60 vectors of 5 dimensions" in card
    opened.open_with(None)
    fresh = new_app()
    fresh.run()
    assert "data" not in fresh.query_params


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[st.App, dict[str, Any]]]]:
    """The apps that were run, with their settings; no server runs."""
    runs: list[tuple[st.App, dict[str, Any]]] = []
    monkeypatch.setattr(st.App, "run", lambda app, *, config: runs.append((app, config)))
    monkeypatch.setattr(sys, "argv", ["nearfield", "--port", "8700"])
    monkeypatch.chdir(launch.APP.parent)  # put back after the test
    monkeypatch.setattr(net_util, "get_external_ip", net_util.get_external_ip)  # so is this
    handler = signal.getsignal(signal.SIGTERM)
    yield runs
    signal.signal(signal.SIGTERM, handler)


def test_the_server_runs_the_router_and_receives_uploads_on_the_disk(
    runs: list[tuple[st.App, dict[str, Any]]],
) -> None:
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == 0
    assert launch.serve("localhost", None, opens_browser=False) == 0
    (app, settings), (_, free) = runs
    assert app.script_path == ROOT / "app.py"
    kinds = [ResponseHeaders, HostNames, Entrance, UploadsToDisk, Shell]
    assert [each.cls for each in app._user_middleware] == kinds
    assert app._user_middleware[1].kwargs == {"hosts": ("*",)}
    assert app._user_middleware[2].kwargs == {"asks_who": False}
    assert app._user_middleware[4].kwargs == {"words": SUBTITLE}
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
    assert launch.serve("localhost", 8700, opens_browser=False) == 0
    assert runs[0][1]["server.baseUrlPath"] == "tools/nearfield"


def test_a_login_of_the_environment_is_handed_to_the_server(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in (OIDC | {limits.ALLOW: "@lab.example"}).items():
        monkeypatch.setenv(name, value)
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == 0
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
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == launch.REFUSED
    assert capsys.readouterr().err.startswith("nearfield: NEARFIELD_ALLOW is missing:")
    monkeypatch.setenv(limits.ALLOW, "*")
    monkeypatch.setattr("pages.ui.session.visitor.login_in_files", dict)
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == launch.REFUSED
    assert "The login is stated twice" in capsys.readouterr().err
    monkeypatch.setattr("pages.ui.session.visitor.login_in_files", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "httpx" else name)
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == launch.REFUSED
    assert "A login needs httpx, which is not installed here." in capsys.readouterr().err
    assert runs == []


def test_a_proxys_header_is_held_against_the_address_that_asks(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.USER_HEADER, "X-Forwarded-Email")
    monkeypatch.setenv(limits.PROXY_ADDRESSES, "10.0.0.5")
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "*")  # would take X-Forwarded-For for the address
    assert launch.serve("0.0.0.0", 8700, opens_browser=False) == 0
    assert os.environ["FORWARDED_ALLOW_IPS"] == ""
    assert runs[0][0]._user_middleware[2].kwargs == {"asks_who": True}


def test_the_terminal_says_who_enters() -> None:
    assert launch.who_enters(Access("open"), "localhost") == ""
    assert launch.who_enters(Access("one"), "127.0.0.1") == ""
    assert launch.who_enters(Access("open"), "0.0.0.0").startswith(
        "Whoever reaches this server (0.0.0.0) can use it: there is no login."
    )
    assert launch.who_enters(Access("open"), "").startswith(
        "Whoever reaches this server (every address) can use it"
    )
    assert "is its one user" in launch.who_enters(Access("one"), "0.0.0.0")
    by_proxy = Access("header", header="X-User")
    assert launch.who_enters(by_proxy, "localhost") == (
        "Visitors are known by the header X-User of the proxy.\n"
    )


def test_nothing_asks_for_the_public_address_of_this_machine(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Streamlit would ask a server on the internet wherever a connection is refused."""
    monkeypatch.setattr(net_util, "_make_blocking_http_get", lambda *_, **__: pytest.fail("asked"))
    assert launch.serve("localhost", 8700, opens_browser=False) == 0
    assert len(runs) == 1
    assert not server_util.is_url_from_allowed_origins("http://evil.example")


def test_a_setting_of_the_gate_that_cannot_be_used_is_said(
    runs: list[tuple[st.App, dict[str, Any]]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv(HOSTS, "https://near.example.org/")
    assert launch.serve("localhost", 8700, opens_browser=False) == launch.REFUSED
    assert runs == []
    assert "NEARFIELD_HOSTS must name hosts" in capsys.readouterr().err


def test_a_browser_is_opened_once_the_server_starts(
    runs: list[tuple[st.App, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened_at: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened_at.append)
    launch.serve("127.0.0.1", 8700, opens_browser=True)
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
    assert launch.address_of_server("localhost") == "http://localhost:8600/"
    assert launch.address_of_server("0.0.0.0") == "http://localhost:8600/"
    assert launch.address_of_server("::1") == "http://[::1]:8600/"
    options |= {"server.sslCertFile": "a.pem", "server.baseUrlPath": "/near/"}
    assert launch.address_of_server("10.0.0.1") == "https://10.0.0.1:8600/near"


@pytest.mark.usefixtures("runs")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_that_is_stopped_ends_well(
    number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(st.App, "run", lambda *_, **__: signal.raise_signal(number))
    assert launch.serve("localhost", 8700, opens_browser=False) == 0


def test_while_the_file_is_read_sessions_see_a_picture_of_it(
    file: Path, served: list[Any], app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def slow(*arguments: Any) -> Any:
        go_on.wait()
        return to_set(*arguments)

    monkeypatch.setattr(launch, "to_set", slow)
    monkeypatch.setattr(launch, "AT_MOST", 0.01)
    try:
        assert launch.main([str(file)]) == 0
        assert served  # before the rows were checked
        while opened.opening() is None or opened.opening().picture is None:  # type: ignore[union-attr]
            pass
        app.run()
        assert not app.exception
        assert app.subheader[0].value.replace("\\", "") == "mine.npy is being read"
        assert "60 vectors of 5 dimensions" in app.main.markdown[0].value.replace("\\", "")
        assert app.main.caption[-1].value.replace("\\", "") == "60 rows, PCA."
        assert len(app.title) == 0
    finally:
        go_on.set()
    _joined()
    app.run()
    assert app.query_params["data"] == opened.opened_data()
    assert "60 vectors of 5 dimensions" in " ".join(text.value for text in app.sidebar.markdown)


def test_a_file_that_turns_out_wrong_is_said_on_the_page_and_in_the_terminal(
    tmp_path: Path,
    served: list[Any],
    app: AppTest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "holes.csv"
    path.write_text("x0,x1\n1,2\n3,nan\n")
    is_served, run, serve = threading.Event(), launch.Reading.run, launch.serve

    def run_behind(reading: launch.Reading) -> None:
        assert is_served.wait(PATIENCE)
        run(reading)

    def serve_until_read(address: str, port: int | None, *, opens_browser: bool) -> int:
        is_served.set()
        _joined()
        return serve(address, port, opens_browser=opens_browser)

    monkeypatch.setattr(launch, "AT_MOST", 0.0)  # the server is quicker
    monkeypatch.setattr(launch.Reading, "run", run_behind)
    monkeypatch.setattr(launch, "serve", serve_until_read)
    assert launch.main([str(path)]) == 2
    assert served
    assert "Here: --drop-bad-rows." in capsys.readouterr().err
    app.run()
    assert "Here: --drop-bad-rows." in app.error[0].value.replace("\\", "")
    app.button[0].click().run()
    assert len(app.error) == 0
    assert "WordNet sample" in " ".join(text.value for text in app.sidebar.markdown)


def _joined() -> None:
    """Wait for the reading that was left behind."""
    for thread in threading.enumerate():
        if thread.name == "reading":
            threading.Thread.join(thread)
