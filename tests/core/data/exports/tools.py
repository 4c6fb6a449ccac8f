"""Folders packed as a zip, and binary files of other tools."""

import base64
import bz2
import gzip
import io
import json
import lzma
import pickle
import sqlite3
import struct
import tarfile
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.orc
import pyarrow.parquet as pq
from PIL import Image

from tests.core.data.files import as_npy, as_npz, as_zip

from .databases import document
from .export import CATEGORIES, DIM, IDS, LISTS, TITLES, VECTORS, YEARS, Export, N
from .words import WORDS

QUERIES = VECTORS[:5] + np.float32(0.01)
NEAREST = np.argsort(((QUERIES[:, None] - VECTORS[None]) ** 2).sum(axis=2), axis=1)[:, :4]


def parquet(frame: pd.DataFrame | pa.Table) -> bytes:
    out = io.BytesIO()
    made = frame if isinstance(frame, pa.Table) else pa.Table.from_pandas(frame)
    pq.write_table(made, out)
    return out.getvalue()


def on_disk(fill: Callable[[Path], None]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        fill(path)
        return path.read_bytes()


def hdf5(fill: Callable[[Any], None], userblock: int = 0) -> bytes:
    def write(path: Path) -> None:
        with h5py.File(path, "w", userblock_size=userblock) as file:
            fill(file)

    return on_disk(write)


def tsv(vectors: np.ndarray) -> bytes:
    return "".join("\t".join(str(v) for v in row) + "\n" for row in vectors.tolist()).encode()


def metadata_tsv() -> bytes:
    rows = [f"{TITLES[i]}\t{CATEGORIES[i]}\n" for i in range(N)]
    return ("title\tcategory\n" + "".join(rows)).encode()


def projector_config(path: str) -> bytes:
    entry = {
        "tensorName": "Articles",
        "tensorShape": [N, DIM],
        "tensorPath": path,
        "metadataPath": "metadata.tsv",
    }
    return json.dumps({"embeddings": [entry]}).encode()


def projector_text() -> bytes:
    return as_zip(
        {
            "vectors.tsv": tsv(VECTORS),
            "metadata.tsv": metadata_tsv(),
            "projector_config.json": projector_config("vectors.tsv"),
        }
    )


def projector_bytes() -> bytes:
    return as_zip(
        {
            "articles_24_8d_tensors.bytes": VECTORS.tobytes(),
            "metadata.tsv": metadata_tsv(),
            "projector_config.json": projector_config("articles_24_8d_tensors.bytes"),
        }
    )


def sprite() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (5 * 16, 5 * 16), (200, 30, 30)).save(out, "PNG")
    return out.getvalue()


def tensorboard() -> bytes:
    config = (
        'embeddings {\n  tensor_name: "default:00000"\n  tensor_path: "00000/default/tensors.tsv"\n'
        '  metadata_path: "00000/default/metadata.tsv"\n  sprite {\n'
        '    image_path: "00000/default/sprite.png"\n    single_image_dim: 16\n'
        "    single_image_dim: 16\n  }\n}\n"
    )
    return as_zip(
        {
            "runs/projector_config.pbtxt": config.encode(),
            "runs/00000/default/tensors.tsv": tsv(VECTORS),
            "runs/00000/default/metadata.tsv": metadata_tsv(),
            "runs/00000/default/sprite.png": sprite(),
            "__MACOSX/runs/00000/default/._tensors.tsv": b"\x00\x05\x16\x07",
            "runs/.DS_Store": b"\x00\x00\x00\x01Bud1",
        }
    )


