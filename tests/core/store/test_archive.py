"""A workspace as one zip, and what a zip must not do."""

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import limits
from core.data import EmbeddingSet
from core.errors import NotHereError, StoreError
from core.index import HnswParams, Neighbors, build_hnsw, exact_neighbors
from core.store import Store, encode, open_store
from tests.core.store.sameness import assert_same

Entries = dict[str, bytes]


def a_set() -> EmbeddingSet:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"label": ["a", "b", None, "a"] * 100, "text": ["row"] * 400})
    return EmbeddingSet.from_arrays(rng.normal(size=(400, 32)), metadata=frame, name="four")


def packed(store: Store) -> bytes:
    embeddings = a_set()
    graph = build_hnsw(embeddings.vectors, HnswParams(m=4, threads=1))
    holdings = {"data": store.put(embeddings), "index": store.put(graph), "same": store.put(graph)}
    made = store.create("ann", "Mine", {"page": "map"}, holdings, "link")
    out = io.BytesIO()
    store.export(made.token, "bob", out)
    return out.getvalue()


def test_a_zip_brings_everything_to_another_store(store: Store, tmp_path: Path) -> None:
    other = open_store(str(tmp_path / "other"))
    zipped = packed(store)
    taken = other.take_in(io.BytesIO(zipped), "cat")
    (mine,) = store.list_of("ann")
    assert (taken.owner, taken.visibility, taken.title) == ("cat", "private", "Mine")
    assert (taken.state, taken.holdings) == (mine.state, mine.holdings)
    assert taken.token != mine.token
    assert b"ann" not in zipped
    assert mine.token.encode() not in zipped
    for key in ("data", "index"):
        assert_same(store.get(mine.holdings[key]), other.get(taken.holdings[key]))
    out = io.BytesIO()
    other.export(taken.token, "cat", out)
    assert out.getvalue() == zipped
    other.close()


def test_only_who_may_see_it_can_export_it(store: Store) -> None:
    made = store.create("ann", "Mine", {}, {})
    with pytest.raises(NotHereError):
        store.export(made.token, "bob", io.BytesIO())


def entries_of(zipped: bytes) -> Entries:
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zip_of(entries: Entries, packing: int = zipfile.ZIP_DEFLATED) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out


def first(entries: Entries, ending: str) -> str:
    return min(name for name in entries if name.endswith(ending) and name != "workspace.json")


def described(entries: Entries, **changes: Any) -> Entries:
    head = {**json.loads(entries["workspace.json"]), **changes}
    return {**entries, "workspace.json": json.dumps(head).encode()}


def holding(value: Any, change: Callable[[Any], None]) -> Entries:
    """A zip of one value whose manifest somebody has changed, its digest with it."""
    content = encode(value)
    head = json.loads(b"".join(content.manifest.parts))
    change(head)
    manifest = json.dumps(head).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    files = {f"objects/{blob.name}": b"".join(blob.parts) for blob in content.files}
    about = {"nearfield": 1, "title": "x", "state": {}, "holdings": {"data": digest}}
    return {
        "workspace.json": json.dumps(about).encode(),
        f"objects/{digest}.json": manifest,
        **files,
    }


def other_name(head: Any) -> None:
    head["value"]["object"][1]["=fingerprint"] = "0" * 32


def type_of_elsewhere(head: Any) -> None:
    head["value"]["object"][0] = "subprocess:Popen"


def not_finite() -> EmbeddingSet:
    embeddings = a_set()
    vectors = embeddings.vectors.copy()
    vectors[3, 2] = np.nan
    return dataclasses.replace(embeddings, vectors=vectors, _bare=None)


def wrong_type(head: Any) -> None:
    head["value"]["object"][1]["m"] = "sixteen"


def no_array(head: Any) -> None:
    head["value"]["object"][1]["ids"] = {"tuple": [1, 2]}


def floats_for_ids(head: Any) -> None:
    head["value"]["object"][1]["ids"] = head["value"]["object"][1]["distances"]


def neighbors() -> Neighbors:
    return exact_neighbors(a_set().vectors, a_set().vectors[:3], 5, metric="cosine")


