"""Filters of rows by their columns, and their short text for a link.

    weight:10..20;lexname:=noun.plant,noun.animal;owner:=?

| text           | keeps the rows                                         |
|----------------|--------------------------------------------------------|
| `weight:10..20`| from 10 to below 20; either end may be left out        |
| `day:2020-01-01..` | from that day on                                   |
| `pos:=noun,verb` | of one of these values                               |
| `pos:!noun,verb` | of any other value                                   |
| `...?`         | and those without a value                              |

Rows pass a set of filters that pass each of them. In names and values the characters that have a
meaning here are written as %3A and so on.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.embedding_set import MISSING, class_codes

Mask = npt.NDArray[np.bool_]
MOST_FILTERS, MOST_VALUES, MOST_LETTERS = 20, 200, 4_000  # of a text that is read
FIRST_YEAR, LAST_YEAR = 1678, 2261  # that nanoseconds since 1970 can hold
_DAY = re.compile(r"\d{4}-\d\d-\d\d(?:T[\d:.]+)?\Z", re.ASCII)
_SPECIAL = re.compile(r"[%:;,=!?\x00-\x1f]")
_ONE = re.compile(
    r"(?P<column>[^:]+):(?:(?P<how>[=!])(?P<values>.*?)|(?P<low>.*?)\.\.(?P<high>.*?))(?P<missing>\??)"
)


@dataclass(frozen=True)
class Range:
    """Rows whose number or date is at least `low` and below `high`; None for no end.

    is_date: whether the ends are nanoseconds since 1970. missing: whether rows without a value
    pass.
    """

    column: str
    low: float | None = None
    high: float | None = None
    missing: bool = False
    is_date: bool = False


@dataclass(frozen=True)
class Values:
    """Rows of one of these values, by their texts; others: of any value but these.

    missing: whether rows without a value pass.
    """

    column: str
    values: tuple[str, ...] = ()
    others: bool = False
    missing: bool = False


Filter = Range | Values


def passes(frame: pd.DataFrame, each: Filter) -> Mask:
    """(n,) whether each row passes a filter; all rows where the frame has no such column.

    A range of a column that holds no numbers, or dates where it should hold numbers, lets all pass.
    """
    every = np.ones(len(frame), dtype=np.bool_)
    if each.column not in frame.columns:
        return every
    column = frame[each.column]
    if isinstance(each, Values):
        codes, names = class_codes(column)
        chosen = np.isin(np.array(names, dtype=object), np.array(each.values, dtype=object))
        known = np.append(chosen ^ each.others, each.missing)
        return np.asarray(known[np.where(codes == MISSING, len(names), codes)])
    if not fits(frame, each):
        return every
    values = numbers(column)
    kept = every if each.low is None else values >= each.low
    kept = kept if each.high is None else kept & (values < each.high)
    return np.asarray(np.where(np.isnan(values), each.missing, kept))


def fits(frame: pd.DataFrame, each: Filter) -> bool:
    """Whether a frame has the column of a filter, with numbers or dates for a range."""
    if each.column not in frame.columns:
        return False
    kind = frame[each.column].dtype.kind
    return isinstance(each, Values) or (kind == "M" if each.is_date else kind in "iufb")


def numbers(column: "pd.Series[Any]") -> npt.NDArray[np.float64]:
    """A column of numbers or dates as float64, NaN where missing; dates as nanoseconds."""
    if column.dtype.kind == "M":
        values = column.to_numpy(dtype="datetime64[ns]")
        return np.where(np.isnat(values), np.nan, values.view(np.int64).astype(np.float64))
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def to_text(filters: Iterable[Filter]) -> str:
    """Filters as the text of a link.

    >>> to_text([Range("weight", 10, 20), Values("a:b", ("x,y",), missing=True)])
    'weight:10..20;a%3Ab:=x%2Cy?'
    """
    return ";".join(_text(each) for each in filters)


def from_text(text: str) -> tuple[tuple[Filter, ...], list[str]]:
    """The filters that a text names, and the parts of it that name none.

    What is longer than 4,000 letters, more than 20 filters, or 200 values in one, is left out.

    >>> from_text("weight:10..;pos:!noun?;what")[0]
    (Range(column='weight', low=10.0, high=None, missing=False, is_date=False),
     Values(column='pos', values=('noun',), others=True, missing=True))
    """
    filters, refused = dict[str, Filter](), list[str]()
    for part in filter(None, text[:MOST_LETTERS].split(";")):
        found = _filter(part)
        if found is None or len(filters) == MOST_FILTERS:
            refused.append(part)
        else:
            filters[found.column] = found
    return tuple(filters.values()), refused


def with_filter(filters: Sequence[Filter], column: str, new: Filter | None) -> tuple[Filter, ...]:
    """The filters with another one of a column, or with none for None; the order stays."""
    if new is None or all(each.column != column for each in filters):
        kept = tuple(each for each in filters if each.column != column)
        return kept if new is None else (*kept, new)
    return tuple(new if each.column == column else each for each in filters)


def _text(each: Filter) -> str:
    end = "?" if each.missing else ""
    if isinstance(each, Values):
        how = "!" if each.others else "="
        return f"{_escaped(each.column)}:{how}{','.join(map(_escaped, each.values))}{end}"
    low, high = (_end(value, is_date=each.is_date) for value in (each.low, each.high))
    return f"{_escaped(each.column)}:{low}..{high}{end}"


def _end(value: float | None, *, is_date: bool) -> str:
    if value is None:
        return ""
    if not is_date:
        return f"{value:.15g}"
    stamp = str(np.datetime64(round(value), "ns"))
    return _escaped(re.sub(r"(T00:00:00)?\.?0*\Z", "", stamp) if "." in stamp else stamp)


def _filter(part: str) -> Filter | None:
    found = _ONE.fullmatch(part)
    if found is None:
        return None
    column, missing = unquote(found["column"]), bool(found["missing"])
    if found["how"] is not None:
        values = tuple(unquote(each) for each in found["values"].split(",") if each)
        if len(values) > MOST_VALUES or not (values or missing or found["how"] == "!"):
            return None
        return Values(column, values, found["how"] == "!", missing)
    low, high = unquote(found["low"]), unquote(found["high"])
    try:
        return Range(column, _number(low), _number(high), missing)
    except ValueError:
        pass
    try:
        return Range(column, _date(low), _date(high), missing, is_date=True)
    except ValueError:
        return None


def _number(text: str) -> float | None:
    value = float(text) if text else None
    if value is not None and not math.isfinite(value):
        raise ValueError("no end of a range")
    return value


def _date(text: str) -> float | None:
    if not text:
        return None
    if not _DAY.match(text) or not FIRST_YEAR <= int(text[:4]) <= LAST_YEAR:
        raise ValueError("no date")
    return float(np.datetime64(text, "ns").astype(np.int64))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda found: f"%{ord(found[0]):02X}", text)
