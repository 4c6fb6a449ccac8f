import numpy as np

from core.figures.recall_latency import recall_vs_latency
from core.index import HnswParams, build_hnsw
from core.studies import ef_tradeoff, sample_queries
from tests.core.figures.test_latency import LATENCY


def test_each_measured_ef_is_a_point_at_its_time() -> None:
    vectors = np.random.default_rng(0).normal(size=(1500, 12)).astype(np.float32)
    graph = build_hnsw(vectors, HnswParams("euclidean", m=4, ef_construction=20))
    study = ef_tradeoff(graph, sample_queries(graph, vectors, 5, size=90), ef_max=1200)
    figure = recall_vs_latency(study, LATENCY, target=0.9)
    mean, worst, share = figure.data
    places = [5, 35, 1195]  # of ef 10, 40 and 1,200, from k = 5 on
    for line, values in (
        (mean, study.curve.recall.mean(axis=0)),
        (worst, study.low_recall),
        (share, (study.curve.recall >= 0.9).mean(axis=0)),
    ):
        np.testing.assert_array_equal(line.x, LATENCY.p50_ms)
        np.testing.assert_allclose(line.y, values[places])
        np.testing.assert_array_equal(line.customdata, LATENCY.ef)
    assert figure.layout.shapes[0].y0 == 0.9
    assert figure.layout.xaxis.title.text == "median time of a single query, ms"
