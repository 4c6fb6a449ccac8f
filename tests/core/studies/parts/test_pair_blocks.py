"""Pairs counted rectangle by rectangle equal those of one walk, whatever the rectangles are."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data.shards import open_shards
from core.distances import METRICS, Metric
from core.errors import ParameterError
from core.metrics import PairCounts, count_pairs
from core.metrics.pair_scores import BASIS_ROWS, PairScores, score_basis
from core.studies.parts.pair_blocks import count_pairs_in_blocks

RANDOM = np.random.default_rng(11)
# Classes that end within and at the blocks of 512 rows, one over three of them, single rows, none.
SIZES = [512, 100, 1300, 1, 40, 1, 3, 700, 60]
LABELS = RANDOM.permutation(np.repeat(np.arange(len(SIZES)), SIZES))
LABELS[RANDOM.integers(0, len(LABELS), 30)] = -1
VECTORS = (
    RANDOM.normal(size=(len(SIZES), 5))[LABELS] + RANDOM.normal(size=(len(LABELS), 5))
).astype(np.float32)
VECTORS[[5, 900]] = 0.0
GROUPS = RANDOM.integers(-1, 4, len(LABELS))


def assert_equal(one: Any, other: Any) -> None:
    assert (one is None) == (other is None)
    if isinstance(one, np.ndarray):
        assert one.shape == other.shape
        assert np.array_equal(one, other)


def assert_same(found: PairCounts, whole: PairCounts) -> None:
    assert found.scale == whole.scale
    assert np.array_equal(found.totals.genuine, whole.totals.genuine)
    assert np.array_equal(found.totals.impostor, whole.totals.impostor)
    assert np.array_equal(found.rows, whole.rows)
    for field in fields(PairCounts):
        assert_equal(getattr(found, field.name), getattr(whole, field.name))
    for name in ("nearest_impostors", "farthest_genuine"):
        one, other = getattr(found, name), getattr(whole, name)
        assert np.array_equal(one.score, other.score)
        certain = one.score != one.score[-1]  # of those level with the last, others may be kept
        assert np.array_equal(one.left[certain], other.left[certain])
        assert np.array_equal(one.right[certain], other.right[certain])


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("block_rows", [1, 1000])  # rounded up to 512 and 1,024
def test_rectangles_give_what_one_walk_gives(metric: Metric, block_rows: int) -> None:
    whole = count_pairs(VECTORS, LABELS, metric=metric, groups=GROUPS)
    told: list[float] = []
    found = count_pairs_in_blocks(
        VECTORS,
        LABELS,
        metric=metric,
        groups=GROUPS,
        block_rows=block_rows,
        workers=2,
        progress=lambda share, _words: told.append(share),
    )
    assert_same(found, whole)
    assert found.totals.n_genuine > 0
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_files_on_an_executor_without_single_rows_and_without_tables_of_rows(
    tmp_path: Path,
) -> None:
    for number in range(3):
        np.save(tmp_path / f"{number}.npy", VECTORS[number * 1000 : (number + 1) * 1000])
    whole = count_pairs(VECTORS, LABELS, keep_singletons=False)
    with ThreadPoolExecutor(2) as executor:
        found = count_pairs_in_blocks(
            open_shards(tmp_path),
            LABELS,
            keep_singletons=False,
            of_rows=False,
            block_rows=700,
            executor=executor,
        )
    assert found.row_genuine.shape == (0, whole.row_genuine.shape[1])
    assert np.array_equal(found.class_genuine, whole.class_genuine)
    assert np.array_equal(found.class_impostor, whole.class_impostor)
    assert_equal(found.group_genuine, whole.group_genuine)
    assert np.array_equal(found.totals.impostor, whole.totals.impostor)
    assert np.array_equal(found.rows, whole.rows)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dim", [1, 3])
def test_the_basis_of_blocks_is_that_of_one_array(metric: Metric, dim: int) -> None:
    rows = 5.0 + RANDOM.normal(size=(2 * BASIS_ROWS + 7, dim))
    rows[3] = 0.0
    blocks = (rows[start : start + BASIS_ROWS] for start in range(0, len(rows), BASIS_ROWS))
    basis = score_basis(blocks, metric)
    whole, some = PairScores(rows, metric), PairScores(rows[40:60], metric, basis=basis)
    every, few = np.arange(40, 60), np.arange(20)
    assert whole.unit == some.unit == basis.unit
    assert np.array_equal(whole.products(every, every), some.products(few, few))
    unit = rows / np.maximum(np.linalg.norm(rows, axis=1), 1e-300)[:, None]
    mean = (unit if metric == "cosine" else rows).sum(axis=0) / (len(rows) - (metric == "cosine"))
    assert basis.center == pytest.approx(0 * mean if metric == "inner_product" else mean)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ParameterError, match="labels must be 2,717 integer codes"):
        count_pairs_in_blocks(VECTORS, LABELS[:5])
    with pytest.raises(ParameterError, match="two classes"):
        count_pairs_in_blocks(VECTORS, LABELS * 0)
    with pytest.raises(ParameterError, match="groups must be 2,717"):
        count_pairs_in_blocks(VECTORS, LABELS, groups=GROUPS[1:])
    with pytest.raises(ParameterError, match="block_rows must be"):
        count_pairs_in_blocks(VECTORS, LABELS, block_rows=0)
