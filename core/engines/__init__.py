"""One module per system, `recipe(setting) -> Recipe`; a new one is a module and a line."""

from collections.abc import Callable

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
from core.engines.setting import Recipe, Setting

ENGINES: dict[str, Callable[[Setting], Recipe]] = {
    elasticsearch.NAME: elasticsearch.recipe,
    faiss.NAME: faiss.recipe,
    hnswlib.NAME: hnswlib.recipe,
    lancedb.NAME: lancedb.recipe,
    milvus.NAME: milvus.recipe,
    opensearch.NAME: opensearch.recipe,
    pgvector.NAME: pgvector.recipe,
    qdrant.NAME: qdrant.recipe,
    redis.NAME: redis.recipe,
    usearch.NAME: usearch.recipe,
    weaviate.NAME: weaviate.recipe,
}

__all__ = ["ENGINES", "Recipe", "Setting"]
