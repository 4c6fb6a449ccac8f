"""A threshold in another space, in words and rows, and the part with and without labels."""

import io
from dataclasses import replace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.metrics.score_units import units_of
from core.studies.thresholds.translation import Change, Translated, translation
from pages.thresholds import translator
from tests.pages.conftest import Downloads
from tests.pages.thresholds.conftest import LABELS, VECTORS, notes, open_part, told

COSINE, DISTANCE = units_of("cosine")[0], units_of("euclidean")[0]
TOLD = Translated(
    in_a=0.625,
    in_b=-2.0,  # the score -d^2 / 2 of L2 distance 2
    interval=(-4.5, -0.5),  # L2 distances 3 and 1
    rate=0.01,
    every=Change(1000, 80, 60, 30, 10),
    genuine=Change(100, 70, 50, 25, 5),
    impostor=Change(900, 10, 10, 5, 5),
)
LABELED = translation(VECTORS, VECTORS[:, :3], labels=LABELS, resamples=2)
PLAIN = translation(VECTORS, VECTORS[:, :3], resamples=2)


def test_the_answer_is_in_the_units_of_both_spaces() -> None:
    assert translator.answer(LABELED, TOLD, COSINE, DISTANCE, "new.npy") == (
        "Cosine similarity >= 0.6250 becomes L2 distance <= 2 in the other space (new.npy; 95 %: 1 "
        "to 3), with the same FAR, 1 %. 37.5 % of the pairs accepted before are not any more."
    )
    assert "with the same share of all pairs, 1 %." in translator.answer(
        PLAIN, TOLD, DISTANCE, COSINE, "new.npy"
    )


def test_a_rate_next_to_a_round_one_is_told_as_that() -> None:
    close = replace(TOLD, rate=0.0099999)
    assert translator.answer(LABELED, close, COSINE, DISTANCE, "new.npy") == translator.answer(
        LABELED, TOLD, COSINE, DISTANCE, "new.npy"
    )


def test_the_answer_where_no_pair_passes() -> None:
    none = LABELED.at(1.5)
    assert translator.answer(LABELED, none, COSINE, COSINE, "new.npy") == (
        "No impostor pair passes cosine similarity >= 1.500, so nothing in the other space "
        "(new.npy) stands for it; choose a laxer threshold."
    )


def test_what_the_figures_rest_on_and_what_labels_would_tell() -> None:
    different = int(np.count_nonzero(~(LABELS[:, None] == LABELS))) // 2
    assert translator.basis(LABELED, has_labels=True) == (
        "All 2,556 pairs of all 72 rows; interval by bootstrap over rows. The FAR is of the "
        f"{different:,} pairs of different classes."
    )
    assert translator.basis(PLAIN, has_labels=False).endswith(
        "With labels, the FAR could be kept instead of the share of all pairs."
    )
    assert translator.basis(PLAIN, has_labels=True).endswith("bootstrap over rows.")
    sample = translation(VECTORS, VECTORS, rows=40, resamples=2)
    assert "All 780 pairs of 40 of 72 rows, drawn with seed 0;" in translator.basis(
        sample, has_labels=True
    )
    assert translator.figures_note(TOLD) == "True pairs accepted (TAR): 70 % before, 50 % after."
    assert translator.figures_note(PLAIN.at(0.5)) == (
        "Whether the pairs that change are right or wrong is known with labels only."
    )


def test_the_table_of_changes_has_a_line_per_kind() -> None:
    rows = translator.changes_table(TOLD).set_index("pairs of")
    assert list(rows.loc["same class"]) == [100, 70, 50, 25, 5, 0.3]
    assert rows.loc["different classes", "new"] == 5
    assert rows.loc["all pairs", "changing"] == 0.04
    assert translator.changes_table(PLAIN.at(0.5))["pairs of"].tolist() == ["all pairs"]


