"""A column of cells as numbers, yes or no, or text. A cell is never changed in silence.

| cells of the column, empty ones apart                  | become                                |
|--------------------------------------------------------|---------------------------------------|
| whole numbers that int64 holds                         | int64; float64 where some are missing |
| numbers, "nan", "inf"                                  | float64                               |
| whole numbers that a float would round                 | text                                  |
| whole numbers, some with leading zeros ("0108")        | text                                  |
| numbers and words for a missing one ("NA", "null")     | float64, the words counted            |
| True and False                                         | yes or no; text where some are missing |
| anything else                                          | text, as it stands                    |
"""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.data.readers.delimited.cells import FLAGS, MISSING_NUMBERS, WHITE_SPACE

EXACT_IN_FLOAT = 2**53
ZERO, MINUS = ord("0"), ord("-")
LEADING_ZERO = r"^[+-]?0[0-9xX]"  # Arrow takes "0x10" for 16
MISSING_WORDS = pa.array(MISSING_NUMBERS)
Values: TypeAlias = npt.NDArray[Any] | pa.ChunkedArray


class TypedColumn:
    """Takes a column block by block, as numbers as long as they are numbers.

    lost: an earlier block was taken as numbers that do not give its text back; the column must be
    read again, as text (`TypedColumn(text=True)`). words: cells such as "NA" taken as missing.
    """

    def __init__(self, *, decimal: str = ".", text: bool = False) -> None:
        self.lost = False
        self.words = 0
        self._decimal = decimal
        self._kind = "text" if text else "empty"
        self._as_it_stands = True  # the text of the blocks so far can be had from their values
        self._pieces: list[pa.Array] = []

    @property
    def is_text(self) -> bool:
        """Whether the blocks so far are no numbers."""
        return self._kind == "text" or self.lost

    def add(self, cells: pa.Array) -> None:
        """One more block of texts, null where a cell is empty."""
        if self.lost:
            return
        if self._kind == "text":
            self._pieces.append(cells)
        elif cells.null_count == len(cells):
            self._pieces.append(pa.nulls(len(cells), pa.int64()))
        else:
            self._add_values(cells)

    def add_numbers(self, numbers: pa.Array) -> bool:
        """One more block that was read as float64; False where a float may have rounded it."""
        ends = pc.min_max(numbers).as_py()
        large = max(abs(ends["min"] or 0), abs(ends["max"] or 0))
        self._kind, self._as_it_stands = "number", False
        self._pieces.append(numbers)
        return bool(np.isinf(large) or np.isnan(large) or large <= EXACT_IN_FLOAT)

    def _add_values(self, cells: pa.Array) -> None:
        numbers = self._numbers(cells)
        if numbers is None:
            self._become_text(cells)
            return
        kind = "whole" if pa.types.is_integer(numbers.type) else "number"
        if numbers.null_count == len(numbers):
            kind = self._kind
        self._kind = "number" if "number" in (kind, self._kind) else kind
        self._as_it_stands &= kind == "whole"
        self._pieces.append(numbers)

    def _numbers(self, cells: pa.Array) -> pa.Array | None:
        """int64 or float64; None where the cells are not all numbers, or would be changed."""
        if self._decimal == ",":
            if pc.any(pc.match_substring(cells, ".")).as_py():
                return None  # 1.234 may be 1234
            cells = pc.replace_substring(cells, ",", ".")
            self._as_it_stands = False
        numbers = _exact_numbers(cells, whole=self._kind != "number")
        if numbers is None:
            cleaned = pc.utf8_trim(cells, WHITE_SPACE)
            words = pc.is_in(cleaned, MISSING_WORDS)
            cleaned = pc.if_else(words, pa.scalar(None, pa.string()), cleaned)
            numbers = _exact_numbers(cleaned, whole=self._kind != "number")
            if numbers is not None:
                self.words += pc.sum(words).as_py() or 0
                self._as_it_stands = False
        return numbers

    def _become_text(self, cells: pa.Array) -> None:
        if not self._as_it_stands or (self._kind == "number"):
            self.lose()
            return
        self._kind = "text"
        self._pieces = [piece.cast(pa.string()) for piece in self._pieces]
        self._pieces.append(cells)

    def lose(self) -> None:
        """Forget what was read: it must be read again, as text."""
        self.lost = True
        self._pieces = []

    def finish(self) -> Values:
        """The values: an array of numpy for numbers and yes or no, else texts of Arrow.

        Sets `lost` where there is no number at all, only words for a missing one, or where numbers
        would be rounded.
        """
        if self._kind == "text":
            texts = pa.chunked_array(self._pieces, pa.string())
            return _as_flags(texts)
        if self._kind == "number":
            return self._floats()
        whole, self._pieces = pa.chunked_array(self._pieces, pa.int64()), []
        if self.words and self._kind == "empty":
            self.lose()
        if whole.null_count == 0 and len(whole):
            return np.asarray(whole.to_numpy())
        if self._kind == "whole" and _beyond_exact(whole):
            if not self._as_it_stands:
                self.lose()
            return whole.cast(pa.string())
        return np.asarray(whole.cast(pa.float64()).to_numpy())

    def _floats(self) -> npt.NDArray[np.float64]:
        """One array of all blocks, which are let go one by one."""
        wide = [p for p in self._pieces if pa.types.is_integer(p.type) and _beyond_exact(p)]
        values = np.empty(sum(map(len, self._pieces)))
        start = 0
        for place, piece in enumerate(self._pieces):
            values[start : start + len(piece)] = piece.cast(pa.float64(), safe=False).to_numpy(
                zero_copy_only=False
            )
            start += len(piece)
            self._pieces[place] = None
        if wide or np.isnan(values).all():
            self.lose()
        return values


