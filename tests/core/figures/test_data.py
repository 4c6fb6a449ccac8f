import numpy as np
import pytest

from core.figures.data import BARS_AT_MOST, class_sizes, norm_counts, norm_histogram


def test_bars_are_the_classes_largest_on_top() -> None:
    long = "a name of more than twenty-two letters"
    figure = class_sizes((long, "<b>", "c"), np.array([2, 9, 2]))
    (bars,) = figure.data
    assert list(bars.x) == [9, 2, 2]
    assert list(bars.customdata) == ["&lt;b&gt;", long, "c"]
    assert list(figure.layout.yaxis.tickvals) == list(bars.y) == [0, 1, 2]
    assert figure.layout.yaxis.ticktext == ("&lt;b&gt;", "a name of more than t\u2026", "c")
    assert list(figure.layout.yaxis.range) == [2.5, -0.5]  # the first on top


def test_every_bar_has_its_name_and_no_more_than_can_be_read_are_drawn() -> None:
    sizes = np.arange(1, BARS_AT_MOST + 8)
    figure = class_sizes(tuple(map(str, sizes)), sizes)
    assert list(figure.data[0].x) == sizes[::-1][:BARS_AT_MOST].tolist()
    assert len(figure.layout.yaxis.ticktext) == BARS_AT_MOST
    assert figure.layout.height >= 14 * BARS_AT_MOST


def test_each_length_falls_into_its_bar() -> None:
    # 60 bars from 0 to 60 are 1 wide; the last one holds its upper end as well.
    (bars,) = norm_histogram(np.array([0.0, 0.25, 30.5, 59.5, 60.0])).data
    assert {float(x): int(y) for x, y in zip(bars.x, bars.y, strict=True) if y} == {
        0.5: 2,
        30.5: 1,
        59.5: 2,
    }
    np.testing.assert_allclose(bars.width, 1.0)


@pytest.mark.parametrize("length", [0.0, 1.0, 250.0])
def test_lengths_that_differ_by_rounding_make_one_bar(length: float) -> None:
    counts, edges = norm_counts(length * (1 + 1e-7 * np.linspace(0, 1, 40)))
    assert sorted(counts.tolist())[-2:] in ([0, 40], [20, 20])
    # A tenth of the longest is drawn; of nothing but zeros, a tenth of 1.
    assert edges[-1] - edges[0] == pytest.approx(0.1 * (length or 1.0))
