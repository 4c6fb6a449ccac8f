from typing import Any

import numpy as np
import pytest

from core.figures.experiments.insertion_order import order_recall
from core.figures.theme import FOUND, surface
from core.studies.experiments.insertion_order_results import (
    ASCENDING,
    DESCENDING,
    RANDOM,
    InsertionOrder,
    OrderRun,
)

COSTS = (100.0, 300.0, 200.0)


def study(efs: tuple[int, ...] = (10, 40)) -> InsertionOrder:
    """Three seeds of three orders; each query has the recall of its seed, plus 0.1 per ef."""
    means = {RANDOM: (0.5, 0.5, 0.65), ASCENDING: (0.4,) * 3, DESCENDING: (0.55, 0.65, 0.6)}
    runs = [
        OrderRun(
            order,
            seed,
            np.tile(recall + 0.1 * np.arange(len(efs)), (4, 1)),
            np.full(len(efs), COSTS[seed]),
        )
        for order, recalls in means.items()
        for seed, recall in enumerate(recalls)
    ]
    return InsertionOrder(10, efs, 50, 4, (0, 1, 2), np.ones(50), True, tuple(runs))


def panel(figure: Any, place: int) -> tuple[Any, Any]:
    """Means and seeds of the panel at a place."""
    means, seeds = figure.data[2 * place : 2 * place + 2]
    return means, seeds


def test_each_order_has_its_mean_with_the_interval() -> None:
    made = study()
    figure = order_recall(made)
    for place, ef in enumerate(made.efs):
        means, _ = panel(figure, place)
        assert means.y == (DESCENDING, ASCENDING, RANDOM)
        # the means of three seeds, and 0.1 more at the second ef
        assert list(means.x) == pytest.approx(np.array([0.6, 0.4, 0.55]) + 0.1 * place)
        summary = made.summary(RANDOM, ef)
        assert means.x[2] + means.error_x.array[2] == pytest.approx(summary.high)
        assert means.x[2] - means.error_x.arrayminus[2] == pytest.approx(summary.low)
        assert means.customdata[2] == pytest.approx([summary.low, summary.high, 200])


def test_equal_seeds_have_no_interval() -> None:
    """Queries do not differ here, so that only seeds could."""
    error = panel(order_recall(study()), 0)[0].error_x
    assert (error.array[1], error.arrayminus[1]) == pytest.approx((0, 0))
    # one of 27 draws has the best seed alone, eight have only the two others
    assert (error.array[2], error.arrayminus[2]) == pytest.approx((0.1, 0.05))


def test_each_seed_is_a_small_grey_dot() -> None:
    means, seeds = panel(order_recall(study(), dark=True), 1)
    dots = sorted(zip(seeds.y, seeds.customdata, np.round(seeds.x, 6), strict=True))
    assert dots == [
        (ASCENDING, 0, 0.5),
        (ASCENDING, 1, 0.5),
        (ASCENDING, 2, 0.5),
        (DESCENDING, 0, 0.65),
        (DESCENDING, 1, 0.75),
        (DESCENDING, 2, 0.7),
        (RANDOM, 0, 0.6),
        (RANDOM, 1, 0.6),
        (RANDOM, 2, 0.75),
    ]
    assert (seeds.marker.color, means.marker.color) == (surface(True).other, FOUND)
    assert seeds.marker.size < means.marker.size


def test_up_to_three_panels_stand_side_by_side_and_share_the_orders() -> None:
    figure = order_recall(study((10, 20, 40)))
    layout = figure.layout
    assert [axis.anchor for axis in (layout.xaxis, layout.xaxis2, layout.xaxis3)] == [
        "y",
        "y2",
        "y3",
    ]
    assert layout.yaxis2.matches == layout.yaxis3.matches == "y"
    assert layout.yaxis.domain == layout.yaxis3.domain == (0, 1)
    assert [note.text for note in layout.annotations] == ["ef 10", "ef 20", "ef 40"]
    titles = [axis.title.text for axis in (layout.xaxis, layout.xaxis2, layout.xaxis3)]
    assert titles == [None, "mean recall@10", None]  # three would overlap on a phone
    assert layout.height == 420


def test_more_panels_are_stacked() -> None:
    figure = order_recall(study((10, 20, 40, 80)))
    layout = figure.layout
    assert layout.xaxis.domain == layout.xaxis4.domain == (0, 1)
    assert layout.yaxis.domain[0] > layout.yaxis2.domain[1]
    assert layout.height == 4 * (64 + 3 * 20)
    assert (layout.xaxis.title.text, layout.xaxis4.title.text) == (None, "mean recall@10")


def test_first_order_is_on_top() -> None:
    assert order_recall(study()).layout.yaxis.categoryarray == (RANDOM, ASCENDING, DESCENDING)
