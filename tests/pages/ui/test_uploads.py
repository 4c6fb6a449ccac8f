from dataclasses import replace

import numpy as np
import pandas as pd

from core.data import EmbeddingSet, read_embeddings
from pages.ui.session.uploads import UploadStore


def rows_of(seed: int, rows: int = 250) -> EmbeddingSet:
    import io

    content = io.BytesIO()
    np.save(content, np.random.default_rng(seed).normal(size=(rows, 1000)).astype(np.float32))
    return read_embeddings(content.getvalue(), name=f"{seed}.npy")


def test_a_set_is_found_by_a_key_that_says_nothing_of_it() -> None:
    store, data = UploadStore[EmbeddingSet](keep=2, megabytes=100), rows_of(0)
    key = store.add(data)
    assert store.get(key) is data
    assert store.get("0" * len(key)) is None
    assert len(key) == 22  # 128 bits in base 64
    assert data.fingerprint[:8] not in key
    others = {UploadStore[EmbeddingSet](2, 100).add(data) for _ in range(20)}
    assert len({key, *others}) == 21


def test_the_least_recently_used_leaves_first() -> None:
    store = UploadStore[EmbeddingSet](keep=2, megabytes=100)
    first, second = store.add(rows_of(1)), store.add(rows_of(2))
    store.get(first)
    third = store.add(rows_of(3))
    assert [store.get(key) is not None for key in (first, second, third)] == [True, False, True]


def test_vectors_take_at_most_their_share_of_memory() -> None:
    # 250 rows x 1,000 x 4 bytes = 1 MB a set
    store = UploadStore[EmbeddingSet](keep=9, megabytes=2)
    keys = [store.add(rows_of(seed)) for seed in (1, 2, 3)]
    assert [store.get(key) is not None for key in keys] == [False, True, True]


def test_the_newest_set_stays_however_large() -> None:
    store = UploadStore[EmbeddingSet](keep=9, megabytes=1)
    store.add(rows_of(1))
    large = store.add(rows_of(2, rows=1000))
    assert store.get(large) is not None


def test_equal_sets_of_one_owner_have_one_key_unless_their_words_differ() -> None:
    store, first = UploadStore[EmbeddingSet](keep=9, megabytes=9), rows_of(1)
    key = store.add(first)
    assert store.add(rows_of(1)) == key
    assert store.get(key) is first
    other = store.add(replace(rows_of(1), name="mine"))
    noted = store.add(replace(rows_of(1), notes=("one row left out",)))
    assert len({key, other, noted}) == 3
    assert [store.get(each).name for each in (key, other)] == ["1", "mine"]  # type: ignore[union-attr]


def test_two_people_share_the_arrays_of_equal_bytes_and_nothing_else() -> None:
    store = UploadStore[EmbeddingSet](keep=9, megabytes=9)
    flags, numbers = [False, True] * 125, [0, 1] * 125
    first = rows_of(1).with_metadata(pd.DataFrame({"label": flags}))
    second = replace(rows_of(1), name="secret").with_metadata(pd.DataFrame({"label": numbers}))
    keys = store.add(first, "ann"), store.add(second, "bob")
    one, two = (store.get(key) for key in keys)
    assert one is not None
    assert two is not None
    assert keys[0] != keys[1]
    assert two.vectors is one.vectors
    assert (one.name, two.name) == ("1", "secret")
    assert (one.class_names, two.class_names) == (("False", "True"), ("0", "1"))
    assert one.fingerprint != two.fingerprint
    assert (store.owner(keys[0]), store.owner(keys[1])) == ("ann", "bob")


def test_the_many_sets_of_one_owner_leave_the_others_theirs() -> None:
    store = UploadStore[EmbeddingSet](keep=3, megabytes=100)
    ann = store.add(rows_of(0, rows=5), "ann")
    bobs = [store.add(rows_of(seed, rows=5), "bob") for seed in range(1, 6)]
    assert store.get(ann) is not None
    assert [store.get(key) is not None for key in bobs] == [False, False, True, True, True]


def test_where_there_is_no_room_the_owner_of_most_gives_up_theirs() -> None:
    # 1 MB a set, room for 4: bob has 3 and brings a fourth, which is the fifth of all
    store = UploadStore[EmbeddingSet](keep=9, megabytes=4)
    ann = store.add(rows_of(0), "ann")
    bobs = [store.add(rows_of(seed), "bob") for seed in range(1, 5)]
    assert store.get(ann) is not None
    assert [store.get(key) is not None for key in bobs] == [False, True, True, True]


def test_parts_that_sets_share_count_once() -> None:
    store = UploadStore[EmbeddingSet](keep=9, megabytes=2)  # 1 MB of vectors
    data = rows_of(0).with_metadata(pd.DataFrame({"a": range(250), "b": range(250)}))
    keys = [store.add(each) for each in (data, data.relabeled("a"), data.relabeled("b"))]
    assert all(store.get(key) is not None for key in keys)


def test_a_set_comes_back_under_the_key_that_it_had() -> None:
    store, data = UploadStore[EmbeddingSet](keep=2, megabytes=9), rows_of(0)
    store.put("known", data, "ann")
    assert store.get("known") is data
    store.remove(["known"], "bob")
    assert store.get("known") is data
    store.remove(["known"], "ann")
    assert store.get("known") is None
