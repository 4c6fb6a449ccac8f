"""Which pairs the threshold gets wrong: cards, confusions, labels in doubt, copies."""

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from core.metrics import errors_by_group, point_at, point_at_far, units_of
from core.studies import DoubtfulLabels, confusions, doubtful_labels, pairs_between
from pages.thresholds import errors, operating, pair_cards
from pages.thresholds.errors import ACCEPTED, REJECTED, answer
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import (
    CODES,
    VECTORS,
    eighteen,
    five,
    items,
    made,
    notes,
    open_section,
)

SIMILARITY, DISTANCE, LENGTH = units_of("cosine")[:3]


def test_the_sentence_counts_pairs_and_names_the_nearest() -> None:
    lab = five()
    at = point_at(lab.counts.totals, 0.7)
    assert answer(lab, at, SIMILARITY) == (
        "1 impostor pair is wrongly accepted and 1 genuine pair wrongly rejected at "
        f"{operating.value_text(SIMILARITY, at.score)}; the nearest of different classes are item "
        "a48 (ant) and item b90 (bee), at 0.7431."
    )
    lax = point_at(lab.counts.totals, 0.1)
    assert answer(lab, lax, DISTANCE).startswith(
        "3 impostor pairs are wrongly accepted and 0 genuine pairs wrongly rejected at cosine "
        "distance <= "
    )
    strict = point_at(lab.counts.totals, 0.8)
    assert answer(lab, strict, SIMILARITY) == (
        "0 impostor pairs are wrongly accepted and 2 genuine pairs wrongly rejected at "
        f"{operating.value_text(SIMILARITY, strict.score)}."
    )


def test_pairs_of_all_classes_lie_on_their_side() -> None:
    lab = five()
    at = point_at(lab.counts.totals, 0.7)
    pairs, words = errors._pairs(lab, at, ACCEPTED, None)
    assert list(zip(pairs.left, pairs.right, strict=True)) == [(2, 3)]
    assert words == (
        "Wrongly accepted pairs, the nearest first. 1 impostor pair wrongly accepted (FAR 16.7 %), "
        "1 genuine pair wrongly rejected (FRR 25 %). All 4 genuine and 6 impostor pairs of 5 rows "
        "in 2 classes."
    )
    pairs, words = errors._pairs(lab, at, REJECTED, None)
    assert list(zip(pairs.left, pairs.right, strict=True)) == [(0, 2)]
    assert words.startswith("Wrongly rejected pairs, the farthest first.")


def test_pairs_of_one_class_are_its_own() -> None:
    lab = made(eighteen())
    at = point_at(lab.counts.totals, 0.5)
    assert lab.embeddings.labels is not None
    own, others = np.flatnonzero(CODES == 1), np.flatnonzero(CODES != 1)
    for kind, genuine, other in ((ACCEPTED, False, others), (REJECTED, True, own)):
        pairs, words = errors._pairs(lab, at, kind, 1)
        known = pairs_between(
            VECTORS, CODES, own, other, metric="cosine", genuine=genuine, most=200
        )
        wrong = known.pairs.score < at.score if genuine else known.pairs.score >= at.score
        np.testing.assert_allclose(pairs.score, known.pairs.score[wrong])
        assert 0 < len(pairs.score) < len(known.pairs.score)
        assert np.all(CODES[pairs.left] == 1)
        assert words == f"{kind} pairs of class 1. {lab.basis}"


def test_pairs_of_a_class_leave_rows_without_a_label_out() -> None:
    labels: list[str | None] = [f"class {code}" for code in CODES]
    labels[17] = None
    lab = made(items(VECTORS, labels))
    pairs, _ = errors._pairs(lab, point_at(lab.counts.totals, -1.0), ACCEPTED, 0)
    assert 17 not in pairs.left
    assert 17 not in pairs.right
    assert len(pairs.left) == 8 * 9


def test_confusions_are_those_of_the_study() -> None:
    lab = made(eighteen())
    at = point_at(lab.counts.totals, 0.3)
    found = errors_by_group(lab.counts, at.score)
    pd.testing.assert_frame_equal(
        errors.confusion_table(lab, at), confusions(found, ("class 0", "class 1", "class 2"))
    )


def test_doubts_have_a_reason() -> None:
    lab = five()
    found = DoubtfulLabels(
        np.array([2]), np.array([0]), np.array([1]), np.array([0.25]), np.array([0.875])
    )
    assert errors.doubt_table(lab, found).to_dict("records") == [
        {
            "row": 2,
            "name": "item a48",
            "label": "ant",
            "nearer to": "bee",
            "reason": "score 0.875 with the mean of bee, 0.250 with that of the others of its own "
            "class",
        }
    ]


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_copies_with_different_labels_are_listed(metric: Metric) -> None:
    vectors = VECTORS.copy()
    vectors[15] = vectors[0]
    vectors[16] = vectors[1]
    vectors[3] = vectors[4]  # of one class
    lab = made(items(vectors, [f"class {code}" for code in CODES]), metric)
    table = errors.copy_table(lab, units_of(metric)[0])
    ends = {frozenset(pair) for pair in zip(table["row (1)"], table["row (2)"], strict=True)}
    assert ends == {frozenset((0, 15)), frozenset((1, 16))}
    assert set(table["class (2)"]) == {"class 2"}
    assert len(errors.copy_table(made(eighteen(), metric), units_of(metric)[0])) == 0


