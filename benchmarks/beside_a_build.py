"""A visitor's pages while another's index is built: seconds until each has its answer.

The server starts with a large file, whose first visitor opens Recall: two indexes are built, with
and without held-out rows. Beside it another visitor opens each page on the small sample, with an
index setting that nobody has asked for: quick work of every kind, nothing of it kept. The same on
the quiet server before is the measure. Compiled kernels are warm. A page that has no answer within
a minute is left. `--app FOLDER` serves another checkout.

On a machine that others use too, believe the columns of CPU seconds: those of the server's own
process, also what it does for the visitor who builds, and none of its workers.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks._timing import show
from benchmarks._visitor import Visitor
from benchmarks.load import cpu_seconds
from tests.servers import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("layers", "neighbors", "recall", "data", "map", "thresholds")
SAMPLE = "digits"
LONGEST = 60.0  # seconds
QUIET = 0.1  # CPU seconds of a server that does nothing, in two seconds
ALONE = 5.0  # seconds of the build without another visitor
ROWS, DIM = 117_659, 384


class Told(Visitor):
    """A visitor who comes with a link, and can tell how far what it asked for is."""

    def __init__(self, address: str, page: str, query: str = "") -> None:
        super().__init__(address, page)
        self._query = query

    async def until_it_builds(self) -> None:
        """Ask for the page, and wait until rows are inserted into its index."""
        await self._ask()
        while not self.builds:
            await self._next()

    async def listen(self) -> None:
        """Take what is sent, until the index is there."""
        while self.builds:
            await self._next()

    @property
    def builds(self) -> str:
        """How far the build is, in words; "" where there is none."""
        bars = [each.progress.text for each in self.elements() if each.HasField("progress")]
        return next((text for text in bars if "index" in text and "rows" in text), "")


@dataclass(frozen=True)
class Answered:
    """Seconds until a page had its answer, and those of CPU of the server until then."""

    seconds: float
    cpu: float


Tour = dict[str, Answered]


async def tour(address: str, server: int, pages: Sequence[str], m: int) -> Tour:
    """How each page on the sample was answered, with an index of its own."""
    answered = Tour()
    for place, page in enumerate(pages):
        begun, seconds = cpu_seconds(server), LONGEST
        async with Told(address, page, f"data={SAMPLE}&m={m}&efc={100 + place}") as visitor:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    seconds = (await visitor.arrive()).seconds
        answered[page] = Answered(seconds, cpu_seconds(server) - begun)
    return answered


async def until_quiet(server: int) -> None:
    """Wait until the server does nothing: it has read its file, and prepared what pages need."""
    used = -2 * QUIET
    while cpu_seconds(server) - used > QUIET:
        used = cpu_seconds(server)
        await asyncio.sleep(2)


async def measure(address: str, server: int, pages: Sequence[str]) -> tuple[Tour, Tour, str]:
    """The tour on the quiet server and beside the build, and how far that was at its end."""
    await tour(address, server, pages, 6)  # loads kernels, and what is the same for all settings
    await until_quiet(server)
    quiet = await tour(address, server, pages, 7)
    await until_quiet(server)
    async with Told(address, "recall") as other:
        await other.until_it_builds()
        listening = asyncio.create_task(other.listen())
        begun, alone = time.monotonic(), cpu_seconds(server)
        await asyncio.sleep(ALONE)
        alone = (cpu_seconds(server) - alone) / (time.monotonic() - begun)
        print(f"for the visitor who builds the server takes {alone:.3f} s of CPU a second")
        busy = await tour(address, server, pages, 8)
        far = other.builds
        listening.cancel()
    return quiet, busy, far or "not shown at that moment: it had ended, or its page was drawn anew"


def main() -> None:
    """Measure, and show both tours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="vectors; drawn at random without")
    parser.add_argument("--app", type=Path, default=ROOT, help="the checkout that is served")
    parser.add_argument("--pages", nargs="*", default=PAGES, help="that the other visitor opens")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.file or Path(folder) / "random.npy"
        if asked.file is None:
            np.save(file, np.random.default_rng(0).normal(size=(ROWS, DIM)).astype(np.float16))
        served = asked.app.resolve()
        with app(
            Path(folder),
            str(file.resolve()),
            settings={"PYTHONPATH": str(served)},
            checkout=served,
            health="/_stcore/health",
        ) as (address, process):
            quiet, busy, far = asyncio.run(measure(address, process.pid, asked.pages))
    show(
        "A page beside the build of a large index",
        ("page", "quiet s", "beside s", "ratio", "quiet CPU s", "beside CPU s", "ratio"),
        [
            *(_row(page, quiet[page], busy[page]) for page in asked.pages),
            _row("median", _middle(quiet), _middle(busy)),
        ],
    )
    print(f"the build at the end: {far}")


def _middle(answered: Tour) -> Answered:
    each = answered.values()
    seconds, cpu = ([getattr(one, name) for one in each] for name in ("seconds", "cpu"))
    return Answered(statistics.median(seconds), statistics.median(cpu))


def _row(name: str, quiet: Answered, busy: Answered) -> tuple[object, ...]:
    times = quiet.seconds, busy.seconds, busy.seconds / quiet.seconds
    return name, *times, quiet.cpu, busy.cpu, busy.cpu / max(quiet.cpu, 0.01)


if __name__ == "__main__":
    main()
