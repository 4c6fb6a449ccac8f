"""UTF-8 and UTF-16 are read, anything else is named."""

import pytest

from core.data import read_embeddings
from core.data.readers.text import decode, to_utf8
from core.errors import DataError

TEXT = "word,x0,x1\ngrün,0.5,1\nжизнь,2,3\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_every_order_and_mark(encoding: str) -> None:
    content = TEXT.encode(encoding)
    if encoding == "utf-16-be":
        content = b"\xfe\xff" + content
    found = read_embeddings(content, name="a.csv")
    assert found.vectors.tolist() == [[0.5, 1], [2, 3]]
    assert found.metadata["word"].tolist() == ["grün", "жизнь"]
    assert ("read as UTF-16" in found.notes) == encoding.startswith("utf-16")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark_is_known_by_its_zeros(encoding: str) -> None:
    assert decode("x0,x1\n1,2\n".encode(encoding)) == "x0,x1\n1,2\n"


@pytest.mark.parametrize(
    ("encoding", "text", "said"),
    [
        ("cp1252", "word,x0\ngrün,1\ncafé,2\n", r"byte 10 .*Windows-1252 or Latin-1"),
        ("shift_jis", "word,x0\n日本語の単語,1\n猫,2\n", r"byte 8 .*Shift JIS"),
        ("gb18030", "word,x0\n中文词语,1\n猫,2\n", r"byte 8 .*GB 18030"),
        ("utf-32", "word,x0\ncat,1\n", "The text is UTF-32"),
    ],
)
def test_others_are_named(encoding: str, text: str, said: str) -> None:
    with pytest.raises(DataError, match=rf"{said}.*UTF-8"):
        read_embeddings(text.encode(encoding), name="a.csv")


def test_the_place_is_right_where_a_letter_spans_two_blocks() -> None:
    block = 1 << 20
    content = b"a" * (block - 1) + "é".encode() + b"\n" * 9 + b"\xff"
    with pytest.raises(DataError, match=f"byte {block + 10:,} is not"):
        to_utf8(content)
    assert to_utf8(content[:-1])[0] == content[:-1]


def test_utf8_is_not_copied() -> None:
    content = TEXT.encode()
    assert to_utf8(content)[0].obj is content
    assert decode(memoryview(content)) == TEXT


def test_utf16_cut_off() -> None:
    with pytest.raises(DataError, match="begins as UTF-16, but is not all of it"):
        to_utf8(TEXT.encode("utf-16")[:-1])


def test_nul_characters_are_named_by_their_place() -> None:
    with pytest.raises(DataError, match=r"NUL characters, the first at byte 5"):
        to_utf8(b"1,2\n3\0,4\n")
