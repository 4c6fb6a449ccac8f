"""What a deployment may set in the environment: every limit, its default, and what it bounds.

The README has the same table. A size is checked before anything is allocated; the size of an upload
also stands in `.streamlit/config.toml`, for the server refuses a larger one before it is read.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import ParameterError


@dataclass(frozen=True)
class Limit:
    """A whole number of at least 1, read from the environment each time that it is asked for.

    variable: its name there. what: it bounds. default: a number, or what works it out on this
    machine; said: the default in words, where it is no number.
    """

    variable: str
    what: str
    default: int | Callable[[], int]
    said: str = ""

    @property
    def value(self) -> int:
        """The number that holds here; raises ParameterError where the environment has none."""
        text = os.environ.get(self.variable, "")
        if not text:
            return self.default if isinstance(self.default, int) else self.default()
        if not text.isdecimal() or int(text) < 1:
            raise ParameterError(
                f"{self.variable} must be a whole number of at least 1; got {text!r}."
            )
        return int(text)

    @property
    def words(self) -> str:
        """The default, as the README has it."""
        return self.said or f"{self.default:,}"


@cache
def default_threads() -> int:
    """Number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _half_the_cores() -> int:
    return max(1, (os.cpu_count() or 2) // 2)


MAX_UPLOAD_MB = Limit("NEARFIELD_MAX_UPLOAD_MB", "MB of one file, packed or unpacked", 2_000)
MAX_VALUES = Limit("NEARFIELD_MAX_VALUES", "rows times dimensions of one array", 1_000_000_000)
PICTURES_MB = Limit(
    "NEARFIELD_PICTURES_MB", "MB of the pictures or sounds of one column, as text", 200
)
KEPT_UPLOADS = Limit(
    "NEARFIELD_KEPT_UPLOADS", "uploads kept for all sessions: sets, and as many indexes", 16
)
KEPT_UPLOADS_MB = Limit(
    "NEARFIELD_KEPT_UPLOADS_MB", "MB of the vectors of those sets, and of those indexes", 2_000
)
UPLOADS_DISK_MB = Limit(
    "NEARFIELD_UPLOADS_DISK_MB", "MB of uploads in temporary files on the disk", 20_000
)
KEPT_RESULTS = Limit("NEARFIELD_KEPT_RESULTS", "results of finished jobs kept", 48)
CACHE_ENTRIES = Limit("NEARFIELD_CACHE_ENTRIES", "entries of each cache of quick results", 64)
JOB_THREADS = Limit("NEARFIELD_JOB_THREADS", "jobs that run at once, in threads", 2)
JOB_PROCESSES = Limit("NEARFIELD_JOB_PROCESSES", "jobs that run at once, each in a process", 1)
JOB_SECONDS = Limit("NEARFIELD_JOB_SECONDS", "seconds of one job", 1_800)
BUILD_THREADS = Limit(
    "NEARFIELD_BUILD_THREADS", "threads of one index build", _half_the_cores, "half the cores"
)
STORE_MB = Limit("NEARFIELD_STORE_MB", "MB of all files of the store", 100_000)
OWNER_MB = Limit("NEARFIELD_OWNER_MB", "MB of the workspaces of one person", 10_000)
RESULTS_MB = Limit("NEARFIELD_RESULTS_MB", "MB of results of jobs in the store", 5_000)
KEEP_DAYS = Limit(
    "NEARFIELD_KEEP_DAYS", "days after which a workspace goes that nobody opened", 365
)
STORE_CACHE_MB = Limit(
    "NEARFIELD_STORE_CACHE_MB", "MB of copies on this machine of files in an object store", 10_000
)

LIMITS = (
    MAX_UPLOAD_MB,
    MAX_VALUES,
    PICTURES_MB,
    KEPT_UPLOADS,
    KEPT_UPLOADS_MB,
    UPLOADS_DISK_MB,
    KEPT_RESULTS,
    CACHE_ENTRIES,
    JOB_THREADS,
    JOB_PROCESSES,
    JOB_SECONDS,
    BUILD_THREADS,
    STORE_MB,
    OWNER_MB,
    RESULTS_MB,
    KEEP_DAYS,
    STORE_CACHE_MB,
)

FOLDERS = "NEARFIELD_FOLDERS"  # that visitors may open files of; separated as in PATH
URLS = "NEARFIELD_URLS"  # beginnings of addresses that visitors may open; separated by blanks
PICTURE_LINKS = "NEARFIELD_PICTURE_LINKS"  # "show" or "text"
STORE = "NEARFIELD_STORE"  # a folder, or the addresses of a database and of an object store
STORE_CACHE = "NEARFIELD_STORE_CACHE"  # the folder for copies of files in an object store
ENCODER = "NEARFIELD_ENCODER"  # the folder of a model that turns text into a query


def shows_picture_links() -> bool:
    """Whether a visitor's browser loads pictures from addresses in the data.

    Not by default, for the servers of those addresses then learn who looks at the data.
    """
    return os.environ.get(PICTURE_LINKS, "text") == "show"


def store_address() -> str | None:
    """Where workspaces and results are kept: NEARFIELD_STORE, by default a folder of this user.

    None where it is "off": then nothing outlives the process.
    """
    stated = os.environ.get(STORE, "").strip()
    if stated:
        return None if stated == "off" else stated
    data = os.environ.get("XDG_DATA_HOME", "").strip()
    return str((Path(data) if data else Path.home() / ".local" / "share") / "nearfield")


def encoder_folder() -> str | None:
    """The folder of the text encoder; None where the deployment names none."""
    return os.environ.get(ENCODER, "").strip() or None


def runs_jobs_inline() -> bool:
    """Whether jobs run where they are asked for (NEARFIELD_JOBS=inline), as some tests need."""
    return os.environ.get("NEARFIELD_JOBS", "background") == "inline"
