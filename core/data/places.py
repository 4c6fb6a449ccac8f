"""Files of the server, and addresses, that a deployment lets visitors open: these and no others.

NEARFIELD_FOLDERS names folders, separated as in PATH; NEARFIELD_URLS names beginnings of addresses,
separated by blanks. A file is named by a visitor, so a name is followed to the end before it is
believed: it must lie in its folder, also where it is a link. An address must begin with one that is
named, at a slash; its host must be public, in each redirect as well, and is spoken to at the very
number that was checked.
"""

import http.client
import ipaddress
import os
import re
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from core.data.limits import check_bytes, max_bytes
from core.errors import DataError, ParameterError
from core.limits import FOLDERS, JOB_SECONDS, URLS
from core.progress import Progress, unheard

MOST_FILES = 2_000
MOST_FOLDERS_DEEP = 8
MOST_REDIRECTS = 5
SECONDS = 30  # without a byte
PIECE = 2**20
PORTS = {"http": 80, "https": 443}
NEVER = ("file", "local", "memory", "ftp", "data", "simplecache", "filecache", "zip", "tar")
REDIRECTS = (301, 302, 303, 307, 308)
TRANSLATED = tuple(
    map(
        ipaddress.ip_network,
        # An IPv4 address inside (RFC 4291, 6052, 8215), and addresses of one site (RFC 3879):
        ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "fec0::/10"),
    )
)
STEPS = re.compile(r"[/\\?#;]")


@dataclass(frozen=True)
class Folder:
    """A folder that may be read. path: resolved. name: what visitors see of it."""

    name: str
    path: Path


def allowed_folders() -> tuple[Folder, ...]:
    """The folders that the deployment names; raises ParameterError for one that is not there."""
    named = [Path(part) for part in os.environ.get(FOLDERS, "").split(os.pathsep) if part.strip()]
    missing = [str(path) for path in named if not path.is_dir()]
    if missing:
        raise ParameterError(f"{FOLDERS} names {missing[0]!r}, which is no folder. Mend it.")
    paths = [path.resolve() for path in named]
    names = [path.name or str(path) for path in paths]
    return tuple(
        Folder(name if names.count(name) == 1 else f"{name} ({number})", path)
        for number, (name, path) in enumerate(zip(names, paths, strict=True), start=1)
    )


def files_in(folder: Folder) -> tuple[str, ...]:
    """Names of the files in a folder that may be opened, with those of the folders below it.

    Sorted, at most `MOST_FILES`. Hidden files are left out, and links that lead out of the folder.
    """
    return tuple(sorted(_files(folder.path, folder.path, MOST_FOLDERS_DEEP)))[:MOST_FILES]


def file_in(folder: Folder, name: str) -> Path:
    """The file that a visitor named, as it lies on the disk; raises DataError for any other."""
    path = _inside(folder.path, folder.path / name)
    if path is None or any(part.startswith(".") for part in Path(name).parts):
        raise DataError(f"{name[:200]!r} is no file of {folder.name!r} that may be opened.")
    return path


def allowed_urls() -> tuple[str, ...]:
    """The beginnings of addresses that the deployment names; raises ParameterError for others."""
    prefixes = tuple(os.environ.get(URLS, "").split())
    for prefix in prefixes:
        if not _may_be_named(prefix):
            raise ParameterError(
                f"{URLS} must name beginnings of addresses, such as https://host/folder/; got "
                f"{prefix!r}."
            )
    return prefixes


def check_url(url: str) -> None:
    """Raise DataError for an address that begins with none that the deployment names."""
    if not any(_begins_with(url, prefix) for prefix in allowed_urls()):
        known = ", ".join(allowed_urls()) or "none"
        raise DataError(
            f"The address {url[:200]!r} may not be opened here. It must begin with one of: {known}."
        )


def fetch(url: str, progress: Progress = unheard) -> bytes:
    """The bytes at an address that `check_url` lets pass; raises DataError.

    http and https are read by the standard library, what else is named (s3, gs, az, ...) by fsspec.
    A file above the limit ends the reading, whatever its length was said to be.
    """
    check_url(url)
    pieces = _over_http(url) if urlsplit(url).scheme in PORTS else _over_fsspec(url)
    content, end = bytearray(), time.monotonic() + JOB_SECONDS.value
    try:
        for piece in pieces:
            content += piece
            check_bytes(len(content), "The file")
            progress(len(content) / max_bytes(), f"{len(content) / 1e6:,.0f} MB")
            if time.monotonic() > end:
                raise DataError(f"{url[:200]!r} did not arrive in {JOB_SECONDS.value:,} s.")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DataError(f"{url[:200]!r} cannot be read: {str(error)[:200]}.") from error
    return bytes(content)


