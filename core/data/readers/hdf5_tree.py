"""The groups of an HDF5 file and the headers of its arrays, read by pyfive from metered bytes.

A few damaged bytes make pyfive walk for ever: a header may continue in itself, a node of a B-tree
or of a heap may have itself or one neighbor as all of its children. Each step reads, so a stream
that counts what it gives out ends them all. Format:
https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
"""

import struct
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.data.readers.content import ContentFile, as_view
from core.data.readers.found import Content
from core.errors import DataError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
FIRST_USER_BLOCK = 512
DATASPACE, LINK_INFO, LINK, SYMBOL_TABLE = 1, 2, 6, 17
HARD, SOFT = 0, 1
UNDEFINED = 0xFFFFFFFFFFFFFFFF

MAX_DEPTH = 16
READS = 20_000
BYTES = 2_000_000
MAX_LINKS = 2_000
MAX_MESSAGES = 2_000
MAX_NAME = 1_000
MAX_PATH = 4_000

OTHER_FILE = "is a link to another file, which is never opened"
SOFT_LINK = "is a soft link, which is not followed"


class MeteredBytes(ContentFile):
    """Bytes that are given out so often and no more: an honest file needs each about once."""

    def __init__(self, content: Content) -> None:
        super().__init__(content)
        self.heaps: dict[int, dict[int, bytes]] = {}
        self._ever = BYTES + 2 * self.size
        self.grant(READS, BYTES)

    def grant(self, reads: int, size: int) -> None:
        """Set how many reads, of how many bytes altogether, are left for the next step."""
        self._reads, self._bytes = reads, size

    def read(self, size: int | None = -1, /) -> bytes:
        """Raise ValueError instead of reading past what was granted."""
        left = max(self.size - self.tell(), 0)
        wanted = left if size is None or size < 0 else min(size, left)
        self._reads, self._bytes, self._ever = (
            self._reads - 1,
            self._bytes - wanted,
            self._ever - wanted,
        )
        if min(self._reads, self._bytes, self._ever) < 0:
            raise ValueError("its structure is endless, or larger than is read here")
        return super().read(wanted)


@dataclass(frozen=True, eq=False)
class Tree:
    """root: the first group's header. datasets: header of each array by its path.

    left_out: what is wrong with each link that was not followed, by its path.
    """

    root: Any
    datasets: dict[str, Any] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def strip_user_block(content: Content) -> memoryview:
    """The bytes from HDF5's signature on, from where its addresses count; ValueError if none."""
    view = as_view(content)
    place = signature_place(view)
    if place is None:
        raise ValueError("it has no signature of HDF5")
    return view[place:]


def signature_place(view: memoryview) -> int | None:
    """Where HDF5's signature stands: at 0, or behind a block of 512, 1024, 2048, ... bytes."""
    place = 0
    while place < len(view):
        if view[place : place + len(SIGNATURE)] == SIGNATURE:
            return place
        place = 2 * place or FIRST_USER_BLOCK
    return None


def read_tree(stream: MeteredBytes) -> Tree:
    """Every array that hard links lead to, groups nearest to the root first."""
    address = _root(stream)
    headers = {address: _header(stream, address)}
    tree = Tree(headers[address])
    groups, links = deque([("", tree.root)]), 0
    while groups:
        path, group = groups.popleft()
        for name, target in _links(stream, group):
            links += 1
            full = _join(path, name)
            if links > MAX_LINKS:
                raise DataError(
                    f"The file links to more than {MAX_LINKS:,} arrays and groups. Save the arrays "
                    "of vectors, queries and metadata in a file of their own."
                )
            if isinstance(target, str):
                tree.left_out[full] = target
                continue
            known = target in headers
            header = headers[target] if known else _header(stream, target)
            headers[target] = header
            if header.find_msg_type(DATASPACE):
                tree.datasets.setdefault(full, header)
            elif not known:  # groups may hold each other
                groups.append((full, header))
    return tree


