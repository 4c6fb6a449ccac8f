"""What is known of a file before all its rows are checked: facts, and a picture of some rows."""

import streamlit as st

from core.data import Look
from core.figures import first_scatter
from core.projection import FirstPicture
from pages.ui.display import chart, messages, preview_words
from pages.ui.display.text import plain

HEIGHT = 320


def draw(picture: FirstPicture) -> None:
    """The picture, and in a sentence what it shows."""
    words = preview_words.picture(picture)
    figure = chart.drawn(first_scatter, picture, dark=chart.is_dark(), height=HEIGHT)
    chart.show(figure, key="first_picture", alt=words)
    messages.note(plain(words))


def draw_facts(name: str, look: Look | None, file_bytes: int) -> None:
    """Title and facts of a file that is being read.

    file_bytes: its size, or 0 where it is not known.
    """
    st.subheader(plain(preview_words.title_so_far(name)), anchor=False)
    st.markdown(plain(preview_words.facts_so_far(look, file_bytes)))
