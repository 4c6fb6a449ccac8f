"""Recipes of databases: parsed, their limits, and what every recipe must say."""

import ast
import re
from dataclasses import replace
from typing import Any

import pytest

from core.distances import METRICS, Metric
from core.engines import ENGINES, Recipe, Setting, milvus, pgvector, qdrant

SETTING = Setting("cosine", 60_000, 64, 24, 180, 7, 45, 0.98765, 500)
PROMISE = "Measured: recall@7 of 0.9877 at ef 45, over 500 queries on 60,000 x 64 vectors."
URL = re.compile(r"https://[^\s),]+")


def calls(recipe: Recipe) -> dict[str, dict[str, str]]:
    """Keyword arguments as written, by the last part of what is called."""
    found = [node for node in ast.walk(ast.parse(recipe.code)) if isinstance(node, ast.Call)]
    return {
        ast.unparse(call.func).split(".")[-1]: {
            word.arg: ast.unparse(word.value) for word in call.keywords if word.arg
        }
        for call in found
    }


def statements(code: str) -> list[str]:
    """SQL statements without comments, on one line each."""
    kept = " ".join(line for line in code.splitlines() if not line.startswith("--"))
    *whole, rest = kept.split(";")
    assert rest.strip() == "", f"{rest!r} does not end in ;"
    return [" ".join(statement.split()) for statement in whole]


def comment_blocks(recipe: Recipe) -> list[str]:
    """Comments that stand on lines of their own, consecutive lines together."""
    mark = "--" if recipe.language == "sql" else "#"
    blocks: list[str] = []
    open_block = False
    for line in (text.strip() for text in recipe.code.splitlines()):
        if not line.startswith(mark):
            open_block = False
        elif open_block:
            blocks[-1] += "\n" + line
        else:
            blocks.append(line)
            open_block = True
    return blocks


def changed(module: Any, **change: Any) -> Recipe:
    return module.recipe(replace(SETTING, **change))


@pytest.mark.parametrize("name", ENGINES)
@pytest.mark.parametrize("metric", METRICS)
def test_every_recipe_says_what_was_measured_and_where_its_facts_stand(
    name: str, metric: Metric
) -> None:
    recipe = ENGINES[name](replace(SETTING, metric=metric))
    assert recipe.engine == name
    assert PROMISE in recipe.code
    assert len(set(URL.findall(recipe.code))) >= 2
    assert max(map(len, recipe.code.splitlines())) <= 100
    assert recipe.code.isascii()
    assert recipe.code.endswith("\n")
    if recipe.language == "python":
        ast.parse(recipe.code)


@pytest.mark.parametrize("name", ["Milvus", "Qdrant", "faiss", "hnswlib", "pgvector", "usearch"])
@pytest.mark.parametrize("metric", METRICS)
def test_every_block_of_comments_cites_a_page(name: str, metric: Metric) -> None:
    first, *claims = comment_blocks(ENGINES[name](replace(SETTING, metric=metric)))
    assert PROMISE in first
    assert len(claims) >= 3
    assert [claim for claim in claims if not URL.search(claim)] == []


@pytest.mark.parametrize("name", ENGINES)
def test_it_is_said_whose_graph_was_measured(name: str) -> None:
    """hnswlib builds the very graph that was measured, unless that came from a file."""

    def said(**changes: str) -> str:
        setting = replace(SETTING, **changes)  # type: ignore[arg-type]
        lines = comment_blocks(ENGINES[name](setting))[0].splitlines()
        return " ".join(line.lstrip("#- ") for line in lines)

    own = (
        f"It was measured on a graph that hnswlib built. {name} builds its own, which differs even "
        "where M and ef_construction are the same: check recall there, too"
    )
    assert (own in said()) == (name != "hnswlib")
    assert (
        f"It was measured on the graph of an opened file (usearch file). {name} builds another, "
        "which differs even where M and ef_construction are the same: check recall there, too"
    ) in said(graph="usearch file")


