"""Index files written by the libraries themselves."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import hnswlib
import numpy as np
from usearch.index import Index

from core.index.hnswlib_file import HEADER, base_record

faiss.omp_set_num_threads(1)  # its threads spin while they wait, which a busy machine punishes
RANDOM = np.random.default_rng(11)


def rows(n: int, dim: int = 6) -> np.ndarray:
    return RANDOM.normal(size=(n, dim)).astype(np.float32)


def saved(save: Callable[[str], Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        save(str(path))
        return path.read_bytes()


def hnswlib_index(
    vectors: np.ndarray,
    *,
    space: str = "l2",
    m: int = 4,
    labels: np.ndarray | None = None,
    deleted: Sequence[int] = (),
) -> Any:
    index = hnswlib.Index(space=space, dim=vectors.shape[1])
    index.init_index(max_elements=len(vectors) + 3, M=m, ef_construction=30, random_seed=5)
    index.add_items(vectors, np.arange(len(vectors)) if labels is None else labels, num_threads=1)
    for label in deleted:
        index.mark_deleted(label)
    return index


def hnswlib_bytes(vectors: np.ndarray, **options: Any) -> bytes:
    return saved(hnswlib_index(vectors, **options).save_index)


def byte_file(vectors: np.ndarray) -> bytes:
    """hnswlib's file whose vectors are bytes, as its `L2SpaceI` keeps them.

    The graph is that of the same numbers as float32: distances, and so the links, are the same.
    """
    content = hnswlib_bytes(vectors.astype(np.float32), m=8)
    header = np.frombuffer(content, HEADER, 1).copy()
    n, d = vectors.shape
    end = HEADER.itemsize + n * int(header["record_size"][0])
    wide = np.frombuffer(content, base_record(header[0], d), n, HEADER.itemsize)
    header["label_offset"] = header["vector_offset"] + d
    header["record_size"] = header["label_offset"] + 8
    narrow = np.zeros(n, base_record(header[0], d, "u1"))
    for field in ("count", "flags", "links", "label"):
        narrow[field] = wide[field]
    narrow["vector"] = vectors.view(np.uint8)
    return header.tobytes() + narrow.tobytes() + content[end:]


def faiss_index(
    vectors: np.ndarray,
    *,
    kind: str = "flat",
    inner_product: bool = False,
    m: int = 4,
    ids: np.ndarray | None = None,
    id_map: Any = faiss.IndexIDMap,
) -> Any:
    dim = vectors.shape[1]
    metric = faiss.METRIC_INNER_PRODUCT if inner_product else faiss.METRIC_L2
    if kind == "flat":
        index: Any = faiss.IndexHNSWFlat(dim, m, metric)
    elif kind == "sq":
        index = faiss.IndexHNSWSQ(dim, faiss.ScalarQuantizer.QT_8bit, m)
    else:
        index = faiss.IndexHNSWPQ(dim, 2, m, 2)
    index.hnsw.efConstruction = 30
    if not index.is_trained:
        index.train(vectors)
    if ids is None:
        index.add(vectors)
        return index
    mapped = id_map(index)
    mapped.add_with_ids(vectors, ids.astype(np.int64))
    return mapped


def faiss_bytes(vectors: np.ndarray, **options: Any) -> bytes:
    return serialized(faiss_index(vectors, **options))


def serialized(index: Any) -> bytes:
    """The file of a faiss index."""
    return bytes(faiss.serialize_index(index).tobytes())


def usearch_index(
    vectors: np.ndarray,
    *,
    metric: str = "l2sq",
    dtype: str = "f32",
    m: int = 4,
    keys: np.ndarray | None = None,
    removed: Sequence[int] = (),
) -> Any:
    index = Index(ndim=vectors.shape[1], metric=metric, dtype=dtype, connectivity=m)
    index.add(np.arange(len(vectors)) if keys is None else keys, vectors, threads=1)
    for key in removed:
        index.remove(key)
    return index


def usearch_bytes(vectors: np.ndarray, **options: Any) -> bytes:
    return saved(usearch_index(vectors, **options).save)
