"""The router: page configuration, navigation, and the side bar's two cards."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages import OPENING, PAGES, PageInfo
from pages.ui import jobs
from pages.ui.controls import widgets
from pages.ui.display import messages, style
from pages.ui.results import index_checks
from pages.ui.session import workspace
from pages.ui.sidebar import cards

st.set_page_config(
    page_title="Nearfield",
    layout="wide",
    initial_sidebar_state="auto",
    menu_items={"about": "See your embedding space, and the HNSW index that searches it."},
)
style.apply()
jobs.begin_run()


def _page(info: PageInfo) -> list[StreamlitPage]:
    """The page of the menu; the one that opens answers at the root only, so its link is extra."""
    if info.folder != OPENING:
        return [st.Page(info.path, title=info.title, url_path=info.folder)]
    return [
        st.Page(info.path, title=info.title, url_path=info.folder, visibility="hidden"),
        st.Page(info.path, title=info.title, url_path="home", default=True),
    ]


page = st.navigation([page for info in PAGES for page in _page(info)])

with messages.guard():
    widgets.follow_link()
    work = workspace.open_workspace()
    with st.sidebar:
        with messages.guard():
            cards.data_card(work)
        with messages.guard():
            cards.index_card(work)
    workspace.show_problems()
    with messages.guard():
        index_checks.show(work)
    page.run()
