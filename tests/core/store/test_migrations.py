"""Stores of each version open, and become what a new store is."""

from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, create_engine, inspect

from core.errors import StoreError
from core.store import open_store
from core.store.migrations import STEPS, migrate, version
from core.store.records import Records
from core.store.tables import TABLES
from tests.core.store.sameness import assert_same

FIRST = Path(__file__).with_name("version_1.sql")


def fill(folder: Path) -> None:
    """A store of version 1, as it was left by the first release that had one."""
    folder.mkdir()
    engine = create_engine(f"sqlite:///{folder / 'records.db'}")
    with engine.begin() as connection:
        for statement in FIRST.read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
    engine.dispose()


def test_a_store_of_version_1_opens_with_all_it_had(tmp_path: Path) -> None:
    fill(tmp_path / "store")
    store = open_store(str(tmp_path / "store"))
    (found,) = store.list_of("ann")
    assert found.token == "AAAAAAAAAAAAAAAAAAAAAA"
    assert (found.title, found.visibility, found.state) == ("Wörter", "link", {"page": "map"})
    assert found.holdings == {"data": "a" * 64}
    assert (found.created.year, found.expires.year) == (2026, 2100)
    assert store.bytes_of("ann") == 1300 + len('{"page":"map"}')
    assert store.result("kept") is None  # its files are not in the fixture
    store.keep_result("new", np.arange(9), "ann", source="f" * 32)
    assert_same(store.result("new"), np.arange(9))
    store.close()


def _columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool]]]:
    found = inspect(connection)
    return {
        table: {
            column["name"]: (str(column["type"]), bool(column["nullable"]))
            for column in found.get_columns(table)
        }
        for table in found.get_table_names()
    }


def _indexes(connection: Connection) -> dict[str, list[tuple[str | None, list[str | None]]]]:
    found = inspect(connection)
    return {
        table: sorted((each["name"], each["column_names"]) for each in found.get_indexes(table))
        for table in found.get_table_names()
    }


def check_tables(connection: Connection) -> None:
    """The tables are those that `core.store.tables` says."""
    declared = {
        table.name: {
            column.name: (column.type.compile(connection.dialect), bool(column.nullable))
            for column in table.columns
        }
        for table in TABLES.sorted_tables
    }
    assert _columns(connection) == declared
    assert _indexes(connection) == {
        table.name: sorted(
            (index.name, [column.name for column in index.columns]) for index in table.indexes
        )
        for table in TABLES.sorted_tables
    }


@pytest.mark.parametrize("old", [False, True])
def test_the_steps_lead_to_the_tables_that_the_code_uses(old: bool, tmp_path: Path) -> None:
    if old:
        fill(tmp_path / "store")
    else:
        (tmp_path / "store").mkdir()
    records = Records(tmp_path / "store" / "records.db")
    with records.read() as connection:
        check_tables(connection)
        assert version(connection) == len(STEPS) == 2
    records.close()


def test_a_step_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    fill(tmp_path / "store")
    engine = create_engine(f"sqlite:///{tmp_path / 'store' / 'records.db'}")
    broken = (*STEPS, ("CREATE TABLE more (x BIGINT)", "CREATE TABLE more (x BIGINT)"))
    with pytest.raises(StoreError, match="table more already exists"):
        _opened(tmp_path / "store" / "records.db", broken)
    with engine.connect() as connection:
        assert version(connection) == 1
        assert "more" not in inspect(connection).get_table_names()
    engine.dispose()
    open_store(str(tmp_path / "store")).close()


def _opened(path: Path, steps: tuple[tuple[str, ...], ...]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("core.store.records.migrate", lambda connection: migrate(connection, steps))
        Records(path).close()


def test_a_store_of_a_newer_nearfield_is_left_alone(tmp_path: Path) -> None:
    open_store(str(tmp_path / "store")).close()
    with pytest.raises(StoreError, match="of version 2, made by a newer Nearfield; this one knows"):
        _opened(tmp_path / "store" / "records.db", STEPS[:1])  # type: ignore[arg-type]
    open_store(str(tmp_path / "store")).close()
