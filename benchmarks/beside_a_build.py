"""A visitor's pages while another's index is built: seconds until each has its answer.

The server starts with a large file, whose first visitor opens Recall: two indexes are built, with
and without held-out rows. Beside it another visitor opens each page on the small sample, with an
index setting that nobody has asked for: quick work of every kind, nothing of it kept. The same on
the quiet server before is the measure. Compiled kernels are warm. A page that has no answer within
a minute is left. `--app FOLDER` serves another checkout.
"""

import argparse
import asyncio
import statistics
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np

from benchmarks._timing import show
from benchmarks._visitor import Visitor
from tests.servers import app

ROOT = Path(__file__).resolve().parents[1]
PAGES = ("layers", "neighbors", "recall", "data", "map", "thresholds")
SAMPLE = "digits"
LONGEST = 60.0  # seconds
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


async def tour(address: str, pages: Sequence[str], m: int) -> dict[str, float]:
    """Seconds to the answer of each page on the sample, with an index of its own."""
    seconds = dict.fromkeys(pages, LONGEST)
    for place, page in enumerate(pages):
        async with Told(address, page, f"data={SAMPLE}&m={m}&efc={100 + place}") as visitor:
            with suppress(TimeoutError):
                async with asyncio.timeout(LONGEST):
                    seconds[page] = (await visitor.arrive()).seconds
    return seconds


async def measure(
    address: str, pages: Sequence[str]
) -> tuple[dict[str, float], dict[str, float], str]:
    """The tour on the quiet server and beside the build, and how far that was at its end."""
    await tour(address, pages, 6)  # kernels are loaded, what is the same for all settings is kept
    quiet = await tour(address, pages, 7)
    async with Told(address, "recall") as other:
        await other.until_it_builds()
        listening = asyncio.create_task(other.listen())
        busy = await tour(address, pages, 8)
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
        ) as (address, _):
            quiet, busy, far = asyncio.run(measure(address, asked.pages))
    rows = [(page, quiet[page], busy[page], busy[page] / quiet[page]) for page in asked.pages]
    rows.append(
        (
            "median",
            statistics.median(quiet.values()),
            statistics.median(busy.values()),
            statistics.median(busy.values()) / statistics.median(quiet.values()),
        )
    )
    show(
        "A page beside the build of a large index",
        ("page", "quiet s", "beside the build s", "ratio"),
        rows,
    )
    print(f"the build at the end: {far}")


if __name__ == "__main__":
    main()
