"""What a set checks and knows, the samples, and their summary."""

import base64
import time
import zlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, load_sample, sample_names, summarize
from core.errors import DataError, ParameterError

VECTORS = np.array([[0, 0], [1, 0], [1, 0], [3, 4]], dtype=np.float32)


def make(**columns: object) -> EmbeddingSet:
    return EmbeddingSet.from_arrays(VECTORS, metadata=pd.DataFrame(columns), name="x")


@pytest.mark.parametrize("name", ["label", "Labels", "CLASS", "target"])
def test_a_label_column_is_found_by_its_name(name: str) -> None:
    found = make(word=list("abcd"), **{name: ["u", "v", None, "u"]})
    assert found.label_column == name
    assert found.labels is not None
    assert found.labels.tolist() == [0, 1, -1, 0]
    assert found.class_names == ("u", "v")


def test_numbers_as_labels_are_in_numeric_order() -> None:
    assert make(label=[10, 9, 2, 10]).class_names == ("2", "9", "10")
    assert make(label=[10.0, 9.0, np.nan, 10.0]).class_names == ("9", "10")


def test_relabeled_keeps_the_vectors() -> None:
    before = make(label=list("aabb"), kind=list("xyxy"))
    after = before.relabeled("kind")
    assert after.class_names == ("x", "y")
    assert after.vectors is before.vectors
    assert after.fingerprint != before.fingerprint
    assert before.relabeled(None).labels is None
    with pytest.raises(DataError, match="'size' is not a column"):
        before.relabeled("size")


def test_sets_of_the_same_vectors_share_what_is_made_of_the_vectors_alone() -> None:
    plain = EmbeddingSet.from_arrays(VECTORS, name="x")
    known = make(label=list("aabb"), kind=list("xyxy"))
    asked = EmbeddingSet.from_arrays(VECTORS, queries=VECTORS[:1], metric="euclidean", name="y")
    others = [known, known.relabeled("kind"), known.with_metadata(pd.DataFrame({"a": range(4)}))]
    every = [plain, asked, *others]
    assert {each.bare.fingerprint for each in every} == {plain.fingerprint}
    assert len({each.fingerprint for each in every}) == len(every)
    assert known.relabeled("kind").bare is known.bare
    bare = asked.bare
    assert (bare.queries, bare.metric, bare.labels, list(bare.metadata)) == (None, None, None, [])
    moved = EmbeddingSet.from_arrays(VECTORS[::-1], name="x")
    assert moved.bare.fingerprint != plain.fingerprint


def test_the_input_is_neither_kept_nor_changed() -> None:
    values = VECTORS.copy()
    found = EmbeddingSet.from_arrays(values, name="x")
    values[0, 0] = 99
    assert found.vectors[0, 0] == 0


def test_the_fingerprint_names_the_content() -> None:
    plain = make(word=list("abcd"))
    assert plain.fingerprint == make(word=list("abcd")).fingerprint
    moved = VECTORS.copy()
    moved[3, 1] = np.nextafter(np.float32(4), np.float32(5))
    others = [
        make(word=list("abce")),
        make(term=list("abcd")),
        EmbeddingSet.from_arrays(VECTORS, name="x"),
        EmbeddingSet.from_arrays(moved, metadata=plain.metadata, name="x"),
        EmbeddingSet.from_arrays(VECTORS.reshape(2, 4), name="x"),
        EmbeddingSet.from_arrays(VECTORS, queries=VECTORS[:1], name="x"),
    ]
    assert len({plain.fingerprint, *(other.fingerprint for other in others)}) == 7


def test_the_types_of_columns_are_part_of_the_content_and_its_words_are_not() -> None:
    typed = [[0, 1, 0, 1], [False, True, False, True], [0.0, 1.0, 0.0, 1.0], ["0", "1", "0", "1"]]
    assert len({make(label=column).fingerprint for column in typed}) == 4
    plain = make(word=list("abcd"))
    renamed = [replace(plain, name="mine"), replace(plain, notes=("a row left out",))]
    assert {each.fingerprint for each in renamed} == {plain.fingerprint}
    assert len({each.identity for each in (plain, *renamed)}) == 3
    assert plain.identity == make(word=list("abcd")).identity
    assert {each.bare.name for each in (plain, *renamed)} == {""}  # whoever has equal vectors
    assert len({each.bare.identity for each in (plain, *renamed)}) == 1


