"""`nearfield FILE`: check a file in the terminal, then serve the app on it and open the browser.

The server runs in this process, so that what was read here is what the sessions get.
"""

import argparse
import contextlib
import importlib.util
import os
import signal
import sys
import threading
import webbrowser
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from core.data import EmbeddingSet, Look, ReadSettings, watch
from core.data.read import found_in, to_set, with_queries
from core.distances import METRICS
from core.encoders import load_encoder
from core.errors import BadRowsError, ChoiceError, CoreError, MissingExtraError, ParameterError
from core.limits import ENCODER, MAX_UPLOAD_MB, MAX_VALUES, encoder_folder
from core.projection import picture_of
from core.visible import marked
from pages import SUBTITLE
from pages.ui.jobs import progress_bar
from pages.ui.results import ahead
from pages.ui.session import opened
from pages.ui.session.access import Access, base_path, is_loopback, login_of, read_access
from pages.ui.session.opened import Opening

APP = Path(__file__).resolve().parents[1] / "app.py"
REFUSED = 2
AT_MOST = 1.0  # seconds of reading until the server starts beside it
EVERYWHERE = ("0.0.0.0", "::", "")  # addresses to listen at
PER_BYTE = 10  # a packed file holds more than its own bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 2 where the file cannot be used."""
    asked = _parser().parse_args(arguments)
    if not take_encoder(asked.encoder):
        return REFUSED
    reading = None
    if asked.file is not None:
        reading = Reading(asked)
        reading.start()
        reading.join(AT_MOST)
        if reading.error is not None:
            return REFUSED
        if reading.is_alive():
            print(f"{Path(asked.file).name}: is being read; the browser shows it meanwhile")
    status = serve(asked.address, asked.port, opens_browser=not asked.no_browser)
    return status if reading is None or reading.error is None else REFUSED


def take_encoder(folder: str | None) -> bool:
    """Check the text encoder that was named, here or in the environment; False if it cannot run."""
    named = folder or encoder_folder()
    if named is None:
        return True
    try:
        encoder = load_encoder(named)
    except CoreError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return False
    os.environ[ENCODER] = str(Path(named).resolve())  # the server changes its folder
    print(f"{encoder.name}: encodes texts, {encoder.dim:,} dimensions")
    return True


class Reading(threading.Thread):
    """Reads the file that the arguments name, and lets sessions open with it.

    error: why it cannot be used, once that is known.
    """

    def __init__(self, asked: argparse.Namespace) -> None:
        super().__init__(name="reading", daemon=True)
        self.error: CoreError | None = None
        self._asked = asked
        raise_limits(Path(asked.file))

    def run(self) -> None:
        """Read, say in the terminal what was found, and do what the first page needs."""
        try:
            with watch.heard(opened.report):
                embeddings = read(self._asked)
        except CoreError as error:
            self._refuse(refusal(error))
            return
        except BaseException as error:
            self._refuse(f"{self._asked.file} could not be read: {type(error).__name__}.")
            raise
        print(found(embeddings))
        ahead.work(embeddings, opened.report)
        opened.open_with(embeddings)

    def _refuse(self, reason: str) -> None:
        self.error = CoreError(reason)
        print(f"nearfield: {marked(reason)}", file=sys.stderr)
        opened.tell(replace(_begun(self._asked), error=self.error))


def read(asked: argparse.Namespace) -> EmbeddingSet:
    """The set that the arguments name, which sessions see on its way; raises CoreError."""
    begun = _begun(asked)
    opened.tell(begun)
    settings = ReadSettings(asked.vectors, asked.label, drop_bad_rows=asked.drop_bad_rows)
    inside, title = found_in(asked.file, begun.name, settings.options, metadata=asked.metadata)
    look = Look(inside, title, settings)
    opened.tell(replace(begun, look=look, picture=picture_of(look)))
    if asked.queries is not None:
        inside = with_queries(inside, asked.queries)
    embeddings = to_set(inside, title, asked.label, "drop" if asked.drop_bad_rows else "error")
    return embeddings if asked.metric is None else replace(embeddings, metric=asked.metric)


