"""Values come back from a manifest and files as they were, to the bit; nothing else comes back."""

import base64
import datetime
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as wild
from scipy import sparse

from core.data import EmbeddingSet
from core.data.stated_metric import Stated
from core.errors import StoreError
from core.index import HnswParams, build_hnsw
from core.index.transform import Centering, Linear, Normalization
from core.store import decode, encode
from core.store.codec import VERSION
from tests.core.index.graphs import hand_graph
from tests.core.store.sameness import again, assert_same

LARGE = np.arange(100_000, dtype=np.float32).reshape(1000, 100)

DTYPES = st.one_of(
    wild.boolean_dtypes(),
    wild.integer_dtypes(endianness="?"),
    wild.unsigned_integer_dtypes(endianness="?"),
    wild.floating_dtypes(endianness="?", sizes=(16, 32, 64)),
    wild.complex_number_dtypes(endianness="?", sizes=(64, 128)),
    wild.datetime64_dtypes(endianness="?"),
    wild.timedelta64_dtypes(endianness="?"),
    wild.byte_string_dtypes(max_len=4),
    wild.unicode_string_dtypes(endianness="?", max_len=4),
)
ARRAYS = DTYPES.flatmap(
    lambda dtype: wild.arrays(dtype, wild.array_shapes(min_dims=0, max_dims=3, min_side=0))
)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=5),
    st.text(st.characters(categories=["Cs"]), min_size=1, max_size=2),
    st.binary(max_size=8),
    st.dates(),
    st.datetimes(timezones=st.sampled_from([None, datetime.UTC])),
    st.times(),
    st.timedeltas(),
    st.complex_numbers(),
    st.builds(range, st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 3)),
    st.builds(HnswParams, m=st.integers(2, 64)),
    st.sampled_from([np.float32(-0.0), np.int8(3), np.str_("é"), np.datetime64("2020-01-01")]),
)
NESTED = st.recursive(
    st.one_of(PLAIN, ARRAYS),
    lambda parts: st.one_of(
        st.lists(parts, max_size=4),
        st.lists(parts, max_size=4).map(tuple),
        st.dictionaries(st.one_of(PLAIN, st.tuples(PLAIN, PLAIN)), parts, max_size=3),
        st.frozensets(PLAIN, max_size=4),
        st.sets(PLAIN, max_size=4),
    ),
    max_leaves=12,
)


@given(value=NESTED)
def test_nested_values_come_back_to_the_bit(
    value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    assert_same(value, again(value, folder))
    assert encode(value).digest == encode(again(value, folder)).digest


@pytest.mark.parametrize(
    "array",
    [
        LARGE,
        np.asfortranarray(LARGE),
        LARGE[::2, ::3],
        LARGE.astype(">f8"),
        np.full((200, 200), -0.0),
        np.full(20_000, np.nan, np.float16),
        np.array(["ä", "日本"] * 5000),
        np.zeros((0, 5), np.int64),
        np.array(3.0),
        np.array(["2020-01-01", "NaT"], "M8[ms]"),
    ],
)
def test_an_array_keeps_type_order_and_bytes(array: np.ndarray, tmp_path: Path) -> None:
    back = again(array, tmp_path)
    assert_same(array, back)
    with pytest.raises(ValueError, match="read-only"):
        back[...] = array


def test_a_large_array_is_mapped_and_shared_by_two_places(tmp_path: Path) -> None:
    first, second = again((LARGE, LARGE.copy()), tmp_path)
    assert first is second
    assert isinstance(first, np.ndarray)
    assert not first.flags.owndata
    assert first.ctypes.data % 64 == 0
    assert len(list(tmp_path.glob("*.npy"))) == 1


FRAMES = {
    "numbers": pd.DataFrame({"a": [1.5, np.nan, -0.0], "b": np.array([1, 2, 3], np.uint8)}),
    "text": pd.DataFrame({"a": ["x", None, ""], "b": pd.Series(["x", None, "y"], dtype=object)}),
    "missing as NaN": pd.DataFrame({"a": pd.Series(["x", np.nan], dtype=object)}),
    "missing in two ways": pd.DataFrame({"a": pd.Series(["x", None, np.nan], dtype=object)}),
    "half a pair": pd.DataFrame({"a": pd.Series(["\ud800", None], dtype=object)}),
    "python strings": pd.DataFrame({"a": pd.array(["\ud800", None], pd.StringDtype("python"))}),
    "yes or no": pd.DataFrame({"a": [True, False], "b": pd.array([True, None], "boolean")}),
    "nullable": pd.DataFrame({"a": pd.array([2**62, None], "Int64")}),
    "nullable floats": pd.DataFrame({"a": pd.array([0.5, None], "Float32")}),
    "dates": pd.DataFrame(
        {"a": pd.to_datetime(pd.Series(["2020-01-01", None])), "b": pd.to_timedelta([1, 2])}
    ),
    "zones": pd.DataFrame({"a": pd.to_datetime(["2020-07-01"]).tz_localize("Europe/Berlin")}),
    "categories": pd.DataFrame({"a": pd.Categorical(["b", None, "a"], ["b", "a"], ordered=True)}),
    "categories of numbers": pd.DataFrame({"a": pd.Categorical([1.5, 0.5])}),
    "lists": pd.DataFrame({"a": [[1, 2], {"k": np.arange(3)}, None]}),
    "pictures": pd.DataFrame({"a": [b"\x89PNG\x00", b"", None]}),
    "complex": pd.DataFrame({"a": [1j, 2.0 + 0j]}),
    "no columns": pd.DataFrame(index=pd.RangeIndex(7)),
    "no rows": pd.DataFrame({"a": np.empty(0), "b": pd.Series([], dtype=object)}),
    "same names": pd.DataFrame(np.eye(2), columns=["a", "a"]),
    "named rows": pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="row")),
    "numbered columns": pd.DataFrame(np.arange(4).reshape(2, 2), index=[5, 3]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_frame_keeps_its_columns_to_the_bit(name: str, tmp_path: Path) -> None:
    assert_same(FRAMES[name], again(FRAMES[name], tmp_path))


def test_a_frame_keeps_what_is_said_of_it_and_a_series_its_name(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1]})
    frame.attrs["notes"] = ("read",)
    assert again(frame, tmp_path).attrs == {"notes": ("read",)}
    assert_same(
        pd.Series([1.0, 2.0], name=("a", 1)), again(pd.Series([1.0, 2.0], name=("a", 1)), tmp_path)
    )