def test_engines_are_sorted() -> None:
    names = list(ENGINES)
    assert names == sorted(names, key=str.lower)


@pytest.mark.parametrize("module", [milvus, pgvector, qdrant], ids=lambda module: module.NAME)
def test_language_file_and_warnings_of_a_setting_that_fits(module: Any) -> None:
    recipe = module.recipe(SETTING)
    kind = {"sql": "sql", "python": "py"}[recipe.language]
    assert recipe.file_name == f"nearfield_{module.NAME.lower()}.{kind}"
    assert recipe.warnings == (() if module is pgvector else (module.SEGMENTS,))
    assert ENGINES[module.NAME] is module.recipe


@pytest.mark.parametrize(
    ("metric", "operator", "operators"),
    [
        ("cosine", "<=>", "vector_cosine_ops"),
        ("euclidean", "<->", "vector_l2_ops"),
        ("inner_product", "<#>", "vector_ip_ops"),
    ],
)
def test_pgvector_statements(metric: Metric, operator: str, operators: str) -> None:
    item = f"embedding {operator} (SELECT embedding FROM items WHERE id = 0)"
    assert statements(changed(pgvector, metric=metric).code) == [
        "CREATE EXTENSION IF NOT EXISTS vector",
        "CREATE TABLE items (id bigint PRIMARY KEY, embedding vector(64))",
        "COPY items (id, embedding) FROM '/path/to/items.tsv'",
        "SET maintenance_work_mem = '1GB'",
        f"CREATE INDEX ON items USING hnsw (embedding {operators}) "
        "WITH (m = 24, ef_construction = 180)",
        "SET hnsw.ef_search = 45",
        f"SELECT id, {item} AS distance FROM items WHERE id <> 0 ORDER BY {item} LIMIT 7",
    ]


@pytest.mark.parametrize("metric", METRICS)
def test_pgvector_brackets_and_quotes_are_balanced(metric: Metric) -> None:
    for dim in (64, 3_000):
        for statement in statements(changed(pgvector, metric=metric, dim=dim).code):
            assert statement.count("(") == statement.count(")")
            assert statement.count("'") % 2 == 0


def test_pgvector_indexes_many_dimensions_at_half_precision() -> None:
    assert pgvector.recipe(replace(SETTING, dim=2_000)).warnings == ()
    recipe = changed(pgvector, dim=2_001, metric="euclidean")
    _, table, _, _, index, _, query = statements(recipe.code)
    assert "embedding vector(2001))" in table
    assert "hnsw ((embedding::halfvec(2001)) halfvec_l2_ops)" in index
    column = "embedding::halfvec(2001)"
    assert f"ORDER BY {column} <-> (SELECT {column} FROM items WHERE id = 0) LIMIT 7" in query
    assert recipe.warnings == (
        "pgvector indexes a vector of at most 2,000 dimensions; yours are 2,001, so the index "
        "holds half precision (halfvec), and the measured recall may not hold.",
    )
    assert "half precision" in changed(pgvector, dim=4_000).warnings[0]
    assert changed(pgvector, dim=4_001).warnings == (
        "pgvector indexes at most 4,000 dimensions (halfvec); yours are 4,001, so no index can be "
        "created.",
    )


def pgvector_numbers(**change: int) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """m, ef_construction, hnsw.ef_search and LIMIT as written, and the warnings."""
    recipe = changed(pgvector, **change)
    text = " ".join(statements(recipe.code))
    pattern = r"m = (\d+), ef_construction = (\d+)\).*ef_search = (\d+) .*LIMIT (\d+)"
    found = re.search(pattern, text)
    assert found
    return tuple(int(number) for number in found.groups()), recipe.warnings


