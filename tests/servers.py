"""Processes that answer at an address of this machine: started, waited for, and ended."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[1]
Process = subprocess.Popen[bytes]


@contextmanager
def app(
    home: Path,
    *arguments: str,
    port: int | None = None,
    settings: Mapping[str, str] | None = None,
    listens: str = "127.0.0.1",
    checkout: Path = ROOT,
    health: str = "/health",
) -> Iterator[tuple[str, Process]]:
    """Run the app on a free loopback port, or this one; its address and process.

    home: the folder of its user, for its log too. arguments: of the command, such as a file.
    settings: of the environment, beside those of this process. listens: where; beyond this machine
    its visitors have no names. checkout: whose code. health: the route that answers once it runs.
    """
    port = free_port() if port is None else port
    command = [sys.executable, "-m", "pages.launch", *arguments, "--no-browser"]
    command += [f"--port={port}", f"--address={listens}"]
    own = {"HOME": str(home), "NEARFIELD_JOBS": "background"}
    url, log = f"http://127.0.0.1:{port}", home / "server.log"
    with started(command, f"{url}{health}", log, own | dict(settings or {}), checkout) as process:
        yield url, process


@contextmanager
def started(
    command: Sequence[str],
    healthy: str,
    log: Path,
    settings: Mapping[str, str] | None = None,
    folder: Path = ROOT,
) -> Iterator[Process]:
    """Run a command until it answers at the address `healthy`, and end it afterwards."""
    environment = os.environ | dict(settings or {})
    with log.open("w") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until_healthy(healthy, process, log)
        yield process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_until_healthy(url: str, process: Process, log: Path) -> None:
    """Wait until the process answers at this address; raises RuntimeError with its log."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=PATIENCE).close()
        except OSError:
            time.sleep(0.1)  # it does not listen yet
        else:
            return
    raise RuntimeError(f"the server did not start:\n{log.read_text()}")
