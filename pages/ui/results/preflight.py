"""What is found about the loaded data, step by step: each step is a job, asked for in turn.

Steps that come later wait for those before, so that the quick ones are there at once and the index,
which is being built beside them, is not held up.
"""

import numpy as np
import numpy.typing as npt

from core import studies
from core.data import EmbeddingSet
from core.distances import Metric
from core.index import HnswGraph, HnswParams
from core.studies import KINDS, Finding, HubRemoval, HubScan, KnnLists, Moments
from pages.ui import jobs
from pages.ui.jobs import Progress
from pages.ui.results import indexes
from pages.ui.session.workspace import Workspace

Rows = npt.NDArray[np.int64]
HUBS = "hubs over many regions"
NOTHING = "nothing"
MARKS = (NOTHING, *(kind for kind in KINDS if not kind.endswith("directions")), HUBS)
FEWEST_ROWS = 3  # below it there are no neighborhoods


def found(work: Workspace) -> tuple[list[Finding], bool]:
    """What is known so far, worst first, and whether that is all.

    What is not ready draws its progress here.
    """
    findings = list[Finding]()
    for step in (_quick_findings, _shape_findings, _closeness_findings, _label_findings):
        more = step(work)
        if more is None:
            return studies.worst_first(findings, work.params.metric), False
        findings += more
    return studies.worst_first(findings, work.params.metric), True


def rows_of(work: Workspace, kind: str) -> Rows | None:
    """The rows that a finding of this kind concerns; empty for none, None while it is sought."""
    if kind == HUBS:
        scan = hubs(work)
        return None if scan is None else scan.rows
    findings, done = found(work)
    for finding in findings:
        if finding.kind == kind:
            return finding.rows
    return np.empty(0, np.int64) if done else None


def moments(work: Workspace) -> Moments | None:
    """First and second moments of the vectors."""
    return _moments.need(work.embeddings.bare)


def lists(work: Workspace) -> KnnLists | None:
    """Exact neighbors of all rows, or of 20,000 that are drawn."""
    return indexes.knn(work, indexes.KNN)


def hubs(work: Workspace) -> HubScan | None:
    """Items that are near to many different regions."""
    near = lists(work)
    return None if near is None else _hubs.need(work.embeddings.bare, near)


def hub_recall(work: Workspace, scan: HubScan) -> HubRemoval | None:
    """Recall of the other items in the session's index, and in one without the hubs."""
    graph = indexes.graph(work)
    if graph is None:
        return None
    return _hub_recall.need(work.embeddings.bare, graph, work.params, scan.rows)


def _quick_findings(work: Workspace) -> list[Finding] | None:
    return _quick.need(work.embeddings)


def _shape_findings(work: Workspace) -> list[Finding] | None:
    measured = moments(work)
    return None if measured is None else _shape.need(work.embeddings, measured)


def _closeness_findings(work: Workspace) -> list[Finding] | None:
    return _close.need(work.embeddings, work.params.metric)


def _label_findings(work: Workspace) -> list[Finding] | None:
    """None is sought where there are no labels, so that no lists are made for it."""
    if work.embeddings.labels is None or work.embeddings.n < FEWEST_ROWS:
        return []
    near = lists(work)
    if near is None:
        return None
    wrong = studies.labels_that_look_wrong(work.embeddings, near)
    return [] if wrong is None else [wrong]


@jobs.job("Looking at rows, classes and dimensions")
def _quick(progress: Progress, embeddings: EmbeddingSet) -> list[Finding]:
    return studies.quick_findings(embeddings, progress)


@jobs.job("Measuring how the vectors spread")
def _moments(progress: Progress, embeddings: EmbeddingSet) -> Moments:
    return studies.measure_moments(embeddings, progress)


@jobs.job("Looking for dead and dominant directions")
def _shape(progress: Progress, embeddings: EmbeddingSet, moments: Moments) -> list[Finding]:
    progress(0.0)
    return studies.shape_findings(embeddings, moments)


@jobs.job("Looking for near copies")
def _close(progress: Progress, embeddings: EmbeddingSet, metric: Metric) -> list[Finding]:
    return studies.closeness_findings(embeddings, metric, progress)


@jobs.job("Looking for hubs")
def _hubs(progress: Progress, embeddings: EmbeddingSet, near: KnnLists) -> HubScan:
    return studies.hub_scan(embeddings, near, progress=progress)


@jobs.job("Building the index without the hubs")
def _hub_recall(
    progress: Progress,
    embeddings: EmbeddingSet,
    graph: HnswGraph,
    params: HnswParams,
    rows: Rows,
) -> HubRemoval:
    return studies.hub_removal(graph, embeddings.vectors, params, rows, progress=progress)
