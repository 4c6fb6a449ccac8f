"""The end of a server that is at work: SIGTERM while an index is built, and what is left then."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from benchmarks._visitor import Visitor
from pages.ui.jobs.declare import HEAVY
from tests.core.data.files import as_npy
from tests.patience import PATIENCE
from tests.servers import free_port, started

LONGEST_IN_A_THREAD = 100_000  # rows of 18 dimensions, of which a build takes many seconds


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("ending")
    rows = np.random.default_rng(0).normal(size=(LONGEST_IN_A_THREAD, 24)).astype(np.float32)
    assert rows[:, :18].size < HEAVY <= rows.size
    found = {}
    for where, dim in (("thread", 18), ("process", 24)):
        found[where] = folder / f"{where}.npy"
        found[where].write_bytes(as_npy(rows[:, :dim]))
    return found


@pytest.fixture
def temporary() -> Iterator[Path]:
    """A short name: processes of a server may put sockets there."""
    with tempfile.TemporaryDirectory(prefix="nearfield-ending-") as folder:
        yield Path(folder)


@pytest.mark.parametrize("where", ["thread", "process"])
def test_a_server_that_builds_an_index_ends_when_it_is_told_to(
    where: str, files: dict[str, Path], temporary: Path
) -> None:
    port, log = free_port(), temporary / "server.log"
    command = [sys.executable, "-m", "pages.launch", str(files[where]), "--no-browser"]
    command += [f"--port={port}", "--address=127.0.0.1"]
    settings = {"NEARFIELD_JOBS": "background", "TMPDIR": str(temporary)}
    settings["NEARFIELD_BUILD_THREADS"] = "4"  # threads of hnswlib, which abort if left behind
    url = f"http://127.0.0.1:{port}"
    with started(command, url, log, settings) as server:
        asyncio.run(until_it_builds(url))
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)
    said = log.read_text()
    assert not [word for word in ("Traceback", "terminate", "Fatal", "abort") if word in said], said
    assert [path.name for path in temporary.iterdir()] == ["server.log"]


async def until_it_builds(address: str) -> None:
    """Visit the layers, until rows are inserted into the index."""
    async with asyncio.timeout(PATIENCE), Visitor(address, "layers") as visitor:
        await visitor._ask()
        while not any(
            "rows" in each.progress.text and "index" in each.progress.text
            for each in visitor.elements()
            if each.HasField("progress")
        ):
            await visitor._next()
