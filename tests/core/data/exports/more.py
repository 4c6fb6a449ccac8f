"""More exports, written after the readers were mended by the others."""

import io
import json
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from tests.core.data.files import as_arrow_stream, as_npz, as_zip

from .databases import document, lines, whole
from .export import CATEGORIES, DIM, IDS, LISTS, TITLES, VECTORS, YEARS, Export, N
from .warehouses import table
from .words import WORDS


def turbopuffer_columns() -> Any:
    return {
        "ids": IDS,
        "vectors": LISTS,
        "attributes": {"title": TITLES, "category": CATEGORIES, "year": YEARS},
    }


def elastic_inference(i: int) -> Any:
    source = document(i) | {
        "ml": {"inference": {"title": {"predicted_value": LISTS[i], "model_id": "e5"}}}
    }
    return {"_index": "articles", "_id": IDS[i], "_score": 1.0, "_source": source}


def opensearch_fields() -> Any:
    hits = [
        {"_id": IDS[i], "fields": {"title": [TITLES[i]], "year": [YEARS[i]], "vec": LISTS[i]}}
        for i in range(N)
    ]
    return {"took": 2, "hits": {"total": {"value": N, "relation": "eq"}, "hits": hits}}


def meilisearch() -> Any:
    results = [
        document(i)
        | {"id": i, "_vectors": {"default": {"embeddings": [LISTS[i]], "regenerate": False}}}
        for i in range(N)
    ]
    return {"results": results, "offset": 0, "limit": 100, "total": N}


def clarifai() -> Any:
    return {
        "status": {"code": 10000, "description": "Ok"},
        "outputs": [
            {
                "id": IDS[i],
                "input": {"data": {"text": {"raw": TITLES[i]}}},
                "data": {"embeddings": [{"vector": LISTS[i], "num_dimensions": DIM}]},
            }
            for i in range(N)
        ],
    }


def labelbox(i: int) -> Any:
    return {
        "data_row": {"id": IDS[i], "external_id": f"{i}.txt", "row_data": TITLES[i]},
        "embeddings": [{"id": "e1", "name": "CLIP ViT-B/32", "value": LISTS[i]}],
    }


def sklearn_bunch() -> Any:
    return {
        "data": LISTS,
        "target": [i % 3 for i in range(N)],
        "target_names": ["a", "b", "c"],
        "feature_names": [f"f {j}" for j in range(DIM)],
        "DESCR": "A set.",
    }


def tensorflow_js() -> Any:
    return {"shape": [N, DIM], "dtype": "float32", "values": [v for row in LISTS for v in row]}


def spark_json(i: int) -> Any:
    return {"id": IDS[i], "title": TITLES[i], "features": {"type": 1, "values": LISTS[i]}}


def fwrite() -> bytes:
    rows = [[IDS[i], TITLES[i], "|".join(map(str, LISTS[i]))] for i in range(N)]
    return table(rows, ["id", "title", "embedding"]).encode()


def julia() -> bytes:
    rows = [[IDS[i], TITLES[i], f"Float32[{', '.join(map(str, LISTS[i]))}]"] for i in range(N)]
    return table(rows, ["id", "title", "embedding"]).encode()


def oracle() -> bytes:
    rows = [[i, TITLES[i], "[" + ",".join(f"{v:.7E}" for v in LISTS[i]) + "]"] for i in range(N)]
    return table(rows, ["ID", "TITLE", "V"]).encode()


def csharp() -> bytes:
    return table(
        [[IDS[i], TITLES[i], "System.Single[]"] for i in range(N)], ["id", "t", "v"]
    ).encode()


def pg_dump() -> bytes:
    rows = "".join(f"{i}\t{TITLES[i]}\t[{','.join(map(str, LISTS[i]))}]\n" for i in range(N))
    return (
        "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\n"
        f"COPY public.items (id, title, embedding) FROM stdin;\n{rows}\\.\n\n"
    ).encode()


