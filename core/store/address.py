"""Where a store is: its records, the files of its arrays, and the folder for copies of these."""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.errors import StoreError
from core.limits import STORE_CACHE, STORE_CACHE_MB
from core.store.contents import Objects
from core.store.folder import Folder, told
from core.store.records import FILE, POSTGRESQL, Records
from core.store.remote import Remote

HELP = (
    "An address of a store is a folder, or the address of its records and that of its files with a "
    "semicolon between them, e.g. postgresql://host/database;s3://bucket/prefix."
)


@dataclass(frozen=True)
class Address:
    """records: a folder, or an address of PostgreSQL. files: a folder, or an address of fsspec."""

    records: str
    files: str


def parse(text: str) -> Address:
    """The two parts of an address; raises StoreError where it has others.

    >>> parse("postgresql://host/database;s3://bucket/prefix").files
    's3://bucket/prefix'
    >>> parse("/data/nearfield").records
    '/data/nearfield'
    """
    parts = [part.strip() for part in text.split(";")]
    if not all(parts) or len(parts) > 2:
        raise StoreError(f"The address of the store has {len(parts)} parts or an empty one. {HELP}")
    if len(parts) == 1 and "://" in parts[0]:
        raise StoreError(f"The address of the store has one part only. {HELP}")
    if "://" in parts[0] and not parts[0].startswith(POSTGRESQL):
        raise StoreError(f"The records of a store are in a folder or in PostgreSQL. {HELP}")
    return Address(parts[0], parts[-1])


def open_records(address: Address) -> Records:
    """The records, brought to the newest version."""
    if address.records.startswith(POSTGRESQL):
        return Records(address.records)
    folder = Path(address.records).expanduser()
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return Records(folder / FILE)


def open_files(address: Address) -> Objects:
    """The place of the files."""
    if "://" not in address.files:
        return Folder(Path(address.files).expanduser())
    return Remote(address.files, cache_folder(), STORE_CACHE_MB.bytes)


def cache_folder() -> Path:
    """The folder of this machine for copies of files that are kept elsewhere."""
    stated = os.environ.get(STORE_CACHE, "").strip()
    return Path(stated) if stated else Path(tempfile.gettempdir()) / "nearfield-store"