HOSTILE: dict[str, tuple[Callable[[Entries], Entries], str]] = {
    "a file cut short": (
        lambda e: {**e, first(e, ".npy"): e[first(e, ".npy")][:-4]},
        "does not hold what its name says",
    ),
    "a file that was changed": (
        lambda e: {**e, first(e, ".npy"): e[first(e, ".npy")][:-1] + b"\x01"},
        "does not hold what its name says",
    ),
    "a lacking file": (
        lambda e: {name: data for name, data in e.items() if name != first(e, ".npy")},
        "lacks a file that it names",
    ),
    "a path that climbs out": (lambda e: {**e, "../../evil": b"x"}, "another place: '../../evil'"),
    "a path below that climbs out": (
        lambda e: {**e, "objects/../../evil": b"x"},
        "no name of a file",
    ),
    "an absolute path": (lambda e: {**e, "/etc/passwd": b"x"}, "another place"),
    "a digest that climbs out": (
        lambda e: described(e, holdings={"data": "../../records"}),
        "is no digest",
    ),
    "no description": (
        lambda _e: {"objects/" + "0" * 64 + ".npy": b""},
        "no workspace of Nearfield",
    ),
    "a description that is none": (lambda e: {**e, "workspace.json": b"{"}, "cannot be read"),
    "a list for a description": (lambda e: {**e, "workspace.json": b"[]"}, "cannot be read"),
    "another version": (lambda e: described(e, nearfield=9), "another version of Nearfield: 9"),
    "a title too long": (lambda e: described(e, title="x" * 300), "1 to 200 characters; got 300"),
    "a bomb": (
        lambda e: {**e, "objects/" + "0" * 64 + ".bin": bytes(20_000_000)},
        "unpacks to 2[0-9] MB, and one person may keep 10 MB",
    ),
    "a false fingerprint": (lambda _e: holding(a_set(), other_name), "not the one that it is said"),
    "a type of elsewhere": (lambda _e: holding(a_set(), type_of_elsewhere), "none of core"),
    "vectors that are not finite": (lambda _e: holding(not_finite(), other_name), "must be finite"),
    "no array where one should be": (
        lambda _e: holding(neighbors(), no_array),
        "A Neighbors has a 'ids' of another type",
    ),
    "an array of another type": (
        lambda _e: holding(neighbors(), floats_for_ids),
        "A Neighbors has a 'ids' of another type",
    ),
    "a setting of another type": (
        lambda _e: holding(HnswParams(), wrong_type),
        "cannot be|must be",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_zip_is_refused_and_leaves_nothing(
    name: str, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.OWNER_MB.variable, "10")
    change, words = HOSTILE[name]
    source = zip_of(change(entries_of(packed(store))))
    other = open_store(str(tmp_path / "other"))
    with pytest.raises(StoreError, match=words):
        other.take_in(source, "cat")
    assert other.list_of("cat") == []
    assert not (tmp_path / "evil").exists()
    other.close()


def test_a_file_that_unpacks_to_more_than_it_states_is_refused(store: Store) -> None:
    zipped = bytearray(zip_of(entries_of(packed(store))).getvalue())
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        entry = max(archive.infolist(), key=lambda each: each.file_size)
    size = entry.file_size.to_bytes(4, "little")
    place = zipped.rindex(entry.compress_size.to_bytes(4, "little") + size)
    zipped[place + 4 : place + 8] = (1000).to_bytes(4, "little")
    with pytest.raises(StoreError, match=r"not of the size|does not hold|damaged"):
        store.take_in(io.BytesIO(zipped), "cat")


def test_two_files_of_one_name_are_refused(store: Store) -> None:
    out = zip_of(entries_of(packed(store)))
    with zipfile.ZipFile(out, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("workspace.json", "{}")
    with pytest.raises(StoreError, match="two files of one name"):
        store.take_in(out, "cat")


@pytest.mark.parametrize("cut", [0, 10, 1000, -30])
def test_a_zip_cut_short_is_refused(cut: int, store: Store) -> None:
    with pytest.raises(StoreError, match="no zip, or a damaged one"):
        store.take_in(io.BytesIO(packed(store)[:cut]), "cat")
