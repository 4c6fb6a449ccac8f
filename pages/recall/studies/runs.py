"""What all studies share: how the page shows one, the data it takes, and its finished parts.

A stopped study keeps its finished parts and goes on from there later.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

from core.data import EmbeddingSet
from core.data.embedding_set import class_codes
from core.distances import Floats
from core.figures import Figure
from core.index import HnswGraph, HnswParams, build_hnsw
from core.progress import counted
from core.studies import SoFar, sample_rows
from pages.ui.controls.queries import GIVEN, UPLOADED, RecallSettings
from pages.ui.display.text import count, plain
from pages.ui.jobs import JobKind, Progress, progress_bar
from pages.ui.jobs.asker import asker
from pages.ui.jobs.cache import keeping
from pages.ui.jobs.kept import ledger
from pages.ui.jobs.kept_parts import KeptParts
from pages.ui.jobs.key import fingerprint
from pages.ui.results import on_cluster
from pages.ui.results.expected import Costs
from pages.ui.session.workspace import Workspace

SEED = 0
MOST_QUERIES = 2_000  # of the person's own
LEDGER = "study"  # what their places in the ledger begin with
KEPT_STUDIES = 12  # whose finished parts are held, an index among them for some
_parts: OrderedDict[str, "Finished"] = OrderedDict()
_lock = threading.Lock()
Rows = npt.NDArray[np.int64]
S = TypeVar("S")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Part:
    """The data that a study takes: all rows, or `rows` of them drawn with a seed, by label.

    asked: the person's own queries (q, d), or None: then the study holds rows out of its indexes.
    cluster: the scheduler of the cluster that its parts run on, "" for this server.
    """

    embeddings: EmbeddingSet
    params: HnswParams
    rows: int
    asked: npt.NDArray[np.float32] | None = None
    cluster: str = ""

    def executor(self, progress: Progress) -> Executor | None:
        """What runs its parts, None for threads of this server; raises ClusterError."""
        return on_cluster.connected(progress) if self.cluster else None

    @property
    def n(self) -> int:
        """How many rows."""
        return min(self.rows, self.embeddings.n)

    @property
    def given(self) -> int:
        """How many queries of the person's own."""
        return 0 if self.asked is None else len(self.asked)

    @property
    def has_classes(self) -> bool:
        """Whether the rows have labels of two classes or more."""
        return self.embeddings.labels is not None and len(self.embeddings.class_names) > 1

    @property
    def taken(self) -> Rows:
        """The row ids, ascending."""
        return sample_rows(self.embeddings.n, self.rows, labels=self.embeddings.labels, seed=SEED)

    @property
    def vectors(self) -> npt.NDArray[np.float32]:
        """The vectors of those rows, (rows, d)."""
        vectors = self.embeddings.vectors
        return vectors if self.rows >= len(vectors) else vectors[self.taken]

    @property
    def labels(self) -> Rows | None:
        """The class codes of those rows, or None."""
        labels = self.embeddings.labels
        if labels is None or not self.has_classes:
            return None
        return labels if self.rows >= len(labels) else labels[self.taken]

    def codes(self, column: str) -> Rows:
        """The codes of a metadata column for those rows, -1 where it is empty."""
        codes, _ = class_codes(self.embeddings.metadata[column])
        return codes if self.rows >= len(codes) else codes[self.taken]


@dataclass(frozen=True)
class Study(Generic[S, R]):
    """A study as the page shows it, of settings S and with a result R.

    title: in the list and in links.
    question: the page's sentence before it is run, and while it runs.
    shows: what will be seen, in one sentence, for its card.
    about: how it is made.
    settings: draws its controls, and gives all that the result depends on, a frozen dataclass.
    run: the job.
    answer: the result in a sentence.
    show: its figures.
    show_so_far: those of the finished parts, while it runs or where it was stopped.
    costs: the work that it takes, by its parts.
    picture: the result as a figure, which its card shows in small.
    takes_queries: whether it can ask the person's own queries. most_queries: of these.
    has_target: whether a target recall is one of its settings.
    walks_opened: whether it walks the graph of an index file as it is, with all its rows, in place
    of an index that is built.
    """

    title: str
    question: str
    shows: str
    about: str
    settings: Callable[[Workspace, RecallSettings, int], S]
    run: JobKind[[Part, S], R]
    answer: Callable[[R], str]
    show: Callable[[Workspace, R], None]
    show_so_far: Callable[[R], None]
    costs: Callable[[Part, S], Costs]
    picture: Callable[[R], Figure]
    takes_queries: bool = False
    most_queries: int = MOST_QUERIES
    has_target: bool = True
    walks_opened: bool = False


@dataclass(eq=False)
class Finished:
    """The finished parts of one study of one data set, filled while it runs.

    done: by key. so_far: the study that they make. graph: the index of the data, for studies that
    need one. note: called with each further part.
    """

    done: dict[Any, Any] = field(default_factory=dict)
    so_far: SoFar[Any] = field(default_factory=lambda: SoFar(None, 0, 0))
    graph: HnswGraph | None = None
    note: Callable[[], None] = lambda: None

    def take(self, so_far: SoFar[Any]) -> None:
        """Note how far the study is."""
        self.so_far = so_far
        self.note()

    def index_of(self, vectors: Floats, params: HnswParams, progress: Progress) -> HnswGraph:
        """The index of these rows, built once."""
        if self.graph is None:
            tell = counted(
                lambda _, words: progress(0.0, words), "building the index: {:,} of {:,} rows"
            )
            self.graph = build_hnsw(vectors, params, progress=tell)
        return self.graph


