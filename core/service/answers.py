"""Answers as plain JSON: bounded in size, with items by row and name, and null for NaN."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from core.data import EmbeddingSet
from core.data.item_names import item_names, label_of
from core.visible import marked

Answer = dict[str, Any]
TEXT = 400  # characters of one text
TEXTS = 50  # notes, columns and such
MOST_LISTED = 1_000  # items of one list
POINTS = 20  # values of ef that a curve is listed at, unless all are asked for


def plain(value: Any) -> Any:
    """A value as JSON has it: numbers of Python, null for NaN and infinity, texts cut and marked.

    >>> plain({"ef": np.int64(10), "recall": np.array([0.5, np.nan]), "why": "a\\u202eb"})
    {'ef': 10, 'recall': [0.5, None], 'why': 'a[U+202E]b'}
    """
    if isinstance(value, Mapping):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, np.ndarray | list | tuple):
        return [
            plain(each) for each in (value.tolist() if isinstance(value, np.ndarray) else value)
        ]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return short(value) if isinstance(value, str) else value


def short(text: object, most: int = TEXT) -> str:
    """A text that hides nothing, cut where it has more than `most` characters."""
    whole = str(text)
    return marked(whole if len(whole) <= most else f"{whole[: most - 3]}...")


def items(embeddings: EmbeddingSet, rows: Iterable[int]) -> list[Answer]:
    """Each item by its row and its name, with its label where there are labels."""
    listed = [int(row) for row in rows]
    found: list[Answer] = [
        {"row": row, "name": name}
        for row, name in zip(listed, item_names(embeddings, listed), strict=True)
    ]
    if embeddings.labels is not None:
        for each in found:
            each["label"] = short(label_of(embeddings, each["row"])) or None
    return found


def some_points(low: int, high: int, count: int, *, also: Iterable[int] = ()) -> list[int]:
    """About `count` whole numbers from `low` to `high`, in equal ratios, and those in `also`.

    count: 0 for all of them.

    >>> some_points(10, 160, 5, also=[50])
    [10, 20, 40, 50, 80, 160]
    >>> some_points(3, 6, 0)
    [3, 4, 5, 6]
    """
    if count == 0 or count > high - low:
        return list(range(low, high + 1))
    ratios = np.geomspace(low, high, max(count, 2))
    return sorted({low, high, *(round(each) for each in ratios), *also})
