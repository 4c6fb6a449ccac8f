"""Text from users as it can stand in a sentence: it hides nothing, and moves nothing beside it.

Characters that are not drawn (controls, zero width, blank fillers) and those that turn the order
of what follows (Unicode's bidirectional controls, UAX 9) are written as their code, as in [U+202E].
Words of scripts that run from right to left are isolated, so that numbers and words beside them
stay in their places.
"""

import re

ISOLATE, END = "\u2068", "\u2069"  # first strong isolate, and its end
_JOINERS = "\u200c\u200d"
# Not drawn, or drawn as a blank. Tabs and ends of lines are left: they are blanks anyway.
_HIDDEN = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_TURNS = "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
# What a joiner may stand between: letters that change their form beside it, and parts of an emoji.
_JOINED = (
    "\u0620-\u0902\u0903-\u10ff\u1200-\u17b3\u17b6-\u180a\u1820-\u1fff\u2600-\u27bf\ufe0f"
    "\U0001f000-\U0001faff"
)
_LEFTWARD = (
    "\u0590-\u05ff\u0600-\u061b\u061d-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff"
    "\U0001e800-\U0001efff"
)
_ANY = re.compile(f"[{_HIDDEN}{_LEFTWARD}]")
_JOINER = f"(?<=[{_JOINED}])[{_JOINERS}](?=[{_JOINED}])"
_MARKED = re.compile(f"{_JOINER}|([{_HIDDEN}])")
_PIECE = re.compile(
    f"{ISOLATE}([^{_TURNS}\n]*){END}|{_JOINER}|([{_HIDDEN}])"
    f"|[{_LEFTWARD}](?:(?:[ '\u2019-]|{_JOINER})?[{_LEFTWARD}])*"
)


def visible(text: object) -> str:
    """A text in which each hidden character is a mark; what runs from the right is isolated.

    What it gives is given back unchanged.

    >>> visible("paid\\u202etxt.exe"), visible("a\\x00b"), visible("plain, as ever")
    ('paid[U+202E]txt.exe', 'a[U+0000]b', 'plain, as ever')
    """
    whole = str(text)
    return _PIECE.sub(_shown, whole) if _ANY.search(whole) else whole


def marked(text: object) -> str:
    """As `visible`, where nothing stands beside it: in names of files, in cells of a table."""
    whole = str(text)
    return _MARKED.sub(_mark, whole) if _ANY.search(whole) else whole


def hides(text: str) -> bool:
    """Whether `marked` changes a text."""
    return _ANY.search(text) is not None and any(found[1] for found in _MARKED.finditer(text))


def _shown(found: re.Match[str]) -> str:
    if found[1] is not None:
        return f"{ISOLATE}{marked(found[1])}{END}"
    if found[2] is not None:
        return _code(found[2])
    piece = found[0]
    return piece if piece in _JOINERS else f"{ISOLATE}{piece}{END}"


def _mark(found: re.Match[str]) -> str:
    return found[0] if found[1] is None else _code(found[1])


def _code(letter: str) -> str:
    return f"[U+{ord(letter):04X}]"
