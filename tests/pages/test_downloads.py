"""Every file that a page offers is written, read back, and held against figures computed here."""

import ast
import base64
import io
import json
import re
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample, read_embeddings
from core.engines import ENGINES
from core.index import (
    HnswGraph,
    HnswParams,
    anatomy,
    build_hnsw,
    census,
    exact_neighbors,
    search,
    trace_search,
)
from core.projection import project_pca
from core.studies import ef_tradeoffs, hardness, row_queries, sample_queries
from pages.recall.studies import chooser
from pages.recall.studies.runs import Study
from pages.ui.jobs import progress_bar
from pages.ui.session.uploads import uploads
from tests.core.figures.player.payload import unpack
from tests.pages.conftest import Downloads
from tests.pages.test_answers import sentence
from tests.pages.test_app import complaints

DIGITS = load_sample("digits")
GRAPH = build_hnsw(DIGITS.vectors, HnswParams())
WEAK = build_hnsw(DIGITS.vectors, HnswParams(m=2, ef_construction=4))
STEM = "handwritten-digits-hnsw"
INSIDE = "rows of the index"  # as queries


def open_page(app: AppTest, page: str, *tables: str, **query: object) -> AppTest:
    """A page on the digits, with some of its tables opened by their keys."""
    for name, value in {"data": "digits", **query}.items():
        app.query_params[name] = str(value)
    app.switch_page(f"pages/{page}/page.py").run()
    for table in tables:
        app.session_state[f"{table}_table"] = True
    app.run()
    assert amiss(app) == []
    return app


def amiss(app: AppTest) -> list[str]:
    """What a page complains of, but that an index built to be weak loses items."""
    return [words for words in complaints(app) if not words.startswith("This index loses")]


def press(app: AppTest, label: str, *tables: str) -> None:
    next(button for button in app.button if button.label == label).click()
    for table in tables:
        app.session_state[f"{table}_table"] = True
    app.run()
    assert amiss(app) == []


def links_of(graph: HnswGraph, layer: int) -> set[tuple[int, int]]:
    sources, targets = graph.links(layer)
    return set(zip(sources.tolist(), targets.tolist(), strict=True))


# ---- Data


def test_files_of_the_data_page(app: AppTest, downloads: Downloads) -> None:
    vectors = np.diag([1.0, 2, 3, 4, 5]).astype(np.float32)
    vectors[4] = vectors[0]
    labels = pd.DataFrame({"label": ["a", "b", "a", "a", "b"]})
    items = EmbeddingSet.from_arrays(vectors, metadata=labels, name="five")
    open_page(app, "data", "class_sizes", "norms", data=uploads().add(items))
    sizes = downloads.csv("class_sizes.csv")
    assert sizes.to_dict("list") == {"class": ["a", "b"], "members": [3, 2]}
    lengths = downloads.csv("norms.csv")
    assert (lengths["length from"].min(), lengths["to"].max()) == (1, 4)
    assert lengths["vectors"].sum() == 5
    assert lengths["vectors"].iloc[0] == 2  # both of length 1
    findings = downloads.csv("findings.csv")
    assert findings["count"].tolist() == [1, 1]
    assert findings["finding"].tolist() == ["exact duplicates", "constant dimensions"]
    assert findings["severity"].tolist() == ["high", "low"]
    back = read_embeddings(downloads.content("five.npz"), name="five.npz")
    np.testing.assert_array_equal(back.vectors, vectors)
    assert back.metadata["label"].tolist() == labels["label"].tolist()


# ---- Map and Neighbors


def test_files_of_the_map(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "map", "map", item=11, view="3-D", projection="PCA")
    places = downloads.csv("map.csv")
    expected = project_pca(DIGITS.vectors, components=3).coordinates
    assert places["row"].tolist() == list(range(DIGITS.n))
    np.testing.assert_allclose(places[["PCA 1", "PCA 2", "PCA 3"]], expected, rtol=1e-6)
    assert places["label"].tolist() == DIGITS.metadata["label"].astype(int).tolist()
    near = exact_neighbors(DIGITS.vectors, DIGITS.vectors[[11]], 15, metric="cosine", exclude=[11])
    listed = downloads.csv("items.csv")
    assert listed["row"].tolist() == near.ids[0].tolist()
    np.testing.assert_allclose(listed["distance"], near.distances[0], atol=6e-5)


