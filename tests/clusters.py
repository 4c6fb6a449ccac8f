"""A Dask cluster on the loopback: its scheduler in this process, its workers by the command."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.patience import PATIENCE
from tests.servers import ROOT, Process

ALONE = ("--no-nanny", "--memory-limit", "0")


@dataclass(eq=False)
class Cluster:
    """A scheduler, and the workers that a test starts and may end. folder: for their files."""

    scheduler: Any
    folder: Path
    workers: list[Process] = field(default_factory=list)
    politely: bool = False  # so that a nanny ends its worker, too

    @property
    def address(self) -> str:
        """Of the scheduler."""
        return str(self.scheduler.scheduler_address)

    def start(self, *options: str) -> Process:
        """Start a worker with one thread."""
        command = [sys.executable, "-m", "dask", "worker", self.address, "--nthreads", "1"]
        command += ["--no-dashboard", "--local-directory", str(self.folder), *options]
        log = self.folder / f"worker-{len(self.workers)}.log"
        with log.open("w") as output:
            worker = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | {"PYTHONPATH": str(ROOT)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.workers.append(worker)
        return worker

    def wait_for(self, count: int) -> None:
        """Wait until so many workers have joined."""
        end = time.monotonic() + PATIENCE
        while len(self.scheduler.scheduler.workers) < count:
            if time.monotonic() > end or any(each.poll() for each in self.workers):
                logs = [path.read_text() for path in self.folder.glob("worker-*.log")]
                raise RuntimeError("the workers did not join:\n" + "\n".join(logs))
            time.sleep(0.05)

    def end(self) -> None:
        """End all workers and the scheduler."""
        for worker in self.workers:
            worker.terminate() if self.politely else worker.kill()
        if self.scheduler.status.name != "closed":
            self.scheduler.close()
        for worker in self.workers:
            worker.wait(PATIENCE)


@contextmanager
def cluster(folder: Path, workers: int = 2, options: Sequence[str] = ALONE) -> Iterator[Cluster]:
    """A cluster of so many workers, each by default a process without a nanny."""
    from distributed import LocalCluster

    scheduler = LocalCluster(
        n_workers=0,
        processes=False,
        protocol="tcp",
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )
    made = Cluster(scheduler, folder, politely="--no-nanny" not in options)
    try:
        for _ in range(workers):
            made.start(*options)
        made.wait_for(workers)
        yield made
    finally:
        made.end()
