"""safetensors: the length of a header (uint64), the header in JSON, then the tensors.

Format: https://github.com/huggingface/safetensors#format
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from core.data.limits import check_bytes, check_size
from core.data.readers.arrays import assign_roles, to_found
from core.data.readers.content import as_view, head
from core.data.readers.found import Content, Found, Options
from core.data.stated_metric import KEYS, stated_metric
from core.errors import DataError

LENGTH = 8
LONGEST_HEADER = 10_000_000
MOST_TENSORS = 100_000
MOST_NAMED = 10
BFLOAT16 = "BF16"
KINDS: dict[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    BFLOAT16: np.dtype("<u2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U64": np.dtype("<u8"),
    "U32": np.dtype("<u4"),
    "U16": np.dtype("<u2"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}


def recognizes(content: Content, ending: str) -> bool:
    """Whether a length is followed by a JSON object; by the ending where the length is a lie."""
    start = head(content, LENGTH + 1)
    return start[LENGTH:] == b"{" and (
        ending == ".safetensors"
        or int.from_bytes(start[:LENGTH], "little") <= len(as_view(content)) - LENGTH
    )


@dataclass(frozen=True)
class Stored:
    """A tensor as the header states it; place: of its first byte behind the header."""

    kind: str
    shape: tuple[int, ...]
    place: int


@dataclass(frozen=True, eq=False)
class Tensors:
    """The tensors of a file, each checked against its size, none read yet.

    stored: by name. left_out: a sentence for each of another kind of number. texts: what the file
    says of itself. data: the bytes behind the header.
    """

    stored: Mapping[str, Stored]
    left_out: tuple[str, ...]
    texts: Mapping[str, Any]
    data: memoryview

    def array(self, name: str) -> npt.NDArray[np.generic]:
        """A tensor without a copy; bfloat16 becomes float32."""
        stated = self.stored[name]
        size = math.prod(stated.shape)
        flat = np.frombuffer(self.data, KINDS[stated.kind], size, stated.place)
        values = flat.reshape(stated.shape)
        if stated.kind != BFLOAT16:
            return values
        check_bytes(4 * values.size, "The tensor as float32")
        return (values.astype(np.uint32) << 16).view(np.float32)  # its upper half


def read(content: Content, options: Options) -> Found:
    """The tensors by name and shape, as the arrays of an .npz; without a copy of float32.

    bfloat16 becomes float32. A tensor of another kind of number is left out and named.
    """
    tensors = stored_tensors(content)
    if not tensors.stored and tensors.left_out:
        raise DataError(f"No tensor can be read: {tensors.left_out[0]}. Save it as float32.")
    roles = assign_roles({name: each.shape for name, each in tensors.stored.items()}, options)
    arrays = {name: tensors.array(name) for name in roles.used}
    texts = tensors.texts
    stated_one = stated_metric((k, texts[k]) for k in KEYS if isinstance(texts.get(k), str))
    found = to_found(arrays, roles, (*stated_one.notes, *tensors.left_out[:MOST_NAMED]))
    return Found(**{**vars(found), "metric": stated_one.metric})


def stored_tensors(content: Content) -> Tensors:
    """What the header states, held against the size of the file; raises DataError."""
    view = as_view(content)
    header, start = _header(view)
    said = header.pop("__metadata__", None)
    if len(header) > MOST_TENSORS:
        raise DataError(f"The file holds {len(header):,} tensors, and {MOST_TENSORS:,} are read.")
    data = view[start:]
    kept, left_out = dict[str, Stored](), list[str]()
    for name, stated in header.items():
        kind, shape, place = _check(name, stated, len(data))
        if kind in KINDS:
            kept[name] = Stored(kind, shape, place)
        else:
            left_out.append(f"{name!r} left out: numbers of the kind {kind[:20]} are not read")
    return Tensors(kept, tuple(left_out), said if isinstance(said, dict) else {}, data)


def _header(view: memoryview) -> tuple[dict[str, Any], int]:
    length = int.from_bytes(view[:LENGTH], "little")
    if len(view) < LENGTH or length > len(view) - LENGTH:
        raise DataError(
            f"The file states a header of {length:,} bytes, and has {len(view):,} in all. It is "
            "cut off or damaged; copy it again."
        )
    if length > LONGEST_HEADER:
        raise DataError(
            f"The header has {length:,} bytes, and {LONGEST_HEADER:,} are read. Save the vectors "
            "in a file of their own."
        )
    try:
        header = json.loads(bytes(view[LENGTH : LENGTH + length]))
    except (ValueError, RecursionError) as error:
        raise DataError(f"The header of the file is not JSON: {str(error)[:200]}.") from error
    if not isinstance(header, dict):
        raise DataError("The header of the file must be a JSON object, one entry per tensor.")
    return header, LENGTH + length


def _check(name: str, stated: Any, available: int) -> tuple[str, tuple[int, ...], int]:
    """Kind, shape and place of a tensor whose size is what its place says; raises DataError."""
    try:
        kind, shape, (start, end) = stated["dtype"], stated["shape"], stated["data_offsets"]
        numbers = [*shape, start, end]
        good = isinstance(kind, str) and all(type(n) is int and n >= 0 for n in numbers)
    except (TypeError, KeyError, ValueError):
        good = False
    if not good:
        raise DataError(f"The header does not say what the tensor {name[:60]!r} is. It is damaged.")
    check_size(math.prod(shape[:-1]), shape[-1] if shape else 1)
    size = math.prod(shape) * KINDS[kind].itemsize if kind in KINDS else end - start
    if not start <= end <= available or end - start != size:
        raise DataError(
            f"The tensor {name[:60]!r} states the shape {tuple(shape)} of {kind}, {size:,} bytes, "
            f"at the bytes {start:,} to {end:,} of {available:,}. The file is cut off or damaged."
        )
    return kind, tuple(shape), start