def is_public(address: str) -> bool:
    """Whether a numeric address is one of the internet, and not of this machine or its networks.

    >>> [is_public(each) for each in ("8.8.8.8", "127.0.0.1", "10.1.2.3", "169.254.169.254", "::1")]
    [True, False, False, False, False]
    """
    found = ipaddress.ip_address(address)
    if any(found in network for network in TRANSLATED):
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None) or found
    return bool(inner.is_global and not inner.is_multicast and found.is_global)


def _files(root: Path, folder: Path, depth: int) -> Iterator[str]:
    try:
        entries = sorted(folder.iterdir())
    except OSError:  # a folder that may not be read is empty
        return
    for entry in entries[: 10 * MOST_FILES]:
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            if depth and not entry.is_symlink():
                yield from _files(root, entry, depth - 1)
        elif _inside(root, entry) is not None:
            yield entry.relative_to(root).as_posix()


def _inside(root: Path, path: Path) -> Path | None:
    """The regular file that a path leads to, if it lies in `root`; else None."""
    try:
        found = path.resolve(strict=True)
        return found if found.is_relative_to(root) and found.is_file() else None
    except (OSError, ValueError, RuntimeError):  # not there, a NUL, links in a circle
        return None


def _may_be_named(prefix: str) -> bool:
    try:
        parts = urlsplit(prefix)
    except ValueError:  # brackets that hold no address
        return False
    return bool(parts.scheme and parts.netloc) and parts.scheme not in NEVER


def _begins_with(url: str, prefix: str) -> bool:
    """Whether an address lies under another: the same host and port, and a path below its path."""
    try:
        asked, allowed = urlsplit(url), urlsplit(prefix)
        same = (asked.scheme, asked.hostname, _port(asked)) == (
            allowed.scheme,
            allowed.hostname,
            _port(allowed),
        )
    except ValueError:  # a port that is none
        return False
    if not same or asked.username is not None or asked.password is not None:
        return False
    if "::" in url or _leads_up(url) or any(ord(letter) <= 32 for letter in url):
        return False
    root = allowed.path.rstrip("/")
    return asked.path == root or asked.path.startswith(f"{root}/")


def _leads_up(url: str) -> bool:
    """Whether a part of an address is "..", however often it is encoded, also behind a path."""
    while (plain := unquote(url)) != url:
        url = plain
    return ".." in STEPS.split(url)


def _port(parts: SplitResult) -> int | None:
    return parts.port or PORTS.get(parts.scheme)


def _over_http(url: str) -> Iterator[bytes]:
    for _ in range(MOST_REDIRECTS + 1):
        connection = _connect(url)
        try:
            parts = urlsplit(url)
            target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            connection.request("GET", target, headers={"User-Agent": "nearfield"})
            response = connection.getresponse()
            if response.status in REDIRECTS:
                url = urljoin(url, response.headers.get("Location", ""))
                continue
            if response.status != http.client.OK:
                raise OSError(f"the server answers {response.status} {response.reason}")
            yield from _body(response)
            return
        finally:
            connection.close()
    raise OSError(f"it leads on more than {MOST_REDIRECTS} times")


def _body(response: http.client.HTTPResponse) -> Iterator[bytes]:
    """What a server sends, as it comes; OSError where that is less than it says."""
    stated = response.headers.get("Content-Length")
    check_bytes(int(stated or 0), "The file")
    got = 0
    while piece := response.read1(PIECE):
        got += len(piece)
        yield piece
    if stated is not None and got != int(stated):
        raise OSError(f"it is cut off: {got:,} of {int(stated):,} bytes arrived")


def _connect(url: str) -> http.client.HTTPConnection:
    """A connection to the address that was checked: a name could lead elsewhere the next time."""
    parts = urlsplit(url)
    if parts.scheme not in PORTS or not parts.hostname:
        raise OSError(f"it leads to {parts.scheme}://, which is not opened")
    port = _port(parts) or 0
    address = _public_address(parts.hostname, port)
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname, port, timeout=SECONDS)
    else:
        connection = http.client.HTTPConnection(parts.hostname, port, timeout=SECONDS)
    stream: Any = socket.create_connection((address, port), SECONDS)
    if parts.scheme == "https":
        stream = ssl.create_default_context().wrap_socket(stream, server_hostname=parts.hostname)
    connection.sock = stream
    return connection


def _public_address(host: str, port: int) -> str:
    found = [info[4][0] for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not is_public(str(address).split("%", 1)[0]):
            raise OSError(f"{host} is an address of this machine or of its own networks")
    if not found:
        raise OSError(f"{host} is not known")
    return str(found[0])


def _over_fsspec(url: str) -> Iterator[bytes]:
    try:
        import fsspec
    except ImportError as error:
        raise DataError("Such an address needs fsspec: python -m pip install fsspec.") from error
    try:
        with fsspec.open(url, "rb") as file:
            while piece := file.read(PIECE):
                yield piece
    except ImportError as error:  # the part of fsspec for this scheme
        raise DataError(f"Such an address needs another package: {error}.") from error
