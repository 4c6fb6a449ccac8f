"""What the pages say, against figures computed here; and data that is small, flat or unlabeled."""

import io
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.data import EmbeddingSet, load_sample
from core.index import HnswParams, build_hnsw, exact_neighbors, search
from core.studies.parts.query_sets import sample_queries
from core.studies.parts.tradeoff import ef_tradeoff
from pages.ui.session.uploads import uploads
from tests.pages.conftest import bring_file
from tests.pages.test_app import PAGES, complaints


def open_page(app: AppTest, page: str, **query: object) -> AppTest:
    for name, value in query.items():
        app.query_params[name] = str(value)
    return app.switch_page(f"pages/{page}/page.py").run()


def sentence(app: AppTest) -> str:
    return app.title[0].value.replace("\\", "")


def upload(app: AppTest, vectors: np.ndarray) -> None:
    content = io.BytesIO()
    np.save(content, vectors)
    app.run()
    bring_file(app, "mine.npy", content.getvalue())


def test_data_counts_rows_dimensions_and_classes(app: AppTest) -> None:
    digits = load_sample("digits")
    sizes = np.bincount(digits.labels)  # type: ignore[arg-type]
    open_page(app, "data", data="digits")
    assert sentence(app) == (
        "Handwritten digits holds 1,797 vectors of 64 dimensions in 10 classes of "
        f"{sizes.min()} to {sizes.max()} members."
    )


def test_recall_names_the_first_ef_that_reaches_the_target(app: AppTest) -> None:
    digits = load_sample("digits")
    graph = build_hnsw(digits.vectors, HnswParams(m=4, ef_construction=20))
    queries = sample_queries(graph, digits.vectors, 5, size=200)
    tradeoff = ef_tradeoff(graph, queries)
    ef = tradeoff.smallest_ef(0.97)
    assert ef is not None
    inside = "rows of the index"
    query = {"size": 200, "target": 0.97, "source": inside}
    open_page(app, "recall", data="digits", m=4, efc=20, k=5, **query)
    assert sentence(app).startswith(f"On {inside} as queries, ef {ef} reaches a recall@5 of ")
    computations = tradeoff.mean_computations[tradeoff.at(ef)]
    assert f"at {computations:,.0f} distance computations" in sentence(app)


def test_neighbors_say_what_exact_search_and_the_index_find(app: AppTest) -> None:
    words = load_sample("wordnet")
    graph = build_hnsw(words.vectors, HnswParams())
    query = words.vectors[100:101]
    exact = exact_neighbors(words.vectors, query, 7, metric="cosine", exclude=[100])
    found = search(graph, query, 7, 9, exclude=[100])
    hits = len(np.intersect1d(exact.ids, found.ids))
    open_page(app, "neighbors", item=100, k=7, ef=9)
    names = words.metadata["word"]
    assert sentence(app).startswith(
        f"Nearest to {names[100]} is {names[exact.ids[0, 0]]} at cosine"
    )
    assert f"the index finds {hits} of the 7 nearest at ef 9" in sentence(app)
    assert f"with {found.distance_computations[0]:,} distance computations" in sentence(app)
    table = app.dataframe[0].value
    assert table["row"].tolist() == exact.ids[0].tolist()
    assert (table["in the index"] == "found").sum() == hits


def test_a_pasted_vector_is_searched_and_a_wrong_one_named(app: AppTest) -> None:
    digits = load_sample("digits")
    open_page(app, "neighbors", data="digits", k=3)
    text = ", ".join(f"{value:g}" for value in digits.vectors[9])
    app.main.text_area[0].set_value(text).run()
    assert complaints(app) == []
    assert "Nearest to the vector is " in sentence(app)
    assert app.dataframe[0].value["row"][0] == 9
    app.main.text_area[0].set_value("1, 2, 3").run()
    assert "must have 64 numbers, as the data has dimensions; got 3" in complaints(app)[0].replace(
        "\\", ""
    )
    assert "Nearest to " in sentence(app)


