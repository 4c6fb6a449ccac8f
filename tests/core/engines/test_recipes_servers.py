"""Recipes of systems that are servers, parsed as their readers would parse them."""

import ast
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.distances import METRICS, Metric
from core.engines import (
    ENGINES,
    Recipe,
    Setting,
    elasticsearch,
    lancedb,
    opensearch,
    redis,
    weaviate,
)

SETTING = Setting("cosine", 20_000, 64, 24, 180, 7, 45, 0.98765, 500)
MODULES = [elasticsearch, lancedb, opensearch, redis, weaviate]
PYTHON = [lancedb, redis, weaviate]
METHODS = ("DELETE", "GET", "POST", "PUT")


def calls(recipe: Recipe) -> dict[str, ast.Call]:
    """Calls of the code by the last part of what is called; of several, the last one."""
    tree = ast.parse(recipe.code)
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {ast.unparse(call.func).split(".")[-1]: call for call in found}


def named(call: ast.Call) -> dict[str, str]:
    """Keyword arguments as they are written."""
    return {word.arg: ast.unparse(word.value) for word in call.keywords if word.arg}


def string(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def requests(recipe: Recipe) -> dict[str, list[Any]]:
    """JSON documents of a console's text, by the line of the request they follow."""
    bodies: dict[str, str] = {}
    line = ""
    for text in recipe.code.splitlines():
        if text.startswith(METHODS):
            line = text
            bodies[line] = ""
        elif not text.startswith("#"):
            assert line or not text, f"{text!r} stands before the first request"
            bodies[line] = bodies.get(line, "") + text + "\n"
    return {line: documents(body) for line, body in bodies.items()}


def documents(body: str) -> list[Any]:
    """One JSON document, or one on each line, as a bulk request has them."""
    if not body.strip():
        return []
    try:
        return [json.loads(body)]
    except json.JSONDecodeError:
        return [json.loads(row) for row in body.splitlines() if row]


def console(recipe: Callable[[Setting], Recipe], setting: Setting) -> tuple[Any, Any]:
    """Bodies of the requests that create the index and that search it."""
    sent = requests(recipe(setting))
    (create,) = sent["PUT items"]
    ((search,),) = [bodies for line, bodies in sent.items() if line.endswith("items/_search")]
    return create, search


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
@pytest.mark.parametrize("metric", METRICS)
def test_a_recipe_says_what_was_measured_and_where_its_facts_stand(
    module: Any, metric: Metric
) -> None:
    recipe = module.recipe(replace(SETTING, metric=metric))
    assert ENGINES[module.NAME] is module.recipe
    assert recipe.engine == module.NAME
    assert recipe.code.startswith(
        "# Measured: recall@7 of 0.9877 at ef 45, over 500 queries on 20,000 x 64 vectors.\n"
    )
    assert recipe.code.endswith("\n")
    assert max(map(len, recipe.code.splitlines())) <= 100
    assert len(set(re.findall(r"https://[^\s)]+", recipe.code))) >= 2


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.NAME)
def test_language_file_and_warnings_of_a_setting_that_fits(module: Any) -> None:
    recipe = module.recipe(SETTING)
    python = module in PYTHON
    name = module.NAME.lower()
    assert recipe.language == ("python" if python else "json")
    assert recipe.file_name == f"nearfield_{name}.{'py' if python else 'txt'}"
    fixed = {
        "Elasticsearch": (elasticsearch.SEGMENTS, elasticsearch.EARLY),
        "LanceDB": (lancedb.PARTITIONS,),
        "OpenSearch": (opensearch.SEGMENTS,),
    }
    assert recipe.warnings == fixed.get(module.NAME, ())


@pytest.mark.parametrize(
    ("metric", "distance"),
    [("cosine", "COSINE"), ("euclidean", "L2_SQUARED"), ("inner_product", "DOT")],
)
def test_weaviate_names(metric: Metric, distance: str) -> None:
    found = calls(weaviate.recipe(replace(SETTING, metric=metric)))
    assert named(found["hnsw"]) == {
        "distance_metric": f"VectorDistances.{distance}",
        "max_connections": "24",
        "ef_construction": "180",
        "ef": "45",
    }
    assert named(found["sharding"]) == {"desired_count": "1"}
    assert named(found["self_provided"])["quantizer"].endswith("Quantizer.none()")
    assert named(found["near_vector"])["limit"] == "8"
    code = weaviate.recipe(SETTING).code
    assert 'others = [item for item in found.objects if item.properties["row"] != 0]' in code
    assert "for item in others[:7]:" in code


