"""Answers of embedding services and of servers of models."""

import base64
import json
from typing import Any

import numpy as np

from .databases import lines, whole
from .export import CATEGORIES, DIM, IDS, LISTS, TITLES, VECTORS, Export, N

BATCH = 4  # inputs of one request


def cohere_by_type() -> Any:
    return {
        "id": "da6e531f-54c5-4a73-bf92-f60566d8d753",
        "embeddings": {"float": LISTS},
        "texts": TITLES,
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": 96}},
        "response_type": "embeddings_by_type",
    }


def cohere_two_types() -> Any:
    answer = cohere_by_type()
    answer["embeddings"]["int8"] = np.round(VECTORS * 100).astype(int).tolist()
    return answer


def cohere_v1() -> Any:
    return cohere_by_type() | {"embeddings": LISTS, "response_type": "embeddings_floats"}


def openai_list(vector: Any) -> Any:
    return {
        "object": "list",
        "data": [{"object": "embedding", "embedding": vector(i), "index": i} for i in range(N)],
        "model": "voyage-3",
        "usage": {"total_tokens": 96},
    }


def openai_batch_of_lists() -> bytes:
    written = []
    for start in range(0, N, BATCH):
        data = [
            {"object": "embedding", "index": j, "embedding": LISTS[start + j]} for j in range(BATCH)
        ]
        body = {
            "object": "list",
            "data": data,
            "model": "text-embedding-3-small",
            "usage": {"prompt_tokens": 20, "total_tokens": 20},
        }
        written.append(
            {
                "id": f"batch_req_{start}",
                "custom_id": f"request-{start // BATCH}",
                "response": {"status_code": 200, "request_id": f"r{start}", "body": body},
                "error": None,
            }
        )
    return "".join(json.dumps(line) + "\n" for line in written).encode()


def openai_batch_one_failed(i: int) -> Any:
    body: Any = {"object": "list", "data": [{"object": "embedding", "embedding": LISTS[i]}]}
    status = 200
    if i == 5:
        status, body = 400, {"error": {"message": "Too long.", "type": "invalid_request_error"}}
    return {
        "id": f"batch_req_{i}",
        "custom_id": IDS[i],
        "response": {"status_code": status, "request_id": f"r{i}", "body": body},
        "error": None,
    }


def vertex_batch(i: int) -> Any:
    return {
        "instance": {"content": TITLES[i]},
        "predictions": [
            {
                "embeddings": {
                    "statistics": {"token_count": 5 + i % 3, "truncated": False},
                    "values": LISTS[i],
                }
            }
        ],
        "status": "",
    }


def bedrock_batch(i: int) -> Any:
    return {
        "recordId": f"CALL{i:07d}",
        "modelInput": {"inputText": TITLES[i]},
        "modelOutput": {
            "embedding": LISTS[i],
            "embeddingsByType": {"float": LISTS[i]},
            "inputTextTokenCount": 5 + i % 3,
        },
    }


def ollama() -> Any:
    return {
        "model": "all-minilm",
        "embeddings": LISTS,
        "total_duration": 14143917,
        "load_duration": 1019500,
        "prompt_eval_count": 8,
    }


def deepface() -> Any:
    return [
        [
            {
                "embedding": LISTS[i],
                "facial_area": {"x": 10 + i, "y": 20, "w": 90, "h": 91, "left_eye": [40, 50]},
                "face_confidence": 0.97,
            }
        ]
        for i in range(N)
    ]


def float32_array(i: int) -> Any:
    vector = {str(j): value for j, value in enumerate(LISTS[i])}
    return {"text": TITLES[i], "embedding": vector}


def transformers_js() -> Any:
    flat = [value for row in LISTS for value in row]
    return {
        "dims": [N, DIM],
        "type": "float32",
        "data": {str(j): value for j, value in enumerate(flat)},
        "size": N * DIM,
    }


def triton() -> Any:
    flat = [value for row in LISTS for value in row]
    return {
        "model_name": "encoder",
        "model_version": "1",
        "outputs": [{"name": "pooled", "datatype": "FP32", "shape": [N, DIM], "data": flat}],
    }


def dataset_viewer() -> Any:
    return {
        "features": [
            {"feature_idx": 0, "name": "title", "type": {"dtype": "string", "_type": "Value"}},
            {
                "feature_idx": 1,
                "name": "emb",
                "type": {"feature": {"dtype": "float32", "_type": "Value"}, "_type": "List"},
            },
        ],
        "rows": [
            {"row_idx": i, "row": {"title": TITLES[i], "emb": LISTS[i]}, "truncated_cells": []}
            for i in range(N)
        ],
        "num_rows_total": N,
        "num_rows_per_page": 100,
        "partial": False,
    }


def label_studio() -> Any:
    return [
        {
            "id": i + 1,
            "annotations": [
                {
                    "id": 100 + i,
                    "completed_by": 1,
                    "result": [
                        {
                            "value": {"choices": [CATEGORIES[i]]},
                            "id": f"x{i}",
                            "from_name": "topic",
                            "to_name": "text",
                            "type": "choices",
                        }
                    ],
                    "was_cancelled": False,
                    "lead_time": 3.5,
                }
            ],
            "data": {"text": TITLES[i], "embedding": LISTS[i]},
            "meta": {},
            "created_at": "2024-05-01T10:00:00.000000Z",
            "project": 7,
        }
        for i in range(N)
    ]