def _begun(asked: argparse.Namespace) -> Opening:
    path = Path(asked.file)
    return Opening(path.name, path.stat().st_size if path.is_file() else 0)


def raise_limits(path: Path) -> None:
    """Let a person's own file of any size in, where the environment states no limit itself."""
    size = path.stat().st_size if path.is_file() else 0
    for limit, least in ((MAX_UPLOAD_MB, PER_BYTE * size // 10**6), (MAX_VALUES, PER_BYTE * size)):
        if limit.variable not in os.environ and least > limit.value:
            os.environ[limit.variable] = str(least)


def refusal(error: CoreError) -> str:
    """Why the file cannot be used, and which argument of the command mends it."""
    if isinstance(error, ChoiceError):
        return f"{error} Here: --vectors NAME, one of {', '.join(error.candidates)}."
    if isinstance(error, BadRowsError):
        return f"{error} Here: --drop-bad-rows."
    return str(error)


def found(embeddings: EmbeddingSet) -> str:
    """What was read, in lines for the terminal."""
    lines = [f"{embeddings.name}: {embeddings.n:,} vectors of {embeddings.dim:,} dimensions"]
    if embeddings.label_column is not None:
        classes = len(embeddings.class_names)
        lines.append(f"  labels: {embeddings.label_column}, {classes:,} classes")
    if embeddings.queries is not None:
        lines.append(f"  queries: {len(embeddings.queries):,}")
    return "\n".join(marked(line) for line in [*lines, *(f"  {each}" for each in embeddings.notes)])


def serve(address: str, port: int | None, *, opens_browser: bool) -> int:
    """Run the app until it is stopped; without a port, on the first free one from 8501 on."""
    import streamlit as st
    from starlette.middleware import Middleware
    from streamlit.config import get_config_options

    from pages.ui.display.shell import Shell
    from pages.ui.session import logs
    from pages.ui.session.entrance import Entrance
    from pages.ui.session.health import Health
    from pages.ui.session.host_names import HostNames, known_hosts
    from pages.ui.session.response_headers import ResponseHeaders, headers
    from pages.ui.session.upload_route import UploadsToDisk

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
    except CoreError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return REFUSED
    print(entry.words, end="")
    app = st.App(
        APP,
        routes=Health().routes(),
        secrets=entry.secrets,
        middleware=[
            Middleware(ResponseHeaders),
            Middleware(HostNames, hosts=hosts),
            Middleware(Entrance, asks_who=entry.access.way in ("login", "header")),
            Middleware(UploadsToDisk),
            Middleware(Shell, words=SUBTITLE),
        ],
        lifespan=opened_in_browser if opens_browser else None,
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # the end is that of Ctrl+C
    with contextlib.suppress(KeyboardInterrupt):
        app.run(config=settings)
    if not progress_bar.close():
        os._exit(0)  # a thread in native code would abort the process on its way out
    return 0


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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nearfield", description="See an embedding space, and the HNSW index that searches it."
    )
    parser.add_argument("file", nargs="?", help="vectors, of any format that the README lists")
    parser.add_argument("metadata", nargs="?", help="a table with one row for each vector")
    parser.add_argument("--vectors", metavar="COLUMN", help="the column or array with the vectors")
    parser.add_argument("--label", metavar="COLUMN", help="the column with the classes")
    parser.add_argument("--metric", choices=METRICS, help="of the index, in place of the file's")
    parser.add_argument("--queries", metavar="FILE", help="vectors to search with")
    parser.add_argument(
        "--encoder", metavar="FOLDER", help="a model that turns text into a query; see the README"
    )
    parser.add_argument(
        "--drop-bad-rows", action="store_true", help="leave out rows that are not finite"
    )
    parser.add_argument("--address", default="localhost", help="that the server listens at")
    parser.add_argument("--port", type=_port, help="the first free one from 8501 on by default")
    parser.add_argument("--no-browser", action="store_true", help="serve, and open no browser")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535; got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