@pytest.mark.parametrize(
    ("metric", "distance"), [("cosine", "cosine"), ("euclidean", "l2"), ("inner_product", "dot")]
)
def test_lancedb_has_one_partition_of_raw_vectors(metric: Metric, distance: str) -> None:
    recipe = lancedb.recipe(replace(SETTING, metric=metric))
    found = calls(recipe)
    assert named(found["HnswFlat"]) == {
        "distance_type": f"'{distance}'",
        "num_partitions": "1",
        "m": "24",
        "ef_construction": "180",
    }
    query = ast.unparse(found["limit"])
    chain = f".distance_type('{distance}').nprobes(1).ef(45).limit(8)"
    assert recipe.code.endswith('print([row for row in rows if row["row"] != 0][:7])\n')
    assert query == "items.search(vectors[0])" + chain


@pytest.mark.parametrize(
    ("metric", "name"), [("cosine", "COSINE"), ("euclidean", "L2"), ("inner_product", "IP")]
)
def test_redis_counts_its_attributes(metric: Metric, name: str) -> None:
    found = calls(redis.recipe(replace(SETTING, metric=metric)))
    (command,) = [node for node in ast.walk(found["execute_command"]) if string(node)]
    words = ast.literal_eval(command).split()
    start = words.index("HNSW")
    before = " ".join(words[:start])
    assert before == "FT.CREATE items ON HASH PREFIX 1 item: SCHEMA vector VECTOR"
    attributes = words[start + 2 :]
    assert int(words[start + 1]) == len(attributes) == 12
    assert dict(zip(attributes[::2], attributes[1::2], strict=True)) == {
        "TYPE": "FLOAT32",
        "DIM": "64",
        "DISTANCE_METRIC": name,
        "M": "24",
        "EF_CONSTRUCTION": "180",
        "EF_RUNTIME": "45",
    }


def test_redis_asks_for_as_many_as_it_shows() -> None:
    found = calls(redis.recipe(SETTING))
    text = ast.literal_eval(found["Query"].args[0])
    assert text == "*=>[KNN 8 @vector $query EF_RUNTIME $ef AS distance]"
    assert 'if item.id != "item:0"][:7]:' in redis.recipe(SETTING).code
    assert ast.unparse(found["dialect"]).endswith(
        ".sort_by('distance').paging(0, 8).return_fields('distance').dialect(2)"
    )
    parameters = ast.unparse(found["search"].args[1])
    assert parameters == "{'query': vectors[0].tobytes(), 'ef': 45}"


@pytest.mark.parametrize(
    ("metric", "similarity"),
    [("cosine", "cosine"), ("euclidean", "l2_norm"), ("inner_product", "max_inner_product")],
)
def test_elasticsearch_bodies(metric: Metric, similarity: str) -> None:
    create, search = console(elasticsearch.recipe, replace(SETTING, metric=metric))
    assert create == {
        "settings": {"number_of_shards": 1},
        "mappings": {
            "properties": {
                "vector": {
                    "type": "dense_vector",
                    "dims": 64,
                    "similarity": similarity,
                    "index_options": {"type": "hnsw", "m": 24, "ef_construction": 180},
                }
            }
        },
    }
    vector = search["knn"].pop("query_vector")
    assert search == {
        "size": 7,
        "_source": False,
        "knn": {"field": "vector", "k": 7, "num_candidates": 45},
    }
    assert vector == [0.3, 0.2, 0.1]  # no item: see the bulk request


