"""Pictures in cells, and addresses of pictures."""

import re

from core.data.media import PICTURES

LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|gif|webp|bmp|avif)(?:[?#]\S*)?\Z", re.IGNORECASE)
LONGEST_LINK = 4_000


def picture_kind(content: bytes) -> str | None:
    """ "png", "jpeg", "gif", "bmp" or "webp" by the first bytes; None for anything else."""
    return PICTURES.kind(content)


def is_picture(cell: object) -> bool:
    """Whether a cell holds a picture itself, not only a link to one.

    >>> is_picture(b"GIF89a..."), is_picture("data:image/png;base64,iVBO"), is_picture("cat")
    (True, True, False)
    """
    return PICTURES.holds(cell)


def is_picture_link(cell: object) -> bool:
    """Whether a text is the address of a picture on the web, by its ending."""
    return isinstance(cell, str) and len(cell) <= LONGEST_LINK and LINK.match(cell) is not None


def data_uri(cell: object) -> str | None:
    """The picture of a cell as a data URI (RFC 2397); None where it holds none."""
    return PICTURES.data_uri(cell)
