"""What is said of the health of an index, of verdicts made by hand whose figures all differ."""

from dataclasses import replace

import numpy as np
import pytest

from core.index import Census, HnswParams
from core.studies import Diagnosis, LossCause, Verdict
from core.studies.inspection.verdict import (
    CLASS_ORDER,
    DUPLICATES,
    FIXES,
    LENGTHS,
    NEAR_MEAN,
    SMALL_EF,
    SMALL_M,
    ZEROS,
)
from pages.layers import what_if
from pages.ui.display import verdict_words

NONE = np.empty(0, dtype=bool)
CENSUS = Census(NONE, NONE, np.empty(0, np.int64), NONE, NONE, 512, 0)
SOUND = Diagnosis(n=8000, unreachable=0, searched=500, not_found=0, ef=512)
M_4 = LossCause(SMALL_M, 0.75, 4)


def of(cause: LossCause | None = M_4, m: int = 4, **figures: int) -> Verdict:
    return Verdict(CENSUS, replace(SOUND, **figures), cause, m)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({}, "sound: 500 items searched for, all found"),
        ({"n": 1, "searched": 1}, "sound: 1 item searched for, all found"),
        ({"not_found": 3}, "sound: 497 of 500 items searched for are found"),
        (
            {"unreachable": 2, "not_found": 1},
            "sound: 2 of 8,000 items unreachable; 499 of 500 items searched for are found",
        ),
        ({"searched": 0}, "sound: all items can be reached"),
        ({"searched": 0, "unreachable": 7}, "sound: 7 of 8,000 items unreachable"),
    ],
)
def test_a_sound_index_gets_a_calm_word_in_the_side_bar_and_none_on_pages(
    figures: dict[str, int], words: str
) -> None:
    assert verdict_words.card(of(None, **figures)) == words
    assert verdict_words.line(of(None, **figures)) == ""


def test_a_broken_index_in_the_side_bar() -> None:
    # 400 of 8,000 unreachable, 5 %; 150 of 500 more not found, 30 %.
    lost = of(unreachable=400, not_found=150)
    assert verdict_words.card(lost) == "loses 35 % of its items, mostly because M is 4"
    apart = replace(lost, cause=replace(M_4, share=0.49))
    assert verdict_words.card(apart) == "loses 35 % of its items, most often because M is 4"
    assert verdict_words.card(replace(lost, cause=None)) == "loses 35 % of its items"


def test_a_broken_index_on_pages() -> None:
    # Wilson for 0.3 of 500: 0.2615 to 0.3416; with the 0.05 that cannot be reached 31 to 39 %.
    assert verdict_words.line(of(unreachable=400, not_found=150)) == (
        "This index loses 35 % of its items (400 of 8,000 cannot be reached by any search; 150 "
        "reachable ones not found of 500 searched for at ef 512; 95 % interval 31 to 39 %), mostly "
        "because M is 4: too few links for this data."
    )
    # Wilson for 0.05 of 500: 0.0341 to 0.0728.
    assert verdict_words.line(of(not_found=25)) == (
        "This index loses 5 % of its items (25 not found of 500 searched for at ef 512; 95 % "
        "interval 3.4 to 7.3 %), mostly because M is 4: too few links for this data."
    )


def test_shares_that_are_counted_have_no_interval() -> None:
    assert verdict_words.line(of(None, searched=0, unreachable=1012)) == (
        "This index loses 12.7 % of its items (1,012 of 8,000 cannot be reached by any search)."
    )
    assert verdict_words.line(of(None, n=500, unreachable=50, not_found=13)) == (
        "This index loses 12.6 % of its items (50 of 500 cannot be reached by any search; 13 "
        "reachable ones not found of 500 searched for at ef 512)."
    )


def test_more_unreachable_items_than_usual_are_said_though_the_graph_is_not_broken() -> None:
    some = of(None, searched=0, unreachable=40)
    assert verdict_words.card(some) == "loses 0.500 % of its items"
    assert verdict_words.line(some).startswith("This index loses 0.500 % of its items (40 of 8,000")


@pytest.mark.parametrize(
    ("kind", "figure", "short", "effect"),
    [
        (SMALL_M, 3.0, "M is 3", "too few links for this data"),
        (
            SMALL_EF,
            8.0,
            "ef_construction is 8",
            "there are hardly more candidates than links to choose from them",
        ),
        (ZEROS, 1200.0, "1,200 vectors are zero", "their links lead to one another"),
        (ZEROS, 1.0, "1 vector is zero", "their links lead to one another"),
        (
            DUPLICATES,
            481.0,
            "481 vectors are exact copies of others",
            "their links lead to one another",
        ),
        (
            NEAR_MEAN,
            40.0,
            "40 vectors lie close to the mean of all",
            "they are hubs that push other links out",
        ),
        (
            CLASS_ORDER,
            0.3217,
            "rows come class after class",
            "each lies 0.322 times as far from the next as from any other, so few links lead from "
            "class to class",
        ),
        (
            LENGTHS,
            20.07,
            "lengths differ",
            "the longest vector is 20.1 times as long as the median one, and under inner product "
            "short ones are linked to by few",
        ),
    ],
)
def test_every_cause_has_its_words_with_its_figure(
    kind: str, figure: float, short: str, effect: str
) -> None:
    lost = of(LossCause(kind, 1.0, figure), unreachable=800)
    assert verdict_words.card(lost).endswith(f"of its items, mostly because {short}")
    assert verdict_words.line(lost).endswith(f"), mostly because {short}: {effect}.")


def test_the_fix_is_named_and_its_controls_are_set() -> None:
    def fix(kind: str, figure: float = 9, m: int = 4) -> tuple[str, dict[str, str]]:
        lost = of(LossCause(kind, 1.0, figure), m=m, unreachable=800)
        return verdict_words.fix_label(lost), verdict_words.fix_values(lost)

    assert fix(SMALL_M) == ("Try a fix: M 16", {"change": "other M", "m2": "16"})
    assert fix(SMALL_M, m=12) == ("Try a fix: M 24", {"change": "other M", "m2": "24"})
    assert fix(LENGTHS, m=100) == ("Try a fix: M 128", {"change": "other M", "m2": "128"})
    wider = {"change": "other ef_construction", "efc2": "200"}
    assert fix(SMALL_EF) == ("Try a fix: ef_construction 200", wider)
    assert fix(SMALL_EF, 150) == (
        "Try a fix: ef_construction 300",
        {"change": "other ef_construction", "efc2": "300"},
    )
    assert fix(DUPLICATES) == ("Try a fix: no duplicates", {"change": "without duplicates"})
    assert fix(CLASS_ORDER) == ("Try a fix: a random order", {"change": "random order"})
    assert all(fix(kind)[1]["change"] == change for kind, change in FIXES.items())
    assert verdict_words.fix_label(of(None)) == ""
    assert verdict_words.fix_values(of(None)) == {}


def test_what_if_begins_with_the_values_of_the_fix() -> None:
    assert what_if.usual_values(HnswParams(m=2, ef_construction=4)) == (16, 200)
    assert what_if.usual_values(HnswParams(m=12, ef_construction=150)) == (24, 300)
    assert what_if.usual_values(HnswParams(m=100, ef_construction=1500)) == (128, 2000)