def test_layers_count_nodes_and_the_hops_of_the_search(app: AppTest) -> None:
    digits = load_sample("digits")
    graph = build_hnsw(digits.vectors, HnswParams())
    found = search(graph, digits.vectors[5:6], 10, 33, exclude=[5])
    open_page(app, "layers", data="digits", item=5, ef=33)
    nodes = [f"{count:,}" for count in graph.nodes_per_layer]
    assert f"{len(nodes)} layers of {', '.join(nodes[:-1])} and {nodes[-1]} nodes" in sentence(app)
    assert f"expands {found.hops[0]:,} nodes" in sentence(app)
    assert f"computes {found.distance_computations[0]:,} distances" in sentence(app)


def test_the_map_says_what_pca_shows_and_keeps(app: AppTest) -> None:
    digits = load_sample("digits")
    centered = digits.vectors - digits.vectors.mean(axis=0)
    variance = np.linalg.eigvalsh(np.cov(centered.T))[::-1]
    open_page(app, "map", data="digits", item=3, projection="PCA")
    share = 100 * variance[:2].sum() / variance.sum()
    assert f"The 2 axes of this PCA show {share:.1f} % of the variance" in sentence(app)
    assert re.search(r"[\d.]+ % of an item's 15 true nearest stay among", sentence(app))


def test_umap_replaces_pca_when_it_is_ready(app: AppTest) -> None:
    rows = np.random.default_rng(0).normal(size=(60, 5))
    key = uploads().add(EmbeddingSet.from_arrays(rows, name="mine"))
    open_page(app, "map", data=key, projection="UMAP")
    assert complaints(app) == []
    assert sentence(app).startswith("The UMAP of mine lays out 60 items")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("n", "dim"), [(1, 3), (2, 2), (5, 1), (40, 2)])
def test_tiny_unlabeled_data_opens_on_every_page(app: AppTest, page: str, n: int, dim: int) -> None:
    upload(app, np.random.default_rng(n).normal(size=(n, dim)).astype(np.float32))
    app.switch_page(f"pages/{page}/page.py").run()
    assert complaints(app) == []
    assert len(app.title) == 1
    assert sentence(app)


@pytest.mark.parametrize("page", PAGES)
def test_constant_vectors_open_on_every_page(app: AppTest, page: str) -> None:
    upload(app, np.ones((30, 4), dtype=np.float32))
    app.switch_page(f"pages/{page}/page.py").run()
    assert complaints(app) == []
    assert sentence(app)


@pytest.mark.parametrize("page", PAGES)
def test_values_of_another_data_set_in_a_link_are_harmless(app: AppTest, page: str) -> None:
    stale = {"item": 10**9, "k": -4, "ef": "many", "threshold": 99, "target": "nan", "color": "x"}
    open_page(app, page, data="digits", **stale)
    assert complaints(app) == []
    assert sentence(app)


def test_labels_can_be_chosen_on_the_data_page(app: AppTest) -> None:
    open_page(app, "data")
    choice = next(box for box in app.main.selectbox if box.label == "Label column")
    choice.set_value("pos").run()
    assert complaints(app) == []
    parts = load_sample("wordnet").metadata["pos"].value_counts()
    assert f"in {len(parts)} classes of {parts.min():,} to {parts.max():,} members" in sentence(app)


def test_metadata_can_be_added_to_vectors(app: AppTest) -> None:
    upload(app, np.random.default_rng(3).normal(size=(6, 3)).astype(np.float32))
    app.switch_page("pages/data/page.py").run()
    adder = next(f for f in app.main.file_uploader if f.label == "Metadata for these vectors")
    adder.set_value(("metadata.tsv", b"cat\ndog\ncat\ncat\ndog\ncat\n", "")).run()
    assert complaints(app) == []
    assert "in 2 classes of 2 to 4 members" in sentence(app)
    adder = next(f for f in app.main.file_uploader if f.label == "Metadata for these vectors")
    adder.set_value(("metadata.tsv", b"cat\n", "")).run()
    assert "6 vectors and 1 rows of metadata" in complaints(app)[0].replace("\\", "")
    assert "in 2 classes of 2 to 4 members" in sentence(app)
