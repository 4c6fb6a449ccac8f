"""A Dask cluster behind the interface of `concurrent.futures`.

Its tasks are never pure: two equal calls are two tasks. A worker that ends takes no task with it:
the scheduler has it done again elsewhere. What the caller learns is a `ClusterError` with a
sentence, where the scheduler cannot be reached, where it has no worker that could do the work, and
where it was lost on the way.
"""

import tempfile
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from core.cluster.look import Look, look
from core.errors import ClusterError, MissingExtraError
from core.limits import CLUSTER_FOLDER, SCHEDULER, cluster_folder, scheduler_address
from core.studies.parts.run_folder import RunFolder

CONNECT_SECONDS = 10.0

_made: dict[str, "ClusterExecutor"] = {}
_making = threading.Lock()


class ClusterExecutor(Executor):
    """Runs calls on the workers of the scheduler at `address`.

    seconds: that are waited for the scheduler. warm: whether workers compile the kernels before
    their first task. Raises ClusterError where there is no scheduler, no worker, or one that has
    other code or does not see the folder through which files are exchanged.
    """

    def __init__(
        self, address: str, *, seconds: float = CONNECT_SECONDS, warm: bool = True
    ) -> None:
        self.address = address
        self._client = _client(address, seconds)
        try:
            self._check()
            if warm:
                self._warm()
        except BaseException:
            self._client.close()
            raise
        self._lent = self._client.get_executor(pure=False)

    @property
    def workers(self) -> int:
        """How many tasks run at once: the threads of all workers that are there now."""
        return sum(self._threads().values())

    @property
    def is_connected(self) -> bool:
        """Whether the scheduler answers."""
        return bool(self._client.status == "running")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Have a worker call `fn(*args, **kwargs)`, which travels by pickle."""
        if not self.is_connected:  # Dask would hold the task until there is a scheduler again
            raise self._lost()
        inner = self._lent.submit(partial(fn, *args, **kwargs))
        answer: Future[Any] = Future()
        answer.add_done_callback(lambda each: inner.cancel() if each.cancelled() else None)
        inner.add_done_callback(lambda ended: self._pass_on(ended, answer))
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster, which goes on; wait: for the tasks that were submitted."""
        if wait and not cancel_futures and self.is_connected:
            self._lent.shutdown(wait=True)
        self._client.close()

    def _pass_on(self, ended: Future[Any], answer: Future[Any]) -> None:
        if not answer.set_running_or_notify_cancel():
            return
        if ended.cancelled():  # not by us: then nobody would wait for the answer
            answer.set_exception(self._lost())
        elif (error := ended.exception()) is not None:
            answer.set_exception(error)
        else:
            answer.set_result(ended.result())

    def _lost(self) -> ClusterError:
        return ClusterError(
            f"The scheduler at {self.address} was lost. The finished parts are kept: go on once it "
            "is there again, or without a cluster."
        )

    def _threads(self) -> dict[str, int]:
        try:
            found: dict[str, int] = dict(self._client.nthreads())
        except Exception as error:
            raise self._lost() from error
        return found

    def _check(self) -> None:
        """Refuse a cluster without workers, and workers that could not do the work."""
        if not self._threads():
            raise ClusterError(
                f"The scheduler at {self.address} has no workers. Start one in Nearfield's folder: "
                f"dask worker {self.address} --nthreads 1"
            )
        with RunFolder() as folder:
            token = _token(folder)
            here = look(token)
            found = self._client.run(look, token, on_error="return")
        for worker, its in found.items():
            if fault := _fault(its, here):
                raise ClusterError(f"The worker {worker} of {self.address} {fault}")

    def _warm(self) -> None:
        from core.cluster.warm_worker import WarmWorker

        self._client.register_plugin(WarmWorker())


def connect(
    address: str, *, seconds: float = CONNECT_SECONDS, warm: bool = True
) -> ClusterExecutor:
    """The cluster of the scheduler at `address`, "tcp://host:port" or "tls://host:port".

    The arguments are those of `ClusterExecutor`. Close it by `shutdown`, or use it in a `with`.
    """
    return ClusterExecutor(address, seconds=seconds, warm=warm)


def of_deployment() -> ClusterExecutor | None:
    """The cluster that NEARFIELD_SCHEDULER names, connected once in this process; None for none.

    One that was lost is looked for again. Raises ClusterError where it cannot be used, and
    ParameterError where the setting is no address.
    """
    address = scheduler_address()
    if address is None:
        return None
    with _making:
        known = _made.get(address)
        if known is None or not known.is_connected:
            if known is not None:
                del _made[address]
                known.shutdown(wait=False)
            _made[address] = connect(address)
        return _made[address]


def _token(folder: RunFolder) -> str:
    """The path of a file that workers have to see."""
    try:
        token = folder.path / "token"
        token.touch()
    except OSError as error:
        raise ClusterError(
            f"Nothing can be written into {cluster_folder() or tempfile.gettempdir()} "
            f"({error.strerror}), through which this process and the workers exchange files. Let "
            f"{CLUSTER_FOLDER} name a folder that all of them see."
        ) from error
    return str(token)


def _client(address: str, seconds: float) -> Any:
    try:
        from distributed import Client
    except ModuleNotFoundError as error:
        raise MissingExtraError(f"A cluster ({SCHEDULER})", "Dask", "scale") from error
    try:
        return Client(address, timeout=seconds, set_as_default=False, name="nearfield")
    except (OSError, ValueError) as error:  # a timeout is an OSError
        raise ClusterError(
            f"No Dask scheduler answers at {address} within {seconds:g} s. Start one there, or "
            f"correct {SCHEDULER}."
        ) from error


def _fault(its: Look | BaseException, here: Look) -> str:
    """What keeps a worker from the work, in words; "" where nothing does."""
    if isinstance(its, BaseException):
        return (
            f"could not be asked ({type(its).__name__}: {its}). Start it in Nearfield's folder and "
            "environment."
        )
    if its.code != here.code:
        return "runs other code than this process. Start it anew from the same release."
    if its.made_with != here.made_with:
        return (
            f"has {', '.join(its.made_with)}; this process has {', '.join(here.made_with)}. "
            "Install the same."
        )
    if not its.sees:
        return (
            f"does not see the folder of this process's temporary files. Let {CLUSTER_FOLDER} name "
            "a folder that all machines share."
        )
    return ""
