"""What a file of another tool holds, and what must become of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

N, DIM = 24, 8
VECTORS = np.round(np.random.default_rng(7).normal(0, 0.3, (N, DIM)), 6).astype(np.float32)
"""(N, DIM) vectors that every file holds unless it says otherwise; six decimals, so that text keeps
them."""

LISTS = [[round(float(value), 6) for value in row] for row in VECTORS]
SUBJECTS = ("solar panels", "sourdough bread", "chess openings", "river ecology")
QUALITIES = ("cheap", "old", "quiet", "bright", "little-known", "popular")
TITLES = [f"A {quality} guide to {subject}" for subject in SUBJECTS for quality in QUALITIES]
TITLES[3] = 'Bread, salt, and "time"'
TITLES[9] = "Öfen für große Brote"
CATEGORIES = [SUBJECTS[i // 6].split()[0] for i in range(N)]
IDS = [f"doc-{i:03d}" for i in range(N)]
YEARS = [1990 + i for i in range(N)]

Cells = Mapping[str, Sequence[object]]


@dataclass(frozen=True)
class Export:
    """A file of another tool and what must become of it.

    `cells` are columns that must stand in the metadata, by the last part of their name. `refused`
    are the words, one or more of which the message must have where the file must not be read.
    says: words that the notes must have; silent: words that none may have.
    """

    tool: str
    file: str
    source: str
    build: Callable[[], bytes]
    vectors: np.ndarray | None = field(default_factory=lambda: VECTORS)
    cells: Cells = field(default_factory=dict)
    label: str | None = None
    metric: str | None = None
    queries: int | None = None
    bad_rows: Literal["error", "drop"] = "error"
    refused: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    tolerance: float = 1e-6
