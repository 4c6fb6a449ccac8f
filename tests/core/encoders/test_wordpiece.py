"""Text to pieces: a table worked by hand, a naive reference, and odd strings."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.encoders.wordpiece import Spelling, WordPiece, words
from tests.core.encoders.folders import PIECES

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
VOCABULARY = {name: place for place, name in enumerate(PIECES)}
TOKENIZER = WordPiece(VOCABULARY, specials=SPECIALS)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("The CAT", ["the", "cat"]),
        ("cats,dog.", ["cat", "##s", ",", "dog", "."]),
        ("running", ["run", "##ning"]),
        ("runnings", ["run", "##ning", "##s"]),
        ("unable", ["un", "##able"]),  # the longest piece first: not un ##a ##b ...
        ("unab", ["un", "##ab"]),
        ("unabb", ["un", "##ab", "##b"]),
        ("catx", ["[UNK]"]),  # a word is unknown as a whole
        ("x cat", ["[UNK]", "cat"]),
        ("a" * 101, ["[UNK]"]),  # longer than 100 letters
        ("\u00c9", ["e"]),  # a capital with an accent
        ("e\u0301", ["e"]),  # the same in two code points
        ("a\u4e2db", ["a", "\u4e2d", "b"]),  # each Chinese character is a word
        ("a\u200bb", ["a", "##b"]),  # a space of no width is taken out
        ("a\u00a0b\u3000a", ["a", "b", "a"]),  # blanks of other scripts
        ("a\x00\ufffdb", ["a", "##b"]),  # both are taken out
        ("a\tb\r\na", ["a", "b", "a"]),
        ("cat[SEP]dog", ["cat", "[SEP]", "dog"]),  # found as it is written
        ("cat[sep]", ["cat", "[UNK]", "[UNK]", "[UNK]"]),  # [ sep ] are three words
        ("a!!b", ["a", "!", "!", "b"]),
        ("\u039f\u03a3", ["[UNK]"]),  # omicron is none of the pieces
        ("\u03a3\u03a3", ["\u03c3", "##\u03c3"]),  # a sigma at the end of a word is one as any
        ("a\u3002b", ["a", "[UNK]", "b"]),  # a full stop of Chinese is a mark
    ],
)
def test_a_table_of_texts(text: str, pieces: list[str]) -> None:
    assert [PIECES[place] for place in TOKENIZER.ids(text)] == pieces


@pytest.mark.parametrize(
    ("spelling", "text", "parts"),
    [
        (Spelling(lowercase=False, strips_accents=False), "Caf\u00c9 A", ["Caf\u00c9", "A"]),
        (Spelling(lowercase=False), "Caf\u00c9", ["CafE"]),
        (Spelling(strips_accents=False), "CAF\u00c9", ["caf\u00e9"]),
        (Spelling(parts_chinese=False), "a\u4e2d\u4e2db", ["a\u4e2d\u4e2db"]),
        (Spelling(cleans=False), "a\u200bb", ["a\u200bb"]),
        (Spelling(), "a\u200bb", ["ab"]),
    ],
)
def test_each_choice_of_spelling(spelling: Spelling, text: str, parts: list[str]) -> None:
    assert list(words(text, spelling)) == parts


@given(st.text(max_size=30), st.integers(1, 12))
def test_a_bound_gives_the_start_of_all_ids(text: str, most: int) -> None:
    assert TOKENIZER.ids(text, most) == TOKENIZER.ids(text)[:most]


@given(st.text(st.characters(codec=None), max_size=40))
def test_words_are_as_the_rules_say_letter_by_letter(text: str) -> None:
    assert list(words(text)) == by_rules(text)


@given(st.text("abcdesunol ", max_size=40))
def test_pieces_put_together_are_the_word_unless_it_is_unknown(text: str) -> None:
    for word in words(text):
        pieces = [PIECES[place] for place in TOKENIZER.ids(word)]
        if pieces != ["[UNK]"]:
            assert "".join(piece.removeprefix("##") for piece in pieces) == word
            assert [piece.startswith("##") for piece in pieces] == [False] + [True] * (
                len(pieces) - 1
            )


def by_rules(text: str) -> list[str]:
    """BERT's rules one after another over the whole text, as they are described."""
    kept = ""
    for letter in text:
        category = unicodedata.category(letter)
        if letter in " \t\n\r" or category in ("Zs", "Zl", "Zp"):
            kept += " "
        elif letter not in "\0\ufffd" and category not in ("Cc", "Cf", "Cs", "Co"):
            kept += letter
    chinese = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]
    chinese += [(0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B920, 0x2CEAF)]
    apart = ""
    for letter in kept:
        inside = any(first <= ord(letter) <= last for first, last in chinese)
        apart += f" {letter} " if inside else letter
    bare = ""
    for letter in unicodedata.normalize("NFD", apart):
        if unicodedata.category(letter) != "Mn":
            bare += letter.lower()
    spaced = ""
    for letter in bare:
        ascii_mark = 33 <= ord(letter) <= 126 and not letter.isalnum()
        is_mark = ascii_mark or unicodedata.category(letter)[0] == "P"
        spaced += f" {letter} " if is_mark else letter
    blanks = [
        letter for letter in set(spaced) if unicodedata.category(letter) in ("Zs", "Zl", "Zp")
    ]
    for letter in blanks:
        spaced = spaced.replace(letter, " ")
    return [word for word in spaced.split(" ") if word]