def finished_parts(part: Part, settings: object) -> Finished:
    """The finished parts of the study that these settings belong to, kept from now on.

    Wherever they were made. In memory the least recently asked for leave first; the store has them
    longer.
    """
    name = _name(part, settings)
    with _lock:
        found = _parts.get(name)
    if found is None:
        found = Finished(_kept_parts(name, part, settings))
    held, owner = found, asker()
    found.note = lambda: _note(name, held, made_of=(part, settings), owner=owner)
    found.note()
    return found


def _kept_parts(name: str, part: Part, settings: object) -> KeptParts:
    return KeptParts(
        progress_bar.results(),
        type(settings).__module__,
        name,
        source=part.embeddings.bare.fingerprint,
        owner=asker(),
    )


def _note(name: str, finished: Finished, *, made_of: Any, owner: str) -> None:
    """Hold the parts of a study, whose bytes count among those of results."""
    oldest = list[str]()
    with _lock:
        _parts[name] = finished
        _parts.move_to_end(name)
        while len(_parts) > KEPT_STUDIES:
            oldest.append(_parts.popitem(last=False)[0])
    for each in oldest:
        ledger.drop((LEDGER, each))
    ledger.keep((LEDGER, name), finished, made_of=made_of, owner=owner, leave=lambda: _let_go(name))


def _let_go(name: str) -> None:
    with _lock:
        _parts.pop(name, None)


def parts_so_far(part: Part, settings: object) -> Finished:
    """The same for a look at a study that may never have begun: no others leave for it."""
    return _parts.get(_name(part, settings), Finished())


def _name(part: Part, settings: object) -> str:
    return fingerprint((replace(part, cluster=""), settings))


def own_queries(
    work: Workspace, source: str, most: int = MOST_QUERIES
) -> npt.NDArray[np.float32] | None:
    """The person's own queries, if `source` names them, at most `most` drawn with a seed."""
    every = _every_query(work, source)
    if every is None or len(every) <= most:
        return every
    return _some_queries(work.embeddings if source == GIVEN else work.queries, every, most)


def queries_given(work: Workspace, source: str) -> int:
    """How many queries of the person's own there are, if `source` names them."""
    every = _every_query(work, source)
    return 0 if every is None else len(every)


def _every_query(work: Workspace, source: str) -> npt.NDArray[np.float32] | None:
    if source == UPLOADED and work.queries is not None:
        return work.queries.vectors
    return work.embeddings.queries if source == GIVEN else None


@keeping(2)
def _some_queries(
    held_by: EmbeddingSet | None,  # noqa: ARG001 - names the call
    every: npt.NDArray[np.float32],
    most: int,
) -> npt.NDArray[np.float32]:
    some = every[sample_rows(len(every), most, seed=SEED)]
    some.flags.writeable = False
    return some


def source_words(given: int, taken: int, *, opened: bool = False) -> str:
    """Which queries a study will ask, before it is run; none given: rows that it holds out.

    opened: whether it walks the graph of an opened file, which holds all of its rows.

    >>> source_words(5310, 2000)
    'Queries: 2,000 of your 5,310, drawn with seed 0.'
    """
    if not taken and opened:
        return (
            "Queries: rows of the opened index, each left out of its own answer. New queries need "
            "a larger ef, as a rule: choose your own in the section Curve."
        )
    if not taken:
        return (
            "Queries: rows held out of every index of the study. Choose your own queries in the "
            "section Curve."
        )
    if taken < given:
        return f"Queries: {taken:,} of your {given:,}, drawn with seed {SEED}."
    return f"Queries: your {count(taken, 'query', 'queries')}."


def queries_words(queries: int, *, own: bool) -> str:
    """The queries of a result, for a sentence.

    >>> queries_words(1000, own=False), queries_words(812, own=True)
    ('1,000 held-out rows', 'your 812 queries')
    """
    if own:
        return f"your {count(queries, 'query', 'queries')}"
    return count(queries, "held-out row")


def basis_words(n: int, queries: int, *, own: bool) -> str:
    """The rows and the queries of a result, for a note.

    >>> basis_words(9000, 1000, own=False)
    '9,000 rows indexed; queries: 1,000 held-out rows, in no index.'
    >>> basis_words(9000, 812, own=True)
    '9,000 rows indexed; queries: your 812 queries.'
    """
    told = queries_words(queries, own=own)
    return f"{n:,} rows indexed; queries: {told}{'' if own else ', in no index'}."


def clock_words(hosts: Iterable[str]) -> str:
    """Whose clock build times are by; "" stands for this server.

    >>> clock_words(["", ""])
    "Build times are by this server's clock."
    """
    names = sorted({host or "this server" for host in hosts})
    if names == ["this server"]:
        return "Build times are by this server's clock."
    if len(names) == 1:
        return f"Build times are by the clock of {plain(names[0])}."
    listed = ", ".join(plain(name) for name in names)
    return f"Build times are by the clocks of {listed}: those of two machines cannot be compared."
