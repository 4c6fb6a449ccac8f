"""Exports of vector databases, search engines and databases that hold vectors."""

import json
from collections.abc import Callable
from typing import Any

from .export import CATEGORIES, DIM, IDS, LISTS, TITLES, VECTORS, YEARS, Export, N

TITLE = {"title": TITLES}
TITLE_AND_CATEGORY = {"title": TITLES, "category": CATEGORIES}


def document(i: int) -> dict[str, Any]:
    return {"title": TITLES[i], "category": CATEGORIES[i], "year": YEARS[i]}


def whole(make: Callable[[], Any]) -> Callable[[], bytes]:
    return lambda: json.dumps(make(), ensure_ascii=False).encode()


def lines(make: Callable[[int], Any]) -> Callable[[], bytes]:
    return lambda: (
        "\n".join(json.dumps(make(i), ensure_ascii=False) for i in range(N)) + "\n"
    ).encode()


def weaviate_objects() -> Any:
    objects = [
        {
            "class": "Article",
            "creationTimeUnix": 1700000000000 + i,
            "id": f"00000000-0000-4000-8000-{i:012d}",
            "lastUpdateTimeUnix": 1700000000000 + i,
            "properties": document(i),
            "vector": LISTS[i],
            "vectorWeights": None,
        }
        for i in range(N)
    ]
    return {"deprecations": None, "objects": objects, "totalResults": N}


def weaviate_named(i: int) -> Any:
    return {
        "uuid": f"00000000-0000-4000-8000-{i:012d}",
        "properties": document(i),
        "vector": {"default": LISTS[i]},
        "references": None,
    }


def pinecone_fetch() -> Any:
    return {
        "vectors": {
            IDS[i]: {"id": IDS[i], "values": LISTS[i], "metadata": document(i)} for i in range(N)
        },
        "namespace": "example-namespace",
        "usage": {"readUnits": 1},
    }


def pinecone_query() -> Any:
    return {
        "matches": [
            {
                "id": IDS[i],
                "score": round(0.99 - i / 100, 2),
                "values": LISTS[i],
                "sparseValues": {"indices": [], "values": []},
                "metadata": document(i),
            }
            for i in range(N)
        ],
        "namespace": "",
        "usage": {"readUnits": 5},
    }


def milvus_bulk() -> Any:
    return {
        "rows": [
            {
                "id": i,
                "vector": LISTS[i],
                "scalar_1": TITLES[i],
                "$meta": {"category": CATEGORIES[i], "year": YEARS[i]},
            }
            for i in range(N)
        ]
    }


def qdrant_scroll(vector: Callable[[int], Any]) -> Callable[[], Any]:
    return lambda: {
        "result": {
            "points": [
                {"id": i, "payload": document(i), "vector": vector(i), "shard_key": "region_1"}
                for i in range(N)
            ],
            "next_page_offset": None,
        },
        "status": "ok",
        "time": 0.000123,
    }


def hit(i: int) -> dict[str, Any]:
    return {
        "_index": "articles",
        "_id": IDS[i],
        "_score": 1.0,
        "_source": document(i) | {"title_vector": LISTS[i]},
    }


def elasticsearch_scroll() -> Any:
    return {
        "_scroll_id": "FGluY2x1ZGVfY29udGV4dF91dWlkDXF1ZXJ5QW5kRmV0Y2gBFnNX",
        "took": 3,
        "timed_out": False,
        "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0},
        "hits": {
            "total": {"value": N, "relation": "eq"},
            "max_score": 1.0,
            "hits": [hit(i) for i in range(N)],
        },
    }


def elasticdump(i: int) -> Any:
    return {"_index": "articles", "_type": "_doc", "_id": IDS[i], "_score": 1} | {
        "_source": hit(i)["_source"]
    }


def opensearch_bulk_update() -> bytes:
    written: list[dict[str, Any]] = []
    for i in range(N):
        written.append({"update": {"_index": "articles", "_id": IDS[i], "retry_on_conflict": 3}})
        written.append({"doc": document(i) | {"vec": LISTS[i]}, "doc_as_upsert": True})
    return "".join(json.dumps(line) + "\n" for line in written).encode()


def solr_answer() -> Any:
    docs = [document(i) | {"id": IDS[i], "vector": LISTS[i], "_version_": 17e17} for i in range(N)]
    return {
        "responseHeader": {"status": 0, "QTime": 1, "params": {"q": "*:*", "rows": "1000"}},
        "response": {"numFound": N, "start": 0, "numFoundExact": True, "docs": docs},
    }


