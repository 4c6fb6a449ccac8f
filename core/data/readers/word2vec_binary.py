"""word2vec's binary file: a line of rows and dimensions, then each word, a blank and its float32.

Format: `fwrite` in https://github.com/tmikolov/word2vec/blob/master/word2vec.c; a line break behind
each row is written by word2vec and left out by gensim.
"""

import re

import numpy as np
import pandas as pd

from core.data import watch
from core.data.limits import check_bytes, check_size
from core.data.readers.content import as_view, head
from core.data.readers.found import ColumnRole, Content, Found, Options
from core.data.readers.text_kind import is_text
from core.errors import DataError

TOLD = 2_000  # rows between two reports

COUNTS = re.compile(rb"([1-9]\d{0,11}) ([1-9]\d{0,5})[ ]?\r?\n")
FIRST_LINE = 32
USUAL_WORD, LONGEST_WORD = 40, 2_000
LOOKED_AT = 4_096
BLANK = b" "
BREAK = ord("\n")


def recognizes(content: Content, ending: str) -> bool:  # noqa: ARG001
    """Whether a line of two counts stands before bytes that are no text."""
    match = COUNTS.match(head(content, FIRST_LINE))
    return match is not None and not is_text(head(content, LOOKED_AT, match.end()))


def read(content: Content, options: Options) -> Found:  # noqa: ARG001
    """The vectors, named by their words; bytes of a word that are not UTF-8 are shown as \\xff."""
    view = as_view(content)
    match = COUNTS.match(head(content, FIRST_LINE))
    if match is None:
        raise DataError("The first line must count rows and dimensions, such as '3000000 300'.")
    rows, dim = int(match[1]), int(match[2])
    width = 4 * dim
    check_size(rows, dim)
    if match.end() + rows * (width + 1) > len(view):  # each word is followed by a blank
        raise DataError(
            f"The first line states {rows:,} words of {dim:,} dimensions, at least "
            f"{rows * (width + 1):,} bytes, but the file has {len(view):,}. It is cut off or "
            "damaged; copy it again."
        )
    check_bytes(rows * width, "The table of vectors")
    vectors, words = np.empty((rows, dim), np.float32), list[str]()
    place = match.end()
    for row in range(rows):
        if row % TOLD == 0:
            watch.rows_read(row, rows)
        place = _past_break(view, place) if row else place
        word, start = _word(view, place, row)
        place = start + width
        if place > len(view):
            raise _cut_off(row)
        vectors[row] = np.frombuffer(view, "<f4", dim, start)
        words.append(word)
    rest = len(view) - _past_break(view, place) if place < len(view) else 0
    notes = [f"{rows:,} words of {dim:,} dimensions"]
    if rest:
        notes.append(f"{rest:,} bytes behind the last word left out")
    role = ColumnRole("word", "text", "the word of each vector")
    return Found(vectors, pd.DataFrame({"word": words}), tuple(notes), roles=(role,))


def _past_break(view: memoryview, place: int) -> int:
    return place + 1 if place < len(view) and view[place] == BREAK else place


def _word(view: memoryview, place: int, row: int) -> tuple[str, int]:
    """The word that begins at `place`, and where its values begin."""
    for longest in (USUAL_WORD, LONGEST_WORD):
        found = bytes(view[place : place + longest])
        end = found.find(BLANK)
        if end >= 0:
            break
    else:
        if len(found) < LONGEST_WORD:
            raise _cut_off(row)
        raise DataError(
            f"Word {row:,} is longer than {LONGEST_WORD:,} bytes: the file is damaged, or its "
            "dimensions are not those that its first line states."
        )
    return found[:end].decode("utf-8", "backslashreplace"), place + end + 1


def _cut_off(row: int) -> DataError:
    return DataError(f"The file ends within word {row:,}. It is cut off; copy it again.")
