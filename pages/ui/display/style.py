"""The few things that the theme in .streamlit/config.toml cannot say."""

import streamlit as st

CSS = """
<style>
.st-key-answer h1 { padding: 0 0 0.5rem; line-height: 1.3; text-wrap: pretty; max-width: 68rem; }
.st-key-card_data [data-testid="stMarkdownContainer"],
.st-key-card_index [data-testid="stMarkdownContainer"],
.st-key-card_data [data-testid="stCaptionContainer"],
.st-key-card_index [data-testid="stCaptionContainer"],
.st-key-card_running [data-testid="stCaptionContainer"] { margin-bottom: 0; }
.st-key-card_data p, .st-key-card_index p, .st-key-card_running p {
  margin-bottom: 0.15rem; font-size: 0.9rem;
}
.st-key-card_running a span, .st-key-card_running a p { white-space: normal; overflow: visible; }
.st-key-card_data button p, .st-key-card_index button p { margin-bottom: 0; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stMainBlockContainer"] { padding-left: 2.5rem; padding-right: 2.5rem; }
[data-testid="stPlotlyChart"] { min-width: 0; }
/* Without a pointer Plotly never hides its buttons, which cover the legend. */
@media (hover: none) { [data-testid="stPlotlyChart"] .modebar { display: none; } }
@media (max-width: 640px) {
  .st-key-answer h1 { font-size: 1.15rem; }
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
}
</style>
"""


def apply() -> None:
    """Add the style block to this run; the router calls it."""
    st.html(CSS)