def azure_search() -> Any:
    return {
        "@odata.context": "https://demo.search.windows.net/indexes('articles')/$metadata#docs(*)",
        "@odata.count": N,
        "value": [
            {"@search.score": 1.0, "id": IDS[i], "contentVector": LISTS[i]} | document(i)
            for i in range(N)
        ],
    }


def redis_json() -> Any:
    return {f"article:{i}": document(i) | {"embedding": LISTS[i]} for i in range(N)}


def riot_redis(i: int) -> Any:
    value = document(i) | {"embedding": LISTS[i]}
    return {"key": f"article:{i}", "type": "json", "value": value, "ttl": -1, "memory": 0}


def vespa_feed(i: int) -> Any:
    return {
        "put": f"id:articles:article::{i}",
        "fields": document(i) | {"embedding": {"values": LISTS[i]}},
    }


def vespa_visit() -> Any:
    return [
        {
            "id": f"id:articles:article::{i}",
            "fields": document(i)
            | {"embedding": {"type": f"tensor<float>(x[{DIM}])", "values": LISTS[i]}},
        }
        for i in range(N)
    ]


def vespa_cells(i: int) -> Any:
    cells = [{"address": {"x": str(j)}, "value": value} for j, value in enumerate(LISTS[i])]
    return {
        "put": f"id:articles:article::{i}",
        "fields": document(i) | {"embedding": {"cells": cells}},
    }


def marqo_documents() -> Any:
    return {
        "results": [
            {"_id": IDS[i], "_found": True, "Title": TITLES[i], "Category": CATEGORIES[i]}
            | {"_tensor_facets": [{"Title": TITLES[i], "_embedding": LISTS[i]}]}
            for i in range(N)
        ]
    }


def mongo_relaxed(i: int) -> Any:
    return {"_id": {"$oid": f"{i:024x}"}} | document(i) | {"plot_embedding": LISTS[i]}


def mongo_canonical(i: int) -> Any:
    return {
        "_id": {"$oid": f"{i:024x}"},
        "title": TITLES[i],
        "year": {"$numberInt": str(YEARS[i])},
        "plot_embedding": [{"$numberDouble": str(value)} for value in LISTS[i]],
    }


def dynamodb_export(i: int) -> Any:
    return {
        "Item": {
            "pk": {"S": IDS[i]},
            "title": {"S": TITLES[i]},
            "year": {"N": str(YEARS[i])},
            "embedding": {"L": [{"N": str(value)} for value in LISTS[i]]},
        }
    }


def firestore_rest() -> Any:
    return {
        "documents": [
            {
                "name": f"projects/p/databases/(default)/documents/articles/{IDS[i]}",
                "fields": {
                    "title": {"stringValue": TITLES[i]},
                    "year": {"integerValue": str(YEARS[i])},
                    "embedding": {"arrayValue": {"values": [{"doubleValue": v} for v in LISTS[i]]}},
                },
                "createTime": "2024-05-01T10:00:00Z",
                "updateTime": "2024-05-01T10:00:00Z",
            }
            for i in range(N)
        ]
    }


def neo4j_json(i: int) -> Any:
    return {
        "type": "node",
        "id": str(i),
        "labels": ["Article"],
        "properties": document(i) | {"embedding": LISTS[i]},
    }


def firestore(i: int) -> Any:
    vector = {"__type__": "__vector__", "value": LISTS[i]}
    return document(i) | {"id": IDS[i], "embedding_field": vector}


def clickhouse_json() -> Any:
    return {
        "meta": [
            {"name": "id", "type": "UInt64"},
            {"name": "title", "type": "String"},
            {"name": "embedding", "type": "Array(Float32)"},
        ],
        "data": [{"id": str(i), "title": TITLES[i], "embedding": LISTS[i]} for i in range(N)],
        "rows": N,
        "statistics": {"elapsed": 0.00113, "rows_read": N, "bytes_read": 4096},
    }


def clickhouse_compact() -> Any:
    answer = clickhouse_json()
    answer["data"] = [[str(i), TITLES[i], LISTS[i]] for i in range(N)]
    return answer


