"""Numbers, sizes and user text as words on a page: pure functions."""

import math
import re

from core.distances import Metric
from core.visible import visible

_JOINER = "\u2060"
_MADE_OF_TEXT = re.compile(
    r"(?<=://)(?=\S)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@[\w-]+\.[a-z])"  # addresses
    r"|(?<=:)(?=(?:material/\w+|[a-z][\w+-]*|[+-]1):)"  # icons and emoji
    r"|(?<=-)(?=[->])|(?<=<)(?=-)",  # arrows and dashes; >= may become its sign
    re.IGNORECASE,
)
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: object) -> str:
    """`text` as Markdown that shows it letter by letter, on one line, with nothing hidden in it.

    Streamlit makes links, icons, emoji and arrows also of escaped text, once it is parsed; a word
    joiner, which has no width, keeps those apart that would become one.
    """
    apart = _MADE_OF_TEXT.sub(_JOINER, " ".join(visible(text).split()))
    return _MARKDOWN.sub(r"\\\1", apart)


def number(value: float, digits: int = 3) -> str:
    """Thousands separators and `digits` significant digits; whole numbers stay whole.

    >>> number(12345), number(0.04567), number(1234.5), number(float("nan"))
    ('12,345', '0.0457', '1,234', 'not defined')
    """
    if math.isnan(value):
        return "not defined"
    if math.isinf(value):
        return "infinite" if value > 0 else "-infinite"
    if float(value).is_integer():
        return f"{int(value):,}"
    if abs(value) < 10.0**-digits:
        return f"{value:.{digits - 1}e}"
    decimals = max(0, digits - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{decimals}f}"


def percent(share: float) -> str:
    """A share in [0, 1] as percent, three significant digits.

    >>> percent(0.0613), percent(1.0)
    ('6.13 %', '100 %')
    """
    return f"{number(100 * share)} %" if math.isfinite(share) else number(share)


def count(items: int, noun: str, plural: str | None = None) -> str:
    """How many of what.

    >>> count(1, "class", "classes"), count(5000, "item")
    ('1 class', '5,000 items')
    """
    return f"{items:,} {noun if items == 1 else plural or noun + 's'}"


def seconds(value: float) -> str:
    """A length of time with its unit.

    >>> seconds(0.0123), seconds(2.345), seconds(754)
    ('12.3 ms', '2.35 s', '12 min 34 s')
    """
    if value < 1:
        return f"{number(1000 * value)} ms"
    if value < 60:
        return f"{number(value)} s"
    return f"{int(value) // 60:,} min {int(value) % 60} s"


def size(count_of_bytes: float) -> str:
    """A number of bytes with its unit (powers of 1000).

    >>> size(999), size(7_680_000)
    ('999 B', '7.68 MB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count_of_bytes < 1000 or unit == "GB":
            break
        count_of_bytes /= 1000
    return f"{number(count_of_bytes)} {unit}"


def lengths_of(metric: Metric) -> str:
    """What the lengths of an intrinsic dimension are under a metric."""
    return {
        "cosine": "chords between unit vectors",
        "euclidean": "Euclidean distances",
        "inner_product": "Euclidean distances, for those of inner product are no lengths",
    }[metric]