def beir() -> bytes:
    corpus = "".join(
        json.dumps({"_id": IDS[i], "title": TITLES[i], "text": "A text.", "metadata": {}}) + "\n"
        for i in range(N)
    )
    queries = "".join(
        json.dumps({"_id": f"q{i}", "text": f"what is {i}", "metadata": {}}) + "\n"
        for i in range(6)
    )
    qrels = "query-id\tcorpus-id\tscore\n" + "".join(f"q{i}\t{IDS[i]}\t1\n" for i in range(6))
    return as_zip(
        {
            "scifact/corpus.jsonl": corpus.encode(),
            "scifact/queries.jsonl": queries.encode(),
            "scifact/qrels/test.tsv": qrels.encode(),
            "scifact/corpus_embeddings.npy": as_npy(VECTORS),
        }
    )


def ann_benchmarks() -> bytes:
    def fill(file: Any) -> None:
        file.attrs["type"] = "dense"
        file.attrs["distance"] = "angular"
        file.attrs["dimension"] = DIM
        file.attrs["point_type"] = "float"
        file["train"] = VECTORS
        file["test"] = QUERIES
        file["neighbors"] = NEAREST.astype(np.int32)
        file["distances"] = np.zeros(NEAREST.shape, np.float32)

    return hdf5(fill)


def fbin(array: np.ndarray) -> bytes:
    return struct.pack("<II", *array.shape) + array.tobytes()


def big_ann() -> bytes:
    truth = NEAREST.astype(np.uint32)
    distances = np.zeros(truth.shape, np.float32)
    return as_zip(
        {
            "base.1B.fbin.crop_nb_24": fbin(VECTORS),
            "query.public.5.fbin": fbin(QUERIES),
            "GT.public.ibin": fbin(truth) + distances.tobytes(),
        }
    )


def vecs(array: np.ndarray) -> bytes:
    return b"".join(struct.pack("<i", len(row)) + row.tobytes() for row in array)


TEXMEX = {
    "siftsmall/siftsmall_base.fvecs": vecs(VECTORS),
    "siftsmall/siftsmall_query.fvecs": vecs(QUERIES),
    "siftsmall/siftsmall_learn.fvecs": vecs(VECTORS[:9]),
    "siftsmall/siftsmall_groundtruth.ivecs": vecs(NEAREST.astype(np.int32)),
}


def texmex_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in TEXMEX.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return out.getvalue()


def spark_folder() -> bytes:
    frames = [
        pd.DataFrame({"title": TITLES[part], "embedding": LISTS[part]})
        for part in (slice(0, 10), slice(10, N))
    ]
    members = {"out/_SUCCESS": b""}
    for number, frame in enumerate(frames):
        name = f"part-0000{number}-5d0c1f5e-c000.snappy.parquet"
        members[f"out/{name}"] = parquet(frame)
        members[f"out/.{name}.crc"] = b"crc\x00\x00\x00\x02\x00"
    return as_zip(members)


def clip_retrieval(images_only: bool) -> bytes:
    frame = pd.DataFrame(
        {
            "image_path": [f"{i:09d}" for i in range(N)],
            "caption": TITLES,
            "url": [f"https://example.org/{i}.jpg" for i in range(N)],
            "width": [320 + i for i in range(N)],
            "height": [240 + i for i in range(N)],
        }
    )
    members = {
        "embeddings/img_emb/img_emb_0.npy": as_npy(VECTORS.astype(np.float16)),
        "embeddings/metadata/metadata_0.parquet": parquet(frame),
    }
    if not images_only:
        members["embeddings/text_emb/text_emb_0.npy"] = as_npy(VECTORS[::-1].astype(np.float16))
    return as_zip(members)


def clip_parts() -> bytes:
    members = {}
    for number, part in enumerate((slice(0, 10), slice(10, N))):
        frame = pd.DataFrame({"caption": TITLES[part]})
        members[f"img_emb/img_emb_{number}.npy"] = as_npy(VECTORS[part])
        members[f"metadata/metadata_{number}.parquet"] = parquet(frame)
    return as_zip(members)


SIZES = np.array([[256 + i, 300 - i, 640 + i, 480 + 2 * i] for i in range(N)], np.float32)


