"""Fields of nested objects as columns with short names."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from core.data import watch

TOLD = 2_000  # rows between two reports
Path = tuple[str, ...]
OPAQUE = ({"indices", "values"}, {"type", "size", "indices", "values"}, {"bytes", "path"})


def flat_columns(
    rows: list[dict[str, Any]], check: Callable[[int, int], None]
) -> dict[str, list[Any]]:
    """One list of cells for each field at any depth, None where a row has none.

    check: is given the numbers of rows and of columns before the cells are made; it may raise.
    """
    columns = flat_fields(rows, check)
    names = short_names(columns)
    return {names[path]: cells for path, cells in columns.items()}


def flat_fields(
    rows: list[dict[str, Any]], check: Callable[[int, int], None]
) -> dict[Path, list[Any]]:
    """As `flat_columns`, by the whole path of each field."""
    paths = dict.fromkeys(path for row in rows for path, _ in _fields(row, ()))
    check(len(rows), len(paths))
    columns: dict[Path, list[Any]] = {path: [None] * len(rows) for path in paths}
    for number, row in enumerate(rows):
        if number % TOLD == 0:
            watch.rows_read(number, len(rows))
        for path, value in _fields(row, ()):
            columns[path][number] = value
    return columns


def is_leaf(value: object) -> bool:
    """Whether a value is one cell: all but objects, and those objects that stand for one value.

    These are sparse and Spark vectors, pictures of datasets, buffers of Node.js, and numbers by the
    keys 0, 1, 2, ... as JavaScript writes its typed arrays.
    """
    if not isinstance(value, Mapping) or not value:
        return True
    keys = set(value)
    if keys in OPAQUE or (keys == {"type", "data"} and value["type"] == "Buffer"):
        return True
    if keys != counted(len(keys)):
        return False
    return not any(isinstance(part, Mapping | list | str | np.ndarray) for part in value.values())


def counted(n: int) -> set[str]:
    """The names 0, 1, 2, ... up to n - 1."""
    return set(map(str, range(n)))


def short_names(paths: Iterable[Path]) -> dict[Path, str]:
    """The last part of each path; more parts, joined by dots, where two paths end alike.

    >>> short_names([("id",), ("payload", "title"), ("payload", "id")])
    {('id',): 'id', ('payload', 'title'): 'title', ('payload', 'id'): 'payload.id'}
    """
    listed = list(paths)
    parts = dict.fromkeys(listed, 1)
    while True:
        names = {path: ".".join(_telling(path)[-parts[path] :]) for path in listed}
        counts = Counter(names.values())
        longer = [
            path for path in listed if counts[names[path]] > 1 and parts[path] < len(_telling(path))
        ]
        if not longer:
            return _distinct(names)
        for path in longer:
            parts[path] += 1


def _telling(path: Path) -> Path:
    """The path without the types that MongoDB's extended JSON puts last, such as $oid."""
    return path[:-1] if len(path) > 1 and path[-1].startswith("$") else path


def _fields(row: Mapping[str, Any], path: Path) -> Iterable[tuple[Path, Any]]:
    for name, value in row.items():
        if is_leaf(value):
            yield (*path, name), value
        else:
            yield from _fields(value, (*path, name))


def _distinct(names: dict[Path, str]) -> dict[Path, str]:
    """Names that still are alike, for their own parts hold dots, are counted."""
    seen: Counter[str] = Counter()
    distinct = {}
    for path, name in names.items():
        seen[name] += 1
        distinct[path] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return distinct
