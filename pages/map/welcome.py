"""What a newcomer is told beside the first map: what each page answers, and what to try there."""

import streamlit as st

from pages import PAGES, SUBTITLE
from pages.ui.controls import page_links
from pages.ui.display import dismissed
from pages.ui.display.text import plain
from pages.ui.session.workspace import Workspace, default_choice

HEIGHT = 330  # pixels, about
NAME = "nearfield_welcome"


def show(work: Workspace) -> bool:
    """Draw it beside the sample that the app opens with, until it is dismissed; whether it is."""
    if work.data != default_choice().data or dismissed.is_dismissed(NAME):
        return False
    with st.container(key="welcome", border=True, gap="xxsmall"):
        st.markdown(f"**Nearfield.** {plain(SUBTITLE)}")
        for info in PAGES:
            st.markdown(f"**{info.title}.** {plain(info.question)}")
            page_links.to_page(info.folder, info.action, place="welcome", **info.view)
        dismissed.button("Do not show this again", NAME)
    return True
