"""Which columns of a table of judged pairs hold the two ids and the judgment.

Rules, in this order, for each of the three roles:

1. The judgment: columns whose values can be read as judgments (`read_judgments`), by how surely the
   name says so: "relevant", "same", "duplicate", ... before "label", "score", "grade", ... before
   any other column of two values.
2. The two ids: columns whose values are found in the data (at least half of them), before columns
   that are not; then names of the same stem that end in 1 and 2, a and b, left and right, and
   "query" with "item", "document", "passage", ...; a name with "id" before one without.
3. Without such names: the only two columns whose values are found in the data, in their order.

Where two columns stand level, none is chosen: the role has several candidates.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LEFT_WORDS = _words("query q topic question search anchor probe left first source src from a 1")
RIGHT_WORDS = _words(
    "item doc document d passage p corpus product candidate answer result match reference gallery "
    "right second target dst to other b 2"
)
QUERY_WORDS = _words("query q topic question search")
ID_WORDS = _words("id ids idx index row key uuid nr no number")
SURE_WORDS = _words(
    "relevant relevance rel same different distinct match matches matching duplicate duplicates "
    "dup judgment judgement judged qrel qrels similar related identical genuine"
)
LIKELY_WORDS = _words(
    "label score grade rating similarity target gold positive class truth answer distance"
)
REVERSED_WORDS = _words("different distinct differ dissimilar distance")
SAME_TEXTS = _words(
    "same yes y true t match matching matched relevant positive pos duplicate duplicates dup "
    "similar identical related genuine equal 1"
)
OTHER_TEXTS = _words(
    "different no n false f nonmatch mismatch irrelevant nonrelevant notrelevant negative neg "
    "notduplicate nonduplicate unique distinct dissimilar unrelated impostor notsame notmatch "
    "unequal 0"
)
WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
TWO_IDS = re.compile(r"(q|query|doc|item|product|passage|p|d|topic|corpus|row)(id)\Z")
FOUND, READ = 0.5, 0.5  # of a column's values: at least so many, more than so many
ROLES = ("left", "right", "judgment")


@dataclass(frozen=True)
class JudgedColumns:
    """Candidates for each role: several where they stand level, none where no column fits.

    left, right: the ids; left is the query, where one is. judgment: whether the two belong
    together.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    judgment: tuple[str, ...]

    def of(self, role: str) -> tuple[str, ...]:
        """The candidates of one of `ROLES`."""
        return {"left": self.left, "right": self.right, "judgment": self.judgment}[role]


@dataclass(frozen=True, eq=False)
class Judgments:
    """same: (m,) whether each pair belongs together; known: (m,) where that could be read.

    rule: how the values were read, in words.
    """

    same: npt.NDArray[np.bool_]
    known: npt.NDArray[np.bool_]
    rule: str


def find_judged_columns(
    frame: pd.DataFrame, found: Callable[["pd.Series[Any]"], float]
) -> JudgedColumns:
    """The candidates of a table; `found` says which share of a column's values is in the data."""
    names = [str(name) for name in frame.columns]
    ranks = {name: _judgment_rank(frame[name]) for name in names}
    shares = {name: found(frame[name]) for name in names}
    ids = {name: shares[name] >= FOUND for name in names}
    best = max(ranks.values(), default=0)
    judgment = [name for name in names if ranks[name] == best > 0]
    others = [name for name in names if not (len(judgment) == 1 and name in judgment)]
    left = _best(others, lambda name: _id_rank(name, others, LEFT_WORDS, 0, ids[name]))
    right = _best(others, lambda name: _id_rank(name, others, RIGHT_WORDS, 1, ids[name]))
    if not left or not right or left == right:
        plain = [name for name in others if ids[name] and ranks[name] < best] or [
            name for name in others if ids[name]
        ]
        if len(plain) == 2:
            left, right = [plain[0]], [plain[1]]
        else:
            left, right = left or plain, right or plain
    judgment = [name for name in judgment if [name] != left and [name] != right]
    return JudgedColumns(tuple(left), tuple(right), tuple(judgment))