@pytest.mark.parametrize(
    ("change", "written", "warned"),
    [
        ({"m": 2}, (2, 180, 45, 7), ()),
        ({"m": 1}, (2, 180, 45, 7), ("m from 2 to 100; 1 became 2",)),
        ({"m": 100, "ef_construction": 200}, (100, 200, 45, 7), ()),
        (
            {"m": 101, "ef_construction": 200},
            (100, 200, 45, 7),
            ("m from 2 to 100; 101 became 100",),
        ),
        ({"ef_construction": 48}, (24, 48, 45, 7), ()),  # 2 m
        (
            {"ef_construction": 47},
            (24, 48, 45, 7),
            ("ef_construction (at m 24) from 48 to 1,000; 47 became 48",),
        ),
        ({"m": 2, "ef_construction": 4}, (2, 4, 45, 7), ()),
        (
            {"m": 2, "ef_construction": 3},
            (2, 4, 45, 7),
            ("ef_construction (at m 2) from 4 to 1,000; 3 became 4",),
        ),
        ({"ef_construction": 1_000}, (24, 1_000, 45, 7), ()),
        (
            {"ef_construction": 1_001},
            (24, 1_000, 45, 7),
            ("ef_construction (at m 24) from 48 to 1,000; 1,001 became 1,000",),
        ),
        ({"ef": 1_000}, (24, 180, 1_000, 7), ()),
        (
            {"ef": 1_001},
            (24, 180, 1_000, 7),
            ("hnsw.ef_search from 1 to 1,000; 1,001 became 1,000",),
        ),
        ({"k": 1, "ef": 1}, (24, 180, 2, 1), ()),  # the query's own row takes a place
        ({"ef": 3}, (24, 180, 8, 7), ()),
    ],
)
def test_limits_of_pgvector(
    change: dict[str, int], written: tuple[int, ...], warned: tuple[str, ...]
) -> None:
    numbers, warnings = pgvector_numbers(**change)
    assert numbers == written
    end = ", so the measured recall may not hold."
    assert warnings == tuple(f"pgvector takes {note}{end}" for note in warned)


def test_pgvector_returns_no_more_rows_than_its_beam() -> None:
    numbers, warnings = pgvector_numbers(k=1_001, ef=1_001)
    assert numbers == (24, 180, 1_000, 1_001)
    assert [note.split(" ", 3)[1] for note in warnings] == ["takes", "returns"]
    assert "at most 1,000 rows" in warnings[1]
    assert "you ask for 1,001" in warnings[1]


@pytest.mark.parametrize(
    ("metric", "distance", "score"),
    [
        ("cosine", "COSINE", "the score is the cosine: higher is nearer"),
        ("euclidean", "EUCLID", "The score is the distance, not squared: lower is nearer"),
        ("inner_product", "DOT", "The score is the dot product: higher is nearer"),
    ],
)
def test_qdrant_names(metric: Metric, distance: str, score: str) -> None:
    recipe = changed(qdrant, metric=metric)
    found = calls(recipe)
    assert found["VectorParams"] == {"size": "64", "distance": f"models.Distance.{distance}"}
    assert found["HnswConfigDiff"] == {"m": "24", "ef_construct": "180"}
    assert found["SearchParams"] == {"hnsw_ef": "45"}
    assert found["query_points"]["limit"] == "8"
    assert recipe.code.endswith(
        "for item in [point for point in found.points if point.id != 0][:7]:\n"
        "    print(item.id, item.score)\n"
    )
    assert score in recipe.code


@pytest.mark.parametrize(
    ("n", "dim", "size"),
    [
        (60_000, 64, 256_000),  # 15,000 KB fit into the usual largest segment
        (1_000_000, 768, 6_000_000),  # 4 x 768 x 1,000,000 / 1,024 = 3,000,000 KB, twice
    ],
)
def test_qdrant_keeps_the_data_in_one_segment(n: int, dim: int, size: int) -> None:
    found = calls(changed(qdrant, n=n, dim=dim))
    assert found["OptimizersConfigDiff"] == {
        "default_segment_number": "1",
        "max_segment_size": str(size),
    }


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({"ef_construction": 4}, None),
        ({"ef_construction": 3}, "takes ef_construct from 4 to "),
        ({"dim": 65_536}, None),
        ({"dim": 65_537}, "takes at most 65,536 dimensions; yours are 65,537."),
        ({"n": 40_000}, None),  # 4 x 64 x 40,000 / 1,024 = 10,000 KB
        ({"n": 39_997}, None),  # 9,999.25 KB, rounded up
        ({"n": 39_996}, "below 10,000 KB exactly; your vectors take 9,999 KB"),
    ],
)
def test_limits_of_qdrant(change: dict[str, int], warned: str | None) -> None:
    recipe = changed(qdrant, **change)
    assert recipe.warnings[0] == qdrant.SEGMENTS
    assert len(recipe.warnings) == (2 if warned else 1)
    assert (warned or "") in recipe.warnings[-1]
    written = int(calls(recipe)["HnswConfigDiff"]["ef_construct"])
    assert written == max(4, change.get("ef_construction", 180))


