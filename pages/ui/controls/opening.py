"""The file that the server was started with, while it is read: what is known of it so far."""

import streamlit as st

from pages.ui.display import first_picture, messages
from pages.ui.display.text import plain
from pages.ui.session import opened
from pages.ui.session.opened import Opening

POLL_SECONDS = 0.3


def show() -> bool:
    """Draw it in place of a page; False where nothing is being read."""
    known = opened.opening()
    if known is None:
        return False
    with st.container(border=True, key="opening"):
        if known.error is not None:
            messages.show_error(known.error)
            st.button("Go on with the sample", on_click=opened.open_with, args=(None,))
        elif known.picture is None:
            first_picture.draw_facts(known.name, known.look, known.file_bytes)
        else:
            words, beside = st.columns([7, 5])
            with words:
                first_picture.draw_facts(known.name, known.look, known.file_bytes)
                messages.note("The pages open as soon as all rows are read and checked.")
            with beside:
                first_picture.draw(known.picture)
    _follow(known)
    return True


def _follow(known: Opening) -> None:
    """Run the page again once more is known, or the file is there."""

    @st.fragment(run_every=POLL_SECONDS)
    def look_again() -> None:
        if opened.opening() is not known:
            st.rerun()
        if known.error is None:
            share, words = opened.progress()
            st.progress(share, text=f"Reading the file: {plain(words)}" if words else "")

    look_again()
