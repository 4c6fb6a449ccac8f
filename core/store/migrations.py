"""Numbered steps from an empty database to the present tables; none is changed once released.

A table of the steps that were made, and not alembic: the steps run when a store is opened, inside
the app, on SQLite and PostgreSQL, and when several replicas start at once. Each step and its row
are one transaction under one lock, which alembic leaves to whoever runs its command line, and there
are no branches and no way back to keep. `tests/core/store/test_migrations.py` opens a store of each
version and compares the tables with `core.store.tables`.
"""

import time
from collections.abc import Sequence

from sqlalchemy import Connection, inspect, select, text

from core.errors import StoreError
from core.store.tables import MIGRATIONS

STEPS: Sequence[tuple[str, ...]] = (
    (
        "CREATE TABLE objects (name VARCHAR(80) NOT NULL PRIMARY KEY, bytes BIGINT NOT NULL,"
        " put BIGINT NOT NULL)",
        "CREATE TABLE parts (digest VARCHAR(64) NOT NULL, object VARCHAR(80) NOT NULL,"
        " PRIMARY KEY (digest, object))",
        "CREATE INDEX parts_of_object ON parts (object)",
        "CREATE TABLE workspaces (token VARCHAR(64) NOT NULL PRIMARY KEY,"
        " owner VARCHAR(512) NOT NULL, title TEXT NOT NULL,"
        " visibility VARCHAR(16) NOT NULL, state TEXT NOT NULL,"
        " created BIGINT NOT NULL, changed BIGINT NOT NULL, opened BIGINT NOT NULL,"
        " expires BIGINT NOT NULL, bytes BIGINT NOT NULL)",
        "CREATE INDEX workspaces_of_owner ON workspaces (owner)",
        "CREATE INDEX workspaces_by_visibility ON workspaces (visibility)",
        "CREATE TABLE holdings (token VARCHAR(64) NOT NULL, key VARCHAR(512) NOT NULL,"
        " digest VARCHAR(64) NOT NULL, PRIMARY KEY (token, key))",
        "CREATE INDEX holdings_of_digest ON holdings (digest)",
        "CREATE TABLE results (key VARCHAR(512) NOT NULL PRIMARY KEY, digest VARCHAR(64) NOT NULL,"
        " owner VARCHAR(512) NOT NULL, bytes BIGINT NOT NULL, created BIGINT NOT NULL,"
        " used BIGINT NOT NULL)",
        "CREATE INDEX results_of_digest ON results (digest)",
        "CREATE INDEX results_by_use ON results (used)",
    ),
    (  # what a result was computed from, so that it can go with the data
        "ALTER TABLE results ADD COLUMN source VARCHAR(64) NOT NULL DEFAULT ''",
        "CREATE INDEX results_of_source ON results (source)",
        "CREATE TABLE contents (digest VARCHAR(64) NOT NULL, fingerprint VARCHAR(64) NOT NULL,"
        " PRIMARY KEY (digest, fingerprint))",
        "CREATE INDEX contents_of_fingerprint ON contents (fingerprint)",
    ),
)
LOCK = 0x4E656172  # one number that all replicas know


def migrate(connection: Connection, steps: Sequence[tuple[str, ...]] = STEPS) -> None:
    """Bring the tables to the newest version, within the transaction of `connection`.

    Raises StoreError where a newer Nearfield made them.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    made = version(connection)
    if made > len(steps):
        raise StoreError(
            f"The store is of version {made}, made by a newer Nearfield; this one knows version "
            f"{len(steps)}. Update Nearfield."
        )
    if not made:
        MIGRATIONS.create(connection, checkfirst=True)
    for number, statements in enumerate(steps[made:], made + 1):
        for statement in statements:
            connection.execute(text(statement))
        row = {"number": number, "made": time.time_ns() // 1000}
        connection.execute(MIGRATIONS.insert(), row)


def version(connection: Connection) -> int:
    """The number of the last step that was made; 0 for an empty database."""
    if not inspect(connection).has_table(MIGRATIONS.name):
        return 0
    return max(connection.execute(select(MIGRATIONS.c.number)).scalars(), default=0)
