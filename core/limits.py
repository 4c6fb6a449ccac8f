"""What a deployment may set in the environment: every limit, its default, and what it bounds.

The README has the same table. A size is checked before anything is allocated; the size of an upload
also stands in `.streamlit/config.toml`, for the server refuses a larger one before it is read.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import ParameterError
from core.hosts import listed_hosts


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
    def bytes(self) -> int:
        """The number that holds here in bytes, where it is one of MB."""
        return self.value * 10**6

    @property
    def words(self) -> str:
        """The default, as the README has it."""
        return self.said or f"{self.default:,}"


@cache
def default_threads() -> int:
    """Number of cores that this process may use; `OMP_NUM_THREADS` states a lower one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    stated = os.environ.get("OMP_NUM_THREADS", "")
    return min(cores or 1, max(int(stated), 1) if stated.isdecimal() else cores or 1)


def _half_the_cores() -> int:
    return max(1, (os.cpu_count() or 2) // 2)


MAX_UPLOAD_MB = Limit("NEARFIELD_MAX_UPLOAD_MB", "MB of one file, packed or unpacked", 2_000)
MAX_VALUES = Limit("NEARFIELD_MAX_VALUES", "rows times dimensions of one array", 1_000_000_000)
PICTURES_MB = Limit(
    "NEARFIELD_PICTURES_MB", "MB of the pictures or sounds of one column, as text", 200
)
KEPT_UPLOADS = Limit(
    "NEARFIELD_KEPT_UPLOADS", "uploads of one visitor kept in memory: sets, and as many indexes", 16
)
KEPT_UPLOADS_MB = Limit(
    "NEARFIELD_KEPT_UPLOADS_MB", "MB of all those sets in memory, and of all those indexes", 2_000
)
UPLOADS_DISK_MB = Limit(
    "NEARFIELD_UPLOADS_DISK_MB", "MB of uploads in temporary files on the disk", 20_000
)
KEPT_RESULTS = Limit("NEARFIELD_KEPT_RESULTS", "results of finished jobs kept", 500)
KEPT_RESULTS_MB = Limit(
    "NEARFIELD_KEPT_RESULTS_MB", "MB of the results of jobs and of quick results", 2_000
)
CACHE_ENTRIES = Limit("NEARFIELD_CACHE_ENTRIES", "entries of each cache of quick results", 256)
JOB_THREADS = Limit("NEARFIELD_JOB_THREADS", "jobs that run at once, in threads", 4)
JOB_PROCESSES = Limit(
    "NEARFIELD_JOB_PROCESSES", "jobs that run at once, each in a process; one more refines", 2
)
JOB_SECONDS = Limit("NEARFIELD_JOB_SECONDS", "seconds of one job", 1_800)
LOGIN_HOURS = Limit("NEARFIELD_LOGIN_HOURS", "hours after which a visitor logs in again", 168)
MAP_QUALITY_ROWS = Limit(
    "NEARFIELD_MAP_QUALITY_ROWS",
    "rows of 384 dimensions up to which a map's quality is measured at all; of more a sample takes "
    "as long",
    250_000,
)
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

API_JOBS = Limit("NEARFIELD_API_JOBS", "jobs of scripts and agents that wait or run at once", 16)

LIMITS = (
    MAX_UPLOAD_MB,
    MAX_VALUES,
    PICTURES_MB,
    KEPT_UPLOADS,
    KEPT_UPLOADS_MB,
    UPLOADS_DISK_MB,
    KEPT_RESULTS,
    KEPT_RESULTS_MB,
    CACHE_ENTRIES,
    JOB_THREADS,
    JOB_PROCESSES,
    JOB_SECONDS,
    MAP_QUALITY_ROWS,
    BUILD_THREADS,
    LOGIN_HOURS,
    STORE_MB,
    OWNER_MB,
    RESULTS_MB,
    KEEP_DAYS,
    STORE_CACHE_MB,
    API_JOBS,
)

ANY_HOST = "*"
_SCHEDULER = re.compile(r"(?:tcp|tls)://(?:[A-Za-z0-9_.-]+|\[[0-9a-fA-F:]+\]):\d{1,5}")
_SITE = re.compile(r"(?:https?://)?(?:\*\.)?[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*(?::\d+)?")
FOLDERS = "NEARFIELD_FOLDERS"  # that visitors may open files of; separated as in PATH
URLS = "NEARFIELD_URLS"  # beginnings of addresses that visitors may open; separated by blanks
STORE = "NEARFIELD_STORE"  # a folder, or the addresses of a database and of an object store
STORE_CACHE = "NEARFIELD_STORE_CACHE"  # the folder for copies of files in an object store
REMOTE_IMAGES = "NEARFIELD_REMOTE_IMAGES"  # hosts that pictures may be loaded from
HOSTS = "NEARFIELD_HOSTS"  # names that the server answers to
FRAME_ANCESTORS = "NEARFIELD_FRAME_ANCESTORS"  # sites that may show the app in a frame
LOG = "NEARFIELD_LOG"  # "text" or "json"
API = "NEARFIELD_API"  # "on": scripts and agents may call the server
API_TOKEN = "NEARFIELD_API_TOKEN"  # that they send
ENCODER = "NEARFIELD_ENCODER"  # the folder of a model that turns text into a query
SCHEDULER = "NEARFIELD_SCHEDULER"  # of a Dask cluster that large work runs on, as tcp://host:port
CLUSTER_FOLDER = "NEARFIELD_CLUSTER_FOLDER"  # that this process and all workers see

# Who may enter: read in one place, pages/ui/session/access.py.
ALLOW = "NEARFIELD_ALLOW"  # addresses, @domains, CLAIM=VALUE, or *; separated by commas
ADMINS = "NEARFIELD_ADMINS"  # the same, who also see the page Status
OIDC_URL = "NEARFIELD_OIDC_URL"  # of the provider
OIDC_CLIENT = "NEARFIELD_OIDC_CLIENT"  # this server's name there
OIDC_SECRET = "NEARFIELD_OIDC_SECRET"  # and its secret
PUBLIC_URL = "NEARFIELD_PUBLIC_URL"  # the address that visitors open
COOKIE_SECRET = "NEARFIELD_COOKIE_SECRET"  # signs the cookies of who has logged in
USER_HEADER = "NEARFIELD_USER_HEADER"  # in which a proxy says who asks
PROXY_ADDRESSES = "NEARFIELD_PROXY_ADDRESSES"  # from which alone that header is believed
ONE_USER = "NEARFIELD_ONE_USER"  # "yes": whoever reaches this server is its one user
ACCESS = (
    ALLOW,
    ADMINS,
    OIDC_URL,
    OIDC_CLIENT,
    OIDC_SECRET,
    PUBLIC_URL,
    COOKIE_SECRET,
    USER_HEADER,
    PROXY_ADDRESSES,
    ONE_USER,
)


def remote_image_hosts() -> tuple[str, ...]:
    """Hosts from which a visitor's browser may load pictures that the data names; none by default.

    They learn who looks at the data. Raises ParameterError where the setting names no hosts.
    """
    return listed_hosts(REMOTE_IMAGES)


def host_names() -> tuple[str, ...]:
    """The names that the server answers to; "*" stands for any, none where none is set.

    Raises ParameterError where the setting names no hosts.
    """
    return listed_hosts(HOSTS, others=(ANY_HOST,))


def frame_ancestors() -> tuple[str, ...]:
    """Sources of the policy `frame-ancestors`: by default the app itself.

    Raises ParameterError where the setting has anything but hosts, `https://host`, self or none.
    """
    found = os.environ.get(FRAME_ANCESTORS, "").replace(",", " ").replace("'", "").split()
    for each in found:
        if each not in ("self", "none", ANY_HOST) and not _SITE.fullmatch(each):
            raise ParameterError(
                f"{FRAME_ANCESTORS} must name sites, as in https://example.org; got {each!r}."
            )
    return tuple(f"'{each}'" if each in ("self", "none") else each for each in found or ["self"])


def store_address() -> str | None:
    """Where workspaces and results are kept: NEARFIELD_STORE, by default a folder of this user.

    None where it is "off": then nothing outlives the process.
    """
    stated = os.environ.get(STORE, "").strip()
    if stated:
        return None if stated == "off" else stated
    data = os.environ.get("XDG_DATA_HOME", "").strip()
    return str((Path(data) if data else Path.home() / ".local" / "share") / "nearfield")


def logs_json() -> bool:
    """Whether the log has one line of JSON for each event, without content of users.

    Raises ParameterError where the setting is neither text nor json.
    """
    form = os.environ.get(LOG, "") or "text"
    if form not in ("text", "json"):
        raise ParameterError(f"{LOG} must be text or json; got {form!r}.")
    return form == "json"


def api_is_on() -> bool:
    """Whether scripts and agents may call the server.

    Raises ParameterError where the setting is neither on nor off.
    """
    stated = os.environ.get(API, "").strip() or "off"
    if stated not in ("on", "off"):
        raise ParameterError(f"{API} must be on or off; got {stated!r}.")
    return stated == "on"


def encoder_folder() -> str | None:
    """The folder of the text encoder; None where the deployment names none."""
    return os.environ.get(ENCODER, "").strip() or None


def scheduler_address() -> str | None:
    """The scheduler of the cluster that large work runs on; None where all runs on this machine.

    Raises ParameterError where the setting is no address.
    """
    stated = os.environ.get(SCHEDULER, "").strip()
    if stated and not _SCHEDULER.fullmatch(stated):
        raise ParameterError(
            f"{SCHEDULER} must be the address of a Dask scheduler, as in tcp://127.0.0.1:8786; got "
            f"{stated!r}."
        )
    return stated or None


def cluster_folder() -> str | None:
    """The folder in which a run and its workers exchange files; None for that of `tempfile`."""
    return os.environ.get(CLUSTER_FOLDER, "").strip() or None


def runs_jobs_inline() -> bool:
    """Whether jobs run where they are asked for (NEARFIELD_JOBS=inline), as some tests need."""
    return os.environ.get("NEARFIELD_JOBS", "background") == "inline"
