"""Files to take along, written when their button is pressed."""

import pandas as pd
import streamlit as st


def download(rows: pd.DataFrame, name: str) -> None:
    """A button that gives the rows as a CSV file, written when it is pressed.

    A file that is written before is deleted when a later run replaces the button; a browser that
    asks for it then gets an error.
    """
    st.download_button(
        "Download CSV",
        lambda: rows.to_csv(index=False).encode(),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"_{name}_csv",
        on_click="ignore",
    )