@pytest.mark.parametrize(
    ("metric", "space"),
    [("cosine", "cosinesimil"), ("euclidean", "l2"), ("inner_product", "innerproduct")],
)
def test_opensearch_bodies(metric: Metric, space: str) -> None:
    create, search = console(opensearch.recipe, replace(SETTING, metric=metric))
    assert create["settings"]["index"] == {
        "knn": True,
        "number_of_shards": 1,
        "knn.algo_param.ef_search": 45,
        "knn.advanced.approximate_threshold": 0,
    }
    assert create["mappings"]["properties"]["vector"] == {
        "type": "knn_vector",
        "dimension": 64,
        "method": {
            "name": "hnsw",
            "engine": "faiss",
            "space_type": space,
            "parameters": {"m": 24, "ef_construction": 180},
        },
    }
    knn = search["query"]["knn"]["vector"]
    assert (search["size"], knn["k"], knn["method_parameters"]) == (7, 7, {"ef_search": 45})
    assert knn["vector"] == [0.3, 0.2, 0.1]  # no item: see the bulk request


@pytest.mark.parametrize("module", [elasticsearch, opensearch], ids=lambda module: module.NAME)
def test_console_requests_come_in_the_order_they_are_to_be_sent(module: Any) -> None:
    sent = requests(module.recipe(SETTING))
    expected = {
        "Elasticsearch": ["POST items/_search"],
        "OpenSearch": ["GET _plugins/_knn/warmup/items", "GET items/_search"],
    }
    assert list(sent) == [
        "PUT items",
        "POST items/_bulk?refresh=true",
        "POST items/_forcemerge?max_num_segments=1",
        *expected[module.NAME],
    ]
    action, document = sent["POST items/_bulk?refresh=true"]
    assert action == {"index": {"_id": "0"}}
    assert document == {"vector": [0.1, 0.2, 0.3]}


LIMITS = [
    (weaviate, "m", "maxConnections", "hnsw", "max_connections", 4, 2_047),
    (weaviate, "ef_construction", "efConstruction", "hnsw", "ef_construction", 4, None),
    (lancedb, "m", "m", "HnswFlat", "m", 4, None),
    (lancedb, "ef_construction", "ef_construction", "HnswFlat", "ef_construction", 24, None),
]


@pytest.mark.parametrize(
    ("module", "field", "name", "call", "argument", "low", "high"),
    LIMITS,
    ids=[f"{limit[0].NAME} {limit[1]}" for limit in LIMITS],
)
def test_limits_of_python_recipes(
    module: Any, field: str, name: str, call: str, argument: str, low: int, high: int | None
) -> None:
    usual = module.recipe(SETTING).warnings

    def taken(value: int) -> tuple[int, tuple[str, ...]]:
        change: dict[str, Any] = {field: value}
        recipe = module.recipe(replace(SETTING, **change))
        return int(named(calls(recipe)[call])[argument]), recipe.warnings

    assert taken(low) == (low, usual)
    kept, warnings = taken(low - 1)
    assert kept == low
    assert warnings[: len(usual)] == usual
    (warning,) = warnings[len(usual) :]
    assert warning.startswith(f"{module.NAME} takes {name} from {low} to ")
    assert f"; {low - 1} became {low}, " in warning
    if high:
        assert taken(high) == (high, usual)
        assert taken(high + 1)[0] == high
        assert f"{high + 1:,} became {high:,}" in taken(high + 1)[1][-1]


def redis_m(m: int) -> tuple[str, tuple[str, ...]]:
    recipe = redis.recipe(replace(SETTING, m=m))
    found = re.search(r" COSINE M (\d+) ", recipe.code)
    assert found
    return found[1], recipe.warnings


def test_limits_of_redis() -> None:
    assert redis_m(2) == ("2", ())
    assert redis_m(1) == (
        "2",
        ("Redis takes M from 2 to 32,767; 1 became 2, so the measured recall may not hold.",),
    )
    assert redis_m(32_767) == ("32767", ())  # 2 x 32,767 = 65,534 fits 16 bits, 2 x 32,768 not
    assert redis_m(32_768)[0] == "32767"
    assert "32,768 became 32,767" in redis_m(32_768)[1][0]


