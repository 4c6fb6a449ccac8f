"""The words of texts, counted once, and the names that regions get from them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from core.distances import Float64s
from core.progress import CountProgress, unheard
from core.projection.regions_parts import Part

WORDS = 2  # in a name
FEWEST_HOLD = 3  # points of a region that hold a word of its name
LEAST_LIFT = 2.0  # how much commoner a word of its name is there than in all texts
LEAST_LIFT_OF_PART = 1.25  # and than in the part that the region lies in
FEWEST_REGIONS = 3  # of fewer, no word counts as an everyday one
TEXTS_AT_ONCE = 10_000
SAME_STEM = 3  # letters at least that two forms of a word share, and at most that one has more
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, eq=False)
class Words:
    """Which words each of n texts holds.

    held: (n, v) sparse, 1 where a text holds a word in any case, once however often it stands
    there. words: (v,) each word in its commonest spelling, in the order of their small letters.
    """

    held: sparse.csr_array
    words: tuple[str, ...]


def count_words(texts: Sequence[str], *, progress: CountProgress | None = None) -> Words:
    """The words of texts (n,): runs of three letters or more, of any script.

    progress: called now and then as progress(texts done, n); an exception that it raises stops the
    work.

    >>> counted = count_words(["The Oak", "oak and Oak"])
    >>> counted.words, counted.held.toarray().tolist()
    (('and', 'Oak', 'The'), [[0, 1, 1], [1, 1, 0]])
    """
    number: dict[str, int] = {}
    lengths, found = np.empty(len(texts), np.int64), list[int]()
    report = progress or unheard
    for row, text in enumerate(texts):
        if row % TEXTS_AT_ONCE == 0:
            report(row, len(texts))
        words = _WORD.findall(text)
        lengths[row] = len(words)
        found += [number.setdefault(word, len(number)) for word in words]
    spelled = np.array(found, dtype=np.int64)
    spellings = list(number)
    folded, column = np.unique(
        np.array([each.casefold() for each in spellings], dtype=np.str_), return_inverse=True
    )
    often = np.bincount(spelled, minlength=len(spellings))
    best: dict[int, int] = {}
    for each in np.argsort(-often, kind="stable").tolist():
        best.setdefault(int(column[each]), each)
    rows = np.repeat(np.arange(len(texts)), lengths)
    held = sparse.coo_array(
        (np.ones(len(spelled), np.int64), (rows, column[spelled] if len(spelled) else spelled)),
        shape=(len(texts), len(folded)),
    ).tocsr()
    held.data[:] = 1
    return Words(held, tuple(spellings[best[each]] for each in range(len(folded))))


def word_names(parts: Sequence[Part], of: npt.NDArray[np.int64], words: Words) -> list[str]:
    """A name for each part of a map, "" where no word sets it apart.

    parts: at least one. of: (n,) the hill of each text.

    Words are ranked by p log(p / q), where p is the share of the part's texts that hold the word,
    and q that of all texts or of the part that it lies in, whichever is larger: the pointwise
    Kullback-Leibler divergence (Tomokiyo and Hurst, 2003, A language model approach to keyphrase
    extraction, section 4). The best two make the name, of those that three of its texts hold and
    that are twice as common there as in all texts and 1.25 times as common as in the part around.
    A word that three texts of more than half of the regions hold ("the") is in no name, and any
    other in one only, the first in the order of the parts. Two forms of a word ("flower",
    "flowers") are not both in a name.
    """
    everywhere = np.asarray(words.held.sum(axis=0)).reshape(-1)
    common = np.flatnonzero(everywhere >= FEWEST_HOLD)  # the others make no name
    spelled = [words.words[each] for each in common]
    counts = _counts(parts, of, sparse.csr_array(words.held[:, common]))
    usual, free = everywhere[common] / len(of), ~_everyday(parts, counts)
    names = []
    for part, count in zip(parts, counts, strict=True):
        around = counts[part.parent] / parts[part.parent].size if part.parent >= 0 else 0 * usual
        chosen = _distinctive(part.size, count, usual, around, free, spelled)
        free[chosen] = False
        names.append(", ".join(spelled[each] for each in chosen))
    return names


def _counts(
    parts: Sequence[Part], of: npt.NDArray[np.int64], held: sparse.csr_array
) -> npt.NDArray[np.int32]:
    """(parts, v) texts of each part that hold each word."""
    hills = len(parts[0].hills)
    one = np.ones(len(of), np.int32)
    members = sparse.csr_array((one, (of, np.arange(len(of)))), shape=(hills, len(of)))
    inside = sparse.csr_array(np.stack([part.hills for part in parts]).astype(np.int32))
    dense: npt.NDArray[np.int32] = (inside @ (members @ held)).toarray().astype(np.int32)
    return dense


def _everyday(parts: Sequence[Part], counts: npt.NDArray[np.int32]) -> npt.NDArray[np.bool_]:
    """(v,) words that FEWEST_HOLD texts hold in more than half of the parts of the widest level."""
    wide = counts[[part.parent < 0 for part in parts]]
    if len(wide) < FEWEST_REGIONS:
        return np.zeros(counts.shape[1], dtype=bool)
    return np.asarray((wide >= FEWEST_HOLD).sum(axis=0) > len(wide) / 2)


def _distinctive(
    size: int,
    count: npt.NDArray[np.int32],
    usual: Float64s,
    around: Float64s,
    free: npt.NDArray[np.bool_],
    words: Sequence[str],
) -> list[int]:
    """The words that make a name; of equal ones the first in the alphabet."""
    share = count / size
    fits = free & (count >= FEWEST_HOLD)
    fits &= (share >= LEAST_LIFT * usual) & (share >= LEAST_LIFT_OF_PART * around)
    open_ = np.flatnonzero(fits)
    score = share[open_] * np.log(share[open_] / np.maximum(usual, around)[open_])
    chosen: list[int] = []
    for each in open_[np.argsort(-score, kind="stable")].tolist():
        if not any(is_same_word(words[each], words[other]) for other in chosen):
            chosen.append(each)
        if len(chosen) == WORDS:
            break
    return chosen


def is_same_word(left: str, right: str) -> bool:
    """Whether two words look like forms of one: they part at the last letter of the shorter or
    behind it, and what follows is short. A rule for no language in particular.

    >>> is_same_word("flower", "Flowers"), is_same_word("family", "families")
    (True, True)
    >>> is_same_word("ship", "shipping"), is_same_word("harbor", "harm")
    (False, False)
    """
    short, long = sorted((left.casefold(), right.casefold()), key=len)
    shared = 0
    for a, b in zip(short, long, strict=False):
        if a != b:
            break
        shared += 1
    needed = min(len(short), max(SAME_STEM + 1, len(short) - 1))
    return shared >= max(SAME_STEM, needed) and len(long) - shared <= SAME_STEM
