"""Who may enter by a deployment's settings; what is wrong with them is a sentence, no open door."""

from typing import Any

import pytest

from core import limits
from core.errors import ParameterError
from pages.ui.session.access import (
    Access,
    Rule,
    base_path,
    is_verified,
    login_of,
    read_access,
)

OIDC = {
    limits.OIDC_URL: "https://id.example/realms/lab",
    limits.OIDC_CLIENT: "nearfield",
    limits.OIDC_SECRET: "of the provider",
    limits.PUBLIC_URL: "https://nearfield.example/",
    limits.COOKIE_SECRET: "0123456789abcdef0123456789abcdef",
}
AUTH = {
    "redirect_uri": "https://nearfield.example/oauth2callback",
    "cookie_secret": "0123456789abcdef0123456789abcdef",
    "client_id": "nearfield",
    "client_secret": "of the provider",
    "server_metadata_url": "https://id.example/realms/lab/.well-known/openid-configuration",
}
HEADER = {limits.USER_HEADER: "X-Forwarded-Email", limits.PROXY_ADDRESSES: "10.0.0.5, 10.1.0.0/16"}
ANNA = {"email": "Anna@Lab.example", "email_verified": True, "groups": ["search", "admins"]}


def test_the_environment_states_a_login_as_streamlit_wants_it() -> None:
    assert login_of(OIDC) == AUTH
    whole = OIDC | {limits.OIDC_URL: AUTH["server_metadata_url"]}
    assert login_of(whole) == AUTH
    assert login_of({}) is None
    assert login_of({limits.OIDC_URL: " "}) is None


@pytest.mark.parametrize(
    ("public", "path"),
    [
        ("", ""),
        ("https://nearfield.example", ""),
        ("https://lab.example/tools/nearfield/", "tools/nearfield"),
        ("http://10.0.0.5/nearfield", "nearfield"),  # without a login that may be
    ],
)
def test_the_path_of_the_server_is_that_of_its_public_address(public: str, path: str) -> None:
    assert base_path({limits.PUBLIC_URL: public}) == path
    assert login_of({limits.PUBLIC_URL: public}) is None


def test_a_public_address_is_a_whole_one() -> None:
    with pytest.raises(ParameterError, match="NEARFIELD_PUBLIC_URL must be a whole address"):
        base_path({limits.PUBLIC_URL: "nearfield.example/tools"})


@pytest.mark.parametrize("name", OIDC)
def test_a_part_of_a_login_is_none(name: str) -> None:
    with pytest.raises(ParameterError, match=f"A login needs {name} as well"):
        login_of({each: value for each, value in OIDC.items() if each != name})


def test_without_settings_nobody_is_asked() -> None:
    assert read_access({}, None) == Access("open")
    assert read_access({limits.ONE_USER: "no"}, None) == Access("open")
    assert read_access({limits.ONE_USER: "yes"}, None) == Access("one")


@pytest.mark.parametrize(
    ("entry", "claims", "admitted"),
    [
        ("anna@lab.example", ANNA, True),
        ("ANNA@LAB.EXAMPLE", ANNA, True),
        ("@lab.example", ANNA, True),
        ("@example", ANNA, False),
        ("@elsewhere.example", {**ANNA, "email": "x@lab.example@elsewhere.example"}, True),
        ("@lab.example", {**ANNA, "email": "x@evil-lab.example"}, False),
        ("@lab.example", {**ANNA, "email": "x@lab.example.evil"}, False),
        ("@lab.example", {**ANNA, "email_verified": False}, False),
        ("@lab.example", {"email": "anna@lab.example"}, False),  # not said to be verified
        ("@lab.example", {**ANNA, "email_verified": "true"}, True),
        ("@lab.example", {"email_verified": True}, False),
        ("groups=search", ANNA, True),
        ("groups=Search", ANNA, False),
        ("groups=sea", ANNA, False),
        ("groups=search", {"groups": "search"}, True),
        ("groups=search", {"groups": None}, False),
        ("groups=search", {"groups": {"search": 1}}, False),
        ("cognito:groups=search team", {"cognito:groups": ["search team"]}, True),
        ("tid=77", {"tid": 77}, True),
        ("*", {}, True),
        ("boris@lab.example, groups=search", ANNA, True),
        ("boris@lab.example\ngroups=other", ANNA, False),
    ],
)
def test_whom_an_entry_means(entry: str, claims: dict[str, Any], admitted: bool) -> None:
    rules = read_access({limits.ALLOW: entry}, AUTH)
    assert rules.way == "login"
    assert rules.admits(claims) is admitted
    assert not rules.manages(claims)


