"""The router: page configuration, navigation, and the side bar's two cards."""

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages import OPENING, PAGES, STATUS, SUBTITLE, PageInfo
from pages.ui import jobs
from pages.ui.controls import arrivals, door, opening, page_links, reading, uploaders, widgets
from pages.ui.display import messages, style, theme_changes
from pages.ui.jobs import running
from pages.ui.results import ahead, index_checks
from pages.ui.server import state
from pages.ui.session import gone_widgets, saved, visitor, workspace
from pages.ui.session.visitor import Visitor
from pages.ui.sidebar import cards, workspaces
from pages.ui.sidebar import running as running_card

st.set_page_config(
    page_title="Nearfield",
    layout="wide",
    initial_sidebar_state="auto",
    menu_items={"about": SUBTITLE},
)
style.apply()
st.logo(style.WORDMARK, size="large")
jobs.begin_run()


def _page(info: PageInfo) -> list[StreamlitPage]:
    """The page of the menu; the one that opens has two addresses, the root and its own.

    One of the two stands in the menu: the one that the visitor is at, so that it is marked.
    """
    if info.folder != OPENING:
        return [st.Page(info.path, title=info.title, url_path=info.folder)]
    at_its_own = (st.context.url or "").split("?")[0].rstrip("/").endswith(f"/{info.folder}")
    return [
        st.Page(
            info.path,
            title=info.title,
            url_path=info.folder,
            visibility="visible" if at_its_own else "hidden",
        ),
        st.Page(
            info.path,
            title=info.title,
            url_path="home",
            default=True,
            visibility="hidden" if at_its_own else "visible",
        ),
    ]


def _folder(page: StreamlitPage) -> str:
    """The folder of a page, which two entries of the menu may lead to."""
    return next(info.folder for info in (*PAGES, STATUS) if info.title == page.title)


state.failures()  # from now on they are heard
asked = visitor.asked_by()
lacks_status = isinstance(asked, Visitor) and not asked.is_admin  # who logs in may come for it
page = st.navigation(
    [
        page
        for info in (*PAGES, STATUS)
        if info != STATUS or not lacks_status
        for page in _page(info)
    ],
    position="sidebar" if isinstance(asked, Visitor) else "hidden",
)
st.set_page_config(page_title=f"{page.title} · Nearfield")
if not door.lets_in(asked):
    st.stop()
if opening.show():
    st.stop()

with messages.guard():
    saved.open_link()
    reading.settle()
    widgets.follow_link()
    page_links.begin_page(_folder(page))
    work = workspace.open_workspace()
    saved.keep(_folder(page))
    with st.sidebar:
        with messages.guard():
            cards.data_card(work)
        with messages.guard():
            cards.index_card(work)
        with messages.guard():
            workspaces.card(_folder(page))
        at_work = st.container()
    workspace.show_problems(saved.problems(), saved.dismiss)
    shown = False
    with messages.guard():
        shown = arrivals.show(uploaders.adopt, ahead.prepare)
    running.on_page(_folder(page))
    try:
        if not shown:  # the page of the loaded data comes back once the file is used or let go
            with messages.guard():
                index_checks.show(work)
            page.run()
    finally:  # after the page, which may have started what is listed, and changed what is saved
        with at_work, messages.guard():
            running_card.card()
        with st.sidebar, messages.guard():
            door.who_card()
            theme_changes.watch()
        with messages.guard():
            saved.keep(_folder(page))
gone_widgets.forget()
