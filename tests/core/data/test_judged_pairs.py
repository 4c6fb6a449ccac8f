"""Judged pairs: which columns, how judgments are read, which rows are meant, what is left out."""

import io

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.data.judged_columns import find_judged_columns, read_judgments, words_of
from core.data.judged_pairs import (
    JudgedPairs,
    candidate_columns,
    read_judged_pairs,
    resolve_judged_pairs,
)
from core.errors import ChoiceError, DataError

VECTORS = np.eye(6, dtype=np.float32)
ITEMS = EmbeddingSet.from_arrays(
    VECTORS,
    metadata=pd.DataFrame(
        {
            "sku": ["a1", "a2", "b1", "b2", "c1", "c2"],
            "number": [10, 11, 12, 13, 14, 2],
            "title": ["one", "two", "three", "four", "five", "six"],
            "kind": ["x", "x", "y", "y", "z", "z"],
        }
    ),
    name="items",
)
PLAIN = EmbeddingSet.from_arrays(VECTORS, name="plain")
QUERIES = EmbeddingSet.from_arrays(
    VECTORS[:3], metadata=pd.DataFrame({"text": ["red", "green", "blue"]}), name="queries"
)


def read(text: str, name: str = "pairs.csv", items: EmbeddingSet = ITEMS) -> JudgedPairs:
    return read_judged_pairs(text.encode(), items, name=name)


def triples(pairs: JudgedPairs) -> list[tuple[int, int, bool]]:
    return list(zip(pairs.left.tolist(), pairs.right.tolist(), pairs.same.tolist(), strict=True))


def written(frame: pd.DataFrame, ending: str) -> bytes:
    content = io.BytesIO()
    if ending == "parquet":
        frame.to_parquet(content)
    elif ending == "jsonl":
        frame.to_json(content, orient="records", lines=True)
    else:
        frame.to_csv(content, index=False, sep="\t" if ending == "tsv" else ",")
    return content.getvalue()


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_a_table_in_each_format(ending: str) -> None:
    frame = pd.DataFrame(
        {"query": ["a1", "b2", "c1"], "item": ["a2", "b1", "a1"], "relevant": [1, 1, 0]}
    )
    found = read_judged_pairs(written(frame, ending), ITEMS, name=f"judged.{ending}")
    assert triples(found) == [(0, 1, True), (3, 2, True), (4, 0, False)]
    assert found.name == f"judged.{ending}"
    assert found.notes == (
        "query as values of sku, item as values of sku",
        "relevant: 1 as same, 0 as different",
    )
    assert (found.n, len(found.left_out), found.of_queries) == (3, 0, False)


@pytest.mark.parametrize(
    ("names", "left", "right", "judgment"),
    [
        (("query", "item", "relevant"), "query", "item", "relevant"),
        (("id1", "id2", "same"), "id1", "id2", "same"),
        (("same", "id2", "id1"), "id1", "id2", "same"),
        (("query-id", "corpus-id", "score"), "query-id", "corpus-id", "score"),
        (("qid", "docid", "rel"), "qid", "docid", "rel"),
        (("item_a", "item_b", "label"), "item_a", "item_b", "label"),
        (("left", "right", "is_duplicate"), "left", "right", "is_duplicate"),
        (("sourceId", "targetId", "match"), "sourceId", "targetId", "match"),
        (("foo", "bar", "baz"), "foo", "bar", "baz"),
    ],
)
def test_columns_are_found_by_names_and_values(
    names: tuple[str, str, str], left: str, right: str, judgment: str
) -> None:
    values = {left: [0, 1, 2], right: [3, 4, 5], judgment: [1, 0, 1]}
    frame = pd.DataFrame({name: values[name] for name in names})
    found = candidate_columns(frame, PLAIN)
    assert (found.left, found.right, found.judgment) == ((left,), (right,), (judgment,))
    assert triples(resolve_judged_pairs(frame, PLAIN)) == [
        (0, 3, True),
        (1, 4, False),
        (2, 5, True),
    ]


def test_ids_that_are_found_come_before_texts_of_the_same_name() -> None:
    frame = pd.DataFrame(
        {
            "query": ["what", "which"],
            "query_id": ["a1", "a2"],
            "document": ["long text", "longer text"],
            "document_id": ["b1", "b2"],
            "relevance": [2, 0],
        }
    )
    found = candidate_columns(frame, ITEMS)
    assert (found.left, found.right) == (("query_id",), ("document_id",))


