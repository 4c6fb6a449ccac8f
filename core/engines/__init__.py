"""One module per system, `recipe(setting) -> Recipe`; a new one is a module and a line."""

from collections.abc import Callable

from core.engines import elasticsearch, hnswlib, lancedb, opensearch, redis, weaviate
from core.engines.setting import Recipe, Setting

ENGINES: dict[str, Callable[[Setting], Recipe]] = {
    elasticsearch.NAME: elasticsearch.recipe,
    hnswlib.NAME: hnswlib.recipe,
    lancedb.NAME: lancedb.recipe,
    opensearch.NAME: opensearch.recipe,
    redis.NAME: redis.recipe,
    weaviate.NAME: weaviate.recipe,
}

__all__ = ["ENGINES", "Recipe", "Setting"]
