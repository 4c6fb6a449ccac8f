"""Several thresholds in words and rows, of results made by hand, and the part opened."""

from dataclasses import replace

import numpy as np
from streamlit.testing.v1 import AppTest

from core.studies.thresholds.several import (
    ADAPTIVE,
    ONE,
    PER_CLASS,
    WAYS,
    Z_NORM,
    Several,
    WayFigures,
    WayOpis,
    several,
)
from pages.thresholds import several as page
from tests.pages.conftest import Downloads
from tests.pages.thresholds.conftest import LABELS, VECTORS, notes, open_part, told


def figures(way: str, frr: float, gain: tuple[float, float]) -> WayFigures:
    return WayFigures(
        way=way,
        far=0.0099,
        frr=frr,
        class_far=np.array([0.02, 0.005]),
        class_frr=np.array([0.25, 0.75]) if way == ONE else np.array([0.5, 0.375]),
        class_utility=np.array([0.8, 0.4]) if way == ONE else np.array([0.6, 0.7]),
        frr_interval=(frr - 0.1, frr + 0.1),
        frr_gain=gain,
    )


NO_GAIN = (-0.01, 0.01)
FOUND = Several(
    opis={
        way: WayOpis(0.02, (0.01, 0.03), (0.0, 0.0) if way == ONE else (-0.004, 0.004))
        for way in WAYS
    },
    at={0.01: {way: figures(way, 0.5, NO_GAIN) for way in WAYS}},
    classes=np.array([0, 2]),
    members=np.array([7, 5]),
    held_out=np.arange(12),
    set_on=np.arange(12, 22),
    impostors=70,
    rows=22,
    n=22,
    left_out=0,
    equal="FRR",
    clusters=8,
    top=200,
    seed=4,
)
NAMES = ("ant", "bee", "cat")


def won(opis: dict[str, float], frr: dict[str, float]) -> Several:
    """The result in which some ways win by more than chance."""
    return replace(
        FOUND,
        opis=FOUND.opis
        | {way: WayOpis(value, (0.001, 0.01), (0.005, 0.02)) for way, value in opis.items()},
        at={
            0.01: FOUND.at[0.01]
            | {way: figures(way, value, (0.01, 0.2)) for way, value in frr.items()}
        },
    )


def test_the_answer_where_nothing_wins() -> None:
    assert page.answer(FOUND, 0.01) == (
        "Nothing tried here serves the 2 classes more alike than one threshold (OPIS 0.0200) by "
        "more than chance. None loses fewer true pairs than one threshold at FAR 1 % by more than "
        "chance."
    )


def test_the_answer_names_who_serves_alike_at_what_price_and_who_loses_least() -> None:
    found = won({PER_CLASS: 0.005, Z_NORM: 0.008}, {ADAPTIVE: 0.4, Z_NORM: 0.45})
    found.at[0.01][PER_CLASS] = figures(PER_CLASS, 0.625, (-0.2, -0.1))
    assert page.answer(found, 0.01) == (
        "A threshold per class serves the 2 classes most alike: OPIS 0.00500 instead of 0.0200, at "
        "the price of an FRR of 62.5 % instead of 50 % at FAR 1 %. Adaptive s-norm loses the "
        "fewest true pairs at FAR 1 %: FRR 40 % instead of 50 %."
    )


def test_the_answer_where_one_way_wins_both() -> None:
    assert page.answer(won({Z_NORM: 0.004}, {Z_NORM: 0.45}), 0.01) == (
        "z-norm serves the 2 classes most alike: OPIS 0.00400 instead of 0.0200, with an FRR of "
        "45 % instead of 50 % at FAR 1 %. It also loses the fewest true pairs."
    )


def test_the_worst_class_before_and_after() -> None:
    assert page.worst(won({PER_CLASS: 0.005}, {}), 0.01, NAMES) == (
        "Served worst at FAR 1 %: cat with one threshold (FRR 75 %, FAR 0.500 %), ant with a "
        "threshold per class (FRR 50 %, FAR 2 %)."
    )
    assert page.worst(FOUND, 0.01, NAMES) == (
        "Served worst at FAR 1 %: cat with one threshold (FRR 75 %, FAR 0.500 %)."
    )


def test_what_the_figures_rest_on() -> None:
    assert page.basis(FOUND) == (
        "Everything is set on one half of each class's members (10 rows), and the figures are of "
        "the other half: 70 impostor trials of all 22 rows of these classes. Intervals: 95 % by "
        "bootstrap over classes."
    )
    less = page.basis(replace(FOUND, n=900, left_out=1))
    assert "70 impostor trials of 22 of 900 rows, drawn with seed 4." in less
    assert less.endswith("1 class of fewer than 4 members left out.")
    assert page.unresolved(FOUND, 0.001) == (
        "FAR 0.1 % cannot be told: the held-out members have 70 impostor trials."
    )


def test_the_tables_hold_every_way_and_every_class() -> None:
    rows = page.ways_table(FOUND, 0.01, NAMES).set_index("way")
    assert rows.index.tolist() == list(WAYS)
    one = rows.loc[ONE]
    assert (one["OPIS"], one["OPIS from"], one["OPIS to"]) == (0.02, 0.01, 0.03)
    assert (one["FRR"], one["FRR from"], one["FRR to"], one["FAR"]) == (0.5, 0.4, 0.6, 0.0099)
    assert (one["worst class"], one["its utility"]) == ("cat", 0.4)
    assert (one["its FRR"], one["its FAR"]) == (0.75, 0.005)
    assert rows.loc[Z_NORM, "OPIS lower by, to"] == 0.004
    classes = page.classes_table(FOUND, 0.01, Z_NORM, NAMES)
    assert classes.to_dict("list") == {
        "class": ["cat", "ant"],
        "held-out members": [5, 7],
        "utility before": [0.4, 0.8],
        "utility after": [0.7, 0.6],
        "FRR before": [0.75, 0.25],
        "FRR after": [0.375, 0.5],
        "FAR before": [0.005, 0.02],
        "FAR after": [0.005, 0.02],
    }


def test_the_part_says_what_the_study_finds(labeled: AppTest, downloads: Downloads) -> None:
    open_part(labeled, "Several thresholds", several_equal="FAR", several_way="z-norm")
    found = several(VECTORS, LABELS, equal="FAR")
    assert told(labeled) == page.answer(found, 0.01)
    names = tuple(f"<b>kind</b> {code}" for code in range(6))
    assert page.worst(found, 0.01, names) in notes(labeled)
    ways = downloads.csv("several_thresholds.csv")
    assert ways["way"].tolist() == list(WAYS)
    assert ways["FRR"].tolist() == [round(each.frr, 5) for each in found.at[0.01].values()]
    labeled.session_state["several_classes_table"] = True
    labeled.run()
    classes = downloads.csv("several_classes.csv").set_index("class")
    after = found.at[0.01][Z_NORM].class_utility
    assert classes.loc[list(names), "utility after"].tolist() == after.round(5).tolist()


def test_a_far_that_cannot_be_told_says_so(labeled: AppTest) -> None:
    open_part(labeled, "Several thresholds", world_far="1 in 10,000")
    assert told(labeled).startswith("FAR 0.01 % cannot be told: the held-out members have ")