def test_level_columns_are_asked_for() -> None:
    frame = pd.DataFrame({"id1": [0, 1], "id2": [2, 3], "label": [1, 0], "score": [3, 0]})
    with pytest.raises(ChoiceError, match=r"hold the judgment: label, score\. .* as judgment") as e:
        resolve_judged_pairs(frame, PLAIN)
    assert e.value.candidates == ("label", "score")
    assert triples(resolve_judged_pairs(frame, PLAIN, judgment="score")) == [
        (0, 2, True),
        (1, 3, False),
    ]
    three = pd.DataFrame({"u": [0, 1, 3], "v": [2, 3, 1], "w": [4, 5, 0], "same": [1, 0, 1]})
    with pytest.raises(ChoiceError, match="Several columns could hold the first item: u, v, w"):
        resolve_judged_pairs(three, PLAIN)
    found = resolve_judged_pairs(three, PLAIN, left="w", right="u")
    assert triples(found) == [(4, 0, True), (5, 1, False), (0, 3, True)]


@pytest.mark.parametrize(
    ("frame", "how", "message"),
    [
        ({"id1": [0], "id2": [1]}, {}, "No column holds the judgment. The columns are: id1, id2"),
        ({"id1": [0], "id2": [1], "same": [1]}, {"left": "id3"}, "left 'id3' is not a column"),
        ({"id1": [0], "id2": [1], "same": [1]}, {"left": "id2"}, "must be three columns; got id2"),
        (
            {"id1": [0, 1], "id2": [1, 2], "word": ["cat", "dog"]},
            {"judgment": "word"},
            "'word' holds no judgments",
        ),
        (
            {"query": ["p"], "item": ["q"], "relevant": [1]},
            {},
            r"None of the 1 judged pairs can be used; line 1 \(p, q\): neither item in the data",
        ),
    ],
)
def test_what_cannot_be_read_is_said(
    frame: dict[str, list[object]], how: dict[str, str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        resolve_judged_pairs(pd.DataFrame(frame), PLAIN, **how)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "same", "rule"),
    [
        (["same", "different"], [True, False], "same as same, different as different"),
        (["Yes", "no"], [True, False], "Yes as same, no as different"),
        (["non-match", "Match"], [False, True], "Match as same, non-match as different"),
        (
            ["not relevant", "relevant"],
            [False, True],
            "relevant as same, not relevant as different",
        ),
        ([True, False], [True, False], "True as same, False as different"),
        ([1, 0], [True, False], "1 as same, 0 as different"),
        (["1", "0"], [True, False], "1 as same, 0 as different"),
        ([1, -1], [True, False], "1 as same, -1 as different"),
        ([1, 2], [False, True], "2 as same, 1 as different"),
        ([0, 1, 2, 3], [False, True, True, True], "grades 0 to 3, 1 and above as same"),
        ([-2, 0, 1], [False, False, True], "grades -2 to 1, 1 and above as same"),
        ([1, 2, 3, 4, 5], [False, False, True, True, True], "values 1 to 5, 3 and above as same"),
        ([0.2, 0.5, 0.7], [False, True, True], "values 0.2 to 0.7, 0.5 and above as same"),
        ([0.5, 2.0, 4.5], [False, False, True], "values 0.5 to 4.5, 2.5 and above as same"),
        ([1, 1], [True, True], "1 as same"),
        ([0, 0], [False, False], "0 as different"),
    ],
)
def test_judgments_are_read_by_rules(values: list[object], same: list[bool], rule: str) -> None:
    found = read_judgments(pd.Series(values, name="label"))
    assert found is not None
    assert (found.same.tolist(), found.known.all(), found.rule) == (same, True, rule)


def test_a_column_that_says_different_is_turned_around() -> None:
    found = read_judgments(pd.Series([1, 0, None], name="is_different"))
    assert found is not None
    assert (found.same.tolist(), found.known.tolist()) == (
        [False, True, False],
        [True, True, False],
    )
    assert found.rule == "1 as same, 0 as different, turned around, as 'is_different' says"
    assert read_judgments(pd.Series(["cat", "dog"], name="label")) is None