def test_who_manages_may_enter() -> None:
    rules = read_access({limits.ALLOW: "boris@lab.example", limits.ADMINS: "groups=admins"}, AUTH)
    assert rules.manages(ANNA)
    assert rules.admits(ANNA)
    assert not rules.admits({**ANNA, "groups": []})


@pytest.mark.parametrize("said", [False, None, "false", 1, "yes", ["true"]])
def test_only_true_is_verified(said: Any) -> None:
    assert not is_verified({"email_verified": said})


@pytest.mark.parametrize(
    ("environment", "auth", "said"),
    [
        ({}, AUTH, "NEARFIELD_ALLOW is missing: whom the provider knows may be anybody"),
        ({limits.ALLOW: " , "}, AUTH, "NEARFIELD_ALLOW is missing"),
        ({limits.ALLOW: "@lab.example"}, None, "NEARFIELD_ALLOW names persons, but this server"),
        ({limits.ADMINS: "a@b.c", limits.ONE_USER: "yes"}, None, "NEARFIELD_ADMINS names persons"),
        ({limits.ADMINS: "*", limits.ALLOW: "*"}, AUTH, "NEARFIELD_ADMINS must name persons"),
        ({limits.ALLOW: "lab.example"}, AUTH, "no CLAIM=VALUE and no .*: 'lab.example'"),
        ({limits.ALLOW: "a@b.c d@e.f"}, AUTH, "'a@b.c d@e.f'. Separate entries by commas"),
        ({limits.ALLOW: "email=a@b.c"}, AUTH, "'email=a@b.c'"),  # would pass over `verified`
        ({limits.ALLOW: "=x"}, AUTH, "'=x'"),
        ({limits.ONE_USER: "1"}, None, "NEARFIELD_ONE_USER must be yes or no; got '1'"),
        ({limits.ONE_USER: "yes"}, AUTH, "a login and NEARFIELD_ONE_USER exclude each other"),
        (HEADER, AUTH, "a login and NEARFIELD_USER_HEADER exclude each other"),
        ({limits.USER_HEADER: "X-User"}, None, "Anybody who reaches this server could then write"),
        ({limits.PROXY_ADDRESSES: "10.0.0.5"}, None, "is set without NEARFIELD_USER_HEADER"),
        (HEADER | {limits.USER_HEADER: "X User"}, None, "must be the name of a header"),
        (HEADER | {limits.PROXY_ADDRESSES: "proxy"}, None, "addresses or networks .*; got 'proxy'"),
        (HEADER | {limits.PROXY_ADDRESSES: "10.0.0.5/8"}, None, "got '10.0.0.5/8'"),
        (HEADER | {limits.PROXY_ADDRESSES: "0.0.0.0/0"}, None, "must not hold 0.0.0.0/0"),
        (HEADER | {limits.ALLOW: "groups=x"}, None, "a proxy's header has no claims"),
        ({limits.ALLOW: "*"}, {**AUTH, "cookie_secret": "short"}, "has 5 characters"),
        ({limits.ALLOW: "*"}, {**AUTH, "client_secret": ""}, r"\[auth\] lacks client_secret"),
        ({limits.ALLOW: "*"}, {**AUTH, "google": {"client_id": "x"}}, "both a provider of its own"),
        (
            {limits.ALLOW: "*"},
            {**AUTH, "redirect_uri": "https://nearfield.example"},
            "leads to '', and this server answers at '/oauth2callback'",
        ),
        (
            {limits.ALLOW: "*"},
            {**AUTH, "redirect_uri": "http://nearfield.example/oauth2callback"},
            "must begin with https://",
        ),
        (
            {limits.ALLOW: "*"},
            {**AUTH, "server_metadata_url": "http://id.example/.well-known/openid-configuration"},
            "must begin with https://",
        ),
        ({limits.ALLOW: "*"}, {**AUTH, "redirect_uri": "nearfield"}, "must be a whole address"),
        ({limits.ALLOW: "*"}, {**AUTH, "redirect_uri": "http://[::1"}, "must be a whole address"),
        ({limits.ALLOW: "*"}, {}, "must be a whole address, .*; got ''"),
    ],
)
def test_what_is_wrong_is_said(
    environment: dict[str, str], auth: dict[str, Any] | None, said: str
) -> None:
    with pytest.raises(ParameterError, match=said):
        read_access(environment, auth)


