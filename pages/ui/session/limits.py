"""What a deployment may set in the environment; uploads are limited in .streamlit/config.toml.

| variable                  | default      | limits                                            |
|---------------------------|--------------|---------------------------------------------------|
| NEARFIELD_KEPT_UPLOADS    | 16           | uploads kept for all sessions: sets, and indexes  |
| NEARFIELD_KEPT_UPLOADS_MB | 2000         | the vectors of the sets, the arrays of the indexes |
| NEARFIELD_KEPT_RESULTS    | 48           | finished jobs (indexes, maps) kept                |
| NEARFIELD_CACHE_ENTRIES   | 64           | entries of each cache of quick results            |
| NEARFIELD_JOB_THREADS     | 2            | jobs that run at once, in threads                 |
| NEARFIELD_JOB_PROCESSES   | 1            | jobs that run at once, in processes of their own  |
| NEARFIELD_JOB_SECONDS     | 1800         | time of one job                                   |
| NEARFIELD_BUILD_THREADS   | half the cores | threads of one index build                      |
| NEARFIELD_JOBS            | background   | "inline" runs each job where it is asked for      |
"""

import os

from core.errors import ParameterError


def _whole_number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    if not text:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ParameterError(f"{name} must be a whole number of at least 1; got {text!r}.")
    return int(text)


KEPT_UPLOADS = _whole_number("NEARFIELD_KEPT_UPLOADS", 16)
KEPT_UPLOADS_MB = _whole_number("NEARFIELD_KEPT_UPLOADS_MB", 2000)
KEPT_RESULTS = _whole_number("NEARFIELD_KEPT_RESULTS", 48)
CACHE_ENTRIES = _whole_number("NEARFIELD_CACHE_ENTRIES", 64)
JOB_THREADS = _whole_number("NEARFIELD_JOB_THREADS", 2)
JOB_PROCESSES = _whole_number("NEARFIELD_JOB_PROCESSES", 1)
JOB_SECONDS = _whole_number("NEARFIELD_JOB_SECONDS", 1800)
BUILD_THREADS = _whole_number("NEARFIELD_BUILD_THREADS", max(1, (os.cpu_count() or 2) // 2))


def inline_jobs() -> bool:
    """Whether jobs run where they are asked for, as tests without a browser need it."""
    return os.environ.get("NEARFIELD_JOBS", "background") == "inline"
