"""Judged pairs of the session: uploaded here, used by every section that needs pairs."""

from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.data import EmbeddingSet, read_metadata
from core.data.judged_columns import ROLES, JudgedColumns
from core.data.judged_pairs import ASKED, JudgedPairs, candidate_columns, resolve_judged_pairs
from core.errors import CoreError
from pages.ui import jobs
from pages.ui.controls import uploaders, widgets
from pages.ui.display import downloads, messages
from pages.ui.display.text import count, plain
from pages.ui.jobs.key import fingerprint
from pages.ui.session.received import File
from pages.ui.session.slot import Kept, Slot, of_fields
from pages.ui.session.workspace import Workspace

ABOUT = "judged pairs"
CHOOSE = "choose"
HELP = (
    "A table (CSV, TSV, JSON Lines or Parquet) with a line for each judged pair: query, item and "
    "relevant, or id1, id2 and same or different, or a grade. Ids are row numbers from 0, or "
    "values of a metadata column that differ in each row; a query may be one of the uploaded "
    "queries."
)


@dataclass(frozen=True, eq=False)
class Table:
    """An uploaded table of judged pairs. of: fingerprint of the vectors it was uploaded for."""

    frame: pd.DataFrame
    name: str
    of: str
    fingerprint: str


_AS_FIELDS = of_fields(Table)
_TABLE: Slot[Table | None] = Slot(
    "judged_pairs",
    lambda: None,
    kept=Kept(
        "The judged pairs could not be opened",
        True,
        to_parts=lambda table: None if table is None else _AS_FIELDS["to_parts"]((table,)),
        from_parts=lambda parts: _AS_FIELDS["from_parts"](parts)[0],
    ),
)


def held(work: Workspace) -> JudgedPairs | None:
    """The judged pairs of the session for this data; None without any that can be used."""
    table = _held_table(work)
    if table is None:
        return None
    names = [str(name) for name in table.frame.columns]
    given = {role: widgets.held(f"judged_{role}", str, "") for role in ROLES}
    chosen = {role: name if name in names else None for role, name in given.items()}
    try:
        return _pairs(table, work.embeddings, work.queries, **chosen)
    except CoreError:
        return None


def show(work: Workspace) -> JudgedPairs | None:
    """Draw the uploader, and how the table is read, which can be changed; give its pairs."""
    key = f"_judged_{uploaders.turn()}"
    uploaders.draw("Judged pairs", key=key, help=HELP, on_change=_take, args=(key, work))
    uploaders.show_state(ABOUT)
    table = _held_table(work)
    if table is None:
        return None
    columns = _candidates(table, work.embeddings, work.queries)
    chosen = _choose(table, columns)
    pairs = None
    if all(chosen.values()):
        try:
            pairs = _pairs(table, work.embeddings, work.queries, **chosen)
        except CoreError as error:
            messages.show_error(error)
    else:
        messages.warn(asking(columns, chosen))
    if pairs is not None:
        messages.note(plain(summary(pairs)))
    with st.container(horizontal=True):
        if pairs is not None and len(pairs.left_out):
            downloads.download(pairs.left_out, "judged_pairs_left_out", "Lines left out (CSV)")
        st.button("Forget these judged pairs", on_click=_TABLE.set, args=(None,))
    return pairs


def summary(pairs: JudgedPairs) -> str:
    """How many pairs of each kind there are, and how the table was read."""
    same = int(pairs.same.sum())
    notes = "; ".join(pairs.notes)
    return (
        f"{pairs.name}: {count(pairs.n, 'judged pair')}, {same:,} same and {pairs.n - same:,} "
        f"different. Read: {notes}."
    )


def asking(columns: JudgedColumns, chosen: dict[str, str | None]) -> str:
    """Which columns must be chosen, and between which."""
    asked = []
    for role, name in chosen.items():
        if name is None:
            candidates = columns.of(role)
            which = f"{', '.join(candidates)} stand level" if candidates else "no column fits"
            asked.append(f"{ASKED[role]} ({which})")
    return f"Choose the column of {' and of '.join(asked)}."


def _choose(table: Table, columns: JudgedColumns) -> dict[str, str | None]:
    """The column of each role, found or chosen."""
    names = [str(name) for name in table.frame.columns]
    labels = {"left": "First item", "right": "Second item", "judgment": "Judgment"}
    chosen: dict[str, str | None] = {}
    for place, role in zip(st.columns(3), ROLES, strict=True):
        found = columns.of(role)
        with place:
            name = widgets.select(
                labels[role],
                f"judged_{role}",
                [CHOOSE, *names],
                value=found[0] if len(found) == 1 else CHOOSE,
            )
        chosen[role] = None if name == CHOOSE else name
    return chosen


def _held_table(work: Workspace) -> Table | None:
    table = _TABLE.get()
    return table if table is not None and table.of == work.embeddings.bare.fingerprint else None


@jobs.cached
def _candidates(
    table: Table, embeddings: EmbeddingSet, queries: EmbeddingSet | None
) -> JudgedColumns:
    return candidate_columns(table.frame, embeddings, queries)


@jobs.cached
def _pairs(
    table: Table,
    embeddings: EmbeddingSet,
    queries: EmbeddingSet | None,
    left: str | None,
    right: str | None,
    judgment: str | None,
) -> JudgedPairs:
    return resolve_judged_pairs(
        table.frame,
        embeddings,
        queries=queries,
        name=table.name,
        left=left,
        right=right,
        judgment=judgment,
    )


def _take(key: str, work: Workspace) -> None:
    data = work.embeddings
    of = data.bare.fingerprint
    uploaders.read(key, lambda file: _table_of(file, of), _adopt, about=ABOUT, of=data)


def _table_of(file: File, of: str) -> Table:
    frame = read_metadata(file.content, name=file.name)
    return Table(frame, file.name, of, fingerprint(bytes(file.content)))


def _adopt(table: Table) -> None:
    for role in ROLES:
        widgets.forget(f"judged_{role}")
    _TABLE.set(table)
