"""HDF5 files made to lead in circles, to grow, or to reach out; and damage of every kind."""

import builtins
import io
import struct
import time
import tracemalloc
import zlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import read_embeddings
from core.data.readers import Options, hdf5
from core.data.readers.hdf5_tree import SIGNATURE
from core.errors import DataError
from tests.core.data.files import VECTORS, as_hdf5
from tests.core.data.test_hdf5 import stored_as, written

NONE = 0xFFFFFFFFFFFFFFFF
SECONDS = 5  # of the processor: a read that never ends is stopped by faulthandler_timeout
ENDLESS = "its structure is endless, or larger than is read here"


def nested(path: str) -> bytes:
    arrays: dict[str, Any] = {f"{path}x": VECTORS}
    return as_hdf5(**arrays)


def mixed(libver: Any) -> bytes:
    """Every part of the format that is read: groups, heaps, chunks, filters, texts."""

    def fill(file: h5py.File) -> None:
        file.attrs["distance"] = "angular"
        packed = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        if libver == "latest":
            packed = {}
        file.create_dataset("train", data=VECTORS, **packed)
        file["test"], file["neighbors"] = VECTORS[:1], [[0, 1]]
        file["label"] = ["cat", "dog", "cat", "bird"]
        for i in range(9):  # more than a group holds without a heap
            file[f"more/column {i}"] = np.arange(4)
        file["more/root"] = file["/"]

    return written(fill, libver=libver)


MIXED = {name: mixed(name) for name in ("earliest", "v108", "latest")}


def refusal(content: bytes, **options: Any) -> str:
    with pytest.raises(DataError) as caught:
        hdf5.read(content, Options(**options))
    return str(caught.value)


def read_or_refuse(content: bytes) -> None:
    begun = time.process_time()
    try:
        found = read_embeddings(content, name="a.h5")
    except DataError:
        pass
    else:
        assert found.vectors.ndim == 2
    assert time.process_time() - begun < SECONDS


class TestDamage:
    @pytest.mark.parametrize("kind", MIXED)
    def test_cut_off(self, kind: str) -> None:
        content = MIXED[kind]
        for length in range(1, len(content), 200):
            reason = refusal(content[:length])
            assert reason.startswith("The file is not a readable HDF5 file: ")
            assert reason.endswith(" It is cut off or damaged; save it again.")

    @pytest.mark.parametrize("kind", MIXED)
    @settings(max_examples=100, deadline=None)
    @given(data=st.data())
    def test_any_bytes_changed(self, kind: str, data: st.DataObject) -> None:
        content = bytearray(MIXED[kind])
        for _ in range(data.draw(st.integers(1, 3))):
            place = data.draw(st.integers(0, len(content) - 1))
            content[place] = data.draw(st.sampled_from([0, 1, 2, 127, 128, 255]))
        read_or_refuse(bytes(content))

    @pytest.mark.parametrize("kind", MIXED)
    @settings(max_examples=50, deadline=None)
    @given(data=st.data())
    def test_any_address_changed(self, kind: str, data: st.DataObject) -> None:
        content = bytearray(MIXED[kind])
        known = [m for m in range(0, len(content) - 8, 8) if any(content[m : m + 8])]
        place = data.draw(st.sampled_from(known))
        target = data.draw(st.sampled_from([0, NONE, 2**63, 2**31, *known]))
        content[place : place + 8] = target.to_bytes(8, "little")
        read_or_refuse(bytes(content))

    def test_a_name_and_nothing_else(self) -> None:
        assert "it has no signature of HDF5" in refusal(b"hello")
        assert "not a readable HDF5 file: " in refusal(SIGNATURE)
        assert "not a readable HDF5 file: " in refusal(bytes(512) + SIGNATURE)


def headed(message: int, body: bytes, rest: bytes = b"") -> bytes:
    """A file whose root has one header message; `rest` begins at `REST`."""
    part = struct.pack("<BHB", message, len(body), 0) + body
    root = b"OHDR" + struct.pack("<BBB", 2, 0, len(part) + 4) + part + bytes(8)
    block = SIGNATURE + struct.pack("<4B4QI", 2, 8, 8, 0, 0, NONE, 0, 48, 0)
    return (block + root).ljust(REST, b"\0") + rest


