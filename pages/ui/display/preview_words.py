"""What a file was understood to hold, in words: facts, guesses, and what has to be decided."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.data import Look, Preview
from core.data.readers.found import ColumnRole
from core.projection import FirstPicture
from pages.ui.display import items
from pages.ui.display.text import count, size

NAMED = 8
ROWS_SHOWN = 20
VALUES_SHOWN = 6


def title(name: str, preview: Preview) -> str:
    """The line over the preview."""
    if preview.embeddings is not None:
        return f"{name} was read, and is not used yet"
    if preview.candidates or preview.bad_rows:
        return f"{name} was read, and something has to be decided"
    return f"{name} cannot be used"


def title_so_far(name: str) -> str:
    """The line over what is known before all rows were checked."""
    return f"{name} is being read"


def facts_so_far(look: Look | None, file_bytes: int) -> str:
    """The line of facts before all rows were checked; 0 bytes where they are not known."""
    if look is None or look.found is None:
        return size(file_bytes) if file_bytes else ""
    shape = look.found.vectors.shape
    parts = [
        f"{count(shape[0], 'vector')} of {count(shape[1], 'dimension')}" if len(shape) == 2 else "",
        f"stored as {look.found.vectors.dtype}",
        size(file_bytes) if file_bytes else "",
    ]
    return ", ".join(part for part in parts if part)


def picture(seen: FirstPicture) -> str:
    """What the first picture shows, in a sentence.

    The rows that are left out are some of those that were drawn.
    """
    shown = len(seen.rows)
    some = f"{shown:,} of {seen.of:,} rows" if shown < seen.of else count(shown, "row")
    words = [f"{some}, PCA", f"colored by {seen.label}" if seen.label else ""]
    if shown + seen.left_out < seen.of:
        words.append(f"drawn with seed {seen.projection.seed}")
    if seen.left_out:
        words.append(f"{count(seen.left_out, 'row')} left out for missing values")
    return f"{', '.join(word for word in words if word)}."


def facts(preview: Preview, file_bytes: int) -> str:
    """The line of facts: size, type, labels, metric, queries and ground truth."""
    found = preview.embeddings
    if found is None:
        return f"{size(file_bytes)}"
    parts = [
        f"{count(found.n, 'vector')} of {count(found.dim, 'dimension')}",
        f"stored as {preview.stored_as}" if preview.stored_as else "",
        f"{size(file_bytes)}",
        _labels(preview),
        _names(preview),
        f"metric {found.metric.replace('_', ' ')}, as the file says" if found.metric else "",
        count(len(found.queries), "query", "queries") if found.queries is not None else "",
        _truth(preview),
    ]
    return ", ".join(part for part in parts if part)


def _labels(preview: Preview) -> str:
    found = preview.embeddings
    if found is None or found.label_column is None:
        return "no labels"
    return f"labels: {found.label_column} ({count(len(found.class_names), 'class', 'classes')})"


def _names(preview: Preview) -> str:
    """The column that names the items on every page; "" where they are numbered."""
    found = preview.embeddings
    column = None if found is None else found.name_column
    return f"items named by {column}" if column is not None else ""


def _truth(preview: Preview) -> str:
    found = preview.embeddings
    if found is None or found.ground_truth is None:
        return ""
    return f"their {found.ground_truth.shape[1]:,} true neighbors"


def decision(preview: Preview) -> str:
    """What has to be decided or mended before the file can be used; "" for nothing."""
    if preview.candidates:
        names = ", ".join(preview.candidates)
        return f"Several columns could hold the vectors: {names}. Choose one."
    if preview.bad_rows:
        return (
            f"{rows(preview.bad_rows)} cannot be used: a value is missing, no number, infinite or "
            "too large. Leave them out, or mend the file and upload it again."
        )
    return preview.problem


def rows(numbers: Sequence[int]) -> str:
    """Some rows by number, the first of them named.

    >>> rows([3]), rows([3, 17])
    ('Row 3', '2 rows (3, 17)')
    """
    if len(numbers) == 1:
        return f"Row {numbers[0]:,}"
    named = ", ".join(f"{number:,}" for number in numbers[:NAMED])
    return f"{len(numbers):,} rows ({named}{', ...' if len(numbers) > NAMED else ''})"


def column_table(preview: Preview) -> pd.DataFrame:
    """Each column of the file, in the order of `listed`, with its role and the reason.

    A file without columns has an empty table.
    """
    return pd.DataFrame(
        [(each.name, each.role, each.reason) for each in listed(preview)],
        columns=["column", "role", "why"],
    )


def listed(preview: Preview) -> list[ColumnRole]:
    """The columns of the file as they are shown: the many of the vectors last."""
    return sorted(preview.columns, key=lambda each: each.role == "vector")


def first_rows(preview: Preview) -> pd.DataFrame:
    """The first rows with all their metadata, and the first values of their vectors."""
    found = preview.embeddings
    if found is None:
        return pd.DataFrame()
    frame = found.metadata.head(ROWS_SHOWN).copy()
    rows = range(len(frame))
    if (drawn := items.picture_column(found)) is not None:
        frame[drawn] = items.pictures(found, rows)
    if found.sound_column is not None:
        frame[found.sound_column] = items.sounds(found, rows)
    shown = "vector" if "vector" not in frame.columns else "vector (values)"
    values = found.vectors[: len(frame), :VALUES_SHOWN].astype(np.float64)
    frame[shown] = [[float(f"{value:.4g}") for value in row] for row in values]
    return frame
