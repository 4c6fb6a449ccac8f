"""The one sentence that answers a page's question, with figures from the data at hand."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from pages.ui.display.text import plain
from pages.ui.jobs import NotReady

ON_ITS_WAY = "The answer is on its way."


class Heading:
    """A place for the sentence, taken before the rest of the page is drawn and filled once."""

    def __init__(self) -> None:
        self._place = st.container()
        self._answered = False

    def answer(self, sentence: str) -> None:
        """Show the sentence, large, as the page's heading; any text may stand in it."""
        self._answered = True
        with self._place, st.container(key="answer"):
            st.title(plain(sentence), anchor=False)

    @contextmanager
    def until_ready(self, question: str) -> Iterator[None]:
        """Inside, a result that is not ready ends the page, with the question if nothing is said.

        Its progress stands where it was required (`JobKind.require`, `jobs.ready`).
        """
        try:
            yield
        except NotReady:
            if not self._answered:
                self.answer(f"{question} {ON_ITS_WAY}")
            st.stop()
