"""For whom the threshold fails: the sentence, the summary, the cells and their pairs."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet
from core.distances import Metric
from core.intervals import wilson_interval
from core.metrics import GroupErrors, errors_by_group, point_at, point_at_far, units_of
from pages.thresholds import groups, operating
from pages.thresholds.groups import answer, cell_table, group_table, summary, worst_cells
from pages.ui.display.text import percent
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints
from tests.pages.thresholds.labs import CODES, VECTORS, eighteen, items, made, notes, open_section

NAMES = ["ant", "bee", "cat"]
ERRORS = GroupErrors(
    score=0.5,
    far=0.05,
    target=0.05,
    accepted=np.array([[0, 100, 10], [100, 0, 1], [10, 1, 0]]),
    pairs=np.array([[0, 1_000, 200], [1_000, 0, 100], [200, 100, 0]]),
    rejected=np.array([10, 30, 20]),
    genuine=np.array([100, 100, 50]),
)
LAB = made(eighteen())


def test_the_sentence_names_who_fails_on_either_side() -> None:
    # ant: 110 of 1,200, bee: 101 of 1,100, cat: 11 of 300; bee loses 30 %, cat 40 %.
    assert answer(ERRORS, NAMES, "cosine similarity >= 0.5") == (
        "Of 3 groups, bee is wrongly matched most at cosine similarity >= 0.5 (FMR 9.18 %, 1.8 "
        "times that of all pairs); cat loses most of its own pairs (40 %)."
    )


def test_a_threshold_that_lets_nothing_through_blames_nobody() -> None:
    none = replace(ERRORS, accepted=np.zeros((3, 3), int), far=0.0)
    assert answer(none, NAMES, "t") == (
        "At t none of the 3 groups is wrongly matched; cat loses most of its own pairs (40 %)."
    )
    lax = replace(ERRORS, rejected=np.zeros(3, int), far=0.0)
    assert answer(lax, NAMES, "t") == (
        "Of 3 groups, bee is wrongly matched most at t (FMR 9.18 %); none loses any of its own "
        "pairs."
    )
    empty = replace(ERRORS, genuine=np.zeros(3, int), rejected=np.zeros(3, int))
    assert answer(empty, NAMES, "t") == "At t there are no pairs of the 3 groups to compare."


def test_the_summary_by_hand() -> None:
    cards = {name: (value, told) for name, value, told in summary(ERRORS, NAMES)}
    fmr, fnmr = np.array([110 / 1_200, 101 / 1_100, 11 / 300]), np.array([0.1, 0.3, 0.4])
    fdr = 1 - 0.5 * (fmr[1] - fmr[2]) - 0.5 * 0.3
    assert cards["FDR"][0] == f"{fdr:.3f}"
    assert cards["IR"][0] == f"{math.sqrt(fmr[1] / fmr[2]) * math.sqrt(4):.2f}"
    garbe = 0.0
    for rates in (fmr, fnmr):
        apart = sum(abs(a - b) for a in rates for b in rates)
        garbe += 0.5 * 1.5 * apart / (18 * rates.mean())
    assert cards["GARBE"][0] == f"{garbe:.3f}"
    assert cards["FMR, max / geom. mean"] == (
        f"{fmr[1] / np.prod(fmr) ** (1 / 3):.2f}",
        "The largest FMR of a group over the geometric mean of all; 1 is even.",
    )
    assert cards["FNMR, max / geom. mean"][0] == f"{0.4 / 0.012 ** (1 / 3):.2f}"
    low, high = wilson_interval(0.4, 50)
    assert cards["Worst FNMR"] == (
        "40 %",
        f"cat; 95 % (Wilson): {100 * low:.1f} % to {100 * high:.1f} %.",
    )


def test_a_rate_of_zero_takes_its_resolution_and_that_is_said() -> None:
    one = replace(ERRORS, rejected=np.array([0, 30, 20]))
    cards = {name: (value, told) for name, value, told in summary(one, NAMES)}
    # 0 of 100 is taken as 0.01.
    assert cards["FNMR, max / geom. mean"] == (
        f"{0.4 / 0.0012 ** (1 / 3):.2f}",
        "The same of the missed matches. A rate of 0 was taken as 1 / pairs for 1 of the groups.",
    )
    assert cards["IR"][0] == "not defined"


def test_groups_without_a_pair_are_left_out_of_the_summary() -> None:
    alone = replace(ERRORS, genuine=np.array([100, 0, 50]), rejected=np.array([10, 0, 20]))
    cards = {name: value for name, value, _ in summary(alone, NAMES)}
    fmr = 110 / 1_200, 11 / 300
    assert cards["FDR"] == f"{1 - 0.5 * (fmr[0] - fmr[1]) - 0.5 * 0.3:.3f}"
    few = replace(ERRORS, genuine=np.array([0, 0, 50]), rejected=np.array([0, 0, 20]))
    assert summary(few, NAMES) == []


def test_cells_are_listed_once() -> None:
    table = cell_table(ERRORS, NAMES)
    assert table[["group", "other group"]].to_numpy().tolist() == [
        ["ant", "ant"], ["ant", "bee"], ["ant", "cat"],
        ["bee", "bee"], ["bee", "cat"], ["cat", "cat"],
    ]  # fmt: skip
    line = table.iloc[1].to_dict()
    assert (line["accepted impostor pairs"], line["of pairs"], line["FMR"]) == (100, 1_000, 0.1)
    assert (line["low"], line["high"]) == pytest.approx(wilson_interval(0.1, 1_000))
    assert line["times the FMR of all"] == pytest.approx(2.0)
    # 10 of 200 is the target itself; 1 of 100 is 0.2 % to 5.4 %; cells without a pair tell nothing.
    assert table["told from it"].tolist() == [False, True, False, False, False, False]


def test_worst_cells_are_surely_above_the_rest() -> None:
    worst = worst_cells(ERRORS, NAMES)
    assert worst[["group", "other group"]].to_numpy().tolist() == [["ant", "bee"]]
    assert "told from it" not in worst
    three = replace(
        ERRORS, accepted=np.array([[0, 100, 60], [100, 0, 1], [60, 1, 0]]), target=0.02, far=0.02
    )
    assert worst_cells(three, NAMES)["FMR"].tolist() == [0.3, 0.1]
    assert worst_cells(three, NAMES, most=1)["other group"].tolist() == ["cat"]
    below = replace(three, target=0.5, far=0.5)
    assert len(worst_cells(below, NAMES)) == 0


def test_groups_are_listed_with_both_rates() -> None:
    table = group_table(ERRORS, NAMES)
    assert table.iloc[1, 1:].tolist() == pytest.approx([101 / 1_100, 1_100, 0.3, 100, 30])


def test_above_sixty_groups_the_worst_are_shown() -> None:
    even = np.full((61, 61), 100)
    accepted = even // 10
    accepted[7] = accepted[:, 7] = 1  # the one that is matched least
    errors = GroupErrors(0.5, 0.1, 0.1, accepted, even, even[0], even[0])
    assert groups.worst_groups(errors).tolist() == [code for code in range(61) if code != 7]
    assert groups.worst_groups(ERRORS).tolist() == [0, 1, 2]


def test_columns_that_repeat_can_be_groups() -> None:
    frame = pd.DataFrame(
        {
            "label": list("aabb") * 5,
            "kind": list("xy") * 10,
            "year": [2000, 2001] * 10,
            "flag": [True, False] * 10,
            "each its own": [f"w{row}" for row in range(20)],
            "one value": ["z"] * 20,
            "share": np.linspace(0, 1, 20),
            "with gaps": ["p", None, "q", "p"] * 5,
        }
    )
    mine = EmbeddingSet.from_arrays(np.eye(20), metadata=frame, name="m", label_column="label")
    assert groups.columns(mine) == ["kind", "year", "flag", "with gaps"]


def test_rows_without_a_value_are_in_no_group() -> None:
    frame = pd.DataFrame({"label": list("aabb"), "kind": ["y", None, "x", "y"]})
    mine = EmbeddingSet.from_arrays(np.eye(4), metadata=frame, name="m", label_column="label")
    codes, names = groups._codes(mine, "kind")
    assert (codes.tolist(), names) == ([1, -1, 0, 1], ["x", "y"])


def test_slots_are_places_among_the_eligible_classes() -> None:
    labels = ["z", "b", "b", None, "zz", "zz", "a", "a"]
    lab = made(items(np.random.default_rng(0).normal(size=(8, 3)), labels))
    assert lab.names == ["a", "b", "zz"]
    assert groups._slots(lab).tolist() == [-1, 1, 1, -1, 2, 2, 0, 0]


def test_a_click_on_a_cell_is_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    noted: list[object] = []
    monkeypatch.setattr(groups._CELL, "set", noted.append)
    monkeypatch.setattr(groups, "forget_widget", lambda _: None)
    for points in ([{"customdata": [2, 0]}], [], [{"customdata": [1]}]):
        monkeypatch.setattr(
            groups, "widget_value", lambda _, points=points: {"selection": {"points": points}}
        )
        groups._follow("fmr_matrix", NAMES, "kind")
    assert noted == [("kind", "cat", "ant")]


def test_the_basis_says_which_classes_are_shown() -> None:
    errors = errors_by_group(LAB.counts, 0.6)
    words = groups.basis(LAB, LAB.counts, LAB.names, errors)
    assert words == (
        "The matrix is counted at steps of the threshold, of which this is the nearest; the FMR of "
        f"all pairs is {percent(errors.far)} there. {LAB.basis}"
    )
    part = made(items(VECTORS[:14], [f"class {code}" for code in CODES[:14]]))
    words = groups.basis(LAB, part.counts, part.names, errors)
    assert words.endswith(
        " Shown are the 2 classes of the 3 that fail most at the threshold, and the pairs among "
        "them."
    )


def test_some_classes_are_compared_with_the_pairs_of_all() -> None:
    part = made(items(VECTORS[:14], [f"class {code}" for code in CODES[:14]]))
    errors = groups.errors_against_all(LAB, part.counts, 0.5)
    assert errors.target == errors.far == point_at(LAB.counts.totals, errors.score).far
    assert errors.far != errors_by_group(part.counts, 0.5).far


# ---- on the page


@pytest.mark.parametrize("metric", ["cosine", "euclidean", "inner_product"])
def test_the_section_under_each_metric(app: AppTest, metric: Metric) -> None:
    open_section(app, eighteen(), "Groups", metric=metric, far="0.2")
    assert complaints(app) == []
    lab = made(eighteen(), metric)
    at = point_at_far(lab.counts.totals, 0.2)
    assert at is not None
    errors = errors_by_group(lab.counts, at.score)
    unit = units_of(metric)[0]
    assert sentence(app) == answer(errors, lab.names, operating.value_text(unit, errors.score))
    cards = {figure.label: figure.value for figure in app.metric}
    assert cards == {name: value for name, value, _ in summary(errors, lab.names)}


def test_groups_of_a_column_cut_across_the_classes(app: AppTest, downloads: Downloads) -> None:
    open_section(app, eighteen(), "Groups", groups="year", far="0.2")
    for table in ("fmr_matrix", "fnmr_by_group"):
        app.session_state[f"{table}_table"] = True
    app.run()
    assert complaints(app) == []
    cells = downloads.csv("fmr_matrix.csv")
    years = np.arange(18) % 3
    left, right = np.triu_indices(18, 1)
    impostor = CODES[left] != CODES[right]
    for line in cells.to_dict("records"):
        one, other = int(line["group"]) - 2000, int(line["other group"]) - 2000
        between = ((years[left] == one) & (years[right] == other)) | (
            (years[left] == other) & (years[right] == one)
        )
        assert line["of pairs"] == np.count_nonzero(between & impostor)
    assert len(cells) == 6
    rates = downloads.csv("fnmr_by_group.csv")
    assert rates["group"].tolist() == [2000, 2001, 2002]
    inside = [
        np.count_nonzero((years[left] == y) & (years[right] == y) & ~impostor) for y in range(3)
    ]
    assert rates["genuine pairs"].tolist() == inside


def test_a_cell_that_was_clicked_shows_its_pairs(app: AppTest) -> None:
    open_section(app, eighteen(), "Groups", groups="year")
    app.session_state["_slot_cell_of_groups"] = ("year", "2000", "2001")
    app.run()
    assert complaints(app) == []
    said = " ".join(text.value for text in app.markdown)
    assert "Nearest impostor pairs of 2000 and 2001" in said.replace("\\", "")
    left, right = np.triu_indices(18, 1)
    years = np.arange(18) % 3
    unit = VECTORS / np.linalg.norm(VECTORS, axis=1, keepdims=True)
    first, last = np.minimum(years[left], years[right]), np.maximum(years[left], years[right])
    wanted = (CODES[left] != CODES[right]) & (first == 0) & (last == 1)
    best = (unit @ unit.T)[left, right][wanted].max()
    assert f"**{best:.4f}** cosine similarity" in said
    app.session_state["_slot_cell_of_groups"] = ("the classes", "class 0", "class 1")
    app.run()
    assert "Nearest impostor pairs" not in " ".join(text.value for text in app.markdown)


def test_more_than_200_classes_show_those_that_fail_most(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "SHOWN", 4)
    random = np.random.default_rng(2)
    codes = np.repeat(np.arange(201), 2)
    vectors = random.normal(size=(201, 6))[codes] + random.normal(size=(402, 6)) * 0.4
    mine = items(vectors, [f"class {code:03}" for code in codes])
    open_section(app, mine, "Groups", far="0.01")
    assert complaints(app) == []
    lab = made(mine)
    at = point_at_far(lab.counts.totals, 0.01)
    assert at is not None
    assert "Shown are the 4 classes of the 201 that fail most" in notes(app)
    assert "the group of 4 groups" in sentence(app) or "none of the 4 groups" in sentence(app)
    far = point_at(lab.counts.totals, at.score).far
    assert far == pytest.approx(0.01, abs=1e-3)


def test_small_groups_are_not_named_worst() -> None:
    # cat has 29 genuine pairs, one less than is told in words; bee and ant have enough.
    few = replace(ERRORS, genuine=np.array([100, 100, 29]))
    assert groups.enough_pairs(few).tolist() == [True, True, False]
    assert answer(few, NAMES, "t").endswith("bee loses most of its own pairs (30 %).")
    assert {name: value for name, value, _ in summary(few, NAMES)}["Worst FNMR"] == "30 %"
    # Where fewer than two have as many, all that have a pair of each kind speak.
    fewer = replace(ERRORS, genuine=np.array([29, 100, 29]), rejected=np.array([10, 30, 20]))
    assert groups.enough_pairs(fewer).tolist() == [True, True, True]
