"""Who may reach the server under which name: an ASGI middleware in front of Streamlit's app.

A page of another site can give its own name the address of this machine (DNS rebinding), and then
reads what the server answers; so requests under unknown names are refused. A page of another site
can also open a connection (websocket) by itself; so one from another origin is refused, and before
Streamlit, which would ask a server on the internet for this machine's public address.
"""

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from core.hosts import is_listed
from core.limits import ANY_HOST, HOSTS, host_names

LOCAL = ("localhost", "*.localhost", "127.0.0.1", "::1")
MISDIRECTED, FORBIDDEN = 421, 1008  # status of an answer; code of a refused connection
PROBES = ("/health", "/ready", "/_stcore/health")  # asked by address; they tell nothing
UNKNOWN = f"This server does not answer to this name. It answers to those in {HOSTS}.\n"


def known_hosts(address: str) -> tuple[str, ...]:
    """The names that a server at this address answers to: those of the deployment, else its own.

    Bound to this machine alone it has the names of this machine; bound beyond it, any.

    >>> known_hosts("localhost")
    ('localhost', '*.localhost', '127.0.0.1', '::1')
    >>> known_hosts("0.0.0.0")
    ('*',)
    """
    return host_names() or (LOCAL if is_listed(address, LOCAL) else (ANY_HOST,))


def is_own_page(headers: Headers) -> bool:
    """Whether a browser says that a page of this server asks, under its own or a stated name."""
    origin = _netloc(headers.get("origin", ""))
    return bool(origin) and (origin == headers.get("host") or _is_named(origin))


class HostNames:
    """The middleware; hosts: as `known_hosts` gives them."""

    def __init__(self, app: ASGIApp, hosts: Iterable[str]) -> None:
        self._app, self._hosts = app, tuple(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] not in ("http", "websocket") or scope["path"].endswith(PROBES):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if not self._answers_to(host):
            await _refuse(scope, receive, send)
        elif scope["type"] == "websocket":
            origin = _netloc(headers.get("origin", f"//{host}"))
            if origin == host:
                await self._app(scope, receive, send)
            elif _is_named(origin):  # a proxy asks under a name of its own
                await self._app(_asked_as(scope, origin), receive, send)
            else:
                await _refuse(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _answers_to(self, host: str) -> bool:
        return ANY_HOST in self._hosts or is_listed(_name(host), self._hosts)


def _is_named(host: str) -> bool:
    """Whether the deployment itself names a host, so that its pages are this app's."""
    return is_listed(_name(host), host_names())


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": FORBIDDEN})
    else:
        await PlainTextResponse(UNKNOWN, MISDIRECTED)(scope, receive, send)


def _asked_as(scope: Scope, host: str) -> Scope:
    headers = [(name, value) for name, value in scope["headers"] if name != b"host"]
    return {**scope, "headers": [*headers, (b"host", host.encode("latin-1"))]}


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def _name(host: str) -> str:
    """The host without its port; "" where it is none."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port
    except ValueError:
        return ""
    return (parts.hostname or "") if parts.netloc == host and "@" not in host else ""
