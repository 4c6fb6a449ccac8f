"""The router: page configuration, navigation, and the side bar's two cards."""

import streamlit as st

from pages.ui import cards, index_checks, jobs, messages, style, workspace

st.set_page_config(
    page_title="Nearfield",
    layout="wide",
    initial_sidebar_state="auto",
    menu_items={"about": "See your embedding space, and the HNSW index that searches it."},
)
style.apply()
jobs.begin_run()

page = st.navigation(
    [
        st.Page("pages/data.py", title="Data", url_path="data"),
        st.Page("pages/map.py", title="Map", url_path="home", default=True),
        st.Page("pages/neighbors.py", title="Neighbours", url_path="neighbors"),
        st.Page("pages/layers.py", title="Layers", url_path="layers"),
        st.Page("pages/recall.py", title="Recall", url_path="recall"),
        st.Page("pages/thresholds.py", title="Thresholds", url_path="thresholds"),
        # The default page answers at the root only; a link to /map opens too.
        st.Page("pages/map.py", title="Map", url_path="map", visibility="hidden"),
    ],
)

with messages.guard():
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
