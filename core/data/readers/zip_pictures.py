"""Pictures that lie beside a table in a zip: columns of their paths become data URIs."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any, NamedTuple

import pandas as pd

from core.data.media import PICTURES

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp")
LARGEST = 1_000_000  # bytes of one picture
LARGEST_ALL = 100_000_000
LOOKED_AT = 200


class Placed(NamedTuple):
    """frame: with pictures in place of their paths. notes: what was left as a path, and why."""

    frame: pd.DataFrame
    notes: tuple[str, ...]


def place_pictures(
    frame: pd.DataFrame, sizes: dict[str, int], read: Callable[[str], bytes]
) -> Placed:
    """Put pictures where columns of `frame` hold their paths.

    sizes: bytes of each picture of the archive by its path. read: the bytes of one. A path may be
    the end of a longer one, as long as no two pictures end so. A cell without its picture is empty.
    """
    paths, notes, left = _by_ends(sizes), list[str](), LARGEST_ALL
    changed = {}
    for name in frame.columns:
        if not _holds_paths(frame[name], paths):
            continue
        values, placed = [], 0
        for value in frame[name]:
            path = paths.get(_plain(value)) if isinstance(value, str) else None
            uri = None
            if path is not None and sizes[path] <= min(LARGEST, left):
                left -= sizes[path]
                uri = PICTURES.data_uri(read(path))
            placed += uri is not None
            values.append(uri)
        if not placed:
            continue
        changed[name] = pd.Series(values, frame.index, dtype=object)
        notes.append(f"{name}: {placed:,} pictures of the zip in place of their paths")
        missing = int(frame[name].notna().sum()) - placed
        if missing:
            notes.append(
                f"{name}: {missing:,} pictures left out: there is none of that path, it is of "
                f"another kind, or takes more than {LARGEST // 10**6} MB (all: "
                f"{LARGEST_ALL // 10**6} MB)"
            )
    return Placed(frame.assign(**changed), tuple(notes))


def _by_ends(paths: Iterable[str]) -> dict[str, str]:
    """Each path by itself and by all of its ends; ends that two pictures share are left out."""
    found: dict[str, str | None] = {}
    for path in paths:
        parts = PurePosixPath(_plain(path)).parts[-8:]
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            found[end] = path if end not in found else None
    found.update({_plain(path): path for path in paths})
    return {end: path for end, path in found.items() if path is not None}


def _plain(path: str) -> str:
    return path.replace("\\", "/").removeprefix("./").lstrip("/")


def _holds_paths(column: "pd.Series[Any]", paths: dict[str, str]) -> bool:
    if column.dtype.kind in "iufbM":
        return False
    first = [value for value in column.dropna().head(LOOKED_AT) if isinstance(value, str)]
    return bool(first) and 2 * sum(_plain(value) in paths for value in first) >= len(first)
