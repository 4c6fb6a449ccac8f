"""Pieces of a content as they lie in the store: bytes, named by what they hold."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.errors import StoreError

NAME = re.compile(r"[0-9a-f]{64}\.(json|npy|arrow|bin)")
DIGEST = re.compile(r"[0-9a-f]{64}")
MANIFEST = ".json"
CHUNK = 2**22


@dataclass(frozen=True, eq=False)
class Blob:
    """Bytes in several buffers, one after the other.

    name: the sha256 of all bytes as 64 hex digits, and an ending that says what they are.
    """

    name: str
    parts: tuple[Any, ...]
    bytes: int


def blob_of(parts: Iterable[bytes | memoryview], ending: str) -> Blob:
    """The buffers under the name that their content gives them; ending: ".npy" and the like."""
    buffers = tuple(memoryview(part).cast("B") for part in parts if len(memoryview(part)))
    digest = hashlib.sha256()
    for buffer in buffers:
        digest.update(buffer)
    size = sum(buffer.nbytes for buffer in buffers)
    return Blob(digest.hexdigest() + ending, buffers, size)


def check_name(name: object) -> str:
    """The name of an object; raises StoreError for anything else, such as a path that leads out."""
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise StoreError(f"{str(name)[:80]!r} is no name of a file of the store.")
    return name


def check_digest(digest: object) -> str:
    """The digest of a content; raises StoreError for anything else."""
    if not isinstance(digest, str) or not DIGEST.fullmatch(digest):
        raise StoreError(f"{str(digest)[:80]!r} is no digest: 64 of the digits 0-9 and a-f.")
    return digest
