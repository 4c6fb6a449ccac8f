"""The folder through which a run and its cells in other processes exchange files."""

import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from core.limits import cluster_folder


class RunFolder:
    """A temporary folder that is made when it is first used, and removed at the end.

    It lies in the folder that NEARFIELD_CLUSTER_FOLDER names, which workers on other machines have
    to see too; without it where `tempfile` puts it.
    """

    def __init__(self) -> None:
        self._path: Path | None = None
        self._stack, self._lock = ExitStack(), threading.Lock()

    @property
    def is_made(self) -> bool:
        """Whether the folder was made."""
        return self._path is not None

    @property
    def path(self) -> Path:
        """The folder, which exists from now on."""
        with self._lock:
            if self._path is None:
                made = tempfile.TemporaryDirectory(
                    prefix="nearfield-", dir=cluster_folder(), ignore_cleanup_errors=True
                )
                self._path = Path(self._stack.enter_context(made))
            return self._path

    def __enter__(self) -> "RunFolder":
        return self

    def __exit__(self, *_error: object) -> None:
        self._stack.close()
