"""A bounds file: TOML, a table for each bound, and tables of settings; read and written."""

import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

from core.errors import CoreError, ParameterError
from core.gate.bounds import KINDS, SETTINGS, VERSION, Bounds, setting_names
from core.visible import marked, visible

LARGEST = 1_000_000  # bytes of a file
NEAR = 0.5  # how alike two names must be, of 1, for one to be meant by the other


def read_bounds(source: str | Path) -> Bounds:
    """The bounds of a file; raises ParameterError in words that name the file, table and setting.

    source: a path.
    """
    path = Path(source)
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise ParameterError(f"{path.name} could not be read: {error.strerror}.") from error
    if len(content) > LARGEST:
        raise ParameterError(f"{path.name} is no bounds file: it is over {LARGEST / 1e6:g} MB.")
    try:
        return parse_bounds(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise ParameterError(f"{path.name} is no TOML: it is not UTF-8.") from error
    except CoreError as error:
        raise ParameterError(f"{path.name}: {error}") from error


def parse_bounds(text: str) -> Bounds:
    """The bounds of a TOML document.

    >>> parse_bounds("[lost_items]\\nef = 40\\nat_most = 0").bounds
    (LostBound(ef=40, at_most=0),)
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ParameterError(f"This is no TOML: {error}.") from error
    except RecursionError as error:
        raise ParameterError("This is no bounds file: it is nested too deep.") from error
    version = document.pop("version", VERSION)
    if version != VERSION:
        raise ParameterError(
            f"version must be {VERSION}, the form of bounds that this release reads; got "
            f"{version!r}."
        )
    _check_names(document, (*KINDS, *SETTINGS), "A bounds file", "table")
    settings = {
        name: _made(SETTINGS[name], document[name], name) for name in SETTINGS if name in document
    }
    bounds = [
        _made(KINDS[kind], table, kind, place if len(tables) > 1 else None)
        for kind, value in document.items()
        if kind in KINDS
        for tables in [value if isinstance(value, list) else [value]]
        for place, table in enumerate(tables, 1)
    ]
    return Bounds(tuple(bounds), **settings)


def bounds_text(bounds: Bounds, comments: Sequence[str] = ()) -> str:
    """The bounds as a TOML document, which `parse_bounds` reads as the same.

    comments: sentences that stand above, each a line of its own.
    """
    lines = [f"# {marked(' '.join(comment.split()))}" for comment in comments]
    lines += [""] if lines else []
    lines += [f"version = {VERSION}"]
    for name in SETTINGS:
        table = _table(getattr(bounds, name))
        if table:
            lines += ["", f"[{name}]", *table]
    for bound in bounds.bounds:
        several = len(bounds.of(type(bound))) > 1
        lines += ["", f"[[{bound.kind}]]" if several else f"[{bound.kind}]", *_table(bound)]
    return "\n".join(lines) + "\n"


def _table(value: Any) -> list[str]:
    """The settings that differ from their defaults, a line each."""
    return [
        f"{each.name} = {_toml(getattr(value, each.name))}"
        for each in fields(value)
        if each.default is MISSING or getattr(value, each.name) != each.default
    ]


def _toml(value: Any) -> str:
    """A value of TOML: a number, a flag, or a text in which nothing but itself is said."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + "".join(map(_escaped, value)) + '"'
    return repr(value)


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    code = ord(letter)
    if code < 0x20 or code == 0x7F or marked(letter) != letter:
        return f"\\u{code:04X}" if code < 0x10000 else f"\\U{code:08X}"
    return letter


def _made(of: type[Any], table: Any, name: str, place: int | None = None) -> Any:
    """The settings of a table; an error names the table, and which one where there are several."""
    where = f"[{name}]" if place is None else f"[[{name}]] number {place}"
    if not isinstance(table, dict):
        raise ParameterError(
            f"{name} must be a table, as in [{name}] with a line for each setting; got {table!r}."
        )
    _check_names(table, setting_names(of), where, "setting")
    missing = [
        each.name for each in fields(of) if each.name not in table and not _has_default(each)
    ]
    if missing:
        raise ParameterError(f"{where} must state {' and '.join(missing)}.")
    try:
        return of(**table)
    except ParameterError as error:
        raise ParameterError(f"{where}: {error}") from error


def _has_default(setting: Any) -> bool:
    return setting.default is not MISSING or setting.default_factory is not MISSING


def _check_names(given: dict[str, Any], known: Sequence[str], where: str, what: str) -> None:
    for name in given:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=3, cutoff=NEAR)
            meant = f" Near it: {', '.join(near)}." if near else ""
            raise ParameterError(
                f"{where} has no {what} named {visible(name)!r}.{meant} It takes "
                f"{', '.join(known)}."
            )
