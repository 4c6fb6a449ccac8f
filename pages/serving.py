"""The server of the app: who may enter, what its answers pass through, and how it ends.

It runs in the process that starts it, which may have read data before (see `pages.launch`).
"""

import contextlib
import importlib.util
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import CoreError, MissingExtraError, ParameterError
from core.limits import api_is_on
from pages import SUBTITLE
from pages.ui.jobs import progress_bar
from pages.ui.session.access import Access, base_path, is_loopback, login_of, read_access

if TYPE_CHECKING:
    from starlette.routing import Route

APP = Path(__file__).resolve().parents[1] / "app.py"
REFUSED = 2
EVERYWHERE = ("0.0.0.0", "::", "")  # addresses to listen at


def serve(address: str, port: int | None, *, opens_browser: bool) -> int:
    """Run the app until it is stopped; without a port, on the first free one from 8501 on."""
    import streamlit as st
    from starlette.middleware import Middleware
    from streamlit.config import get_config_options

    from pages.ui.display import shell
    from pages.ui.server import logs
    from pages.ui.server.entrance import Entrance
    from pages.ui.server.framed import Framed
    from pages.ui.server.health import Health
    from pages.ui.server.host_names import HostNames, known_hosts
    from pages.ui.server.response_headers import ResponseHeaders, headers
    from pages.ui.server.upload_route import UploadsToDisk

    @contextlib.asynccontextmanager
    async def opened_in_browser(_: st.App) -> AsyncIterator[None]:
        url = address_of_server(address)
        opening = threading.Thread(target=webbrowser.open, args=(url,), daemon=True, name="browser")
        opening.start()
        yield

    try:
        logs.set_up()
        headers()
        hosts = known_hosts(address)
        below = base_path(os.environ)
    except ParameterError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return REFUSED
    stay_inside()
    os.chdir(APP.parent)  # where the server looks for its settings
    sys.argv = [str(APP)]  # where the server looks for modules
    settings: dict[str, object] = {"server.address": address, "server.headless": True}
    settings |= {"browser.gatherUsageStats": False, "server.allowedHosts": list(hosts)}
    if port is not None:
        settings["server.port"] = port
    if below:
        settings["server.baseUrlPath"] = below
    get_config_options(options_from_flags=settings)  # so that they are read once
    try:
        entry = entering(address)
        routes = api_routes(address, entry.access, below)
    except CoreError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return REFUSED
    print(entry.words, end="")
    app = st.App(
        APP,
        routes=[*Health().routes(), *routes],
        secrets=entry.secrets,
        middleware=[
            Middleware(ResponseHeaders, scripts=(shell.script(),)),
            Middleware(HostNames, hosts=hosts),
            Middleware(Entrance, asks_who=entry.access.way in ("login", "header")),
            Middleware(Framed),
            Middleware(UploadsToDisk),
            Middleware(shell.Shell, words=SUBTITLE),
        ],
        lifespan=opened_in_browser if opens_browser else None,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the end is that of Ctrl+C
    with contextlib.suppress(KeyboardInterrupt):
        app.run(config=settings)
    if not progress_bar.close():
        os._exit(0)  # a thread in native code would abort the process on its way out
    return 0


def api_routes(address: str, access: Access, below: str) -> "list[Route]":
    """The routes for scripts and agents, none where the deployment does not want them.

    Raises ParameterError where others could call the server without a token.
    """
    if not api_is_on():
        return []
    from pages.agents import http

    token = http.token(os.environ)
    http.check_token(token, address, access.way)
    api = http.Api(progress_bar.runner, address=address, token=token, below=below)
    print(f"Scripts and agents call {api.root}, described in {api.root}/openapi.json.")
    return api.routes()


@dataclass(frozen=True)
class Entry:
    """Who may enter. secrets: what Streamlit must know of a login. words: for the terminal."""

    access: Access
    secrets: dict[str, Any] | None
    words: str


def entering(address: str) -> Entry:
    """Who may enter this server, checked before it starts; raises CoreError."""
    import streamlit as st

    from pages.ui.session.visitor import PEER_IS_REAL, login_in_files

    held, stated = login_in_files(), login_of(os.environ)
    if held is not None and stated is not None:
        raise ParameterError(
            "The login is stated twice, in the section [auth] of secrets.toml and in the "
            "environment. Keep one."
        )
    auth = held if stated is None else stated
    access = read_access(os.environ, auth, st.get_option("server.baseUrlPath") or "")
    if access.way == "login":
        for library in ("authlib", "httpx"):
            if importlib.util.find_spec(library) is None:
                raise MissingExtraError("A login", library, "auth")
    if access.way == "header":
        os.environ[PEER_IS_REAL] = ""
    return Entry(access, None if stated is None else {"auth": stated}, who_enters(access, address))


def who_enters(access: Access, address: str) -> str:
    """What the terminal says of who may enter, or "" where that is this machine alone."""
    if access.way == "login":
        return "Visitors log in.\n"
    if access.way == "header":
        return f"Visitors are known by the header {access.header} of the proxy.\n"
    if is_loopback(address):
        return ""
    if access.way == "one":
        return (
            f"Whoever reaches this server ({address or 'every address'}) is its one user: there is "
            "no login, and all see and change the same things.\n"
        )
    return (
        f"Whoever reaches this server ({address or 'every address'}) can use it: there is no "
        "login. Each visitor sees what is theirs, and what others share by link. "
        "docs/deployment.md says how to add a login.\n"
    )


def stay_inside() -> None:
    """Keep Streamlit from asking a server on the internet for this machine's public address.

    It does so for its message at the start, and for each connection that is refused.
    """
    from streamlit import net_util

    net_util.get_external_ip = lambda: None


def address_of_server(address: str) -> str:
    """Where a browser on this machine finds the server that listens at this address."""
    import streamlit as st

    host = "localhost" if address in EVERYWHERE else address
    host = f"[{host}]" if ":" in host else host
    scheme = "https" if st.get_option("server.sslCertFile") else "http"
    path = (st.get_option("server.baseUrlPath") or "").strip("/")
    return f"{scheme}://{host}:{st.get_option('server.port')}/{path}"