def img2dataset() -> bytes:
    return parquet(
        pd.DataFrame(
            {
                "url": [f"https://example.org/{i}.jpg" for i in range(N)],
                "caption": TITLES,
                "key": [f"{i:09d}" for i in range(N)],
                "status": ["success"] * N,
                "error_message": [None] * N,
                "width": [256 + i for i in range(N)],
                "height": [300 - i for i in range(N)],
                "original_width": [640 + i for i in range(N)],
                "original_height": [480 + 2 * i for i in range(N)],
                "exif": ["{}"] * N,
                "sha256": [f"{i:064x}" for i in range(N)],
            }
        )
    )


def langchain_faiss() -> bytes:
    store = pickle.dumps(({IDS[i]: document(i) for i in range(N)}, dict(enumerate(IDS))))
    return as_zip({"faiss_index/index.faiss": b"IxFI" + bytes(200), "faiss_index/index.pkl": store})


def chroma() -> bytes:
    def fill(path: Path) -> None:
        base = sqlite3.connect(path)
        base.executescript(
            """
            CREATE TABLE collections (id TEXT PRIMARY KEY, name TEXT, dimension INTEGER);
            CREATE TABLE segments (id TEXT PRIMARY KEY, type TEXT, scope TEXT, collection TEXT);
            CREATE TABLE embeddings (id INTEGER PRIMARY KEY, segment_id TEXT, embedding_id TEXT,
                seq_id BLOB, created_at TIMESTAMP);
            CREATE TABLE embedding_metadata (id INTEGER, key TEXT, string_value TEXT,
                int_value INTEGER, float_value REAL, bool_value INTEGER, PRIMARY KEY (id, key));
            CREATE TABLE embeddings_queue (seq_id INTEGER PRIMARY KEY, created_at TIMESTAMP,
                operation INTEGER, topic TEXT, id TEXT, vector BLOB, encoding TEXT,
                metadata TEXT);
            INSERT INTO collections VALUES ('c1', 'articles', 8);
            """
        )
        for i in range(N):
            base.execute(
                "INSERT INTO embeddings VALUES (?, 's1', ?, ?, '2024-01-01 00:00:00')",
                (i + 1, IDS[i], i + 1),
            )
            base.execute(
                "INSERT INTO embedding_metadata VALUES (?, 'chroma:document', ?, NULL, NULL, NULL)",
                (i + 1, TITLES[i]),
            )
            base.execute(
                "INSERT INTO embeddings_queue VALUES (?, '2024-01-01', 0, 'persistent://x', ?, ?,"
                " 'FLOAT32', ?)",
                (i + 1, IDS[i], VECTORS[i].tobytes(), json.dumps({"title": TITLES[i]})),
            )
        base.commit()
        base.close()

    return on_disk(fill)


def sqlite_blobs() -> bytes:
    def fill(path: Path) -> None:
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE documents (id INTEGER PRIMARY KEY, title TEXT, embedding BLOB)")
        base.executemany(
            "INSERT INTO documents VALUES (?, ?, ?)",
            [(i + 1, TITLES[i], VECTORS[i].tobytes()) for i in range(N)],
        )
        base.commit()
        base.close()

    return on_disk(fill)


def scanpy() -> bytes:
    def fill(file: Any) -> None:
        file.attrs["encoding-type"] = "anndata"
        file.attrs["encoding-version"] = "0.1.0"
        x = file.create_group("X")
        x.attrs["encoding-type"] = "csr_matrix"
        x.attrs["encoding-version"] = "0.1.0"
        x.attrs["shape"] = [N, 50]
        x["data"] = np.ones(N, np.float32)
        x["indices"] = np.arange(N, dtype=np.int32)
        x["indptr"] = np.arange(N + 1, dtype=np.int32)
        obs = file.create_group("obs")
        obs.attrs["encoding-type"] = "dataframe"
        obs.attrs["encoding-version"] = "0.2.0"
        obs.attrs["_index"] = "_index"
        obs.attrs["column-order"] = ["leiden", "n_genes"]
        obs["_index"] = np.array([f"cell{i}" for i in range(N)], h5py.string_dtype())
        obs["n_genes"] = np.arange(N) + 200
        leiden = obs.create_group("leiden")
        leiden.attrs["encoding-type"] = "categorical"
        leiden.attrs["encoding-version"] = "0.2.0"
        leiden.attrs["ordered"] = False
        leiden["categories"] = np.array(["0", "1", "2", "3"], h5py.string_dtype())
        leiden["codes"] = (np.arange(N) % 4).astype(np.int8)
        file.create_group("obsm")
        file["obsm/X_pca"] = VECTORS
        file["obsm/X_umap"] = VECTORS[:, :2] * np.float32(10)

    return hdf5(fill)


