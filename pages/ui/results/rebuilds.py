"""Rebuild noise: the spread of rebuilds of one setting, as a job, with the controls that it has.

found = rebuilds.measured(work, source, params, k)
if found is None:      # a button, its progress, or why it failed is drawn here
    return
"""

import numpy as np
import numpy.typing as npt
import streamlit as st

from core import studies
from core.index import HnswParams
from core.index.checks import check_queries
from core.limits import default_threads
from core.studies import RebuildSpread
from core.studies.inspection.rebuild_spread import FEWEST, REBUILDS
from pages.ui import jobs
from pages.ui.controls import beam
from pages.ui.controls.declared import NumberBox, Options
from pages.ui.display import messages
from pages.ui.jobs import Progress
from pages.ui.jobs.key import Key
from pages.ui.jobs.runner import Lane
from pages.ui.results import expected, indexes
from pages.ui.results.query_sources import QuerySource
from pages.ui.session.slot import Slot
from pages.ui.session.workspace import Workspace

QUERIES, SEED = 1_000, 0
MOST = 20
AT_ONCE = 60.0  # seconds expected up to which the rebuilds begin without being asked for
SIDE_BY_SIDE = 20_000_000  # values of vectors up to which several are built at the same time
SHUFFLED = "seed and order"
COUNT = NumberBox("rebuilds", "Rebuilds", low=FEWEST, value=REBUILDS, width=140)
VARY = Options(
    "rebuilds_vary",
    "They differ by",
    (SHUFFLED, "seed"),
    help="The seed draws the levels of the items; the order is that in which rows are inserted. "
    "Rebuilds with more threads also differ by their race.",
)
_STARTED: Slot[set[Key]] = Slot("rebuilds_started", set)


def controls() -> None:
    """How many rebuilds there are, and what they differ by; in a popover."""
    with st.popover("Rebuild noise"):
        COUNT.draw(MOST)
        VARY.draw()
        messages.note(
            "A change is called beyond rebuild noise where two builds of one setting differ by "
            "less in 95 % of cases. More rebuilds know the noise better and find smaller changes."
        )


def measured(
    work: Workspace, source: QuerySource, params: HnswParams, k: int
) -> RebuildSpread | None:
    """The spread of rebuilds of `params` on the rows that the source's graph holds.

    None after drawing a button with the time that it takes where that is long, or its progress. All
    are asked the first 1,000 queries of the source.
    """
    call = (source, params, k, COUNT.held(MOST), VARY.held() == SHUFFLED)
    key, started = _spread.key(*call), _STARTED.get()
    if key not in started and _spread.finished(*call) is None:
        seconds, is_measured = _expected(work, source, params, k)
        if seconds > AT_ONCE:
            st.button(
                "Measure rebuild noise",
                on_click=started.add,
                args=(key,),
                help="Builds the same setting again and again, to tell a change from chance.",
            )
            told = expected.words(seconds, measured=is_measured)
            messages.note(f"{COUNT.held(MOST)} rebuilds; expected time: {told}.")
            return None
    return _spread.need(*call)


def _expected(
    work: Workspace, source: QuerySource, params: HnswParams, k: int
) -> tuple[float, bool]:
    """Seconds that the rebuilds take, and whether the speed was measured on this data."""
    n, asked = source.graph.n, min(QUERIES, source.available)
    built_in, data = indexes.build_seconds(work), work.embeddings
    rate = expected.seconds_per_unit(built_in, data.n, data.dim, work.params)
    one = expected.build(n, params) + expected.sweep(asked, n, params.m, beam.largest_ef(k))
    costs = expected.Costs(
        dict.fromkeys(range(COUNT.held(MOST)), one),
        params.threads * _workers(n * data.dim, params),
        expected.pairs(asked, n),
    )
    return expected.expected_seconds(costs, rate), built_in is not None


def _workers(values: int, params: HnswParams) -> int:
    """How many are built at the same time."""
    return 1 if values > SIDE_BY_SIDE else max(1, default_threads() // params.threads)


def _lane(source: QuerySource, *_: object) -> Lane:
    return jobs.by_size(source.embeddings)


@jobs.job("Building the same setting again", lane=_lane)
def _spread(
    progress: Progress,
    source: QuerySource,
    params: HnswParams,
    k: int,
    rebuilds: int,
    shuffled: bool,
) -> RebuildSpread:
    vectors, rows, asked = _parts(source)
    return studies.rebuild_spread(
        vectors,
        params,
        k=k,
        ef_max=beam.largest_ef(k),
        rebuilds=rebuilds,
        shuffled=shuffled,
        query_vectors=asked,
        query_rows=rows,
        seed=SEED,
        workers=_workers(vectors.size, params),
        progress=progress,
    )


def _parts(
    source: QuerySource,
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.int64] | None, npt.NDArray[np.float32] | None]:
    """The rows to index; which of them are the queries, or the queries."""
    graph, asked = source.graph, source.vectors(stop=QUERIES)
    vectors = np.asarray(source.indexed, dtype=np.float32)
    if graph.codes is not None or graph.transform is not None:
        # what the index stores, so that only the links differ
        asked = None if asked is None else check_queries(graph, asked)
        vectors = graph.vectors
    live = studies.live_rows(graph)
    if len(live) < graph.n:
        vectors = vectors[live]
    if asked is not None:
        return vectors, None, np.asarray(asked, dtype=np.float32)
    return vectors, np.searchsorted(live, source.places[:QUERIES]), None
