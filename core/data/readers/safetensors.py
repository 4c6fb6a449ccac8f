"""safetensors: the length of a header (uint64), the header in JSON, then the tensors.

Format: https://github.com/huggingface/safetensors#format
"""

import json
import math
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


def read(content: Content, options: Options) -> Found:
    """The tensors by name and shape, as the arrays of an .npz; without a copy of float32.

    bfloat16 becomes float32. A tensor of another kind of number is left out and named.
    """
    view = as_view(content)
    header, start = _header(view)
    said = header.pop("__metadata__", None)
    if len(header) > MOST_TENSORS:
        raise DataError(f"The file holds {len(header):,} tensors, and {MOST_TENSORS:,} are read.")
    data = view[start:]
    kept, left_out = {}, list[str]()
    for name, stated in header.items():
        kind, shape, place = _check(name, stated, len(data))
        if kind in KINDS:
            kept[name] = (KINDS[kind], kind, shape, place)
        else:
            left_out.append(f"{name!r} left out: numbers of the kind {kind[:20]} are not read")
    if not kept and left_out:
        raise DataError(f"No tensor can be read: {left_out[0]}. Save it as float32.")
    roles = assign_roles({name: shape for name, (_, _, shape, _) in kept.items()}, options)
    arrays = {name: _tensor(data, *kept[name]) for name in roles.used}
    texts = said if isinstance(said, dict) else {}
    stated_one = stated_metric((k, texts[k]) for k in KEYS if isinstance(texts.get(k), str))
    found = to_found(arrays, roles, (*stated_one.notes, *left_out[:MOST_NAMED]))
    return Found(**{**vars(found), "metric": stated_one.metric})


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


def _tensor(
    data: memoryview, dtype: np.dtype[Any], kind: str, shape: tuple[int, ...], place: int
) -> npt.NDArray[np.generic]:
    values = np.frombuffer(data, dtype, math.prod(shape), place).reshape(shape)
    if kind != BFLOAT16:
        return values
    check_bytes(4 * values.size, "The tensor as float32")
    return (values.astype(np.uint32) << 16).view(np.float32)  # its upper half