def test_other_objects_of_the_standard_library_come_back(tmp_path: Path) -> None:
    values = (
        slice(1, None, 2),
        Stated(metric="cosine", notes=("said",)),
        sparse.csr_array(np.eye(3)),
        10**40,
        -(2**60),
        "\ud83d" + "\ude00",  # two halves, which JSON alone would join
    )
    assert_same(values, again(values, tmp_path))


def _everything() -> EmbeddingSet:
    frame = pd.DataFrame(
        {
            "label": ["b", "a", None, "b"],
            "when": pd.to_datetime(pd.Series(["2020-01-01", None, "2021-01-01", "2022-01-01"])),
            "size": pd.Categorical(["s", None, "m", "s"]),
            "tags": [["x"], [], None, ["y", "z"]],
            "image": [b"\x89PNG\r\n\x1a\n" + bytes(9), None, None, None],
            "count": pd.array([1, None, 3, 4], "Int64"),
            "span": pd.to_timedelta([1, 2, None, 4], unit="s"),
            "yes": [True, False, True, True],
            "text": pd.Series(["one", np.nan, "\u202e", ""], dtype=object),
        }
    )
    return EmbeddingSet.from_arrays(
        np.arange(12.0).reshape(4, 3),
        metadata=frame,
        name="all kinds",
        notes=["said"],
        queries=np.ones((2, 3), np.float32),
        ground_truth=np.array([[0, 1], [3, 2]]),
        metric="inner_product",
    )


def test_a_set_comes_back_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    embeddings = _everything()
    back = again(embeddings, tmp_path)
    assert back.fingerprint == embeddings.fingerprint
    assert back.bare.fingerprint == embeddings.bare.fingerprint
    assert back.class_names == ("a", "b")
    assert back.labels.tolist() == [1, 0, -1, 1]
    assert back.bare.vectors is back.vectors
    assert_same(embeddings, back)


def test_sets_that_differ_in_labels_alone_share_their_vectors() -> None:
    vectors = LARGE
    frame = pd.DataFrame({"a": ["x", "y"] * 500, "b": ["z"] * 1000})
    first = EmbeddingSet.from_arrays(vectors, metadata=frame, name="s", label_column="a")
    second = first.relabeled("b")
    one, other = encode(first), encode(second)
    assert one.digest != other.digest
    assert one.files[0].name in {blob.name for blob in other.files}
    assert [blob.name for blob in one.files] == [blob.name for blob in other.files]


