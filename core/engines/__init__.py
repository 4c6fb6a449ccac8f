"""One module per system: `recipe`, `memory` and `filtered`; a new one is a module and a line."""

from collections.abc import Callable
from typing import Protocol

from core.engines import (
    elasticsearch,
    faiss,
    hnswlib,
    lancedb,
    milvus,
    opensearch,
    pgvector,
    qdrant,
    redis,
    usearch,
    weaviate,
)
from core.engines.filtering import FilterAdvice, FilterCase
from core.engines.memory import EngineMemory
from core.engines.setting import Recipe, Setting
from core.studies import FilteredSearch
from core.studies.experiments.filtered_search_results import FilterCell


class Engine(Protocol):
    """What the module of a system has."""

    NAME: str

    def recipe(self, setting: Setting) -> Recipe:
        """The setting in the system's own words."""

    def memory(self, setting: Setting, n: int) -> EngineMemory:
        """What an index of `n` vectors takes."""

    def filtered(self, case: FilterCase) -> FilterAdvice:
        """What the system does with a filter, and what to set."""


MODULES: tuple[Engine, ...] = (
    elasticsearch,
    faiss,
    hnswlib,
    lancedb,
    milvus,
    opensearch,
    pgvector,
    qdrant,
    redis,
    usearch,
    weaviate,
)
ENGINES: dict[str, Callable[[Setting], Recipe]] = {each.NAME: each.recipe for each in MODULES}
MEMORY: dict[str, Callable[[Setting, int], EngineMemory]] = {
    each.NAME: each.memory for each in MODULES
}
FILTERING: dict[str, Callable[[FilterCase], FilterAdvice]] = {
    each.NAME: each.filtered for each in MODULES
}


def filter_advice(engine: str, study: FilteredSearch, cell: FilterCell) -> FilterAdvice:
    """What a system does with one filter of a study, and what to set, from what was measured.

    engine: a name of `ENGINES`.
    """
    return FILTERING[engine](FilterCase(study, cell))


__all__ = [
    "ENGINES",
    "FILTERING",
    "MEMORY",
    "EngineMemory",
    "FilterAdvice",
    "FilterCase",
    "Recipe",
    "Setting",
    "filter_advice",
]
