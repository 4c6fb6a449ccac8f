"""Excel workbooks (.xlsx), read with the standard library: the first sheet as a table.

Libraries for workbooks make a whole rectangle of cells up to the farthest one, 17 billion of them
where a file says so, and unpack a part of the zip before they look at its size. Here each cell
costs what stands in it, parts are bounded, and a document type, of which XML bombs are made, is
refused.
Format: ECMA-376, part 1, section 18 (SpreadsheetML).
"""

import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat

import pandas as pd

from core.data import watch
from core.data.limits import check_size
from core.data.names import check_distinct
from core.data.readers import archive
from core.data.readers.columns import split_table
from core.data.readers.content import head
from core.data.readers.found import Content, Found, Options
from core.errors import DataError

KIND = "a readable .xlsx workbook"
BOOK, STRINGS, STYLES = "xl/workbook.xml", "xl/sharedStrings.xml", "xl/styles.xml"
SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
PLACE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
MOST_ROWS, MOST_COLUMNS = 1_048_576, 16_384  # those of Excel itself
MOST_CELLS, MOST_TEXTS = 5_000_000, 5_000_000
EMPTY_SHARE = 100  # cells of the table for each that is written
SMALL_TABLE = 1_000_000
DATES = {*range(14, 23), 45, 46, 47}
DATE_FORMAT = re.compile(r'^(?:"[^"]*"|\\.|\[[^\]]*\]|[^"\\\[])*?[ymdhs]', re.IGNORECASE)
EPOCH, EPOCH_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)
PIECE = 2**16


def recognizes(content: Content, ending: str) -> bool:
    """Whether the bytes are a zip that holds a workbook; by the ending where it is damaged."""
    if head(content, 4) not in archive.MAGICS:
        return False
    try:
        with archive.opened(content, KIND) as opened:
            return BOOK in opened.namelist()
    except DataError:
        return ending == ".xlsx"


def read(content: Content, options: Options) -> Found:
    """Vectors and metadata of the first sheet, whose first row names the columns."""
    return split_table(frame(content), options)


def frame(content: Content) -> pd.DataFrame:
    """The first sheet, from its first row to its last that has a cell: the first names the columns.

    A number of a date format is a date, another one an integer where it is whole. Formulas are
    their last results.
    """
    with archive.opened(content, KIND) as opened:
        sheet = _first_sheet(opened)
        texts = _shared_texts(opened)
        dates = _date_styles(opened)
        cells = _Cells(texts, dates, _epoch(opened))
        _parse(opened, sheet, cells.start, cells.end, cells.text)
    return _table(cells)


def _table(cells: "_Cells") -> pd.DataFrame:
    if not cells.rows:
        raise DataError("The first sheet of the workbook is empty.")
    first, last = min(cells.rows), max(cells.rows)
    columns = sorted({column for row in cells.rows.values() for column in row})
    count, written = last - first + 1, sum(map(len, cells.rows.values()))
    check_size(count, len(columns))
    if count * len(columns) > max(EMPTY_SHARE * written, SMALL_TABLE):
        raise DataError(
            f"The first sheet would be a table of {count:,} rows x {len(columns):,} columns, most "
            f"of them empty: {written:,} cells are filled. Leave out what lies far from the table."
        )
    names = [_name(cells.rows[first].get(column), column) for column in columns]
    check_distinct(names)
    numbers = range(first + 1, last + 1)
    return pd.DataFrame(
        {
            name: pd.Series([_cell(cells, row, column) for row in numbers], dtype=object)
            for name, column in zip(names, columns, strict=True)
        }
    ).infer_objects()


def _cell(cells: "_Cells", row: int, column: int) -> Any:
    return cells.rows[row].get(column) if row in cells.rows else None


def _name(value: object, column: int) -> str:
    return f"column {column + 1}" if value is None else str(value)


