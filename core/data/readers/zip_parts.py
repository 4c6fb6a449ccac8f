"""Members of a zip that are parts of one table: alike in name but for a number that counts them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from core.data.readers.found import Found
from core.errors import ChoiceError

DIGITS = re.compile(r"\d{1,18}")


def numbered_parts(names: Iterable[str]) -> list[tuple[str, ...]]:
    """The names that differ only in one number, which counts up by one, in this order.

    >>> numbered_parts(["out/part-1.csv", "out/part-0.csv", "notes.txt"])
    [('out/part-0.csv', 'out/part-1.csv')]
    """
    members: dict[tuple[str, str], dict[int, str]] = {}
    for name in names:
        for run in DIGITS.finditer(name):
            key = name[: run.start()], name[run.end() :]
            members.setdefault(key, {}).setdefault(int(run[0]), name)
    found: list[tuple[str, ...]] = []
    for numbered in sorted(members.values(), key=len, reverse=True):
        numbers = sorted(numbered)
        free = not any(numbered[number] in group for number in numbers for group in found)
        if len(numbers) > 1 and numbers[-1] - numbers[0] + 1 == len(numbers) and free:
            found.append(tuple(numbered[number] for number in numbers))
    return found


def join_found(parts: Mapping[str, Found]) -> Found:
    """The rows of all parts, one part after another.

    Raises ChoiceError where they have not the same dimensions and columns.
    """
    found = list(parts.values())
    first = found[0]
    alike = all(
        each.vectors.ndim == 2
        and each.vectors.shape[1:] == first.vectors.shape[1:]
        and _columns(each.metadata) == _columns(first.metadata)
        for each in found
    )
    if not alike:
        raise ChoiceError(
            f"The files {', '.join(parts)} of the zip are numbered as parts of one table, but have "
            "not the same dimensions and columns. Say which holds the vectors (vector_column).",
            list(parts),
        )
    starts = np.cumsum([0, *(len(each.vectors) for each in found)]).tolist()
    unreadable = {
        start + row: text
        for start, each in zip(starts, found, strict=False)
        for row, text in each.unreadable.items()
    }
    tables = [each.metadata for each in found if each.metadata is not None]
    return replace(
        first,
        vectors=np.concatenate([each.vectors for each in found]),
        metadata=pd.concat(tables, ignore_index=True) if tables else None,
        notes=(*first.notes, said(list(parts))),
        unreadable=unreadable,
    )


def said(parts: Sequence[str]) -> str:
    """The note on parts that were joined."""
    return f"{len(parts):,} parts put one after another, {parts[0]!r} to {parts[-1]!r}"


def _columns(frame: pd.DataFrame | None) -> list[str]:
    return [] if frame is None else list(map(str, frame.columns))
