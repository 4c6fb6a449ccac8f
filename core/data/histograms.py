"""A small histogram of each column, and what is left of it when other columns are filtered."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.embedding_set import MISSING, class_codes
from core.data.filters import Filter, Mask, Range, Values, numbers, passes
from core.data.media import is_medium

BARS = 24  # of numbers and dates, about
MOST_NAMED = 12  # categories with a bar of their own
MOST_NUMBERS = 20  # different numbers of a column that are categories
REPEATED = 2  # rows for each different value of a category, on average, at least
FAR_OUT = 3.0  # times the range of the middle 98 %: a longer range gets open ends
DAY = 86_400_000_000_000  # nanoseconds
STEPS_OF_TIME = (
    *((count, "s", count * 10**9) for count in (1, 10)),
    *((count, "m", count * 60 * 10**9) for count in (1, 10)),
    *((count, "h", count * 3_600 * 10**9) for count in (1, 6)),
    *((count, "D", count * DAY) for count in (1, 7)),
    *((count, "M", count * 30 * DAY) for count in (1, 3)),
    *((count, "Y", count * 365 * DAY) for count in (1, 2, 5, 10, 20, 50, 100, 200)),
)


@dataclass(frozen=True, eq=False)
class Histogram:
    """The bars of a column.

    kind: "number", "date" or "category". names: of the bars. edges: (b + 1,) of numbers and dates,
    the outer ones infinite where values lie beyond; empty for categories. bars: (n,) the bar of
    each row: b for a missing value. others: how many categories share the last bar, 0 where each
    has its own.
    """

    column: str
    kind: Literal["number", "date", "category"]
    names: tuple[str, ...]
    edges: npt.NDArray[np.float64]
    bars: npt.NDArray[np.int16]
    others: int = 0

    def counts(self, kept: Mask | None = None) -> npt.NDArray[np.int64]:
        """(b + 1,) rows of each bar, of all or of those kept; the last are without a value."""
        bars = self.bars if kept is None else self.bars[kept]
        return np.bincount(bars, minlength=len(self.names) + 1).astype(np.int64)

    def brushed(self, first: int, last: int, before: Filter | None = None) -> Range:
        """The filter of the bars from `first` to `last`; missing values stay as before."""
        first, last = sorted(min(max(each, 0), len(self.names) - 1) for each in (first, last))
        low, high = (float(self.edges[each]) for each in (first, last + 1))
        return Range(
            self.column,
            low if first > 0 and math.isfinite(low) else None,
            high if last + 1 < len(self.names) and math.isfinite(high) else None,
            missing=before is not None and before.missing,
            is_date=self.kind == "date",
        )

    def toggled(self, bar: int, before: Filter | None = None) -> Filter | None:
        """The filter after a click on a bar of categories, or on the missing values of any column.

        None where nothing or everything is chosen.
        """
        if bar == len(self.names) and not (isinstance(before, Values) or self.kind == "category"):
            return self._toggled_missing(before)
        if self.kind != "category":
            return self._only_missing_off(bar, before)
        chosen = set(self.chosen(before)) ^ {bar}
        own = [name for name in self._named if name not in self._chosen_names(chosen)]
        missing = len(self.names) in chosen
        if self.others and len(self.names) - 1 in chosen:
            found = Values(self.column, tuple(own), others=True, missing=missing)
            return None if not own and missing == self.has_missing else found
        values = tuple(name for name in self._named if name in self._chosen_names(chosen))
        if not self.others and len(values) == len(self._named) and missing == self.has_missing:
            return None
        return Values(self.column, values, missing=missing) if values or missing else None

    def chosen(self, before: Filter | None) -> list[int]:
        """The bars of categories, and the missing values as bar b, that a filter names."""
        if before is None:
            return []
        missing = [len(self.names)] if before.missing else []
        if not isinstance(before, Values) or self.kind != "category":
            return missing
        named = [
            bar for bar, name in enumerate(self._named) if (name in before.values) ^ before.others
        ]
        other = [len(self.names) - 1] if self.others and before.others else []
        return [*named, *other, *missing]

    def span(self, before: Filter | None) -> tuple[float, float] | None:
        """Where a range begins and ends, in bars from 0 to b; None without a range."""
        if not isinstance(before, Range) or self.kind == "category":
            return None
        return (
            0.0 if before.low is None else self._place(before.low),
            float(len(self.names)) if before.high is None else self._place(before.high),
        )

    def _place(self, value: float) -> float:
        bar = int(np.clip(np.searchsorted(self.edges, value, side="right") - 1, 0, len(self.names)))
        if bar == len(self.names):
            return float(bar)
        low, high = self.edges[bar], self.edges[bar + 1]
        within = (value - low) / (high - low) if np.isfinite(high - low) else 0.0
        return bar + float(min(max(within, 0.0), 1.0))

    @property
    def _named(self) -> tuple[str, ...]:
        return self.names[:-1] if self.others else self.names

    @property
    def has_missing(self) -> bool:
        """Whether a row has no value."""
        return bool((self.bars == len(self.names)).any())

    def _chosen_names(self, chosen: set[int]) -> set[str]:
        return {name for bar, name in enumerate(self._named) if bar in chosen}

    def _toggled_missing(self, before: Filter | None) -> Filter | None:
        if not isinstance(before, Range):
            return Values(self.column, missing=True)
        return Range(before.column, before.low, before.high, not before.missing, before.is_date)

    def _only_missing_off(self, bar: int, before: Filter | None) -> Filter | None:
        return None if bar == len(self.names) else self.brushed(bar, bar, before)


def histogram(column: "pd.Series[Any]", *, is_label: bool = False) -> Histogram | None:
    """The bars of a column; None for free texts, ids and pictures, whose values do not repeat.

    is_label: whether its values are classes, however many they are. Categories are sorted by
    their number, of equal ones in their own order; beyond the 12 commonest they share a bar.
    """
    present = column.dropna()
    if not len(present):
        return None
    kind = column.dtype.kind
    if kind == "M" and not is_label:
        return _of_dates(column)
    different = int(present.nunique())
    if kind in "iuf" and different > MOST_NUMBERS and not is_label:
        return _of_numbers(column)
    if isinstance(present.iloc[0], str) and is_medium(present.iloc[0]):
        return None
    if different * REPEATED > len(present) and kind not in "b" and not is_label:
        return None
    return _of_categories(column)


def cross_filtered(
    frame: pd.DataFrame, histograms: Sequence[Histogram], filters: Sequence[Filter]
) -> tuple[Mask, tuple[npt.NDArray[np.int64], ...]]:
    """(n,) the rows that pass all filters, and the counts (b + 1,) of each histogram.

    The counts of a column are of the rows that pass the filters of the *other* columns, so that
    what else could be chosen is seen.
    """
    masks = {each.column: passes(frame, each) for each in filters}
    failed = np.zeros(len(frame), dtype=np.int16)
    for mask in masks.values():
        failed += ~mask
    shown = failed == 0
    counts = []
    for each in histograms:
        own = masks.get(each.column)
        kept = shown if own is None else failed == (~own).astype(np.int16)
        counts.append(each.counts(kept if masks else None))
    return shown, tuple(counts)


def round_edges(low: float, high: float, *, whole: bool = False) -> npt.NDArray[np.float64]:
    """About 24 bars of 1, 2 or 5 times a power of ten from below `low` to above `high`.

    whole: whether a bar is at least 1 wide.

    >>> round_edges(0.3, 9.8).tolist()[:4], round_edges(3, 9, whole=True).tolist()[-2:]
    ([0.0, 0.5, 1.0, 1.5], [9.0, 10.0])
    """
    width = (high - low) / BARS
    if not width > 0:
        width = abs(low) / 10 or 1.0
    power = math.floor(math.log10(width))
    step = next(each for each in (1, 2, 5, 10) if each * 10.0**power >= width * (1 - 1e-9))
    size = max(step * 10.0**power, 1.0) if whole else step * 10.0**power
    first, last = math.floor(low / size + 1e-9), math.floor(high / size + 1e-9) + 1
    edges = np.arange(first, last + 1) * size
    return np.asarray(np.round(edges, max(0, 2 - math.floor(math.log10(size)))))


def round_dates(low: float, high: float, most: int) -> tuple[npt.NDArray[np.datetime64], int]:
    """Dates at round steps from at or before `low` to above `high`, about `most` steps apart.

    low, high: nanoseconds since 1970. Also how many units (seconds to years) a step has.
    """
    count, unit, _ = next(
        (each for each in STEPS_OF_TIME if (high - low) / each[2] <= most), STEPS_OF_TIME[-1]
    )
    first, last = (
        int(np.datetime64(int(end), "ns").astype(f"datetime64[{unit}]").astype(np.int64))
        for end in (low, high)
    )
    shift = 1970 if unit == "Y" else 0  # decades begin at round years
    steps = np.arange((first + shift) // count, (last + shift) // count + 2) * count - shift
    return steps.astype(f"datetime64[{unit}]"), count


def _of_numbers(column: "pd.Series[Any]") -> Histogram | None:
    values = numbers(column)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high, below, above = _ends(finite)
    whole = bool((finite % 1 == 0).all())
    edges = round_edges(low, high, whole=whole)
    edges = _open(edges, finite, below, above)
    names = [_between(f"{a:,.12g}", f"{b:,.12g}", a, b) for a, b in _pairs(edges)]
    return Histogram(str(column.name), "number", tuple(names), edges, _bars(values, edges))


def _of_dates(column: "pd.Series[Any]") -> Histogram | None:
    values = numbers(column)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    low, high, below, above = _ends(finite)
    stamps, count = round_dates(low, high, BARS)
    edges = stamps.astype("datetime64[ns]").view(np.int64).astype(np.float64)
    texts = [str(stamp) for stamp in stamps]
    edges = _open(edges, finite, below, above)
    names = [
        _between(texts[bar], texts[bar + 1], a, b, alone=count == 1)
        for bar, (a, b) in enumerate(_pairs(edges))
    ]
    return Histogram(str(column.name), "date", tuple(names), edges, _bars(values, edges))


def _of_categories(column: "pd.Series[Any]") -> Histogram:
    codes, names = class_codes(column)
    sizes = np.bincount(codes[codes != MISSING], minlength=len(names))
    order = np.argsort(-sizes, kind="stable")
    own = order if len(names) <= MOST_NAMED + 1 else order[:MOST_NAMED]
    others = len(names) - len(own)
    bars = len(own) + (others > 0)
    place = np.full(len(names) + 1, bars - 1)
    place[own], place[-1] = np.arange(len(own)), bars
    shown = [names[each] for each in own]
    if others:
        shown.append(f"{others:,} other values")
    return Histogram(
        str(column.name),
        "category",
        tuple(shown),
        np.empty(0),
        place[codes].astype(np.int16),
        others,
    )


def _ends(finite: npt.NDArray[np.float64]) -> tuple[float, float, bool, bool]:
    """Between which values the bars lie, and whether values lie far below and above."""
    low, first, last, high = np.percentile(finite, [0, 1, 99, 100]).tolist()
    far = FAR_OUT * (last - first)
    if high - low <= far or first == last:
        return low, high, False, False
    return first, last, True, True


def _open(
    edges: npt.NDArray[np.float64], finite: npt.NDArray[np.float64], below: bool, above: bool
) -> npt.NDArray[np.float64]:
    opened = edges.astype(np.float64)
    if below and finite.min() < edges[0]:
        opened[0] = -np.inf
    if above and finite.max() >= edges[-1]:
        opened[-1] = np.inf
    return opened


def _pairs(edges: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))


def _between(low: str, high: str, a: float, b: float, *, alone: bool = False) -> str:
    if math.isinf(a):
        return f"below {high}"
    if math.isinf(b):
        return f"{low} and more"
    return low if alone else f"{low} to {high}"


def _bars(values: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    bars = np.clip(np.searchsorted(edges, values, side="right") - 1, 0, len(edges) - 2)
    return np.where(np.isnan(values), len(edges) - 1, bars).astype(np.int16)
