"""Who may enter: what a deployment's settings say, read once, and never taken for more than it is.

A setting that is wrong, incomplete, or contradicts another is a `ParameterError`: the server does
not start, and where it runs already, nobody is let in.
"""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from core import limits
from core.errors import ParameterError

Way = Literal["open", "one", "login", "header"]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

CALLBACK = "/oauth2callback"  # where the provider leads back to: a route of Streamlit's
METADATA = "/.well-known/openid-configuration"  # OpenID Connect Discovery 1.0, section 4
LEAST_SECRET = 32  # characters
LOCAL_OWNER = "local"  # where there is one user, as on a person's own machine
USER = "user"  # the claim that a proxy's header becomes
NEEDED = ("client_id", "client_secret", "server_metadata_url")  # of each provider
OIDC = (
    limits.OIDC_URL,
    limits.OIDC_CLIENT,
    limits.OIDC_SECRET,
    limits.PUBLIC_URL,
    limits.COOKIE_SECRET,
)


@dataclass(frozen=True)
class Rule:
    """Whom an entry of the allow-list means: every value of `claim` that is or ends as it says.

    claim: "" for everybody. whole: whether the value is the whole one, else the end of an address.
    """

    claim: str = ""
    value: str = ""
    whole: bool = True

    def means(self, claims: Mapping[str, Any]) -> bool:
        """Whether the person of these claims is meant.

        An address counts where the provider says that it is verified: at some, anybody can write
        any address into the own profile.
        """
        if not self.claim:
            return True
        if self.claim == "email" and not is_verified(claims):
            return False
        held = claims.get(self.claim)
        values = held if isinstance(held, list | tuple) else [held]
        return any(self._is(value) for value in values if isinstance(value, str | int))

    def _is(self, value: str | int) -> bool:
        if self.claim != "email":
            return str(value) == self.value
        address = str(value).casefold()
        return address == self.value if self.whole else address.endswith(self.value)


@dataclass(frozen=True)
class Access:
    """How a server tells who asks, and who may enter.

    way: "open" asks nobody, and each visitor of a server that others reach is one of its own;
    "one" takes everybody for the one user; "login" is OpenID Connect; "header" a proxy's word.
    providers: the names of several to choose from, else none. header, proxies: the proxy's header,
    and from where it is believed.
    """

    way: Way = "open"
    allow: tuple[Rule, ...] = ()
    admins: tuple[Rule, ...] = ()
    providers: tuple[str, ...] = ()
    header: str = ""
    proxies: tuple[Network, ...] = ()

    def admits(self, claims: Mapping[str, Any]) -> bool:
        """Whether the person of these claims may enter."""
        return self.manages(claims) or any(rule.means(claims) for rule in self.allow)

    def manages(self, claims: Mapping[str, Any]) -> bool:
        """Whether the person of these claims may see and stop what is everybody's."""
        return any(rule.means(claims) for rule in self.admins)

    def believes(self, peer: str | None) -> bool:
        """Whether the header is believed that comes from this address (None: this machine)."""
        try:
            address = ipaddress.ip_address(peer or "127.0.0.1")
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        return any(address in network for network in self.proxies)


def is_verified(claims: Mapping[str, Any]) -> bool:
    """Whether the provider says that the address was verified; some send the word as text."""
    return str(claims.get("email_verified")).casefold() == "true"


def login_of(environment: Mapping[str, str]) -> dict[str, Any] | None:
    """The section `[auth]` for Streamlit that the environment states, or None without one.

    Raises ParameterError where only some of the variables are there.
    """
    given = {name: environment.get(name, "").strip() for name in OIDC}
    if not any(value for name, value in given.items() if name != limits.PUBLIC_URL):
        return None
    missing = [name for name, value in given.items() if not value]
    if missing:
        raise ParameterError(
            f"A login needs {_listed(missing)} as well, beside "
            f"{_listed([name for name in OIDC if given[name]])}. Set all five, or none."
        )
    url = given[limits.OIDC_URL]
    return {
        "redirect_uri": given[limits.PUBLIC_URL].rstrip("/") + CALLBACK,
        "cookie_secret": given[limits.COOKIE_SECRET],
        "client_id": given[limits.OIDC_CLIENT],
        "client_secret": given[limits.OIDC_SECRET],
        "server_metadata_url": url if url.endswith(METADATA) else url.rstrip("/") + METADATA,
    }


