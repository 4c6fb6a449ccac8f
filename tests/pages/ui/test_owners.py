"""Whose workspaces are, and what an address proves."""

from dataclasses import dataclass

import pytest
import streamlit as st

from pages.ui.session import owners
from pages.ui.session.owners import Visibility
from pages.ui.session.visitor import LOCAL, Visitor


@dataclass(frozen=True)
class Thing:
    owner: str
    visibility: Visibility = "private"
    token: str = "T"


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})


def be(monkeypatch: pytest.MonkeyPatch, owner: str) -> None:
    who = LOCAL if owner == "local" else Visitor(owner, "", is_local=False, is_admin=False)
    monkeypatch.setattr(owners, "visitor", lambda: who)


@pytest.mark.parametrize(
    ("owner", "usual"), [("local", "link"), ("visitor:abc", "link"), ("issuer ann", "private")]
)
def test_who_sees_a_new_workspace(
    monkeypatch: pytest.MonkeyPatch, owner: str, usual: Visibility
) -> None:
    be(monkeypatch, owner)
    assert owners.usual_visibility() == usual


def test_a_person_with_a_name_is_known_by_it(monkeypatch: pytest.MonkeyPatch) -> None:
    be(monkeypatch, "ann")
    mine = Thing(owners.new_owner())
    assert mine.owner == "ann"
    assert owners.address_of(mine) == "T"
    be(monkeypatch, "bob")
    assert not owners.is_mine(mine)
    assert not owners.may_see(mine)
    assert [owners.may_see(Thing("ann", each)) for each in ("link", "everyone")] == [True, True]
    assert owners.asker("T.ann") == "bob"  # what stands in an address makes nobody another person
    owners.note(mine, "T.ann")
    assert not owners.is_mine(mine)


def test_without_a_name_the_address_has_the_key_of_one_workspace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    be(monkeypatch, "visitor:first")
    one, two = (Thing(owners.new_owner(), token=token) for token in "ab")
    assert one.owner != two.owner != "visitor:first"
    address = owners.address_of(one)
    assert owners.token_of(address) == "a"

    monkeypatch.setattr(st, "session_state", {})
    be(monkeypatch, "visitor:second")
    assert owners.address_of(one) == "a"
    owners.note(one, "a")
    owners.note(one, "a.wrong")
    assert not owners.is_mine(one)
    assert owners.asker(address) == one.owner
    owners.note(one, address)
    assert owners.is_mine(one)
    assert not owners.is_mine(two)
    assert owners.mine() == ("visitor:second", one.owner)