def test_the_curve_keeps_the_order_of_its_ends_in_a_distance() -> None:
    study = translation(VECTORS, VECTORS, metric_b="euclidean", resamples=5)
    rows = translator.curve_table(study, COSINE, DISTANCE)
    assert (rows["from"] <= rows["to"]).all()
    assert rows["second space: L2 distance"].is_monotonic_increasing
    assert rows["share of all pairs"].iloc[-1] == 1.0


def test_pairs_that_change_stand_with_both_values() -> None:
    items = EmbeddingSet.from_arrays(VECTORS, name="mine")
    shown = PLAIN.at(PLAIN.at_rate(0.1))
    rows = translator.flipped_table(items, PLAIN, shown, "A", (COSINE, COSINE))
    pairs = PLAIN.flipped(shown, "A")
    assert rows["one: row"].tolist() == pairs.left.tolist()
    assert rows["other: row"].tolist() == pairs.right.tolist()
    assert rows["second space"].tolist() == pairs.b.round(4).tolist()
    assert "one: class" not in rows


def test_the_part_says_what_the_study_finds(labeled: AppTest, downloads: Downloads) -> None:
    open_part(labeled, "Another space", world_threshold="0.5")
    study = translation(VECTORS, VECTORS[:, :3], labels=LABELS)
    shown = study.at(0.5)
    assert told(labeled) == translator.answer(study, shown, COSINE, COSINE, translator.HALF)
    assert translator.figures_note(shown) in notes(labeled)
    changes = downloads.csv("changed_pairs_by_kind.csv")
    assert changes["no more"].tolist()[-1] == shown.every.only_a
    gone = downloads.csv("no_more_accepted.csv")
    assert gone["one: row"].tolist() == study.flipped(shown, "A").left.tolist()
    new = downloads.csv("newly_accepted.csv")
    assert new["first space"].tolist() == study.flipped(shown, "B").a.round(4).tolist()
    labeled.session_state["world_spaces_table"] = True
    labeled.run()
    curve = downloads.csv("threshold_translation.csv")
    np.testing.assert_allclose(curve["FAR"], study.curve.rate)


def test_a_file_of_the_same_items_is_the_second_space(unlabeled: AppTest) -> None:
    open_part(unlabeled, "Another space", world_threshold="0.5")
    assert "the same share of all pairs" in told(unlabeled)
    assert translator.HALF in told(unlabeled)
    content = io.BytesIO()
    np.save(content, 2 * VECTORS)
    unlabeled.main.file_uploader[0].set_value([("new.npy", content.getvalue(), "")])
    unlabeled.run()
    study = translation(VECTORS, 2 * VECTORS)
    assert told(unlabeled) == translator.answer(study, study.at(0.5), COSINE, COSINE, "new")
    assert "0 % of the pairs accepted before" in told(unlabeled)
    next(each for each in unlabeled.button if each.label == "Forget this file").click().run()
    assert translator.HALF in told(unlabeled)


def test_a_file_that_the_server_let_go_is_missed(unlabeled: AppTest) -> None:
    open_part(unlabeled, "Another space")
    own = EmbeddingSet.from_arrays(VECTORS, name="mine").bare.fingerprint
    unlabeled.session_state["_slot_second_space"] = (own, "gone")
    unlabeled.run()
    assert [each.value for each in unlabeled.warning] == [
        "The second file is no longer on this server\\. Upload it again\\."
    ]
    assert translator.HALF in told(unlabeled)


@pytest.mark.parametrize("rows", [71, 73])
def test_a_file_of_other_items_is_refused(unlabeled: AppTest, rows: int) -> None:
    open_part(unlabeled, "Another space")
    content = io.BytesIO()
    np.save(content, np.ones((rows, 3), dtype=np.float32))
    unlabeled.main.file_uploader[0].set_value([("new.npy", content.getvalue(), "")])
    unlabeled.run()
    (error,) = unlabeled.error
    assert (
        "The second file must have a vector for each of the 72 rows of mine, in the same "
        f"order; new.npy has {rows}."
    ) in str(error.value).replace("\\", "")
    assert translator.HALF in told(unlabeled)