def matlab_v73() -> bytes:
    def fill(file: Any) -> None:
        file["embeddings"] = VECTORS.astype(np.float64).T
        file["embeddings"].attrs["MATLAB_class"] = np.bytes_("double")

    head = (
        b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created on: Mon Jan  1 00:00:00 2024 HDF5 sch"
        b"ema 1.00 ."
    )
    content = bytearray(hdf5(fill, userblock=512))
    content[:128] = head.ljust(124, b" ")[:124] + b"\x00\x02IM"
    return bytes(content)


def uniprot() -> bytes:
    def fill(file: Any) -> None:
        for i in range(N):
            file[f"Q{i:05d}"] = VECTORS[i].astype(np.float16)

    return hdf5(fill)


def spark_vectors() -> bytes:
    kind = pa.struct(
        [
            ("type", pa.int8()),
            ("size", pa.int32()),
            ("indices", pa.list_(pa.int32())),
            ("values", pa.list_(pa.float64())),
        ]
    )
    rows = [{"type": 1, "size": None, "indices": None, "values": row} for row in LISTS]
    return parquet(pa.table({"id": IDS, "title": TITLES, "features": pa.array(rows, kind)}))


def pinecone_parquet() -> bytes:
    metadata = [json.dumps(document(i)) for i in range(N)]
    return parquet(
        pa.table(
            {
                "id": IDS,
                "values": pa.array(LISTS, pa.list_(pa.float32())),
                "metadata": metadata,
            }
        )
    )


def nomic_atlas() -> bytes:
    return parquet(
        pa.table(
            {
                "id_": IDS,
                "text": TITLES,
                "x": VECTORS[:, 0].astype(np.float64) * 30,
                "y": VECTORS[:, 1].astype(np.float64) * 30,
                "topic_depth_1": CATEGORIES,
                "embeddings": pa.array(LISTS, pa.list_(pa.float32(), DIM)),
            }
        )
    )


def wikipedia_cohere() -> bytes:
    return parquet(
        pd.DataFrame(
            {
                "id": range(N),
                "title": TITLES,
                "text": [f"{title}. It began long ago." for title in TITLES],
                "url": [f"https://en.wikipedia.org/wiki?curid={i}" for i in range(N)],
                "wiki_id": range(800, 800 + N),
                "views": [2000.5 + i for i in range(N)],
                "paragraph_id": [i % 3 for i in range(N)],
                "langs": [200 + i for i in range(N)],
                "emb": LISTS,
            }
        )
    )


def multi_vectors() -> bytes:
    rows = [[LISTS[i]] * (i % 4 + 2) for i in range(N)]
    return parquet(
        pa.table({"title": TITLES, "colbert": pa.array(rows, pa.list_(pa.list_(pa.float32())))})
    )


def word2vec_binary() -> bytes:
    rows = [WORDS[i].encode() + b" " + VECTORS[i].tobytes() + b"\n" for i in range(N)]
    return f"{N} {DIM}\n".encode() + b"".join(rows)


def torch_zip() -> bytes:
    return as_zip(
        {
            "embeddings/data.pkl": b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n.",
            "embeddings/byteorder": b"little",
            "embeddings/data/0": VECTORS.tobytes(),
            "embeddings/version": b"3\n",
        }
    )