def test_files_of_neighbors(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "neighbors", item=7, k=10, ef=10, m=2, efc=4)
    query = DIGITS.vectors[[7]]
    near = exact_neighbors(DIGITS.vectors, query, 10, metric="cosine", exclude=[7])
    found = search(WEAK, query, 10, 10, exclude=[7])
    listed = downloads.csv("neighbors.csv")
    assert listed["rank"].tolist() == list(range(1, 11))
    assert listed["row"].tolist() == near.ids[0].tolist()
    np.testing.assert_allclose(listed["distance"], near.distances[0], atol=6e-6)
    np.testing.assert_allclose(listed["at distance"], found.distances[0], atol=6e-6)
    kept = np.isin(near.ids[0], found.ids[0])
    assert (listed["in the index"] == "found").tolist() == kept.tolist()


# ---- Layers


def test_the_hops_of_a_search(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", "search", section="Search", item=17, k=5, ef=30)
    trace = trace_search(GRAPH, DIGITS.vectors[17], 5, 30, exclude=17)
    hops = downloads.csv("hops.csv")
    assert hops["hop"].tolist() == list(range(1, len(trace.hops) + 1))
    assert hops["layer"].tolist() == [hop.layer for hop in trace.hops]
    assert hops["row"].tolist() == [hop.expanded for hop in trace.hops]
    assert hops["visited"].sum() == trace.distance_computations - 1  # the entry point is the one
    distances = [hop.expanded_distance for hop in trace.hops]
    np.testing.assert_allclose(hops["distance"], distances, atol=6e-6)


def test_files_of_the_anatomy(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", "level_law", section="Anatomy", m=2, efc=4, census_ef=40)
    measured, counted = anatomy(WEAK), census(WEAK, ef=40)
    layers = downloads.csv("anatomy.csv")
    assert layers["nodes"].tolist() == [layer.nodes for layer in measured.layers]
    assert layers["links"].tolist() == [layer.links for layer in measured.layers]
    lost = downloads.csv("lost_items.csv")
    rows = np.union1d(counted.unreachable, counted.unfindable)
    assert len(rows) > 10
    assert lost["row"].tolist() == rows.tolist()
    unreachable = np.isin(rows, counted.unreachable)
    assert 0 < unreachable.sum() < len(rows)
    assert (lost["lost"] == "unreachable").tolist() == unreachable.tolist()
    assert lost["links in"].tolist() == WEAK.in_degree(0)[rows].tolist()


def test_files_of_the_autopsy_of_a_query_set(app: AppTest, downloads: Downloads) -> None:
    query = {"m": 2, "efc": 4, "k": 5, "ef": 20, "autopsies": 200, "source": INSIDE}
    open_page(app, "layers", "fates", section="Autopsy", **query)
    queries = sample_queries(WEAK, DIGITS.vectors, 5, size=200)
    rows = queries.rows
    assert rows is not None
    found = search(WEAK, queries.vectors, 5, 20, exclude=rows)
    kept = np.array([np.isin(a, b) for a, b in zip(queries.truth.ids, found.ids, strict=True)])
    totals = downloads.csv("fates.csv").set_index("fate")
    assert totals.loc["found", "true neighbors"] == kept.sum()
    assert totals["true neighbors"].sum() == 1000
    np.testing.assert_allclose(totals["share"], totals["true neighbors"] / 1000)
    missed = downloads.csv("missed_neighbors.csv")
    expected = {(rows[q], queries.truth.ids[q, r]) for q, r in np.argwhere(~kept)}
    assert set(zip(missed["query row"], missed["missed row"], strict=True)) == expected
    needed = [
        np.inf if ef.startswith("none") else int(ef) for ef in missed["smallest ef"].astype(str)
    ]
    assert needed == sorted(needed, reverse=True)
    assert min(needed) > 20


def test_the_file_of_the_autopsy_of_one_item(app: AppTest, downloads: Downloads) -> None:
    query = {"m": 2, "efc": 4, "k": 7, "ef": 10, "of": "one item", "item": 17}
    open_page(app, "layers", section="Autopsy", **query)
    vector = DIGITS.vectors[[17]]
    near = exact_neighbors(DIGITS.vectors, vector, 7, metric="cosine", exclude=[17])
    found = search(WEAK, vector, 7, 10, exclude=[17])
    listed = downloads.csv("autopsy.csv")
    assert listed["row"].tolist() == near.ids[0].tolist()
    np.testing.assert_allclose(listed["distance"], near.distances[0], atol=6e-6)
    assert (listed["fate"] == "found").tolist() == np.isin(near.ids[0], found.ids[0]).tolist()


def test_the_file_of_a_rebuild(app: AppTest, downloads: Downloads) -> None:
    query = {"m": 2, "efc": 4, "change": "other M", "m2": 8, "k": 5, "ef": 20, "source": INSIDE}
    open_page(app, "layers", section="What if", **query)
    press(app, "Rebuild", "before_after")
    before, after = downloads.csv("before_after.csv").to_dict("records")
    assert (before["index"], before["M"], after["index"], after["M"]) == ("before", 2, "after", 8)
    counted = census(WEAK, ef=20)
    assert before["unreachable"] == len(counted.unreachable) > after["unreachable"]
    assert before["not found by own vector"] == pytest.approx(counted.unfindable_share, abs=1e-6)
    said = re.findall(r"([\d.]+) %", sentence(app))
    assert [100 * before["mean recall"], 100 * after["mean recall"]] == pytest.approx(
        [float(share) for share in said], abs=0.06
    )


def test_the_links_of_all_layers(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", section="Take away")
    expected = {layer: links_of(GRAPH, layer) for layer in range(GRAPH.max_level + 1)}
    links = sum(len(each) for each in expected.values())
    assert f"{links:,} links" in sentence(app)
    edges = downloads.csv(f"{STEM}-all-layers.csv")
    assert len(edges) == links
    for layer, own in edges.groupby("layer"):
        assert set(zip(own["source"], own["target"], strict=True)) == expected[int(str(layer))]
    first = edges.iloc[0]
    unit = DIGITS.vectors[[int(first["source"]), int(first["target"])]].astype(np.float64)
    unit /= np.linalg.norm(unit, axis=1, keepdims=True)
    assert first["distance"] == pytest.approx(1 - unit[0] @ unit[1])
    arrays = np.load(io.BytesIO(downloads.content(f"{STEM}-all-layers.npz")), allow_pickle=False)
    assert sum(len(arrays[name]) for name in arrays if "indices" in name) == links
    root = ET.fromstring(downloads.text(f"{STEM}-all-layers.graphml"))
    space = "{http://graphml.graphdrawing.org/xmlns}"
    assert len(root.findall(f".//{space}node")) == DIGITS.n
    assert len(root.findall(f".//{space}edge")) == links


def test_the_links_of_one_layer(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", section="Take away", export="layer 1")
    stem = f"{STEM}-layer-1"
    matrix: Any = scipy.sparse.load_npz(io.BytesIO(downloads.content(f"{stem}.npz")))
    pairs = set(zip(*(places.tolist() for places in matrix.nonzero()), strict=True))
    assert pairs == links_of(GRAPH, 1)
    edges = downloads.csv(f"{stem}.csv")
    assert set(zip(edges["source"], edges["target"], strict=True)) == pairs
    root = ET.fromstring(downloads.text(f"{stem}.graphml"))
    assert len(root.findall(".//{http://graphml.graphdrawing.org/xmlns}edge")) == len(pairs)


def test_the_anatomy_as_values_and_lines(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", section="Take away", census_ef=33)
    measured, counted = anatomy(GRAPH), census(GRAPH, ef=33)
    told = json.loads(downloads.content(f"{STEM}-anatomy.json"))
    assert [layer["nodes"] for layer in told["layers"]] == GRAPH.nodes_per_layer.tolist()
    rows, degrees = measured.hubs(20)
    assert [(hub["row"], hub["in_degree"]) for hub in told["hubs"]] == list(
        zip(rows.tolist(), degrees.tolist(), strict=True)
    )
    assert told["census"]["ef"] == 33
    assert told["census"]["unfindable_share"] == counted.unfindable_share
    lines = downloads.csv(f"{STEM}-anatomy.csv")
    assert lines["links"].tolist() == [layer.links for layer in measured.layers]


def scene_in(page: str) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """The scene as the player in a taken-away page gets it."""
    found = re.search(r'keepScene\(bytes\("([^"]+)"\)\)', page)
    assert found is not None
    return unpack(base64.b64decode(found[1]))


def test_the_player_is_taken_along_as_it_is_shown(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "layers", section="Take away", item=17, k=5, ef=30, paint="level")
    page = downloads.text(f"{STEM}-layers.html")
    assert "<title>HNSW over Handwritten digits</title>" in page
    trace = trace_search(GRAPH, DIGITS.vectors[17], 5, 30, exclude=17)
    assert f"expands {len(trace.hops)} nodes, computes {trace.distance_computations} dist" in page
    meta, arrays = scene_in(page)
    assert "level" in json.dumps(meta)  # the title of the colors
    colors = arrays["color"].reshape(-1, 3)
    open_page(app, "layers", section="Take away", paint="label")
    other = scene_in(downloads.text(f"{STEM}-layers.html"))[1]["color"].reshape(-1, 3)
    assert (colors != other).any()
    assert len(np.unique(colors, axis=0)) < len(np.unique(other, axis=0))  # 3 levels, 10 labels


# ---- Recall


def test_files_of_the_curve(app: AppTest, downloads: Downloads) -> None:
    open_page(
        app,
        "recall",
        "recall",
        section="Curve",
        size="200",
        target="0.97",
        source=INSIDE,
        m=4,
        efc=20,
    )
    graph = build_hnsw(DIGITS.vectors, HnswParams(m=4, ef_construction=20))
    queries = sample_queries(graph, DIGITS.vectors, 11, size=200)
    study = ef_tradeoffs(graph, queries, (10,), ef_max=512)[10]
    table = downloads.csv("recall_vs_ef.csv")
    places = [study.at(ef) for ef in table["ef"]]
    costs = study.mean_computations[places]
    np.testing.assert_allclose(table["mean recall"], study.mean_recall[places], atol=6e-5)
    np.testing.assert_allclose(table["distance computations"], costs, atol=0.051)
    np.testing.assert_allclose(table["% of brute force"], 100 * costs / 1797, atol=6e-4)
    assert {10, 64, 512, study.smallest_ef(0.97)} <= set(table["ef"])


def test_the_file_of_the_hardest_queries(app: AppTest, downloads: Downloads) -> None:
    query = {"size": "200", "target": "1.0", "source": INSIDE, "m": 4, "efc": 10}
    open_page(app, "recall", section="Queries", **query)
    graph = build_hnsw(DIGITS.vectors, HnswParams(m=4, ef_construction=10))
    rows = np.random.default_rng(0).permutation(1797)[:200]
    queries = row_queries(graph, DIGITS.vectors, rows, 101)
    study = ef_tradeoffs(graph, queries, (10,), ef_max=512)[10]
    measured = hardness(graph, DIGITS.vectors, study, 1.0)
    listed = downloads.csv("hardest_queries.csv")
    needed = [-1 if ef == "none" else int(ef) for ef in listed["smallest ef"].astype(str)]
    worst = measured.order[:50]
    assert needed == measured.smallest_ef[worst].tolist()
    assert listed["row"].tolist() == rows[worst].tolist()
    np.testing.assert_allclose(listed["LID"], measured.lid[worst], atol=0.051)
    np.testing.assert_allclose(listed["nearest distance"], measured.nearest[worst], atol=6e-5)


def test_the_file_of_the_times(app: AppTest, downloads: Downloads) -> None:
    open_page(app, "recall", section="Time", size="200")
    press(app, "Measure", "recall_latency")
    times = downloads.csv("recall_latency.csv")
    assert times["ef"].tolist() == [10, 16, 24, 40, 64, 100, 160, 256, 400]
    assert (times["p50, ms"] <= times["p95, ms"]).all()
    assert (times["p95, ms"] <= times["p99, ms"]).all()
    assert (times["p50, ms"] > 0).all()


@pytest.mark.parametrize("engine", ENGINES)
def test_the_setting_as_a_file(app: AppTest, downloads: Downloads, engine: str) -> None:
    before = set(downloads.offered)
    open_page(app, "recall", section="Take away", engine=engine, size="200")
    usual = {"items.csv", "recall_vs_ef.csv", "recall_vs_ef.json", "nearfield_recall.html"}
    usual |= {"memory.csv", "recall_bounds.toml"}
    (name,) = set(downloads.offered) - before - usual
    text = downloads.text(name)
    assert text.strip() == app.code[0].value
    assert re.search(r"\b16\b", text)
    if name.endswith(".py"):
        ast.parse(text)


def test_the_curve_and_the_report_to_take_away(app: AppTest, downloads: Downloads) -> None:
    query = {"size": "200", "k": 5, "target": "0.97", "m": 4, "efc": 20, "source": INSIDE}
    open_page(app, "recall", section="Take away", **query)
    graph = build_hnsw(DIGITS.vectors, HnswParams(m=4, ef_construction=20))
    rows = np.random.default_rng(0).permutation(1797)[:200]
    queries = row_queries(graph, DIGITS.vectors, rows, 101)
    studies = ef_tradeoffs(graph, queries, (1, 5, 10, 100), ef_max=512)
    study, ef = studies[5], studies[5].smallest_ef(0.97)
    assert ef is not None
    table = downloads.csv("recall_vs_ef.csv")
    assert table["ef"].tolist() == list(range(5, 513))
    np.testing.assert_allclose(table["mean recall"], study.mean_recall, atol=6e-5)
    share = table["share with recall >= 0.97"]
    np.testing.assert_allclose(share, study.share_reaching(0.97), atol=6e-5)
    np.testing.assert_allclose(table["hops"], study.curve.hops.mean(axis=0), atol=0.051)

    told = json.loads(downloads.content("recall_vs_ef.json"))
    assert told["data"] == {"name": "Handwritten digits", "n": 1797, "dim": 64}
    assert (told["index"]["m"], told["index"]["ef_construction"]) == (4, 20)
    assert told["truth_of"] == "vectors as added"
    assert told["queries"] == {
        "source": INSIDE,
        "count": 200,
        "wanted": 200,
        "of": 1797,
        "seed": 0,
        "in_index": True,
    }
    assert told["target"] == {"recall": 0.97, "share_of_queries": None}
    assert [curve["k"] for curve in told["curves"]] == [1, 5, 10, 100]
    for curve in told["curves"]:
        own = studies[curve["k"]]
        low, high = own.interval
        assert curve["chosen_ef"] == own.smallest_ef(0.97)
        for name, values in {
            "ef": own.ef,
            "mean_recall": own.mean_recall,
            "recall_low": low,
            "recall_high": high,
            "mean_recall_with_ties": own.mean_tie_aware_recall,
            "worst_5_percent": own.low_recall,
            "share_reaching_target": own.share_reaching(0.97),
            "distance_computations": own.mean_computations,
            "brute_force_share": own.mean_computations / 1797,
            "hops": own.curve.hops.mean(axis=0),
        }.items():
            np.testing.assert_allclose(curve[name], values, atol=1e-6, err_msg=name)

    page = downloads.text("nearfield_recall.html")
    assert f"<h1>On rows of the index as queries, ef {ef} reaches a recall@5 of " in page
    assert "Handwritten digits: 1,797 vectors of 64 dimensions, cosine distance; HNSW M 4, " in page
    assert "200 queries: rows of the data drawn with seed 0" in page
    cells = re.findall(r"<td>([^<]*)</td>", page[page.index("<div class='wide'>") :])
    recall = float(cells[cells.index(f"{ef}") + 1])  # the first columns are ef and mean recall
    assert recall == pytest.approx(study.mean_recall[study.at(ef)], abs=6e-5)
    assert "The setting for hnswlib" in page


TABLES = {
    "Build grid": ("grid", "ef_construction", [40]),
    "Insertion order": ("order", "ef", [10, 40, 100]),
    "Intrinsic dimension": ("rank", "data", None),
    "Filtered search": ("filter_costs", "cheapest", None),
    "Updates": ("updates", "round", [0, 1]),
    "Growth": ("growth_hops", "rows", None),
}


@pytest.mark.parametrize("study", chooser.STUDIES, ids=[study.title for study in chooser.STUDIES])
def test_files_of_the_studies(
    app: AppTest, downloads: Downloads, study: "Study[object, object]"
) -> None:
    """Each table, figure by figure, is tested with results made by hand; here, that it leaves."""
    progress_bar.runner.clear()  # another test may have run it
    key, column, values = TABLES[study.title]
    query = {"study": study.title, "target": "0.95", "grid_m": "4", "grid_efc": "40", "m": "6"}
    query |= {"churn_rounds": "1", "order_seeds": "2", "section": "Studies"}
    open_page(app, "recall", **query)
    press(app, "Run the study", key)
    table = downloads.csv(f"{key}.csv")
    shown = next(frame.value for frame in app.dataframe if column in frame.value)
    pd.testing.assert_frame_equal(table, pd.read_csv(io.StringIO(shown.to_csv(index=False))))
    assert len(table) > 0
    if values is not None:
        assert sorted(set(table[column])) == values
