"""Files as other tools export them: what is read of each, or why it is refused."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest

from core.data import EmbeddingSet, read_embeddings
from core.errors import DataError

from .exports.databases import DATABASES
from .exports.export import Export
from .exports.more import MORE
from .exports.services import SERVICES
from .exports.tools import TOOLS
from .exports.warehouses import WAREHOUSES
from .exports.words import WORD_FILES

EXPORTS = (*DATABASES, *SERVICES, *WAREHOUSES, *WORD_FILES, *TOOLS, *MORE)
READ = [export for export in EXPORTS if not export.refused]
REFUSED = [export for export in EXPORTS if export.refused]
ANY_COLUMN = "*"


def test_tools_are_named_once() -> None:
    names = [export.tool for export in EXPORTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("export", READ, ids=lambda export: export.tool)
def test_read(export: Export) -> None:
    found = read_embeddings(export.build(), name=export.file, bad_rows=export.bad_rows)
    assert export.vectors is not None
    np.testing.assert_allclose(found.vectors, export.vectors, atol=export.tolerance)
    assert len(found.metadata) == len(export.vectors)
    for name, cells in export.cells.items():
        assert_column(found.metadata, name, cells)
    for words in export.says:
        assert any(words in note for note in found.notes), found.notes
    for words in export.silent:
        assert not any(words in note for note in found.notes), found.notes
    if export.label is not None:
        assert is_called(found.label_column, export.label)
    if export.metric is not None:
        assert found.metric == export.metric
    assert_queries(found, export.queries)


@pytest.mark.parametrize("export", REFUSED, ids=lambda export: export.tool)
def test_refused(export: Export) -> None:
    with pytest.raises(DataError) as error:
        read_embeddings(export.build(), name=export.file, bad_rows=export.bad_rows)
    for words in export.refused:
        assert words in str(error.value)


def assert_column(frame: pd.DataFrame, name: str, cells: Sequence[object]) -> None:
    """Some column of this name, or whose name ends in it, holds these cells in this order."""
    wanted = [str(cell) for cell in cells]
    named = [column for column in frame.columns if is_called(column, name)]
    assert named, f"no column {name!r}: {list(frame.columns)}"
    assert any([str(cell) for cell in frame[column]] == wanted for column in named)


def assert_queries(found: EmbeddingSet, queries: int | None) -> None:
    if queries is None:
        assert found.queries is None
    else:
        assert found.queries is not None
        assert found.ground_truth is not None
        assert len(found.queries) == len(found.ground_truth) == queries


def is_called(column: object, name: str) -> bool:
    """Whether this is the column's name, or the last part of it."""
    return name == ANY_COLUMN or str(column) == name or str(column).endswith(f".{name}")
