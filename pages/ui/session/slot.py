"""A value that a session keeps from run to run, beside its widgets and its link."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

import streamlit as st

T = TypeVar("T")


class Slot(Generic[T]):
    """A named place in the session; `name` is its own in the whole app."""

    def __init__(self, name: str, make: Callable[[], T]) -> None:
        """make: gives the value of a session that has set none."""
        self._name, self._make = f"_slot_{name}", make

    def get(self) -> T:
        """The value as it was left."""
        try:
            value: T = st.session_state[self._name]
        except KeyError:
            value = st.session_state[self._name] = self._make()
        return value

    def set(self, value: T) -> None:
        """Keep another value; also as a callback."""
        st.session_state[self._name] = value


def widget_value(key: str) -> Any:
    """What the visitor last did with a chart, table or element, for its callback; None before."""
    return st.session_state.get(key)


def forget_widget(key: str) -> None:
    """Let a widget start anew with its default."""
    st.session_state.pop(key, None)
