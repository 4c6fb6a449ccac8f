"""Which column of metadata holds classes, told by its name and its values."""

from typing import Any

import pandas as pd

from core.data.column_names import has_fractions

LABEL_NAMES = ("label", "labels", "class", "target")
CLASS_NAMES = (
    *("category", "topic", "species", "cluster", "genre", "lexname", "classes", "categories"),
    *("group", "type", "kind", "genus", "family", "section", "subject", "intent", "sentiment"),
    *("emotion", "domain", "brand", "department", "newsgroup", "speaker", "identity"),
)
MOST_NUMBERS = 200  # different whole numbers of a column of classes
FEW = 20  # different values: so many may be classes whatever they are
LEAST_PER_CLASS = 2  # rows for each different value, on average


def propose_label(frame: pd.DataFrame) -> str | None:
    """The column that holds the classes: of a usual name, else of a name such as topic.

    Never one of more than 20 values that are all different, and never one of more than 20
    different numbers with fractions or dates: those are values to color by. None where there is
    no such column.

    >>> propose_label(pd.DataFrame({"label": [i / 7 for i in range(40)], "topic": ["a", "b"] * 20}))
    'topic'
    """
    names = {str(column).casefold(): str(column) for column in reversed(frame.columns)}
    for wanted in LABEL_NAMES + CLASS_NAMES:
        column = names.get(wanted)
        if column is not None and _may_be_classes(frame[column], sure=wanted in LABEL_NAMES):
            return column
    return None


def propose_target(frame: pd.DataFrame) -> str | None:
    """The column of numbers that is named as labels are and holds no classes, or None.

    >>> propose_target(pd.DataFrame({"target": [i / 7 for i in range(40)]}))
    'target'
    """
    for name in map(str, frame.columns):
        numbers = frame[name].dtype.kind in "iuf"
        if (
            name.casefold() in LABEL_NAMES
            and numbers
            and not _may_be_classes(frame[name], sure=True)
        ):
            return name
    return None


def _may_be_classes(column: "pd.Series[Any]", *, sure: bool) -> bool:
    present = column.dropna()
    different = _different(present)
    if different == 1 and len(present) > (FEW if sure else 1):
        return False
    if different > FEW and (different == len(present) or _is_continuous(present)):
        return False
    if sure:
        return True
    repeated = 0 < different * LEAST_PER_CLASS <= len(present)
    return repeated and (column.dtype.kind not in "iufbmMc" or _may_number_classes(present))


def _may_number_classes(present: "pd.Series[Any]") -> bool:
    few = _different(present) <= MOST_NUMBERS
    return few and present.dtype.kind in "iufb" and not has_fractions(present)


def _is_continuous(present: "pd.Series[Any]") -> bool:
    return present.dtype.kind in "mMc" or has_fractions(present)


def _different(values: "pd.Series[Any]") -> int:
    try:
        return int(values.nunique())
    except TypeError:  # lists and objects
        return int(values.map(str).nunique())
