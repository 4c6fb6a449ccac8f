"""Comma and tab separated text, with or without a line of column names."""

import csv
import io
import itertools

import pandas as pd

from core.data.limits import check_size
from core.data.readers.columns import split_table
from core.data.readers.found import Found, Options
from core.data.readers.text import decode
from core.errors import DataError

SEPARATORS = ",;\t|"


def read_csv(content: bytes, options: Options) -> Found:
    """Text whose separator (comma, semicolon, tab or bar) is told by its first line."""
    text = decode(content)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count) if any(s in first for s in SEPARATORS) else ","
    return split_table(read_frame(text, separator), options)


def read_tsv(content: bytes, options: Options) -> Found:
    """Tab separated text, such as the Embedding Projector's vectors.tsv."""
    return split_table(read_frame(decode(content), "\t"), options)


def read_metadata(content: bytes) -> pd.DataFrame:
    """The Embedding Projector's metadata.tsv: one column has no line of names, several have one."""
    text = decode(content)
    if "\t" in text.lstrip("\r\n").split("\n", 1)[0]:
        return read_frame(text, "\t")
    return pd.DataFrame({"label": text.rstrip("\r\n").splitlines()})


def read_frame(text: str, separator: str) -> pd.DataFrame:
    """The table, its columns named by the first line, or 0, 1, 2, ... where that holds numbers."""
    first = _first_row(text, separator)
    named = not all(_is_number(cell) for cell in first)
    doubled = sorted({name for name in first if named and first.count(name) > 1})
    if doubled:
        raise DataError(
            f"Column names must differ; {', '.join(map(repr, doubled[:5]))} stand more than once. "
            "Rename them."
        )
    check_size(text.count("\n") + 1, len(first))
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=0 if named else None,
            low_memory=False,
            index_col=False,
        )
    except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError) as error:
        raise DataError(
            f"The rows do not fit the first line, which has {len(first):,} columns: {error}. Mend "
            "that line."
        ) from error
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


def _first_row(text: str, separator: str) -> list[str]:
    try:
        rows = csv.reader(io.StringIO(text), delimiter=separator)
        return next(itertools.dropwhile(lambda row: not row, rows), [])
    except csv.Error as error:
        raise DataError(f"The first line cannot be read: {error}. Mend it.") from error


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