REST = 256


def tree_node(level: int, children: list[int], kind: int = 0) -> bytes:
    head = b"TREE" + struct.pack("<BBHQQ", kind, level, len(children), NONE, NONE)
    return head + b"".join(struct.pack("<QQ", 0, child) for child in children) + bytes(8)


class TestCircles:
    """Each would keep pyfive busy for ever, or until the memory is full."""

    def test_a_header_that_continues_in_itself(self) -> None:
        again = struct.pack("<QQ", REST, 32)
        block = b"OCHK" + struct.pack("<BHB", 16, 16, 0) + again + bytes(8)
        assert ENDLESS in refusal(headed(16, again, block))

    @pytest.mark.parametrize("width", [2, 50])
    def test_a_tree_whose_branches_meet(self, width: int) -> None:
        size = len(tree_node(0, [0] * width))
        levels = [
            tree_node(60 - i, [REST + (i + 1) * size] * width) for i in range(60)
        ]  # 2 ** 60 ways lead down
        nodes = b"".join(levels) + tree_node(0, [])
        assert ENDLESS in refusal(headed(17, struct.pack("<QQ", REST, NONE), nodes))

    def test_a_heap_whose_blocks_meet(self) -> None:
        rows = 60  # of a table whose indirect blocks are all this one
        head = struct.pack("<BHHBI", 0, 7, 0, 0, 4096) + struct.pack("<12Q", 0, NONE, *[0] * 10)
        head += struct.pack("<HQQHHQH", 1, 512, 512, 32, 0, REST + 200, rows)
        table = b"FHIB" + struct.pack("<BQ", 0, 0) + bytes(4)
        entries = struct.pack("<QQ", NONE, NONE) + struct.pack("<Q", REST + 200) * (rows - 2)
        rest = (b"FRHP" + head).ljust(200, b"\0") + table + entries
        body = struct.pack("<BBQQ", 0, 0, REST, REST)
        reason = refusal(headed(2, body, rest))
        assert ENDLESS in reason or "is not what it should be" in reason  # before pyfive 1.3

    @pytest.mark.parametrize(("depth", "large"), [(65_535, NONE), (0, REST)])
    def test_a_heap_and_its_tree_as_no_group_has_them(self, depth: int, large: int) -> None:
        heap = b"FRHP" + struct.pack("<BHHBIQQ", 0, 7, 0, 0, 4096, 0, large)
        tree = b"BTHD" + struct.pack("<BBIHHBBQHQ", 0, 5, 512, 11, depth, 1, 1, REST, 0, 0)
        body = struct.pack("<BBQQ", 0, 0, REST, REST + 64)
        content = headed(2, body, heap.ljust(64, b"\0") + tree)
        assert "indexed in a way that h5py does not use" in refusal(content)

    def test_a_header_of_many_messages(self) -> None:
        assert "more than 2,000 messages" in refusal(
            headed(16, struct.pack("<QQ", REST, 9_000), (b"OCHK".ljust(9_000, b"\0")))
        )

    def test_heaps_within_heaps(self) -> None:
        n, step = 2_000, 32  # each heap holds all that follow: 64 MB from 64 kB
        content = bytearray(as_hdf5(vectors=np.zeros((n, 1)), word=["abc"] * n))
        with h5py.File(io.BytesIO(bytes(content))) as file:
            places = file["word"].id.get_offset()
        start = len(content)
        for i in range(n):
            size = (n - i) * step
            content += b"GCOL" + struct.pack("<B3xQHHIQ", 1, size, 1, 0, 0, size - 32)
            row = struct.pack("<IQI", 3, start + i * step, 1)
            content[places + 16 * i : places + 16 * (i + 1)] = row
        assert ENDLESS in refusal(bytes(content))

    def test_chunks_of_an_index_that_leads_back(self) -> None:
        content = bytearray(stored_as(np.ones((500, 1)), chunks=(1, 1)))
        places = [m for m in range(len(content)) if content.startswith(b"TREE\x01", m)]
        root = next(m for m in places if content[m + 5] == 1)
        leaf = next(m for m in places if content[m + 5] == 0)
        entries = int.from_bytes(content[root + 6 : root + 8], "little")
        for i in range(entries):
            place = root + 24 + i * 40 + 32
            content[place : place + 8] = leaf.to_bytes(8, "little")
        found = hdf5.read(bytes(content), Options())  # the same few chunks, and zeros
        assert 0 < np.count_nonzero(found.vectors) < 100

    def test_groups_that_hold_each_other(self) -> None:
        def fill(file: h5py.File) -> None:
            group = file.create_group("a/b")
            group["up"] = file["a"]
            file["a/b/root"] = file["/"]
            file["a/b/vectors"] = VECTORS
            file["loop"] = h5py.SoftLink("/loop")
            file["one"], file["two"] = h5py.SoftLink("/two"), h5py.SoftLink("/one")

        found = hdf5.read(written(fill), Options())
        assert found.notes[0] == "vectors taken from the array 'a/b/vectors'"
        assert [note.split()[0] for note in found.notes[1:]] == ["'loop'", "'one'", "'two'"]

    def test_an_array_of_many_names_is_read_once(self) -> None:
        def fill(file: h5py.File) -> None:
            file["vectors"] = np.zeros((500, 1))
            file.create_dataset("column", data=np.arange(500), chunks=(1,))
            for i in range(400):
                file[f"name {i}"] = file["column"]

        found = read_embeddings(written(fill), name="a.h5")
        assert found.metadata.shape == (500, 401)
        assert (found.metadata.to_numpy() == np.arange(500)[:, None]).all()

    def test_groups_in_groups(self) -> None:
        assert "nested too deeply" in refusal(nested("long name/" * 500))
        found = hdf5.read(nested("a/" * 400), Options())
        np.testing.assert_array_equal(found.vectors, VECTORS)

    def test_too_many_arrays(self) -> None:
        def fill(file: h5py.File) -> None:
            for i in range(2_001):
                file[f"{i}"] = file["/"]

        assert "links to more than 2,000 arrays and groups. Save" in refusal(written(fill))


