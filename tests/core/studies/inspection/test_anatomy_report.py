import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from core.index import (
    Adjacency,
    Anatomy,
    HnswGraph,
    HnswParams,
    LayerAnatomy,
    anatomy,
    census,
    read_index,
)
from core.studies.inspection.anatomy_report import anatomy_report, anatomy_table
from tests.core.index.datasets import clustered, graph_of, native_index
from tests.core.index.index_files import usearch_bytes


def hand_made() -> HnswGraph:
    """Rows 0..3 at 0, 3, 4 and 7 on a line; only row 3 stands on layer 1; 2 is deleted.

    Layer 0: 0 -> 1; 1 -> 2, 0; 2 -> 1; 3 -> 2. So row 3 has no link in, and starts every search.
    """
    ids = np.int32
    return HnswGraph(
        vectors=np.array([[0], [3], [4], [7]], dtype=np.float32),
        metric="euclidean",
        m=2,
        ef_construction=None,
        entry_point=3,
        levels=np.array([0, 0, 0, 1], dtype=ids),
        labels=np.array([10, 20, 30, 40]),
        deleted=np.array([False, False, True, False]),
        base=Adjacency(np.array([0, 1, 3, 4, 5]), np.array([1, 2, 0, 1, 2], dtype=ids)),
        upper=Adjacency(np.array([0, 0]), np.array([], dtype=ids)),
        upper_start=np.zeros(4, dtype=np.int64),
    )


@pytest.fixture(scope="module")
def built() -> HnswGraph:
    params = HnswParams("euclidean", m=4, ef_construction=30)
    index = native_index(clustered(800, 8), params)
    for label in range(0, 800, 7):
        index.mark_deleted(label)
    graph = graph_of(index, params)
    return replace(graph, labels=np.arange(800) * 3 + 5)


def test_a_graph_by_hand() -> None:
    graph = hand_made()
    report = anatomy_report(graph, anatomy(graph, seed=7))
    base, top = report["layers"]
    assert base == {
        "layer": 0,
        "nodes": 4,
        "expected_nodes": 4.0,
        "links": 5,
        "limit": 4,
        "weak_components": 1,
        "strong_components": 2,  # 0, 1 and 2 reach one another; 3 is reached by none
        "largest_weak": 4,
        "largest_strong": 3,
        "fill": 5 / 16,  # of 4 places for each of 4 nodes
        "reciprocity": 0.8,  # all but 3 -> 2
        "out_degree": {"degree": [1, 2], "nodes": [3, 1]},
        "in_degree": {"degree": [0, 1, 2], "nodes": [1, 1, 2]},
        "link_lengths": {
            "links_read": 5,
            "sampled": False,
            "quantile": [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0],
            # Lengths 1, 1, 3, 3, 3, at places 0 to 4: the 5 % quantile lies at place 0.2.
            "distance": [1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0],
        },
    }
    assert (top["expected_nodes"], top["reciprocity"], top["fill"]) == (2.0, None, 0.0)
    assert top["link_lengths"]["links_read"] == 0
    assert top["link_lengths"]["distance"] == [None] * 7
    assert (report["level_p_value"], report["seed"], report["census"]) == (None, 7, None)
    assert report["hubs"] == [
        {"row": 1, "label": 20, "in_degree": 2},
        {"row": 2, "label": 30, "in_degree": 2},
        {"row": 0, "label": 10, "in_degree": 1},
        {"row": 3, "label": 40, "in_degree": 0},
    ]
    facts = report["graph"]
    assert facts.pop("fingerprint") == graph.fingerprint
    assert facts.pop("memory_bytes") == graph.memory_bytes
    assert facts == {
        "rows": 4,
        "dimensions": 1,
        "metric": "euclidean",
        "source": "built by hnswlib",
        "codes": None,
        "transform": None,
        "m": 2,
        "ef_construction": None,
        "not_in_file": [],
        "highest_layer": 1,
        "entry_point": {"row": 3, "label": 40},
        "deleted": 1,
    }


def test_the_report_is_the_same_after_json(built: HnswGraph) -> None:
    report = anatomy_report(built, anatomy(built), census(built, ef=2, sample=300, seed=4))
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    whole = anatomy_report(hand_made(), anatomy(hand_made()), census(hand_made()))
    assert json.loads(json.dumps(whole, allow_nan=False)) == whole


