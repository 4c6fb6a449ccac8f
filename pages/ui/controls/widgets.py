"""Widgets whose value lives in the URL, so that a link restores the view.

`key` names the value in the URL and in the session; two pages that use the same key share the
value (`item`, `k`, `ef`). A link's value that is not legal gives the default, one left over from
other data is clamped; neither reaches the page. Keys of `links.NAMES` are taken.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, TypeVar, cast
from urllib.parse import parse_qs

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.session.links import NAMES
from pages.ui.session.slot import Slot

T = TypeVar("T")
_DRAWN: Slot[set[str]] = Slot("controls", set)
_PAGE: Slot[str] = Slot("page", str)
Number = TypeVar("Number", int, float)


def slider(
    label: str,
    key: str,
    *,
    low: Number,
    high: Number,
    value: Number,
    step: Number | None = None,
    format: str | None = None,
    help: str | None = None,
) -> Number:
    """A slider over [low, high]; where low = high there is no choice, and it is not drawn."""
    if low >= high:
        return low
    _clamp(key, low, high)
    chosen: Number = st.slider(
        label,
        low,
        high,
        _within(value, low, high),
        step=step,
        format=format,
        key=_checked(key),
        help=help,
        bind="query-params",
    )
    return chosen


def number(
    label: str,
    key: str,
    *,
    low: Number,
    high: Number,
    value: Number,
    step: Number | None = None,
    format: str | None = None,
    help: str | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> Number:
    """A number typed in, within [low, high]."""
    _clamp(key, low, high)
    draw = partial(
        st.number_input,
        label,
        low,
        high,
        _within(value, low, high),
        step=step,
        format=format,
        help=help,
        width=width,
    )
    try:
        chosen = draw(key=_checked(key), bind="query-params")
    except OverflowError:  # Streamlit fails at an infinite number in a link
        chosen = draw(key=f"_{key}")
    return _within(chosen, low, high)


def select(
    label: str,
    key: str,
    options: Sequence[T],
    *,
    value: T | None = None,
    format: Callable[[T], str] = str,
    help: str | None = None,
    former: Mapping[str, T] | None = None,
) -> T:
    """One of several options from a list; `value` is the default, else the first.

    former: what an option was called in older links.
    """
    _rename(key, former or {})
    _keep_known(key, options)
    chosen = st.selectbox(
        label,
        options,
        _index(options, value),
        format_func=format,
        key=_checked(key),
        help=help,
        bind="query-params",
    )
    return options[_index(options, chosen)]


def segmented(
    label: str,
    key: str,
    options: Sequence[T],
    *,
    value: T | None = None,
    format: Callable[[T], str] = str,
    help: str | None = None,
    named: bool = True,
) -> T:
    """One of a few options, all in sight; `value` is the default, else the first.

    named: whether the label is drawn, or only read out.
    """
    _keep_known(key, options)
    chosen = st.segmented_control(
        label,
        options,
        default=options[_index(options, value)],
        required=True,
        format_func=format,
        key=_checked(key),
        help=help,
        bind="query-params",
        label_visibility="visible" if named else "collapsed",
    )
    return options[_index(options, chosen)]


def several(
    label: str,
    key: str,
    options: Sequence[T],
    *,
    value: Sequence[T] = (),
    format: Callable[[T], str] = str,
    help: str | None = None,
    placeholder: str | None = None,
) -> list[T]:
    """Any of several options, none by default."""
    if key in st.session_state:
        known = [option for option in st.session_state[key] if option in options]
        if len(known) != len(st.session_state[key]):
            st.session_state[key] = known
    return st.multiselect(
        label,
        options,
        list(value),
        format_func=format,
        key=_checked(key),
        help=help,
        placeholder=placeholder,
        bind="query-params",
    )


def toggle(label: str, key: str, *, value: bool = False, help: str | None = None) -> bool:
    """A switch."""
    return st.toggle(label, value, key=_checked(key), help=help, bind="query-params")


def text(
    label: str,
    key: str,
    *,
    value: str = "",
    placeholder: str | None = None,
    help: str | None = None,
    limit: int = 500,
) -> str:
    """A line of text of at most `limit` characters."""
    typed = st.text_input(
        label,
        value,
        max_chars=limit,
        key=_checked(key),
        help=help,
        placeholder=placeholder,
        bind="query-params",
    )
    return (typed or "")[:limit]


def held(key: str, kind: type[T], default: T) -> T:
    """The value of a control, whether this run draws it or not: as it was left, or a link says."""
    asked = st.session_state.get(key, st.query_params.get(key))
    try:
        return default if asked is None else cast("Callable[[Any], T]", kind)(asked)
    except (ValueError, OverflowError):
        return default


def keep(*keys: str) -> None:
    """Keep controls that this run may not draw; call it before any of them is drawn.

    Streamlit forgets the value of a widget that a run does not draw.
    """
    for key in keys:
        if key in st.session_state:
            st.session_state[key] = st.session_state[key]


def carry_over() -> None:
    """Keep what the page before this one held, as two pages with the same key share its value.

    The router calls it once per run. On a change of page Streamlit forgets the values of all
    widgets, and takes what their keys have in the address for a rest of the page before; so what a
    link asks for is read here. A control that this page does not draw is let go in the run after.
    """
    context = get_script_run_ctx()
    if context is None or _PAGE.get() == context.page_script_hash:
        return
    came_from, asked = _PAGE.get(), parse_qs(context.query_string)
    _PAGE.set(context.page_script_hash)
    if not came_from:
        return
    for key in _DRAWN.get():
        if key not in st.session_state:
            continue
        left = st.session_state[key]
        st.session_state[key] = _like(left, asked[key][-1]) if key in asked else left


def _like(left: Any, asked: str) -> Any:
    """The text of a link as a value of the type of `left`; `left` itself if it is none."""
    if isinstance(left, bool):
        return asked.casefold() == "true"
    try:
        return type(left)(asked) if isinstance(left, int | float | str) else left
    except ValueError:
        return left


def put(**values: Any) -> None:
    """Set controls by key, on this page or another; only from a callback (`on_click`)."""
    for key, value in values.items():
        st.session_state[_checked(key)] = value


def _checked(key: str) -> str:
    if key in NAMES:
        raise ValueError(f"{key!r} names the data or the index in a link; use another key.")
    _DRAWN.get().add(key)
    return key


def _within(value: Number, low: Number, high: Number) -> Number:
    return min(max(value, low), high)


def _clamp(key: str, low: Number, high: Number) -> None:
    held = st.session_state.get(key)
    if held is None:
        return
    clamped = _within(type(low)(held), low, high)
    if clamped != held or type(held) is not type(low):
        st.session_state[key] = clamped


def _keep_known(key: str, options: Sequence[Any]) -> None:
    if key in st.session_state and st.session_state[key] not in options:
        del st.session_state[key]


def _rename(key: str, former: Mapping[str, Any]) -> None:
    """Put today's option in place of a former one in the link, and read the link again."""
    named = st.query_params.get(key, "")
    if named in former:
        st.query_params[key] = str(former[named])
        st.rerun()


def _index(options: Sequence[T], value: T | None) -> int:
    return options.index(value) if value in options else 0
