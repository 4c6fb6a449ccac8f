"""The tables of the records, as the newest migration leaves them.

Times are whole microseconds since 1970 in UTC: exact in every database, and comparable.
"""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

TABLES = MetaData()
ID = 512  # the longest key of a holding or a result, and address of an owner

MIGRATIONS = Table(
    "migrations", TABLES, Column("number", Integer, primary_key=True), Column("made", BigInteger)
)
OBJECTS = Table(  # one row for each file; put: when somebody last asked for it to be kept
    "objects",
    TABLES,
    Column("name", String(80), primary_key=True),
    Column("bytes", BigInteger, nullable=False),
    Column("put", BigInteger, nullable=False),
)
PARTS = Table(  # the files of each content, its manifest among them
    "parts",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("object", String(80), primary_key=True),
    Index("parts_of_object", "object"),
)
CONTENTS = Table(  # fingerprint: of the vectors alone, for sets; what results are computed from
    "contents",
    TABLES,
    Column("digest", String(64), primary_key=True),
    Column("fingerprint", String(64), primary_key=True),
    Index("contents_of_fingerprint", "fingerprint"),
)
WORKSPACES = Table(
    "workspaces",
    TABLES,
    Column("token", String(64), primary_key=True),
    Column("owner", String(ID), nullable=False),
    Column("title", Text, nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("state", Text, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("changed", BigInteger, nullable=False),
    Column("opened", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Index("workspaces_of_owner", "owner"),
    Index("workspaces_by_visibility", "visibility"),
)
HOLDINGS = Table(
    "holdings",
    TABLES,
    Column("token", String(64), primary_key=True),
    Column("key", String(ID), primary_key=True),
    Column("digest", String(64), nullable=False),
    Index("holdings_of_digest", "digest"),
)
RESULTS = Table(
    "results",
    TABLES,
    Column("key", String(ID), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("owner", String(ID), nullable=False),
    Column("bytes", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False),
    Column("source", String(64), nullable=False, server_default=""),
    Index("results_of_digest", "digest"),
    Index("results_by_use", "used"),
    Index("results_of_source", "source"),
)
