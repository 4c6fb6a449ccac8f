"""Runs a page again when its visitor changes the theme: figures are drawn on the server for one.

Streamlit paints its own elements anew in the browser, and runs no script for it. Without this the
words of a chart would stay dark on dark until the next click.
"""

import streamlit as st

_WATCH = """
export default function ({ parentElement, setTriggerValue }) {
  const app = document.querySelector('[data-testid="stApp"]');
  const theme = () => getComputedStyle(app).colorScheme;
  let shown = theme();
  const observer = new MutationObserver(() => {
    if (theme() === shown) return;
    shown = theme();
    setTriggerValue("changed", shown);
  });
  parentElement.observer?.disconnect(); // this function is called again after each change
  parentElement.observer = observer;
  observer.observe(app, { attributes: true, attributeFilter: ["class"] });
  return () => observer.disconnect();
}
"""
_watcher = st.components.v2.component("nearfield_theme", html="<span></span>", js=_WATCH)


def watch() -> None:
    """Add what hears of a change to this run; the router calls it."""
    _watcher(key="theme_watcher", on_changed_change=_heard, height="content")


def _heard() -> None:
    """The run that follows is all that is needed: `st.context.theme` has the new theme."""
