"""Names of hosts that a deployment lists in the environment, and whether a host is among them."""

import os
import re
from collections.abc import Iterable

from core.errors import ParameterError

_PART = r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?"
_NAMED = re.compile(rf"(?:\*\.)?{_PART}(?:\.{_PART})*")
_IPV6 = re.compile(r"[0-9a-f:.]*:[0-9a-f:.]*")


def listed_hosts(variable: str, others: Iterable[str] = ()) -> tuple[str, ...]:
    """The hosts that an environment variable names, in small letters.

    They are separated by blanks or commas. Each is one host, or `*.host` for all below it. others:
    words that may stand there as well.
    Raises ParameterError for anything else: an address, a port, a path.
    """
    found = os.environ.get(variable, "").replace(",", " ").casefold().split()
    for each in found:
        if each not in others and not _is_pattern(each):
            raise ParameterError(
                f"{variable} must name hosts, as in example.org or *.example.org; got {each!r}."
            )
    return tuple(found)


def _is_pattern(text: str) -> bool:
    return bool(_NAMED.fullmatch(text) or _IPV6.fullmatch(text))


def is_listed(host: str, hosts: Iterable[str]) -> bool:
    """Whether a host is one of those listed.

    >>> hosts = ("example.org", "*.example.com")
    >>> [is_listed(host, hosts) for host in ("EXAMPLE.org.", "a.b.example.com")]
    [True, True]
    >>> [is_listed(host, hosts) for host in ("a.example.org", "example.com", "badexample.com")]
    [False, False, False]
    """
    name = host.casefold().rstrip(".")
    return any(name.endswith(each[1:]) if each.startswith("*.") else name == each for each in hosts)
