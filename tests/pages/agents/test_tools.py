"""The tools of MCP, asked by the client of its own package in this process."""

import threading
from collections.abc import Iterator

import anyio
import pytest
from mcp import Client

from core.progress import Progress
from core.service import CALLS, Answer, Call, Holdings, Sources
from pages.agents.tools import INSTRUCTIONS, make_server
from pages.agents.work import Work
from pages.ui.jobs.runner import Runner
from tests import loops
from tests.patience import PATIENCE


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner(threads=2)
    yield made
    made.close()


def test_every_call_is_a_tool_that_answers_or_says_why_not(runner: Runner) -> None:
    async def talk() -> None:
        work = Work(lambda: runner, Holdings(), "local")
        async with Client(make_server(work)) as client:
            assert client.instructions == INSTRUCTIONS
            listed = (await client.list_tools()).tools
            assert {each.name: each.input_schema for each in listed} == {
                name: call.arguments.schema() for name, call in CALLS.items()
            }
            assert all(each.annotations and each.annotations.read_only_hint for each in listed)
            found = await client.call_tool("load", {"source": "sample:digits"})
            assert not found.is_error
            assert found.structured_content["rows"] == 1797
            for name, given, words in (
                ("build", {"data": "data-0"}, "There is no data 'data-0' here. Load the data"),
                ("build", {}, "The argument data is missing: the name that `load` gave"),
                ("destroy", {}, "There is no tool 'destroy'. There are: sources, load, build"),
            ):
                refused = await client.call_tool(name, given)
                assert refused.is_error
                (content,) = refused.content
                assert content.type == "text"
                assert content.text.startswith(words)

    loops.run(talk())


def test_a_tool_says_how_far_it_is_and_ends_with_its_request(
    runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, over = threading.Event(), threading.Event()
    told = list[tuple[float, float | None, str | None]]()

    def slow(_holdings: Holdings, _asked: Sources, progress: Progress) -> Answer:
        try:
            while True:
                progress(0.25, "a quarter")
                heard.wait(0.01)
        finally:
            over.set()

    monkeypatch.setitem(CALLS, "slow", Call("Slow", "Never ends.", Sources, slow))

    async def talk() -> None:
        async with Client(make_server(Work(lambda: runner, Holdings(), "local"))) as client:
            with anyio.CancelScope() as scope:

                async def hear(
                    progress: float, total: float | None = None, message: str | None = None
                ) -> None:
                    told.append((progress, total, message))
                    scope.cancel()

                await client.call_tool("slow", progress_callback=hear)

    loops.run(talk())
    assert told == [(0.25, 1.0, "a quarter")]
    assert over.wait(PATIENCE)
