"""The pictures of retrieval hold the numbers of their results."""

import numpy as np

from core.figures.threshold_retrieval import MOST_NAMED, cutoff_curves, group_dots
from core.studies.thresholds.operating import Estimate
from core.studies.thresholds.retrieval import GroupFigures

WHOLE = Estimate(0.5, 0.4, 0.6)


def groups(count: int, queries: int = 12) -> GroupFigures:
    value = np.linspace(0.1, 0.9, count)
    return GroupFigures(
        groups=np.arange(count)[::-1],
        rows=np.full(count, 30),
        queries=np.full(count, queries),
        value=value,
        low=value - 0.05,
        high=value + 0.08,
        macro=Estimate(0.55, 0.5, 0.6),
        macro_std=Estimate(0.2, 0.1, 0.3),
    )


def test_the_lowest_stands_at_the_top_with_its_interval() -> None:
    names = ["<b>bold</b>", "plain", "a name of more than twenty-eight letters"]
    figure = group_dots(groups(3), names, WHOLE, title="MRR")
    dots = figure.data[0]
    np.testing.assert_allclose(dots.x, [0.1, 0.5, 0.9])
    np.testing.assert_allclose(dots.error_x.array, 0.08)
    np.testing.assert_allclose(dots.error_x.arrayminus, 0.05)
    assert figure.layout.yaxis.range[0] > figure.layout.yaxis.range[1]
    assert figure.layout.yaxis.ticktext == (
        "a name of more than twent...",
        "plain",
        "&lt;b&gt;bold&lt;/b&gt;",
    )
    assert dots.customdata[0][0] == names[2]  # in full
    assert figure.layout.xaxis.title.text == "MRR"
    low, high = figure.layout.xaxis.range
    assert low < 0.05
    assert high > 0.98
    assert [line.x[0] for line in figure.data[1:]] == [0.5, 0.55]
    assert figure.layout.shapes == ()


def test_many_groups_are_named_up_to_forty_beside_a_band_of_all() -> None:
    found = groups(101)
    figure = group_dots(found, [f"class {code}" for code in range(101)], WHOLE, title="MRR")
    assert len(figure.data[0].x) == len(figure.layout.yaxis.ticktext) == MOST_NAMED
    (band,) = figure.layout.shapes
    assert np.allclose([band.x0, band.x1], [0.18, 0.82])
    assert (band.name, band.showlegend) == ("middle 80 % of all 101 groups", True)
    assert figure.layout.xaxis.range[1] > 0.82


def test_groups_of_few_queries_are_hollow() -> None:
    found = groups(3, queries=9)
    found.queries[1] = 10
    figure = group_dots(found, list("abc"), WHOLE, title="MRR")
    full, hollow = figure.data[:2]
    assert (len(full.x), len(hollow.x)) == (1, 2)
    assert hollow.name == "fewer than 10 queries"
    assert hollow.marker.color != hollow.marker.line.color


def test_curves_have_bands_and_the_chosen_k() -> None:
    mean = np.array([0.2, 0.3, 0.5])
    figure = cutoff_curves({"hit@k": (mean, mean - 0.1, mean + 0.1)}, 2)
    band, line = figure.data
    np.testing.assert_allclose(band.y, [0.3, 0.4, 0.6, 0.4, 0.2, 0.1])
    np.testing.assert_allclose(band.x, [1, 2, 3, 3, 2, 1])
    np.testing.assert_allclose(line.y, mean)
    assert line.name == "hit@k"
    assert figure.layout.shapes[0].x0 == 2


def test_a_single_k_is_a_point() -> None:
    one = np.array([0.4])
    figure = cutoff_curves({"hit@k": (one, one, one)}, 1, dark=True)
    assert figure.data[1].mode == "lines+markers"
