"""Find the vectors in a table, and say what each other column is.

In this order: the column or prefix that was asked for; a column whose cells hold vectors; numbered
columns of numbers; x and y; all columns of numbers that are not ids, times or counts. Where two
candidates stand level, nothing is guessed: ChoiceError has both.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.column_names import (
    has_fractions,
    is_beside_name,
    numbers_of,
    vector_name_rank,
    why_no_dimension,
)
from core.data.labels import LABEL_NAMES
from core.data.limits import check_size
from core.data.readers.found import Found, Options
from core.data.readers.table.number_groups import (
    NumberGroup,
    bad_cells,
    number_groups,
    said_of_bad_cells,
    siblings_of_text,
)
from core.data.readers.table.objects import unfolded
from core.data.readers.table.roles import roles_of, used_columns
from core.data.readers.table.vector_column import (
    VectorColumn,
    look_at,
    read_column,
    sample_of,
)
from core.errors import BadRowsError, ChoiceError, DataError

PAIRS = (("x", "y", "z"), ("x", "y"))
SHORT, LONG = 4, 16  # so many numbers beside so many are a box or a place, no second vector
SURE_NAME = 2  # of `vector_name_rank`: "emb" or "vec" is in it
MOST_GROUPS = 4  # of equal standing: more are no vectors of their own
NAMED = 8


@dataclass(frozen=True)
class Choice:
    """Which columns hold the vectors.

    columns: one whose cells are vectors, or those of numbers. reason: why, for their roles.
    note: the same as a sentence. aside: why another column of numbers is no dimension.
    """

    columns: tuple[str, ...]
    in_cells: bool
    reason: str
    note: str
    aside: Mapping[str, str] = field(default_factory=dict)


def split_table(frame: pd.DataFrame, options: Options) -> Found:
    """Vectors, metadata and roles of a table whose columns have different names."""
    if len(frame) == 0:
        raise DataError("The table has no rows. Add at least one.")
    frame, unfolding = unfolded(frame)
    used = frame.drop(columns=[name for name in frame.columns if name in options.left_out])
    samples = {str(name): sample_of(column) for name, column in frame.items()}
    looked = {name: look_at(name, samples[name]) for name in used.columns}
    lists = {name: found for name, found in looked.items() if found is not None}
    free = used.drop(columns=[name for name in used.columns if name in options.not_vectors])
    in_lists = {name: found for name, found in lists.items() if name in free.columns}
    choice = _choose(free, in_lists, options)
    if not choice.in_cells and (siblings := siblings_of_text(used, choice.columns)):
        if options.bad_rows == "error":
            bad = np.unique(np.concatenate([bad_cells(used[n], siblings[n]) for n in siblings]))
            raise BadRowsError(said_of_bad_cells(used, choice.columns, siblings), bad.tolist())
        return split_table(frame.assign(**siblings), options)
    rest = used.drop(columns=list(choice.columns))
    metadata, unused = used_columns(rest, lists, samples)
    notes = [choice.note, *unfolding]
    if unused:
        notes.append(f"not used: {_named(f'{name} ({why})' for name, why in unused.items())}")
    unreadable: Mapping[int, str] = {}
    if choice.in_cells:
        read = read_column(used[choice.columns[0]])
        vectors, unreadable = read.vectors, read.unreadable
        notes += [read.note] if read.note else []
    else:
        vectors = _numbers(used[list(choice.columns)])
    return Found(
        vectors,
        metadata if len(metadata.columns) else None,
        tuple(notes),
        roles=roles_of(
            frame,
            samples,
            metadata,
            dict.fromkeys(choice.columns, choice.reason),
            unused,
            choice.aside,
            options,
        ),
        unreadable=unreadable,
    )


def _choose(frame: pd.DataFrame, lists: Mapping[str, VectorColumn], options: Options) -> Choice:
    groups = number_groups(frame)
    if options.vector_column is not None:
        return _asked(frame, options.vector_column, lists, groups)
    free = {name: found for name, found in lists.items() if name != options.label_column}
    usable = [found for found in free.values() if found.refusal is None]
    best = _best(usable)
    if best and not (groups and _rather_numbered(best[0], groups[0])):
        if len(best) > 1:
            names = [found.name for found in best]
            raise ChoiceError(
                f"Several columns hold lists: {', '.join(names)}. Say which holds the vectors "
                "(vector_column).",
                names,
            )
        return _in_cells(best[0])
    if groups and not _are_scattered(groups, frame, options):
        return _numbered(groups)
    refused = [found for found in free.values() if found.refusal is not None]
    if refused:
        raise DataError(f"The column {refused[0].name!r} cannot be used: {refused[0].refusal}.")
    return _plain_numbers(frame, options)


def _asked(
    frame: pd.DataFrame,
    chosen: str,
    lists: Mapping[str, VectorColumn],
    groups: Iterable[NumberGroup],
) -> Choice:
    if chosen in lists:
        return Choice((chosen,), True, f"{lists[chosen].reason}, as asked", "vectors as asked")
    if chosen in frame.columns and frame[chosen].dtype.kind in "iuf":
        return Choice((chosen,), False, "numbers, as asked", "vectors as asked")
    for group in groups:
        if chosen in (group.prefix, group.columns[0]):
            return Choice(group.columns, False, "numbered columns, as asked", "vectors as asked")
    if chosen in frame.columns:
        raise DataError(f"The column {chosen!r} holds no vectors: it is neither lists nor numbers.")
    raise DataError(
        f"vector_column {chosen!r} is not a column. The columns are: {_listing(frame)}."
    )


def _rank(found: VectorColumn) -> tuple[bool, bool, bool, int]:
    return (
        found.one_length,
        not is_beside_name(found.name),
        found.floating,
        vector_name_rank(found.name),
    )


def _best(columns: list[VectorColumn]) -> list[VectorColumn]:
    """The likeliest columns; several where they stand level."""
    if not columns:
        return []
    highest = max(map(_rank, columns))
    level = [found for found in columns if _rank(found) == highest]
    longest = max(found.dim for found in level)
    if longest >= LONG:
        return [found for found in level if found.dim > SHORT]
    return level


def _rather_numbered(found: VectorColumn, group: NumberGroup) -> bool:
    """Whether numbered columns are likelier the vectors than the lists of a column."""
    if not (found.one_length and found.floating) or is_beside_name(found.name):
        return group.kind == 2
    return found.dim <= SHORT and len(group.columns) >= LONG and group.kind == 2


def _in_cells(found: VectorColumn) -> Choice:
    return Choice(
        (found.name,), True, found.reason, f"vectors taken from the column {found.name!r}"
    )


def _are_scattered(groups: list[NumberGroup], frame: pd.DataFrame, options: Options) -> bool:
    """Whether groups are only names that end in a number, among many columns of numbers.

    So are the genes of a table, or the pixels 1x1 to 28x28: all columns are one vector.
    """
    if groups[0].named >= SURE_NAME:
        return False
    level = _level(groups)
    n_level = sum(len(group.columns) for group in level)
    grouped = {name for group in groups for name in group.columns}
    n_loose = len(set(_dimensions(frame, options)[0]) - grouped)
    return len(level) > MOST_GROUPS or n_level <= n_loose


def _level(groups: list[NumberGroup]) -> list[NumberGroup]:
    return [group for group in groups if group.rank == groups[0].rank]


def _numbered(groups: list[NumberGroup]) -> Choice:
    level = _level(groups)
    if len(level) > 1:
        names = [group.prefix or group.columns[0] for group in level]
        raise ChoiceError(
            f"Several groups of numbered columns could be the vectors: {', '.join(names)}. Say "
            "which (vector_column).",
            names,
        )
    note = f"vectors taken from the columns {groups[0].words}"
    return Choice(groups[0].columns, False, "one of the numbered columns of numbers", note)


def _plain_numbers(frame: pd.DataFrame, options: Options) -> Choice:
    kept, aside = _dimensions(frame, options)
    folded = {name.casefold(): name for name in kept}
    for pair in PAIRS:
        others = len(kept) - len(pair)
        if folded.keys() >= set(pair) and others < len(pair) and len(frame.columns) > len(kept):
            columns = tuple(folded[name] for name in pair)
            note = f"{len(pair)} numbers, {', '.join(columns)}, are all that the vectors have"
            return Choice(columns, False, "a coordinate by its name", note)
    if not kept:
        but = f" but {_named(f'{name} ({why})' for name, why in aside.items())}" if aside else ""
        raise DataError(
            f"No vectors were found: there is no column of lists and no column of numbers{but}. "
            f"The columns are: {_listing(frame)}. Say which holds the vectors (vector_column)."
        )
    note = f"vectors guessed: all {len(kept):,} columns of numbers"
    if aside:
        note += f" but {_named(f'{name} ({why})' for name, why in aside.items())}"
    return Choice(kept, False, "a column of numbers", note, aside)


def _dimensions(frame: pd.DataFrame, options: Options) -> tuple[tuple[str, ...], dict[str, str]]:
    """The columns of numbers that may be dimensions, and why each other one is none.

    Values count, beside names, where another column has fractions.
    """
    labels = (*LABEL_NAMES, (options.label_column or "").casefold())
    numeric = {
        str(name): column
        for name, column in frame.items()
        if column.dtype.kind in "iuf" and str(name).casefold() not in labels
    }
    fractional = {name for name, column in numeric.items() if has_fractions(column)}
    reasons = {
        name: why_no_dimension(column, by_values=bool(fractional - {name}))
        for name, column in numeric.items()
    }
    kept = tuple(name for name, why in reasons.items() if why is None)
    return kept, {name: why for name, why in reasons.items() if why is not None}


def _numbers(frame: pd.DataFrame) -> npt.NDArray[np.generic]:
    check_size(*frame.shape)
    columns = [numbers_of(frame[name]) for name in frame.columns]
    dtype = np.result_type(*(column.dtype for column in columns))
    return np.column_stack(columns).astype(np.float32 if dtype.kind == "b" else dtype, copy=False)


def _named(items: Iterable[str]) -> str:
    listed = list(items)
    more = f", ... ({len(listed):,} in all)" if len(listed) > NAMED else ""
    return ", ".join(listed[:NAMED]) + more


def _listing(frame: pd.DataFrame) -> str:
    names = list(map(str, frame.columns))
    return ", ".join(names[:30]) + (f", ... ({len(names):,} in all)" if len(names) > 30 else "")