def test_a_graph_comes_back_with_its_transform_and_deleted_rows(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    embeddings = EmbeddingSet.from_arrays(rng.normal(size=(400, 8)), name="s")
    graph = build_hnsw(embeddings.vectors, HnswParams(m=4, threads=1))
    assert_same(graph, again(graph, tmp_path))
    small = hand_graph([{0: [1], 1: [0], 2: [1]}, {1: []}], entry=1, deleted=[2])
    back = again(small, tmp_path)
    assert_same(small, back)
    assert back.deleted.tolist() == [False, False, True]


def _manifest(value: Any, **changes: Any) -> bytes:
    head = {"nearfield": VERSION, "files": {}, "value": value, **changes}
    return json.dumps(head).encode()


def _nowhere(name: str) -> Path:
    raise AssertionError(f"asked for {name}")


SIXTEEN = base64.b64encode(bytes(16)).decode()
REFUSED: dict[str, tuple[Any, str]] = {
    "another type": ({"object": ["os:system", {}]}, "none of core"),
    "a function": ({"object": ["core.store.codec:decode", {}]}, "not kept"),
    "an imported name": ({"object": ["core.store.codec:Path", {}]}, "not kept"),
    "a class that is not frozen": ({"object": ["core.store.folder:Folder", {}]}, "not kept"),
    "a way up": ({"object": ["core..os:system", {}]}, "none of core"),
    "a module that is not there": ({"object": ["core.nothing:Thing", {}]}, "does not have"),
    "a private way": ({"object": ["core.index.graph:HnswGraph.__init__", {}]}, "not kept"),
    "an unknown field": ({"object": ["core.index.params:HnswParams", {"n": 1}]}, "has no 'n'"),
    "a lacking field": ({"object": ["core.index.graph:Adjacency", {"indptr": 1}]}, "'targets'"),
    "a setting out of range": (
        {"object": ["core.index.params:HnswParams", {"m": -5}]},
        "M must|m must",
    ),
    "an enumeration": ({"member": ["core.index.params:HnswParams", "m"]}, "no enumeration"),
    "another kind": ({"pickle": "gASV"}, "unknown kind"),
    "a bare list": ([1, 2], "no kind"),
    "two kinds": ({"tuple": [], "list": []}, "2 kinds"),
    "a shape too large": ({"array": ["<f4", [2**40], "C", {"values": SIXTEEN}]}, "there are 16"),
    "a shape below zero": ({"array": ["<f4", [-4], "C", {"values": SIXTEEN}]}, "wrongly"),
    "objects": ({"array": ["|O", [2], "C", {"values": SIXTEEN}]}, "wrongly"),
    "a structure": ({"array": ["i4,i4", [2], "C", {"values": SIXTEEN}]}, "wrongly"),
    "no base 64": ({"array": ["<f4", [4], "C", {"values": "!!"}]}, "base 64"),
    "a path that leads out": ({"bytes": {"file": "../../etc/passwd"}}, "no name of a file"),
    "an unlisted file": ({"bytes": {"file": "0" * 64 + ".bin"}}, "does not list"),
    "a date that cannot be": ({"date": ["2020-13-01", 0]}, "cannot be"),
    "a key that cannot be": ({"dict": [[{"list": []}, 1]]}, "cannot be"),
    "a frame of nothing": ({"frame": {}}, "cannot be"),
    "a sparse array": ({"csr": [{"list": []}, {"list": []}, {"list": []}, [1, 1]]}, "cannot be"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_manifest_of_anything_else_is_refused(name: str) -> None:
    value, words = REFUSED[name]
    with pytest.raises(StoreError, match=words):
        decode(_manifest(value), _nowhere)


def test_a_manifest_that_is_none_is_refused() -> None:
    for manifest, words in [
        (b"\x80\x04.", "no JSON"),
        (b"[]", "none of Nearfield's"),
        (_manifest(1, nearfield=99), "format 99"),
        (_manifest(1, files={"../x": 1}), "no name of a file"),
        (_manifest(1, files={"0" * 64 + ".npy": -1}), "cannot be"),
        (
            b'{"nearfield":1,"files":{},"value":' + b'{"list":[' * 50_000 + b"]}" * 50_000 + b"}",
            "no JSON|deep",
        ),
    ]:
        with pytest.raises(StoreError, match=words):
            decode(manifest, _nowhere)


@pytest.mark.parametrize("cut", [0, 5, 60, 128, 1000, 399_999])
def test_an_array_file_cut_short_is_named(cut: int, tmp_path: Path) -> None:
    content = encode(LARGE)
    (blob,) = content.files
    (tmp_path / blob.name).write_bytes(b"".join(blob.parts)[:cut])
    manifest = b"".join(content.manifest.parts)
    with pytest.raises(StoreError, match=f"The file {blob.name} of the store is damaged"):
        decode(manifest, lambda name: tmp_path / name)


def test_a_file_of_another_array_is_named(tmp_path: Path) -> None:
    content = encode(LARGE)
    np.save(tmp_path / "other.npy", LARGE.reshape(100, 1000))
    manifest = b"".join(content.manifest.parts)
    words = re.escape(
        "should hold float32 in shape (1000, 100), and holds float32 in shape (100, 1000)"
    )
    with pytest.raises(StoreError, match=words):
        decode(manifest, lambda _name: tmp_path / "other.npy")


def test_a_file_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    content = encode(LARGE)
    np.save(tmp_path / "objects.npy", np.array([{}, {}], dtype=object), allow_pickle=True)
    with pytest.raises(StoreError, match="holds object"):
        decode(b"".join(content.manifest.parts), lambda _name: tmp_path / "objects.npy")


def test_a_table_cut_short_is_named(tmp_path: Path) -> None:
    content = encode(pd.DataFrame({"a": np.arange(5000.0), "b": ["x"] * 5000}))
    (blob,) = (blob for blob in content.files if blob.name.endswith(".arrow"))
    whole = b"".join(blob.parts)
    for cut in (0, 3, 100, len(whole) // 2):
        (tmp_path / blob.name).write_bytes(whole[:cut])
        with pytest.raises(StoreError, match=f"The file {blob.name} of the store is damaged"):
            decode(b"".join(content.manifest.parts), lambda name: tmp_path / name)


class Local:
    """Nothing that the store knows."""


@pytest.mark.parametrize(
    "value",
    [
        Local(),
        print,
        np.array([object()]),
        np.ma.masked_array([1, 2], [True, False]),
        np.zeros(2, "i4,i4"),
        pd.DataFrame({"a": pd.period_range("2020", periods=2, freq="M")}),
        pd.DataFrame({"a": [1]}, index=pd.MultiIndex.from_tuples([(1, 2)])),
        Path("x"),
    ],
)
def test_what_cannot_be_kept_is_said_before_anything_is_written(value: Any) -> None:
    with pytest.raises(StoreError, match="cannot be kept in the store"):
        encode((1, value))


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(StoreError, match="holds itself"):
        encode(loop)


GRAPH = hand_graph([{0: [1, 2], 1: [0], 2: [1]}, {1: [2], 2: []}], entry=1)
WRONG_GRAPHS: dict[str, tuple[dict[str, Any], str]] = {
    "a link beyond the rows": ({"base.targets": [1, 9, 0, 1]}, "row ids below 3"),
    "links that do not follow": ({"base.indptr": [0, 3, 2, 4]}, "do not follow"),
    "a level too high": ({"levels": [0, 99, 1]}, "between 0 and 64"),
    "an entry that is no row": ({"entry_point": 7}, "none of its rows"),
    "an entry below the top": ({"entry_point": 0}, "highest layer"),
    "upper rows elsewhere": ({"upper_start": [0, 5, 1]}, "do not start"),
    "a link off its layer": ({"upper.targets": [0]}, "not on its layer"),
    "labels that are too few": ({"labels": [0, 1]}, "a label for each row"),
}


@pytest.mark.parametrize("name", WRONG_GRAPHS)
def test_a_graph_that_kernels_must_not_see_is_refused(name: str) -> None:
    changes, words = WRONG_GRAPHS[name]
    manifest = json.loads(b"".join(encode(GRAPH).manifest.parts))
    parts = manifest["value"]["object"][1]
    for place, value in changes.items():
        *way, last = place.split(".")
        held = parts
        for step in way:
            held = held[step]["object"][1]
        if isinstance(value, int):
            held[last] = value
        else:
            dtype = held[last]["array"][0]
            held[last] = json.loads(b"".join(encode(np.array(value, dtype)).manifest.parts))[
                "value"
            ]
    with pytest.raises(StoreError, match=words):
        decode(json.dumps(manifest).encode(), _nowhere)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("vectors", np.zeros((4, 3)), "2-D of float32"),
        ("vectors", np.zeros((5, 3), np.float32), "a row for each vector"),
        ("queries", np.zeros((2, 4), np.float32), "other dimensions"),
        ("ground_truth", np.array([[0, 9], [1, 2]]), "row ids below 4"),
        ("ground_truth", np.array([[0, 1]]), "other queries"),
        ("label_column", "nothing", "no column 'nothing'"),
        ("metric", "taxicab", "taxicab"),
        ("metadata", None, "a row for each vector"),
        ("name", 5, "no text"),
    ],
)
def test_a_set_that_contradicts_itself_is_refused(
    field: str, value: Any, words: str, tmp_path: Path
) -> None:
    content = encode(_everything())
    for blob in content.files:
        (tmp_path / blob.name).write_bytes(b"".join(blob.parts))
    manifest = json.loads(b"".join(content.manifest.parts))
    manifest["value"]["object"][1][field] = json.loads(b"".join(encode(value).manifest.parts))[
        "value"
    ]
    with pytest.raises(StoreError, match=words):
        decode(json.dumps(manifest).encode(), lambda name: tmp_path / name)


def test_transforms_are_kept(tmp_path: Path) -> None:
    steps = (
        Linear("PCA", np.eye(3, dtype=np.float32)),
        Centering(np.ones(3, np.float32)),
        Normalization(3),
    )
    assert_same(steps, again(steps, tmp_path))
    assert encode(steps).digest == encode(steps).digest