def fiftyone_binary() -> bytes:
    samples = [
        {
            "_id": {"$oid": f"{i:024x}"},
            "filepath": f"data/{i:06d}.jpg",
            "ground_truth": {"_cls": "Classification", "label": CATEGORIES[i]},
            "embedding": {
                "$binary": {
                    "base64": base64.b64encode(zlib.compress(as_npy(VECTORS[i]))).decode(),
                    "subType": "00",
                }
            },
        }
        for i in range(N)
    ]
    return json.dumps({"samples": samples}).encode()


def orc() -> bytes:
    out = io.BytesIO()
    pyarrow.orc.write_table(pa.table({"title": TITLES, "embedding": LISTS}), out)
    return out.getvalue()


def avro() -> bytes:
    schema = {"type": "record", "name": "Row", "fields": [{"name": "title", "type": "string"}]}
    written = json.dumps(schema).encode()
    return b"Obj\x01\x02\x16avro.schema" + bytes([2 * len(written)]) + written + bytes(40)


def tf_record() -> bytes:
    """Records of 16 bytes: the masked CRC-32C of that length is 0x18fefb95."""
    record = b"\n\x0e\n\x0c\n\x05label\x12\x03\x1a\x01\x01"
    return (struct.pack("<Q", len(record)) + b"\x95\xfb\xfe\x18" + record + bytes(4)) * N


def matlab_v5() -> bytes:
    head = b"MATLAB 5.0 MAT-file, Platform: PCWIN64, Created on: Mon Jan  1 00:00:00 2024"
    return head.ljust(124) + b"\x00\x01IM" + bytes(400)


def projected_umap() -> bytes:
    frame = pd.DataFrame({"title": TITLES, "year": YEARS, "embedding": list(VECTORS)})
    frame.index = pd.Index(IDS, name="doc")
    return parquet(frame)


PICKLED = ("pickle",)