def clickhouse_tab_separated() -> bytes:
    rows = [f"{i}\t{TITLES[i]}\t[{','.join(str(value) for value in LISTS[i])}]\n" for i in range(N)]
    return ("id\ttitle\tembedding\n" + "".join(rows)).encode()


def vectra() -> Any:
    return {
        "version": 1,
        "metadata_config": {},
        "items": [
            {
                "id": IDS[i],
                "metadata": {"text": TITLES[i], "category": CATEGORIES[i]},
                "vector": LISTS[i],
                "norm": float((VECTORS[i] ** 2).sum() ** 0.5),
            }
            for i in range(N)
        ],
    }


def llama_index() -> Any:
    return {
        "embedding_dict": dict(zip(IDS, LISTS, strict=True)),
        "text_id_to_ref_doc_id": {name: f"file-{i // 4}" for i, name in enumerate(IDS)},
        "metadata_dict": {
            IDS[i]: {"_node_type": "TextNode", "document_id": f"file-{i // 4}"} | document(i)
            for i in range(N)
        },
    }


def langchain_in_memory() -> Any:
    return {
        IDS[i]: {
            "id": IDS[i],
            "vector": LISTS[i],
            "text": TITLES[i],
            "metadata": {"source": f"file-{i // 4}.md", "category": CATEGORIES[i]},
        }
        for i in range(N)
    }


def haystack_store() -> Any:
    return {
        "bm25_tokenization_regex": r"(?u)\b\w\w+\b",
        "bm25_algorithm": "BM25L",
        "bm25_parameters": {},
        "embedding_similarity_function": "dot_product",
        "index": "2f0d5b1c",
        "documents": [
            {
                "id": IDS[i],
                "content": TITLES[i],
                "blob": None,
                "meta": {"category": CATEGORIES[i]},
                "score": None,
                "embedding": LISTS[i],
                "sparse_embedding": None,
            }
            for i in range(N)
        ],
    }