def base_path(environment: Mapping[str, str]) -> str:
    """The path below which the server answers, by the address that visitors open; "" for none.

    Raises ParameterError where that is no address.
    """
    public = environment.get(limits.PUBLIC_URL, "").strip()
    if public:
        _check_url(public, limits.PUBLIC_URL)
    return urlsplit(public).path.strip("/")


def read_access(
    environment: Mapping[str, str], auth: Mapping[str, Any] | None, base_path: str = ""
) -> Access:
    """The access that the settings describe; raises ParameterError where they do not.

    auth: the section `[auth]` of Streamlit's secrets, or what `login_of` made of the environment.
    base_path: the path below which the server answers (`server.baseUrlPath`).
    """
    header = environment.get(limits.USER_HEADER, "").strip()
    ways: dict[Way, bool] = {
        "login": auth is not None,
        "header": bool(header),
        "one": _is_one_user(environment),
    }
    chosen = [way for way, is_chosen in ways.items() if is_chosen]
    if len(chosen) > 1:
        raise ParameterError(
            f"{_listed([_called(way) for way in chosen])} exclude each other: each says in another "
            "way who asks. Keep one."
        )
    way: Way = chosen[0] if chosen else "open"
    if way != "header" and environment.get(limits.PROXY_ADDRESSES, "").strip():
        raise ParameterError(
            f"{limits.PROXY_ADDRESSES} is set without {limits.USER_HEADER}, the header in which "
            "the proxy says who asks. Set that too, or unset both."
        )
    allow = _rules(environment, limits.ALLOW, way)
    admins = _rules(environment, limits.ADMINS, way)
    if any(not rule.claim for rule in admins):
        raise ParameterError(f"{limits.ADMINS} must name persons; * would be everybody.")
    if way == "header":
        _check_header_name(header)
        return Access(way, allow or (Rule(),), admins, header=header, proxies=_proxies(environment))
    if auth is None:
        return Access(way)
    if not allow:
        raise ParameterError(
            f"{limits.ALLOW} is missing: whom the provider knows may be anybody in the world. Name "
            f"addresses, @domains or CLAIM=VALUE, separated by commas; {limits.ALLOW}='*' lets in "
            "everybody who can log in there."
        )
    return Access(way, allow, admins, providers=_check_login(auth, base_path))


def _is_one_user(environment: Mapping[str, str]) -> bool:
    text = environment.get(limits.ONE_USER, "").strip()
    if text not in ("", "yes", "no"):
        raise ParameterError(f"{limits.ONE_USER} must be yes or no; got {text!r}.")
    return text == "yes"


def _called(way: Way) -> str:
    return {"header": limits.USER_HEADER, "one": limits.ONE_USER}.get(way, "a login")


def _rules(environment: Mapping[str, str], variable: str, way: Way) -> tuple[Rule, ...]:
    entries = [entry.strip() for entry in re.split(r"[,\n]", environment.get(variable, ""))]
    rules = tuple(_rule(entry, variable) for entry in entries if entry)
    if rules and way in ("open", "one"):
        raise ParameterError(
            f"{variable} names persons, but this server asks nobody who they are. Set up a login "
            f"or a proxy's header (docs/deployment.md), or unset {variable}."
        )
    if way == "header" and any(rule.claim not in ("", "email", USER) for rule in rules):
        raise ParameterError(
            f"{variable} has an entry CLAIM=VALUE, and a proxy's header has no claims. Name "
            f"addresses, @domains or {USER}=NAME, or let the proxy decide."
        )
    return rules


def _rule(entry: str, variable: str) -> Rule:
    if entry == "*":
        return Rule()
    claim, equals, value = entry.partition("=")
    if equals and claim.strip() and value.strip() and claim.strip() != "email":
        return Rule(claim.strip(), value.strip())
    if re.fullmatch(r"[^@\s=]*@[^@\s=]+", entry):
        return Rule("email", entry.casefold(), whole=not entry.startswith("@"))
    raise ParameterError(
        f"{variable} has an entry that is no address, no @domain, no CLAIM=VALUE and no *: "
        f"{entry!r}. Separate entries by commas."
    )


