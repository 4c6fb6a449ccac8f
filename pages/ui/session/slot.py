"""A value that a session keeps from run to run, beside its widgets and its link.

A slot with `kept` is part of the workspace: its value is saved, and comes back where the workspace
is opened again (`saved`). Its codec turns the value into what the store takes: plain values,
arrays, tables, and the frozen types of `core`.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

import streamlit as st

from core.errors import CoreError

T = TypeVar("T")
_WAITING, _MARKS = "_slots_waiting", "_slots_as_saved"


@dataclass(frozen=True)
class Kept(Generic[T]):
    """How a value is saved. begins: whether a value that is not empty makes a workspace of its own;
    else it is saved where there is one, as the link tells the rest.

    to_parts: the value as the store takes it; None, () or {} for what need not be kept. from_parts:
    the value again. lost: what a person reads if it cannot be opened.
    """

    lost: str
    begins: bool = False
    to_parts: Callable[[T], Any] = lambda value: value
    from_parts: Callable[[Any], T] = lambda parts: parts


class Slot(Generic[T]):
    """A named place in the session; `name` is its own in the whole app."""

    def __init__(self, name: str, make: Callable[[], T], *, kept: Kept[T] | None = None) -> None:
        """make: gives the value of a session that has set none."""
        self.name, self.kept = name, kept
        self._place, self._make = f"_slot_{name}", make
        if kept is not None:
            KEPT[name] = self

    def get(self) -> T:
        """The value as it was left."""
        try:
            value: T = st.session_state[self._place]
        except KeyError:
            waiting: dict[str, Callable[[], Any]] = st.session_state.get(_WAITING, {})
            give = waiting.pop(self.name, None)
            value = self._make() if give is None else self._opened(give)
            st.session_state[self._place] = value
            self.note_saved()
        return value

    def set(self, value: T) -> None:
        """Keep another value; also as a callback."""
        st.session_state.get(_WAITING, {}).pop(self.name, None)
        st.session_state[self._place] = value

    def parts(self) -> Any:
        """The parts of the value, also where it waits to be asked for; `SAVED` without one."""
        if self.kept is None:
            return SAVED
        waits = self.name in st.session_state.get(_WAITING, {})
        return self.kept.to_parts(self.get()) if waits or self._is_present() else SAVED

    def unsaved(self) -> Any:
        """The parts of a value that differs from what was saved last; `SAVED` where none does."""
        if self.kept is None or not self._is_present():
            return SAVED
        value = st.session_state[self._place]
        mark = _mark(value)
        before = st.session_state.get(_MARKS, {}).get(self.name, SAVED)
        same = mark is before or (isinstance(mark, str) and mark == before)
        return SAVED if same else self.kept.to_parts(value)

    def note_saved(self) -> None:
        """Note that the present value is what was saved, or what a session begins with."""
        if self.kept is not None and self._is_present():
            marks = st.session_state.setdefault(_MARKS, {})
            marks[self.name] = _mark(st.session_state[self._place])

    def reset(self) -> None:
        """Begin anew, as a session that has set nothing."""
        for place in (_WAITING, _MARKS):
            st.session_state.get(place, {}).pop(self.name, None)
        st.session_state.pop(self._place, None)

    def _is_present(self) -> bool:
        return self._place in st.session_state

    def _opened(self, give: Callable[[], Any]) -> T:
        assert self.kept is not None
        try:
            return self.kept.from_parts(give())
        except CoreError as error:
            tell_lost(f"{self.kept.lost}: {error}")
        except (TypeError, ValueError, KeyError, IndexError, AttributeError):
            tell_lost(f"{self.kept.lost}: saved by another release, which this one cannot read.")
        return self._make()


def _mark(value: Any) -> Any:
    """What tells whether a value has changed: itself, or what it holds where it can change."""
    return repr(value) if isinstance(value, dict | list | set) else value


class _Saved:
    """Stands for a value that need not be saved."""


SAVED = _Saved()
KEPT: dict[str, Slot[Any]] = {}
_LOST: Slot[tuple[str, ...]] = Slot("lost_parts", tuple)


def wait(name: str, give: Callable[[], Any]) -> None:
    """Let the value of the slot of this name come from what was saved, once it is asked for.

    Its module may not be there yet. give: its parts; raises CoreError where they cannot be had.
    """
    st.session_state.pop(f"_slot_{name}", None)
    st.session_state.setdefault(_WAITING, {})[name] = give


def waiting_unknown() -> dict[str, Any]:
    """The parts of what waits for slots whose modules are not there yet, by name."""
    found = dict[str, Any]()
    waiting: dict[str, Callable[[], Any]] = st.session_state.get(_WAITING, {})
    for name in waiting.keys() - KEPT.keys():
        try:
            found[name] = waiting[name]()
        except (CoreError, ValueError, TypeError) as error:
            tell_lost(f"A part of the workspace could not be opened: {error}")
    return found


def tell_lost(words: str) -> None:
    """Note a sentence on what could not be opened, for `lost`."""
    _LOST.set((*_LOST.get(), words))


def lost() -> tuple[str, ...]:
    """What could not be opened of this session's workspace, in sentences."""
    return _LOST.get()


def forget_lost() -> None:
    """Let these sentences go; also as a callback."""
    _LOST.set(())


def of_fields(*types: type[Any]) -> dict[str, Callable[[Any], Any]]:
    """The codec of a tuple of dataclasses of a page, each as the values of its fields.

    types: which they may be; the first part of each says which. As keyword arguments of `Kept`.
    """
    by_name = {each.__qualname__: each for each in types}

    def to_parts(values: Any) -> Any:
        return tuple(
            (type(each).__qualname__, {f.name: getattr(each, f.name) for f in fields(each)})
            for each in values
        )

    def from_parts(parts: Any) -> Any:
        return tuple(by_name[name](**values) for name, values in parts)

    return {"to_parts": to_parts, "from_parts": from_parts}


def widget_value(key: str) -> Any:
    """What the visitor last did with a chart, table or element, for its callback; None before."""
    return st.session_state.get(key)


def forget_widget(key: str) -> None:
    """Let a widget start anew with its default."""
    st.session_state.pop(key, None)