class TestGrowth:
    """What the file unpacks to is bounded by what it states, and that by the limits."""

    @pytest.mark.parametrize("how", [{}, {"chunks": (1_000, 1_000)}])
    def test_a_shape_without_values(self, how: dict[str, Any]) -> None:
        def content(n: int) -> bytes:
            return written(lambda file: file.create_dataset("train", (n, 1_000), "f4", **how))

        tracemalloc.start()
        assert "1,000,000,000 x 1,000 = 1,000,000,000,000 values" in refusal(content(10**9))
        assert "'train' is too large: 4,000 MB" in refusal(content(10**6))
        assert "'train' holds no values" in refusal(content(10**5))
        assert tracemalloc.get_traced_memory()[1] < 5e6
        tracemalloc.stop()

    def test_arrays_that_are_too_large_together(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = as_hdf5(train=np.zeros((600, 100)), test=np.zeros((600, 100)))  # 0.48 MB each
        monkeypatch.setattr("core.data.limits.max_bytes", lambda: 970_000)
        assert len(hdf5.read(content, Options()).vectors) == 600
        monkeypatch.setattr("core.data.limits.max_bytes", lambda: 950_000)
        assert "The unpacked file is too large" in refusal(content)

    def test_chunks_far_beyond_the_edge(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def fill(file: h5py.File) -> None:
            how = {"maxshape": (None, None), "chunks": (1_000, 1_000), "compression": "gzip"}
            file.create_dataset("train", data=np.ones((2, 1)), **how)

        content = written(fill)  # 16 bytes of values in a chunk of 8 MB
        assert hdf5.read(content, Options()).vectors.tolist() == [[1], [1]]
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "7")
        assert "The array 'train' is too large: 8 MB" in refusal(content)

    @pytest.mark.parametrize("times", [1, 2])
    def test_a_chunk_that_unpacks_to_more_than_it_states(self, times: int) -> None:
        bomb = bytes(200_000_000)
        for _ in range(times):
            bomb = zlib.compress(bomb, 9)

        def fill(file: h5py.File) -> None:
            array = file.create_dataset("train", (10, 10), "f4", chunks=(10, 10), compression=1)
            array.id.write_direct_chunk((0, 0), bomb)

        content = written(fill)
        tracemalloc.start()
        reason = refusal(content)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert "a chunk is cut off, or unpacks to more than 40" in reason or times == 2
        assert peak < 3 * len(content) + 5e6

    def test_gzip_in_gzip(self) -> None:
        def fill(file: h5py.File) -> None:
            kind = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            kind.set_chunk((2, 2))
            kind.set_deflate(9)
            kind.set_deflate(9)
            space = h5py.h5s.create_simple((2, 2))
            h5py.h5d.create(file.id, b"train", h5py.h5t.IEEE_F32LE, space, kind)

        assert "'train' is packed twice with the same filter" in refusal(written(fill))

    def test_one_long_text_in_every_row(self, monkeypatch: pytest.MonkeyPatch) -> None:
        content = bytearray(as_hdf5(vectors=np.zeros((1_000, 1)), word=["a" * 60_000, *"b" * 999]))
        assert len(content) < 200_000
        first = bytes(content).index(struct.pack("<I", 60_000))
        content[first : first + 16_000] = content[first : first + 16] * 1_000
        found = read_embeddings(bytes(content), name="a.h5")
        assert set(found.metadata["word"].map(len)) == {60_000}
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "59")  # 1,000 x 60,000 letters
        assert "The text of the array 'word' is too large: 60 MB" in refusal(bytes(content))

    def test_more_chunks_than_are_read(self) -> None:
        def fill(file: h5py.File) -> None:
            file.create_dataset("train", (1_000_001, 1), "i1", chunks=(1, 1))[0] = 1

        assert "'train' has 1,000,001 chunks: save it again in larger" in refusal(written(fill))

    def test_a_chunk_outside_of_its_array(self) -> None:
        content = stored_as(np.ones((4, 2)), chunks=(2, 2))
        corner = struct.pack("<IIQQQ", 32, 0, 2, 0, 0)
        assert content.count(corner) == 1
        for wrong in ((4, 0, 0), (1, 0, 0), (2**60, 0, 0)):
            damaged = content.replace(corner, struct.pack("<IIQQQ", 32, 0, *wrong))
            assert f"a chunk lies at {wrong[:2]}, outside of its array" in refusal(damaged)

    def test_a_wrong_checksum(self) -> None:
        content = stored_as(VECTORS, chunks=(4, 3), fletcher32=True)
        value = struct.pack("<f", 11.25)
        assert content.count(value) == 1
        assert "checksum" in refusal(content.replace(value, struct.pack("<f", 11.5)))


def test_no_other_file_is_opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    other = tmp_path / "other.h5"
    other.write_bytes(as_hdf5(x=VECTORS))

    def fill(file: h5py.File) -> None:
        file["vectors"] = VECTORS
        file["link"] = h5py.ExternalLink(str(other), "x")
        file.create_dataset("raw", (4,), "f4", external=[(str(other), 0, 16)])
        layout = h5py.VirtualLayout((4,), "f4")
        layout[...] = h5py.VirtualSource(str(other), "x", shape=(4, 3))[:, 0]
        file.create_virtual_dataset("made", layout)

    content = written(fill)
    hdf5.read(content, Options())  # imports what it needs

    def opened(*asked: Any, **_: Any) -> Any:
        raise AssertionError(f"opened {asked}")

    monkeypatch.setattr(builtins, "open", opened)
    monkeypatch.setattr(io, "open", opened)
    notes = hdf5.read(content, Options()).notes[1:]
    assert [note.split(" left out: it ")[0] for note in notes] == ["'link'", "'made'", "'raw'"]
