"""What the page Status says: pure functions of what is known of the server."""

import os
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from core.limits import Limit
from pages.ui.display.text import count, percent, seconds, size
from pages.ui.jobs.runner import Job
from pages.ui.server.state import Failure, Memory

DAY, HOUR = 86_400, 3_600
AT_WORK = ("running", "queued")


def answer(uptime: float, states: Sequence[str], memory: Memory | None, failed: int) -> str:
    """The page's sentence. states: of the jobs that are known. failed: unexpected failures."""
    running, waiting = states.count("running"), states.count("queued")
    work = f"{count(running, 'job')} at work"
    if waiting:
        work += f", {waiting:,} waiting"
    room = "" if memory is None else f", {size(memory.used)} of memory in use"
    failures = "nothing failed" if not failed else count(failed, "failure")
    return f"This server has run for {duration(uptime)}: {work}{room}, {failures}."


def duration(value: float) -> str:
    """A length of time of any length, by its two largest units.

    >>> duration(93784), duration(7260), duration(61)
    ('1 d 2 h', '2 h 1 min', '1 min 1 s')
    """
    if value >= DAY:
        return f"{int(value) // DAY:,} d {int(value) % DAY // HOUR} h"
    if value >= HOUR:
        return f"{int(value) // HOUR} h {int(value) % HOUR // 60} min"
    return seconds(value)


def memory_words(memory: Memory | None, disk_free: int | None) -> str:
    """Memory and disk in a line each."""
    lines = []
    if memory is None:
        lines.append("This system does not say how much memory is in use.")
    else:
        share = percent(memory.used / memory.limit) if memory.limit else "an unknown share"
        lines.append(
            f"{size(memory.used)} in use by this server and its processes, {share} of "
            f"{size(memory.limit)}; {size(memory.free)} are free."
        )
    if disk_free is not None:
        lines.append(f"{size(disk_free)} of the disk are free for uploads.")
    return "  \n".join(lines)


def in_order(jobs: Iterable[Job]) -> list[Job]:
    """The jobs that run, then those that wait, the oldest first; what has ended is left out."""
    at_work = [job for job in jobs if job.state in AT_WORK]
    return sorted(at_work, key=lambda job: (AT_WORK.index(job.state), job.created))


def job_words(job: Job, owner: str) -> str:
    """A job in a line: what it does, for whom, and how far it is. owner: a name for people."""
    if job.state == "queued":
        return f"{job.label}, for {owner}: waits since {duration(job.age)}"
    return f"{job.label}, for {owner}: {100 * job.fraction:.0f} % after {duration(job.elapsed)}"


def failure_rows(failures: Sequence[Failure]) -> pd.DataFrame:
    """One row for each failure."""
    return pd.DataFrame(
        {
            "when": [each.when for each in failures],
            "what": [each.what for each in failures],
            "reference": [each.reference for each in failures],
        }
    )


def kept_words(kept: Mapping[str, int]) -> str:
    """How much the store holds. kept: bytes by owner."""
    owners = count(len(kept), "owner")
    return f"{size(sum(kept.values()))} in workspaces of {owners}; results of jobs are beside them."


def kept_rows(kept: Mapping[str, int], names: Mapping[str, str], quota: int) -> pd.DataFrame:
    """One row for each owner, who keeps most first. names: for people. quota: bytes of each."""
    order = sorted(kept, key=lambda owner: (-kept[owner], owner))
    return pd.DataFrame(
        {
            "who": [names[owner] for owner in order],
            "keeps": [size(kept[owner]) for owner in order],
            "of the quota": [percent(kept[owner] / quota) for owner in order],
            "owner": order,
        }
    )


def limit_rows(
    limits: Sequence[Limit], environment: Mapping[str, str] = os.environ
) -> pd.DataFrame:
    """One row for each limit: its value here, and whether the deployment set it."""
    return pd.DataFrame(
        {
            "variable": [limit.variable for limit in limits],
            "here": [f"{limit.value:,}" for limit in limits],
            "set": ["set" if environment.get(limit.variable) else "default" for limit in limits],
            "bounds": [limit.what for limit in limits],
        }
    )
