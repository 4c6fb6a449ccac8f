"""Work in blocks equals the work on everything: ids, distances and ties."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.data.shards import open_shards
from core.distances import METRICS, Metric
from core.errors import DataError, ParameterError
from core.index import exact_neighbors
from core.studies.parts import blocks
from core.studies.parts.blocks import neighbors_in_blocks


def crowd(n: int, dim: int) -> np.ndarray:
    """Rows of few values, so that many are equal or equally far; a zero row among them."""
    rows = np.random.default_rng(3).integers(-1, 2, (n, dim)).astype(np.float32)
    rows[7] = 0
    return rows


ROWS = crowd(260, 4)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("block_rows", [1, 3, 64, 259, 1000])
@pytest.mark.parametrize("queries", [3, 40])  # of which few take another way than many
def test_blocks_give_what_one_block_gives(metric: Metric, block_rows: int, queries: int) -> None:
    own = np.where(np.arange(queries) % 3 == 0, -1, np.arange(queries) * 5 % 260)
    for exclude in (None, own):
        whole = exact_neighbors(ROWS, ROWS[:queries], 20, metric=metric, exclude=exclude)
        found = neighbors_in_blocks(
            ROWS, ROWS[:queries], 20, metric=metric, exclude=exclude, block_rows=block_rows
        )
        assert np.array_equal(found.ids, whole.ids)
        assert np.array_equal(found.distances, whole.distances)
        assert found.ids.shape == (queries, 20)


def test_all_rows_are_listed_where_they_are_wanted() -> None:
    few = ROWS[:6]
    for block_rows in (1, 2, 5, 6):
        found = neighbors_in_blocks(
            few, few, 5, metric="euclidean", exclude=np.arange(6), block_rows=block_rows
        )
        whole = exact_neighbors(few, few, 5, metric="euclidean", exclude=np.arange(6))
        assert np.array_equal(found.ids, whole.ids)
        assert not (found.ids == np.arange(6)[:, None]).any()


def test_float64_stays_and_rows_infinitely_far_are_listed_by_id() -> None:
    wide = np.array([[1e308], [-1e308], [0.0], [1e308 * 1.1], [-1e308 * 1.2]])
    whole = exact_neighbors(wide, wide, 4, metric="euclidean", exclude=np.arange(5))
    found = neighbors_in_blocks(
        wide, wide, 4, metric="euclidean", exclude=np.arange(5), block_rows=2
    )
    assert np.array_equal(found.ids, whole.ids)
    assert np.array_equal(found.distances, whole.distances)


def test_files_give_what_the_array_gives_and_spans_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        np.save(tmp_path / f"{number}.npy", ROWS[number * 52 : (number + 1) * 52])
    shards = open_shards(tmp_path)
    told: list[tuple[float, str]] = []
    monkeypatch.setattr(blocks, "MOST_CELLS", 4)
    with ThreadPoolExecutor(2) as executor:
        found = neighbors_in_blocks(
            shards,
            ROWS[:30],
            9,
            metric="cosine",
            block_rows=20,
            executor=executor,
            progress=lambda share, words: told.append((share, words)),
        )
    whole = exact_neighbors(ROWS, ROWS[:30], 9, metric="cosine")
    assert np.array_equal(found.ids, whole.ids)
    assert np.array_equal(found.distances, whole.distances)
    assert told[-1] == (1.0, "4 of 4 done")  # 13 blocks, 4 in a span
    assert blocks._spans(260, 20) == [(0, 80), (80, 160), (160, 240), (240, 260)]


def test_what_is_done_is_kept_by_span() -> None:
    done: dict[object, object] = {}
    first = neighbors_in_blocks(ROWS, ROWS[:2], 3, metric="cosine", block_rows=100, done=done)
    assert list(done) == [("neighbors", each) for each in [(0, 100), (100, 200), (200, 260)]]
    again = neighbors_in_blocks(
        ROWS * 0 + 1, ROWS[:2], 3, metric="cosine", block_rows=100, done=done
    )
    assert np.array_equal(first.ids, again.ids)


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="k must be at most 259"):
        neighbors_in_blocks(ROWS, ROWS[:1], 260, metric="cosine", exclude=[3])
    with pytest.raises(ParameterError, match="queries must have 4 dimensions"):
        neighbors_in_blocks(ROWS, ROWS[:1, :3], 2, metric="cosine")
    with pytest.raises(ParameterError, match="block_rows must be a whole number of at least 1"):
        neighbors_in_blocks(ROWS, ROWS[:1], 2, metric="cosine", block_rows=0)
    rows = ROWS.copy()
    rows[100] = np.nan
    np.save(tmp_path / "a.npy", rows)
    with pytest.raises(DataError, match=r"a\.npy: row 100"):
        neighbors_in_blocks(open_shards(tmp_path), ROWS[:1], 2, metric="cosine", block_rows=50)
