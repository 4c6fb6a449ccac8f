"""What a worker of a cluster is asked before it gets work: is it fit for it?"""

import hashlib
import sys
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

CORE = Path(__file__).resolve().parents[1]
LIBRARIES = ("numpy", "numba", "hnswlib")  # whose other releases may compute other last bits


@dataclass(frozen=True)
class Look:
    """One process of a cluster.

    sees: whether it sees the folder through which files are exchanged. code: names its code of
    `core`. made_with: its Python, and the libraries that compute.
    """

    sees: bool
    code: str
    made_with: tuple[str, ...]


def look(token: str) -> Look:
    """This process; token: the path of a file in the folder of exchange."""
    return Look(Path(token).is_file(), _code(), _made_with())


@cache
def _code() -> str:
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(CORE.rglob("*.py")):
        digest.update(f"{path.relative_to(CORE)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


@cache
def _made_with() -> tuple[str, ...]:
    python = ".".join(map(str, sys.version_info[:2]))
    return (f"Python {python}", *(f"{name} {version(name)}" for name in LIBRARIES))
