"""Whose things a session makes, and which of others' it may see and change.

A person who has logged in is known by that. Where a server has no login, a visitor is known by what
its own session holds; so that a workspace outlives the session, its owner's address of it holds a
key. A link for others does not hold that key.
"""

import hashlib
import secrets
from base64 import urlsafe_b64encode
from typing import Literal, Protocol

from pages.ui.session.slot import Slot
from pages.ui.session import visitor as visitors
from pages.ui.session.visitor import visitor

Visibility = Literal["private", "link", "everyone"]
LOCAL = visitors.LOCAL.owner
NAMELESS = "visitor:"  # what the owners begin with that have no name
PROOF_BYTES = 16
_PROVED: Slot[frozenset[str]] = Slot("proved_tokens", frozenset)


class Owned(Protocol):
    """What has an owner, and a rule for others."""

    @property
    def token(self) -> str: ...

    @property
    def owner(self) -> str: ...

    @property
    def visibility(self) -> str: ...


def me() -> str:
    """The owner of what this session makes."""
    return visitor().owner


def is_nameless(owner: str) -> bool:
    """Whether this is an owner whom no login knows."""
    return owner.startswith(NAMELESS)


def is_mine(thing: Owned) -> bool:
    """Whether this session is its owner's, or has shown its key."""
    return thing.owner == me() or thing.token in _PROVED.get()


def may_see(thing: Owned) -> bool:
    """Whether whoever has the token may open it in this session."""
    return is_mine(thing) or thing.visibility != "private"


def usual_visibility() -> Visibility:
    """Who can see a new workspace: whoever has its link, where no login tells persons apart."""
    who = visitor()
    return "link" if who.is_local or is_nameless(who.owner) else "private"


def address_of(thing: Owned) -> str:
    """The token in an address; for its owner, where no login tells who that is, with the key."""
    if is_mine(thing) and is_nameless(thing.owner):
        return f"{thing.token}.{proof(thing)}"
    return thing.token


def token_of(address: str) -> str:
    """The token of an address, with or without its key.

    >>> token_of("abc.def"), token_of("abc")
    ('abc', 'abc')
    """
    return address.partition(".")[0]


def prove(thing: Owned, address: str) -> None:
    """Let this session change what an address has the right key of; for that thing alone."""
    given = address.partition(".")[2].encode()
    if is_nameless(thing.owner) and secrets.compare_digest(given, proof(thing).encode()):
        _PROVED.set(_PROVED.get() | {thing.token})


def proof(thing: Owned) -> str:
    """The key of a nameless owner's thing, which follows from the owner and tells nothing of it."""
    digest = hashlib.sha256(f"{thing.owner} {thing.token}".encode()).digest()
    return urlsafe_b64encode(digest[:PROOF_BYTES]).decode().rstrip("=")
