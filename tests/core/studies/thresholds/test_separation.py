"""Figures about the space are those of their metrics; samples are drawn as they say."""

import numpy as np
import pytest

from core.metrics import (
    alignment,
    cluster_agreement,
    icnn_score,
    tcm_value,
    uniformity,
)
from core.studies.thresholds import separation as module
from core.studies.thresholds.operating import pair_study
from core.studies.thresholds.separation import separation

RANDOM = np.random.default_rng(0)
LABELS = np.arange(90) % 4
VECTORS = RANDOM.normal(size=(4, 5))[LABELS] + RANDOM.normal(size=(90, 5))


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_all_rows_give_the_figures_themselves(metric: str) -> None:
    labels = LABELS.copy()
    labels[[3, 50]] = -1
    found = separation(VECTORS, labels, metric=metric)  # type: ignore[arg-type]
    assert found.icnn is not None
    own = icnn_score(VECTORS, labels, metric=metric)  # type: ignore[arg-type]
    assert found.icnn.score == pytest.approx(own.score)
    assert (found.icnn.k, found.icnn.n_excluded) == (own.k, own.n_excluded)
    assert found.gap == pair_study(VECTORS, labels, metric=metric).gap  # type: ignore[arg-type]
    assert found.tcm.value == pytest.approx(tcm_value(VECTORS, labels).value, abs=1e-6)
    assert found.alignment.value == alignment(VECTORS, labels).value
    assert found.uniformity.value == uniformity(VECTORS).value
    clusters = cluster_agreement(VECTORS, labels, metric=metric)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.clusters.ami, clusters.ami)
    assert (found.pair_rows, found.n) == (88, 88)


def test_inner_product_has_no_icnn() -> None:
    assert separation(VECTORS, LABELS, metric="inner_product").icnn is None


def test_many_items_are_a_sample_of_icnn_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ICNN_PAIRS", 90 * 45)
    monkeypatch.setattr(module, "FEWEST_ICNN", 10)
    found = separation(VECTORS, LABELS)
    assert found.icnn is not None
    assert found.icnn_rows == 45
    assert found.icnn.score == pytest.approx(
        icnn_score(VECTORS, LABELS, metric="cosine").score, abs=0.1
    )


def test_a_sample_is_stratified_or_of_whole_classes() -> None:
    found = separation(VECTORS, LABELS, rows=40)
    assert (found.pair_rows, found.icnn_rows, found.clusters.rows) == (40, 90, 40)
    assert found.uniformity.rows == 40
    assert found.alignment.pairs == alignment(VECTORS, LABELS).pairs  # of all rows
    many = np.arange(90) // 2  # of 40 rows drawn from 45 classes most would be alone
    whole = separation(VECTORS, many, rows=40)
    assert len(whole.tcm.classes) == whole.pair_rows // 2


def test_progress_rises_to_its_end() -> None:
    said: list[float] = []
    separation(VECTORS, LABELS, progress=lambda share, _: said.append(share))
    assert said == sorted(said)
    assert said[0] == 0
