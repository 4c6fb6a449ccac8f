"""Widgets whose value lives in the URL, so that a link restores the view.

`key` names the value in the URL and in the session; two pages that use the same key share the
value (`item`, `k`, `ef`). A link's value that is not legal gives the default, one left over from
other data is clamped; neither reaches the page. Keys of `links.NAMES` are taken.

A control that was moved keeps its value for the session, on whatever page it is drawn again:
Streamlit forgets the value of a widget that a run does not draw, at the latest on the second change
of page.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import partial
from typing import Any, Literal, TypeVar, cast
from urllib.parse import parse_qs

import streamlit as st
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx

from core.visible import visible
from pages.ui.session.links import NAMES
from pages.ui.session.plain import NotPlainError, to_plain
from pages.ui.session.slot import Kept, Slot

T = TypeVar("T")
KEPT_CONTROLS = 200  # the longest unmoved are forgotten first
_DRAWN: Slot[set[str]] = Slot("controls", set)
_MOVED: Slot[OrderedDict[str, Any]] = Slot(
    "moved_controls",
    OrderedDict,
    kept=Kept(
        "The settings of the controls could not be opened",
        to_parts=lambda moved: {key: value for key, value in moved.items() if _is_plain(value)},
        from_parts=OrderedDict,
    ),
)
_DEFAULTS: Slot[dict[str, Any]] = Slot("defaults_of_controls", dict)
_OF_PAGE: Slot[set[str]] = Slot("controls_of_a_page", set)
_PAGE: Slot[str] = Slot("page", str)
_ASKED: Slot[dict[str, Any]] = Slot("asked_of_the_next_page", dict)
Number = TypeVar("Number", int, float)


def _is_plain(value: Any) -> bool:
    try:
        to_plain(value)
    except NotPlainError:
        return False
    return True


_UNDRAWN: ContextVar[bool] = ContextVar("undrawn", default=False)


@contextmanager
def undrawn() -> Iterator[None]:
    """Inside, the controls of this module give their values, and nothing is drawn."""
    place, token = st.empty(), _UNDRAWN.set(True)
    try:
        with place.container():
            yield
    finally:
        _UNDRAWN.reset(token)
        place.empty()


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
    if _UNDRAWN.get():
        return _within(held(key, type(value), value), low, high)
    _open(key)
    _clamp(key, low, high)
    default = _within(value, low, high)
    _write(key, default)
    chosen: Number = st.slider(
        label,
        low,
        high,
        default,
        step=step,
        format=format,
        key=key,
        help=help,
        bind="query-params",
    )
    return _keep(key, chosen, default)


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
    also: Mapping[str, Any] | None = None,
) -> Number:
    """A number typed in, within [low, high].

    also: other controls, by key, and what a new number sets them to.
    """
    if _UNDRAWN.get():
        return _within(held(key, type(value), value), low, high)
    _open(key)
    _clamp(key, low, high)
    default = _within(value, low, high)
    _write(key, default)
    draw = partial(
        st.number_input,
        label,
        low,
        high,
        default,
        step=step,
        format=format,
        help=help,
        width=width,
        on_change=put if also else None,
        kwargs=dict(also or {}),
    )
    try:
        chosen = draw(key=key, bind="query-params")
    except OverflowError:  # Streamlit fails at an infinite number in a link
        chosen = draw(key=f"_{key}")
    return _keep(key, _within(chosen, low, high), default)


def select(
    label: str,
    key: str,
    options: Sequence[T],
    *,
    value: T | None = None,
    format: Callable[[T], str] = str,
    help: str | None = None,
    former: Mapping[str, T] | None = None,
    then: Callable[[], None] | None = None,
) -> T:
    """One of several options from a list; `value` is the default, else the first.

    former: what an option was called in older links. then: called when another is chosen, in a
    callback, where `held` gives it and other controls can be set.
    """
    default = _index(options, value)
    format = _seen(format)
    if _UNDRAWN.get():
        return _held_option(key, options, options[default], format)
    _rename(key, former or {})
    _open(key)
    _keep_known(key, options)
    _follow_default(key, options[default])
    _write(key, options[default], format)
    chosen = st.selectbox(
        label,
        options,
        default,
        format_func=format,
        key=key,
        help=help,
        on_change=then,
        bind="query-params",
    )
    return _keep_option(key, options[_index(options, chosen)], options[default])


def segmented(
    label: str,
    key: str,
    options: Sequence[T],
    *,
    value: T | None = None,
    format: Callable[[T], str] = str,
    help: str | None = None,
    former: Mapping[str, T] | None = None,
    of_page: bool = False,
    named: bool = True,
) -> T:
    """One of a few options, all in sight; `value` is the default, else the first.

    former: what an option was called in older links. of_page: whether each page has a value of its
    own under this key. named: whether the label is drawn, or only read out.
    """
    if of_page:
        _OF_PAGE.get().add(key)
    default = options[_index(options, value)]
    format = _seen(format)
    if _UNDRAWN.get():
        return _held_option(key, options, default, format)
    _rename(key, former or {})
    _open(key)
    _keep_known(key, options)
    _follow_default(key, default)
    _write(key, default, format)
    chosen = st.segmented_control(
        label,
        options,
        default=default,
        required=True,
        format_func=format,
        key=key,
        help=help,
        bind="query-params",
        label_visibility="visible" if named else "collapsed",
    )
    return _keep_option(key, options[_index(options, chosen)], default)


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
    format = _seen(format)
    if _UNDRAWN.get():
        return _held_options(key, options, value, format)
    _open(key)
    if key in st.session_state:
        known = [option for option in st.session_state[key] if option in options]
        if len(known) != len(st.session_state[key]):
            st.session_state[key] = known
    _write(key, list(value), format)
    chosen = st.multiselect(
        label,
        options,
        list(value),
        format_func=format,
        key=key,
        help=help,
        placeholder=placeholder,
        bind="query-params",
    )
    return _keep(key, chosen, list(value))


def _seen(format: Callable[[T], str]) -> Callable[[T], str]:
    """What stands for an option, with nothing hidden in it."""
    return lambda option: visible(format(option))


def toggle(label: str, key: str, *, value: bool = False, help: str | None = None) -> bool:
    """A switch."""
    if _UNDRAWN.get():
        return held(key, str, str(value)).casefold() == "true"
    _open(key)
    _write(key, value)
    return _keep(
        key, st.toggle(label, value, key=key, help=help, bind="query-params"), default=value
    )


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
    if _UNDRAWN.get():
        return held(key, str, value)[:limit]
    _open(key)
    _write(key, value)
    typed = st.text_input(
        label,
        value,
        max_chars=limit,
        key=key,
        help=help,
        placeholder=placeholder,
        bind="query-params",
    )
    return _keep(key, (typed or "")[:limit], value)


def held(key: str, kind: type[T], default: T) -> T:
    """The value of a control, whether this run draws it or not: as it was left, or a link says."""
    asked = st.session_state.get(key, st.query_params.get(key, _moved(key)))
    try:
        return default if asked is None else cast("Callable[[Any], T]", kind)(asked)
    except (ValueError, OverflowError):
        return default


def follow_link() -> None:
    """On a change of page, set the controls that the link of that page names.

    The router calls it once per run. Streamlit takes what keys of the page before have in the
    address for a rest of that page; so what a link asks of them is read here. A control of which
    each page has its own leaves the other page's value behind.
    """
    context = get_script_run_ctx()
    if context is None or _PAGE.get() == context.page_script_hash:
        return
    came_from, asked = _PAGE.get(), parse_qs(context.query_string)
    _PAGE.set(context.page_script_hash)
    if not came_from:
        return
    for key in _OF_PAGE.get() - asked.keys():
        st.session_state.pop(key, None)
    for key in _DRAWN.get() & asked.keys():
        left = st.session_state.get(key, _moved(key, _DEFAULTS.get().get(_name(key))))
        if left is not None:
            st.session_state[key] = _like(left, asked[key][-1])
    put(**_ASKED.get())
    _ASKED.set({})


def ask(**values: Any) -> None:
    """Set controls of the page that this session goes to next, once it is there."""
    _ASKED.set(values)


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
        _remember(key, value)


def put_texts(values: Mapping[str, str]) -> None:
    """Set controls that were moved before to what a link says; only from a callback."""
    for key, text in values.items():
        left = st.session_state.get(key, _moved(key))
        if left is not None:
            put(**{key: _like(left, text)})


def forget(key: str) -> None:
    """Let a control start anew with its default, as if it had never been moved."""
    st.session_state.pop(key, None)
    _MOVED.get().pop(_name(key), None)


def _name(key: str) -> str:
    """What the value of a key is kept under."""
    return f"{key} of {_PAGE.get()}" if key in _OF_PAGE.get() else key


def _moved(key: str, default: Any = None) -> Any:
    return _MOVED.get().get(_name(key), default)


def _checked(key: str) -> str:
    if key in NAMES:
        raise ValueError(f"{key!r} names the data or the index in a link; use another key.")
    _DRAWN.get().add(key)
    return key


def _open(key: str) -> None:
    """Before a control is drawn: the value that it had, unless a link or the session says one."""
    moved = _moved(_checked(key))
    if moved is not None and key not in st.session_state and key not in st.query_params:
        st.session_state[key] = moved


def _write(key: str, default: Any, format: Callable[[Any], str] = str) -> None:
    """Put a value into the link that the session had while its control was not drawn.

    Streamlit does so itself where it remembers the control: then the name is taken.
    """
    _DEFAULTS.get()[_name(key)] = default
    left, context = st.session_state.get(key), get_script_run_ctx()
    if left is None or left == default or key in st.query_params:
        return
    if context is not None and context.is_history_navigation:  # the link decides
        return
    if isinstance(left, bool):
        text: str | list[str] = str(left).lower()
    else:
        text = [format(each) for each in left] if isinstance(left, list) else format(left)
    with suppress(StreamlitAPIException):
        st.query_params[key] = text


def _keep(key: str, chosen: T, default: T) -> T:
    """The value of a control that was drawn, which is kept if it is not the default."""
    if chosen == default:
        _MOVED.get().pop(_name(key), None)
    else:
        _remember(key, chosen)
    return chosen


def _keep_option(key: str, chosen: T, default: T) -> T:
    """As `_keep`; an option that a person chose stays chosen where other data make it the default.

    Only who goes back to the default gives the choice up.
    """
    if chosen == default and _moved(key) == chosen:
        return chosen
    return _keep(key, chosen, default)


def _follow_default(key: str, default: Any) -> None:
    """Where the default is another than before, as with other data, follow it unless moved."""
    defaults, name = _DEFAULTS.get(), _name(key)
    before = defaults.get(name, default)
    unmoved = _moved(key) is None and key not in st.query_params
    if before != default and unmoved and st.session_state.get(key) == before:
        st.session_state[key] = default


def _remember(key: str, value: Any) -> None:
    moved, name = _MOVED.get(), _name(key)
    moved[name] = value
    moved.move_to_end(name)
    while len(moved) > KEPT_CONTROLS:
        moved.popitem(last=False)


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


def _held_option(key: str, options: Sequence[T], default: T, format: Callable[[T], str]) -> T:
    """The option that the session holds, or that a link names as it is written there."""
    left = st.session_state.get(key, st.query_params.get(key, _moved(key)))
    named = (option for option in options if left in (option, format(option)))
    return next(named, default)


def _held_options(
    key: str, options: Sequence[T], default: Sequence[T], format: Callable[[T], str]
) -> list[T]:
    if key in st.session_state:
        left: Sequence[Any] = st.session_state[key]
    elif key in st.query_params:
        left = st.query_params.get_all(key)
    else:
        left = _moved(key, default)
    return [option for option in options if option in left or format(option) in left]


def _rename(key: str, former: Mapping[str, Any]) -> None:
    """Put today's option in place of a former one in the link, and read the link again."""
    named = st.query_params.get(key, "")
    if named in former:
        st.query_params[key] = str(former[named])
        st.rerun()


def _index(options: Sequence[T], value: T | None) -> int:
    return options.index(value) if value in options else 0
