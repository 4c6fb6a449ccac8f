"""Which column of metadata names an item best, judged by its values and then by its name."""

from dataclasses import dataclass
from typing import Any

import pandas as pd

from core.data.column_names import is_id_name
from core.data.media import is_medium
from core.data.pictures import is_picture_link

USUAL_NAMES = (
    *("name", "title", "word", "words", "sentence", "text", "headline", "question", "caption"),
    *(
        "phrase",
        "term",
        "token",
        "query",
        "document",
        "documents",
        "content",
        "description",
        "label",
    ),
)
LOOKED_AT = 2_000
TELLING = 0.5  # different texts for each row that has one
REPEATED = 0.05
LONGEST_WORD = 30  # letters without a blank: longer is a code, an address or a blob
SHARE = 0.5
INDEX_NAMES = ("unnamed: ", "__index_level_")  # that pandas gives to the index of a frame


@dataclass(frozen=True)
class TextColumn:
    """What the texts of a column are like: how many differ, whether they are codes, how long."""

    name: str
    different: float
    is_code: bool
    length: float

    @property
    def usual(self) -> int:
        """The place of its name among the usual ones; behind all of them where it is none."""
        folded = self.name.casefold()
        return USUAL_NAMES.index(folded) if folded in USUAL_NAMES else len(USUAL_NAMES)


def name_column(frame: pd.DataFrame, texts: tuple[str, ...], label: str | None) -> str | None:
    """The column that names the items: words before codes, different ones before repeated ones.

    texts: the columns of text. label: the column of the classes, which names no item. An id is
    taken where no text tells the items apart; None where there is no id either.

    >>> frame = pd.DataFrame({"lang": ["en"] * 3, "said": ["a cat", "a dog", "an owl"]})
    >>> name_column(frame, ("lang", "said"), None)
    'said'
    """
    columns = [
        found
        for name in texts
        if name != label and (found := _text_column(frame[name])) is not None
    ]
    telling = [column for column in columns if column.different >= TELLING]
    words = [column for column in telling if not column.is_code or column.usual < len(USUAL_NAMES)]
    if words:
        return min(words, key=lambda column: (column.usual, column.length)).name
    codes = [column for column in telling if not is_id_name(column.name)]
    if codes:
        return min(codes, key=lambda column: column.length).name
    own = id_column(frame, label)
    if own is not None:
        return own
    some = [column for column in columns if column.different >= REPEATED]
    return min(some, key=lambda column: (-column.different, column.usual)).name if some else None


def id_column(frame: pd.DataFrame, label: str | None) -> str | None:
    """The first column that is an id by its name and has another value in each row."""
    for name in map(str, frame.columns):
        column = frame[name]
        plain = column.dtype.kind in "iuOU" or pd.api.types.is_string_dtype(column)
        own = is_id_name(name) and not name.casefold().startswith(INDEX_NAMES)
        if name != label and plain and own and column.is_unique:
            return name
    return None


def _text_column(column: "pd.Series[Any]") -> TextColumn | None:
    """None for pictures, sounds, addresses of pictures, and long codes, which name nothing."""
    cells = column.dropna().head(LOOKED_AT).astype(str)
    if len(cells) == 0 or is_medium(cells.iloc[0]) or is_picture_link(cells.iloc[0]):
        return None
    blank = cells.str.contains(r"\s")
    lengths = cells.str.len()
    if float((~blank & (lengths > LONGEST_WORD)).mean()) > SHARE:
        return None
    is_code = float((~blank & cells.str.contains(r"[\d/]")).mean()) > SHARE
    return TextColumn(
        str(column.name), cells.nunique() / len(cells), is_code, float(lengths.mean())
    )
