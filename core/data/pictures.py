"""What a browser may draw of a cell: a picture that the data holds, or one of an allowed host.

An address in the data makes every viewer's browser call the server that it names. So none is drawn
but from hosts that the deployment lists. A picture in the data is drawn only where it is pixels:
SVG is a document with scripts, links and styles of its own.
"""

import re
from collections.abc import Iterable

from core.hosts import is_listed

LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|gif|webp|bmp|avif)(?:[?#]\S*)?\Z", re.IGNORECASE)
LONGEST_LINK = 4_000

# No name of a user, no port, no letter that browsers and Python take for different things.
_FROM = re.compile(r"https://([A-Za-z0-9_.-]+)/[^\s\\\x00-\x20\x7f]*\Z", re.IGNORECASE)
_INSIDE = re.compile(r"data:image/(png|jpe?g|gif|webp)[;,]", re.IGNORECASE)


def is_picture_link(cell: object) -> bool:
    """Whether a text is the address of a picture, by its ending."""
    return isinstance(cell, str) and len(cell) <= LONGEST_LINK and LINK.match(cell) is not None


def drawable(cell: object, hosts: Iterable[str] = ()) -> str:
    """The address that a browser may draw a cell from; "" where it may draw none.

    hosts: as `core.hosts.listed_hosts` gives them.

    >>> drawable("data:image/png;base64,AA=="), drawable("data:image/svg+xml,<svg/>")
    ('data:image/png;base64,AA==', '')
    >>> drawable("https://a.org/x.png"), drawable("https://a.org/x.png", ["a.org"])
    ('', 'https://a.org/x.png')
    """
    if not isinstance(cell, str):
        return ""
    if _INSIDE.match(cell):
        return cell
    found = _FROM.match(cell) if is_picture_link(cell) else None
    return cell if found is not None and is_listed(found[1], hosts) else ""
