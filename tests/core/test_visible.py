"""Text from users in a sentence: hidden characters are marks, and nothing is turned around."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.visible import hides, marked, visible

FSI, PDI = "\u2068", "\u2069"
SHALOM, KITAB = "\u05e9\u05dc\u05d5\u05dd", "\u0643\u062a\u0627\u0628"  # Hebrew, Arabic
PERSIAN = "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645"  # needs its joiner
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
HEART = "\u2764\ufe0f\u200d\U0001f525"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),  # right-to-left override
        ("a\u2067b", "a[U+2067]b"),
        ("a\u2068b", "a[U+2068]b"),  # an isolate that does not end
        ("a\u2069b", "a[U+2069]b"),
        ("a\u200bb\u200db", "a[U+200B]b[U+200D]b"),
        ("\ufeffid", "[U+FEFF]id"),
        ("a\x00\x07\x1b[31m\x7f\x85", "a[U+0000][U+0007][U+001B][31m[U+007F][U+0085]"),
        ("a\u2028b\u2029", "a[U+2028]b[U+2029]"),
        ("a\udc80b", "a[U+DC80]b"),  # half of a pair: no file and no message can hold it
        ("soft\xadhyphen", "soft[U+00AD]hyphen"),
        ("\u3164", "[U+3164]"),  # a filler looks like no name at all
        ("\U000e0041", "[U+E0041]"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("Zürich, Ελλάς, Москва, 東京, \U0001f600", "Zürich, Ελλάς, Москва, 東京, \U0001f600"),
        ("हिन्दी क्ष", "हिन्दी क्ष"),
        (FAMILY, FAMILY),
        (HEART, HEART),
    ],
)
def test_what_is_hidden_is_a_mark(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert marked(text) == shown
    assert hides(text) == (text != shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (SHALOM, f"{FSI}{SHALOM}{PDI}"),
        (f"{SHALOM} 12 items", f"{FSI}{SHALOM}{PDI} 12 items"),
        # Words of one name stay together; two names keep their order.
        (f"{SHALOM} {KITAB}, 3", f"{FSI}{SHALOM} {KITAB}{PDI}, 3"),
        (f"{SHALOM}, {KITAB}", f"{FSI}{SHALOM}{PDI}, {FSI}{KITAB}{PDI}"),
        (PERSIAN, f"{FSI}{PERSIAN}{PDI}"),
        (f"{FSI}{SHALOM} 12{PDI} items", f"{FSI}{SHALOM} 12{PDI} items"),
        (f"{FSI}a\u200b{PDI}", f"{FSI}a[U+200B]{PDI}"),
        (f"{FSI}a\u202e{PDI}", "[U+2068]a[U+202E][U+2069]"),
    ],
)
def test_what_runs_from_the_right_stays_in_its_place(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_no_character_that_is_not_drawn_is_left_out() -> None:
    """Unicode's own categories, but for tabs, ends of lines, and signs that are drawn."""
    drawn = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD}
    drawn |= {*range(0x13430, 0x13440), 9, 10, 13}  # hieroglyphs are set by theirs
    kinds = {code: unicodedata.category(chr(code)) for code in range(sys.maxunicode + 1)}
    missed = [
        code
        for code, kind in kinds.items()
        if kind in ("Cc", "Cf", "Cs", "Zl", "Zp")
        and code not in drawn
        and not hides(f"a{chr(code)}b")
    ]
    assert missed == []


def test_every_letter_from_the_right_is_isolated() -> None:
    missed = [
        code
        for code in range(sys.maxunicode + 1)
        if unicodedata.bidirectional(chr(code)) in ("R", "AL") and FSI not in visible(chr(code))
    ]
    assert missed == [0x61C, 0x200F]  # controls, written as their code


@given(st.text(alphabet=st.sampled_from(f"ab 1,{SHALOM}\u0645\u200c\u200d\u202e{FSI}{PDI}\n\x00")))
def test_what_is_shown_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert visible(shown) == shown
    assert not hides(shown.replace(FSI, "").replace(PDI, ""))
    depth = 0
    for letter in shown:  # isolates end in their own line and are never nested
        depth += (letter == FSI) - (letter == PDI)
        assert depth in (0, 1)
        assert letter != "\n" or depth == 0
    assert depth == 0
