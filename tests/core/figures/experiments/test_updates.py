from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.figures.experiments.updates import updates_by_round
from core.figures.theme import CLASS_COLORS, surface
from core.index import HnswParams
from core.index.churn import HOWS
from core.studies.experiments.updates import updates
from core.studies.experiments.updates_results import Series, Updates

NAMES = ["updated in place", "deleted and inserted again", "deleted"]


def made() -> Updates:
    random = np.random.default_rng(0)
    vectors = random.normal(size=(400, 8)).astype(np.float32)
    params = HnswParams("euclidean", m=2, ef_construction=8)
    return updates(vectors, params, k=4, ef=10, rounds=2, share=0.125)


@pytest.fixture(scope="module")
def study() -> Updates:
    return made()


def lines(figure: Any, axis: str) -> list[Any]:
    """The lines of one panel that stand for a series."""
    return [line for line in figure.data if line.xaxis == axis and line.x[0] is not None]


def by_hand(study: Updates) -> Updates:
    """The same study with one series of figures that can be checked by eye."""
    series = Series(
        how="update",
        rounds=np.arange(3),
        recall=np.array([0.9, 0.8, 0.75]),
        recall_low=np.array([0.85, 0.7, 0.7]),
        recall_high=np.array([0.95, 0.85, 0.8]),
        distance_computations=np.array([1000.0, 1100.0, 1234.5]),
        live=np.array([400, 400, 400]),
        unreachable=np.array([0, 2, 6]),
        unfindable_share=np.array([0.0, 0.01, 0.025]),
    )
    return Updates(
        4, 1000, 400, 0.125, study.queries, study.duplicates, (series, *study.series[1:])
    )


def test_recall_with_its_interval(study: Updates) -> None:
    band, line, *_ = updates_by_round(by_hand(study)).data
    assert band.x.tolist() == [0, 1, 2, 2, 1, 0]
    assert band.y.tolist() == [0.95, 0.85, 0.8, 0.7, 0.7, 0.85]
    assert (band.fill, band.fillcolor, band.hoverinfo) == ("toself", line.line.color, "skip")
    assert line.y.tolist() == [0.9, 0.8, 0.75]
    assert line.customdata[2].tolist() == [0.7, 0.8, 1234.5]
    assert "%{customdata[0]:.4f} to %{customdata[1]:.4f}" in line.hovertemplate
    assert "%{customdata[2]:,.0f} distance computations per query" in line.hovertemplate


def test_lost_items_are_shares_of_those_not_deleted(study: Updates) -> None:
    unreachable, not_found = lines(updates_by_round(by_hand(study)), "x2")[:2]
    assert unreachable.y.tolist() == [0, 0.5, 1.5]  # 2 and 6 of 400, in %
    assert not_found.y.tolist() == pytest.approx([0, 1, 2.5])
    assert unreachable.customdata.tolist() == [[0, 400], [2, 400], [6, 400]]
    assert "%{customdata[0]:,} of %{customdata[1]:,} items" in unreachable.hovertemplate
    assert (unreachable.line.dash, not_found.line.dash) == ("solid", "dot")
    assert unreachable.line.color == not_found.line.color == CLASS_COLORS[0]


def test_each_series_has_a_color_and_one_entry_in_the_legend(study: Updates) -> None:
    figure = updates_by_round(study)
    recall = [line for line in lines(figure, "x") if line.fill is None]
    assert [line.name for line in recall] == NAMES
    assert [line.line.color for line in recall] == list(CLASS_COLORS[:3])
    for line, how in zip(recall, HOWS, strict=True):
        np.testing.assert_array_equal(line.y, study.of(how).recall)
        group = [each for each in figure.data if each.legendgroup == line.name]
        assert len(group) == 4  # the band, the recall, and two kinds of lost items
        assert {each.line.color or each.fillcolor for each in group} == {line.line.color}
    shown = [each.name for each in figure.data if each.showlegend is not False]
    assert shown == [*NAMES, "no search can reach it", "its own vector does not find it"]


def test_a_series_keeps_its_color_while_others_are_missing(study: Updates) -> None:
    alone = replace(study, series=(study.of("delete"),))
    line = lines(updates_by_round(alone), "x")[1]
    assert (line.name, line.line.color) == ("deleted", CLASS_COLORS[2])


def test_deleted_items_are_no_part_of_the_shares(study: Updates) -> None:
    series, (unreachable, not_found) = study.of("delete"), lines(updates_by_round(study), "x2")[4:]
    # an eighth of the 360 items goes in each round
    expected = [
        100 * lost / of for lost, of in zip(series.unreachable, (360, 315, 270), strict=True)
    ]
    assert unreachable.y.tolist() == pytest.approx(expected)
    assert not_found.y.tolist() == pytest.approx((100 * series.unfindable_share).tolist())


def test_titles_name_the_setting_and_the_units(study: Updates) -> None:
    figure = updates_by_round(by_hand(study))
    assert [note.text for note in figure.layout.annotations] == [
        "mean recall@4 at ef 1,000",
        "items lost",
    ]
    layout = figure.layout
    assert layout.xaxis.title.text == layout.xaxis2.title.text == "rounds of 50 items"
    assert layout.yaxis.title.text == "mean recall"
    assert layout.yaxis2.title.text == "% of items not deleted"
    assert layout.xaxis.dtick == 1


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(study: Updates, dark: bool) -> None:
    figure = updates_by_round(study, dark=dark, height=333)
    assert figure.layout.height == 333
    assert figure.layout.template.layout.font.color == surface(dark).text
    assert figure.data[-1].line.color == surface(dark).muted