@pytest.mark.parametrize(
    ("change", "warned", "path", "written"),
    [
        ({"m": 512}, None, "m", 512),
        ({"m": 513}, "m from 1 to 512; 513 became 512", "m", 512),
        ({"ef_construction": 3_200}, None, "ef_construction", 3_200),
        (
            {"ef_construction": 3_201},
            "ef_construction from 1 to 3,200; 3,201 became 3,200",
            "ef_construction",
            3_200,
        ),
        ({"ef": 10_000}, None, "num_candidates", 10_000),
        (
            {"ef": 10_001},
            "num_candidates from 7 to 10,000; 10,001 became 10,000",
            "num_candidates",
            10_000,
        ),
        ({"k": 10_000, "ef": 10_000}, None, "k", 10_000),
        ({"k": 10_001, "ef": 10_001}, "k from 1 to 10,000; 10,001 became 10,000", "k", 10_000),
        ({"ef": 3}, None, "num_candidates", 7),
        ({"dim": 4_096}, None, "dims", 4_096),
        ({"dim": 4_097}, "at most 4,096 dimensions; yours are 4,097", "dims", 4_097),
    ],
)
def test_limits_of_elasticsearch(
    change: dict[str, Any], warned: str | None, path: str, written: int
) -> None:
    setting = replace(SETTING, **change)
    create, search = console(elasticsearch.recipe, setting)
    field = create["mappings"]["properties"]["vector"]
    assert (field | field["index_options"] | search["knn"])[path] == written
    assert search["size"] == search["knn"]["k"] <= search["knn"]["num_candidates"]
    more = elasticsearch.recipe(setting).warnings[2:]
    assert bool(more) == bool(warned)
    assert not warned or f"Elasticsearch takes {warned}" in more[0]


@pytest.mark.parametrize(
    ("change", "warned", "path", "written"),
    [
        ({"m": 100}, None, "m", 100),
        ({"m": 101}, "OpenSearch advises an m of at most 100; 101 was kept.", "m", 101),
        ({"k": 10_000, "ef": 10_000}, None, "k", 10_000),
        (
            {"k": 10_001, "ef": 12_000},
            "OpenSearch takes k from 1 to 10,000; 10,001 became 10,000, so the measured recall "
            "may not hold.",
            "k",
            10_000,
        ),
        ({"ef": 3}, None, "ef_search", 7),
        ({"ef": 50_000}, None, "ef_search", 50_000),
        ({"dim": 16_000}, None, "dimension", 16_000),
        (
            {"dim": 16_001},
            "OpenSearch takes at most 16,000 dimensions; yours are 16,001.",
            "dimension",
            16_001,
        ),
    ],
)
def test_limits_of_opensearch(
    change: dict[str, Any], warned: str | None, path: str, written: int
) -> None:
    setting = replace(SETTING, **change)
    create, search = console(opensearch.recipe, setting)
    field = create["mappings"]["properties"]["vector"]
    knn = search["query"]["knn"]["vector"]
    everything = field | field["method"]["parameters"] | knn | knn["method_parameters"]
    assert everything[path] == written
    index_ef = create["settings"]["index"]["knn.algo_param.ef_search"]
    assert index_ef == knn["method_parameters"]["ef_search"]
    assert search["size"] == knn["k"]
    assert opensearch.recipe(setting).warnings[1:] == ((warned,) if warned else ())


@pytest.mark.parametrize("module", [lancedb, weaviate], ids=lambda module: module.NAME)
def test_an_ef_below_what_is_asked_for_is_raised_to_it(module: Any) -> None:
    code = module.recipe(replace(SETTING, ef=3)).code
    assert re.findall(r"\bef[=(](\d+)", code) == ["8"]  # k and the query itself


def test_lancedb_builds_with_no_fewer_candidates_than_links() -> None:
    recipe = lancedb.recipe(replace(SETTING, m=3, ef_construction=2))
    arguments = named(calls(recipe)["HnswFlat"])
    assert (arguments["m"], arguments["ef_construction"]) == ("4", "4")
    assert [note.split(",", 1)[0] for note in recipe.warnings[1:]] == [
        "LanceDB takes m from 4 to 4",
        "LanceDB takes ef_construction from 4 to 4",
    ]
