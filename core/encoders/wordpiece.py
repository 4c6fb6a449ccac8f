"""Text to the ids of WordPiece, as the tokenizer of BERT does it.

A text is cleaned, accents are stripped, letters become small, and words end at blanks, at each mark
of punctuation and at each Chinese character. A word is cut into the longest pieces that the
vocabulary has, from its left end on.

Source: https://github.com/google-research/bert/blob/master/tokenization.py (Devlin et al. 2019);
where the two differ, as Hugging Face's `tokenizers` does it. Categories of characters are those of
Python's Unicode; `tokenizers` 0.23 has those of Unicode 8, so that younger accents and marks of
punctuation are treated as other letters there.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

LONGEST_WORD = 100  # letters; a longer one is unknown
CONTINUES = "##"
KINDS_KEPT = 65_536  # letters whose kind is remembered
REMOVED = frozenset({"Cc", "Cf", "Co", "Cs"})
NEVER = "\0\ufffd"
ASCII_MARKS = frozenset("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
BLANKS = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | frozenset(
    map(chr, range(0x2000, 0x200B))
)  # White_Space of Unicode
CHINESE = (  # first and last code points: ideographs, without Japanese and Korean letters
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)
STRETCH = re.compile(r"[^ \t\n\r]+")  # between blanks of ASCII: cleaned on its own


@dataclass(frozen=True)
class Spelling:
    """What is done to a text before it is cut into words."""

    lowercase: bool = True
    strips_accents: bool = True
    parts_chinese: bool = True
    cleans: bool = True


@dataclass(frozen=True, eq=False)
class WordPiece:
    """A vocabulary and how text is cut into its pieces.

    vocabulary: id of each piece. unknown: the piece for a word that cannot be cut. specials: pieces
    that are found in the text as they are written, such as "[SEP]".
    """

    vocabulary: Mapping[str, int]
    spelling: Spelling = Spelling()
    unknown: str = "[UNK]"
    continues: str = CONTINUES
    longest_word: int = LONGEST_WORD
    specials: tuple[str, ...] = field(default=())

    def ids(self, text: str, most: int | None = None) -> list[int]:
        """Ids of the pieces of a text, at most `most` of them; the rest is not looked at.

        >>> tokenizer = WordPiece({"[UNK]": 0, "un": 1, "##able": 2, "!": 3})
        >>> tokenizer.ids("Unable!"), tokenizer.ids("unstable")
        ([1, 2, 3], [0])
        """
        found = list[int]()
        for part in self._parts(text):
            if most is not None and len(found) >= most:
                break
            found += [self.vocabulary[part]] if part in self.specials else self._of_text(part, most)
        return found[:most]

    def _parts(self, text: str) -> Iterator[str]:
        """Special pieces, and what stands between them."""
        if not self.specials:
            yield text
            return
        yield from filter(None, self._special.split(text))

    @cached_property
    def _special(self) -> re.Pattern[str]:
        longest_first = sorted(self.specials, key=len, reverse=True)
        return re.compile(f"({'|'.join(map(re.escape, longest_first))})")

    def _of_text(self, text: str, most: int | None) -> list[int]:
        found = list[int]()
        for word in words(text, self.spelling):
            found += self._of_word(word)
            if most is not None and len(found) >= most:
                break
        return found

    def _of_word(self, word: str) -> list[int]:
        """Ids of the longest pieces from the left; that of `unknown` where one cannot be found."""
        unknown = [self.vocabulary[self.unknown]]
        if len(word) > self.longest_word:
            return unknown
        found, start = list[int](), 0
        while start < len(word):
            before = self.continues if start else ""
            pieces = ((end, before + word[start:end]) for end in range(len(word), start, -1))
            known = next((each for each in pieces if each[1] in self.vocabulary), None)
            if known is None:
                return unknown
            start = known[0]
            found.append(self.vocabulary[known[1]])
        return found


def words(text: str, spelling: Spelling = Spelling()) -> Iterator[str]:
    """The words of a text, and its marks of punctuation one by one.

    >>> list(words("Crème brûlée, 2 €"))
    ['creme', 'brulee', ',', '2', '€']
    """
    for stretch in STRETCH.finditer(text):
        yield from _parted(_spelled(stretch.group(), spelling))


def _spelled(text: str, spelling: Spelling) -> str:
    if text.isascii() and text.isprintable():
        return text.lower() if spelling.lowercase else text
    if spelling.cleans:
        text = "".join(
            " " if letter in BLANKS and not _is_removed(letter) else letter
            for letter in text
            if letter not in NEVER and not _is_removed(letter)
        )
    if spelling.parts_chinese:
        text = "".join(f" {letter} " if _is_chinese(letter) else letter for letter in text)
    if spelling.strips_accents:
        apart = unicodedata.normalize("NFD", text)
        text = "".join(letter for letter in apart if unicodedata.category(letter) != "Mn")
    if spelling.lowercase:  # letter by letter: a sigma at the end of a word is one as any other
        text = "".join(letter.lower() for letter in text)
    return text


def _parted(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        if letter in BLANKS or _is_mark(letter):
            if word:
                yield word
            word = ""
            if letter not in BLANKS:
                yield letter
        else:
            word += letter
    if word:
        yield word


def _is_removed(letter: str) -> bool:
    return letter not in "\t\n\r" and unicodedata.category(letter) in REMOVED


@lru_cache(KINDS_KEPT)
def _is_mark(letter: str) -> bool:
    return letter in ASCII_MARKS or unicodedata.category(letter).startswith("P")


def _is_chinese(letter: str) -> bool:
    point = ord(letter)
    return point >= CHINESE[1][0] and any(first <= point <= last for first, last in CHINESE)
