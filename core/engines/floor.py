"""A threshold as each system takes it: a condition or a parameter, in its own unit and direction.

After the systems' own documentation: pgvector's operators, Qdrant's `score_threshold`, Milvus's
range search (its L2 is squared), Weaviate's `distance` (its l2-squared and dot), Elasticsearch's
`similarity` of a kNN search, faiss's `range_search` (L2 squared; inner product on unit vectors is
the cosine).
"""

from core.distances import Metric
from core.metrics import units_of

_LINES: dict[Metric, tuple[tuple[str, str, str], ...]] = {
    "cosine": (
        ("pgvector", "cosine distance", "WHERE embedding <=> :query <= {}"),
        ("Qdrant", "cosine similarity", "score_threshold={}"),
        (
            "Milvus",
            "cosine similarity",
            'search_params={{"metric_type": "COSINE", "params": {{"radius": {}}}}}',
        ),
        ("Weaviate", "cosine distance", "near_vector(query, distance={})"),
        ("Elasticsearch", "cosine similarity", '"knn": {{"similarity": {}, ...}}'),
        ("faiss, unit vectors", "cosine similarity", "index_ip.range_search(queries, {})"),
    ),
    "euclidean": (
        ("pgvector", "L2 distance", "WHERE embedding <-> :query <= {}"),
        ("Qdrant", "L2 distance", "score_threshold={}"),
        (
            "Milvus",
            "squared L2 distance",
            'search_params={{"metric_type": "L2", "params": {{"radius": {}}}}}',
        ),
        ("Weaviate", "squared L2 distance", "near_vector(query, distance={})"),
        ("Elasticsearch", "L2 distance", '"knn": {{"similarity": {}, ...}}'),
        ("faiss", "squared L2 distance", "index_l2.range_search(queries, {})"),
    ),
    "inner_product": (
        ("pgvector", "negative inner product", "WHERE embedding <#> :query <= {}"),
        ("Qdrant", "inner product", "score_threshold={}"),
        (
            "Milvus",
            "inner product",
            'search_params={{"metric_type": "IP", "params": {{"radius": {}}}}}',
        ),
        ("Weaviate", "negative inner product", "near_vector(query, distance={})"),
        ("faiss", "inner product", "index_ip.range_search(queries, {})"),
    ),
}
DIGITS = 6


def threshold_lines(metric: Metric, score: float) -> list[tuple[str, str]]:
    """(system, line of code) of a threshold, a score of `core.metrics.score_pairs`.

    >>> threshold_lines("cosine", 0.6)[0]
    ('pgvector', 'WHERE embedding <=> :query <= 0.4')
    """
    units = {unit.name: unit for unit in units_of(metric)}
    return [
        (system, line.format(f"{float(units[name].of(score)):.{DIGITS}g}"))
        for system, name, line in _LINES[metric]
    ]
