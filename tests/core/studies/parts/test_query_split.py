"""What a study asks: rows held out of its indexes, or queries that are handed in."""

from typing import Any

import numpy as np
import pytest

from core.errors import ParameterError
from core.studies.parts.query_split import split_queries

VECTORS = np.arange(80, dtype=np.float32).reshape(40, 2)


def test_the_queries_are_the_rows_that_are_not_indexed() -> None:
    # A tenth of 40 rows is 4; seed 3 draws them.
    held = np.random.default_rng(3).permutation(40)[:4].tolist()
    split = split_queries(VECTORS, queries=1000, seed=3)
    assert split.rows.tolist() == [row for row in range(40) if row not in held]
    np.testing.assert_array_equal(split.vectors, VECTORS[split.rows])
    np.testing.assert_array_equal(split.queries, VECTORS[held])
    assert not split.own


@pytest.mark.parametrize(("n", "queries", "held"), [(40, 4, 4), (40, 3, 3), (40, 9, 4), (19, 9, 1)])
def test_at_most_a_tenth_of_the_rows_is_held_out(n: int, queries: int, held: int) -> None:
    split = split_queries(VECTORS[:n], queries=queries)
    assert (len(split.queries), len(split.vectors)) == (held, n - held)


def test_the_seed_alone_draws_the_rows() -> None:
    once, again = (split_queries(VECTORS, seed=1).rows.tolist() for _ in range(2))
    assert once == again
    assert once != split_queries(VECTORS, seed=2).rows.tolist()
    assert once == split_queries(VECTORS * 5 - 3, seed=1).rows.tolist()


def test_where_queries_are_handed_in_every_row_is_indexed() -> None:
    asked = np.array([[0.5, 0.5], [9.0, 1.0], [9.0, 1.0]], np.float32)
    split = split_queries(VECTORS[:5], asked, queries=1)
    assert split.own
    assert split.rows.tolist() == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(split.vectors, VECTORS[:5])
    np.testing.assert_array_equal(split.queries, asked)  # all of them: `queries` counts rows


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((VECTORS[:9],), r"at least 10 rows.*got 9\..*query_vectors"),
        ((VECTORS, VECTORS[:, :1]), "query_vectors must have 2 dimensions.*got 1"),
        ((VECTORS, VECTORS[:0]), "query_vectors must have at least one row"),
        ((VECTORS, np.full((1, 2), np.nan)), "query_vectors must be finite"),
        ((VECTORS[:, 0],), "vectors must be a 2-D array"),
    ],
)
def test_what_cannot_be_split_is_refused(arguments: tuple[Any, ...], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        split_queries(*arguments)


@pytest.mark.parametrize("queries", [0, -3, 2.0])
def test_queries_must_be_a_count(queries: Any) -> None:
    with pytest.raises(ParameterError, match="queries must be a whole number of at least 1"):
        split_queries(VECTORS, queries=queries)
