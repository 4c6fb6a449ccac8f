"""Who asks: the owner of what a session makes, its name, and whether it may manage the server.

Without a login, a server that only this machine can reach has one user, "local". A server that
others can reach has visitors without a name: each session is an owner of its own. With a login or
a proxy's header (`access`) an owner is a person, at every machine and after every restart.
"""

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import streamlit as st
from streamlit.errors import StreamlitSecretNotFoundError

from core.errors import CoreError, ParameterError
from core.limits import LOGIN_HOURS
from core.visible import marked
from pages.ui.session.access import (
    LOCAL_OWNER,
    USER,
    Access,
    is_loopback,
    login_of,
    read_access,
)
from pages.ui.session.slot import Slot

LOGGER = logging.getLogger("nearfield")
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
PEER_IS_REAL = "FORWARDED_ALLOW_IPS"  # "" keeps the server from taking a header for the address
Why = Literal["unknown", "expired", "not allowed", "wrong settings"]
NAME_LENGTH = 80  # characters shown
NAMES_KEPT = 1_000


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


@dataclass(frozen=True)
class Refusal:
    """Why nobody is let in. name: who has logged in all the same, "" for nobody."""

    why: Why
    name: str = ""


LOCAL = Visitor(LOCAL_OWNER, "this machine", is_local=True, is_admin=True)

_NAMELESS: Slot[str] = Slot("nameless", lambda: f"visitor:{secrets.token_urlsafe(16)}")
_names: dict[str, str] = {}


def visitor() -> Visitor:
    """Who asks in this run; raises CoreError where the router lets nobody in."""
    asked = asked_by()
    if isinstance(asked, Refusal):
        raise CoreError("Log in first.")
    return asked


def asked_by() -> Visitor | Refusal:
    """Who asks in this run, or why nobody is let in."""
    try:
        rules = access()
    except ParameterError as error:
        LOGGER.error("Nobody is let in. %s", error)
        return Refusal("wrong settings")
    if rules.way == "one":
        return LOCAL
    if rules.way == "login":
        return _known(by_claims(rules, st.user.to_dict(), time.time()))
    if rules.way == "header":
        headers = st.context.headers
        return _known(by_header(rules, headers.get_all(rules.header), st.context.ip_address))
    if is_at_this_machine(st.get_option("server.address"), st.context.headers):
        return LOCAL
    return Visitor(_NAMELESS.get(), "a visitor", is_local=False, is_admin=False)


def name_of(owner: str) -> str:
    """The name of an owner who was here since the server's start, else what the owner is."""
    return _names.get(owner, LOCAL.name if owner == LOCAL.owner else owner.partition(":")[0])


@cache
def access() -> Access:
    """Who may enter, as the settings say; raises ParameterError where they are wrong."""
    held, stated = login_in_files(), login_of(os.environ)
    if stated is not None and held != stated:
        raise ParameterError(
            "The login of the environment is used by `nearfield` and `python -m pages.launch` "
            "alone, and not beside a section [auth] of secrets.toml."
        )
    rules = read_access(os.environ, held, st.get_option("server.baseUrlPath") or "")
    if rules.way == "header" and os.environ.get(PEER_IS_REAL) != "":
        raise ParameterError(
            "A proxy's header is believed by `nearfield` and `python -m pages.launch` alone; "
            f"elsewhere {PEER_IS_REAL} must be set to nothing."
        )
    return rules


def login_in_files() -> dict[str, Any] | None:
    """The section `[auth]` of Streamlit's secrets; raises ParameterError where they are damaged."""
    try:
        held = st.secrets.to_dict()
    except StreamlitSecretNotFoundError as error:
        if any(Path(path).exists() for path in st.get_option("secrets.files")):
            raise ParameterError(f"The secrets could not be read: {error}") from error
        return None
    return held.get("auth")


def by_claims(rules: Access, claims: Mapping[str, Any], now: float) -> Visitor | Refusal:
    """The person of an ID token's claims. now: in seconds since 1970."""
    issuer, subject = claims.get("iss"), claims.get("sub")
    if claims.get("is_logged_in") is not True or not issuer or not subject:
        return Refusal("unknown")
    name = _shown(claims.get("name") or claims.get("email") or subject)
    issued = claims.get("iat")
    if not isinstance(issued, int | float) or now - issued > LOGIN_HOURS.value * 3600:
        return Refusal("expired", name)
    return _allowed(rules, claims, _owner("login", str(issuer), str(subject)), name)


def by_header(rules: Access, values: Sequence[str], peer: str | None) -> Visitor | Refusal:
    """The person whom a proxy names. values: of its header. peer: the address that asks."""
    if not rules.believes(peer) or len(values) != 1 or not values[0].strip():
        return Refusal("unknown")
    name = values[0].strip()
    claims = {USER: name, "email": name, "email_verified": True}
    return _allowed(rules, claims, _owner("header", name.casefold()), _shown(name))


def _allowed(rules: Access, claims: Mapping[str, Any], owner: str, name: str) -> Visitor | Refusal:
    if not rules.admits(claims):
        return Refusal("not allowed", name)
    return Visitor(owner, name, is_local=False, is_admin=rules.manages(claims))


def _shown(name: object) -> str:
    """A name for people, in which nothing is hidden."""
    return marked(str(name))[:NAME_LENGTH]


def _owner(way: str, *parts: str) -> str:
    """Names a person by what cannot be mistaken for another's, and does not tell it."""
    return f"{way}:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]}"


def _known(asked: Visitor | Refusal) -> Visitor | Refusal:
    """Remember the name of an owner, for those who see what is everybody's."""
    if isinstance(asked, Visitor):
        _names[asked.owner] = asked.name
        while len(_names) > NAMES_KEPT:
            _names.pop(next(iter(_names)), None)
    return asked


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


def _host_name(header: str) -> str:
    """The name in a `Host` header, without its port."""
    try:
        return urlsplit(f"//{header}").hostname or ""
    except ValueError:
        return ""
