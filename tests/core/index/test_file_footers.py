"""The footer that Lucene writes behind other libraries' files."""

import zlib

import pytest

from core.errors import IndexFileError
from core.index import read_index
from tests.core.index.index_files import faiss_bytes, hnswlib_bytes, rows, usearch_bytes

VECTORS = rows(30)
FILES = {
    "hnswlib": hnswlib_bytes(VECTORS),
    "faiss": faiss_bytes(VECTORS),
    "usearch": usearch_bytes(VECTORS),
}


def with_footer(content: bytes) -> bytes:
    """CodecUtil.writeFooter: ~0x3FD76C17, 0, and the CRC-32 of all before, big-endian."""
    head = content + (0xFFFFFFFF - 0x3FD76C17).to_bytes(4, "big") + bytes(4)
    return head + zlib.crc32(head).to_bytes(8, "big")


@pytest.mark.parametrize("kind", FILES)
def test_a_file_with_the_footer_is_the_file(kind: str) -> None:
    graph = read_index(with_footer(FILES[kind]), metric="euclidean")
    assert graph.fingerprint == read_index(FILES[kind], metric="euclidean").fingerprint
    assert graph.notes == ("Lucene's footer left out, its checksum is right: 16 bytes",)


@pytest.mark.parametrize("kind", FILES)
def test_a_byte_that_was_changed_is_found_by_the_checksum(kind: str) -> None:
    content = bytearray(with_footer(FILES[kind]))
    content[200] ^= 1
    message = f"the checksum in Lucene's footer at byte {len(FILES[kind]):,} is not that"
    with pytest.raises(IndexFileError, match=message):
        read_index(bytes(content), metric="euclidean")
