"""Opening an index from a file: what the form asks for, what it refuses, and what follows."""

from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest
from usearch.index import Index

from core.data import load_sample
from tests.core.index.chroma_files import chroma_files, zipped
from tests.core.index.index_files import byte_file, hnswlib_bytes, saved
from tests.pages.test_app import card as escaped_card
from tests.pages.test_app import complaints

DIGITS = load_sample("digits").vectors
RANDOM = np.random.default_rng(8)
VECTORS = RANDOM.normal(size=(120, 6)).astype(np.float32)
NUMBERS = "Numbers of its vectors"


def opened(app: AppTest, section: str = "Search") -> AppTest:
    app.query_params["data"], app.query_params["section"] = "digits", section
    return app.switch_page("pages/layers/page.py").run()


def bring(app: AppTest, files: Any, metric: str = "as the file says") -> AppTest:
    """files: one tuple of name, content and type, or a list of them."""
    app.selectbox(key="_index_metric_card").set_value(metric).run()
    uploader = next(it for it in app.file_uploader if str(it.key).startswith("_index_file_card"))
    return uploader.set_value(files).run()


def uploads(files: dict[str, bytes]) -> list[tuple[str, bytes, str]]:
    return [(name, content, "") for name, content in files.items()]


def card(app: AppTest) -> str:
    return escaped_card(app).replace("\\", "")


def refusal(app: AppTest) -> str:
    assert len(app.error) == 1
    return app.error[0].value.replace("\\", "")


def asks_for_numbers(app: AppTest) -> bool:
    return any(box.label == NUMBERS for box in app.selectbox)


def test_the_four_files_of_chroma_are_opened_together(app: AppTest) -> None:
    files = chroma_files(DIGITS, room=5, m=8)
    bring(opened(app), uploads(files))
    assert "Chroma's index does not say which metric it was built with. Choose it" in refusal(app)
    app.selectbox(key="_index_metric_card").set_value("euclidean").run()
    assert complaints(app) == []
    assert "Chroma file: M 8, ef_construction 30" in card(app)
    assert app.query_params["data"] == "digits"


def test_a_zip_of_chroma_s_folder_is_opened(app: AppTest) -> None:
    files = {f"index/{name}": content for name, content in chroma_files(VECTORS).items()}
    bring(opened(app), ("folder.zip", zipped(files), ""), "euclidean")
    assert complaints(app) == []
    assert "Chroma file: M 4" in card(app)


def test_what_is_missing_of_chroma_s_files_is_named(app: AppTest) -> None:
    files = chroma_files(VECTORS)
    bring(opened(app), uploads(files)[:3], "euclidean")
    assert "Chroma: Chroma's index is four files" in refusal(app)
    assert "link_lists.bin is missing" in refusal(app)
    bring(app, uploads(files)[1], "euclidean")
    assert "holds 1 of them: header.bin and length.bin and link_lists.bin are missing" in refusal(
        app
    )


def test_several_files_of_another_kind_are_refused(app: AppTest) -> None:
    bring(opened(app), [("a.bin", b"x", ""), ("b.bin", b"y", "")], "euclidean")
    assert "2 files were chosen, and an index is one file, or Chroma's four" in refusal(app)


def test_bytes_are_asked_for_and_then_opened(app: AppTest) -> None:
    vectors = RANDOM.integers(0, 200, (300, 32), dtype=np.uint8)
    app = bring(opened(app), ("sift.bin", byte_file(vectors), ""), "euclidean")
    said = refusal(app)
    assert "sift.bin: Its vectors are no float32" in said
    assert "Choose uint8 or int8 under 'Numbers of its vectors', and the file is opened" in said
    assert "scalar" not in said
    assert asks_for_numbers(app)
    box = next(box for box in app.selectbox if box.label == NUMBERS)
    box.set_value("uint8").run()
    assert complaints(app) == []
    assert "hnswlib file: M 8" in card(app)
    assert "uint8 vectors read as whole numbers, in float32" in card(app)
    assert not asks_for_numbers(app)


def test_floats_are_not_asked_about(app: AppTest) -> None:
    bring(opened(app), ("floats.bin", hnswlib_bytes(VECTORS), ""), "euclidean")
    assert complaints(app) == []
    assert not asks_for_numbers(app)


def test_a_file_of_another_kind_is_named(app: AppTest) -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 99\n"
    bring(opened(app), ("index.bin", pointer, ""))
    assert "index.bin: This is a Git LFS pointer" in refusal(app)
    assert "git lfs pull" in refusal(app)


def several_for_a_key() -> tuple[bytes, np.ndarray]:
    """A usearch file without vectors, whose keys stand for three items each, and the keys."""
    keys = np.repeat(np.arange(40, dtype=np.uint64) * 5, 3)[::-1].copy()
    index = Index(ndim=6, metric="l2sq", dtype="f32", connectivity=4, multi=True)
    index.add(keys, VECTORS, threads=1)
    return saved(index.save)[8 + VECTORS.nbytes :], keys


def test_vectors_beside_a_file_go_by_their_ids_though_these_repeat(app: AppTest) -> None:
    content, keys = several_for_a_key()
    lines = [
        ",".join([str(key), f"thing {row}", *(repr(float(value)) for value in vector)])
        for row, (key, vector) in enumerate(zip(keys, VECTORS, strict=True))
    ]
    table = "\n".join(["id,name,d0,d1,d2,d3,d4,d5", *lines]).encode()
    app = opened(app)
    supplied = app.file_uploader(key="_index_vectors_card_0")
    supplied.set_value(("vectors.csv", table, "text/csv")).run()
    bring(app, ("bare.usearch", content, ""))
    assert complaints(app) == []
    assert "labels that stand for more than one item: 40, for 120 items in all" in card(app)
    # row 0 is the first item that was added of key 0, which is the 118th row of the table
    assert "near thing 117 " in app.title[0].value.replace("\\", "")


def test_labels_that_stand_twice_work_on_every_section(app: AppTest) -> None:
    labels = np.arange(120)
    content = hnswlib_bytes(VECTORS, labels=labels).replace(
        (50).to_bytes(8, "little"), (40).to_bytes(8, "little")
    )
    bring(opened(app), ("twice.bin", content, ""), "euclidean")
    assert "label 40 stands for 2 items, each a row of its own" in card(app)
    for section in ("Search", "Anatomy", "Autopsy", "What if", "Take away"):
        app.segmented_control(key="section").set_value(section).run()
        assert complaints(app) == []
    for page in ("data", "neighbors", "recall", "map"):
        app.switch_page(f"pages/{page}/page.py").run()
        assert complaints(app) == []
