"""What the section `No labels` says, word by word, of studies made by hand."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.metrics import units_of
from core.studies.thresholds.floor import Floor, FloorStudy
from core.studies.thresholds.operating import Estimate
from pages.thresholds import floor_controls, floor_words

COSINE, COSINE_DISTANCE = units_of("cosine")[:2]
NOT = Estimate(np.nan, np.nan, np.nan)
FLOOR = Floor(
    share=0.001,
    score=Estimate(0.4123, 0.4, 0.4212),
    passed=0.001,
    kept_best=Estimate(0.97, 0.955, 0.982),
    kept_nearest=Estimate(0.8, 0.7, 0.85),
    answered=None,
)
UNTOLD = Floor(1e-5, NOT, np.nan, NOT, NOT, None)
STUDY = FloorStudy(
    metric="cosine",
    n=117_659,
    paired_rows=2_000,
    unrelated=np.array([0.5, 0.3, 0.2, 0.1]),
    near_copies=0,
    nearest=np.array([[0.9, 0.6], [0.8, 0.5]]),
    own=True,
    best_copies=0,
    off_topic=None,
    off_topic_copies=0,
    by_pairs=(FLOOR, UNTOLD),
    by_off_topic=None,
    seed=0,
)
WITH_STRANGERS = replace(
    STUDY, off_topic=np.array([0.85, 0.2]), by_off_topic=(replace(FLOOR, share=0.1), UNTOLD)
)


def test_the_sentence() -> None:
    assert floor_words.answer(STUDY, FLOOR, "pairs", COSINE, 0.1) == (
        "A floor of cosine similarity 0.412 (0.400 to 0.421) lets 1 in 1,000 unrelated pairs "
        "through and keeps the best answer of 97 % of the queries."
    )
    assert floor_words.answer(STUDY, FLOOR, "pairs", COSINE_DISTANCE, 0.1) == (
        "An upper limit of cosine distance 0.588 (0.579 to 0.600) lets 1 in 1,000 unrelated pairs "
        "through and keeps the best answer of 97 % of the queries."
    )


def test_a_floor_that_costs_most_answers_keeps_only_some() -> None:
    dear = replace(FLOOR, kept_best=Estimate(0.043, 0.02, 0.07))
    assert floor_words.answer(STUDY, dear, "pairs", COSINE, 0.1).endswith(
        "keeps the best answer of only 4.30 % of the queries."
    )


def test_off_topic_queries_are_answered() -> None:
    floor = replace(FLOOR, share=0.1)
    assert floor_words.answer(WITH_STRANGERS, floor, "off_topic", COSINE, 0.6) == (
        "A floor of cosine similarity 0.412 (0.400 to 0.421) answers 1 in 10 off-topic queries and "
        "keeps the best answer of 97 % of the queries."
    )


def test_no_floor_separates_them() -> None:
    # Best .9 and .8, off-topic .85 and .2: at .8 half of these pass and nothing is lost; at .9
    # nothing passes and half is lost: both .5, and the higher is told.
    assert floor_words.answer(WITH_STRANGERS, FLOOR, "off_topic", COSINE, 0.1) == (
        "No floor of cosine similarity separates them in this space: the best, 0.900, answers 0 % "
        "of the off-topic queries and loses the best answer of 50 % of the queries, 50 % together, "
        "where at most 10 % was asked for."
    )
    # Unrelated .5 .3 .2 .1, best .4 and .35: at .35 a quarter passes and nothing is lost.
    close = replace(STUDY, nearest=np.array([[0.4], [0.35]]))
    assert floor_words.answer(close, FLOOR, "pairs", COSINE_DISTANCE, 0.2) == (
        "No upper limit of cosine distance separates them in this space: the best, 0.650, lets "
        "25 % of the unrelated pairs through and loses the best answer of 0 % of the queries, "
        "25 % together, where at most 20 % was asked for."
    )
    assert floor_words.answer(close, FLOOR, "pairs", COSINE, 0.25).startswith("A floor of")


def test_a_share_below_the_resolution_is_refused() -> None:
    assert floor_words.answer(STUDY, UNTOLD, "pairs", COSINE, 0.1) == (
        "1 in 100,000 is below the resolution of 4 unrelated pairs: ask for 1 in 1,000 or more "
        "often, or load more rows."
    )
    assert floor_words.refusal(WITH_STRANGERS, 0.001, "off_topic") == (
        "1 in 1,000 is below the resolution of 2 off-topic queries: ask for 1 in 10 or more often, "
        "or bring more of them."
    )
    nothing = replace(STUDY, by_pairs=(UNTOLD,))
    assert floor_words.refusal(nothing, 0.1, "pairs") == (
        "1 in 10 is below the resolution of 4 unrelated pairs: there are too few of them, or load "
        "more rows."
    )


def test_how_many_pass_for_each_query() -> None:
    assert floor_words.passing(STUDY, FLOOR, "pairs") == (
        "Each query is compared with 117,659 rows, so about 118 unrelated ones pass for each "
        "query: the floor alone does not keep them out of a long list."
    )
    few = replace(STUDY, n=500)
    assert floor_words.passing(few, FLOOR, "pairs") == (
        "Each query is compared with 500 rows, so about 0.50 unrelated ones pass for each query."
    )
    assert floor_words.passing(STUDY, UNTOLD, "pairs") == ""
    assert floor_words.passing(WITH_STRANGERS, FLOOR, "off_topic") == ""


def test_how_many_off_topic_queries_are_answered() -> None:
    floor = replace(FLOOR, answered=Estimate(0.125, 0.1, 0.15))
    assert floor_words.strangers(floor) == (
        "12.5 % (10 % to 15 %) of the off-topic queries still get an answer."
    )
    assert floor_words.strangers(FLOOR) == ""
    gone = replace(STUDY, off_topic_copies=40)
    assert floor_words.all_copies(gone, wanted=True) == (
        "All 40 off-topic queries are near copies of rows of this data, so they are not off-topic; "
        "random pairs are used."
    )
    assert floor_words.all_copies(gone, wanted=False) == ""
    assert floor_words.all_copies(WITH_STRANGERS, wanted=True) == ""


def test_what_it_rests_on() -> None:
    assert floor_words.basis_words(STUDY, "rows of the data") == (
        "Unrelated: all 4 pairs of 2,000 of 117,659 rows, drawn with seed 0, of which some are "
        "related by chance, so that the floor is rather too strict than too lax. Queries: 2 rows "
        "of the data, each without itself, compared with all rows; 2 nearest of each. Intervals of "
        "95 % by 200 resamples of rows and of queries, never of pairs. Labels are not used."
    )
    other = replace(
        STUDY, n=2_000, near_copies=3, best_copies=1, off_topic_copies=2, off_topic=np.ones(1)
    )
    assert floor_words.basis_words(other, "uploaded queries") == (
        "Unrelated: all 4 pairs of all 2,000 rows, without 3 pairs of near copies, which are "
        "related, of which some are related by chance, so that the floor is rather too strict than "
        "too lax. Queries: 2 uploaded queries, each without itself, compared with all rows; 2 "
        "nearest of each. The best answer of 1 query is a near copy. 2 off-topic queries left out: "
        "near copies of a row. Intervals of 95 % by 200 resamples of rows and of queries, never of "
        "pairs. Labels are not used."
    )


def test_the_cards() -> None:
    told = floor_words.figures(STUDY, FLOOR, "pairs", COSINE)
    assert [(name, value) for name, value, _ in told] == [
        ("Floor", "0.412"),
        ("Best answers kept", "97 %"),
        ("2 nearest kept", "80 %"),
        ("Answers lost per query", "0.400"),
        ("Least total error", "0 % at 0.800"),
    ]
    assert told[0][2] == "cosine similarity >= this passes; 95 %: 0.400 to 0.421."
    assert told[1][2] == "95 %: 95.5 % to 98.2 %."
    assert [name for name, _, _ in floor_words.figures(STUDY, UNTOLD, "pairs", COSINE)] == [
        "Least total error"
    ]
    answered = replace(FLOOR, answered=Estimate(0.125, 0.1, 0.15))
    names = {n: v for n, v, _ in floor_words.figures(STUDY, answered, "pairs", COSINE_DISTANCE)}
    assert (names["Limit"], names["Off-topic answered"]) == ("0.588", "12.5 %")


def test_the_table_has_a_line_for_each_share() -> None:
    frame = floor_words.table(STUDY, "pairs", COSINE_DISTANCE)
    first, second = frame.to_dict("records")
    assert first == {
        "unrelated that may pass": "1 in 1,000",
        "cosine distance": pytest.approx(0.5877),
        "from": pytest.approx(0.5788),
        "to": pytest.approx(0.6),
        "best answers kept": 0.97,
        "kept, from": 0.955,
        "kept, to": 0.982,
        "2 nearest kept": 0.8,
        "answers lost per query": pytest.approx(0.4),
        "unrelated rows that pass per query": pytest.approx(117.659),
        "note": "",
    }
    assert (second["unrelated that may pass"], second["note"]) == (
        "1 in 100,000",
        "below resolution",
    )
    assert np.isnan(second["cosine distance"])
    columns = floor_words.table(WITH_STRANGERS, "off_topic", COSINE).columns
    assert "unrelated rows that pass per query" not in columns


def test_the_file_holds_the_floors_and_what_they_rest_on() -> None:
    written = json.loads(
        floor_words.record(
            STUDY, FLOOR, "pairs", COSINE_DISTANCE, data="ab12", queries="rows of the data"
        )
    )
    assert written["chosen"] == {
        "share": 0.001,
        "floor": pytest.approx(0.5877),
        "interval": [pytest.approx(0.5788), pytest.approx(0.6)],
        "unrelated_passed": 0.001,
        "kept_best": [0.97, 0.955, 0.982],
        "kept_nearest": [0.8, 0.7, 0.85],
        "off_topic_answered": None,
    }
    assert written["floors"][1] == {"share": 1e-5, "floor": None, "why": "below resolution"}
    assert written["passes"] == "cosine distance <= the floor"
    assert (written["data"], written["queries"]) == ("ab12", "2 rows of the data")
    assert (written["rows"], written["rows_paired"], written["k"]) == (117_659, 2_000, 2)
    assert written["least_total_error"] == {
        "at": pytest.approx(0.2),
        "unrelated_passed": 0.0,
        "best_answers_lost": 0.0,
    }


@pytest.mark.parametrize(
    ("rows", "usual"), [(3, 10), (14, 10), (15, 100), (45, 100), (46, 1_000), (10**6, 1_000)]
)
def test_the_usual_share_can_be_told(rows: int, usual: int) -> None:
    # 14 rows have 91 pairs, 15 have 105; 45 have 990, 46 have 1,035.
    assert floor_controls.usual_share(rows) == usual


def test_why_no_sample_stands_for_off_topic_queries() -> None:
    assert floor_controls.why_none(384) == (
        "No other sample has 384 dimensions, so none can stand for off-topic queries: upload some, "
        "made by the same model."
    )