DATABASES = [
    Export(
        "Weaviate",
        "objects.json",
        "Weaviate, REST API, GET /v1/objects?include=vector",
        whole(weaviate_objects),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Weaviate named vector",
        "articles.jsonl",
        "Weaviate, Python client v4, collection.iterator(include_vector=True)",
        lines(weaviate_named),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Pinecone fetch",
        "fetch.json",
        "Pinecone, API reference, Fetch vectors",
        whole(pinecone_fetch),
        cells={**TITLE_AND_CATEGORY, "id": IDS},
    ),
    Export(
        "Pinecone query",
        "query.json",
        "Pinecone, API reference, Query with include_values",
        whole(pinecone_query),
        cells={**TITLE_AND_CATEGORY, "id": IDS},
    ),
    Export(
        "Milvus bulk insert",
        "rows.json",
        "Milvus, Prepare source data, Python BulkWriter, JSON with a dynamic field",
        whole(milvus_bulk),
        cells={"scalar_1": TITLES, "category": CATEGORIES},
    ),
    Export(
        "Qdrant one named vector",
        "points.json",
        "Qdrant, API reference, Scroll points",
        whole(qdrant_scroll(lambda i: {"text-dense": LISTS[i]})),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Qdrant two named vectors",
        "points.json",
        "Qdrant, API reference, Scroll points",
        whole(qdrant_scroll(lambda i: {"image": LISTS[i], "text": LISTS[N - 1 - i]})),
        refused=("image", "text"),
    ),
    Export(
        "Qdrant dense and sparse",
        "points.json",
        "Qdrant, Concepts, Vectors: sparse vectors beside dense ones",
        whole(
            qdrant_scroll(
                lambda i: {
                    "dense": LISTS[i],
                    "sparse": {"indices": list(range(i % 5 + 1)), "values": [0.5] * (i % 5 + 1)},
                }
            )
        ),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Elasticsearch scroll",
        "scroll.json",
        "Elastic, Elasticsearch API, Run a scrolling search",
        whole(elasticsearch_scroll),
        cells={**TITLE_AND_CATEGORY, "_id": IDS},
    ),
    Export(
        "elasticdump",
        "articles.json",
        "elasticsearch-dump, README: --type=data",
        lines(elasticdump),
        cells={**TITLE_AND_CATEGORY, "_id": IDS},
    ),
    Export(
        "OpenSearch bulk update",
        "bulk.ndjson",
        "OpenSearch, Document APIs, Bulk: update actions",
        opensearch_bulk_update,
        cells={**TITLE_AND_CATEGORY, "_id": IDS},
    ),
    Export(
        "Solr",
        "select.json",
        "Apache Solr Reference Guide, Response Writers: JSON",
        whole(solr_answer),
        cells={**TITLE_AND_CATEGORY, "id": IDS},
    ),
    Export(
        "Azure AI Search",
        "docs.json",
        "Microsoft Learn, Azure AI Search, Search Documents (REST)",
        whole(azure_search),
        cells={**TITLE_AND_CATEGORY, "id": IDS},
    ),
    Export(
        "Redis JSON by key",
        "dump.json",
        "Redis, JSON.GET of many keys as one object",
        whole(redis_json),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "RIOT file export",
        "redis.jsonl",
        "Redis Input/Output Tools, file-export to JSON lines",
        lines(riot_redis),
        cells={**TITLE_AND_CATEGORY, "key": [f"article:{i}" for i in range(N)]},
    ),
    Export(
        "Typesense",
        "documents.jsonl",
        "Typesense, Documents API, Export documents",
        lines(lambda i: {"embedding": LISTS[i], "id": str(i)} | document(i)),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Vespa feed",
        "feed.jsonl",
        "Vespa, Document JSON format: indexed tensor, values",
        lines(vespa_feed),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Vespa visit",
        "visit.json",
        "Vespa, vespa visit / Document JSON format: short form with type",
        whole(vespa_visit),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Vespa cells",
        "feed.jsonl",
        "Vespa, Document JSON format: verbose form, cells with address and value",
        lines(vespa_cells),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Marqo",
        "documents.json",
        "Marqo, Get multiple documents with expose_facets",
        whole(marqo_documents),
        cells={"Title": TITLES, "Category": CATEGORIES},
    ),
    Export(
        "mongoexport relaxed",
        "movies.json",
        "MongoDB, mongoexport, Extended JSON v2 relaxed",
        lines(mongo_relaxed),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "mongoexport canonical",
        "movies.json",
        "MongoDB, Extended JSON v2 canonical: $numberDouble",
        lines(mongo_canonical),
        cells=TITLE,
    ),
    Export(
        "DynamoDB export",
        "export.json",
        "AWS, DynamoDB, Exporting data to S3: DynamoDB JSON",
        lines(dynamodb_export),
        cells=TITLE,
    ),
    Export(
        "Neo4j APOC, JSON",
        "nodes.json",
        "Neo4j, APOC, apoc.export.json.all",
        lines(neo4j_json),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Firestore",
        "articles.jsonl",
        "Google Cloud, Firestore, vector values as maps of __type__ and value",
        lines(firestore),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "Firestore REST",
        "documents.json",
        "Google Cloud, Firestore, REST v1: Document and Value",
        whole(firestore_rest),
        cells={"title": TITLES, "year": YEARS},
    ),
    Export(
        "ClickHouse JSON",
        "articles.json",
        "ClickHouse, Formats: JSON",
        whole(clickhouse_json),
        cells=TITLE,
    ),
    Export(
        "ClickHouse JSONCompact",
        "articles.json",
        "ClickHouse, Formats: JSONCompact",
        whole(clickhouse_compact),
        cells=TITLE,
    ),
    Export(
        "ClickHouse TabSeparatedWithNames",
        "articles.tsv",
        "ClickHouse, Formats: TabSeparatedWithNames",
        clickhouse_tab_separated,
        cells=TITLE,
    ),
    Export(
        "Vectra",
        "index.json",
        "Vectra, local index folder: index.json",
        whole(vectra),
        cells={"text": TITLES, "category": CATEGORIES},
    ),
    Export(
        "LlamaIndex SimpleVectorStore",
        "default__vector_store.json",
        "LlamaIndex, SimpleVectorStore.persist",
        whole(llama_index),
        cells=TITLE_AND_CATEGORY,
    ),
    Export(
        "LangChain InMemoryVectorStore",
        "store.json",
        "LangChain, InMemoryVectorStore.dump",
        whole(langchain_in_memory),
        cells={"text": TITLES, "category": CATEGORIES},
    ),
    Export(
        "Haystack InMemoryDocumentStore",
        "documents.json",
        "Haystack, InMemoryDocumentStore.save_to_disk",
        whole(haystack_store),
        cells={"content": TITLES, "category": CATEGORIES},
    ),
]
