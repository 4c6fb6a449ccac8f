"""The app under load: visitors who move a control, over the websocket, without a browser.

For each page and number of sessions: the time to a page's first answer, the time of a rerun whose
data is cached, CPU seconds of the server in a rerun, memory of a session, errors. Budget: 0.1 s of
CPU in a rerun; with 50 sessions no error, a median rerun under 0.5 s and a first answer under 5 s.

On a machine that others use too, believe the column of CPU seconds alone.
"""

import argparse
import asyncio
import os
import random
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks._timing import show
from benchmarks._visitor import VisitError, Visitor
from tests.servers import app

ROOT = Path(__file__).resolve().parents[1]
SESSIONS = (1, 5, 20, 50)
RERUNS = 4
THINK = 10.0  # seconds between two moves of a visitor, on average
ARRIVE = 10.0  # seconds over which the visitors of a round arrive
MOVED = {  # on each page a control whose both values need nothing that is not cached
    "data": "_index_metric_card",
    "map": "color",
    "neighbors": "k",
    "layers": "ef",
    "recall": "target",
    "thresholds": "far",
}
MEGA = 1e6
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass
class Heard:
    """What the visitors of one round met. first, reruns: seconds; errors: what a person saw."""

    first: list[float] = field(default_factory=list)
    reruns: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def cpu_seconds(process: int) -> float:
    """CPU seconds that a process has used, in user and in system mode, all its threads."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(process: int) -> int:
    """Memory of a process that is in RAM."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * PAGE_BYTES


async def warm(address: str, page: str) -> float:
    """Let one visitor ask for all that the others will; seconds to the answer of this first one."""
    async with Visitor(address, page) as visitor:
        answered = await visitor.arrive()
        await visitor.settle()
        for turn in (1, 0, 1):
            await visitor.move(MOVED[page], turn)
            await visitor.settle()
        return answered.seconds


async def round_of(
    address: str, server: int, page: str, sessions: int, asked: argparse.Namespace
) -> tuple[object, ...]:
    """One row of the table: so many visitors arrive, and each moves a control a few times."""
    heard, chance = Heard(), random.Random(sessions)
    before = resident_bytes(server)
    async with AsyncExitStack() as stack:
        waits = sorted(chance.uniform(0, asked.arrive) for _ in range(sessions))
        visitors = await asyncio.gather(
            *(_arrive(stack, address, page, wait if sessions > 1 else 0.0, heard) for wait in waits)
        )
        here = [visitor for visitor in visitors if visitor is not None]
        begun = cpu_seconds(server)
        await asyncio.gather(
            *(_move(each, page, random.Random(i), asked, heard) for i, each in enumerate(here))
        )
        used = cpu_seconds(server) - begun
        grown = resident_bytes(server) - before
    for error in sorted(set(heard.errors)):
        print(f"{page}, {sessions} sessions: {error}", file=sys.stderr)
    return (
        page,
        sessions,
        *_middle_and_high(heard.first),
        *_middle_and_high(heard.reruns),
        used / max(len(heard.reruns), 1),
        statistics.fmean(heard.sent or [0]) / 1e3,
        grown / sessions / MEGA,
        len(heard.errors),
    )


async def _arrive(
    stack: AsyncExitStack, address: str, page: str, wait: float, heard: Heard
) -> Visitor | None:
    await asyncio.sleep(wait)
    try:
        visitor = await stack.enter_async_context(Visitor(address, page))
        heard.first.append((await visitor.arrive()).seconds)
    except (VisitError, OSError, TimeoutError) as error:
        heard.errors.append(f"{type(error).__name__}: {error}")
        return None
    return visitor


async def _move(
    visitor: Visitor, page: str, chance: random.Random, asked: argparse.Namespace, heard: Heard
) -> None:
    for turn in range(1, asked.reruns + 1):
        await asyncio.sleep(chance.uniform(0, 2 * asked.think))
        try:
            told = await visitor.move(MOVED[page], turn)
        except (VisitError, OSError, TimeoutError, KeyError) as error:
            heard.errors.append(f"{type(error).__name__}: {error}")
            return
        heard.reruns.append(told.seconds)
        heard.sent.append(told.bytes)


def _middle_and_high(seconds: Sequence[float]) -> tuple[float, float]:
    """Median and 95th percentile; NaN of nothing."""
    if not seconds:
        return float("nan"), float("nan")
    return statistics.median(seconds), float(np.percentile(seconds, 95))


async def measure(asked: argparse.Namespace) -> list[tuple[object, ...]]:
    """The rows of the table, page by page on one server."""
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as home, app(Path(home)) as (address, process):
        server = process.pid
        for page in asked.pages:
            await warm(address, page)
            for sessions in asked.sessions:
                row = await round_of(address, server, page, sessions, asked)
                print(*row, file=sys.stderr)
                rows.append(row)
    return rows


def main() -> None:
    asked = _asked()
    show(
        f"load: {asked.reruns} moves of each visitor, {asked.think:g} s apart on average",
        (
            "page",
            "sessions",
            "first answer s",
            "95 %",
            "rerun s",
            "95 %",
            "CPU s a rerun",
            "kB a rerun",
            "MB a session",
            "errors",
        ),
        asyncio.run(measure(asked)),
    )


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", nargs="+", choices=MOVED, default=list(MOVED))
    parser.add_argument("--sessions", nargs="+", type=int, default=SESSIONS)
    parser.add_argument("--reruns", type=int, default=RERUNS, help="moves of each visitor")
    parser.add_argument("--think", type=float, default=THINK, help="seconds between two moves")
    parser.add_argument("--arrive", type=float, default=ARRIVE, help="seconds until all are there")
    return parser.parse_args()


if __name__ == "__main__":
    main()
