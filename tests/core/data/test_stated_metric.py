"""The metric that a file states goes along with its vectors, and is written with them."""

import io
from typing import Any

import h5py
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data import EmbeddingSet, MetricAdvice, read_embeddings, recommended_metric, write_npz
from core.data.stated_metric import Stated, stated_metric
from core.errors import ParameterError
from tests.core.data.files import VECTORS, WORDS, as_npz


def hdf5(said: dict[str, Any]) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["train"] = VECTORS
        file.attrs.update(said)
    return content.getvalue()


def npz(said: dict[str, Any]) -> bytes:
    return as_npz(vectors=VECTORS, **{key: np.array(text) for key, text in said.items()})


def parquet(said: dict[str, Any]) -> bytes:
    table = pa.table({"vector": VECTORS.tolist(), "label": WORDS})
    content = io.BytesIO()
    pq.write_table(table.replace_schema_metadata(said), content)
    return content.getvalue()


FORMATS = {"a.hdf5": hdf5, "a.npz": npz, "a.parquet": parquet}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    ("said", "metric"),
    [
        ({"distance": "euclidean"}, "euclidean"),
        ({"metric": "Angular"}, "cosine"),
        ({"distance": "hamming", "metric": "ip"}, "inner_product"),
        ({"distance": "jaccard"}, None),
        ({}, None),
    ],
)
def test_the_metric_of_a_file(name: str, said: dict[str, str], metric: str | None) -> None:
    found = read_embeddings(FORMATS[name](said), name=name)
    assert found.metric == metric
    notes = [note for note in found.notes if note.startswith("the file says")]
    if metric is not None:
        assert len(notes) == 1
        assert notes[0].endswith(f"which is {metric}")
    else:
        assert notes == [f"the file says {key}: {text!r}" for key, text in said.items()]
    assert "metric" not in found.metadata.columns
    assert not any(note.startswith("not used") for note in found.notes)


def test_the_first_key_that_names_one_is_taken() -> None:
    assert stated_metric([("distance", "l2"), ("metric", "cosine")]) == Stated(
        "euclidean", ("the file says distance: l2, which is euclidean",)
    )
    assert stated_metric([]) == Stated(None, ())


def test_a_column_of_that_name_is_a_column() -> None:
    names = np.array(["l2", "l2", "ip", "ip"])
    found = read_embeddings(as_npz(vectors=VECTORS, metric=names), name="a.npz")
    assert found.metric is None
    assert found.metadata["metric"].tolist() == names.tolist()


def test_the_metric_stays_with_the_set_and_names_it() -> None:
    given = EmbeddingSet.from_arrays(VECTORS, name="four", metric="euclidean")
    table = read_embeddings(parquet({}), name="a.parquet").metadata
    assert given.with_metadata(table).metric == "euclidean"
    assert given.with_metadata(table).relabeled("label").metric == "euclidean"
    content = io.BytesIO()
    write_npz(given, content)
    assert read_embeddings(content.getvalue(), name="a.npz").metric == "euclidean"
    other = EmbeddingSet.from_arrays(VECTORS, name="four", metric="cosine")
    unsaid = EmbeddingSet.from_arrays(VECTORS, name="four")
    assert len({given.fingerprint, other.fingerprint, unsaid.fingerprint}) == 3
    assert recommended_metric(given) == MetricAdvice("euclidean", "stated")
    assert recommended_metric(unsaid).reason != "stated"


def test_a_metric_that_is_none_is_an_error() -> None:
    with pytest.raises(ParameterError, match="hamming"):
        EmbeddingSet.from_arrays(VECTORS, name="four", metric="hamming")  # type: ignore[arg-type]