def test_text_columns_are_those_with_text_the_longest_last() -> None:
    found = make(
        gloss=["a long text"] * 4,
        word=list("abcd"),
        year=[1, 2, 3, 4],
        image=["data:image/png;base64,AA"] * 4,
        mixed=[None, "z", None, None],
    )
    assert found.text_columns == ("word", "mixed", "gloss")


def test_metadata_of_another_length() -> None:
    with pytest.raises(DataError, match="there are 4 vectors and 3 rows of metadata"):
        EmbeddingSet.from_arrays(VECTORS, metadata=pd.DataFrame({"a": [1, 2, 3]}), name="x")


def test_summary_worked_by_hand() -> None:
    # lengths 0, 1, 1, 5: median 1; row 2 equals row 1
    facts = summarize(make(label=["a", "a", "b", None]))
    assert (facts.n, facts.dim, facts.n_zero_rows, facts.n_duplicate_rows) == (4, 2, 1, 1)
    assert (facts.norm_min, facts.norm_median, facts.norm_max) == (0, 1, 5)
    assert (facts.n_classes, facts.n_singleton_classes, facts.n_unlabeled) == (2, 1, 1)
    assert (facts.smallest_class, facts.largest_class) == (("b", 1), ("a", 2))


def test_negative_zero_is_zero_among_duplicates() -> None:
    found = EmbeddingSet.from_arrays(np.array([[0.0, 1], [-0.0, 1]]), name="x")
    assert summarize(found).n_duplicate_rows == 1


def test_samples() -> None:
    assert sample_names() == ("wordnet", "digits")
    words, digits = load_sample("wordnet"), load_sample("digits")
    assert (words.n, words.dim, len(words.class_names)) == (4985, 384, 40)
    assert np.bincount(words.labels).min() >= 8  # type: ignore[arg-type]
    np.testing.assert_allclose(np.linalg.norm(words.vectors, axis=1), 1, atol=1e-3)
    assert (digits.n, digits.dim, digits.class_names) == (1797, 64, tuple("0123456789"))
    with pytest.raises(ParameterError, match=r"no sample 'cats'\. Choose wordnet or digits"):
        load_sample("cats")


def test_samples_load_quickly() -> None:
    load_sample("digits")
    start = time.process_time()  # of this process alone, however busy the machine is
    for name in sample_names():
        load_sample(name)
    assert time.process_time() - start < 5


def test_a_digit_is_its_picture() -> None:
    digits = load_sample("digits")
    png = base64.b64decode(digits.metadata["image"][3].split(",")[1])
    assert png.startswith(b"\x89PNG")
    start = png.index(b"IDAT") + 4
    lines = np.frombuffer(zlib.decompress(png[start:-16]), np.uint8).reshape(8, 9)
    np.testing.assert_array_equal(lines[:, 1:], 255 - 15 * digits.vectors[3].reshape(8, 8))


def test_an_empty_label_is_a_missing_one() -> None:
    frame = pd.DataFrame({"label": ["b", "", "a", None, "b", " "]})
    items = EmbeddingSet.from_arrays(np.eye(6), metadata=frame, name="six")
    assert items.class_names == (" ", "a", "b")
    assert items.labels is not None
    assert items.labels.tolist() == [2, -1, 1, -1, 2, 0]
    assert items.class_sizes.tolist() == [1, 1, 2]
    assert items.label_texts.tolist() == ["b", "", "a", "", "b", " "]


def test_without_labels_there_are_no_classes() -> None:
    items = EmbeddingSet.from_arrays(np.eye(3), name="bare")
    assert items.class_sizes.tolist() == []
    assert items.label_texts.tolist() == ["", "", ""]
