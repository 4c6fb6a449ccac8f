"""Open a file that lies on this server or at an address, where the deployment allows some."""

import time

import streamlit as st

from core.data.places import Folder, allowed_folders, allowed_urls, check_url, file_in, files_in
from core.errors import CoreError
from core.visible import visible
from pages.ui.controls import arrivals
from pages.ui.display import messages
from pages.ui.display.text import plain

_FILE, _URL, _REFUSED = "_server_file", "_server_url", "_server_refused"
_TURN = "_server_files_turn"  # a browser may tell a choice again that was taken in an earlier turn


def chooser() -> None:
    """Draw the choice of files and addresses; nothing where the deployment names none."""
    with messages.guard():
        folders, prefixes = allowed_folders(), allowed_urls()
        if not folders and not prefixes:
            return
        with st.expander("Open from this server"):
            if folders:
                _files(folders)
            if prefixes:
                _address(prefixes)
            refused = st.session_state.pop(_REFUSED, None)
            if refused is not None:
                messages.show_error(refused)


def choices(folders: tuple[Folder, ...]) -> dict[str, tuple[Folder, str]]:
    """The files of all folders by the names that visitors see: the folder's, then the file's."""
    return {
        f"{folder.name}/{name}": (folder, name) for folder in folders for name in files_in(folder)
    }


def _files(folders: tuple[Folder, ...]) -> None:
    found = choices(folders)
    if not found:
        messages.note("The folders that this server offers are empty.")
        return
    st.selectbox(
        "File",
        list(found),
        index=None,
        key=_FILE,
        format_func=visible,
        placeholder=f"{len(found):,} files: type to search",
        help="Read where it lies, without an upload.",
        on_change=_open_file,
        args=(found, _turn()),
    )


def _turn() -> int:
    number: int = st.session_state.setdefault(_TURN, 0)
    return number


def _open_file(found: dict[str, tuple[Folder, str]], turn: int) -> None:
    if turn != _turn():
        return
    chosen = st.session_state[_FILE]
    st.session_state[_FILE] = None  # so that the same file may be chosen again
    if chosen not in found:
        return
    folder, name = found[chosen]
    try:
        arrivals.receive_from(file_in(folder, name), name.rsplit("/", 1)[-1])
        st.session_state[_TURN] += 1
    except CoreError as error:
        st.session_state[_REFUSED] = error


def _address(prefixes: tuple[str, ...]) -> None:
    st.text_input(
        "Address",
        key=_URL,
        placeholder=f"{prefixes[0]}...",
        help=f"It must begin with {plain(' or '.join(prefixes))}.",
        on_change=_open_address,
        args=(_turn(),),
    )


def _open_address(turn: int) -> None:
    if turn != _turn():
        return
    url = st.session_state[_URL].strip()
    if not url:
        return
    try:
        check_url(url)
        name = url.split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]
        arrivals.receive_from(arrivals.Address(url, time.time()), name)
        st.session_state[_URL] = ""
        st.session_state[_TURN] += 1
    except CoreError as error:
        st.session_state[_REFUSED] = error
