"""Groups of rows by columns of every kind."""

import numpy as np
import pandas as pd

from core.data import EmbeddingSet
from core.studies.thresholds.slices import slice_columns, slices

N = 60
FRAME = pd.DataFrame(
    {
        "text": [f"text {row}" for row in range(N)],
        "label": ["a", "b", "c"] * (N // 3),
        "kind": (["x"] * 30 + ["y"] * 29 + [None]),
        "size": np.arange(N) ** 2,
        "level": np.arange(N) % 4,
        "score": np.linspace(0, 1, N),
        "constant": ["same"] * N,
        "day": pd.date_range("2024-01-01", periods=N),
        "flag": np.arange(N) % 2 == 0,
    }
)


def embeddings(frame: pd.DataFrame = FRAME, label: str | None = "label") -> EmbeddingSet:
    vectors = np.random.default_rng(0).normal(size=(len(frame), 3))
    made = EmbeddingSet.from_arrays(vectors, metadata=frame, name="mine")
    return made.relabeled(label)


def test_columns_that_make_groups_come_after_the_label() -> None:
    found = slice_columns(embeddings())
    assert found == ("label", "kind", "size", "level", "score", "day", "flag")
    assert slice_columns(embeddings(label="level"))[0] == "level"
    assert slice_columns(embeddings(label=None))[0] == "label"


def test_a_value_is_a_group_and_a_missing_one_is_none() -> None:
    found = slices(embeddings(), "kind")
    assert (found.column, found.names) == ("kind", ("x", "y"))
    assert np.bincount(found.codes + 1).tolist() == [1, 30, 29]
    label = slices(embeddings(), "label")
    assert label.names == ("a", "b", "c")
    assert label.codes[:4].tolist() == [0, 1, 2, 0]


def test_many_numbers_or_days_are_cut_into_five_parts() -> None:
    found = slices(embeddings(), "size")
    # Rows 0 to 11, 12 to 23, ...: squares.
    assert found.names[:2] == ("0 to 121", "144 to 529")
    assert found.codes.tolist() == np.repeat(np.arange(5), 12).tolist()
    assert slices(embeddings(), "day").names[0] == "2024-01-01 to 2024-01-12"
    assert slices(embeddings(), "score").names[4].endswith(" to 1")
    assert slices(embeddings(), "level").names == ("0", "1", "2", "3")


def test_equal_values_stand_in_one_part() -> None:
    frame = pd.DataFrame({"visits": [0] * 45 + list(range(1, 16))})
    found = slices(embeddings(frame, None), "visits")
    assert len(np.unique(found.codes[:45])) == 1
    assert found.codes.max() == len(found.names) - 1