def _root(stream: MeteredBytes) -> int:
    from pyfive.misc_low_level import SuperBlock

    block = SuperBlock(stream, 0)
    stated = block._contents["end_of_file_address"] - block._contents["base_address"]
    if stated > stream.size:
        raise ValueError(f"it states {stated:,} bytes, and has {stream.size:,}")
    return int(block.offset_to_dataobjects)


def _header(stream: MeteredBytes, address: int) -> Any:
    from pyfive.dataobjects import DataObjects

    header = DataObjects(stream, address)
    if len(header.msgs) > MAX_MESSAGES:
        raise ValueError(f"a header has more than {MAX_MESSAGES:,} messages")
    return header


def _join(path: str, name: str) -> str:
    full = f"{path}/{name}" if path else name
    if len(full) > MAX_PATH:
        raise ValueError("its groups are nested too deeply")
    return full


def _links(stream: MeteredBytes, group: Any) -> Iterator[tuple[str, int | str]]:
    """Name and address of each link of a group; what is wrong with it instead of an address."""
    for message in group.msgs:
        place = message["offset_to_message"]
        if message["type"] == SYMBOL_TABLE:
            yield from _links_of_old_group(
                stream, *struct.unpack_from("<QQ", group.msg_data, place)
            )
        elif message["type"] == LINK:
            yield _parse_link(group.msg_data, place)
        elif message["type"] == LINK_INFO:
            flags = group.msg_data[place + 1]
            place += 10 if flags & 1 else 2  # a creation index stands between
            yield from _links_of_heap(stream, *struct.unpack_from("<QQ", group.msg_data, place))


def _links_of_old_group(
    stream: MeteredBytes, tree: int, heap: int
) -> Iterator[tuple[str, int | str]]:
    from pyfive.btree import BTreeV1Groups
    from pyfive.misc_low_level import Heap, SymbolTable

    addresses = BTreeV1Groups(stream, tree).symbol_table_addresses()
    names = Heap(stream, heap).data
    for address in addresses:
        for entry in SymbolTable(stream, address).entries:
            place = entry["link_name_offset"]
            end = names.index(b"\0", place, place + MAX_NAME)
            soft = entry["cache_type"] == 2
            yield _text(names[place:end]), SOFT_LINK if soft else entry["object_header_address"]


def _links_of_heap(stream: MeteredBytes, heap: int, tree: int) -> Iterator[tuple[str, int | str]]:
    from pyfive.btree import BTreeV2GroupNames
    from pyfive.misc_low_level import FractalHeap

    if UNDEFINED in (heap, tree):
        return
    _check_heap(stream, heap, tree)
    messages = FractalHeap(stream, heap)
    for record in BTreeV2GroupNames(stream, tree).iter_records():
        yield _parse_link(messages.get_data(record["heapid"]), 0)


def _check_heap(stream: MeteredBytes, heap: int, tree: int) -> None:
    """pyfive computes with numbers as long as the tree is deep, before it reads a node."""
    stream.seek(tree + 12)
    (depth,) = struct.unpack("<H", stream.read(2))
    stream.seek(heap + 22)
    (large,) = struct.unpack("<Q", stream.read(8))
    if depth > MAX_DEPTH or large != UNDEFINED:
        raise ValueError("its groups are indexed in a way that h5py does not use")


def _parse_link(data: bytes, place: int) -> tuple[str, int | str]:
    version, flags = struct.unpack_from("<BB", data, place)
    if version != 1:
        raise ValueError(f"a link states the version {version}")
    place += 2
    kind = data[place] if flags & 8 else HARD
    place += bool(flags & 8) + 8 * bool(flags & 4) + bool(flags & 16)  # kind, order, alphabet
    width = 1 << (flags & 3)
    length = int.from_bytes(data[place : place + width], "little")
    if length > MAX_NAME:
        raise ValueError(f"a link states a name of {length:,} letters")
    place += width
    name = _text(data[place : place + length])
    if kind != HARD:
        return name, SOFT_LINK if kind == SOFT else OTHER_FILE
    return name, int(struct.unpack_from("<Q", data, place + length)[0])


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")
