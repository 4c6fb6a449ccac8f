"""Whose things a session makes, and which of others' it may see and change.

A person who has logged in is known by that. Where a server has no login, each workspace of a
visitor has an owner of its own, a key drawn at random: whoever has the key is its owner, also in
another session. The key stands in the owner's address of the workspace, and not in a link for
others.
"""

import secrets
from typing import Literal, Protocol

from pages.ui.session.access import LOCAL_OWNER
from pages.ui.session.slot import Slot
from pages.ui.session.visitor import visitor

Visibility = Literal["private", "link", "everyone"]
NAMELESS = "visitor:"  # what the owners begin with that no login knows
KEY_BYTES = 16
_KEYS: Slot[tuple[str, ...]] = Slot("keys_of_owners", tuple)


class Owned(Protocol):
    """What has an owner, and a rule for others."""

    @property
    def token(self) -> str:
        """Names it in an address; cannot be guessed."""

    @property
    def owner(self) -> str:
        """Whose it is."""

    @property
    def visibility(self) -> Visibility:
        """Who else may see it: nobody, whoever has its link, or everybody here."""


def me() -> str:
    """The owner of what this session holds in memory."""
    return visitor().owner


def mine() -> tuple[str, ...]:
    """All owners that this session is."""
    return me(), *_KEYS.get()


def new_owner() -> str:
    """The owner of a workspace that this session begins."""
    if not is_nameless(me()):
        return me()
    made = f"{NAMELESS}{secrets.token_urlsafe(KEY_BYTES)}"
    _KEYS.set((*_KEYS.get(), made))
    return made


def is_nameless(owner: str) -> bool:
    """Whether this is an owner whom no login knows."""
    return owner.startswith(NAMELESS)


def is_mine(thing: Owned) -> bool:
    """Whether this session is its owner's."""
    return thing.owner in mine()


def may_see(thing: Owned) -> bool:
    """Whether this session may open it, once it has the token."""
    return is_mine(thing) or thing.visibility != "private"


def usual_visibility() -> Visibility:
    """Who can see a new workspace: whoever has its link, where no login tells persons apart."""
    return "link" if me() == LOCAL_OWNER or is_nameless(me()) else "private"


def address_of(thing: Owned) -> str:
    """The token in this session's address; with the key, where that is what makes it the owner."""
    if is_mine(thing) and is_nameless(thing.owner):
        return f"{thing.token}.{thing.owner.removeprefix(NAMELESS)}"
    return thing.token


def token_of(address: str) -> str:
    """The token of an address, with or without its key.

    >>> token_of("abc.def"), token_of("abc")
    ('abc', 'abc')
    """
    return address.partition(".")[0]


def asker(address: str) -> str:
    """Who asks for what an address names: by its key, where one stands there and no login does."""
    key = address.partition(".")[2]
    return f"{NAMELESS}{key}" if key and is_nameless(me()) else me()


def note(thing: Owned, address: str) -> None:
    """Be the owner from now on of what an address had the right key of."""
    if thing.owner == asker(address) and not is_mine(thing):
        _KEYS.set((*_KEYS.get(), thing.owner))
