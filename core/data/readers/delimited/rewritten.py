r"""Text that is rewritten as plain delimited text before it is read, and text that is refused.

| form                   | written by                   | read as         |
|------------------------|------------------------------|-----------------|
| "he said \"hi\""       | Spark, MySQL                 | "" for \"       |
| key  [ 0.1 0.2 ]       | Kaldi's text archives        | key 0.1 0.2     |
| [[0.1 0.2]             | numpy's print of a matrix    | 0.1 0.2         |
|  [0.3 0.4]]            |                              | 0.3 0.4         |
| 1 3:0.5 7:0.25         | LIBSVM, svmlight             | refused: sparse |

Formats: https://spark.apache.org/docs/latest/sql-data-sources-csv.html (escape),
https://kaldi-asr.org/doc/io.html, https://github.com/cjlin1/libsvm
"""

import re

from core.data.readers.delimited.head import Head, read_head
from core.data.readers.delimited.lines import contains
from core.errors import DataError

NUMBER = rb"(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?nan|[+-]?inf)"
BRACKETS = re.compile(
    rb"\S+[ \t]+\[\s+" + NUMBER + rb"(?:[ \t]+" + NUMBER + rb")+\s+\][ \t]*\r?(?:\n|\Z)"
)
BRACKET = re.compile(rb"[ \t]*\[\s*|[ \t]*\](?=[ \t]*\r?(?:\n|\Z))")
PRINTED = re.compile(rb"\s*\[\[\s*" + NUMBER + rb"\s+(?:" + NUMBER + rb"|\])")
ROW_END = re.compile(rb"\]\s*\[")
ESCAPED = re.compile(rb'\\"(?!["\r\n,;|\t]|\Z)')  # else a backslash ends a cell, or "" is one mark
SPARSE = re.compile(r"[^\s:]+(?:\s+(?:qid|\d+):[+-]?[\d.]+(?:[eE][+-]?\d+)?)+\s*(?:#.*)?")
LOOKED_AT = 20


def rewritten(view: memoryview) -> tuple[memoryview, str]:
    """The text as plain delimited text, and what to say of it; as it is where nothing is to do."""
    if BRACKETS.match(view) is not None:
        lines = BRACKET.sub(_gap, view)
        if lines.rstrip().count(b"\n") + 1 == bytes(view).count(b"["):  # else matrices
            return memoryview(lines), "numbers in brackets after a word on each line"
    if PRINTED.match(view) is not None:
        return memoryview(_unprinted(bytes(view))), "a matrix as numpy prints it"
    if contains(view, b"\\") and contains(view, b'"') and ESCAPED.search(view) is not None:
        plain = memoryview(bytes(view).replace(b'\\"', b'""'))
        if _has_quoted_cells(read_head(plain)):
            return plain, "quotation marks within cells are written with a backslash"
    return view, ""


def _unprinted(text: bytes) -> bytes:
    if b"..." in text:
        raise DataError(
            "The matrix was cut off by printing ('...'): not all numbers are in the file. Save it "
            "whole with numpy.save."
        )
    rows = ROW_END.split(text.strip().removeprefix(b"[[").removesuffix(b"]]"))
    return b"\n".join(b" ".join(row.split()) for row in rows) + b"\n"


def refuse_sparse(head: Head) -> None:
    """Raise DataError for lines of a label and pairs of index and value."""
    lines = [line for line in head.text.split("\n")[:LOOKED_AT] if line.strip()]
    whole = lines if head.complete or len(lines) < 2 else lines[:-1]
    if whole and all(SPARSE.fullmatch(line.strip()) for line in whole):
        raise DataError(
            "The lines hold sparse vectors, pairs of index and value (LIBSVM, svmlight), and only "
            "dense vectors are read. Save the dense rows, e.g. "
            "sklearn.datasets.load_svmlight_file(FILE)[0].toarray(), with numpy.save."
        )


def _gap(match: "re.Match[bytes]") -> bytes:
    return b" " if b"[" in match[0] else b""


def _has_quoted_cells(head: Head) -> bool:
    """Whether a cell begins with a quotation mark."""
    return re.search(r'(?:\A|[,;|\t\n])"', head.text) is not None
