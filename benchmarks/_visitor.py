"""A visitor without a browser: Streamlit's messages over its websocket, as its own frontend sends.

Messages that the server lets a browser keep are kept, and their hashes are told; a fragment that
runs by a clock is asked for by one.
"""

import asyncio
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from typing import Any, Self

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileURLs
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.web.server.starlette.starlette_app_utils import generate_xsrf_token_string
from websockets.asyncio.client import ClientConnection, connect

UNANSWERED = "on its way"  # at the end of a page's title while its answer is computed
STOP = "-_job_stop_"  # in the id of a button beside a job that runs
PATIENCE = 240.0  # seconds
LARGEST = 200_000_000  # bytes of one message
CUT_SHORT = (ForwardMsg.FINISHED_EARLY_FOR_RERUN,)
FAILED = (ForwardMsg.FINISHED_WITH_COMPILE_ERROR,)
OF_FRAGMENT = ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY


class VisitError(Exception):
    """What a person would see as a failure: an error box, a failed run, a lost connection."""


@dataclass(frozen=True)
class Received:
    """What one run sent. messages: how many. bytes: of all of them. seconds: until its end."""

    messages: int
    bytes: int
    seconds: float


class Visitor:
    """One session on one page; made by `async with Visitor(address, page) as visitor`."""

    def __init__(self, address: str, page: str) -> None:
        self._address, self._page = address, page
        self._query, self._hash = "", ""
        self._elements: dict[tuple[int, ...], Element] = {}
        self._states: dict[str, WidgetState] = {}
        self._kept: dict[str, ForwardMsg] = {}
        self._clocks: dict[str, asyncio.Task[None]] = {}
        self._connection: ClientConnection
        self._session = ""
        self._urls: FileURLs | None = None
        self._messages = self._bytes = 0

    async def __aenter__(self) -> Self:
        self._connection = await connect(
            f"{self._address.replace('http', 'ws', 1)}/_stcore/stream",
            subprotocols=["streamlit"],  # type: ignore[list-item]
            max_size=LARGEST,
            compression=None,
            open_timeout=PATIENCE,
            ping_interval=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stop_clocks()
        await self._connection.close()

    async def arrive(self) -> Received:
        """Ask for the page, and wait until it has its answer and the last run has ended."""
        begun = time.monotonic()
        await self._ask()
        async with asyncio.timeout(PATIENCE):
            await self._end_of_run()
            while not self.has_answer:
                await self._end_of_run(fragments_too=True)
        return self._told(begun)

    async def settle(self) -> None:
        """Wait until nothing that the page asked for is still computed."""
        async with asyncio.timeout(PATIENCE):
            while not self.is_settled:
                await self._end_of_run(fragments_too=True)

    async def move(self, key: str, turn: int) -> Received:
        """Set the control of this key to its default in even turns, to another value in odd ones.

        Raises KeyError where the page has no such control.
        """
        element = self.control(key)
        state = other_value(element, turn)
        self._states[state.id] = state
        begun = time.monotonic()
        await self._ask()
        async with asyncio.timeout(PATIENCE):
            await self._end_of_run()
        return self._told(begun)

    async def press(self, key: str) -> Received:
        """Press the button of this key; raises KeyError where the page has none."""
        state = WidgetState(id=self.control(key).button.id, trigger_value=True)
        begun = time.monotonic()
        await self._ask(state=state)
        async with asyncio.timeout(PATIENCE):
            await self._end_of_run()
        return self._told(begun)

    async def upload(self, key: str, path: Path) -> None:
        """Give a file to the uploader whose key begins so, and wait until the page has taken it."""
        element = next(each for each in self.elements() if f"-{key}" in _widget_id(each))
        message = BackMsg()
        asked = message.file_urls_request
        asked.request_id, asked.session_id = token_hex(8), self._session
        asked.file_names.append(path.name)
        self._urls = None
        async with asyncio.timeout(PATIENCE):
            await self._connection.send(message.SerializeToString())
            while self._urls is None:
                await self._next()
            place = self._urls
            await asyncio.to_thread(_put, f"{self._address}{place.upload_url}", path)
            state = WidgetState(id=element.file_uploader.id)
            given = state.file_uploader_state_value.uploaded_file_info.add()
            given.name, given.size, given.file_id = path.name, path.stat().st_size, place.file_id
            given.file_urls.CopyFrom(place)
            self._states[state.id] = state
            await self._ask()
            await self._end_of_run()
            del self._states[state.id]

    async def stay(self, seconds: float) -> None:
        """Look at the page for so long."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await self._end_of_run(fragments_too=True)

    async def see(self, key: str) -> None:
        """Wait until there is a control of this key."""
        async with asyncio.timeout(PATIENCE):
            while not any(name.endswith(f"-{key}") for name in self.controls()):
                await self._end_of_run(fragments_too=True)

    @property
    def has_answer(self) -> bool:
        """Whether the page's title tells its answer."""
        titles = [each.heading.body for each in self.elements() if each.HasField("heading")]
        return bool(titles) and UNANSWERED not in titles[0]

    @property
    def is_settled(self) -> bool:
        """Whether the page has its answer, and no job on it runs."""
        return self.has_answer and not any(STOP in name for name in self.controls())

    def elements(self) -> Iterator[Element]:
        """What is on the page, in the order of its places."""
        return (self._elements[place] for place in sorted(self._elements))

    def control(self, key: str) -> Element:
        """The widget of this key; raises KeyError without one."""
        for element in self.elements():
            if _widget_id(element).endswith(f"-{key}"):
                return element
        raise KeyError(f"the page {self._page} has no control {key!r}")

    def controls(self) -> list[str]:
        """The ids of all widgets on the page."""
        return [name for each in self.elements() if (name := _widget_id(each))]

    async def _ask(self, fragment: str = "", state: WidgetState | None = None) -> None:
        message = BackMsg()
        asked = message.rerun_script
        asked.query_string, asked.page_script_hash = self._query, self._hash
        asked.page_name = "" if self._hash else self._page
        asked.fragment_id, asked.is_auto_rerun = fragment, bool(fragment)
        asked.widget_states.widgets.extend(self._states.values())
        asked.widget_states.widgets.extend([] if state is None else [state])
        asked.cached_message_hashes.extend(self._kept)
        asked.context_info.url = f"{self._address}/{self._page}"
        asked.context_info.timezone, asked.context_info.locale = "UTC", "en-US"
        asked.context_info.color_scheme = "light"
        await self._connection.send(message.SerializeToString())

    async def _end_of_run(self, *, fragments_too: bool = False) -> None:
        """Take messages until a run of the whole page has ended, and none follows at once."""
        while True:
            message = await self._next()
            if message.WhichOneof("type") != "script_finished":
                continue
            if message.script_finished in FAILED:
                raise VisitError(f"the run of {self._page} failed")
            whole = message.script_finished not in (*CUT_SHORT, OF_FRAGMENT)
            if whole or (fragments_too and message.script_finished == OF_FRAGMENT):
                return

    async def _next(self) -> ForwardMsg:
        content = await self._connection.recv()
        assert isinstance(content, bytes)
        self._messages, self._bytes = self._messages + 1, self._bytes + len(content)
        message: ForwardMsg = ForwardMsg.FromString(content)
        if message.WhichOneof("type") == "ref_hash":
            original = ForwardMsg()
            original.CopyFrom(self._kept[message.ref_hash])
            original.metadata.CopyFrom(message.metadata)
            message = original
        elif message.metadata.cacheable:
            self._kept[message.hash] = message
        self._take(message)
        return message

    def _take(self, message: ForwardMsg) -> None:
        match message.WhichOneof("type"):
            case "file_urls_response":
                self._urls = message.file_urls_response.file_urls[0]
            case "new_session":
                self._session = message.new_session.initialize.session_id or self._session
                if not message.metadata.run.fragment_ids:
                    self._elements.clear()
                    self._stop_clocks()
            case "navigation":
                self._hash = message.navigation.page_script_hash
            case "page_info_changed":
                self._query = message.page_info_changed.query_string
            case "auto_rerun":
                self._start_clock(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            case "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    self._stop_clock(fragment)
            case "delta" if message.delta.WhichOneof("type") == "new_element":
                self._show(tuple(message.metadata.delta_path), message.delta.new_element)

    def _show(self, place: tuple[int, ...], element: Element) -> None:
        self._elements[place] = element
        if element.HasField("exception"):
            raise VisitError(element.exception.message)
        if element.HasField("alert") and element.alert.format == element.alert.ERROR:
            raise VisitError(element.alert.body)

    def _start_clock(self, fragment: str, interval: float) -> None:
        self._stop_clock(fragment)
        self._clocks[fragment] = asyncio.create_task(self._tick(fragment, interval))

    async def _tick(self, fragment: str, interval: float) -> None:
        while True:
            await asyncio.sleep(interval)
            await self._ask(fragment)

    def _stop_clock(self, fragment: str) -> None:
        if clock := self._clocks.pop(fragment, None):
            clock.cancel()

    def _stop_clocks(self) -> None:
        for fragment in list(self._clocks):
            self._stop_clock(fragment)

    def _told(self, begun: float) -> Received:
        told = Received(self._messages, self._bytes, time.monotonic() - begun)
        self._messages = self._bytes = 0
        return told


def other_value(element: Element, turn: int) -> WidgetState:
    """The state of a widget in a turn: its default in even turns, another value in odd ones.

    Raises TypeError for a widget of another kind than those that stand here.
    """
    state, kind, odd = WidgetState(), element.WhichOneof("type"), turn % 2
    widget: Any = getattr(element, kind or "empty")
    state.id = widget.id
    match kind:
        case "slider":
            start, step = widget.default[0], widget.step or 1.0
            away = step if start + step <= widget.max else -step
            state.double_array_value.data.append(start + odd * away)
        case "number_input":
            state.double_value = widget.default + odd * (widget.step or 1.0)
        case "checkbox":
            state.bool_value = widget.default != bool(odd)
        case "selectbox":
            state.string_value = widget.options[_beside(widget.default, odd, widget.options)]
        case "button_group":
            place = _beside(widget.default[0], odd, widget.options)
            state.string_array_value.data.append(widget.options[place].content)
        case _:
            raise TypeError(f"no other value is known for a {kind}")
    return state


def _beside(place: int, odd: int, options: Any) -> int:
    """The place of an option, or of the next one in an odd turn."""
    chosen: int = (place + odd) % len(options)
    return chosen


def _put(url: str, path: Path) -> None:
    """Upload as a browser does: a form of one file, with the token of the page."""
    boundary, token = token_hex(16), generate_xsrf_token_string()
    head = f'Content-Disposition: form-data; name="{path.name}"; filename="{path.name}"'
    before = f"--{boundary}\r\n{head}\r\n\r\n".encode()
    body = before + path.read_bytes() + f"\r\n--{boundary}--\r\n".encode()
    headers = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "X-Xsrftoken": token,
        "Cookie": f"_streamlit_xsrf={token}",
    }
    request = urllib.request.Request(url, body, headers, method="PUT")
    urllib.request.urlopen(request, timeout=PATIENCE).close()


def _widget_id(element: Element) -> str:
    content: Any = getattr(element, element.WhichOneof("type") or "empty")
    with suppress(AttributeError):
        return str(content.id)
    return ""
