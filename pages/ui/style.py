"""The few things that the theme in .streamlit/config.toml cannot say."""

import streamlit as st

CSS = """
<style>
.st-key-answer h1 { padding: 0 0 0.25rem; line-height: 1.3; text-wrap: pretty; max-width: 68rem; }
.st-key-card_data [data-testid="stMarkdownContainer"],
.st-key-card_index [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-card_data, .st-key-card_index { font-size: 0.9rem; }
[data-testid="stSidebarContent"] { padding-bottom: 1rem; }
[data-testid="stPlotlyChart"] { min-width: 0; }
@media (max-width: 640px) {
  .st-key-answer h1 { font-size: 1.15rem; }
}
</style>
"""


def apply() -> None:
    """Add the style block to this run; the router calls it."""
    st.html(CSS)
