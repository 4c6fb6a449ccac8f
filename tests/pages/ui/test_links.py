from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.distances import METRICS
from core.index import HnswParams
from pages.ui.session.links import NAMES, Choice, from_query, to_query

DEFAULT = Choice("wordnet", HnswParams())


def test_the_default_needs_no_query() -> None:
    assert to_query(DEFAULT, DEFAULT) == {}
    assert from_query({}, DEFAULT) == (DEFAULT, [])


@given(
    st.builds(
        HnswParams,
        metric=st.sampled_from(METRICS),
        m=st.integers(2, 512),
        ef_construction=st.integers(1, 10_000),
        seed=st.integers(0, 2**31 - 1),
    ),
    st.text(min_size=1),
)
def test_a_choice_survives_its_link(params: HnswParams, data: str) -> None:
    choice = Choice(data, params)
    assert from_query(to_query(choice, DEFAULT), DEFAULT) == (choice, [])


def test_threads_are_no_part_of_a_link_and_stay() -> None:
    default = Choice("wordnet", HnswParams(threads=3))
    choice, _ = from_query({"m": "8"}, default)
    assert choice.params == replace(default.params, m=8)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("m", "0", "m must be between 2 and 512; got 0. Using 16."),
        ("m", "½", "m must be a whole number; got '½'. Using 16."),
        ("efc", "1e3", "efc must be a whole number; got '1e3'. Using 200."),
        ("efc", "9" * 5000, "efc must be a whole number"),
        ("seed", "-1", "seed must be between 0 and 2,147,483,647; got -1. Using 100."),
        ("metric", "dot", "metric must be one of cosine, euclidean, inner_product; got 'dot'."),
    ],
)
def test_a_value_that_cannot_be_used_is_reported_and_left_out(
    name: str, text: str, said: str
) -> None:
    choice, problems = from_query({name: text, "data": "digits"}, DEFAULT)
    assert choice == Choice("digits", DEFAULT.params)
    assert len(problems) == 1
    assert said in problems[0]


@given(st.dictionaries(st.sampled_from(NAMES), st.text()))
def test_any_query_opens(query: dict[str, str]) -> None:
    choice, problems = from_query(query, DEFAULT)
    assert choice.data == query.get("data", "wordnet")
    assert len(problems) <= len(query)
