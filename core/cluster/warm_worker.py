"""What a worker of a cluster does before its first task: it compiles the kernels.

Imports Dask, so only what has a cluster imports it.
"""

import asyncio
import os
from typing import Any

from distributed import WorkerPlugin

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


class WarmWorker(WorkerPlugin):  # type: ignore[misc] # Dask's types are not read
    """Lets a worker load and compile all kernels once, also one that joins later."""

    name = "nearfield-warm"

    async def setup(self, worker: Any) -> None:  # noqa: ARG002
        """Called by Dask when the worker starts, or when the plugin comes to it."""
        for name in ONE_THREAD:  # a task has one thread; others run beside it
            os.environ.setdefault(name, "1")
        await asyncio.to_thread(_warm)


def _warm() -> None:
    from core.warm import compile_kernels

    compile_kernels()