class _Cells:
    """Takes what the parser meets in a sheet; rows: by number, each value by its column."""

    def __init__(self, texts: list[str], dates: frozenset[str], epoch: datetime) -> None:
        self.rows: dict[int, dict[int, Any]] = {}
        self._texts, self._dates, self._epoch = texts, dates, epoch
        self._kind = ""
        self._is_date = self._within = False
        self._row, self._column, self._count = 0, -1, 0
        self._parts: list[str] = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if name == "row":
            self._row = int(attributes.get("r", self._row + 1))
            self._column = -1
            if not 0 < self._row <= MOST_ROWS:
                raise ValueError(f"a sheet states a row {self._row:,}")
        elif name == "c":
            self._kind = attributes.get("t", "n")
            self._column = _column(attributes.get("r", ""), self._column)
            self._is_date = attributes.get("s") in self._dates
        elif name in ("v", "t"):
            self._within, self._parts = True, self._parts if name == "t" else []

    def text(self, data: str) -> None:
        if self._within:
            self._parts.append(data)

    def end(self, name: str) -> None:
        if name in ("v", "t"):
            self._within = False
        elif name == "c":
            written = "".join(self._parts)
            self._parts = []
            if written:
                self._count += 1
                if self._count > MOST_CELLS:
                    raise ValueError(f"a sheet has more than {MOST_CELLS:,} cells")
                self.rows.setdefault(self._row, {})[self._column] = self._value(written)

    def _value(self, written: str) -> Any:
        if self._kind == "s":
            return self._texts[int(written)]
        if self._kind == "b":
            return written == "1"
        if self._kind == "e":
            return None
        if self._kind != "n":
            return written
        number = float(written)
        if self._is_date:
            try:
                return self._epoch + timedelta(days=number)
            except OverflowError:
                return written
        return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _column(place: str, before: int) -> int:
    """Number of the column of a place such as BC12; the next one where none is written."""
    if not place:
        return before + 1
    match = PLACE.fullmatch(place)
    if match is None:
        raise ValueError(f"a cell states the place {place[:20]!r}")
    number = 0
    for letter in match[1]:
        number = 26 * number + ord(letter) - ord("A") + 1
    if number > MOST_COLUMNS:
        raise ValueError(f"a cell states the place {place[:20]!r}")
    return number - 1


def _first_sheet(opened: zipfile.ZipFile) -> str:
    numbers = {int(m[1]): name for name in opened.namelist() if (m := SHEET.fullmatch(name))}
    if not numbers:
        raise DataError("The workbook holds no sheet of cells. Save the table as .csv.")
    return numbers[min(numbers)]


def _shared_texts(opened: zipfile.ZipFile) -> list[str]:
    texts: list[str] = []
    parts: list[str] = []
    state = {"text": False, "hint": False}

    def start(name: str, _: dict[str, str]) -> None:
        state["text"] = name == "t" and not state["hint"]
        state["hint"] = state["hint"] or name == "rPh"  # how a word is pronounced

    def end(name: str) -> None:
        state["text"] = False
        state["hint"] = state["hint"] and name != "rPh"
        if name == "si":
            texts.append("".join(parts))
            parts.clear()
            if len(texts) > MOST_TEXTS:
                raise ValueError(f"it has more than {MOST_TEXTS:,} texts")

    _parse(opened, STRINGS, start, end, lambda data: parts.append(data) if state["text"] else None)
    return texts


def _date_styles(opened: zipfile.ZipFile) -> frozenset[str]:
    """Numbers of the styles of cells that show a number as a date."""
    own: set[int] = set()
    found: list[bool] = []
    within = [False]

    def start(name: str, attributes: dict[str, str]) -> None:
        number = int(attributes.get("numFmtId", "0") or 0)
        if name == "numFmt" and DATE_FORMAT.match(attributes.get("formatCode", "")):
            own.add(number)
        elif name == "cellXfs":
            within[0] = True
        elif name == "xf" and within[0]:
            found.append(number in DATES or number in own)

    def end(name: str) -> None:
        within[0] = within[0] and name != "cellXfs"

    _parse(opened, STYLES, start, end, lambda _: None)
    return frozenset(str(style) for style, is_date in enumerate(found) if is_date)


def _epoch(opened: zipfile.ZipFile) -> datetime:
    found = [EPOCH]

    def start(name: str, attributes: dict[str, str]) -> None:
        if name == "workbookPr" and attributes.get("date1904") in ("1", "true"):
            found[0] = EPOCH_1904

    _parse(opened, BOOK, start, lambda _: None, lambda _: None)
    return found[0]


def _parse(opened: zipfile.ZipFile, name: str, start: Any, end: Any, text: Any) -> None:
    """Tell what stands in a part of the workbook; nothing where there is no such part."""
    if name not in opened.namelist():
        return
    parser = expat.ParserCreate(namespace_separator=None)
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, attributes: start(tag.rpartition(":")[2], attributes)
    parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for piece in _pieces(opened, name):
            parser.Parse(piece, False)
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise ValueError(f"{name}: {error}") from error


def _refuse(*_: object) -> None:
    raise ValueError("a part of it states a document type, which no workbook has")


def _pieces(opened: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    with opened.open(name) as file:
        size, done = opened.getinfo(name).file_size, 0
        while piece := file.read(PIECE):
            done += len(piece)
            watch.bytes_read(done, size)
            yield piece
