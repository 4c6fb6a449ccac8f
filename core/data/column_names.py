"""What names and values say of a column: a vector, an id, a date, a count."""

import re
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data import watch

FIRST = 1_000  # rows: one with a fraction is mostly among them
VECTOR_NAMES = ("vector", "vectors", "embedding", "embeddings", "emb", "vec")
VECTOR_WORD = re.compile(
    r"(?:\A|[\W_])(?:emb|embs|embed|embedding|embeddings|vec|vecs|vector|vectors|dim|dims|feat|"
    r"feature|features|latent|hidden|encoding|repr|representation|x|e|v|d|f|pc|pca|col)(?:[\W_]|\Z)",
    re.IGNORECASE,
)
SURE_WORD = re.compile(r"emb|vec(?!h)", re.IGNORECASE)
BESIDE = re.compile(
    r"(?:\A|[\W_])(?:bbox|bboxes|box|boxes|span|spans|offset|offsets|token|tokens|input_ids|"
    r"token_ids|token_type_ids|attention_mask|mask|tag|tags|ids|coordinates?|location|lat|lon|"
    r"polygon|keypoints|scores|probs|logits|counts|sizes?|shape)(?:[\W_]|\Z)",
    re.IGNORECASE,
)
ID_NAME = re.compile(
    r"(?:unnamed: \d+|__index_level_\d+__|level_\d+|row|rows|index|idx|key|pk|nr|no|number|rowid|"
    r"row_?(?:nr|num|number|index)|(?:.*[_\W])?(?:id|ids|uuid|guid|asin|sku|isbn)|(?:user|item|doc|document|product|post|image|img|"
    r"video|track|movie|order|customer|session|page|node|chunk|article|paper)id)\Z|\Z",
    re.IGNORECASE,
)
CAMEL_ID = re.compile(r".*[a-z](?:Id|ID|Ids|IDs)\Z")
TIME_NAME = re.compile(
    r"(?:.*[_\W])?(?:timestamp|timestamps|time|date|datetime|day|month|year|years|hour|epoch|ts|"
    r"created|updated|modified|created_at|updated_at|at)\Z",
    re.IGNORECASE,
)
COUNT_NAME = re.compile(
    r"(?:n|num|nb|cnt|count|total)_.*|(?:.*[_\W])?(?:count|counts|cnt|views|likes|votes|stars|"
    r"rating|ratings|rank|distance)\Z",
    re.IGNORECASE,
)
YEARS = (1800, 2100)
SECONDS = (1e9, 2.2e9)  # 2001 to 2039
SINCE_1970 = (SECONDS, *((SECONDS[0] * unit, SECONDS[1] * unit) for unit in (1e3, 1e6, 1e9)))


def vector_name_rank(name: str) -> int:
    """How surely a name, or a prefix of numbered columns, is that of vectors.

    3 for a usual name as it is, 2 for one that has "emb" or "vec" in it, 1 for a word that stands
    before dimensions (dim, feature, pc, x, ...), 0 for any other.
    """
    if name.casefold() in VECTOR_NAMES:
        return 3
    return 2 if SURE_WORD.search(name) else int(VECTOR_WORD.search(name) is not None)


def is_beside_name(name: str) -> bool:
    """Whether a list of this name is known to stand beside vectors: tokens, boxes, spans, tags."""
    return BESIDE.search(name) is not None


def why_no_dimension(column: "pd.Series[Any]", *, by_values: bool = True) -> str | None:
    """Why a column of numbers is not one dimension of a vector; None where it may be one.

    by_values: look at the values as well, not only at the name.
    """
    name = str(column.name)
    if ID_NAME.match(name) or CAMEL_ID.match(name):
        return "an id by its name"
    if TIME_NAME.match(name):
        return "a date or time by its name"
    if COUNT_NAME.match(name):
        return "a count or score by its name"
    return _by_values(column) if by_values else None


def numbers_of(column: "pd.Series[Any]") -> npt.NDArray[np.generic]:
    """The values of a column of numbers as numpy has them, NaN where a nullable one misses one."""
    if isinstance(column.dtype, np.dtype):
        return column.to_numpy()
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def has_fractions(column: "pd.Series[Any]") -> bool:
    """Whether a column of numbers holds one that is no whole number."""
    if column.dtype.kind != "f":
        return False
    watch.still_reading("what the columns hold", 1.0)
    return _any_fraction(column.iloc[:FIRST]) or _any_fraction(column)


def _any_fraction(column: "pd.Series[Any]") -> bool:
    values = numbers_of(column).astype(np.float64)
    return bool((values[np.isfinite(values)] % 1).any())


def is_id_name(name: str) -> bool:
    """Whether a column is an id by its name."""
    return ID_NAME.match(name) is not None or CAMEL_ID.match(name) is not None


def _by_values(column: "pd.Series[Any]") -> str | None:
    values = numbers_of(column.dropna())
    if len(values) < 2 or has_fractions(column) or not np.isfinite(values).all():
        return None
    low, high = values.min(), values.max()
    if any(start <= low and high <= end for start, end in SINCE_1970):
        return "whole numbers that are times since 1970"
    if YEARS[0] <= low and high <= YEARS[1]:
        return "whole numbers that are years"
    if len(values) > 2 and bool((np.diff(values.astype(np.float64)) > 0).all()):
        return "whole numbers in ascending order: an id"
    if len(np.unique(values)) == len(values) and high - low >= 10 * len(values):
        return "unique whole numbers: an id"
    return None
