"""A set written as .npz and read back: the same vectors, classes and columns."""

import io

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, load_sample, read_embeddings, write_npz


def there_and_back(embeddings: EmbeddingSet) -> EmbeddingSet:
    content = io.BytesIO()
    write_npz(embeddings, content)
    return read_embeddings(content.getvalue(), name="back.npz")


def three(frame: pd.DataFrame, label_column: str | None = None) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(
        np.eye(3), metadata=frame, label_column=label_column, name="three"
    )


@pytest.mark.parametrize("sample", ["wordnet", "digits"])
def test_a_sample_reads_back_the_same(sample: str) -> None:
    given = load_sample(sample)
    back = there_and_back(given)
    np.testing.assert_array_equal(back.vectors, given.vectors)
    np.testing.assert_array_equal(back.labels, given.labels)
    assert back.class_names == given.class_names
    for column in given.metadata.columns:
        assert back.metadata[column].tolist() == given.metadata[column].tolist()


def test_odd_columns_and_queries_are_kept() -> None:
    frame = pd.DataFrame({"file": ["a", None], "vectors": [1, 2], "weight": [0.5, None]})
    truth = np.array([[0], [1], [1]])
    given = EmbeddingSet.from_arrays(
        np.eye(2), metadata=frame, name="odd", queries=np.ones((3, 2)), ground_truth=truth
    )
    back = there_and_back(given)
    assert back.metadata["file (column)"].tolist() == ["a", ""]
    assert back.metadata["vectors (column)"].tolist() == [1, 2]
    np.testing.assert_array_equal(back.metadata["weight"], [0.5, np.nan])
    np.testing.assert_array_equal(back.queries, np.ones((3, 2)))
    np.testing.assert_array_equal(back.ground_truth, truth)


def test_no_column_takes_the_place_of_another() -> None:
    frame = pd.DataFrame({"vectors (column)": [1, 2, 3], "vectors": [4, 5, 6]})
    back = there_and_back(three(frame)).metadata
    assert back["vectors (column)"].tolist() == [1, 2, 3]
    assert back["vectors (column) (column)"].tolist() == [4, 5, 6]


@pytest.mark.parametrize("name", ["label", "Target", "kind"])
def test_a_missing_label_stays_missing(name: str) -> None:
    given = three(pd.DataFrame({name: ["b", None, "a"]}), name)
    back = there_and_back(given)
    assert back.class_names == ("a", "b")
    np.testing.assert_array_equal(back.labels, [1, -1, 0])


def test_numbers_as_labels_keep_their_order() -> None:
    back = there_and_back(three(pd.DataFrame({"kind": [10, 2, 3]}), "kind"))
    assert back.class_names == ("2", "3", "10")
    np.testing.assert_array_equal(back.labels, [2, 0, 1])


def test_the_chosen_labels_are_read_back_and_no_others() -> None:
    frame = pd.DataFrame({"class": [1, 2, 3], "kind": ["x", "y", "x"], "label": ["p", "q", "r"]})
    back = there_and_back(three(frame, "kind"))
    assert back.class_names == ("x", "y")
    np.testing.assert_array_equal(back.labels, [0, 1, 0])
    assert back.metadata["kind"].tolist() == ["x", "y", "x"]
    assert back.metadata["label (column)"].tolist() == ["p", "q", "r"]
    assert there_and_back(three(frame, "class")).class_names == ("1", "2", "3")
    assert there_and_back(three(frame).relabeled(None)).labels is None
