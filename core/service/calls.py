"""All calls by name: what each does, its arguments, and the function that answers.

The descriptions of both surfaces, HTTP and MCP, are made of these, so a call is added here alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from core.progress import Progress
from core.service.answers import Answer
from core.service.arguments import Arguments
from core.service.asking import ExplainMiss, Search, explain_miss, search
from core.service.deciding import Threshold, threshold
from core.service.holdings import Holdings
from core.service.indexing import Build, OpenIndex, build, open_index
from core.service.loading import Load, Sources, load, sources
from core.service.losing import LostItems, lost_items
from core.service.recalling import Recall, recall


@dataclass(frozen=True)
class Call:
    """A call. title: in a few words. says: what it answers, for who decides whether to call it.

    arguments: their type. run: the function, which may take `long` or answers within a second.
    """

    title: str
    says: str
    arguments: type[Arguments]
    run: Callable[[Holdings, Any, Progress], Answer]
    long: bool = True

    @property
    def name(self) -> str:
        """Of the function, and of the call."""
        return self.run.__name__

    def answer(self, holdings: Holdings, asked: Arguments, *, progress: Progress) -> Answer:
        """The answer; raises CoreError."""
        return self.run(holdings, asked, progress)


CALLS = {
    call.name: call
    for call in (
        Call(
            "What can be loaded",
            "The samples, files and addresses that `load` takes here, and whether `search` and "
            "`explain_miss` take texts.",
            Sources,
            sources,
            long=False,
        ),
        Call(
            "Load data",
            "Read vectors with their metadata. The answer has the name of the data, which `build`, "
            "`open_index` and `threshold` take.",
            Load,
            load,
        ),
        Call(
            "Build an index",
            "Build an HNSW index of loaded data. The answer has the name of the index, which "
            "`recall`, `lost_items`, `search` and `explain_miss` take.",
            Build,
            build,
        ),
        Call(
            "Open an index file",
            "Open the file of an HNSW index of loaded data, as hnswlib, faiss, usearch or Chroma "
            "wrote it. The answer is that of `build`.",
            OpenIndex,
            open_index,
        ),
        Call(
            "Recall for every ef",
            "Mean recall@k with its 95 % interval, the worst 5 % of queries and the distance "
            "computations of a query for every ef, and the least ef that reaches a target.",
            Recall,
            recall,
        ),
        Call(
            "Lost items",
            "The items that the index does not find by their own vector, or that no search can "
            "reach: how many, by which cause, and the first of them by name.",
            LostItems,
            lost_items,
        ),
        Call(
            "A threshold",
            "What a threshold accepts on labeled data: FAR and TAR with intervals, the threshold "
            "in the units of several systems, OPIS (whether it serves all classes alike), and the "
            "classes that it serves worst.",
            Threshold,
            threshold,
        ),
        Call(
            "Search",
            "The nearest items that the index finds for an item, a vector or a text.",
            Search,
            search,
            long=False,
        ),
        Call(
            "Explain a miss",
            "What became of each true neighbor of an item, a vector or a text: found or why not, "
            "the least ef that returns it, and a path of links that leads to it.",
            ExplainMiss,
            explain_miss,
            long=False,
        ),
    )
}
