"""Whether bytes are text, and whether that text is JSON: looked at, not parsed."""

import codecs
import json
import re

MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1a\x1b"))
LONGEST_LINE = 2**16
JSON_LIST = re.compile(
    r'\[\s*(?:[\[{"\]]|(?:[-+]?[\d.][\d.eE+-]*|-?Infinity|NaN|null|true|false)\s*(?:[,\]]|\Z))'
)
PRINTED = re.compile(r"\[\[\s*[-+]?[\d.][\d.eE+-]*\s+[-+]?[\d.]")
JSON_OBJECT = re.compile(r'\{\s*(?:["}]|\Z)')


def is_text(start: bytes) -> bool:
    """Whether the first bytes of a file are text of some encoding: no control characters.

    UTF-16 without a mark has a NUL in every other byte of its Latin letters.
    """
    if start.startswith(MARKS[1:]):
        return True
    if start.translate(None, CONTROLS) == start:
        return bool(start)
    halves = start[::2], start[1::2]
    zeros = [half.count(0) for half in halves]
    few, many = sorted(zeros)
    return few == 0 and many > len(start) // 4


def is_json(start: bytes) -> bool:
    """Whether a text that begins with these bytes is JSON, by its first line that is not blank.

    A line that begins with a list, as in a table without column names, is JSON only where the
    list ends the line or is followed by a comma or another list. A matrix as numpy prints it, with
    no commas, is none.
    """
    text = _decode(start).lstrip("\ufeff \t\r\n")
    line = text[:LONGEST_LINE].split("\n", 1)[0].rstrip()
    if not line.startswith(("{", "[")) or PRINTED.match(line) is not None:
        return False
    try:
        _, end = json.JSONDecoder().raw_decode(line)
    except (ValueError, RecursionError):
        pattern = JSON_OBJECT if line.startswith("{") else JSON_LIST
        return pattern.match(text[:LONGEST_LINE]) is not None
    return line[end:].lstrip()[:1] in ("", ",", line[0])


def _decode(start: bytes) -> str:
    if start.startswith(codecs.BOM_UTF16_LE) or start[1:2] == b"\0":
        return start.decode("utf-16-le", "replace")
    if start.startswith(codecs.BOM_UTF16_BE) or start[:1] == b"\0":
        return start.decode("utf-16-be", "replace")
    return start.decode("utf-8", "replace")
