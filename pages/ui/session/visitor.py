"""Who asks: the owner of what a session makes, its name, and whether it may manage the server.

Without a login, a server that only this machine can reach has one user, "local". A server that
others can reach has visitors without a name: each session is an owner of its own.
"""

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import streamlit as st

from pages.ui.session.slot import Slot

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")


@dataclass(frozen=True)
class Visitor:
    """owner: names whose things these are; nobody can guess the owner of a nameless visitor.

    name: for people to read. is_local: the one user of this machine, without a login. is_admin:
    sees the page Status, and everybody's jobs there.
    """

    owner: str
    name: str
    is_local: bool
    is_admin: bool


LOCAL = Visitor("local", "this machine", is_local=True, is_admin=True)

_NAMELESS: Slot[str] = Slot("nameless", lambda: f"visitor:{secrets.token_urlsafe(16)}")


def visitor() -> Visitor:
    """Who asks in this run."""
    if is_at_this_machine(st.get_option("server.address"), st.context.headers):
        return LOCAL
    return Visitor(_NAMELESS.get(), "a visitor", is_local=False, is_admin=False)


def is_at_this_machine(address: str | None, headers: Mapping[str, str]) -> bool:
    """Whether a request comes from the machine of a server that listens at this address.

    Not where a proxy on the same machine forwards it, nor where the browser was led here under
    another name (`Host`). Without headers there is no server: a test or a script runs the page.
    """
    if not headers:
        return True
    if any(name in headers for name in FORWARDED):
        return False
    return is_loopback(address) and is_loopback(_host_name(headers.get("Host", "")))


def is_loopback(host: str | None) -> bool:
    """Whether only this machine reaches what listens there; None and "" are every address."""
    if host is None:
        return False
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _host_name(header: str) -> str:
    """The name in a `Host` header, without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
