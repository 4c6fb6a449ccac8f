"""The store of this server, where one is configured: workspaces and results that survive it."""

import logging
from typing import Any

import streamlit as st

from core.errors import CoreError
from core.limits import store_address
from core.store import Store, Workspace, open_store

LOGGER = logging.getLogger("nearfield")


@st.cache_resource(show_spinner=False)
def store() -> Store | None:
    """The one store of this server; None where it keeps nothing, or the store cannot be opened."""
    address = store_address()
    if address is None:
        return None
    try:
        return open_store(address)
    except CoreError as error:
        LOGGER.error("The store cannot be opened, so nothing is kept: %s", error)
        return None