def mysqldump() -> bytes:
    rows = ",".join(f"({i},'{CATEGORIES[i]}','[{LISTS[i][0]}]')" for i in range(N))
    return f"-- MySQL dump 10.13\n\nINSERT INTO `items` VALUES {rows};\n".encode()


def printed_matrix() -> bytes:
    return np.array2string(VECTORS, threshold=10_000, precision=8).encode()


def glove_zip() -> bytes:
    def text(dim: int) -> bytes:
        rows = [f"{WORDS[i]} {' '.join(map(str, (LISTS[i] * 2)[:dim]))}\n" for i in range(N)]
        return "".join(rows).encode()

    return as_zip({f"glove.6B.{dim}d.txt": text(dim) for dim in (4, 8, 16)})


def hf_saved() -> bytes:
    members = {}
    for number, part in enumerate((slice(0, 10), slice(10, N))):
        made = pa.table(
            {"title": TITLES[part], "emb": pa.array(LISTS[part], pa.list_(pa.float32()))}
        )
        members[f"ds/data-0000{number}-of-00002.arrow"] = as_arrow_stream(made)
    return as_zip({**members, "ds/dataset_info.json": b"{}", "ds/state.json": b"{}"})


def layers_zip() -> bytes:
    def npy(array: np.ndarray) -> bytes:
        out = io.BytesIO()
        np.save(out, array)
        return out.getvalue()

    return as_zip({"layer_0.npy": npy(VECTORS), "layer_1.npy": npy(VECTORS[::-1].copy())})


def bigquery_shards() -> bytes:
    def shard(rows: range) -> bytes:
        return "".join(
            json.dumps({"title": TITLES[i], "embedding": LISTS[i]}) + "\n" for i in rows
        ).encode()

    return as_zip(
        {"bq-000000000000.json": shard(range(15)), "bq-000000000001.json": shard(range(15, N))}
    )


def phoenix() -> bytes:
    rows = [{"vector": LISTS[i], "raw_data": TITLES[i], "link_to_data": None} for i in range(N)]
    out = io.BytesIO()
    pd.DataFrame({"prediction_id": IDS, "document_embedding": rows}).to_parquet(out)
    return out.getvalue()


def named_vectors_below() -> Any:
    return {"model": "m", "dim": DIM, "vectors": dict(zip(IDS, LISTS, strict=True))}


