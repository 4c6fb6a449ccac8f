"""What this server knows of itself: since when it runs, its memory and disk, what failed last."""

import logging
import os
import re
import shutil
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

STARTED = time.monotonic()
REFERENCE = re.compile(r",? ?reference ([0-9a-f]{8})$")
FAILURES_KEPT = 20
NO_LIMIT = 2**60  # bytes; a control group without one says so by a number near 2**63


@dataclass(frozen=True)
class Failure:
    """Something unexpected, whose details the log has under the reference. what: failed, how."""

    when: datetime
    what: str
    reference: str


@dataclass(frozen=True)
class Memory:
    """Bytes. used: by this process and those that it started. limit: of all. free: of the limit."""

    used: int
    limit: int
    free: int


class Failures(logging.Filter):
    """Remembers the last records of a log that carry a reference; no message of an exception.

    A filter that lets everything through: a handler would take the place of the one that writes
    where nothing else does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._last: deque[Failure] = deque(maxlen=FAILURES_KEPT)

    def filter(self, record: logging.LogRecord) -> bool:
        """Note what the record says, and the kind of its exception."""
        said = record.getMessage()
        found = REFERENCE.search(said)
        if found is not None:
            error = None if record.exc_info is None else record.exc_info[0]
            what = said[: found.start()] + ("" if error is None else f": {error.__name__}")
            self._last.append(Failure(datetime.fromtimestamp(record.created, UTC), what, found[1]))
        return True

    def last(self) -> list[Failure]:
        """The newest first."""
        return list(reversed(self._last))


_listening = threading.Lock()


def failures() -> Failures:
    """What the log of this server said of failures since it was asked for first."""
    log = logging.getLogger("nearfield")
    with _listening:
        for each in log.filters:
            # by name: Streamlit imports all anew after a change of a source
            if type(each).__name__ == Failures.__name__:
                return each  # type: ignore[return-value]
        heard = Failures()
        log.addFilter(heard)
        return heard


def uptime() -> float:
    """Seconds since this server started."""
    return time.monotonic() - STARTED


def release() -> str:
    """The version of Nearfield; "" where it runs without having been installed."""
    try:
        return version("nearfield")
    except PackageNotFoundError:
        return ""


def disk_free() -> int | None:
    """Bytes that are free for files that arrive; None where there is no folder for them."""
    try:
        return shutil.disk_usage(tempfile.gettempdir()).free
    except OSError:
        return None


def memory(proc: Path = Path("/proc"), groups: Path = Path("/sys/fs/cgroup")) -> Memory | None:
    """What this server uses, and may use; None where the system does not say it (not Linux)."""
    try:
        machine = _kilobytes((proc / "meminfo").read_text())
        used = sum(_resident(proc / str(each)) for each in (os.getpid(), *children(proc)))
    except (OSError, ValueError):
        return None
    free, total = machine.get("MemAvailable", 0), machine.get("MemTotal", 0)
    group = _group_limit(groups)
    if group is None or group[0] >= total:
        return Memory(used, total, free)
    limit, in_use = group
    return Memory(used, limit, min(free, max(limit - in_use, 0)))


def children(proc: Path) -> list[int]:
    """The processes that this one has started, and those that they did."""
    parents: dict[int, int] = {}
    for folder in proc.glob("[0-9]*"):
        try:
            after_name = (folder / "stat").read_text().rpartition(")")[2].split()
            parents[int(folder.name)] = int(after_name[1])
        except (OSError, ValueError, IndexError):
            continue  # it has ended meanwhile
    found = [os.getpid()]
    for each in found:
        found.extend(child for child, parent in parents.items() if parent == each)
    return found[1:]


def _resident(process: Path) -> int:
    try:
        return _kilobytes((process / "status").read_text()).get("VmRSS", 0)
    except OSError:
        return 0  # it has ended meanwhile


def _kilobytes(text: str) -> dict[str, int]:
    """The lines `Name: 12 kB` of a file of /proc, in bytes."""
    lines = re.findall(r"^(\w+):\s+(\d+) kB$", text, re.MULTILINE)
    return {name: 1024 * int(number) for name, number in lines}


def _group_limit(groups: Path) -> tuple[int, int] | None:
    """Limit and use of this container's memory; None without a limit.

    Version 2 of control groups, then 1 (cgroup-v2.rst and cgroup-v1/memory.rst of Linux).
    """
    for limit, use in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            found = int((groups / limit).read_text()), int((groups / use).read_text())
        except (OSError, ValueError):
            continue
        return None if found[0] > NO_LIMIT else found
    return None
