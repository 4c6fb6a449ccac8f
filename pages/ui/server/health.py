"""Whether this server is well: who restarts it asks `/health`, who sends visitors `/ready`.

Streamlit's own answer is well while every search fails. Here one search of a sample's graph is
made, and other checks beside it, in a thread of their own: one that hangs is told, and holds up
nobody.
"""

import asyncio
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from functools import cache

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.data import load_sample
from core.index import HnswGraph, HnswParams, build_hnsw, search

KEPT = 5.0  # seconds that an answer stands
PATIENCE = 3.0  # seconds that who asks waits
START = 300.0  # seconds that the first search may take: it may have to compile
ROWS, K, EF = 300, 3, 16
OK, STARTING = "ok", "starting"
MENDED_OUTSIDE = ("disk",)  # checks whose failure no restart mends
FAILED = 503
Checks = Mapping[str, Callable[[], None]]


class CheckError(Exception):
    """What a check found wrong, in words that hold nothing of a user."""


@dataclass(frozen=True)
class Report:
    """What each check said: "ok", "starting", or what is wrong; seconds: how long all took."""

    checks: Mapping[str, str]
    seconds: float

    @property
    def is_alive(self) -> bool:
        """Whether nothing failed that a restart could mend: on a full disk open pages go on."""
        vital = (said for name, said in self.checks.items() if name not in MENDED_OUTSIDE)
        return all(said in (OK, STARTING) for said in vital)

    @property
    def is_ready(self) -> bool:
        """Whether every check has ended well."""
        return all(said == OK for said in self.checks.values())


@cache
def _graph() -> HnswGraph:
    return build_hnsw(load_sample("digits").vectors[:ROWS], HnswParams("euclidean", m=8))


def search_sample() -> None:
    """Search a graph of a sample's rows for one of them; raises CheckError if it is not found."""
    graph = _graph()
    found = search(graph, graph.vectors[:1], K, EF)
    distances = found.distances[0]
    if not (np.isfinite(distances).all() and distances[0] == 0 and (np.diff(distances) >= 0).all()):
        raise CheckError("a row was not found by its own vector")


def write_temporary() -> None:
    """Write a byte to a temporary file, as uploads are; raises CheckError where that fails."""
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"x")
            file.flush()
    except OSError as error:
        raise CheckError("no temporary file can be written") from error


CHECKS: Checks = {"search": search_sample, "disk": write_temporary}


class Health:
    """Runs the checks when they are asked for, one run at a time, and keeps what they said.

    clock: seconds that only go on.
    """

    def __init__(
        self,
        checks: Checks = CHECKS,
        *,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks, self._patience, self._clock = checks, patience, clock
        self._lock = threading.Lock()
        self._running: Future[Report] | None = None
        self._begun = self._ended = 0.0
        self._last: Report | None = None

    def routes(self) -> list[Route]:
        """`/health` and `/ready`."""
        return [Route("/health", self.health), Route("/ready", self.ready)]

    async def health(self, _request: Request) -> Response:
        """200 unless the search fails; the first one may take its time."""
        report = await self.report()
        return _answer(report, good=report.is_alive)

    async def ready(self, _request: Request) -> Response:
        """200 once every check has ended well."""
        report = await self.report()
        return _answer(report, good=report.is_ready)

    async def report(self) -> Report:
        """What the checks say, or said some seconds ago; after a while, that they do not end."""
        running = self._run()
        if running is None:
            assert self._last is not None
            return self._last
        try:
            waiting = asyncio.shield(asyncio.wrap_future(running))
            return await asyncio.wait_for(waiting, self._patience)
        except TimeoutError:
            return self._unfinished()

    def _run(self) -> "Future[Report] | None":
        """The run that goes on, or a new one; None where the last answer still stands."""
        with self._lock:
            if self._running is not None:
                return self._running
            if self._last is not None and self._clock() - self._ended < KEPT:
                return None
            self._running, self._begun = Future(), self._clock()
            threading.Thread(
                target=self._check, args=(self._running,), name="health", daemon=True
            ).start()
            return self._running

    def _check(self, running: "Future[Report]") -> None:
        said = {name: _said(check) for name, check in self._checks.items()}
        with self._lock:
            self._ended = self._clock()
            self._last = Report(said, self._ended - self._begun)
            self._running = None
        running.set_result(self._last)

    def _unfinished(self) -> Report:
        seconds = self._clock() - self._begun
        is_first = self._last is None and seconds < START
        words = STARTING if is_first else f"no answer after {seconds:.0f} s"
        return Report(dict.fromkeys(self._checks, words), seconds)


def _said(check: Callable[[], None]) -> str:
    try:
        check()
    except CheckError as error:
        return str(error)
    except Exception as error:
        return type(error).__name__
    return OK


def _answer(report: Report, *, good: bool) -> Response:
    starts = STARTING in report.checks.values()
    status = OK if report.is_ready else STARTING if starts and report.is_alive else "failed"
    content = {
        "status": status,
        "checks": dict(report.checks),
        "seconds": round(report.seconds, 3),
    }
    return JSONResponse(content, 200 if good else FAILED, {"cache-control": "no-store"})