def test_several_providers_are_chosen_from_by_name() -> None:
    provider = {key: AUTH[key] for key in ("client_id", "client_secret", "server_metadata_url")}
    shared = {key: AUTH[key] for key in ("redirect_uri", "cookie_secret")}
    both = {**shared, "work": provider, "home": provider}
    assert read_access({limits.ALLOW: "*"}, both).providers == ("home", "work")
    with pytest.raises(ParameterError, match=r"\[auth.work\] lacks client_id and client_secret"):
        read_access(
            {limits.ALLOW: "*"},
            {**shared, "work": {"server_metadata_url": AUTH["server_metadata_url"]}},
        )
    with pytest.raises(ParameterError, match=r"\[auth.my_own\] must not hold a _"):
        read_access({limits.ALLOW: "*"}, {**shared, "my_own": provider})


def test_a_server_below_a_path_is_led_back_to_there() -> None:
    below = {**AUTH, "redirect_uri": "https://lab.example/tools/nearfield/oauth2callback"}
    assert read_access({limits.ALLOW: "*"}, below, "/tools/nearfield/").way == "login"
    with pytest.raises(ParameterError, match="answers at '/tools/nearfield/oauth2callback'"):
        read_access({limits.ALLOW: "*"}, AUTH, "tools/nearfield")


def test_a_login_on_this_machine_needs_no_certificate() -> None:
    here = {**AUTH, "redirect_uri": "http://localhost:8501/oauth2callback"}
    assert read_access({limits.ALLOW: "*"}, here).way == "login"
    assert read_access({limits.ALLOW: "*"}, here).allow == (Rule(),)


@pytest.mark.parametrize(
    ("peer", "believed"),
    [
        ("10.0.0.5", True),
        ("10.1.200.3", True),
        ("::ffff:10.0.0.5", True),
        ("10.0.0.6", False),
        ("2001:db8::1", False),
        ("testclient", False),
        (None, False),  # this machine, which is not in the list
    ],
)
def test_a_header_is_believed_from_the_proxy_alone(peer: str | None, believed: bool) -> None:
    rules = read_access(HEADER, None)
    assert rules.way == "header"
    assert rules.believes(peer) is believed


def test_a_proxy_on_this_machine_is_named_as_such() -> None:
    here = read_access(HEADER | {limits.PROXY_ADDRESSES: "127.0.0.1"}, None)
    assert here.believes(None)
    assert here.believes("127.0.0.1")


def test_a_proxy_decides_itself_unless_the_list_does() -> None:
    assert read_access(HEADER, None).admits({"user": "anybody"})
    listed = read_access(HEADER | {limits.ALLOW: "user=anna, @lab.example"}, None)
    assert listed.admits({"user": "anna"})
    assert not listed.admits({"user": "boris"})
