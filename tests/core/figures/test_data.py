import numpy as np
import pytest

from core.figures.data import BARS_AT_MOST, class_sizes, norm_counts, norm_histogram


def test_bars_are_the_classes_largest_first() -> None:
    (bars,) = class_sizes(("a", "<b>", "c"), np.array([2, 9, 2])).data
    assert list(bars.x) == ["&lt;b&gt;", "a", "c"]
    assert list(bars.y) == [9, 2, 2]


def test_classes_that_are_not_drawn_are_counted() -> None:
    sizes = np.arange(1, BARS_AT_MOST + 8)
    figure = class_sizes(tuple(map(str, sizes)), sizes)
    assert list(figure.data[0].y) == sizes[::-1][:BARS_AT_MOST].tolist()
    assert figure.layout.xaxis.title.text == "class (the 7 smallest not drawn)"


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
