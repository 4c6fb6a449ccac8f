"""What a page says of a file before it is used, of previews made by hand."""

import numpy as np
import pandas as pd

from core.data import EmbeddingSet, Look, Preview
from core.data.readers.found import ColumnRole, Found
from core.projection import FirstPicture, Projection
from pages.ui.display import preview_words as words

ROWS = np.arange(12.0, dtype=np.float32).reshape(4, 3)
FRAME = pd.DataFrame({"kind": list("aabb"), "text": ["one", "two", "three", "four"]})


def of(**more: object) -> Preview:
    found = EmbeddingSet.from_arrays(
        ROWS,
        metadata=FRAME,
        label_column="kind",
        name="mine",
        **more,  # type: ignore[arg-type]
    )
    return Preview(found, (ColumnRole("kind", "label", "asked for"),), "float16")


def test_the_facts_of_a_file_in_one_line() -> None:
    assert words.facts(of(), 4_321) == (
        "4 vectors of 3 dimensions, stored as float16, 4.32 kB, labels: kind (2 classes), items "
        "named by text"
    )
    truth = np.array([[0, 1], [2, 3]])
    assert words.facts(of(queries=ROWS[:2], ground_truth=truth, metric="inner_product"), 5) == (
        "4 vectors of 3 dimensions, stored as float16, 5 B, labels: kind (2 classes), items named "
        "by text, metric inner product, as the file says, 2 queries, their 2 true neighbors"
    )
    plain = Preview(EmbeddingSet.from_arrays(ROWS, name="mine"))
    assert words.facts(plain, 5) == "4 vectors of 3 dimensions, 5 B, no labels"


def test_what_has_to_be_decided() -> None:
    assert words.decision(of()) == ""
    assert words.decision(Preview(None, problem="x", candidates=("a", "b"))) == (
        "Several columns could hold the vectors: a, b. Choose one."
    )
    assert words.decision(Preview(None, problem="x", bad_rows=tuple(range(0, 2000, 200)))) == (
        "10 rows (0, 200, 400, 600, 800, 1,000, 1,200, 1,400, ...) cannot be used: a value is "
        "missing, no number, infinite or too large. Leave them out, or mend the file and upload it "
        "again."
    )
    assert words.decision(Preview(None, problem="The file is empty.")) == "The file is empty."


def test_the_title_says_whether_the_file_can_be_used() -> None:
    assert words.title("a.csv", of()) == "a.csv was read, and is not used yet"
    undecided = Preview(None, problem="x", bad_rows=(1,))
    assert words.title("a.csv", undecided) == "a.csv was read, and something has to be decided"
    assert words.title("a.csv", Preview(None, problem="x")) == "a.csv cannot be used"


def test_the_tables_of_columns_and_of_first_rows() -> None:
    assert words.column_table(of()).to_dict("list") == {
        "column": ["kind"],
        "role": ["label"],
        "why": ["asked for"],
    }
    both = (ColumnRole("x", "vector", "numbers"), ColumnRole("kind", "text", "words"))
    assert words.column_table(Preview(None, both))["column"].tolist() == ["kind", "x"]
    shown = words.first_rows(of())
    assert list(shown) == ["kind", "text", "vector"]
    assert shown["vector"].tolist() == ROWS.tolist()
    assert list(words.first_rows(Preview(None))) == []


def pictured(rows: int, of: int, left_out: int = 0, label: str = "") -> str:
    projection = Projection(np.zeros((rows, 2), np.float32), "pca", None, 0)
    return words.picture(FirstPicture(np.arange(rows), of, projection, left_out, label))


def test_what_the_first_picture_shows() -> None:
    assert pictured(2_000, 117_659) == "2,000 of 117,659 rows, PCA, drawn with seed 0."
    assert pictured(50, 50, label="kind") == "50 rows, PCA, colored by kind."
    assert pictured(49, 50, 1) == "49 of 50 rows, PCA, 1 row left out for missing values."
    assert pictured(1_990, 5_000, 10, "kind") == (
        "1,990 of 5,000 rows, PCA, colored by kind, drawn with seed 0, 10 rows left out for "
        "missing values."
    )


def test_the_facts_before_all_rows_are_checked() -> None:
    found = Found(ROWS.astype(np.float16))
    assert words.title_so_far("a.npy") == "a.npy is being read"
    assert words.facts_so_far(Look(found), 4_321) == (
        "4 vectors of 3 dimensions, stored as float16, 4.32 kB"
    )
    assert words.facts_so_far(Look(found), 0) == "4 vectors of 3 dimensions, stored as float16"
    assert words.facts_so_far(Look(Found(ROWS[0])), 5) == "stored as float32, 5 B"
    assert words.facts_so_far(None, 7) == "7 B"
    assert words.facts_so_far(None, 0) == ""
