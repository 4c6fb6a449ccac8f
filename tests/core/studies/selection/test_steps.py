"""A subset and tags: rows, labels, queries, vectors and names, by hand."""

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet
from core.errors import ParameterError
from core.studies import KeepRows, TakeColumn, WriteTag, after_step
from core.studies.selection.steps import combined, inverted, table_of


@pytest.fixture
def items() -> EmbeddingSet:
    frame = pd.DataFrame(
        {"label": ["b", "a", "a", None], "size": [1, 2, 3, 4], "row": ["r0", "r1", "r2", "r3"]}
    )
    return EmbeddingSet.from_arrays(
        np.eye(4), metadata=frame, name="four", queries=np.eye(4)[:1], ground_truth=[[1]]
    )


def test_a_subset_keeps_its_rows_labels_and_ground_truth(items: EmbeddingSet) -> None:
    made = after_step(items, KeepRows("Selection 1", np.array([2, 1])))
    assert made.name == "four, 2 rows of Selection 1"
    assert made.vectors.tolist() == np.eye(4)[[1, 2]].tolist()
    assert made.metadata["size"].tolist() == [2, 3]
    assert (made.class_names, made.ground_truth) == (("a",), np.array([[0]]))
    assert "2 of 4 rows left out: not in Selection 1" in made.notes
    assert after_step(items, KeepRows("all", np.arange(4))) is items


def test_a_tag_is_written_beside_the_same_vectors(items: EmbeddingSet) -> None:
    one = after_step(items, WriteTag("tag", "red", np.array([1, 3])))
    two = after_step(one, WriteTag("tag", "blue", np.array([3])))
    assert two.metadata["tag"].fillna("").tolist() == ["", "red", "", "blue"]
    assert two.vectors is items.vectors
    assert two.bare is items.bare
    assert (two.label_column, two.labels is not None) == ("label", True)
    assert two.labels is not None
    assert two.labels.tolist() == [1, 0, 0, -1]
    assert two.fingerprint != one.fingerprint
    back = after_step(two, TakeColumn("tag"))
    assert back.fingerprint == items.fingerprint


def test_a_tag_is_no_text_of_the_items(items: EmbeddingSet) -> None:
    assert items.text_columns == ("label", "row")
    tagged = after_step(items, WriteTag("tag", "a much longer text", np.array([1, 3])))
    assert (tagged.tags, tagged.text_columns) == (("tag",), ("label", "row"))
    again = after_step(tagged, WriteTag("tag", "blue", np.array([0])))
    assert again.tags == ("tag",)
    part = after_step(again, KeepRows("some", np.array([0, 1])))
    assert (part.tags, part.relabeled("tag").tags) == (("tag",), ("tag",))
    assert after_step(again, WriteTag("row", "r9", np.array([0]))).tags == ("tag",)
    assert after_step(again, TakeColumn("tag")).tags == ()
    # A column of the same texts that came with the data is text: the two are different sets.
    own = items.with_metadata(tagged.metadata)
    assert (own.tags, own.text_columns) == ((), ("label", "row", "tag"))
    assert own.fingerprint != tagged.fingerprint
    assert tagged.with_metadata(tagged.metadata[["tag"]]).tags == ("tag",)
    assert tagged.with_metadata(items.metadata).tags == ()


def test_a_tag_may_go_into_the_label_column(items: EmbeddingSet) -> None:
    made = after_step(items, WriteTag("label", "c", np.array([3])))
    assert (made.class_names, made.label_texts.tolist()) == (("a", "b", "c"), ["b", "a", "a", "c"])


@pytest.mark.parametrize(
    ("step", "message"),
    [
        (KeepRows("none", np.empty(0, np.int64)), "holds no row"),
        (KeepRows("far", np.array([4])), "row ids below n = 4"),
        (WriteTag("tag", "  ", np.array([0])), "A tag must have from 1 to 200 letters"),
        (WriteTag("", "x", np.array([0])), "The column of a tag must have"),
        (WriteTag("size", "x", np.array([0])), "'size' holds int64"),
        (TakeColumn("gone"), "no column 'gone'"),
        (TakeColumn("label"), "'label' has the labels"),
    ],
)
def test_what_cannot_be_done_is_refused(items: EmbeddingSet, step: object, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        after_step(items, step)  # type: ignore[arg-type]


def test_sets_of_rows() -> None:
    one, two = np.array([1, 2, 5]), np.array([2, 3])
    assert combined(one, two, "without").tolist() == [1, 5]
    assert inverted(one, 6).tolist() == [0, 3, 4]


def test_the_table_has_every_column_and_the_ids(items: EmbeddingSet) -> None:
    table = table_of(items, np.array([3, 0]), ["size", None])
    assert table.columns.tolist() == ["row", "label", "row (column)"]
    assert table["row"].tolist() == [3, 0]
    assert table["row (column)"].tolist() == ["r3", "r0"]
