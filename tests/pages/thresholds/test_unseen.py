"""Unseen classes in words and rows, of results made by hand, and the part opened on a small set."""

from dataclasses import replace

import numpy as np
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.metrics.open_set import OpenSet, OpenSetFigures
from core.metrics.score_units import units_of
from core.studies.thresholds.open_world import OpenWorld, open_world
from core.studies.thresholds.transfer import Transfer, transfer
from pages.thresholds import unseen
from tests.pages.conftest import Downloads
from tests.pages.thresholds.conftest import LABELS, VECTORS, notes, open_part, told

UNIT = units_of("cosine")[0]
MOVED = Transfer(
    thresholds=np.array([0.5, 0.7, np.inf]),
    far_set=np.array([[0.05, 0.01, 0.0], [0.04, 0.008, 0.0]]),
    far_met=np.array([[0.2, 0.03, 0.0], [0.1, 0.004, 0.0]]),
    tar_set=np.array([[0.9, 0.6, 0.0], [0.8, 0.5, 0.0]]),
    tar_met=np.array([[0.8, 0.45, 0.0], [0.85, 0.58, 0.0]]),
    impostors=np.array([1000, 500]),
    classes=12,
    rows=400,
    n=9000,
    seed=3,
    metric="cosine",
)
ANSWERS = OpenSet(
    np.array([0.9, 0.8, 0.7, 0.6, 0.5]),
    np.array([True, False, True, False, False]),
    np.array([True, False, True, True, False]),
)
FOUND = OpenWorld(
    answers=ANSWERS,
    figures=OpenSetFigures(
        gap=(0.5, 0.4, 0.6),
        auc=(0.7, 0.65, 0.75),
        rank_one=(0.625, 0.6, 0.65),
        dir_at_far={
            0.1: (0.25, 0.2, 0.3),
            0.01: (0.125, 0.1, 0.15),
            0.001: (np.nan, np.nan, np.nan),
        },
    ),
    queries=np.array([4, 0, 2, 3, 1]),
    matches=np.array([3, 2, 3, 2, 2]),
    gallery=2100,
    known_classes=np.arange(21),
    unknown_classes=np.arange(21, 43),
    rows=400,
    n=9000,
    seed=3,
    metric="cosine",
)


def test_the_answer_tells_promised_and_got_and_identification() -> None:
    assert unseen.answer(MOVED, FOUND, 0.01) == (
        "A threshold set for FAR 1 % on half of the classes gave 0.400 % to 3 % on classes that it "
        "had not seen (2 splits); TAR there was -15.0 to +8.0 points off. With 21 of 43 classes "
        "stored, 62.5 % of the known queries are named rightly, and 12.5 % where a threshold lets "
        "1 % of the unknown pass."
    )


def test_the_answer_where_pairs_or_queries_are_too_few() -> None:
    few = replace(MOVED, impostors=np.array([1000, 20]))
    # 1,000 impostor pairs tell a FAR of 1 in 1,000, which the second split cannot.
    assert unseen.answer(few, FOUND, 0.001).startswith(
        "A threshold set for FAR 0.1 % on half of the classes gave 0 % on classes that it had not "
        "seen (1 split); TAR there was +0.0 to +0.0 points off."
    )
    none = replace(MOVED, impostors=np.array([60, 20]))
    assert unseen.answer(none, FOUND, 0.001) == (
        "FAR 0.1 % cannot be told: half of the classes have as few as 20 impostor pairs. With 21 "
        "of 43 classes stored, 62.5 % of the known queries are named rightly; 2 unknown queries "
        "cannot tell FAR 0.1 %."
    )


def test_what_the_figures_rest_on() -> None:
    assert unseen.basis(MOVED, FOUND) == (
        "Splits: all pairs of 400 of 9,000 rows, drawn with seed 3, in 12 classes; 2 splits. "
        "Search: a gallery of 2,100, 3 queries of its 21 classes and 2 of 22 others (seed 3)."
    )
    whole = replace(MOVED, rows=9000)
    assert unseen.basis(whole, FOUND) == (
        "Splits: all pairs of all 9,000 rows with a label, in 12 classes; 2 splits. Search: 400 "
        "rows, a gallery of 2,100, 3 queries of its 21 classes and 2 of 22 others (seed 3)."
    )
    assert unseen.resolution(FOUND) == "2 unknown queries tell FARs from 50 % on."


def test_the_table_of_splits_has_both_rates_of_each() -> None:
    rows = unseen.splits_table(MOVED, 0.01, UNIT)
    assert rows.to_dict("list") == {
        "split": [1, 2],
        "threshold (cosine similarity)": [0.7, 0.7],
        "FAR asked": [0.01, 0.01],
        "FAR where set": [0.01, 0.008],
        "FAR got": [0.03, 0.004],
        "TAR where set": [0.6, 0.5],
        "TAR got": [0.45, 0.58],
    }


def test_the_table_of_figures_leaves_out_what_cannot_be_told() -> None:
    rows = unseen.figures_table(FOUND, UNIT).set_index("figure")
    assert rows.index.tolist() == [
        "named rightly, no threshold",
        "GAP",
        "AUC known against unknown",
        "DIR at FAR 10 %",
        "DIR at FAR 1 %",
    ]
    assert list(rows.loc["GAP", ["value", "from", "to"]]) == [0.5, 0.4, 0.6]
    assert list(rows.loc["DIR at FAR 1 %", ["value", "from", "to"]]) == [0.125, 0.1, 0.15]


def test_queries_stand_with_their_answers_the_surest_first() -> None:
    assert unseen.false_alarms(FOUND).tolist() == [1, 4]
    assert unseen.lost(FOUND).tolist() == [3]
    items = EmbeddingSet.from_arrays(np.eye(5), name="five")
    rows = unseen.queries_table(items, FOUND, unseen.false_alarms(FOUND), UNIT)
    assert rows["cosine similarity"].tolist() == [0.8, 0.5]
    assert rows["query: row"].tolist() == [0, 1]
    assert rows["answer: row"].tolist() == [2, 2]


def test_the_part_says_what_the_studies_find(labeled: AppTest, downloads: Downloads) -> None:
    open_part(labeled, "Unseen classes")
    moved, found = transfer(VECTORS, LABELS), open_world(VECTORS, LABELS)
    assert told(labeled) == unseen.answer(moved, found, 0.01)
    assert unseen.basis(moved, found) in notes(labeled)
    labeled.session_state["world_far_got_table"] = True
    labeled.run()
    splits = downloads.csv("threshold_transfer.csv")
    np.testing.assert_allclose(splits["FAR got"], moved.at(0.01).far_met)
    figures = downloads.csv("open_world_figures.csv").set_index("figure")
    assert figures.loc["GAP", "value"] == round(found.figures.gap[0], 4)
    alarms = downloads.csv("open_world_unknown_queries.csv")
    assert alarms["query: row"].tolist() == found.queries[unseen.false_alarms(found)].tolist()
    assert set(alarms["query: class"]) <= {f"<b>kind</b> {code}" for code in found.unknown_classes}


def test_another_far_and_share_are_taken_from_the_link(labeled: AppTest) -> None:
    open_part(labeled, "Unseen classes", world_far="1 in 10", world_unknown="30")
    found = open_world(VECTORS, LABELS, unknown=0.3)
    assert told(labeled) == unseen.answer(transfer(VECTORS, LABELS), found, 0.1)
