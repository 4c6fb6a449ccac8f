"""Uploads from a frame within a page of another site, where browsers keep cookies back.

Streamlit takes a file where a cookie and a header hold the same token, so that no page of another
site sends one in a visitor's name. In such a frame there is no cookie, and each upload would be
refused. Browsers say in `Origin` whose page asks, and no page can write another's name there: where
that is this server, the token proves nothing more, and is given here.
"""

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Receive, Scope, Send

from pages.ui.server.host_names import is_own_page

UPLOAD = re.compile(r"(?:/.*)?/_stcore/upload_file/[^/]+/[^/]+")
METHODS = ("PUT", "DELETE")
COOKIE, HEADER = "_streamlit_xsrf", "x-xsrftoken"
TOKEN = "2|00000000|6e65617266696568|0"  # as Streamlit reads it: version, mask, value, time


class Framed:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; an upload from an own page has a token, also without cookies."""
        await self._app(_with_token(scope) if _lacks_token(scope) else scope, receive, send)


def _lacks_token(scope: Scope) -> bool:
    if scope["type"] != "http" or scope["method"] not in METHODS:
        return False
    if not UPLOAD.fullmatch(scope["path"]):
        return False
    headers = Headers(scope=scope)
    return COOKIE not in cookie_parser(headers.get("cookie", "")) and is_own_page(headers)


def _with_token(scope: Scope) -> Scope:
    headers = MutableHeaders(raw=list(scope["headers"]))
    cookies = [headers["cookie"]] if "cookie" in headers else []
    headers["cookie"] = "; ".join([*cookies, f"{COOKIE}={TOKEN}"])
    headers[HEADER] = TOKEN
    return {**scope, "headers": headers.raw}
