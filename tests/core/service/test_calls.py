"""The calls against the functions of core that they are made of, and bounds of their answers."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core import service
from core.data import EmbeddingSet
from core.encoders import fit_of, load_encoder
from core.errors import DataError, EncoderError, NotHereError, ParameterError
from core.index import HnswParams, build_hnsw, exact_neighbors, search, write_hnswlib
from core.limits import ENCODER, FOLDERS, KEPT_UPLOADS
from core.metrics import opis_of_counts
from core.service import (
    Answer,
    Build,
    ExplainMiss,
    Holdings,
    Load,
    LostItems,
    OpenIndex,
    Recall,
    Search,
    Sources,
    Threshold,
)
from core.service.answers import TEXT, items, plain
from core.service.holdings import Shelf, index_name
from core.service.recalling import usual_kind
from core.studies import pair_study
from tests.core.data.files import as_npy
from tests.core.encoders.folders import write_static

N, DIM = 300, 6
ROWS = np.random.default_rng(0).normal(size=(N, DIM)).astype(np.float32)
TOPICS = [f"t{row % 3}" for row in range(N)]
BROKEN = {"m": 2, "ef_construction": 2, "metric": "euclidean"}  # an index that misses much


@pytest.fixture
def offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "offered"
    folder.mkdir()
    (folder / "rows.npy").write_bytes(as_npy(ROWS))
    lines = [f"w{row}\t{topic}" for row, topic in enumerate(TOPICS)]
    (folder / "rows.tsv").write_text("\n".join(["word\ttopic", *lines]))
    (folder / "asked.npy").write_bytes(as_npy(ROWS[:7] + 0.1))
    (tmp_path / "secret.npy").write_bytes(as_npy(ROWS))
    (folder / "out.npy").symlink_to(tmp_path / "secret.npy")
    monkeypatch.setenv(FOLDERS, str(folder))
    return folder


def made(**more: Any) -> EmbeddingSet:
    frame = pd.DataFrame({"word": [f"w{row}" for row in range(N)], "topic": TOPICS})
    return EmbeddingSet.from_arrays(ROWS, metadata=frame, label_column="topic", name="made", **more)


def held(**more: Any) -> tuple[Holdings, str, str]:
    """Holdings with a set and a broken index; the names of both."""
    here = Holdings()
    data = here.keep_set(made(**more))
    built = service.build(here, Build.read({"data": data, **BROKEN}))
    return here, data, built["index"]


def test_a_sample_is_loaded_and_built_under_names_that_follow_from_it() -> None:
    here, there = Holdings(), Holdings()
    loaded = service.load(here, Load(source="sample:digits"))
    assert loaded == service.load(there, Load(source="sample:digits"))
    assert (loaded["rows"], loaded["dimensions"], loaded["classes"]) == (1797, 64, 10)
    assert loaded["label_column"] == "label"
    asked = Build(data=loaded["data"], m=4, ef_construction=10)
    built = service.build(here, asked)
    assert built == service.build(here, asked)  # held, and not made again
    assert built["index"] == service.build(there, asked)["index"]
    other = service.build(here, Build(data=loaded["data"], m=4, ef_construction=11))
    assert other["index"] != built["index"]
    assert built["nodes_of_layers"][0] == 1797


def test_what_the_deployment_offers_is_listed_and_loaded_and_nothing_else(offered: Path) -> None:
    here = Holdings()
    listed = service.sources(here, Sources())
    assert listed["samples"] == ["sample:wordnet", "sample:digits"]
    assert listed["files"] == ["offered/asked.npy", "offered/rows.npy", "offered/rows.tsv"]
    assert listed["files_in_all"] == 3
    assert not listed["searches_by_text"]
    asked = Load(
        source="offered/rows.npy",
        metadata="offered/rows.tsv",
        queries="offered/asked.npy",
        label_column="topic",
    )
    loaded = service.load(here, asked)
    assert (loaded["rows"], loaded["classes"], loaded["queries"]) == (N, 3, 7)
    assert loaded["columns"] == ["word", "topic"]
    assert np.array_equal(here.sets.get(loaded["data"]).vectors, ROWS)
    refused = [
        "offered/out.npy",
        "offered/../secret.npy",
        str(offered / "rows.npy"),
        "elsewhere/rows.npy",
        "https://example.org/rows.npy",
        "file:///etc/passwd",
    ]
    for source in refused:
        with pytest.raises(DataError, match=r"offered|may (not )?be opened"):
            service.load(here, Load(source=source))
    beside = Load(source="sample:digits", metadata="offered/rows.tsv", queries="offered/x.npy")
    with pytest.raises(ParameterError, match=r"comes as it is\. Leave metadata and queries out"):
        service.load(here, beside)
    with pytest.raises(ParameterError, match="There is no sample 'mnist'"):
        service.load(here, Load(source="sample:mnist"))


def test_a_name_that_is_not_here_is_told() -> None:
    here = Holdings()
    with pytest.raises(NotHereError, match=r"There is no data 'data-0' here\. Load the data"):
        service.build(here, Build(data="data-0"))
    with pytest.raises(NotHereError, match=r"There is no index 'index-0' here\. Build or open"):
        service.recall(here, Recall(index="index-0"))


def test_the_least_recently_used_leaves_first(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf[bytes]("thing", len, "Make it.")
    monkeypatch.setenv(KEPT_UPLOADS.variable, "2")
    shelf.put("a", b"1")
    shelf.put("b", b"1")
    assert shelf.find("a") == b"1"
    shelf.put("c", b"1")
    assert shelf.names() == ["a", "c"]
    monkeypatch.setenv("NEARFIELD_KEPT_UPLOADS_MB", "1")
    shelf.put("d", bytes(999_999))
    assert shelf.names() == ["c", "d"]
    shelf.put("e", bytes(2_000_000))  # larger than allowed, and all that is left
    assert shelf.names() == ["e"]
    with pytest.raises(NotHereError, match=r"There is no thing 'a' here\. Make it\."):
        shelf.get("a")


def test_recall_of_every_ef_is_that_of_separate_searches() -> None:
    here, _, index = held(queries=ROWS[:40] + 0.1)
    found = service.recall(here, Recall(index=index, k=5, ef_max=30, points=0, target=0.8))
    assert found["queries"]["kind"] == "given"
    assert found["queries"]["count"] == 40
    curve = found["curve"]
    assert curve["ef"] == list(range(5, 31))
    graph = here.indexes.get(index).graph
    truth = exact_neighbors(ROWS, ROWS[:40] + 0.1, 5, metric="euclidean").ids
    expected, cost = [], []
    for ef in curve["ef"]:
        answer = search(graph, ROWS[:40] + 0.1, 5, ef)
        hits = (truth[:, :, None] == answer.ids[:, None, :]).any(axis=2)
        expected.append(hits.mean())
        cost.append(answer.distance_computations.mean())
    assert curve["mean_recall"] == pytest.approx(expected)
    assert curve["distance_computations"] == pytest.approx(cost)
    reached = next((ef for ef, one in zip(curve["ef"], expected, strict=True) if one >= 0.8), None)
    assert found["target"]["ef"] == reached
    assert all(
        low <= mean <= high
        for low, mean, high in zip(curve["low"], curve["mean_recall"], curve["high"], strict=True)
    )


def test_rows_held_out_are_asked_where_the_data_has_no_queries() -> None:
    here, _, index = held()
    found = service.recall(here, Recall(index=index, k=5, ef_max=64, points=6))
    assert found["queries"] == {
        "kind": "held_out",
        "count": 30,
        "words": "rows held out of the index, searched for in an index of the others",
    }
    assert here.held_out.names() == [index]
    assert len(found["curve"]["ef"]) <= 7
    assert found["curve"]["ef"][0] == 5
    assert found["curve"]["ef"][-1] == 64
    rows = service.recall(here, Recall(index=index, k=5, queries="rows", at_most=50))
    assert rows["queries"]["kind"] == "rows"
    assert rows["queries"]["count"] == 50
    with pytest.raises(ParameterError, match="The data has no queries of its own"):
        service.recall(here, Recall(index=index, queries="given"))
    with pytest.raises(ParameterError, match="k must be"):
        service.recall(here, Recall(index=index, k=1_000))


def test_the_sentence_of_recall_names_the_least_ef_or_says_that_there_is_none() -> None:
    here, _, index = held(queries=ROWS[:40] + 0.1)
    none = service.recall(here, Recall(index=index, k=5, ef_max=6, target=1.0))
    assert none["target"] == {
        "mean_recall": 1.0,
        "ef": None,
        "distance_computations": None,
        "share_of_brute_force": None,
    }
    last = none["curve"]["mean_recall"][-1]
    assert none["sentence"].startswith(
        "No ef up to 6 reaches mean recall@5 1 for 40 queries (the queries that came with the "
        f"data): ef 6 gives {last:.4f}."
    )
    some = service.recall(here, Recall(index=index, k=5, ef_max=64, target=0.1))
    assert some["target"]["ef"] == 5
    assert some["sentence"].startswith("ef 5 is the least with mean recall@5 of at least 0.1")


def test_lost_items_are_counted_and_named() -> None:
    here, _, index = held()
    found = service.lost_items(here, LostItems(index=index, ef=2, most=3))
    graph = here.indexes.get(index).graph
    beams = search(graph, graph.vectors, 2, 2).ids
    missed = np.flatnonzero(~(beams == np.arange(N)[:, None]).any(axis=1))
    assert found["not_found"] == len(missed) > 3
    assert [each["row"] for each in found["items"]] == missed[:3].tolist()
    assert found["items"][0]["name"] == f"w{missed[0]}"
    assert found["items"][0]["label"] == TOPICS[missed[0]]
    assert sum(each["items"] for each in found["causes"]) == found["lost"]
    counts = [each["items"] for each in found["causes"]]
    assert counts == sorted(counts, reverse=True)
    assert found["sentence"] == (
        f"{found['lost']:,} items are lost: not found by the own vector at ef 2 (of 300), or "
        "unreachable."
    )


def test_a_threshold_is_the_operating_point_of_all_pairs() -> None:
    here, data, _ = held()
    found = service.threshold(here, Threshold(data=data, metric="euclidean", far=0.05))
    value = found["threshold"][0]["value"]
    assert found["threshold"][0]["unit"] == "L2 distance"
    apart = np.linalg.norm(ROWS[:, None].astype(np.float64) - ROWS[None], axis=2)
    same = np.array(TOPICS)[:, None] == np.array(TOPICS)[None]
    once = np.triu(np.ones((N, N), dtype=bool), 1)
    accepted = apart <= value
    assert found["pairs"]["genuine"] == (same & once).sum()
    assert found["far"]["value"] == pytest.approx(accepted[~same & once].mean(), abs=1e-4)
    assert found["tar"]["value"] == pytest.approx(accepted[same & once].mean(), abs=1e-3)
    assert found["far"]["low"] <= found["far"]["value"] <= 0.05
    study = pair_study(ROWS, made().labels, metric="euclidean")  # type: ignore[arg-type]
    assert found["opis"]["value"] == pytest.approx(opis_of_counts(study.counts).opis)
    served = [each["utility"] for each in found["classes"]]
    assert served == sorted(served)
    assert {each["class"] for each in found["classes"]} == {"t0", "t1", "t2"}
    stated = service.threshold(
        here, Threshold(data=data, metric="euclidean", threshold=value, unit="L2 distance")
    )
    assert stated["far"]["value"] == pytest.approx(found["far"]["value"])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"far": 0.1, "tar": 0.9}, "Give one of far, tar and threshold; got far and tar."),
        ({"threshold": 0.5, "unit": "miles"}, "unit must be one of cosine similarity, cosine "),
        ({"far": 1e-9}, "far must be 0 or at least 3.33e-05, one of the 30,000 impostor pairs"),
    ],
)
def test_a_threshold_that_cannot_be_told(asked: dict[str, Any], words: str) -> None:
    here, data, _ = held()
    with pytest.raises(ParameterError, match=words):
        service.threshold(here, Threshold.read({"data": data, **asked}))


def test_a_threshold_needs_labels() -> None:
    here = Holdings()
    data = here.keep_set(EmbeddingSet.from_arrays(ROWS, name="bare"))
    with pytest.raises(ParameterError, match="The data has no labels"):
        service.threshold(here, Threshold(data=data))


def test_a_search_names_what_the_index_finds() -> None:
    here, _, index = held()
    found = service.search(here, Search(index=index, row=3, k=4, ef=8))
    graph = here.indexes.get(index).graph
    expected = search(graph, ROWS[3:4], 4, 8, exclude=[3])
    rows = [row for row in expected.ids[0].tolist() if row >= 0]
    assert [each["row"] for each in found["found"]] == rows
    assert [each["name"] for each in found["found"]] == [f"w{row}" for row in rows]
    assert found["query"] == {"row": 3, "name": "w3", "label": "t0"}
    by_vector = service.search(here, Search(index=index, vector=tuple(ROWS[3].tolist()), k=4, ef=8))
    assert (
        by_vector["distance_computations"]
        == search(graph, ROWS[3:4], 4, 8).distance_computations.tolist()[0]
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({}, "Give one of row, vector and text; got none."),
        ({"row": 1, "text": "x"}, "Give one of row, vector and text; got row and text."),
        ({"row": 300}, "row must be below n = 300; got 300."),
        ({"vector": [1.0]}, "vector must have 6 dimensions; got 1."),
        ({"vector": [1e300] * 6}, "must be finite in float32"),
        ({"row": 1, "k": 10, "ef": 5}, "ef must be at least k = 10; got 5|ef"),
    ],
)
def test_a_query_that_cannot_be_asked(asked: dict[str, Any], words: str) -> None:
    here, _, index = held()
    with pytest.raises(ParameterError, match=words):
        service.search(here, Search.read({"index": index, **asked}))


def test_each_true_neighbor_that_is_missed_has_its_reason_and_the_ef_that_returns_it() -> None:
    here, _, index = held()
    graph = here.indexes.get(index).graph
    answers = search(graph, ROWS, 5, 5, exclude=np.arange(N)).ids
    truth = exact_neighbors(ROWS, ROWS, 5, metric="euclidean", exclude=np.arange(N)).ids
    hits = (truth[:, :, None] == answers[:, None, :]).any(axis=2)
    row = int(np.argmin(hits.sum(axis=1)))
    found = service.explain_miss(here, ExplainMiss(index=index, row=row, k=5, ef=5, ef_max=300))
    assert [each["row"] for each in found["neighbors"]] == truth[row].tolist()
    assert [each["fate"] == "found" for each in found["neighbors"]] == hits[row].tolist()
    assert found["missed"] == 5 - hits[row].sum() > 0
    assert set(found["means"]) == {each["fate"] for each in found["neighbors"]}
    for each in found["neighbors"]:
        needed = each["smallest_ef"]
        assert (
            needed is None
            or each["row"]
            in search(graph, ROWS[row : row + 1], 5, max(needed, 5), exclude=[row]).ids.tolist()[0]
        )
        if each["path"]:
            assert each["path"][-1]["row"] == each["row"]
    assert found["sentence"].startswith(f"ef 5 misses {found['missed']} of the 5 true neighbors.")
    whole = service.explain_miss(here, ExplainMiss(index=index, row=row, k=5, ef=300))
    if not whole["missed"]:
        assert whole["sentence"] == "ef 300 returns all 5 true neighbors."


def test_a_text_is_searched_for_with_the_encoder_of_the_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = ["[PAD]", "[UNK]", "cat", "dog", "run"]
    weights = np.random.default_rng(1).normal(size=(5, DIM)).astype(np.float32)
    weights[:2] = 0.0
    folder = tmp_path / "static"
    folder.mkdir()
    write_static(folder, pieces, embeddings=weights)
    here, _, index = held()
    with pytest.raises(EncoderError, match="This server has no encoder for texts"):
        service.search(here, Search(index=index, text="cat"))
    monkeypatch.setenv(ENCODER, str(folder))
    found = service.search(here, Search(index=index, text="cat", k=3, ef=50))
    expected = search(here.indexes.get(index).graph, weights[2:3], 3, 50).ids[0].tolist()
    assert [each["row"] for each in found["found"]] == expected
    assert found["query"]["text"] == "cat"
    assert found["query"]["encoder"] == "static"
    fit = fit_of(load_encoder(folder), made())
    assert found["query"]["fit"] == fit.verdict != "same"  # another model made the data
    assert found["query"]["median_cosine"] == pytest.approx(fit.median)
    with pytest.raises(EncoderError, match="knows no part of this text"):
        service.search(here, Search(index=index, text="xyzzy"))
    assert service.sources(here, Sources())["searches_by_text"]


def test_an_index_file_is_opened_beside_its_data(offered: Path) -> None:
    graph = build_hnsw(ROWS, HnswParams("euclidean", m=4, ef_construction=20))
    with (offered / "rows.index").open("wb") as file:
        write_hnswlib(graph, file)
    here = Holdings()
    data = service.load(here, Load(source="offered/rows.npy", metadata="offered/rows.tsv"))["data"]
    asked = OpenIndex(data=data, source="offered/rows.index", metric="euclidean")
    opened = service.open_index(here, asked)
    assert (opened["rows"], opened["m"], opened["data"]) == (N, 4, data)
    index = here.indexes.get(opened["index"])
    assert index.graph.base.targets.tolist() == graph.base.targets.tolist()
    assert usual_kind(index) == "rows"
    found = service.search(here, Search(index=opened["index"], row=0, k=2))
    assert found["found"][0]["name"].startswith("w")
    with pytest.raises(ParameterError, match="opened from a file, which holds all of its rows"):
        service.recall(here, Recall(index=opened["index"], queries="held_out"))


def test_answers_hold_no_number_that_json_lacks_and_no_hidden_or_endless_text() -> None:
    found = plain({"a": float("nan"), "b": np.float32(0.5), "c": (np.inf, True, None, "x" * 999)})
    assert found["a"] is None
    assert found["b"] == 0.5
    assert found["c"][:3] == [None, True, None]
    assert len(found["c"][3]) == TEXT
    frame = pd.DataFrame({"word": ["a\u202eb", "c" * 900], "label": ["\u200bx", None]})
    listed = items(EmbeddingSet.from_arrays(np.eye(2), metadata=frame, name="two"), [0, 1])
    assert listed[0] == {"row": 0, "name": "a[U+202E]b", "label": "[U+200B]x"}
    assert (len(listed[1]["name"]), listed[1]["label"]) == (60, None)


def test_every_answer_is_json_and_small() -> None:
    here, data, index = held()
    answers: list[Answer] = [
        service.recall(here, Recall(index=index, k=5, queries="rows", at_most=20)),
        service.lost_items(here, LostItems(index=index)),
        service.threshold(here, Threshold(data=data, rows=60)),
        service.explain_miss(here, ExplainMiss(index=index, row=0)),
    ]
    for answer in answers:
        assert len(json.dumps(answer, allow_nan=False)) < 16_000


def test_names_of_an_index_tell_settings_apart() -> None:
    names = {
        index_name("d", HnswParams(m=m, threads=threads)) for m in (4, 8) for threads in (1, 2)
    }
    assert len(names) == 4
    assert index_name("e", HnswParams(m=4)) not in names
