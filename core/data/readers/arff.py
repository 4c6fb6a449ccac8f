"""ARFF, the tables of Weka and OpenML: attributes by name, then rows as delimited text.

Format: https://waikato.github.io/weka-wiki/formats_and_processing/arff_stable/
"""

import csv
import io
import re
from dataclasses import replace

import pandas as pd

from core.data.names import check_distinct
from core.data.readers.columns import split_table
from core.data.readers.content import head
from core.data.readers.delimited import read_table
from core.data.readers.delimited.table import Table
from core.data.readers.found import Content, Found, Options
from core.data.readers.text import to_utf8
from core.errors import DataError

FIRST = 65_536
LONGEST_HEAD = 16_000_000  # bytes
RELATION = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:%[^\n]*)?\r?\n)*[ \t]*@relation\b", re.IGNORECASE
)
DATA = re.compile(rb"^[ \t]*@data[ \t]*\r?(?:\n|\Z)", re.IGNORECASE | re.MULTILINE)
ATTRIBUTE = re.compile(
    r"[ \t]*@attribute[ \t]+(?:'((?:[^'\\]|\\.)*)'|\"((?:[^\"\\]|\\.)*)\"|(\S+))[ \t]+\S",
    re.IGNORECASE,
)
CELL = re.compile(
    r"\s*+(?:'((?:[^'\\]|\\.)*+)'\s*+|\"((?:[^\"\\]|\\.)*+)\"\s*+|([^,\t'\"]*+))([,\t]|\Z)"
)
ESCAPED = re.compile(r"\\(.)")
MISSING = re.compile(rb"(?<![^,\t\n])[ ]*\?[ ]*(?=[,\t\r\n]|\Z)")
COMMENT = re.compile(rb"^[ \t]*%[^\n]*\n?", re.MULTILINE)
SPARSE_ROW = re.compile(rb"[ \t]*\{")


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether the first line that is no comment states a relation."""
    return RELATION.match(head(content, FIRST)) is not None


def read(content: Content, options: Options) -> Found:
    """Numeric attributes as vectors, the others as columns."""
    table = _table(content, drop_ragged=options.bad_rows == "drop")
    found = split_table(table.frame, options)
    return replace(found, notes=(*found.notes, *table.notes))


def frame(content: Content) -> pd.DataFrame:
    """All attributes as columns; `attrs["notes"]` says what was decided."""
    table = _table(content)
    table.frame.attrs["notes"] = table.notes
    return table.frame


def _table(content: Content, *, drop_ragged: bool = False) -> Table:
    view, _ = to_utf8(content)
    start = DATA.search(bytes(view[:LONGEST_HEAD]))
    if start is None:
        raise DataError("The ARFF file has no @DATA line. It is cut off, or no ARFF file.")
    lines = str(view[: start.start()], "utf-8").split("\n")
    names = [_name(line) for line in lines if line.lstrip()[:10].casefold() == "@attribute"]
    rows = COMMENT.sub(b"", view[start.end() :])
    if SPARSE_ROW.match(rows):
        raise DataError(
            "The rows of the ARFF file are sparse ({index value, ...}), and only dense rows are "
            "read. Save it dense: in Weka, the filter SparseToNonSparse."
        )
    quoted = b"'" in rows or b'"' in rows
    rows = _plain(str(rows, "utf-8")).encode() if quoted else MISSING.sub(b"", rows)
    if not names:
        raise DataError("The ARFF file states no attribute.")
    if not rows.strip():
        raise DataError("The ARFF file has no rows after @DATA. Add at least one.")
    check_distinct(names)
    stand_in = _line([f"attribute {place}" for place in range(len(names))])  # surely a heading
    table = read_table(stand_in.encode() + rows, ".csv", drop_ragged=drop_ragged)
    if len(table.frame.columns) != len(names):
        raise DataError(
            f"The ARFF file states {len(names):,} attributes, and its rows have "
            f"{len(table.frame.columns):,} values. State each attribute."
        )
    return replace(table, frame=table.frame.set_axis(names, axis=1))


def _name(line: str) -> str:
    match = ATTRIBUTE.match(line)
    if match is None:
        raise DataError(f"An attribute has no name or no type: {line.strip()[:60]!r}.")
    return _text(match)


def _plain(text: str) -> str:
    """The rows with the quotation marks of CSV."""
    return "".join(_line(_cells(line)) for line in text.split("\n") if line.strip())


def _cells(line: str) -> list[str]:
    cells, place, separator = list[str](), 0, ","
    while separator:
        match = CELL.match(line, place)
        if match is None:
            raise DataError(f"A quotation mark is not closed in the row {line[:60]!r}.")
        missing = (match[3] or "").strip() == "?"
        cells.append("" if missing else _text(match))
        place, separator = match.end(), match[4]
    return cells


def _text(match: "re.Match[str]") -> str:
    quoted = match[1] if match[1] is not None else match[2]
    return match[3].strip() if quoted is None else ESCAPED.sub(r"\1", quoted)


def _line(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerow(cells)
    return out.getvalue()
