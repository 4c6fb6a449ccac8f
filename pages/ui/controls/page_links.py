"""A link to another page that keeps the data, the index and the view."""

import streamlit as st


def to_page(folder: str, label: str, **query: str) -> None:
    """Draw a link to the page of a folder, with some controls set to other values there."""
    kept = {name: st.query_params[name] for name in st.query_params if name not in query}
    st.page_link(f"pages/{folder}/page.py", label=label, query_params={**kept, **query})
