"""A table of metadata beside the vectors: its columns are added to those of their file."""

from dataclasses import replace

import pandas as pd

from core.data.readers.found import Found, Options
from core.data.readers.table.roles import roles_of
from core.data.readers.table.vector_column import sample_of
from core.errors import DataError


def with_table(found: Found, table: pd.DataFrame, options: Options) -> Found:
    """`found` with the columns of a table, but for those that `options` leave out, and their roles.

    A column takes the place of one of the same name, and that is said. Raises DataError where the
    table does not have one row for each vector.
    """
    if len(table) != len(found.vectors):
        raise DataError(
            f"There are {len(found.vectors):,} vectors and {len(table):,} rows of metadata; they "
            "must be as many."
        )
    named = table.set_axis(list(map(str, table.columns)), axis=1).reset_index(drop=True)
    used = named.drop(columns=[name for name in named.columns if name in options.left_out])
    own = pd.DataFrame(index=named.index) if found.metadata is None else found.metadata
    twice = [name for name in own.columns if name in used.columns]
    joined = pd.concat([own.drop(columns=twice).reset_index(drop=True), used], axis=1)
    told = {role.name for role in found.roles} - set(named.columns)
    fresh = pd.concat([joined[joined.columns.difference(used.columns, sort=False)], named], axis=1)
    fresh = fresh.drop(columns=[name for name in fresh.columns if name in told])
    samples = {str(name): sample_of(column) for name, column in fresh.items()}
    roles = roles_of(fresh, samples, joined, {}, {}, {}, options)
    return replace(
        found,
        metadata=joined if len(joined.columns) else None,
        notes=(*found.notes, *_said(twice)),
        roles=(*(role for role in found.roles if role.name in told), *roles),
    )


def _said(twice: list[str]) -> list[str]:
    if not twice:
        return []
    return [f"taken from the table of metadata, and not beside the vectors: {', '.join(twice)}"]
