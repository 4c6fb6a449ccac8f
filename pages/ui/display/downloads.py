"""Files to take along, written when their button is pressed."""

import pandas as pd
import streamlit as st


def download(rows: pd.DataFrame, name: str) -> None:
    """A button that gives the rows as a CSV file, written when it is pressed.

    A file written before would be gone from the server, and looked for in vain by the browser, when
    a run that ends soon after replaces the button.
    """
    st.download_button(
        "Download CSV",
        lambda: rows.to_csv(index=False).encode(),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"_{name}_csv",
        on_click="ignore",
    )
