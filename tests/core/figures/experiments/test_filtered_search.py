from typing import Any

import numpy as np
import pytest

from core.figures.experiments.filtered_search import filter_costs, filter_recall
from core.studies.experiments.filtered_search_results import Climb, FilterCell, FilteredSearch

DURING, AFTER = "filter during the traversal", "filter afterwards"
BRUTE_FORCE = "brute force over the allowed"


def climb(cost: float, recall: float, at_ef: float) -> Climb:
    """A climb whose last ef has this cost and recall."""
    return Climb(
        0.9, np.array([10, 20]), np.array([0.5, recall]), np.array([cost / 2, cost]), at_ef
    )


# of 10,000 rows: brute force costs 5,000, 500 and 50
CELLS = (
    FilterCell(None, 0.5, 5000, climb(400, 0.95, 0.97), climb(300, 0.95, 0.98)),
    FilterCell(None, 0.05, 500, climb(800, 0.9, 0.9), climb(2000, 0.9, 0.5)),
    FilterCell(None, 0.005, 50, climb(1600, 0.9, 0.8), climb(9000, 0.4, 0.25)),
)


def study(cells: tuple[FilterCell, ...] = CELLS) -> FilteredSearch:
    return FilteredSearch(10, 0.9, 64, 512, 10_000, 100, cells, (), 16, 4)


def named(figure: Any, name: str) -> Any:
    return next(trace for trace in figure.data if trace.name == name)


def test_costs_of_each_way_by_selectivity_in_percent() -> None:
    figure = filter_costs(study())
    assert [trace.name for trace in figure.data] == [DURING, AFTER, BRUTE_FORCE]
    for trace in figure.data:
        assert list(trace.x) == pytest.approx([50, 5, 0.5])
        assert list(trace.customdata) == [5000, 500, 50]
    assert list(named(figure, DURING).y) == [400, 800, 1600]
    assert list(named(figure, BRUTE_FORCE).y) == [5000, 500, 50]


def test_a_way_that_misses_the_target_has_a_gap() -> None:
    after = named(filter_costs(study()), AFTER)
    np.testing.assert_array_equal(after.y, [300, 2000, np.nan])
    assert after.connectgaps is False


def test_selectivity_falls_to_the_right_and_both_axes_are_logarithmic() -> None:
    layout = filter_costs(study()).layout
    left, right = 10 ** np.array(layout.xaxis.range)
    assert left > 50
    assert right < 0.5
    low, high = 10 ** np.array(layout.yaxis.range)
    assert low < 50
    assert high > 5000
    assert (layout.xaxis.type, layout.yaxis.type) == ("log", "log")


def test_where_brute_force_becomes_the_cheapest() -> None:
    figure = filter_costs(study())
    (line,) = figure.layout.shapes
    (words,) = figure.layout.annotations
    assert line.x0 == line.x1 == pytest.approx(5)  # 500 < 800 and 2,000
    assert words.x == pytest.approx(np.log10(5))
    assert words.text == "brute force is cheapest →"


def test_no_line_where_brute_force_never_is() -> None:
    figure = filter_costs(study(CELLS[:1]))
    assert figure.layout.shapes == figure.layout.annotations == ()


def test_recall_at_the_ef_in_common() -> None:
    figure = filter_recall(study())
    assert [trace.name for trace in figure.data] == [DURING, AFTER]
    assert list(named(figure, DURING).y) == [0.97, 0.9, 0.8]
    assert list(named(figure, AFTER).y) == [0.98, 0.5, 0.25]
    (target,) = figure.layout.shapes
    assert target.y0 == target.y1 == 0.9
    assert figure.layout.yaxis.title.text == "mean recall@10 at ef 64"


def test_a_way_has_one_color_and_symbol_in_both_figures() -> None:
    costs, recall = filter_costs(study()), filter_recall(study(), dark=True)
    for name in (DURING, AFTER):
        first, second = named(costs, name), named(recall, name)
        assert first.line.color == second.line.color
        assert first.marker.symbol == second.marker.symbol
    assert len({trace.line.color for trace in costs.data}) == 3


def test_no_filters() -> None:
    assert [len(trace.x) for trace in filter_costs(study(())).data] == [0, 0, 0]
    assert [len(trace.x) for trace in filter_recall(study(())).data] == [0, 0]
