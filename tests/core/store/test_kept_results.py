"""What the studies give comes back from the store as it was."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import studies
from core.data import EmbeddingSet
from core.index import (
    HnswGraph,
    HnswParams,
    anatomy,
    build_hnsw,
    census,
    ef_curves,
    exact_neighbors,
)
from core.store import whole
from tests.core.store.sameness import again, assert_same

PARAMS = HnswParams(m=4, ef_construction=20, threads=1)


@cache
def data() -> EmbeddingSet:
    rng = np.random.default_rng(0)
    centers = rng.normal(size=(6, 8))
    rows = centers[np.arange(360) % 6] + rng.normal(size=(360, 8)) * 0.4
    frame = pd.DataFrame(
        {
            "label": [f"class {i % 6}" for i in range(360)],
            "text": [f"word{i % 6} of row {i}" for i in range(360)],
            "size": rng.random(360),
        }
    )
    return EmbeddingSet.from_arrays(rows, metadata=frame, name="six")


@cache
def graph() -> HnswGraph:
    return build_hnsw(data().vectors, PARAMS)


@cache
def queries() -> Any:
    return studies.sample_queries(graph(), data().vectors, 5, size=40)


@cache
def tradeoff() -> Any:
    return studies.ef_tradeoff(graph(), queries(), ef_max=40)


@cache
def many_queries() -> Any:
    asked = studies.sample_queries(graph(), data().vectors, 5, size=120)
    return studies.ef_tradeoff(graph(), asked, ef_max=40)


@cache
def lists() -> Any:
    return studies.knn_lists(data().vectors, 10, "cosine")


def _labels() -> Any:
    return data().labels


RESULTS: dict[str, Callable[[], Any]] = {
    "neighbors": lambda: exact_neighbors(data().vectors, data().vectors[:9], 5, metric="cosine"),
    "curves": lambda: ef_curves(graph(), data().vectors[:9], queries().truth.ids[:9], [5]),
    "census": lambda: census(graph(), ef=20),
    "anatomy": lambda: anatomy(graph()),
    "lists": lists,
    "query set": queries,
    "tradeoff": tradeoff,
    "autopsy": lambda: studies.autopsy(graph(), queries(), 10, ef_max=64),
    "index diff": lambda: studies.diff_indexes(
        graph(), build_hnsw(data().vectors, HnswParams(m=6, threads=1)), k=5, ef=10, size=40
    ),
    "diff noise": lambda: studies.diff_noise(
        graph(), studies.diff_indexes(graph(), graph(), k=5, ef=10, size=40), rebuilds=2
    ),
    "health": lambda: studies.health(graph(), queries(), 10),
    "diagnosis": lambda: studies.diagnose(census(graph(), ef=20), metric="cosine"),
    "build grid": lambda: studies.build_grid(
        data().vectors, [PARAMS, HnswParams(m=6, threads=1)], k=5, ef_max=40, queries=40
    ),
    "growth": lambda: studies.growth(data().vectors, PARAMS, k=5, ef_max=40, queries=40),
    "insertion order": lambda: studies.insertion_order(
        data().vectors, PARAMS, k=5, efs=[10], seeds=[0], queries=40, labels=_labels()
    ),
    "updates": lambda: studies.updates(data().vectors, PARAMS, k=5, ef=10, rounds=2, queries=40),
    "filtered search": lambda: studies.filtered_search(
        graph(), data().vectors, k=5, target=0.9, selectivities=[0.5, 0.1], queries=30
    ),
    "intrinsic dimension": lambda: studies.intrinsic_dimension(
        data().vectors, PARAMS, k=5, efs=[10], queries=40
    ),
    "findings": lambda: studies.quick_findings(data()),
    "closeness": lambda: studies.closeness_findings(data(), "cosine"),
    "hubs": lambda: studies.hub_scan(data(), lists(), k=5),
    "pairs": lambda: studies.pair_study(data().vectors, _labels()),
    "separation": lambda: studies.separation(data().vectors, _labels()),
    "transfer": lambda: studies.transfer(data().vectors, _labels(), splits=3),
    "retrieval": lambda: studies.retrieval_study(data().vectors, _labels()),
    "open world": lambda: studies.open_world(data().vectors, _labels()),
    "several": lambda: studies.several(data().vectors, _labels(), clusters=3, top=20),
    "slices": lambda: studies.slices(data(), "label"),
    "chance": lambda: studies.chance_study(data().vectors, _labels(), draws=3),
    "floor": lambda: studies.floor_study(data().vectors),
    "translation": lambda: studies.translation(
        data().vectors, data().vectors[:, ::-1], labels=_labels(), resamples=10
    ),
    "facts": lambda: studies.facts_of(data()),
    "explanation": lambda: studies.explain(studies.facts_of(data()), np.arange(0, 360, 6)),
    "map quality": lambda: studies.map_quality(
        data().vectors, data().vectors[:, :2].astype(np.float64), k=5, metric="cosine"
    ),
    "rebuild spread": lambda: studies.rebuild_spread(
        data().vectors, PARAMS, k=5, ef_max=20, rebuilds=2, queries=30
    ),
    "adaptive ef": lambda: studies.adaptive_ef(graph(), many_queries(), target=0.8, folds=3),
    "answer quality": lambda: studies.answer_quality(
        graph(), data().vectors, queries(), 5, [5, 20]
    ),
    "neighbor figures": lambda: studies.neighbor_figures(lists(), lists().as_lengths()),
    "frame": lambda: studies.anatomy_table(graph(), anatomy(graph())),
    "report": lambda: studies.anatomy_report(graph(), anatomy(graph())),
}


@pytest.mark.parametrize("name", RESULTS)
def test_a_result_comes_back_to_the_bit(name: str, tmp_path: Path) -> None:
    result = RESULTS[name]()
    back = again(result, tmp_path)
    assert_same(result, back)
    whole.check(back)
