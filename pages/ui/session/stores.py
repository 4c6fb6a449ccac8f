"""The store of this server, where one is configured: workspaces and results that survive it."""

import logging
import threading
import time

import streamlit as st

from core.errors import CoreError
from core.limits import store_address
from core.store import Store, Workspace, open_store
from pages.ui.jobs.kept import ledger

LOGGER = logging.getLogger("nearfield")
SWEPT_EVERY = 3600.0  # seconds


def store() -> Store | None:
    """The one store of this server; None where it keeps nothing, or the store cannot be opened."""
    address = store_address()
    return None if address is None else _opened(address)


@st.cache_resource(show_spinner=False)
def _opened(address: str) -> Store | None:
    try:
        opened = open_store(address)
    except CoreError as error:
        LOGGER.error("The store cannot be opened, so nothing is kept: %s", error)
        return None
    threading.Thread(target=_sweep, args=(opened,), name="sweeper", daemon=True).start()
    return opened


def _sweep(opened: Store) -> None:
    """Remove what has expired, and what nothing holds, now and then."""
    while True:
        time.sleep(SWEPT_EVERY)
        try:
            ledger.forget(opened.sweep().data)
        except CoreError as error:
            LOGGER.warning("The store could not be swept: %s", error)


def holders(key: str) -> list[Workspace]:
    """The workspaces that hold a content by this key, whoever may see them."""
    found = store()
    try:
        return [] if found is None else found.holders(key)
    except CoreError as error:
        LOGGER.warning("The store could not be asked: %s", error)
        return []
