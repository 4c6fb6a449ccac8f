"""Filters by hand: what passes, their text for a link, histograms that filter one another."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.filters import Filter, Range, Values, from_text, passes, to_text, with_filter
from core.data.histograms import Histogram, cross_filtered, histogram, round_edges

FRAME = pd.DataFrame(
    {
        "weight": [1.0, 10.0, 19.5, 20.0, np.nan, np.inf],
        "pos": ["noun", "verb", "noun", None, "", "adv"],
        "day": pd.to_datetime(
            ["2020-01-01", "2020-06-01", "2021-01-01", "", "2021-01-02", "2019-12-31"]
        ),
        "ok": [True, False, True, True, False, False],
    }
)


def day(text: str) -> float:
    return float(np.datetime64(text, "ns").astype(np.int64))


@pytest.mark.parametrize(
    ("each", "rows"),
    [
        (Range("weight", 10, 20), [1, 2]),  # from 10 to below 20
        (Range("weight", None, 20), [0, 1, 2]),
        (Range("weight", 20, None), [3, 5]),
        (Range("weight", 10, 20, missing=True), [1, 2, 4]),
        (Range("weight"), [0, 1, 2, 3, 5]),  # whatever has a value
        (Range("day", day("2020-01-01"), day("2021-01-01"), is_date=True), [0, 1]),
        (Values("pos", ("noun",)), [0, 2]),
        (Values("pos", ("noun",), others=True), [1, 5]),
        (Values("pos", ("noun",), missing=True), [0, 2, 3, 4]),  # an empty text is a missing one
        (Values("pos", (), missing=True), [3, 4]),
        (Values("pos", ("cat",)), []),
        (Values("ok", ("True",)), [0, 2, 3]),
        (Range("gone", 1, 2), [0, 1, 2, 3, 4, 5]),
        (Range("pos", 1, 2), [0, 1, 2, 3, 4, 5]),
        (Range("day", 1, 2), [0, 1, 2, 3, 4, 5]),
    ],
)
def test_what_passes(each: Filter, rows: list[int]) -> None:
    assert np.flatnonzero(passes(FRAME, each)).tolist() == rows


@pytest.mark.parametrize(
    ("each", "text"),
    [
        (Range("weight", 10, 20), "weight:10..20"),
        (Range("weight", 0.1, None, missing=True), "weight:0.1..?"),
        (Range("weight", -3, None), "weight:-3.."),
        (Range("day", day("2020-01-01"), None, is_date=True), "day:2020-01-01.."),
        (
            Range("day", None, day("2020-01-01T12:30"), is_date=True),
            "day:..2020-01-01T12%3A30%3A00",
        ),
        (Values("pos", ("noun.plant", "a b")), "pos:=noun.plant,a b"),
        (Values("pos", ("noun",), others=True), "pos:!noun"),
        (Values("pos", (), missing=True), "pos:=?"),
        (Values("a;b:c", ("x,y?", "100%", "<b>")), "a%3Bb%3Ac:=x%2Cy%3F,100%25,<b>"),
        (Values("é..1", ("..",)), "é..1:=.."),
    ],
)
def test_a_filter_is_written_and_read(each: Filter, text: str) -> None:
    assert to_text([each]) == text
    assert from_text(text) == ((each,), [])


texts = st.text(min_size=1, max_size=8)
ends = st.none() | st.floats(-1e9, 1e9).map(lambda value: float(f"{value:.15g}"))


@given(
    st.lists(
        st.builds(Range, texts, ends, ends, st.booleans())
        | st.builds(Values, texts, st.lists(texts, min_size=1, max_size=3).map(tuple)),
        max_size=4,
        unique_by=lambda each: each.column,
    )
)
def test_any_filters_come_back(filters: list[Filter]) -> None:
    assert from_text(to_text(filters)) == (tuple(filters), [])


@given(st.text(max_size=60))
def test_any_text_is_read_without_harm(text: str) -> None:
    filters, _ = from_text(text)
    assert from_text(to_text(filters))[0] == filters


def test_what_is_no_filter_is_told() -> None:
    filters, refused = from_text("weight:nan..2;weight;pos:=;day:1..2020-01-01;pos:=noun;:=a")
    assert filters == (Values("pos", ("noun",)),)
    assert refused == ["weight:nan..2", "weight", "pos:=", "day:1..2020-01-01", ":=a"]
    many = ";".join(f"c{each}:1..2" for each in range(25))
    assert len(from_text(many)[0]) == 20


def test_one_filter_for_each_column() -> None:
    old, new = Range("weight", 1, 2), Range("weight", 3, 4)
    pos = Values("pos", ("noun",))
    assert with_filter((old, pos), "weight", new) == (new, pos)
    assert with_filter((old, pos), "weight", None) == (pos,)
    assert with_filter((pos,), "weight", new) == (pos, new)


def drawn(values: Any, *, name: str = "it", is_label: bool = False) -> Histogram:
    found = histogram(pd.Series(values, name=name), is_label=is_label)
    assert found is not None
    return found


def test_bars_of_numbers_have_round_edges_and_hold_what_lies_in_them() -> None:
    values = np.arange(0.0, 48.5, 0.5)
    found = drawn([*values, np.nan])
    assert found.edges.tolist() == list(range(0, 51, 2))  # 48 / 24 = 2 wide
    assert found.names[:2] == ("0 to 2", "2 to 4")
    assert found.counts()[:2].tolist() == [4, 4]
    assert found.counts()[-1] == 1
    assert found.counts().sum() == len(values) + 1
    assert found.brushed(1, 2) == Range("it", 2, 6)
    assert found.brushed(2, 0) == Range("it", None, 6)
    assert found.brushed(20, 99) == Range("it", 40, None)


def test_far_values_stand_in_open_bars_at_the_ends() -> None:
    found = drawn([*np.linspace(0, 10, 300), 1e6, -1e6])
    assert found.names[0].startswith("below ")
    assert found.names[-1].endswith(" and more")
    assert np.isinf(found.edges[[0, -1]]).all()
    assert found.counts()[0] >= 1
    assert found.counts()[-2] >= 1
    assert len(found.names) < 30


def test_dates_are_cut_at_round_dates() -> None:
    days = pd.to_datetime("2020-01-15") + pd.to_timedelta(np.arange(0, 700, 7), unit="D")
    found = drawn(days)
    assert found.kind == "date"
    assert found.names[:2] == ("2020-01", "2020-02")
    assert found.counts()[:2].tolist() == [3, 4]  # Jan 15, 22, 29; Feb 5, 12, 19, 26
    assert found.brushed(1, 1) == Range("it", day("2020-02-01"), day("2020-03-01"), is_date=True)
    years = drawn(pd.to_datetime([f"{year}-05-05" for year in range(1911, 2011)]))
    assert years.names[0] == "1910 to 1915"


def test_categories_beyond_the_commonest_share_a_bar() -> None:
    values = [f"c{each:02d}" for each in range(20) for _ in range(40 - each)] + [None]
    found = drawn(values)
    assert found.names == (*[f"c{each:02d}" for each in range(12)], "8 other values")
    assert found.counts()[:2].tolist() == [40, 39]
    assert found.counts()[12] == sum(40 - each for each in range(12, 20))
    assert found.counts()[13] == 1


def test_clicks_on_bars_choose_and_leave() -> None:
    values = [f"c{each:02d}" for each in range(20) for _ in range(40 - each)] + [None]
    found, frame = drawn(values), pd.DataFrame({"it": values})
    one = found.toggled(0)
    assert one == Values("it", ("c00",))
    two = found.toggled(2, one)
    assert two == Values("it", ("c00", "c02"))
    assert found.toggled(0, two) == Values("it", ("c02",))
    assert found.toggled(0, one) is None
    other = found.toggled(12, two)
    assert other is not None
    assert passes(frame, other).sum() == 40 + 38 + sum(40 - each for each in range(12, 20))
    assert found.chosen(other) == [0, 2, 12]
    assert found.toggled(12, other) == two
    missing = found.toggled(13, two)
    assert missing == Values("it", ("c00", "c02"), missing=True)


def test_all_bars_chosen_are_no_filter() -> None:
    found = drawn(["a", "a", "b", "b"])
    assert found.toggled(1, found.toggled(0)) is None


def test_missing_numbers_are_let_in_and_out() -> None:
    found = drawn([*np.arange(40.0), np.nan])
    missing = len(found.names)
    only = found.toggled(missing)
    assert only == Values("it", missing=True)
    assert found.toggled(missing, only) is None
    some = found.brushed(0, 1, only)
    assert some.missing
    assert found.toggled(missing, some) == Range("it", None, some.high)
    assert found.span(some) == (0.0, 2.0)
    assert found.span(Range("it", 3, None)) == (1.5, float(len(found.names)))


def test_each_column_shows_what_the_others_leave() -> None:
    frame = pd.DataFrame({"a": ["x", "x", "y", "y"], "b": ["p", "q", "p", "q"]})
    both = [drawn(frame[name], name=name) for name in "ab"]
    shown, counts = cross_filtered(frame, both, [Values("a", ("x",)), Values("b", ("p",))])
    assert shown.tolist() == [True, False, False, False]
    assert [each.tolist() for each in counts] == [[1, 1, 0], [1, 1, 0]]
    shown, counts = cross_filtered(frame, both, [Values("a", ("x",))])
    assert [each.tolist() for each in counts] == [[2, 2, 0], [1, 1, 0]]
    assert cross_filtered(frame, both, [])[0].all()


def test_texts_ids_and_pictures_have_no_bars() -> None:
    assert histogram(pd.Series([f"text {each}" for each in range(30)])) is None
    assert histogram(pd.Series(["data:image/png;base64,aaaa"] * 9)) is None
    assert histogram(pd.Series([None, None], dtype=object)) is None
    assert histogram(pd.Series(list("abcdef")), is_label=True) is not None


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_edges_hold_the_range(low: float, width: float) -> None:
    edges = round_edges(low, low + width)
    assert edges[0] <= low + 1e-9 * (abs(low) + width)
    assert edges[-1] >= low + width - 1e-9 * (abs(low) + width)
    assert 1 <= len(edges) - 1 <= 30
