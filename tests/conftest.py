"""What all tests share: wild input is the same at every run, and slow machines are no failures."""

import functools
import gc
import importlib
import pkgutil
import sys
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

settings.register_profile("nearfield", deadline=None, derandomize=True)
settings.load_profile("nearfield")

BROWSER = "tests/browser/"
TRACER = pytest.StashKey[Any]()
# In the name of a file that is not measured: the same lines again for thousands of files, for other
# columns, or for settings whose lines other files reach.
UNMEASURED = (
    BROWSER,  # its server is another process
    "column_types",
    "every_dialect",
    "hostile",
    "index_file_places",
    "json_shapes",
    "pages/test_answers",
    "pages/test_app",
    "pages/test_neighbors",
    "pages/test_welcome",
    "pages/thresholds/test_page",
    "pages/ui/test_received",
    "test_diagnosis",
    "test_kept_test",
    "test_metric_evidence",
    "test_opis_chance",
    "test_row_changes",
    "test_spelling",
    "test_verdict",
    "wild_columns",
)
MEASURED = ("core", "pages")
LIBRARIES = (  # what these two import, and the tests
    "distributed",
    "faiss",
    "h5py",
    "hnswlib",
    "numba",
    "pandas",
    "plotly.graph_objects",
    "plotly.io",
    "pyarrow.parquet",
    "scipy.stats",
    "skdim",
    "sklearn.cluster",
    "sklearn.decomposition",
    "sklearn.metrics",
    "streamlit.testing.v1",
    "streamlit.web.server",
)


@contextmanager
def untraced() -> Iterator[None]:
    """Run what is inside without coverage, which takes more than its own time again.

    A worker of xdist has two measurements, of which pytest-cov's own `no_cover` stops one.
    """
    stopped = []
    while (measurement := Coverage.current()) is not None:
        measurement.stop()
        stopped.append(measurement)
    try:
        yield
    finally:
        for measurement in reversed(stopped):
            measurement.start()


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Measure nothing where nothing of ours runs: in the process that only gives out the tests."""
    if session.config.getoption("dist", "no") != "no":
        while (measurement := Coverage.current()) is not None:
            measurement.stop()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Measure the import of our own modules, and nothing else of what a collection does."""
    if Coverage.current() is not None:
        with untraced():
            for library in LIBRARIES:
                importlib.import_module(library)
        dispatcher = importlib.import_module("numba.core.dispatcher").Dispatcher
        dispatcher.compile = quickly(dispatcher.compile)
        for package in MEASURED:
            for name in _modules(package):
                importlib.import_module(name)
    with untraced():
        collected = yield
    gc.collect()
    gc.freeze()  # what was imported and collected stays to the end: no collection walks it again
    return collected


def quickly(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, without the tracer, which makes Python's code several times slower."""

    @functools.wraps(function)
    def call(*given: Any, **named: Any) -> Any:
        with tracing(None):
            return function(*given, **named)

    return call


@contextmanager
def tracing(tracer: Any) -> Iterator[None]:
    """Run what is inside with this tracer, or without one; new threads keep that of coverage."""
    before = sys.gettrace()
    sys.settrace(tracer)
    _nothing()  # coverage's tracer is back at the next call, and sees this one return
    try:
        yield
    finally:
        sys.settrace(before)
        _nothing()


def _nothing() -> None:
    """Stands for a call."""


def _modules(package: str) -> Iterator[str]:
    """The names of all but scripts: the recipes of pages, and those that a server runs."""
    folders = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(folders, f"{package}."):
        last = module.name.rpartition(".")[2]
        if last != "page" and last.isidentifier():
            yield module.name


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Leave out of the coverage what adds nothing to it: the files of the list, and pytest."""
    measured = not any(part in item.path.as_posix() for part in UNMEASURED)
    with nullcontext() if measured else untraced():
        item.config.stash[TRACER] = sys.gettrace()
        with tracing(None):
            return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Measure the test."""
    with tracing(item.config.stash.get(TRACER, None)):
        return (yield)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_fixture_setup(request: pytest.FixtureRequest) -> Generator[None, object, object]:
    """Measure what a test is given."""
    with tracing(request.config.stash.get(TRACER, None)):
        return (yield)


class WholeFiles(LoadFileScheduling):  # type: ignore[misc]
    """A file stays with one worker, and so do all of the browser: one server and one Chromium."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    """Replace what xdist does of itself for `--dist=loadfile`."""
    return WholeFiles(config, log) if config.getvalue("dist") == "loadfile" else None
