import re
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from core.errors import ParameterError
from core.figures.inspection.anatomy import degree_distribution, link_lengths, nodes_per_layer
from core.figures.theme import EXPANDED, FOUND, VISITED, surface
from core.index import Anatomy, HnswParams, LayerAnatomy, anatomy, build_hnsw


def layer(number: int, **changes: Any) -> LayerAnatomy:
    """A layer of 8 nodes with made-up figures; M is 2."""
    given: dict[str, Any] = {
        "layer": number,
        "nodes": 8,
        "expected_nodes": 8 / 2**number,
        "links": 10,
        "limit": 2 if number else 4,
        "out_degree": np.array([0, 1, 1, 2, 2, 2, 4, 4]),
        "in_degree": np.array([0, 0, 1, 1, 1, 2, 2, 9]),
        "reciprocity": 0.5,
        "weak_components": 1,
        "strong_components": 2,
        "largest_weak": 8,
        "largest_strong": 7,
        "link_lengths": np.arange(101) / 100,
        "lengths_sampled": False,
    }
    return LayerAnatomy(**{**given, **changes})


def of_layers(*layers: LayerAnatomy, p_value: float = 0.25) -> Anatomy:
    return Anatomy(layers, p_value, seed=0)


def traces(figure: Any) -> dict[str, Any]:
    return {trace.name: trace for trace in figure.data}


def test_bars_hold_the_nodes_and_marks_the_level_law() -> None:
    figure = nodes_per_layer(of_layers(layer(0), layer(1, nodes=3), layer(2, nodes=2)))
    bars, law = figure.data
    assert bars.orientation == "h"
    assert bars.y == law.y == ("layer 0", "layer 1", "layer 2")
    assert bars.x.tolist() == [8, 3, 2]
    assert bars.marker.color == VISITED
    assert law.x.tolist() == [8, 4, 2]  # 8 / 2^layer
    # Heads in 8 throws of a coin: P(0) = 1/256, P(<= 1) = 9/256 = 0.035, so 2.5 % lie below 1,
    # and as many above 7; with chance 1/4: P(0) = 0.100, P(<= 4) = 0.973, P(<= 5) = 0.996.
    assert law.customdata.tolist() == [[8, 8], [1, 7], [0, 5]]
    assert law.error_x.arrayminus.tolist() == [0, 3, 2]
    assert law.error_x.array.tolist() == [0, 3, 3]
    assert law.name == "level law, 95 % interval (p = 0.25)"
    assert figure.layout.xaxis.type == "log"
    assert [10**end for end in figure.layout.xaxis.range] == pytest.approx([0.7, 24])  # 3 x 8
    assert figure.layout.yaxis.ticktext == ("layer 0: 8", "layer 1: 3", "layer 2: 2")


def test_the_interval_is_that_of_the_binomial_law() -> None:
    vectors = np.random.default_rng(0).normal(size=(3000, 4)).astype(np.float32)
    found = anatomy(build_hnsw(vectors, HnswParams("euclidean", m=4, ef_construction=10)))
    law = nodes_per_layer(found).data[1]
    for place, (low, high) in enumerate(law.customdata.tolist()):
        chance = binom(3000, 4.0**-place)
        assert chance.cdf(low - 1) < 0.025 <= chance.cdf(low)
        assert chance.cdf(high - 1) < 0.975 <= chance.cdf(high)


def test_no_p_value_is_shown_where_there_is_none() -> None:
    figure = nodes_per_layer(of_layers(layer(0), p_value=float("nan")))
    assert figure.data[1].name == "level law, 95 % interval"
    assert figure.layout.height == 156  # 120 and a row of 36
    assert nodes_per_layer(of_layers(layer(0), layer(1))).layout.height == 192
    assert nodes_per_layer(of_layers(layer(0)), height=300).layout.height == 300


def test_degrees_are_steps_and_widen_beyond_the_limit() -> None:
    drawn = traces(degree_distribution(of_layers(layer(0)), 0))
    # Limit 4. Degrees 0 to 4 alone, then bins from 5, 6 (5.75 up), 7 (6.9 up), 9 (8.05 up), to 11.
    edges = [0.3, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 8.5, 10.5]
    out, into = drawn["out-degree"], drawn["in-degree"]
    for steps in (out, into):
        assert steps.x.tolist() == [0.3, *edges]
        assert steps.line.shape == "hv"
    # 1, 2, 3, 0 and 2 nodes have 0 to 4 links out. The one node of in-degree 9 shares its bin with
    # degree 10: half a node per degree, the least height. Half of it is the axis' end, and a tenth
    # of that, out of sight, stands for no nodes.
    none = pytest.approx(0.025)
    assert list(out.y) == [none, 1, 2, 3, none, 2, none, none, none, none, none]
    assert list(into.y) == [none, 2, 3, 2, none, none, none, none, none, 0.5, none]
    assert into.text[1:-1] == (
        *("0: 2", "1: 3", "2: 2", "3: 0", "4: 0", "5: 0", "6: 0", "7 to 8: 0", "9 to 10: 1"),
    )
    assert (out.line.color, into.line.color) == (EXPANDED, FOUND)