def test_no_line_is_dropped_in_silence() -> None:
    found = read("id1,id2,same\na1,a2,1\nzz,a1,1\na1,zz,0\nyy,zz,0\nb1,b1,1\nb1,b2,\nc1,c2,0\n")
    assert triples(found) == [(0, 1, True), (4, 5, False)]
    assert found.left_out.values.tolist() == [
        [2, "zz", "a1", "1", "first item not in the data"],
        [3, "a1", "zz", "0", "second item not in the data"],
        [4, "yy", "zz", "0", "neither item in the data"],
        [5, "b1", "b1", "1", "an item with itself"],
        [6, "b1", "b2", "", "no judgment"],
    ]
    assert found.notes[-1] == (
        "5 lines left out: line 2 (zz, a1): first item not in the data; line 3 (a1, zz): second "
        "item not in the data; line 4 (yy, zz): neither item in the data; line 5 (b1, b1): an item "
        "with itself; line 6 (b1, b2): no judgment"
    )


def test_the_way_that_finds_more_ids_is_taken() -> None:
    # 10 to 14 are no rows of six, but values of `number`; 0 and 5 are rows and no such values.
    by_number = read("id1,id2,same\n10,11,1\n12,14,0\n")
    assert triples(by_number) == [(0, 1, True), (2, 4, False)]
    assert by_number.notes[0] == "id1 as values of number, id2 as values of number"
    by_row = read("id1,id2,same\n0,5,1\n1,4,0\n")
    assert triples(by_row) == [(0, 5, True), (1, 4, False)]
    assert by_row.notes[0] == "id1 as row numbers, id2 as row numbers"
    # `number` is named as an id, and comes before row numbers where both find as many.
    assert triples(read("id1,id2,same\n2,12,1\n2,13,0\n")) == [(5, 2, True), (5, 3, False)]
    by_title = read("id1,id2,same\none,two,1\nsix,one,0\n")
    assert by_title.notes[0] == "id1 as values of title, id2 as values of title"


def test_numbers_with_a_point_or_blanks_are_row_numbers() -> None:
    frame = pd.DataFrame({"id1": [0.0, 1.0], "id2": [" 2", "3 "], "same": [1, 0]})
    assert triples(resolve_judged_pairs(frame, PLAIN)) == [(0, 2, True), (1, 3, False)]
    beyond = pd.DataFrame({"id1": [0, 1, -1], "id2": [1, 6, 2], "same": [1, 0, 1]})
    assert resolve_judged_pairs(beyond, PLAIN).left_out["why"].tolist() == [
        "second item not in the data",
        "first item not in the data",
    ]


def test_queries_are_found_among_those_that_were_handed_in() -> None:
    frame = pd.DataFrame(
        {"query": ["red", "blue", "pink"], "item": ["a1", "c2", "a1"], "relevant": [1, 0, 1]}
    )
    found = resolve_judged_pairs(frame, ITEMS, queries=QUERIES)
    assert found.of_queries
    assert triples(found) == [(0, 0, True), (2, 5, False)]
    assert found.notes[0] == "query as values of text of the queries, item as values of sku"
    numbers = pd.DataFrame({"query": [0, 1], "item": [0, 1], "relevant": [1, 0]})
    assert resolve_judged_pairs(numbers, PLAIN, queries=QUERIES).of_queries
    assert triples(resolve_judged_pairs(numbers, PLAIN, queries=QUERIES)) == [
        (0, 0, True),
        (1, 1, False),
    ]
    neutral = numbers.set_axis(["id1", "id2", "same"], axis=1).assign(id2=[2, 3])
    assert not resolve_judged_pairs(neutral, PLAIN, queries=QUERIES).of_queries


def test_contradictions_are_said() -> None:
    found = read("id1,id2,same\na1,a2,1\na2,a1,0\nb1,b2,1\nb1,b2,1\n")
    assert found.n == 4
    assert found.notes[-1] == "1 pair was judged both ways; both count"


def test_the_fingerprint_follows_the_judgments() -> None:
    one, other = read("id1,id2,same\na1,a2,1\nb1,b2,0\n"), read("id1,id2,same\na1,a2,1\nb1,b2,1\n")
    again = read("id1,id2,same\na1,a2,yes\nb1,b2,no\n")
    assert one.fingerprint == again.fingerprint != other.fingerprint


def test_names_in_words() -> None:
    assert words_of("queryId") == ["query", "id"]
    assert words_of("DOC_ID2") == ["doc", "id", "2"]
    assert words_of("qid") == ["q", "id"]


def test_a_table_without_such_columns_has_no_candidates() -> None:
    frame = pd.DataFrame({"name": ["x", "y"], "text": ["p", "q"]})
    found = find_judged_columns(frame, lambda _: 0.0)
    assert (found.left, found.right, found.judgment) == ((), (), ())
