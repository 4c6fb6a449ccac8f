"""How the next file is read: a form of the Data page."""

from typing import Any

import streamlit as st


def read_options() -> dict[str, Any]:
    """What the visitor knows of the next file better than a reader: arguments of its reading."""
    vectors = st.text_input(
        "Vector column",
        key="_read_vectors",
        placeholder="found by itself",
        help="The column (or array of an .npz) that holds the vectors, or the prefix of numbered "
        "columns: x for x0, x1, x2.",
    )
    labels = st.text_input(
        "Label column",
        key="_read_labels",
        placeholder="label, labels, class or target",
        help="The column that holds the classes.",
    )
    drop = st.toggle(
        "Leave out rows with missing or infinite values",
        key="_read_drop",
        help="Otherwise such a file is refused, and the rows are named.",
    )
    return {
        "vector_column": vectors.strip() or None,
        "label_column": labels.strip() or None,
        "bad_rows": "drop" if drop else "error",
    }
