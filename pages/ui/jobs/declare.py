"""Declare a function as a job, and ask for its result from a page.

    @job("Finding exact neighbors")
    def knn(progress: Progress, embeddings: EmbeddingSet, k: int) -> KnnLists: ...

    found = knn.need(work.embeddings, 15)
    if found is None:      # its progress, or the reason of a failure, is drawn here
        return

The function runs away from the script thread, so it must not touch Streamlit;
`progress(fraction, message)` says how far it is and ends a stopped job. What a call is named by
follows from its arguments (see `key`): whoever passes the same ones gets the same job, in every
session, and no part of a key can be forgotten.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar

from pages.ui.jobs import processes, progress_bar, running
from pages.ui.jobs.asker import asker
from pages.ui.jobs.executors import Progress
from pages.ui.jobs.key import Key, key_of, qualified_name
from pages.ui.jobs.progress_bar import PATIENCE
from pages.ui.jobs.runner import PROCESSES, Job, Lane

P = ParamSpec("P")
T = TypeVar("T")
LaneOf = Lane | Callable[..., Lane]  # or what tells it from the arguments of a call
HEAVY = 2_000_000  # values of vectors from which work on all of them goes to a process


def by_size(held: Any, *_: Any) -> Lane:
    """ "process" for work on all vectors of large data, or of a large graph, else "thread"."""
    return "process" if held.vectors.size >= HEAVY else "thread"


class NotReady(Exception):  # noqa: N818 - a state of the page, no fault
    """A result that a page requires is being worked on; its progress has been drawn."""


def ready(result: T | None) -> T:
    """A result that is there; raises NotReady for None, whose progress has been drawn."""
    if result is None:
        raise NotReady
    return result


@dataclass(frozen=True)
class KeptAs(Generic[T]):
    """How a result that is none of core's values is kept in the store.

    to_parts: what is kept of it. from_parts: the result again, of that and the arguments of the
    call, in their order.
    """

    to_parts: Callable[[T], Any]
    from_parts: Callable[..., T]


class JobKind(Generic[P, T]):
    """A function as a job. Made by `job`; travels to another process by its name."""

    def __init__(
        self,
        function: Callable[Concatenate[Progress, P], T],
        label: str,
        lane: LaneOf,
        kind: str,
        patience: float,
        is_private: bool,
        kept_as: KeptAs[T] | None = None,
    ) -> None:
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.__module__, self.__qualname__ = function.__module__, function.__qualname__
        self._function: Callable[..., T] = function
        self._label, self._lane_of, self._patience = label, lane, patience
        self._is_private, self.kept_as = is_private, kept_as
        if callable(lane) or lane in PROCESSES:
            processes.prepared_modules.add(function.__module__)
        self._kind = kind or qualified_name(function)
        signature = inspect.signature(function)
        self._signature = signature.replace(parameters=[*signature.parameters.values()][1:])

    def __call__(self, *args: Any, progress: Progress) -> T:
        """Run the function here; for the runner."""
        return self._function(progress, *args)

    def __reduce__(self) -> str:
        return self.__qualname__

    def need(self, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result, or None after drawing the progress (or the failure) here.

        A session has one job of each kind in flight: asking with other arguments stops the older
        one, unless another session waits for it.
        """
        key, values = key_of(self._function, self._signature, args, kwargs)
        result: T | None = progress_bar.need(
            key,
            self._filled(self._kind, values),
            self._filled(self._label, values),
            self,
            *values,
            lane=self._lane(values),
            patience=self._patience,
            is_private=self._is_private,
        )
        return result

    def require(self, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result; raises NotReady after drawing the progress (or the failure) here."""
        return ready(self.need(*args, **kwargs))

    def start(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Begin the work, whose result is wanted later; nothing is drawn, and nothing waits."""
        key, values = key_of(self._function, self._signature, args, kwargs)
        progress_bar.start(
            key,
            self._filled(self._kind, values),
            self._filled(self._label, values),
            self,
            *values,
            lane=self._lane(values),
            is_private=self._is_private,
        )

    def within(self, progress: Progress, *args: P.args, **kwargs: P.kwargs) -> T:
        """The result inside of another job, which waits for it where it is being worked on."""
        key, values = key_of(self._function, self._signature, args, kwargs)
        result: T = progress_bar.runner().within(
            progress,
            key,
            self._filled(self._label, values),
            self,
            *values,
            lane=self._lane(values),
            owner=asker(),
        )
        return result

    def _filled(self, text: str, values: tuple[Any, ...]) -> str:
        return text.format(**dict(zip(self._signature.parameters, values, strict=True)))

    def _lane(self, values: tuple[Any, ...]) -> Lane:
        return self._lane_of(*values) if callable(self._lane_of) else self._lane_of

    def key(self, *args: P.args, **kwargs: P.kwargs) -> Key:
        """The name of the call."""
        return key_of(self._function, self._signature, args, kwargs)[0]

    def asked(self, *args: P.args, **kwargs: P.kwargs) -> Job | None:
        """The job of these arguments, if it is known."""
        return progress_bar.runner().get(self.key(*args, **kwargs))

    def finished(self, *args: P.args, **kwargs: P.kwargs) -> Job | None:
        """The job of these arguments if it has its result (for its `elapsed`), else None."""
        found = self.asked(*args, **kwargs)
        return found if found is not None and found.state == "done" else None

    def partial(self, *args: P.args, **kwargs: P.kwargs) -> T | None:
        """The result as far as it has come, or had come when it was stopped; None without one.

        Where its progress is drawn, the page runs again whenever there is a further one.
        """
        told: T | None = progress_bar.partial(self.key(*args, **kwargs))
        return told

    def is_stopped(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether this session has stopped the job of these arguments."""
        return progress_bar.is_stopped(self.key(*args, **kwargs))

    def let_go(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Take the call off the session's list of what runs: its result was used."""
        running.let_go(self.key(*args, **kwargs))

    def forget(self, *args: P.args, **kwargs: P.kwargs) -> None:
        """Let the result of the call go, which may be large; the next `need` runs it again."""
        progress_bar.forget(self.key(*args, **kwargs))

    def is_under_way(self, *args: P.args, **kwargs: P.kwargs) -> bool:
        """Whether the job of these arguments waits for its turn or runs."""
        found = self.asked(*args, **kwargs)
        return found is not None and found.state in ("queued", "running")


def job(
    label: str,
    *,
    lane: LaneOf = "thread",
    kind: str = "",
    patience: float = PATIENCE,
    is_private: bool = False,
    kept_as: KeptAs[Any] | None = None,
) -> Callable[[Callable[Concatenate[Progress, P], T]], JobKind[P, T]]:
    """Declare a function of a module as a job.

    label: what is being done, "Building the index"; an argument may stand in it, "Trying {name}".
    lane: "process" for code that holds the GIL, such as UMAP; "quick" for what takes well under a
    second and answers a click; "long" for what should not wait behind the build of an index; or a
    function of the arguments, such as `by_size`.
    kind: shared by functions of which a session needs only one at a time; the function's own name
    unless given; an argument may stand in it, too. patience: seconds that a run of the page waits
    for it, before it draws progress and goes on. is_private: nobody else can ask for the same: the
    result leaves with its visitor. kept_as: of a result of a page's own type, which the store would
    not take as it is.
    """

    def declare(function: Callable[Concatenate[Progress, P], T]) -> JobKind[P, T]:
        return JobKind(function, label, lane, kind, patience, is_private, kept_as)

    return declare