def test_the_table_of_pairs_names_both_items() -> None:
    lab = five()
    table = pair_cards.table(lab, lab.counts.nearest_impostors.first(1), LENGTH)
    line = table.to_dict("records")[0]
    assert line.pop("L2 on unit vectors") == pytest.approx((2 - 2 * 0.743145) ** 0.5, abs=1e-6)
    assert line == {
        "row (1)": 2,
        "name (1)": "item a48",
        "class (1)": "ant",
        "row (2)": 3,
        "name (2)": "item b90",
        "class (2)": "bee",
    }


def test_the_longest_text_of_a_card() -> None:
    frame = pd.DataFrame(
        {
            "label": list("abab"),
            "word": ["w1", "w2", "w3", "w4"],
            "gloss": ["x" * 141, "y" * 140, None, "short " * 3],
        }
    )
    mine = EmbeddingSet.from_arrays(np.eye(4), metadata=frame, name="m", label_column="label")
    words = [pair_cards.longest_text(mine, row) for row in range(4)]
    if mine.name_column == "gloss":
        pytest.skip("the longest text is the name")
    assert words[0] == "x" * 139 + "…"
    assert words[1] == "y" * 140
    assert words[2] == ""
    assert words[3] == "short " * 3
    bare = items(np.eye(4), list("abab"))
    assert pair_cards.longest_text(bare, 0) == ""


# ---- on the page


def cards(app: AppTest) -> list[float]:
    """The values that the cards show, in their order."""
    texts = [text.value for text in app.markdown]
    return [float(text.split("**")[1]) for text in texts if text.endswith("** cosine similarity")]


@pytest.mark.parametrize("kind", [ACCEPTED, REJECTED])
def test_cards_are_those_pairs(app: AppTest, kind: str, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Errors", pairs=kind, far="0.2")
    assert complaints(app) == []
    lab = made(eighteen())
    at = point_at_far(lab.counts.totals, 0.2)
    assert at is not None
    pairs, words = errors._pairs(lab, at, kind, None)
    assert words in notes(app)
    assert len(pairs.left) > pair_cards.CARDS
    np.testing.assert_allclose(cards(app), pairs.score[:12], atol=6e-5)
    next(button for button in app.button if button.label == "Show more pairs").click().run()
    assert complaints(app) == []
    np.testing.assert_allclose(cards(app), pairs.score[:24], atol=6e-5)
    table = downloads.csv("pairs.csv")
    np.testing.assert_allclose(table["cosine similarity"], pairs.score)
    assert table["row (1)"].tolist() == pairs.left.tolist()


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_section_under_each_metric(app: AppTest, metric: Metric, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Errors", metric=metric, far="0.2")
    assert complaints(app) == []
    lab = made(eighteen(), metric)
    at = point_at_far(lab.counts.totals, 0.2)
    assert at is not None
    assert sentence(app) == answer(lab, at, units_of(metric)[0])
    pd.testing.assert_frame_equal(
        downloads.csv("confusions.csv"), errors.confusion_table(lab, at), check_dtype=False
    )
    found = doubtful_labels(VECTORS, CODES, metric=metric)
    assert len(found.rows) > 0
    pd.testing.assert_frame_equal(
        downloads.csv("labels_in_doubt.csv"), errors.doubt_table(lab, found), check_dtype=False
    )


def test_copies_are_told_and_can_be_taken_along(app: AppTest, downloads: Downloads) -> None:
    vectors = VECTORS.copy()
    vectors[15] = vectors[0]
    mine = items(vectors, [f"class {code}" for code in CODES])
    open_section(app, mine, "Errors")
    assert complaints(app) == []
    assert "1 pair of copies with different labels." in notes(app)
    table = downloads.csv("copies_with_different_labels.csv")
    assert table[["row (1)", "row (2)"]].to_numpy().tolist() == [[0, 15]]


def test_nothing_wrong_is_said(app: AppTest) -> None:
    vectors = np.repeat(np.eye(3), 4, axis=0) + np.random.default_rng(0).normal(size=(12, 3)) * 0.01
    open_section(app, items(vectors, [f"k{code}" for code in np.repeat(range(3), 4)]), "Errors")
    assert complaints(app) == []
    said = " ".join(box.value for box in app.info).replace("\\", "")
    assert "There is no such pair." in said
    assert "No impostor pair is accepted." in said
    assert "Every row is nearest to its own class." in said


def test_a_missing_text_is_no_text(app: AppTest) -> None:
    texts = [None if row % 2 else f"a description of item {row} " * 3 for row in range(18)]
    mine = items(
        VECTORS,
        [f"class {code}" for code in CODES],
        word=[f"w{row}" for row in range(18)],
        gloss=texts,
    )
    open_section(app, mine, "Errors", far="0.2")
    assert complaints(app) == []
    assert not any(note.value in ("nan", "None", "<NA>") for note in app.caption)