TOOLS = [
    Export(
        "numpy.save float16",
        "emb.npy",
        "NumPy, numpy.save",
        lambda: as_npy(VECTORS.astype(np.float16)),
        tolerance=1e-3,
    ),
    Export(
        "numpy.savez_compressed",
        "emb.npz",
        "NumPy, numpy.savez_compressed",
        lambda: as_npz(embeddings=VECTORS, ids=np.array(IDS), labels=np.array(CATEGORIES)),
        cells={"ids": IDS, "labels": CATEGORIES},
        label="labels",
    ),
    Export(
        "OpenL3",
        "audio.npz",
        "OpenL3, Tutorial: embedding and timestamps",
        lambda: as_npz(embedding=VECTORS, timestamps=np.arange(N) * 0.1),
    ),
    Export(
        "pickle of an array",
        "embeddings.pkl",
        "Sentence Transformers, Computing embeddings: pickle.dump",
        lambda: pickle.dumps({"sentences": TITLES, "embeddings": VECTORS}),
        refused=PICKLED,
    ),
    Export(
        "numpy.save of a dict",
        "emb.npy",
        "NumPy, numpy.save of an object",
        lambda: as_npy(np.array({"a": VECTORS}, dtype=object), pickled=True),
        refused=PICKLED,
    ),
    Export(
        "torch.save",
        "embeddings.pt",
        "PyTorch, torch.save: zip with data.pkl",
        torch_zip,
        refused=("This is a file of PyTorch",),
    ),
    Export(
        "word2vec binary with line breaks",
        "GoogleNews.bin",
        "word2vec, binary output",
        word2vec_binary,
        cells={"*": WORDS},
    ),
    Export(
        "Embedding Projector",
        "projector.zip",
        "TensorFlow, Embedding Projector, projector_config.json",
        projector_text,
        cells={"title": TITLES, "category": CATEGORIES},
        silent=("not used: out", "projector_config"),
    ),
    Export(
        "Embedding Projector, bytes",
        "projector.zip",
        "embedding-projector-standalone, oss_data: tensors as float32 bytes",
        projector_bytes,
        cells={"title": TITLES, "category": CATEGORIES},
    ),
    Export(
        "TensorBoard",
        "runs.zip",
        "PyTorch, SummaryWriter.add_embedding",
        tensorboard,
        cells={"title": TITLES, "category": CATEGORIES},
        silent=("not used: out", "projector_config"),
    ),
    Export(
        "BEIR",
        "scifact.zip",
        "BEIR, Load your custom dataset",
        beir,
        cells={"title": TITLES, "_id": IDS},
    ),
    Export(
        "ann-benchmarks angular",
        "glove-25-angular.hdf5",
        "ann-benchmarks, Data sets",
        ann_benchmarks,
        metric="cosine",
        queries=5,
    ),
    Export(
        "big-ann-benchmarks",
        "bigann.zip",
        "big-ann-benchmarks, README: fbin, ground truth",
        big_ann,
        queries=5,
    ),
    Export(
        "TEXMEX", "siftsmall.zip", "TEXMEX corpus, siftsmall", lambda: as_zip(TEXMEX), queries=5
    ),
    Export(
        "TEXMEX tar",
        "siftsmall.tar.gz",
        "TEXMEX corpus, siftsmall.tar.gz",
        texmex_tar,
        refused=("This is a tar archive",),
    ),
    Export(
        "Spark parquet folder",
        "out.zip",
        "Apache Spark, Parquet files: a folder of parts",
        spark_folder,
        cells={"title": TITLES},
        silent=("not used: out", "projector_config"),
    ),
    Export(
        "clip-retrieval, images",
        "embeddings.zip",
        "clip-retrieval, README: clip inference",
        lambda: clip_retrieval(True),
        cells={"caption": TITLES},
        tolerance=1e-3,
    ),
    Export(
        "clip-retrieval, images and texts",
        "embeddings.zip",
        "clip-retrieval, README: clip inference",
        lambda: clip_retrieval(False),
        refused=("img_emb",),
    ),
    Export(
        "clip-retrieval, two parts",
        "embeddings.zip",
        "clip-retrieval, README: clip inference",
        clip_parts,
        cells={"caption": TITLES},
    ),
    Export(
        "img2dataset",
        "00000.parquet",
        "img2dataset, README: output format",
        img2dataset,
        vectors=SIZES,
        says=("vectors guessed: all 4 columns of numbers",),
    ),
    Export(
        "LangChain FAISS",
        "faiss_index.zip",
        "LangChain, FAISS.save_local",
        langchain_faiss,
        refused=("index of faiss. Open it as an index",),
    ),
    Export(
        "Chroma sqlite",
        "chroma.sqlite3",
        "Chroma, Storage layout: embeddings_queue",
        chroma,
        cells={"id": IDS},
    ),
    Export(
        "SQLite with blobs",
        "documents.db",
        "simonw/llm, embeddings stored as little-endian float32",
        sqlite_blobs,
        cells={"title": TITLES},
    ),
    Export(
        "scanpy",
        "pbmc.h5ad",
        "scanpy, tutorials: obsm X_pca and X_umap",
        scanpy,
        cells={"leiden": [str(i % 4) for i in range(N)]},
    ),
    Export(
        "MATLAB v7.3",
        "embeddings.mat",
        "MathWorks, MAT-File versions: 7.3 is HDF5, columns first",
        matlab_v73,
    ),
    Export(
        "UniProt per protein",
        "per-protein.h5",
        "UniProt, Protein embeddings: one data set per accession",
        uniprot,
        cells={"*": [f"Q{i:05d}" for i in range(N)]},
        tolerance=1e-3,
    ),
    Export(
        "Spark ML vectors",
        "features.parquet",
        "Apache Spark, VectorUDT: type, size, indices, values",
        spark_vectors,
        cells={"title": TITLES, "id": IDS},
    ),
    Export(
        "Pinecone import",
        "0.parquet",
        "Pinecone, Import records: Parquet",
        pinecone_parquet,
        cells={"id": IDS, "title": TITLES, "category": CATEGORIES},
    ),
    Export(
        "Nomic Atlas",
        "atlas.parquet",
        "Nomic, AtlasDataset: topics, projected coordinates, embeddings",
        nomic_atlas,
        cells={"text": TITLES},
    ),
    Export(
        "Cohere Wikipedia",
        "0000.parquet",
        "Hugging Face, Cohere/wikipedia-22-12-en-embeddings",
        wikipedia_cohere,
        cells={"title": TITLES},
    ),
    Export(
        "pandas with a named index",
        "docs.parquet",
        "pandas, DataFrame.to_parquet",
        projected_umap,
        cells={"title": TITLES, "doc": IDS},
    ),
    Export(
        "ColBERT in parquet",
        "colbert.parquet",
        "Qdrant, multivectors; ColBERT: one vector a token",
        multi_vectors,
        refused=("several vectors",),
    ),
    Export(
        "FiftyOne binary",
        "samples.json",
        "FiftyOne, VectorField: zlib of a .npy as $binary",
        fiftyone_binary,
        cells={"label": CATEGORIES},
        label="label",
    ),
    Export(
        "ORC",
        "part-0.orc",
        "Apache ORC, specification: magic ORC",
        orc,
        refused=("This is an ORC file",),
    ),
    Export(
        "Avro",
        "part-0.avro",
        "Apache Avro, specification: object container files",
        avro,
        refused=("This is an Avro file",),
    ),
    Export(
        "TFRecord",
        "train.tfrecord",
        "TensorFlow, TFRecord",
        tf_record,
        refused=("This is a TFRecord file",),
    ),
    Export(
        "MATLAB v5",
        "embeddings.mat",
        "MathWorks, MAT-File Level 5",
        matlab_v5,
        refused=("This is a MATLAB file",),
    ),
    Export(
        "SPSS",
        "survey.sav",
        "PSPP, System file format: $FL2",
        lambda: b"$FL2@(#) SPSS DATA FILE MS Windows".ljust(400),
        refused=("This is a file of SPSS",),
    ),
    Export(
        "Stata",
        "survey.dta",
        "Stata, File formats .dta: <stata_dta>",
        lambda: b"<stata_dta><header><release>118</release>".ljust(300),
        refused=("This is a file of Stata",),
    ),
    Export(
        "R RDS",
        "emb.rds",
        "R Internals, Serialization formats",
        lambda: gzip.compress(b"X\n\x00\x00\x00\x03\x00\x04\x02\x01" + bytes(100)),
        refused=("This is a file of R",),
    ),
    Export(
        "Excel 97",
        "emb.xls",
        "Microsoft, Compound File Binary",
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
        refused=("This is an old Office file",),
    ),
    Export(
        "bzip2",
        "vectors.txt.bz2",
        "Python, bz2",
        lambda: bz2.compress(tsv(VECTORS)),
    ),
    Export(
        "xz",
        "vectors.txt.xz",
        "Python, lzma",
        lambda: lzma.compress(tsv(VECTORS)),
    ),
    Export(
        "Zstandard",
        "docs.jsonl.zst",
        "RFC 8878: magic number",
        lambda: b"\x28\xb5\x2f\xfd" + bytes(100),
        refused=("packed with zstd",),
    ),
    Export(
        "7-Zip",
        "docs.7z",
        "7-Zip, 7zFormat.txt",
        lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100),
        refused=("packed with 7-Zip",),
    ),
    Export(
        "DuckDB",
        "docs.duckdb",
        "DuckDB, Internals, Storage: DUCK",
        lambda: bytes(8) + b"DUCK" + bytes(4096),
        refused=("This is a DuckDB database",),
    ),
    Export(
        "GGUF",
        "model.gguf",
        "ggml, GGUF specification",
        lambda: b"GGUF\x03\x00\x00\x00" + bytes(100),
        refused=("This is a GGUF model",),
    ),
]
