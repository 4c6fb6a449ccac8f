"""Comma and tab separated text, with or without a line of column names."""

import csv
import io
import re
from dataclasses import replace

import pandas as pd

from core.data.names import check_distinct
from core.data.readers.columns import split_table
from core.data.readers.found import Found, Options
from core.data.readers.text import check_cells, decode
from core.errors import DataError

SEPARATORS = ",;\t|"
WHOLE = re.compile(r"\d+")
DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
QUOTED = re.compile(r'"[^"]*"')


def read_csv(content: bytes, options: Options) -> Found:
    """Text whose separator (comma, semicolon, tab or bar) is recognized by its first line."""
    text = decode(content)
    first = text.lstrip("\r\n").split("\n", 1)[0]
    separator = max(SEPARATORS, key=first.count) if any(s in first for s in SEPARATORS) else ","
    return _read(text, separator, options)


def read_tsv(content: bytes, options: Options) -> Found:
    """Tab separated text, such as the Embedding Projector's vectors.tsv."""
    return _read(decode(content), "\t", options)


def _read(text: str, separator: str, options: Options) -> Found:
    found = split_table(read_frame(text, separator), options)
    first, _ = _first_rows(text, separator)
    if not all(map(_is_number, first)) and _has_names(first):
        return found
    taken = "column names" if _has_names(first) else "a row, so the columns are numbered"
    return replace(found, notes=(*found.notes, f"first line of numbers taken as {taken}"))


def read_metadata(content: bytes) -> pd.DataFrame:
    """The Embedding Projector's metadata.tsv: one column has no line of names, several have one."""
    text = decode(content)
    if "\t" in text.lstrip("\r\n").split("\n", 1)[0]:
        return read_frame(text, "\t")
    return pd.DataFrame({"label": text.rstrip("\r\n").splitlines()})


def read_frame(text: str, separator: str) -> pd.DataFrame:
    """The table, its columns named by the first line, or 0, 1, 2, ... where that is a row."""
    first, second = _first_rows(text, separator)
    named = _has_names(first)
    check_distinct(first if named else ())
    if len(second) > len(first):  # pandas would cut such rows off, with no more than a warning
        raise DataError(
            f"The rows do not fit the first line, which has {len(first):,} columns: the next line "
            f"has {len(second):,} values. Name every column, or correct that line."
        )
    check_cells(QUOTED.sub("", text).count("\n") + 1, len(first), len(text))
    try:
        frame = pd.read_csv(
            io.StringIO(text),
            sep=separator,
            header=0 if named else None,
            low_memory=False,
            index_col=False,
        )
    except (pd.errors.ParserError, ValueError) as error:
        raise DataError(
            f"The rows do not fit the first line, which has {len(first):,} columns: "
            f"{str(error).strip()}. Mend that line."
        ) from error
    return frame.set_axis([str(name) for name in frame.columns], axis=1)


def _first_rows(text: str, separator: str) -> tuple[list[str], list[str]]:
    """The first two lines that are not blank; empty where there are none."""
    try:
        lines = csv.reader(io.StringIO(text), delimiter=separator)
        rows = (row for row in lines if len(row) > 1 or any(cell.strip() for cell in row))
        return next(rows, []), next(rows, [])
    except csv.Error as error:
        raise DataError(f"The first lines cannot be read: {error}. Mend them.") from error


def _has_names(first: list[str]) -> bool:
    """Whether the first line names the columns: 0, 1, 2, ... does, as pandas writes it."""
    if [cell.strip() for cell in first] == [str(number) for number in range(len(first))]:
        return len(first) > 1
    numbers = [cell for cell in first if _is_number(cell)]
    return len(numbers) < len(first) and all(WHOLE.fullmatch(cell.strip()) for cell in numbers)


def _is_number(cell: str) -> bool:
    return DECIMAL.fullmatch(cell.strip()) is not None
