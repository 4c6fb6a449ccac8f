"""What a login needs of the server, around Streamlit's own routes: an ASGI middleware.

Streamlit leads back to its root after a login. Here the address that was asked for is kept in a
cookie meanwhile. And its route of uploads takes files for every open page, also for one that shows
nothing but the login; here only for sessions that were let in.
"""

import importlib
import re
import threading
from collections import OrderedDict
from collections.abc import Callable
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "nearfield_asked_for"
SECONDS = 600  # until a login counts as given up
LONGEST = 3_000  # characters of an address; a browser keeps about 4,000 of a cookie
LOGIN = re.compile(r"(/.*)?/auth/login")
CALLBACK = re.compile(r"(/.*)?/oauth2callback")
UPLOAD = re.compile(r"(?:/.*)?/_stcore/upload_file/([^/]+)/[^/]+")
FORBIDDEN = 403
AT_MOST = 10_000  # sessions that are remembered

_admitted: OrderedDict[str, None] = OrderedDict()
_lock = threading.Lock()


def admit(session: str, let_in: bool) -> None:
    """Let a session send files from now on, or no longer; the router says so in each run."""
    with _lock:
        _admitted.pop(session, None)
        if let_in:
            _admitted[session] = None
        while len(_admitted) > AT_MOST:
            _admitted.popitem(last=False)


def is_admitted(session: str) -> bool:
    """Whether a session was let in."""
    return session in _admitted


def _is_admitted(session: str) -> bool:
    """The same, of the module as the pages have it: Streamlit imports anew after a change."""
    known: bool = importlib.import_module(__name__).is_admitted(session)
    return known


class Entrance:
    """The middleware; asks_who: whether this server has a login or a proxy's word."""

    def __init__(
        self, app: ASGIApp, asks_who: bool, is_admitted: Callable[[str], bool] = _is_admitted
    ) -> None:
        self._app, self._asks_who, self._is_admitted = app, asks_who, is_admitted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or not self._asks_who:
            await self._app(scope, receive, send)
            return
        path, headers = scope["path"], Headers(scope=scope)
        upload = UPLOAD.fullmatch(path)
        if upload is not None and scope["method"] != "OPTIONS" and not self._is_admitted(upload[1]):
            await PlainTextResponse("Log in first.", FORBIDDEN)(scope, receive, send)
        elif LOGIN.fullmatch(path):
            place = asked_for(headers.get("referer", ""), headers.get("host", ""))
            await self._app(scope, receive, _with(send, kept_cookie(place)))
        elif CALLBACK.fullmatch(path):
            place = kept_in(headers.get("cookie", ""))
            await self._app(scope, receive, _with(send, kept_cookie(""), place))
        else:
            await self._app(scope, receive, send)


def asked_for(referer: str, host: str) -> str:
    """The path and query of the page that leads to the login; "" where it is none of this host."""
    try:
        parts = urlsplit(referer)
    except ValueError:
        return ""
    if parts.netloc != host:
        return ""
    return safe(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def safe(place: str) -> str:
    """The place where it is one of this server, else "": a browser takes // for another host."""
    is_ours = re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", place) is not None
    return place if is_ours and len(place) <= LONGEST else ""


def kept_in(cookies: str) -> str:
    """The place that the browser was asked to keep."""
    return safe(unquote(cookie_parser(cookies).get(COOKIE, "")))


def kept_cookie(place: str) -> str:
    """The header that asks the browser to keep a place; with "" to forget it."""
    seconds = SECONDS if place else 0
    return f"{COOKIE}={quote(place)}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax"


def _with(send: Send, cookie: str, place: str = "") -> Send:
    """Send with one cookie more, and where it leads elsewhere, to `place`."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            headers.append("set-cookie", cookie)
            if place and "location" in headers:
                headers["location"] = place
            message = {**message, "headers": headers.raw}
        await send(message)

    return sending
