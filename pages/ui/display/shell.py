"""What a browser shows from the first byte on, until the first run of the app has drawn something.

Streamlit's page is empty until its scripts have been loaded, and then shows a menu of file names
until the router has run once. So an ASGI middleware adds to that page the title, and over it a
plain shell, which goes by itself once a card of the side bar, a heading or a message is there; and
a script that keeps one step of the browser's history for each page.
"""

from functools import cache
from html import escape
from pathlib import Path

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.ui.display.style import WORDMARK

AT_MOST = 60  # seconds, where a browser cannot tell that something was drawn
HTML = b"text/html"
TITLE = b"<title>Streamlit</title>"
SCRIPTS = Path(__file__).with_name("scripts")
ROOT = b'<div id="root"></div>'
# Whichever of them comes first.
DRAWN = (
    ".st-key-card_data",
    ".st-key-answer",
    ".st-key-door",
    '[data-testid="stAlert"]',
    '[data-testid="stException"]',
    '[role="dialog"]',
)
UNCONDITIONAL = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")


class Shell:
    """The middleware; words: a line below the product's name."""

    def __init__(self, app: ASGIApp, words: str) -> None:
        self._app, self._words = app, words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; a page of HTML is answered whole, with the shell in it."""
        if scope["type"] != "http" or scope["method"] != "GET" or not _wants_html(scope):
            await self._app(scope, receive, send)
            return
        plain = [header for header in scope["headers"] if header[0] not in UNCONDITIONAL]
        page = _Page(send, self._words)
        await self._app({**scope, "headers": plain}, receive, page.send)


class _Page:
    """Holds the start and the body of a page of HTML back until they are whole."""

    def __init__(self, send: Send, words: str) -> None:
        self._send, self._words = send, words
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            kind = Headers(raw=message["headers"]).get("content-type", "")
            if message["status"] == 200 and kind.startswith(HTML.decode()):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._parts.append(message.get("body", b""))
            if message.get("more_body", False):
                return
            body = with_shell(b"".join(self._parts), self._words)
            headers = MutableHeaders(raw=list(self._start["headers"]))
            headers["content-length"] = str(len(body))
            for name in ("etag", "last-modified"):  # of the file without the shell
                del headers[name]
            await self._send({**self._start, "headers": headers.raw})
            message = {"type": "http.response.body", "body": body}
        await self._send(message)


@cache
def script() -> str:
    """The code in `<script>`, which the policy of the page has to let run."""
    return (SCRIPTS / "history.js").read_text("utf-8")


def _wants_html(scope: Scope) -> bool:
    return HTML in dict(scope["headers"]).get(b"accept", b"")


def with_shell(page: bytes, words: str) -> bytes:
    """Streamlit's page with the title, the script and the shell; another page as it is."""
    if page.count(ROOT) != 1:
        return page
    titled = page.replace(TITLE, f"<title>Nearfield</title><script>{script()}</script>".encode())
    return titled.replace(ROOT, ROOT + _shell(words).encode())


def _shell(words: str) -> str:
    return f"""
    <div id="nearfield-shell" role="status">
      <style>{_style()}</style>
      {WORDMARK.strip()}
      <p>{escape(words)}</p>
      <p>Opening …</p>
    </div>"""


def _style() -> str:
    return f"""
#nearfield-shell {{
  position: fixed; inset: 0; z-index: 999999; display: grid; place-content: center;
  justify-items: center; gap: 0.6rem; padding: 1rem; text-align: center;
  font: 15px/1.4 "Source Sans", "Source Sans Pro", sans-serif;
  {_colors("light")}
  animation: nearfield-gone 0s {AT_MOST}s forwards;
}}
#nearfield-shell p {{ margin: 0; }}
@media (prefers-color-scheme: dark) {{ #nearfield-shell {{ {_colors("dark")} }} }}
@keyframes nearfield-gone {{ to {{ visibility: hidden; }} }}
@supports not selector(:has(a)) {{ #nearfield-shell {{ display: none; }} }}
body:has({", ".join(DRAWN)}) #nearfield-shell {{ display: none; }}
"""


def _colors(scheme: str) -> str:
    page = st.get_option(f"theme.{scheme}.backgroundColor")
    text = st.get_option(f"theme.{scheme}.textColor")
    return f"background: {page}; color: {text};"