def fiftyone() -> Any:
    return {
        "samples": [
            {
                "_id": {"$oid": f"{i:024x}"},
                "filepath": f"data/{i:06d}.jpg",
                "tags": ["validation"],
                "metadata": {
                    "_cls": "ImageMetadata",
                    "size_bytes": 4000 + i,
                    "width": 640,
                    "height": 480,
                    "num_channels": 3,
                },
                "ground_truth": {"_cls": "Classification", "tags": [], "label": CATEGORIES[i]},
                "embedding": LISTS[i],
            }
            for i in range(N)
        ]
    }


def open_ke() -> Any:
    return {"ent_embeddings.weight": LISTS, "rel_embeddings.weight": LISTS[:5]}


SERVICES = [
    Export(
        "Cohere embed v2",
        "embed.json",
        "Cohere, API reference, Embed (v2)",
        whole(cohere_by_type),
        cells={"texts": TITLES},
    ),
    Export(
        "Cohere embed v2, float and int8",
        "embed.json",
        "Cohere, API reference, Embed (v2): embedding_types",
        whole(cohere_two_types),
        cells={"texts": TITLES},
    ),
    Export(
        "Cohere embed v1",
        "embed.json",
        "Cohere, API reference, Embed (v1)",
        whole(cohere_v1),
        cells={"texts": TITLES},
    ),
    Export(
        "Voyage / Mistral / OpenAI",
        "embeddings.json",
        "Voyage AI, Text embeddings API; Mistral, Embeddings; OpenAI, Create embeddings",
        whole(lambda: openai_list(lambda i: LISTS[i])),
    ),
    Export(
        "OpenAI base64",
        "embeddings.json",
        "OpenAI, Create embeddings: encoding_format base64",
        whole(lambda: openai_list(lambda i: base64.b64encode(VECTORS[i].tobytes()).decode())),
    ),
    Export(
        "OpenAI batch, several inputs a line",
        "batch_output.jsonl",
        "OpenAI, Batch API, /v1/embeddings with a list as input",
        openai_batch_of_lists,
    ),
    Export(
        "OpenAI batch, one failed",
        "batch_output.jsonl",
        "OpenAI, Batch API: a line whose request failed",
        lines(openai_batch_one_failed),
        refused=("1 row (5)",),
    ),
    Export(
        "OpenAI batch, one failed, left out",
        "batch_output.jsonl",
        "OpenAI, Batch API: a line whose request failed",
        lines(openai_batch_one_failed),
        vectors=np.delete(VECTORS, 5, axis=0),
        cells={"custom_id": [name for i, name in enumerate(IDS) if i != 5]},
        bad_rows="drop",
    ),
    Export(
        "Gemini batchEmbedContents",
        "embeddings.json",
        "Google AI for Developers, Gemini API, batchEmbedContents",
        whole(lambda: {"embeddings": [{"values": row} for row in LISTS]}),
    ),
    Export(
        "Vertex AI batch prediction",
        "prediction.results.jsonl",
        "Google Cloud, Vertex AI, Get batch text embeddings predictions",
        lines(vertex_batch),
        cells={"content": TITLES},
    ),
    Export(
        "Bedrock Titan batch",
        "records.jsonl.out",
        "AWS, Amazon Bedrock, Titan Embeddings V2 and batch inference",
        lines(bedrock_batch),
        cells={"inputText": TITLES},
    ),
    Export(
        "Ollama",
        "embed.json",
        "Ollama, API, POST /api/embed",
        whole(ollama),
    ),
    Export(
        "text-embeddings-inference",
        "embed.json",
        "Hugging Face, Text Embeddings Inference, POST /embed",
        whole(lambda: LISTS),
    ),
    Export(
        "llama.cpp server",
        "embedding.json",
        "llama.cpp, server README, POST /embedding: one vector per pooled input",
        whole(lambda: [{"index": i, "embedding": [LISTS[i]]} for i in range(N)]),
    ),
    Export(
        "DeepFace",
        "faces.json",
        "DeepFace, README: represent, a list of faces per picture",
        whole(deepface),
    ),
    Export(
        "JSON.stringify of Float32Array",
        "embeddings.jsonl",
        "MDN, JSON.stringify: typed arrays become objects of their indexes",
        lines(float32_array),
        cells={"text": TITLES},
    ),
    Export(
        "transformers.js tensor",
        "tensor.json",
        "Transformers.js, Tensor: dims, type, data, size",
        whole(transformers_js),
    ),
    Export(
        "Triton / KServe",
        "infer.json",
        "KServe, Open Inference Protocol (V2): outputs with shape and data",
        whole(triton),
    ),
    Export(
        "Hugging Face dataset viewer",
        "rows.json",
        "Hugging Face, Dataset viewer, Download slices of rows",
        whole(dataset_viewer),
        cells={"title": TITLES},
    ),
    Export(
        "Label Studio",
        "project-7.json",
        "Label Studio, Export annotations: JSON",
        whole(label_studio),
        cells={"text": TITLES},
    ),
    Export(
        "FiftyOne",
        "samples.json",
        "FiftyOne, Exporting datasets: FiftyOneDataset, samples.json",
        whole(fiftyone),
        cells={"label": CATEGORIES},
        label="label",
    ),
    Export(
        "OpenKE",
        "embedding.vec.json",
        "OpenKE, README: save_parameters, entities and relations",
        whole(open_ke),
        says=("rel_embeddings.weight (5)",),
    ),
]
