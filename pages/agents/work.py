"""A call as a job: it runs in the lanes and within the time of all jobs, and can be stopped."""

import asyncio
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.errors import NotHereError
from core.limits import API_JOBS
from core.service import Answer, Arguments, Call, Holdings
from pages.agents.problems import TooManyError
from pages.ui.jobs.runner import Job, Runner

ENDED_KEPT = 200  # jobs whose answer can still be asked for
LOOK = 0.02  # seconds between two looks at a job that is waited for
SLOWEST_LOOK = 0.25


@dataclass(frozen=True, eq=False)
class Asked:
    """A job of a call. id: drawn at random, by which it is asked for."""

    id: str
    call: Call
    job: Job


class Work:
    """Starts calls as jobs of a runner, and knows them by id.

    holdings: of the callers. owner: on whose account the jobs run.
    """

    def __init__(self, runner: Callable[[], Runner], holdings: Holdings, owner: str) -> None:
        self._runner, self._holdings, self._owner = runner, holdings, owner
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, call: Call, arguments: Arguments) -> Asked:
        """A new job; raises TooManyError."""
        with self._lock:
            self._tidy()
            under_way = sum(each.job.ended is None for each in self._asked.values())
            if under_way >= API_JOBS.value:
                raise TooManyError(
                    f"{under_way:,} jobs wait or run already, as many as this server takes at "
                    "once. Wait for one, or stop it."
                )
            name = secrets.token_urlsafe(16)
            job = self._runner().submit(
                ("agents", name),
                call.title,
                _Run(call, self._holdings, arguments),
                lane="thread" if call.long else "quick",
                owner=self._owner,
                is_private=True,
            )
            self._asked[name] = Asked(name, call, job)
            return self._asked[name]

    def find(self, name: str) -> Asked:
        """The job of this id; raises NotHereError."""
        with self._lock:
            found = self._asked.get(name)
        if found is None:
            raise NotHereError(f"There is no job {name[:80]!r} here, or its answer was let go.")
        return found

    def _tidy(self) -> None:
        """Let the runner forget jobs that have ended, and forget the oldest of them here."""
        ended = [name for name, each in self._asked.items() if each.job.ended is not None]
        for name in ended:
            self._runner().forget(self._asked[name].job.key)
        for name in ended[: max(0, len(ended) - ENDED_KEPT)]:
            del self._asked[name]


@dataclass(frozen=True, eq=False)
class _Run:
    """What the runner calls."""

    call: Call
    holdings: Holdings
    arguments: Arguments

    def __call__(self, *, progress: Any) -> Answer:
        return self.call.answer(self.holdings, self.arguments, progress=progress)


async def ended(job: Job, seconds: float) -> bool:
    """Wait up to `seconds` for the end of a job; tell whether it has come."""
    deadline, look = time.monotonic() + seconds, LOOK
    while job.ended is None and time.monotonic() < deadline:
        await asyncio.sleep(look)
        look = min(2 * look, SLOWEST_LOOK)
    return job.ended is not None
