"""Memory of the server: sets that are uploaded and used one after the other, with room for two.

After each set: the server's memory in RAM, and what of it is its own or mapped from files; what
results and uploads may take; and the growth since the start as a ratio to that. Budget: a ratio
of at most 1 after the last set, and of less once its visitor has gone.
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks._timing import show
from benchmarks._visitor import Visitor
from core.limits import KEPT_RESULTS_MB, KEPT_UPLOADS_MB, UPLOADS_DISK_MB
from tests.servers import app

SETS, MEGABYTES, ROWS = 5, 90, 20_000
ROOM = 2  # sets that may be held
GONE = 170.0  # seconds: Streamlit keeps a session that was left for two minutes, results stay 30 s
MEGA = 1e6


def memory_of(process: int) -> dict[str, float]:
    """Memory of a process in RAM, in MB: VmRSS all, RssAnon its own, RssFile mapped from files."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    names = "VmRSS", "RssAnon", "RssFile"
    return {name: 1024 * int(found[name].split()[0]) / MEGA for name in names}


def write_set(folder: Path, number: int, asked: argparse.Namespace) -> Path:
    """A file of vectors of the stated size, another one for each number."""
    dim = int(asked.megabytes * MEGA / 4 / asked.rows)
    rows = np.random.default_rng(number).normal(size=(asked.rows, dim)).astype(np.float32)
    path = folder / f"set {number}.npy"
    np.save(path, rows)
    return path


async def measure(asked: argparse.Namespace) -> list[tuple[object, ...]]:
    """The rows of the table: before, after each set, and after the visitor has gone."""
    room = ROOM * asked.megabytes + asked.megabytes // 2
    settings = {KEPT_UPLOADS_MB.variable: f"{room}", KEPT_RESULTS_MB.variable: f"{room}"}
    settings[UPLOADS_DISK_MB.variable] = f"{10 * room}"
    rows: list[tuple[object, ...]] = []
    with tempfile.TemporaryDirectory() as home, app(Path(home), settings=settings) as served:
        address, process = served
        start = 0.0

        def note(when: str) -> None:
            now = memory_of(process.pid)
            grown = now["VmRSS"] - (start or now["VmRSS"])
            rows.append((when, *now.values(), grown, 2 * room, grown / (2 * room)))
            print(*rows[-1], file=sys.stderr)

        async with Visitor(address, asked.page) as visitor:
            await visitor.arrive()
            await visitor.settle()
            start = memory_of(process.pid)["VmRSS"]
            note("the sample")
            for number in range(asked.sets):
                path = write_set(Path(home), number, asked)
                await visitor.upload("_upload_card_", path)
                path.unlink()
                await visitor.see("_arrival_use")
                await visitor.press("_arrival_use")
                await visitor.stay(asked.stay)
                note(f"set {number + 1}")
        await asyncio.sleep(asked.gone)
        note("nobody is here")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sets", type=int, default=SETS)
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="of each set")
    parser.add_argument("--rows", type=int, default=ROWS, help="of each set")
    parser.add_argument("--page", default="data")
    parser.add_argument("--stay", type=float, default=20.0, help="seconds on the page with each")
    parser.add_argument("--gone", type=float, default=GONE, help="seconds after the visitor left")
    asked = parser.parse_args()
    show(
        f"memory: {asked.sets} sets of {asked.megabytes} MB with room for {ROOM}, MB",
        ("after", "in RAM", "own", "of files", "grown by", "may be held", "ratio"),
        asyncio.run(measure(asked)),
    )


if __name__ == "__main__":
    main()