def test_the_axes_of_degrees_hold_every_step_and_the_limit() -> None:
    figure = degree_distribution(of_layers(layer(0), layer(1)), 1)
    assert list(traces(figure)["limit of out-degree: 2"].x) == [2.5, 2.5]
    assert figure.layout.xaxis.title.text == "links of a node on layer 1"
    # Limit 2: bins 0, 1, 2, 3, ..., 6, 7 to 8, 9 to 10; the heights run from 0.5 to 3.
    assert [10**end for end in figure.layout.xaxis.range] == pytest.approx([0.27, 12.1])
    assert [10**end for end in figure.layout.yaxis.range] == pytest.approx([0.25, 6])
    assert figure.layout.xaxis.ticktext[:3] == ("0", "1", "2")
    assert figure.layout.xaxis.tickvals[:3] == (0.39, 1, 2)


def test_every_node_is_in_one_step() -> None:
    in_degree = (np.random.default_rng(1).pareto(1.0, 5000) * 10).astype(np.int64)
    figure = degree_distribution(of_layers(layer(0, in_degree=in_degree)), 0)
    into = traces(figure)["in-degree"]
    counted = 0
    for text in into.text[1:-1]:
        degrees, nodes = text.replace(",", "").split(": ")
        first, *last = [int(degree) for degree in degrees.split(" to ")]
        inside = (in_degree >= first) & (in_degree <= (last[0] if last else first))
        assert int(nodes) == np.count_nonzero(inside)
        counted += int(nodes)
    assert counted == 5000
    assert figure.layout.xaxis.ticktext[:4] == ("0", "1", "10", "100")


def test_a_layer_that_is_not_there_is_refused() -> None:
    expected = "layer must be between 0 and 1, the highest layer; got 2."
    with pytest.raises(ParameterError, match=re.escape(expected)):
        degree_distribution(of_layers(layer(0), layer(1)), 2)


def test_lengths_are_strips_of_quantiles() -> None:
    none = layer(2, link_lengths=np.zeros(0))
    sampled = layer(1, link_lengths=np.full(7, 3.0), lengths_sampled=True, links=1234)
    figure = link_lengths(of_layers(layer(0), sampled, none), metric="inner_product")
    drawn = traces(figure)
    wide, half = drawn["5 to 95 % of the links"], drawn["25 to 75 % of the links"]
    nan = float("nan")
    np.testing.assert_allclose(wide.x, [0.05, 0.95, nan, 3, 3, nan])
    np.testing.assert_allclose(half.x, [0.25, 0.75, nan, 3, 3, nan])
    assert list(wide.y) == list(half.y) == ["layer 0"] * 3 + ["layer 1"] * 3
    median = drawn["median"]
    np.testing.assert_allclose(median.x, [0.5, 3])
    np.testing.assert_allclose(median.customdata[0], [0.05, 0.25, 0.5, 0.75, 0.95])
    assert median.text == ("101 links", "7 sampled of 1,234 links")
    assert figure.layout.xaxis.title.text == "inner product distance between linked nodes"
    # 0.05 to 3, and 3 % of 2.95 on both sides.
    assert figure.layout.xaxis.range == pytest.approx((-0.0385, 3.0885))
    assert figure.layout.yaxis.categoryarray == ("layer 0", "layer 1", "layer 2")


def test_lengths_where_nothing_is_linked_or_all_are_equal() -> None:
    empty = link_lengths(of_layers(layer(0, link_lengths=np.zeros(0))))
    assert len(empty.data[2].x) == 0
    assert empty.layout.xaxis.range is None
    assert empty.layout.xaxis.title.text == "distance between linked nodes"
    equal = link_lengths(of_layers(layer(0, link_lengths=np.full(3, 2.0))))
    assert equal.layout.xaxis.range == (1.5, 2.5)


@pytest.mark.parametrize("dark", [False, True])
def test_both_themes(dark: bool) -> None:
    made, tone = of_layers(layer(0), layer(1)), surface(dark)
    law = nodes_per_layer(made, dark=dark)
    degrees = degree_distribution(made, 0, dark=dark, height=333)
    lengths = link_lengths(made, dark=dark, height=222)
    assert law.data[1].marker.color == law.data[1].error_x.color == tone.text
    assert degrees.data[2].line.color == tone.muted
    assert lengths.data[2].marker.color == tone.text
    assert (degrees.layout.height, lengths.layout.height) == (333, 222)
    for figure in (law, degrees, lengths):
        assert figure.layout.template.layout.font.color == tone.text