def _check_header_name(header: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9-]+", header):
        raise ParameterError(
            f"{limits.USER_HEADER} must be the name of a header, such as X-Forwarded-Email; "
            f"got {header!r}."
        )


def _proxies(environment: Mapping[str, str]) -> tuple[Network, ...]:
    entries = re.split(r"[,\s]+", environment.get(limits.PROXY_ADDRESSES, "").strip())
    if entries == [""]:
        raise ParameterError(
            f"{limits.USER_HEADER} is set without {limits.PROXY_ADDRESSES}. Anybody who reaches "
            "this server could then write that header: name the addresses that the proxy asks "
            "from, such as 10.0.0.5 or 10.0.0.0/24."
        )
    networks = []
    for entry in entries:
        try:
            network = ipaddress.ip_network(entry)
        except ValueError as error:
            raise ParameterError(
                f"{limits.PROXY_ADDRESSES} must hold addresses or networks such as 10.0.0.5 or "
                f"10.0.0.0/24; got {entry!r} ({error})."
            ) from error
        if network.prefixlen == 0:
            raise ParameterError(
                f"{limits.PROXY_ADDRESSES} must not hold {entry}: that is every address."
            )
        networks.append(network)
    return tuple(networks)


def _check_login(auth: Mapping[str, Any], base_path: str) -> tuple[str, ...]:
    """The names of the providers; raises ParameterError where Streamlit could not use `auth`."""
    _check_redirect(str(auth.get("redirect_uri", "")), base_path)
    secret = str(auth.get("cookie_secret", ""))
    if len(secret) < LEAST_SECRET:
        raise ParameterError(
            f"The login's cookie_secret ({limits.COOKIE_SECRET}) has {len(secret)} characters, "
            f"and must have at least {LEAST_SECRET}: whoever guesses it can log in as anybody. "
            "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        )
    sections = {name: part for name, part in auth.items() if isinstance(part, Mapping)}
    sections.pop("client_kwargs", None)
    is_one = any(auth.get(key) for key in NEEDED)
    if is_one and sections:
        raise ParameterError(
            "The section [auth] has both a provider of its own and named ones "
            f"({_listed(list(sections))}). Give each a section [auth.NAME]."
        )
    providers = {"": auth} if is_one or not sections else sections
    for name, section in providers.items():
        missing = [key for key in NEEDED if not str(section.get(key, "")).strip()]
        if missing:
            where = f"[auth.{name}]" if name else "[auth]"
            raise ParameterError(f"The section {where} lacks {_listed(missing)}.")
        if "_" in name:
            raise ParameterError(
                f"The name of the section [auth.{name}] must not hold a _; rename it."
            )
        url = str(section["server_metadata_url"])
        _check_url(url, "The login's server_metadata_url", is_secret=True)
    return tuple(sorted(sections))


def _check_redirect(redirect: str, base_path: str) -> None:
    _check_url(redirect, f"The login's redirect_uri ({limits.PUBLIC_URL})", is_secret=True)
    path = f"/{base_path.strip('/')}".rstrip("/") + CALLBACK
    if urlsplit(redirect).path != path:
        raise ParameterError(
            f"The login's redirect_uri ({limits.PUBLIC_URL}) leads to {urlsplit(redirect).path!r}, "
            f"and this server answers at {path!r}. Correct it, or server.baseUrlPath."
        )


def _check_url(url: str, what: str, *, is_secret: bool = False) -> None:
    """Raise ParameterError unless it is a whole address; is_secret: and safe from others."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        parts, host = urlsplit(""), ""
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise ParameterError(f"{what} must be a whole address, as https://host; got {url!r}.")
    if is_secret and parts.scheme == "http" and not is_loopback(host):
        raise ParameterError(
            f"{what} must begin with https://, for others could read the login of http:// on its "
            f"way; got {url!r}."
        )


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


def _listed(names: Sequence[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