@pytest.mark.parametrize(
    ("metric", "name", "distance"),
    [
        ("cosine", "COSINE", "is the cosine: higher is nearer"),
        ("euclidean", "L2", "is squared"),
        ("inner_product", "IP", "is the dot product: higher is nearer"),
    ],
)
def test_milvus_names(metric: Metric, name: str, distance: str) -> None:
    recipe = changed(milvus, metric=metric)
    found = calls(recipe)
    assert found["add_index"] == {
        "index_type": "'HNSW'",
        "metric_type": f"'{name}'",
        "params": "{'M': 24, 'efConstruction': 180}",
    }
    assert found["add_field"]["dim"] == "64"  # of the vector, the last field
    assert found["search"]["limit"] == "7"
    assert found["search"]["filter"] == "'id != 0'"
    assert found["search"]["search_params"] == "{'params': {'ef': 45}}"
    assert f"The distance of {name} {distance}" in recipe.code


def test_milvus_seals_indexes_and_loads_before_it_searches() -> None:
    code = milvus.recipe(SETTING).code
    steps = ["insert", "flush", "create_index", "load_collection", "search"]
    places = [code.index(f"client.{step}(") for step in steps]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({"m": 2}, None),
        ({"m": 1}, "takes M from 2 to 2,048; 1 became 2"),
        ({"m": 2_048}, None),
        ({"m": 2_049}, "takes M from 2 to 2,048; 2,049 became 2,048"),
        ({"ef_construction": 1}, None),
        ({"ef_construction": 0}, "takes efConstruction from 1 to 2,147,483,647; 0 became 1"),
        ({"ef": 2**31 - 1}, None),
        ({"ef": 2**31}, "takes ef from 7 to 2,147,483,647; 2,147,483,648 became 2,147,483,647"),
        ({"ef": 3}, None),  # raised to k, as every search does
        ({"k": 16_384, "ef": 16_384}, None),
        ({"k": 16_385, "ef": 20_000}, "takes limit from 1 to 16,384; 16,385 became 16,384"),
        ({"dim": 2}, None),
        ({"dim": 1}, "takes 2 to 32,768 dimensions; yours are 1."),
        ({"dim": 32_768}, None),
        ({"dim": 32_769}, "takes 2 to 32,768 dimensions; yours are 32,769."),
        ({"n": 1_024}, None),
        ({"n": 1_023}, "builds no HNSW for fewer than 1,024 rows; yours are 1,023"),
    ],
)
def test_limits_of_milvus(change: dict[str, int], warned: str | None) -> None:
    recipe = changed(milvus, **change)
    assert recipe.warnings[0] == milvus.SEGMENTS
    assert len(recipe.warnings) == (2 if warned else 1)
    assert f"Milvus {warned or 'builds'}" in recipe.warnings[-1]


def test_milvus_searches_with_no_fewer_candidates_than_asked_for() -> None:
    for change, ef, k in (({"ef": 3}, 7, 7), ({"k": 20_000, "ef": 9}, 16_384, 16_384)):
        found = calls(changed(milvus, **change))["search"]
        assert found["search_params"] == f"{{'params': {{'ef': {ef}}}}}"
        assert found["limit"] == str(k)
