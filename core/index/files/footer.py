"""The footer that Lucene writes behind every file it keeps, also other libraries' index files.

16 bytes, big-endian: a magic word u32, an algorithm u32 (0), and the CRC-32 u64 of all bytes
before. OpenSearch keeps faiss' and nmslib's files so
(https://lucene.apache.org/core/9_0_0/core/org/apache/lucene/codecs/CodecUtil.html).
"""

import zlib

from core.errors import IndexFileError

SIZE, CHECKSUM = 16, 8
MAGIC = bytes.fromhex("c02893e800000000")


def without_footer(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The file without Lucene's footer and a note of it; as it is where it has none.

    Raises IndexFileError where the footer's checksum is not that of the file.
    """
    start = len(content) - SIZE
    if start < 0 or content[start : start + len(MAGIC)] != MAGIC:
        return content, ()
    stated = int.from_bytes(content[-CHECKSUM:], "big")
    found = zlib.crc32(memoryview(content)[:-CHECKSUM])
    if stated != found:
        raise IndexFileError(
            f"The file is damaged: the checksum in Lucene's footer at byte {start:,} is not that "
            "of the bytes before. Copy the file again."
        )
    return content[:start], (f"Lucene's footer left out, its checksum is right: {SIZE} bytes",)
