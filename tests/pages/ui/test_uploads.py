from dataclasses import replace

import numpy as np

from core.data import EmbeddingSet, read_embeddings
from pages.ui.session.uploads import KEY_LENGTH, UploadStore


def rows_of(seed: int, rows: int = 250) -> EmbeddingSet:
    import io

    content = io.BytesIO()
    np.save(content, np.random.default_rng(seed).normal(size=(rows, 1000)).astype(np.float32))
    return read_embeddings(content.getvalue(), name=f"{seed}.npy")


def test_a_set_is_found_by_the_start_of_its_fingerprint() -> None:
    store, data = UploadStore(keep=2, megabytes=100), rows_of(0)
    key = store.add(data)
    assert key == data.fingerprint[:KEY_LENGTH]
    assert store.get(key) is data
    assert store.get("0" * KEY_LENGTH) is None


def test_the_least_recently_used_leaves_first() -> None:
    store = UploadStore(keep=2, megabytes=100)
    first, second = store.add(rows_of(1)), store.add(rows_of(2))
    store.get(first)
    third = store.add(rows_of(3))
    assert [store.get(key) is not None for key in (first, second, third)] == [True, False, True]


def test_vectors_take_at_most_their_share_of_memory() -> None:
    # 250 rows x 1,000 x 4 bytes = 1 MB a set
    store = UploadStore(keep=9, megabytes=2)
    keys = [store.add(rows_of(seed)) for seed in (1, 2, 3)]
    assert [store.get(key) is not None for key in keys] == [False, True, True]


def test_the_newest_set_stays_however_large() -> None:
    store = UploadStore(keep=9, megabytes=1)
    store.add(rows_of(1))
    large = store.add(rows_of(2, rows=1000))
    assert store.get(large) is not None


def test_of_equal_sets_of_one_name_the_first_stays_and_another_name_is_taken() -> None:
    store, first = UploadStore[EmbeddingSet](keep=9, megabytes=9), rows_of(1)
    key = store.add(first)
    assert store.add(rows_of(1)) == key
    assert store.get(key) is first
    other = replace(rows_of(1), name="mine")
    assert store.add(other) == key
    assert store.get(key) is other
