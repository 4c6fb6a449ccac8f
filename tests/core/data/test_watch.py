"""What readers say while they read, and that they end where nobody waits."""

import json
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data import preview_embeddings, watch
from core.data.conversion import to_float32
from core.data.readers import json_text
from core.errors import DataError
from tests.core.data.test_read import FILES

Said = list[tuple[float, str]]


class StoppedError(BaseException):
    """As a job's own, it is no Exception, so that no reader takes it for a fault of the file."""


def test_the_report_is_that_of_the_innermost_block_and_then_the_one_before() -> None:
    outer: Said = []
    inner: Said = []
    with watch.heard(lambda share, words: outer.append((share, words))):
        watch.rows_read(1, 4)
        with watch.heard(lambda share, words: inner.append((share, words))):
            watch.items_read(3, 4, "columns")
        watch.still_reading("2,000 objects")
    watch.rows_read(2, 4)  # nobody hears it
    assert outer == [(0.25, "1 of 4 rows"), (0.0, "2,000 objects")]
    assert inner == [(0.75, "3 of 4 columns")]


@pytest.mark.parametrize("name", FILES)
def test_every_format_is_heard_and_ends_where_it_is_stopped(name: str) -> None:
    said: Said = []
    with watch.heard(lambda share, words: said.append((share, words))):
        read = preview_embeddings(FILES[name], name=name)
    assert read.embeddings is not None
    assert said
    assert all(0 <= share <= 1 for share, _ in said)

    for last in range(len(said)):  # at each of its reports
        left = iter(range(last))
        with pytest.raises(StoppedError), watch.heard(lambda *_, left=left: _count_down(left)):
            preview_embeddings(FILES[name], name=name)


def _count_down(left: Iterator[int]) -> None:
    if next(left, None) is None:
        raise StoppedError


def test_a_long_table_says_its_megabytes_and_rows_on_the_way() -> None:
    rows = np.random.default_rng(0).normal(size=(9_000, 200)).round(12)
    text = "\n".join(",".join(map(repr, row)) for row in rows.tolist()).encode()
    said: list[str] = []
    with watch.heard(lambda _, words: said.append(words)):
        preview_embeddings(text, name="a.csv")
    size = f"{len(text) / 1e6:,.0f} MB"
    assert {words for words in said if words.endswith("MB")} == {
        f"16 of {size}",
        f"{size[:2]} of {size}",
    }
    assert "5,242 of 9,000 rows" in said  # 2^20 values are looked at together: 5,242 rows of 200


def test_a_conversion_says_its_rows_and_names_the_bad_ones_of_every_block(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("core.data.conversion.BLOCK", 6)  # two rows of three values
    rows = np.arange(21.0).reshape(7, 3)
    said: list[str] = []
    with watch.heard(lambda _, words: said.append(words)):
        converted, notes = to_float32(rows, "vectors")
    assert np.array_equal(converted, rows.astype(np.float32))
    assert notes == ["float64 converted to float32"]
    assert said == ["0 of 7 rows", "2 of 7 rows", "4 of 7 rows", "6 of 7 rows"]
    rows[1, 0], rows[6, 2] = np.nan, 1e300
    with pytest.raises(DataError, match=r"2 rows \(1, 6\)"):
        to_float32(rows, "vectors")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES.filter(lambda value: isinstance(value, list | dict)), st.sampled_from([None, 1]))
def test_a_document_read_item_by_item_is_the_same(value: object, indent: int | None) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(json_text, "LONG", 0)
        assert list(json_text._values(json.dumps(value, indent=indent))) == [value]
        assert list(json_text._values(json.dumps([value] * 2, indent=indent) + "\n[1]")) == [
            [value, value],
            [1],
        ]


@pytest.mark.parametrize(
    "text",
    [
        "[[1], [2]",
        "[[1] [2]]",
        "[[1],]",
        '{"a": [1], }',
        '{"a" [1]}',
        '{"a": [1]',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": 1, "a": 2}',
        '[{"a": nul}]',
        "{[1]: 2}",
    ],
)
def test_a_faulty_document_is_told_as_if_it_were_read_as_a_whole(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError) as whole:
        list(json_text._values(text))
    monkeypatch.setattr(json_text, "LONG", 0)
    with pytest.raises(DataError) as by_items:
        list(json_text._values(text))
    assert str(by_items.value) == str(whole.value)