MORE = [
    Export(
        "Turbopuffer, columns",
        "export.json",
        "turbopuffer, Export documents: columns",
        whole(turbopuffer_columns),
        cells={"ids": IDS, "title": TITLES, "category": CATEGORIES},
    ),
    Export(
        "Elasticsearch inference",
        "hits.jsonl",
        "Elastic, Inference processor: predicted_value",
        lines(elastic_inference),
        cells={"title": TITLES, "_id": IDS},
    ),
    Export(
        "OpenSearch fields",
        "search.json",
        "OpenSearch, Retrieve specific fields: values as lists",
        whole(opensearch_fields),
        cells={"_id": IDS, "title": TITLES},
    ),
    Export(
        "Meilisearch",
        "documents.json",
        "Meilisearch, Documents: retrieveVectors",
        whole(meilisearch),
        cells={"title": TITLES},
    ),
    Export(
        "Clarifai",
        "outputs.json",
        "Clarifai, Predict: text embeddings",
        whole(clarifai),
        cells={"raw": TITLES},
    ),
    Export(
        "Labelbox",
        "export.ndjson",
        "Labelbox, Export: embeddings",
        lines(labelbox),
        cells={"row_data": TITLES},
    ),
    Export(
        "scikit-learn Bunch",
        "bunch.json",
        "scikit-learn, utils.Bunch as JSON",
        whole(sklearn_bunch),
        cells={"target": [i % 3 for i in range(N)]},
        label="target",
    ),
    Export(
        "TensorFlow.js",
        "tensor.json",
        "TensorFlow.js, Tensor: shape and values",
        whole(tensorflow_js),
    ),
    Export(
        "Spark JSON of dense vectors",
        "part-0.json",
        "Apache Spark, VectorUDT.json: type and values",
        lines(spark_json),
        cells={"title": TITLES},
    ),
    Export(
        "data.table fwrite",
        "table.csv",
        "R data.table, fwrite: sep2",
        fwrite,
        cells={"title": TITLES},
    ),
    Export(
        "Julia CSV",
        "table.csv",
        "CSV.jl: a column of Vector{Float32}",
        julia,
        cells={"title": TITLES},
    ),
    Export("Oracle", "export.csv", "Oracle Database, FROM_VECTOR", oracle, cells={"TITLE": TITLES}),
    Export(
        "C# without its numbers",
        "export.csv",
        "Microsoft Learn, Object.ToString: the name of the type",
        csharp,
        refused=("System.Single[]", "the name of a type"),
    ),
    Export(
        "pg_dump",
        "items.sql",
        "PostgreSQL, pg_dump: COPY FROM stdin",
        pg_dump,
        refused=("This is an SQL dump",),
    ),
    Export(
        "mysqldump", "items.sql", "MySQL, mysqldump", mysqldump, refused=("This is an SQL dump",)
    ),
    Export("numpy print of a matrix", "vectors.txt", "NumPy, array2string", printed_matrix),
    Export(
        "GloVe zip",
        "glove.6B.zip",
        "GloVe, glove.6B.zip: one file for each number of dimensions",
        glove_zip,
        refused=("glove.6B.4d.txt", "glove.6B.16d.txt"),
    ),
    Export(
        "Hugging Face save_to_disk",
        "ds.zip",
        "Hugging Face Datasets, save_to_disk: shards",
        hf_saved,
        cells={"title": TITLES},
    ),
    Export(
        "two layers of a model",
        "layers.zip",
        "NumPy, numpy.save in a loop",
        layers_zip,
        refused=("layer_0", "layer_1", "Say which it is".lower()),
    ),
    Export(
        "BigQuery shards",
        "bq.zip",
        "Google Cloud, BigQuery, EXPORT DATA: wildcard",
        bigquery_shards,
        cells={"title": TITLES},
    ),
    Export(
        "Arize Phoenix",
        "phoenix.parquet",
        "Arize, Embedding column: vector, data, link",
        phoenix,
        cells={"raw_data": TITLES, "prediction_id": IDS},
    ),
    Export(
        "names to vectors below others",
        "vectors.json",
        "a model card beside names to vectors",
        whole(named_vectors_below),
        cells={"*": IDS},
    ),
    Export(
        "CLIP features",
        "features.npz",
        "openai/CLIP, README: image and text features",
        lambda: as_npz(image_features=VECTORS, text_features=VECTORS[::-1]),
        refused=("image_features", "text_features"),
    ),
    Export(
        "TorchServe",
        "predictions.json",
        "TorchServe, batch inference: answers by the numbers of the inputs",
        whole(lambda: {str(i): row for i, row in enumerate(LISTS)}),
        cells={"*": [str(i) for i in range(N)]},
    ),
    Export(
        "printed tensors",
        "log.txt",
        "PyTorch, torch.Tensor.__repr__, one a line",
        lambda: "".join(f"tensor({row})\n" for row in LISTS).encode(),
    ),
    Export(
        "Python source",
        "vectors.txt",
        "Python, print of a nested list after its name",
        lambda: f"embeddings = {LISTS}\n".encode(),
        refused=("do not fall into columns",),
    ),
    Export(
        "printed dicts",
        "log.txt",
        "Python, print of dicts, one a line",
        lambda: "".join(f"{{'id': '{i}', 'v': {row}}}\n" for i, row in enumerate(LISTS)).encode(),
        refused=("do not fall into columns",),
    ),
    Export(
        "Matrix Market",
        "vectors.mtx",
        "NIST, Matrix Market exchange formats",
        lambda: b"%%MatrixMarket matrix coordinate real general\n24 8 1\n1 1 0.5\n",
        refused=("This is a file of Matrix Market",),
    ),
]
