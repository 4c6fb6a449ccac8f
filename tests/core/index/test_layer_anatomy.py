"""Anatomy: degrees, parts, lengths of links and the level law, by hand and against scipy."""

import importlib

import numpy as np
import pytest
from scipy.stats import chi2

from core.index import HnswParams, anatomy, build_hnsw
from tests.core.index.graphs import hand_graph

module = importlib.import_module("core.index.layer_anatomy")
HAND = hand_graph(
    [{0: [1], 1: [0, 2], 2: [], 3: [4], 4: [], 5: [6, 0], 6: [5]}, {0: [3], 3: []}], entry=0
)
VECTORS = np.random.default_rng(2).normal(size=(3000, 8)).astype(np.float32)
BUILT = build_hnsw(VECTORS, HnswParams("euclidean", m=4))


def test_a_graph_on_a_line_by_hand() -> None:
    base, above = anatomy(HAND).layers
    assert (base.layer, base.nodes, base.links, base.limit) == (0, 7, 7, 4)
    assert base.out_degree.tolist() == [1, 2, 0, 1, 0, 2, 1]
    assert base.in_degree.tolist() == [2, 1, 1, 0, 1, 1, 1]
    assert base.fill == 7 / (7 * 4)
    assert base.reciprocity == 4 / 7
    assert (base.strong_components, base.largest_strong) == (5, 2)
    assert (base.weak_components, base.largest_weak) == (2, 5)
    # 0-1, 1-0, 1-2, 3-4, 5-6, 6-5 have length 1, 5-0 has 5.
    assert base.link_lengths.tolist() == [1, 1, 1, 1, 1, 1, 5]
    assert not base.lengths_sampled
    assert (above.nodes, above.links, above.limit) == (2, 1, 2)
    assert above.out_degree.tolist() == [1, 0]
    assert above.link_lengths.tolist() == [3]
    assert above.expected_nodes == 7 / 2


def test_hubs_come_first_and_ties_by_row() -> None:
    rows, degrees = anatomy(HAND).hubs(3)
    assert rows.tolist() == [0, 1, 2]
    assert degrees.tolist() == [2, 1, 1]


@pytest.mark.parametrize("layer", range(BUILT.max_level + 1))
def test_degrees_and_lengths_of_a_built_graph(layer: int) -> None:
    it, nodes = anatomy(BUILT).layers[layer], BUILT.nodes(layer)
    assert it.out_degree.tolist() == BUILT.out_degree(layer)[nodes].tolist()
    assert it.in_degree.tolist() == BUILT.in_degree(layer)[nodes].tolist()
    sources, targets = BUILT.links(layer)
    lengths = np.linalg.norm(VECTORS[sources].astype(float) - VECTORS[targets], axis=1)
    np.testing.assert_allclose(it.link_lengths, np.sort(lengths), rtol=1e-6)


def test_many_links_are_sampled_with_the_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = anatomy(BUILT).layers[0].link_lengths
    monkeypatch.setattr(module, "LENGTHS_AT_MOST", 500)
    first, second, other = (anatomy(BUILT, seed=seed).layers[0] for seed in (1, 1, 2))
    assert first.lengths_sampled
    assert len(first.link_lengths) == 500
    assert first.link_lengths.tolist() == second.link_lengths.tolist()
    assert first.link_lengths.tolist() != other.link_lengths.tolist()
    assert set(first.link_lengths.tolist()) <= set(whole.tolist())


def test_the_level_law_by_hand() -> None:
    # n = 64, M = 4: 48, 12, 4 expected; the last pool holds levels 1 and up, for 4 < 5: 48 and 16.
    # Observed 40 and 24: chi-square = 64 / 48 + 64 / 16 = 5.3333 with one degree of freedom.
    levels = np.repeat([0, 1, 2], [40, 18, 6])
    expected = float(chi2.sf(64 / 48 + 64 / 16, 1))
    assert module.level_p_value(levels, 4) == pytest.approx(expected)
    assert np.isnan(module.level_p_value(np.zeros(15, dtype=int), 4))  # 3.75 expected above
    assert module.level_p_value(BUILT.levels, 4) > 1e-3
    assert module.level_p_value(np.zeros(3000, dtype=int), 4) < 1e-100


def test_one_link_a_node_has_no_level_law() -> None:
    # ln M = 0: nothing thins out, and every layer would be expected to hold all nodes.
    ring = anatomy(hand_graph([{0: [1], 1: [2], 2: [0]}, {1: []}], entry=1, m=1))
    assert np.isnan(ring.level_p_value)
    assert [layer.expected_nodes for layer in ring.layers] == [3, 3]


def test_a_pool_of_exactly_five_expected_nodes_counts() -> None:
    # n = 20, M = 4: 15 expected on layer 0 alone and 5 above; exactly these: chi-square 0.
    assert module.level_p_value(np.repeat([0, 1], [15, 5]), 4) == 1
    # 12 and 8: 9 / 15 + 9 / 5 = 2.4.
    expected = float(chi2.sf(2.4, 1))
    assert module.level_p_value(np.repeat([0, 1], [12, 8]), 4) == pytest.approx(expected)


def test_the_limit_is_the_largest_number_of_links_where_a_file_has_more() -> None:
    star = {0: [1, 2, 3], 1: [], 2: [], 3: []}
    base, above = anatomy(hand_graph([star, star], entry=0, m=1)).layers
    assert (base.limit, above.limit) == (3, 3)  # M = 1 would be 2 and 1
    assert base.fill == 3 / (4 * 3)


def test_what_was_measured_stands_with_its_seed() -> None:
    measured = anatomy(BUILT, seed=7)
    assert measured.seed == 7
    assert measured.level_p_value == module.level_p_value(BUILT.levels, BUILT.m)


def test_as_many_links_as_are_measured_at_most_are_no_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "LENGTHS_AT_MOST", 7)
    assert not anatomy(HAND).layers[0].lengths_sampled


def test_progress_is_told_and_can_stop() -> None:
    told: list[tuple[float, str]] = []
    anatomy(BUILT, progress=lambda share, words: told.append((share, words)))
    assert [words for _, words in told] == [f"layer {i}" for i in range(BUILT.max_level + 1)]
    assert told[0][0] == 0
    assert [share for share, _ in told] == sorted(share for share, _ in told)

    def stop(_share: float, _words: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        anatomy(BUILT, progress=stop)


def test_a_graph_of_one_node() -> None:
    (only,) = anatomy(hand_graph([{0: []}], entry=0)).layers
    assert (only.nodes, only.links, only.fill) == (1, 0, 0)
    assert np.isnan(only.reciprocity)
    assert only.link_lengths.tolist() == []