def _exact_numbers(cells: pa.Array, *, whole: bool) -> pa.Array | None:
    """whole: there was no fraction in the column so far, so that leading zeros tell a code."""
    if whole:
        numbers = _cast(cells, pa.int64())
        if numbers is not None and not _begin_with_zero(cells):
            return numbers
        if pc.any(pc.match_substring_regex(cells, LEADING_ZERO)).as_py():
            return None
    numbers = _cast(cells, pa.float64())
    if numbers is None:
        return None
    large = pc.greater(pc.abs(numbers), float(EXACT_IN_FLOAT))
    if pc.any(large).as_py():
        written_whole = pc.match_substring_regex(cells.filter(large), r"^[+-]?\d+$")
        if pc.any(written_whole).as_py():
            return None
    return numbers


def _cast(cells: pa.Array, kind: pa.DataType) -> pa.Array | None:
    try:
        return pc.cast(cells, kind)
    except pa.ArrowInvalid:
        return None


def _begin_with_zero(cells: pa.Array) -> bool:
    """Whether there is a zero before another character, or behind a minus sign."""
    _, offsets, data = cells.buffers()
    letters = np.frombuffer(data, np.uint8) if data is not None else np.empty(0, np.uint8)
    if not len(letters):
        return False
    ends = np.frombuffer(offsets, np.int32)[cells.offset : cells.offset + len(cells) + 1]
    starts, last = ends[:-1], len(letters) - 1
    first, second = letters[np.minimum(starts, last)], letters[np.minimum(starts + 1, last)]
    longer = np.diff(ends) > 1
    return bool((longer & ((first == ZERO) | ((first == MINUS) & (second == ZERO)))).any())


def _beyond_exact(whole: pa.Array | pa.ChunkedArray) -> bool:
    """Whether a float would round one of the numbers."""
    ends = pc.min_max(whole).as_py()
    return ends["max"] is not None and max(ends["max"], -ends["min"]) > EXACT_IN_FLOAT


def _as_flags(texts: pa.ChunkedArray) -> Values:
    """True and False as yes or no, if there is nothing else; the texts themselves otherwise."""
    if texts.null_count or not len(texts):
        return texts
    for true, false in FLAGS:
        if texts[0].as_py() in (true, false):
            found = pc.equal(texts, true)
            if pc.all(pc.or_(found, pc.equal(texts, false))).as_py():
                return np.asarray(found.to_numpy())
    return texts
