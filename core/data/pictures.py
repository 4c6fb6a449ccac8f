"""Addresses of pictures on the web."""

import re

LINK = re.compile(r"https?://\S+\.(?:png|jpe?g|gif|webp|bmp|avif)(?:[?#]\S*)?\Z", re.IGNORECASE)
LONGEST_LINK = 4_000


def is_picture_link(cell: object) -> bool:
    """Whether a text is the address of a picture, by its ending."""
    return isinstance(cell, str) and len(cell) <= LONGEST_LINK and LINK.match(cell) is not None
