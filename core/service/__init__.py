"""What scripts and agents ask, as functions with frozen arguments and answers of plain JSON.

`pages/agents/` offers the same over HTTP and MCP. Each function takes the `Holdings` of who asks,
in which sets and indexes have names, and its arguments:

>>> from core.service import Build, Holdings, Load, build, load
>>> here = Holdings()
>>> data = load(here, Load(source="sample:digits"))
>>> data["rows"], data["classes"]
(1797, 10)
>>> build(here, Build(data=data["data"], m=4, ef_construction=10))["nodes_of_layers"][0]
1797
"""

from core.service.answers import Answer
from core.service.arguments import Arguments
from core.service.asking import ExplainMiss, Search, explain_miss, search
from core.service.calls import CALLS, Call
from core.service.deciding import Threshold, threshold
from core.service.holdings import Holdings
from core.service.indexing import Build, OpenIndex, build, open_index
from core.service.loading import Load, Sources, load, sources
from core.service.losing import LostItems, lost_items
from core.service.recalling import Recall, recall

__all__ = [
    "CALLS",
    "Answer",
    "Arguments",
    "Build",
    "Call",
    "ExplainMiss",
    "Holdings",
    "Load",
    "LostItems",
    "OpenIndex",
    "Recall",
    "Search",
    "Sources",
    "Threshold",
    "build",
    "explain_miss",
    "load",
    "lost_items",
    "open_index",
    "recall",
    "search",
    "sources",
    "threshold",
]
