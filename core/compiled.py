"""Where compiled code may be kept from one start to the next.

In a container the sources may be read-only, the user may be another than the one who installed
them, and there may be no home. numba then refuses to compile anything that is to be cached. What
numba keeps is read back by pickle: a folder in which somebody else can write is not used.
"""

import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from threading import RLock

LOGGER = logging.getLogger("nearfield")
# numba has one folder for the whole process; two threads may import compiled code at once.
CACHE_SETTING = RLock()
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


@cache
def code_folder(source: Path) -> Path | None:
    """The first of these that can be written, for code compiled from the folder `source`.

    `NUMBA_CACHE_DIR`; `__pycache__` beside the source; `nearfield` in the user's cache folder
    (`XDG_CACHE_HOME` or `~/.cache`); `nearfield-<user id>` in the folder for temporary files. The
    last two must belong to this user alone. None where there is none, which is logged once.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    for folder in (*([Path(chosen)] if chosen else []), source / "__pycache__"):
        if _is_writable(folder):
            return folder
    for folder in _own_folders():
        if _is_private(folder) and _is_writable(folder):
            return folder
    _warn()
    return None


def _own_folders() -> Iterator[Path]:
    home = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    if home.is_absolute():
        yield home / "nearfield"
    try:
        shared = Path(tempfile.gettempdir())
    except OSError:  # there is no folder for temporary files
        return
    yield shared / f"nearfield-{_user()}"


def _user() -> int | str:
    return os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _is_private(folder: Path) -> bool:
    """Whether the folder, made where it is missing, belongs to this user, who alone may write."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return False
    if not hasattr(os, "getuid"):  # Windows: these folders are the user's own
        return stat.S_ISDIR(found.st_mode)
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return mine and not found.st_mode & OTHERS_MAY_WRITE


@cache
def _warn() -> None:
    LOGGER.warning(
        "No folder for compiled code can be written, so every start compiles anew and its first "
        "search and its first UMAP take up to a minute longer. Set NUMBA_CACHE_DIR to a folder "
        "that this user can write."
    )