def read_judgments(column: "pd.Series[Any]") -> Judgments | None:
    """The values of a column as judgments; None where no more than half can be read.

    Texts: same, yes, true, match, relevant, duplicate, ... against different, no, false, ... .
    Numbers: of two values the larger is "same"; whole numbers that begin at 0 or below are grades,
    of which 1 and more are relevant, as TREC has them; of others "same" begins in the middle of
    their range. All is turned around where the name says "different" or "distance".
    """
    turned = bool(REVERSED_WORDS & set(words_of(str(column.name))))
    texts = _by_texts(column)
    if texts is not None:
        same, known, rule = texts
    else:
        numbers = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(numbers)
        if not known.any() or known.sum() <= READ * column.notna().sum():
            return None
        least, rule = _least_same(numbers[known])
        same = known & (numbers >= least)
    if turned:
        same, rule = known & ~same, f"{rule}, turned around, as {column.name!r} says"
    return Judgments(same, known, rule)


def words_of(name: str) -> list[str]:
    """The words of a column's name, in small letters, digits apart.

    >>> words_of("queryId"), words_of("item_2"), words_of("docid")
    (['query', 'id'], ['item', '2'], ['doc', 'id'])
    """
    words = [word.casefold() for word in WORD.findall(name)]
    return [part for word in words for part in _parted(word)]


def is_query_name(name: str) -> bool:
    """Whether a column's name says that it holds queries."""
    return bool(QUERY_WORDS & set(words_of(name)))


def _parted(word: str) -> Sequence[str]:
    both = TWO_IDS.match(word)
    return both.groups() if both else [word]


def _best(names: list[str], rank: Callable[[str], int]) -> list[str]:
    ranks = {name: rank(name) for name in names}
    highest = max(ranks.values(), default=0)
    return [name for name in names if ranks[name] == highest > 0]


def _id_rank(name: str, names: list[str], words: frozenset[str], end: int, found: bool) -> int:
    """How surely a column holds the ids of one side; 0 where its name says nothing."""
    own = words_of(name)
    if not (words & set(own) or _has_twin(own, names, end)):
        return 0
    return 1 + bool(ID_WORDS & set(own)) + 2 * _has_twin(own, names, end) + 4 * found


def _has_twin(own: list[str], names: list[str], end: int) -> bool:
    """Whether another name is the same but for 1 and 2, a and b, ... in one place."""
    pairs = (("1", "2"), ("0", "1"), ("a", "b"), ("x", "y"), ("left", "right"), ("first", "second"))
    for one, other in pairs:
        mine, its = (one, other) if end == 0 else (other, one)
        for place, word in enumerate(own):
            twin = [*own[:place], its, *own[place + 1 :]]
            if word == mine and any(words_of(name) == twin for name in names):
                return True
    return False


def _judgment_rank(column: "pd.Series[Any]") -> int:
    if read_judgments(column) is None:
        return 0
    words = set(words_of(str(column.name)))
    if ID_WORDS & words:
        return 0
    if SURE_WORDS & words:
        return 3
    if LIKELY_WORDS & words:
        return 2
    return int(column.nunique() == 2)


def _by_texts(
    column: "pd.Series[Any]",
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_], str] | None:
    """(same, known, rule) of yes or no in any words; None for numbers and for other texts."""
    plain = column.map(_plain, na_action="ignore")
    same = plain.isin(SAME_TEXTS).to_numpy(dtype=bool)
    other = plain.isin(OTHER_TEXTS).to_numpy(dtype=bool)
    known = same | other
    numbers = pd.to_numeric(column, errors="coerce").notna().to_numpy(dtype=bool)
    is_flag = pd.api.types.is_bool_dtype(column)
    if not known.any() or (not is_flag and numbers.sum() > known.sum() - numbers.sum()):
        return None
    if known.sum() <= READ * column.notna().sum():
        return None
    seen = column[known].astype(str).str.strip()
    yes, no = (", ".join(sorted(set(seen[part[known]]))[:3]) for part in (same, other))
    return same, known, f"{yes or 'nothing'} as same, {no or 'nothing'} as different"


def _plain(value: object) -> str:
    return re.sub(r"[\W_]+", "", str(value).casefold())


def _least_same(numbers: npt.NDArray[np.float64]) -> tuple[float, str]:
    """From which number on a pair is the same, with the rule in words."""
    values = np.unique(numbers)
    low, high = float(values[0]), float(values[-1])
    if len(values) == 1:
        return (1.0, f"{low:g} as different") if low < 1 else (low, f"{low:g} as same")
    if len(values) == 2:
        return high, f"{high:g} as same, {low:g} as different"
    if (values % 1 == 0).all() and low <= 0:
        return 1.0, f"grades {low:g} to {high:g}, 1 and above as same"
    middle = 0.5 if low >= 0 and high <= 1 else (low + high) / 2
    return middle, f"values {low:g} to {high:g}, {middle:g} and above as same"
