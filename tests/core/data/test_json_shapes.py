"""JSON of any shape: the rows are found by what stands where, with the other fields as columns."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data import read_embeddings
from core.data.readers.json_rows import rows_of
from core.errors import DataError
from tests.core.data.files import as_json, as_lines

N, DIM = 5, 8
VECTORS = np.random.default_rng(0).normal(size=(N, DIM)).round(4)
LISTS = VECTORS.tolist()
TEXTS = [f"word {i}" for i in range(N)]
IDS = [f"id{i}" for i in range(N)]


def each(make: Any) -> list[Any]:
    return [make(i) for i in range(N)]


def answer(order: tuple[int, ...]) -> dict[str, Any]:
    data = [{"object": "embedding", "index": i, "embedding": LISTS[i]} for i in order]
    return {"object": "list", "data": data, "model": "m", "usage": {"total_tokens": 9}}


DOCUMENTS: dict[str, tuple[Any, dict[str, list[Any]]]] = {
    "records": (each(lambda i: {"text": TEXTS[i], "embedding": LISTS[i]}), {"text": TEXTS}),
    "Chroma's get": (
        {
            "ids": IDS,
            "embeddings": LISTS,
            "documents": TEXTS,
            "metadatas": each(lambda i: {"lang": "en", "place": i}),
            "uris": None,
            "included": ["embeddings", "documents"],
        },
        {"ids": IDS, "documents": TEXTS, "place": list(range(N))},
    ),
    "Chroma's query": (
        {
            "ids": [IDS],
            "embeddings": [LISTS],
            "documents": [TEXTS],
            "metadatas": [each(lambda i: {"place": i})],
        },
        {"ids": IDS, "documents": TEXTS, "place": list(range(N))},
    ),
    "Chroma's query of two": (
        {"ids": [IDS[:2], IDS[2:]], "embeddings": [LISTS[:2], LISTS[2:]]},
        {"ids": IDS},
    ),
    "an answer in another order": (answer((3, 1, 0, 2, 4)), {"index": list(range(N))}),
    "an answer in base64": (
        {
            "data": each(
                lambda i: {
                    "index": i,
                    "embedding": base64.b64encode(VECTORS[i].astype("<f4").tobytes()).decode(),
                }
            ),
            "model": "m",
        },
        {"index": list(range(N))},
    ),
    "Elasticsearch": (
        {
            "took": 1,
            "_shards": {"total": 1},
            "hits": {
                "total": {"value": N},
                "hits": each(
                    lambda i: {
                        "_id": IDS[i],
                        "_score": 1.0,
                        "_source": {"title": TEXTS[i], "v": LISTS[i], "meta": {"lang": "de"}},
                    }
                ),
            },
        },
        {"_id": IDS, "title": TEXTS, "lang": ["de"] * N},
    ),
    "Qdrant": (
        {
            "result": {
                "points": each(
                    lambda i: {"id": i, "payload": {"title": TEXTS[i]}, "vector": LISTS[i]}
                ),
                "next_page_offset": None,
            },
            "status": "ok",
        },
        {"id": list(range(N)), "title": TEXTS},
    ),
    "Weaviate": (
        {
            "data": {
                "Get": {
                    "Article": each(
                        lambda i: {
                            "title": TEXTS[i],
                            "_additional": {"id": IDS[i], "vector": LISTS[i]},
                        }
                    )
                }
            }
        },
        {"title": TEXTS, "id": IDS},
    ),
    "Pinecone's fetch": (
        {
            "vectors": {
                IDS[i]: {"id": IDS[i], "values": LISTS[i], "metadata": {"t": TEXTS[i]}}
                for i in range(N)
            },
            "namespace": "",
            "usage": {"readUnits": 1},
        },
        {"id": IDS, "t": TEXTS},
    ),
    "Pinecone's matches with sparse values": (
        {
            "matches": each(
                lambda i: {
                    "id": IDS[i],
                    "values": LISTS[i],
                    "sparse_values": {"indices": [1, 2], "values": [0.5, 0.25]},
                    "metadata": {"t": TEXTS[i]},
                }
            )
        },
        {"id": IDS, "t": TEXTS},
    ),
    "Milvus": (
        {"data": [each(lambda i: {"id": i, "entity": {"vector": LISTS[i], "color": "red"}})]},
        {"id": list(range(N)), "color": ["red"] * N},
    ),
    "Supabase": (
        each(lambda i: {"id": i, "content": TEXTS[i], "embedding": json.dumps(LISTS[i])}),
        {"content": TEXTS},
    ),
    "Cohere": (
        {"id": "x", "texts": TEXTS, "embeddings": {"float": LISTS}, "meta": {"api": {"v": "2"}}},
        {"texts": TEXTS},
    ),
    "Hugging Face": (LISTS, {}),
    "LangChain": (
        {
            IDS[i]: {"id": IDS[i], "vector": LISTS[i], "text": TEXTS[i], "metadata": {"p": i}}
            for i in range(N)
        },
        {"id": IDS, "text": TEXTS, "p": list(range(N))},
    ),
    "LlamaIndex": (
        {
            "embedding_dict": dict(zip(IDS, LISTS, strict=True)),
            "text_id_to_ref_doc_id": dict.fromkeys(IDS, "d"),
            "metadata_dict": {name: {"file": f"f {name}"} for name in IDS},
        },
        {"name": IDS, "file": [f"f {name}" for name in IDS]},
    ),
    "pandas, by column": (
        {
            "embedding": {str(i): LISTS[i] for i in range(N)},
            "text": {str(i): TEXTS[i] for i in range(N)},
        },
        {"text": TEXTS},
    ),
    "pandas, by row": (
        {str(i): {"text": TEXTS[i], "embedding": LISTS[i]} for i in range(N)},
        {"text": TEXTS},
    ),
    "pandas, split": (
        {
            "columns": ["text", "embedding"],
            "index": list(range(N)),
            "data": each(lambda i: [TEXTS[i], LISTS[i]]),
        },
        {"text": TEXTS},
    ),
    "pandas, table": (
        {
            "schema": {"fields": [{"name": "text", "type": "string"}], "primaryKey": ["index"]},
            "data": each(lambda i: {"index": i, "text": TEXTS[i], "embedding": LISTS[i]}),
        },
        {"text": TEXTS},
    ),
    "pandas, values": (each(lambda i: [TEXTS[i], LISTS[i]]), {"0": TEXTS}),
    "pandas, lists": ({"text": TEXTS, "embedding": LISTS}, {"text": TEXTS}),
    "numbered lists": (
        {"text": TEXTS, **{f"e{j}": VECTORS[:, j].tolist() for j in range(DIM)}},
        {"text": TEXTS},
    ),
    "words": ({f"w{i}": LISTS[i] for i in range(N)}, {"name": [f"w{i}" for i in range(N)]}),
    "typed arrays": (
        each(lambda i: {"t": TEXTS[i], "embedding": dict(enumerate(LISTS[i]))}),
        {"t": TEXTS},
    ),
    "values in objects": (
        {"embeddings": each(lambda i: {"values": LISTS[i], "statistics": {"tokens": i}})},
        {"tokens": list(range(N))},
    ),
    "SQL service": (
        {
            "fields": [{"name": "text"}, {"name": "emb"}],
            "rows": each(lambda i: [TEXTS[i], LISTS[i]]),
        },
        {"text": TEXTS},
    ),
    "MongoDB": (
        each(
            lambda i: {
                "_id": {"$oid": f"{i:024x}"},
                "title": TEXTS[i],
                "plot": [{"$numberDouble": str(value)} for value in LISTS[i]],
            }
        ),
        {"_id": each(lambda i: f"{i:024x}"), "title": TEXTS},
    ),
    "lists side by side below": (
        {"tensors": 1, "data": {"train": {"features": LISTS, "names": TEXTS}}},
        {"names": TEXTS},
    ),
}

LINES: dict[str, tuple[list[Any], dict[str, list[Any]]]] = {
    "batch": (
        each(
            lambda i: {
                "custom_id": IDS[i],
                "response": {"status_code": 200, "body": answer((i,))},
                "error": None,
            }
        ),
        {"custom_id": IDS},
    ),
    "batch of several": (
        [{"custom_id": "a", "body": answer((0, 1))}, {"custom_id": "b", "body": answer((2, 3, 4))}],
        {"custom_id": ["a", "a", "b", "b", "b"]},
    ),
    "bulk": (
        [
            line
            for i in range(N)
            for line in ({"index": {"_id": IDS[i]}}, {"title": TEXTS[i], "v": LISTS[i]})
        ],
        {"_id": IDS, "title": TEXTS},
    ),
    "bulk with deletions and updates": (
        [
            {"delete": {"_id": "gone"}},
            *(
                line
                for i in range(N)
                for line in (
                    {"update": {"_id": IDS[i]}},
                    {"doc": {"title": TEXTS[i], "v": LISTS[i]}},
                )
            ),
        ],
        {"_id": IDS, "title": TEXTS},
    ),
    "lists": (LISTS, {}),
    "text and list": (each(lambda i: [TEXTS[i], LISTS[i]]), {"0": TEXTS}),
    "one word in each line": (each(lambda i: {TEXTS[i]: LISTS[i]}), {"name": TEXTS}),
    "pages of an answer": (
        [{"points": [{"id": i, "vector": LISTS[i]} for i in rows]} for rows in ((0, 1), (2, 3, 4))],
        {"id": list(range(N))},
    ),
}


def check(content: bytes, columns: dict[str, list[Any]]) -> None:
    found = read_embeddings(content, name="a.json")
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-6)
    for name, cells in columns.items():
        assert found.metadata[name].tolist() == cells


@pytest.mark.parametrize("shape", DOCUMENTS)
def test_one_document(shape: str) -> None:
    value, columns = DOCUMENTS[shape]
    check(as_json(value), columns)
    check(json.dumps(value, indent=2).encode(), columns)


@pytest.mark.parametrize("shape", LINES)
def test_one_value_after_another(shape: str) -> None:
    values, columns = LINES[shape]
    check(as_lines(*values), columns)
    check("\n\n".join(json.dumps(value, indent=1) for value in values).encode(), columns)


def test_what_was_done_is_said() -> None:
    def notes(content: bytes) -> tuple[str, ...]:
        return read_embeddings(content, name="a.json").notes

    said = notes(as_json(DOCUMENTS["an answer in another order"][0]))
    assert said[:3] == (
        "vectors taken from the column 'embedding'",
        "rows taken from 'data'",
        "rows put in the order of their 'index'",
    )
    assert "rows taken from 'hits.hits'" in notes(as_json(DOCUMENTS["Elasticsearch"][0]))
    assert "5 action lines joined with their documents" in notes(as_lines(*LINES["bulk"][0]))
    assert "2 objects hold 5 rows" in notes(as_lines(*LINES["batch of several"][0]))
    two = as_json(DOCUMENTS["Chroma's query of two"][0])
    assert "2 lists of answers put one after another" in notes(two)


def test_other_lists_of_vectors_are_named_as_not_used() -> None:
    parts = {
        "train": {"rows": each(lambda i: {"v": LISTS[i]})},
        "test": {"rows": [{"v": LISTS[0]}]},
    }
    found = read_embeddings(as_json(parts), name="parts.json")
    np.testing.assert_allclose(found.vectors, VECTORS, rtol=1e-6)
    assert "not used: 'test.rows' (1 row), which hold vectors as well" in found.notes


def test_a_table_of_too_many_columns_is_refused() -> None:
    wide = as_json({f"k{i}": 0.5 for i in range(20_001)})
    with pytest.raises(DataError, match=r"would have 20,001 columns, and at most 20,000 are read"):
        read_embeddings(wide, name="wide.json")


def test_alike_names_are_told_apart_by_their_path() -> None:
    rows = [{"id": i, "payload": {"id": f"p{i}", "title": "t"}, "v": LISTS[i]} for i in range(N)]
    found = read_embeddings(as_json(rows), name="a.json")
    assert list(found.metadata.columns) == ["id", "payload.id", "title"]
    assert found.metadata["payload.id"].tolist() == [f"p{i}" for i in range(N)]


def test_a_line_without_its_vector_is_named() -> None:
    lines = [*LINES["batch"][0][:4], {"custom_id": "x", "response": None, "error": {"code": 1}}]
    with pytest.raises(DataError, match=r"1 row \(4\) hold NaN, infinite or missing"):
        read_embeddings(as_lines(*lines), name="a.jsonl")
    assert read_embeddings(as_lines(*lines), name="a.jsonl", bad_rows="drop").n == 4


class TestHostile:
    @pytest.mark.parametrize(
        "text",
        ["[" * 100_000, '{"a":' * 100_000, "[" * 100_000 + "]" * 100_000, '{"v": ' + "[" * 5_000],
    )
    def test_deep_nesting(self, text: str) -> None:
        with pytest.raises(DataError, match=r"nested too deep|not JSON"):
            read_embeddings(text.encode(), name="a.json")

    def test_deep_objects_that_end(self) -> None:
        text = '{"a":' * 100 + "[1, 2]" + "}" * 100
        found = read_embeddings(f"{text}\n{text}".encode(), name="a.json")
        assert found.vectors.tolist() == [[1, 2], [1, 2]]

    def test_a_name_that_stands_twice(self) -> None:
        with pytest.raises(DataError, match=r"Line 2 .* the name 'v' stands twice in one object"):
            read_embeddings(b'{"v": [1, 2]}\n{"v": [1, 2], "v": [3, 4]}', name="a.jsonl")

    def test_whole_numbers_of_any_size(self) -> None:
        digits = b"9" * 30
        found = read_embeddings(b'{"v": [1, %s]}\n{"v": [2, 3]}' % digits, name="a.jsonl")
        assert found.vectors[0, 1] == np.float32(1e30)
        with pytest.raises(DataError, match="Line 1 is not JSON"):
            read_embeddings(b'{"v": [1, %s]}' % (b"9" * 5_000), name="a.jsonl")

    def test_words_for_numbers_that_are_none(self) -> None:
        content = b'{"v": [1, NaN]}\n{"v": [-Infinity, 2]}\n{"v": [3, 4]}'
        with pytest.raises(DataError, match=r"2 rows \(0, 1\) hold NaN, infinite"):
            read_embeddings(content, name="a.jsonl")

    def test_half_a_surrogate_pair_at_any_depth(self) -> None:
        for text in (b'[{"v": [1, 2], "a": {"b": ["\\uD83D"]}}]', b'{"x": {"\\udc00": [1, 2]}}'):
            with pytest.raises(DataError, match=r"Line 1 .* surrogates not allowed"):
                read_embeddings(text, name="a.json")

    def test_a_long_name(self) -> None:
        rows = [{"k" * 1_000_000: i, "v": LISTS[i]} for i in range(N)]
        assert read_embeddings(as_json(rows), name="a.json").n == N

    def test_objects_that_grow_beyond_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("NEARFIELD_MAX_UPLOAD_MB", "1")
        content = ("[" + "{}," * 30_000 + "{}]").encode()
        assert len(content) < 100_000
        with pytest.raises(DataError, match="The unpacked JSON is too large: 2 MB"):
            read_embeddings(content, name="a.json")

    def test_a_new_name_in_every_object_of_a_list(self) -> None:
        rows = [{"v": [1, 2], f"k{i}": 1} for i in range(4_000)]
        with pytest.raises(DataError, match=r"4,000 rows x 4,001 columns, most of them empty"):
            read_embeddings(as_json(rows), name="a.json")

    @given(st.binary(max_size=60) | st.text('[]{}":,0123.eE-+ntfu\\ \n', max_size=60))
    @settings(deadline=None, max_examples=200)
    def test_anything(self, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        try:
            read_embeddings(data, name="a.json")
        except DataError:
            return


NAMES = st.text("abcdefgh", min_size=1, max_size=6)
LEAVES = st.none() | st.booleans() | st.integers(-9, 9) | st.text("xyz ", max_size=8)
FIELDS = st.dictionaries(
    NAMES,
    st.recursive(LEAVES, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=4),
    max_size=4,
)


def place(path: list[str], value: Any, beside: dict[str, Any]) -> dict[str, Any]:
    """`value` at a path of names, each of its objects with other fields beside."""
    for name in reversed(path):
        value = {**beside, name: value}
    return dict(value)


class TestHidden:
    """Vectors at any path, among any other fields, are found with all rows."""

    @given(
        path=st.lists(NAMES, min_size=1, max_size=4),
        above=st.lists(NAMES, max_size=3),
        beside=FIELDS,
        outside=FIELDS,
        as_document=st.booleans(),
        data=st.data(),
    )
    @settings(deadline=None, max_examples=150)
    def test_rows(
        self,
        path: list[str],
        above: list[str],
        beside: dict[str, Any],
        outside: dict[str, Any],
        as_document: bool,
        data: st.DataObject,
    ) -> None:
        n, dim = data.draw(st.integers(2, 7)), data.draw(st.integers(2, 12))
        vectors = (np.arange(n * dim).reshape(n, dim) + 0.5).tolist()
        rows = [{**place(path, vector, beside), "zz": i} for i, vector in enumerate(vectors)]
        value = place(above, rows, outside) if above else rows
        content = as_json(value) if as_document else as_lines(*rows)
        found = read_embeddings(content, name="a.json")
        np.testing.assert_array_equal(found.vectors, vectors)
        assert found.metadata["zz"].tolist() == list(range(n))

    @given(path=st.lists(NAMES, max_size=3), outside=FIELDS, data=st.data())
    @settings(deadline=None, max_examples=100)
    def test_lists_side_by_side_and_names(
        self, path: list[str], outside: dict[str, Any], data: st.DataObject
    ) -> None:
        n, dim = data.draw(st.integers(2, 7)), data.draw(st.integers(2, 12))
        vectors = (np.arange(n * dim).reshape(n, dim) + 0.5).tolist()
        texts = [f"text {i}" for i in range(n)]
        for value, column in (
            ({"vv": vectors, "zz": texts}, "zz"),
            (dict(zip(texts, vectors, strict=True)), "name"),
        ):
            whole = place(path, value, outside) if path else value
            found = read_embeddings(as_json(whole), name="a.json")
            np.testing.assert_array_equal(found.vectors, vectors)
            assert found.metadata[column].tolist() == texts


def test_of_thousands_of_tables_side_by_side_the_largest_is_taken_with_its_siblings() -> None:
    rows = [{"id": place, "v": [place / 2, 1.5]} for place in range(3)]
    many: dict[str, Any] = {f"t{number}": rows for number in range(3_000)}
    many["most"] = [*rows, {"id": 9, "v": [0.25, 1.5]}]
    many["words"] = ["a", "b", "c", "d"]
    table, notes = rows_of([many])
    assert [row["id"] for row in table] == [0, 1, 2, 9]
    assert [row["words"] for row in table] == ["a", "b", "c", "d"]
    assert "t3" not in table[0]
    assert notes[0] == "rows taken from 'most'"


def test_objects_side_by_side_of_which_most_names_are_shared_are_joined() -> None:
    maps: dict[str, Any] = {f"other{n}": {f"x{n}": 1, f"y{n}": 2} for n in range(50)}
    maps |= {
        "vectors": {"a": [1.0, 2.0], "b": [3.0, 4.0], "c": [5.0, 6.0]},
        "words": {"a": "one", "b": "two"},
        "few": {"a": 1},
    }
    table, _ = rows_of([maps])
    assert table == [
        {"name": "a", "vectors": [1.0, 2.0], "words": "one"},
        {"name": "b", "vectors": [3.0, 4.0], "words": "two"},
        {"name": "c", "vectors": [5.0, 6.0], "words": None},
    ]
