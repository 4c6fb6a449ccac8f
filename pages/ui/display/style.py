"""The few things that the theme in .streamlit/config.toml cannot say."""

import streamlit as st

# A picture beside the menu, in a color that reads on light and on dark.
WORDMARK = """
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 32" width="150" height="32">
  <g fill="#4C7BA8">
    <circle cx="8" cy="20" r="3.2"/><circle cx="20" cy="9" r="3.2"/>
    <circle cx="23" cy="24" r="3.2"/>
    <path d="M8 20 20 9M8 20l15 4M20 9l3 15" stroke="#4C7BA8" stroke-width="1.6"/>
    <text x="36" y="23" font-family="Source Sans Pro, Source Sans 3, Helvetica, Arial, sans-serif"
      font-size="21" font-weight="600">Nearfield</text>
  </g>
</svg>
"""

CSS = """
<style>
.st-key-answer h1 { padding: 0 0 0.5rem; line-height: 1.3; text-wrap: pretty; max-width: 68rem; }
.st-key-card_data [data-testid="stMarkdownContainer"],
.st-key-card_index [data-testid="stMarkdownContainer"],
.st-key-card_data [data-testid="stCaptionContainer"],
.st-key-card_index [data-testid="stCaptionContainer"],
.st-key-card_workspace [data-testid="stMarkdownContainer"],
.st-key-card_workspace [data-testid="stCaptionContainer"],
.st-key-card_running [data-testid="stCaptionContainer"],
.st-key-card_who [data-testid="stCaptionContainer"] { margin-bottom: 0; }
.st-key-card_data p, .st-key-card_index p, .st-key-card_workspace p, .st-key-card_running p,
.st-key-card_who p {
  margin-bottom: 0.15rem; font-size: 0.9rem;
}
.st-key-card_running a span, .st-key-card_running a p { white-space: normal; overflow: visible; }
.st-key-card_data button p, .st-key-card_index button p,
.st-key-card_workspace button p { margin-bottom: 0; }
.st-key-door { max-width: 30rem; margin: 18vh auto 0; }
.st-key-welcome [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
.st-key-welcome p { margin-bottom: 0; font-size: 0.87rem; line-height: 1.35; }
.st-key-welcome a, .st-key-welcome button {
  min-height: 0; padding: 0; margin: 0 0 0.3rem; line-height: 1; vertical-align: top;
}
.st-key-welcome a p, .st-key-welcome button p { text-decoration: underline; }
[data-testid="stSidebarUserContent"] { padding-top: 0.5rem; }
[data-testid="stMainBlockContainer"] { padding-left: 2.5rem; padding-right: 2.5rem; }
[data-testid="stPlotlyChart"] { min-width: 0; }
[class*="st-key-guarded_table"] [aria-label="Download as CSV"] { display: none; }
/* Text that is 4.5 times as bright or as dark as what it stands on, in both themes. */
[data-testid="stCaptionContainer"] { opacity: 0.75; }
[role="radiogroup"] button[aria-checked="true"] { color: inherit !important; }
:is(a, button, summary, [role="tab"]):focus-visible { outline: 2px solid; outline-offset: 2px; }
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
