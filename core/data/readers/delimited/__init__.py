"""Delimited text: .csv, .tsv, .txt and .vec, in whatever dialect they are written."""

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.readers.columns import split_table
from core.data.readers.delimited.table import Table, read_table
from core.data.readers.delimited.word_vectors import WORD
from core.data.readers.found import ColumnRole, Content, Found, Options
from core.errors import BadRowsError, DataError

SHOWN = 40


def read(content: Content, options: Options) -> Found:
    """Vectors in columns or in one column of lists, or word vectors.

    >>> found = read(b"the 0.1 0.2\\nof 0.3 0.4\\n", Options(ending=".txt"))
    >>> found.vectors.tolist(), found.metadata["word"].tolist()
    ([[0.1, 0.2], [0.3, 0.4]], ['the', 'of'])
    """
    table = read_table(content, options.ending, drop_ragged=options.bad_rows == "drop")
    if table.words is not None:
        return _of_words(table, drop=options.bad_rows == "drop")
    try:
        found = split_table(table.frame, options)
    except BadRowsError:
        raise
    except DataError as error:
        raise _refusal(table, error) from error
    return replace(found, notes=(*found.notes, *table.notes))


def _refusal(table: Table, error: DataError) -> DataError:
    """Where the lines do not fall into columns, that; else the error as it is."""
    if len(table.frame.columns) > 1:
        return error
    lines = ", ".join(repr(str(cell)[:SHOWN]) for cell in table.frame.iloc[:3, 0])
    return DataError(
        "The lines do not fall into columns: no comma, semicolon, tab, bar or blank parts most of "
        f"the first lines into equally many values. They are: {lines}. {error}"
    )


def _of_words(table: Table, *, drop: bool) -> Found:
    """Word vectors; drop: whether a row with a cell that is no number becomes a missing one."""
    numbers = table.frame.drop(columns=WORD)
    values = numbers.apply(_as_numbers)
    bad = (values.isna() & numbers.notna()).to_numpy()
    if bad.any() and not drop:
        raise _bad_words(numbers, bad)
    first, last = numbers.columns[0], numbers.columns[-1]
    return Found(
        values.to_numpy(dtype=np.float64),
        table.frame[[WORD]],
        (f"word vectors of {len(numbers.columns):,} numbers", *table.notes),
        roles=(
            ColumnRole(WORD, "text", "the first cell of each line"),
            *(ColumnRole(name, "vector", f"numbers {first} to {last}") for name in numbers.columns),
        ),
    )


def _as_numbers(column: "pd.Series[Any]") -> "pd.Series[Any]":
    """The column as floats, also where it was kept as text so that nothing is rounded."""
    if column.dtype.kind in "iuf":
        return column
    return pd.to_numeric(column, errors="coerce").astype(np.float64)


def _bad_words(numbers: pd.DataFrame, bad: npt.NDArray[np.bool_]) -> BadRowsError:
    """The error of rows with a cell that is no number; bad: of each cell."""
    rows = np.flatnonzero(bad.any(axis=1))
    column = int(bad[rows[0]].argmax())
    return BadRowsError(
        f"Every word must be followed by numbers; row {rows[0]:,} holds "
        f"{str(numbers.iloc[rows[0], column])[:SHOWN]!r} as number {column + 1:,} "
        f"({len(rows):,} such rows). Mend or leave out these rows.",
        rows.tolist(),
    )


__all__ = ["Table", "read", "read_table"]
