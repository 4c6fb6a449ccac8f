r"""Lines of a text in bytes. Only \n and \r\n end a line; \r alone where there is no \n at all."""

import numpy as np

from core.data.readers.text import BLOCK, byte_array
from core.errors import DataError

LINE_END, RETURN = ord("\n"), ord("\r")
CONTROLS = tuple(code for code in range(1, 32) if code not in (9, 10, 13))


def contains(view: memoryview, byte: bytes) -> bool:
    """Whether the byte stands in the text."""
    return any(byte in bytes(view[start : start + BLOCK]) for start in range(0, len(view), BLOCK))


def unused(view: memoryview) -> str:
    """A control character that does not stand in the text; raises DataError where all do."""
    for code in CONTROLS:
        if not contains(view, bytes([code])):
            return chr(code)
    raise DataError("The text holds every control character, so it is no text file.")


def filled_end(view: memoryview, empty: bytes) -> tuple[int, int]:
    """The place after the last line that holds more than `empty` bytes, and the lines after it."""
    end = len(view)
    while end and not (kept := bytes(view[max(0, end - BLOCK) : end]).rstrip(empty)):
        end = max(0, end - BLOCK)
    end = max(0, end - BLOCK) + len(kept) if end else 0
    after = bytes(view[end : end + 1])
    while after not in (b"\n", b""):
        end += 1
        after = bytes(view[end : end + 1])
    end = min(end + 1, len(view))
    return end, count_lines(view[end:]) if end < len(view) else 0


def count_lines(view: memoryview) -> int:
    """Lines of the text; what follows the last line end is one as well."""
    blocks = (bytes(view[start : start + BLOCK]) for start in range(0, len(view), BLOCK))
    return sum(block.count(b"\n") for block in blocks) + (bytes(view[-1:]) != b"\n")


def blank_lines(view: memoryview) -> int:
    """Empty lines after another line."""
    count = 0
    for start in range(0, len(view), BLOCK):
        ends = byte_array(view[start : start + BLOCK + 1]) == LINE_END
        count += int((ends[1:] & ends[:-1]).sum())
    return count


def with_line_ends(view: memoryview) -> memoryview:
    r"""The text with \n where \r alone ends its lines, as on old Macs."""
    if not contains(view, b"\r") or contains(view, b"\n"):
        return view
    return memoryview(bytes(view).replace(b"\r", b"\n"))


def without_returns(view: memoryview) -> tuple[memoryview, str]:
    r"""The text with an unused character for each \r that ends no line, and that character.

    pyarrow would end a line there. "" for the character where there is no such \r.
    """
    if not contains(view, b"\r"):
        return view, ""
    values = byte_array(view)
    returns = np.flatnonzero(values == RETURN)
    after = values[np.minimum(returns + 1, len(values) - 1)]
    alone = returns[after != LINE_END]
    if not len(alone):
        return view, ""
    stand_in = unused(view)
    changed = values.copy()
    changed[alone] = ord(stand_in)
    return changed.data, stand_in


def lines_of_rows(view: memoryview, numbers: list[int], *, blank_rows: bool) -> list[int]:
    """The line, from 1, of each row by its number from 1; blank lines count if they are rows."""
    if blank_rows or not numbers:
        return numbers
    values = byte_array(view)
    ends = np.append(np.flatnonzero(values == LINE_END), len(values))
    starts = np.append(0, ends[:-1] + 1)
    only_return = values[np.minimum(starts, len(values) - 1)] == RETURN
    filled = ends - starts > only_return
    return [int(line) + 1 for line in np.flatnonzero(filled)[np.array(numbers) - 1]]
