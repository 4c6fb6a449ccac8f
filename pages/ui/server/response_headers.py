"""What a browser may do with the app's pages: headers on every answer, by an ASGI middleware.

The policy (https://www.w3.org/TR/CSP3/) lets scripts, styles, pictures and connections come from
this server alone, and pictures also from the hosts that the deployment names.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import streamlit
from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core.limits import frame_ancestors, remote_image_hosts

INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
METRICS = "/_stcore/metrics"
NOT_FOUND = 404
FRAMES = {"'self'": "SAMEORIGIN", "'none'": "DENY"}
UNUSED = ("camera", "display-capture", "geolocation", "microphone", "midi", "payment", "usb")


def policy(images: Iterable[str], ancestors: Iterable[str], scripts: Iterable[str]) -> str:
    """The content security policy.

    images: hosts of pictures. ancestors: who may show the app in a frame. scripts: hashes of the
    scripts in the page itself.

    Styles may stand in the page, for Streamlit, its tables and plotly write theirs while it runs.
    Streamlit hands the code of our elements over as `blob:`, and counts in WebAssembly. No text is
    run as a script: of plotly's charts only those in WebGL (`scattergl`) would need that.
    """
    parts = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", "'wasm-unsafe-eval'", *scripts],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:", *(f"https://{host}" for host in images)],
        "media-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": list(ancestors),
    }
    return "; ".join(" ".join([name, *sources]) for name, sources in parts.items())


@cache
def scripts_of_the_page() -> tuple[str, ...]:
    """Hashes of the scripts that stand in Streamlit's page, by which the policy lets them run."""
    page = Path(streamlit.__file__).with_name("static") / "index.html"
    return tuple(_source(code) for code in INLINE.findall(page.read_bytes()))


def _source(code: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(code).digest()).decode()}'"


def headers(scripts: Iterable[str] = ()) -> dict[str, str]:
    """The headers of every answer; raises ParameterError where a setting cannot be used.

    scripts: the code of those that stand in the page beside Streamlit's own.
    """
    ancestors = frame_ancestors()
    run = [*scripts_of_the_page(), *(_source(code.encode()) for code in scripts)]
    found = {
        "content-security-policy": policy(remote_image_hosts(), ancestors, run),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": ", ".join(f"{name}=()" for name in UNUSED),
    }
    if len(ancestors) == 1 and ancestors[0] in FRAMES:
        found["x-frame-options"] = FRAMES[ancestors[0]]
    return found


class ResponseHeaders:
    """The middleware; Streamlit's metrics, which tell of all sessions, are not found.

    scripts: as of `headers`.
    """

    def __init__(self, app: ASGIApp, scripts: Iterable[str] = ()) -> None:
        self._app, self._headers = app, headers(scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request with the headers."""

        async def answer(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(METRICS):
            await PlainTextResponse("Not found\n", NOT_FOUND)(scope, receive, answer)
        else:
            await self._app(scope, receive, answer)