def test_the_census_by_count_and_label(built: HnswGraph) -> None:
    counted = census(built, ef=1, sample=300, seed=4)
    told = anatomy_report(built, anatomy(built), counted)["census"]
    lost = [
        int(row) for row, found in zip(counted.checked, counted.found, strict=True) if not found
    ]
    assert 0 < len(lost) < 300
    assert told["unfindable_rows"] == lost
    assert told["unfindable_labels"] == [3 * row + 5 for row in lost]
    assert told["unreachable_rows"] == counted.unreachable.tolist()
    assert (told["checked"], told["unfindable"]) == (300, len(lost))
    assert told["unfindable_share"] == pytest.approx(len(lost) / 300)
    assert told["unfindable_share_interval"] == list(counted.interval)
    assert (told["ef"], told["seed"], told["is_sample"]) == (1, 4, True)
    assert told["unreachable"] == len(told["unreachable_labels"]) == len(counted.unreachable)
    assert told["self_recall"] == counted.self_recall


def test_a_census_of_nothing_has_no_share() -> None:
    graph = replace(hand_made(), deleted=np.ones(4, dtype=bool))
    told = anatomy_report(graph, anatomy(graph), census(graph))["census"]
    assert (told["checked"], told["unfindable"], told["unfindable_share"]) == (0, 0, None)
    assert told["unfindable_share_interval"] == [None, None]


def test_degrees_and_hubs_of_a_built_graph(built: HnswGraph) -> None:
    report = anatomy_report(built, anatomy(built))
    for place, layer in enumerate(report["layers"]):
        nodes = built.nodes(place)
        for name, degrees in (("out_degree", built.out_degree), ("in_degree", built.in_degree)):
            told = np.repeat(layer[name]["degree"], layer[name]["nodes"])
            np.testing.assert_array_equal(told, np.sort(degrees(place)[nodes]))
    hubs = report["hubs"]
    in_degree = built.in_degree(0)
    assert len(hubs) == 20
    assert [hub["in_degree"] for hub in hubs] == sorted(in_degree.tolist(), reverse=True)[:20]
    for hub in hubs:
        assert hub["in_degree"] == in_degree[hub["row"]]
        assert hub["label"] == 3 * hub["row"] + 5


def test_the_table_has_a_row_per_layer() -> None:
    table = anatomy_table(hand_made(), anatomy(hand_made()))
    base, top = (table.iloc[place] for place in range(2))
    expected: dict[str, Any] = {
        "layer": 0,
        "nodes": 4,
        "links": 5,
        "limit": 4,
        "expected_nodes": 4.0,
        "fill": 0.3125,
        "reciprocity": 0.8,
        "mean_out_degree": 1.25,
        "largest_out_degree": 2,
        "largest_in_degree": 2,
        "without_incoming_links": 1,
        "link_length_0": 1.0,
        "link_length_50": 3.0,
        "link_length_100": 3.0,
        "metric": "euclidean",
    }
    assert {name: base[name] for name in expected} == expected
    assert np.isnan(top["link_length_50"])
    assert np.isnan(top["reciprocity"])
    assert (top["nodes"], top["without_incoming_links"]) == (1, 1)


def test_the_table_agrees_with_the_report(built: HnswGraph) -> None:
    measured: Anatomy = anatomy(built)
    table = anatomy_table(built, measured)
    layers: list[LayerAnatomy] = list(measured.layers)
    assert table["layer"].tolist() == list(range(len(layers)))
    for told, row in zip(
        anatomy_report(built, measured)["layers"], table.itertuples(), strict=True
    ):
        for name in ("nodes", "links", "limit", "strong_components", "largest_weak"):
            assert getattr(row, name) == told[name]
        assert row.largest_in_degree == told["in_degree"]["degree"][-1]


def test_what_a_file_does_not_tell_is_listed() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 4)).astype(np.float32)
    graph = read_index(usearch_bytes(rows))
    facts = anatomy_report(graph, anatomy(graph))["graph"]
    assert facts["ef_construction"] is None
    rest = ["seed", "threads", "insertion order", "build time"]
    assert facts["not_in_file"] == ["ef_construction", *rest]
