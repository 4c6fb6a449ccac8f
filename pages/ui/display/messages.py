"""Notes, warnings, errors and empty states on a page.

Text from users (names of files, labels, texts) is always escaped by these functions; where a page
writes its own Markdown, it wraps such text in `text.plain`.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import CoreError
from pages.ui.display.text import plain

LOGGER = logging.getLogger("nearfield")


def note(text: str) -> None:
    """Show a small gray line of Markdown: how a figure was made, what was sampled, a caveat."""
    st.caption(text)


def empty(what: str, what_to_do: str) -> None:
    """Say in place of a figure that there is nothing to show, and what to do next."""
    st.info(f"{plain(what)} {plain(what_to_do)}")


def warn(text: str) -> None:
    """Show a message that something differs from what was asked; the page goes on."""
    st.warning(plain(text))


def show_error(error: CoreError) -> None:
    """Show what is wrong, what was got and what to do, as the error says it."""
    st.error(plain(error))


@contextmanager
def guard() -> Iterator[None]:
    """Turn an error inside the block into one message; also a decorator, for fragments.

    A `CoreError` is shown as it is. Anything else is our fault: the visitor gets a reference, and
    the server's log the traceback under the same reference.
    """
    try:
        yield
    except CoreError as error:
        show_error(error)
    except Exception:
        reference = secrets.token_hex(4)
        LOGGER.exception("unexpected error, reference %s", reference)
        show_reference(reference)


def show_reference(reference: str) -> None:
    """Say that something unexpected failed, and under which reference the log has it."""
    st.error(
        f"Something went wrong here; the rest of the app still works. Reference {reference}: "
        "the server's log has the details under it."
    )
