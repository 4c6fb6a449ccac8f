"""What a page says in words: the answer sentence, notes, errors, empty states, numbers as text.

Text from users (names of files, labels, texts) is always escaped by these functions; where a page
writes its own Markdown, it wraps such text in `plain`.
"""

import logging
import math
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.errors import CoreError
from core.spaces import Metric

LOGGER = logging.getLogger("nearfield")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&])")


def plain(text: object) -> str:
    """`text` as Markdown that shows it letter by letter, on one line."""
    return _MARKDOWN.sub(r"\\\1", " ".join(str(text).split()))


def answer(sentence: str) -> None:
    """Show the page's one answer sentence, large, as its heading; any text may stand in it."""
    with st.container(key="answer"):
        st.title(plain(sentence), anchor=False)


def note(text: str) -> None:
    """Show a small grey line of Markdown: how a figure was made, what was sampled, a caveat."""
    st.caption(text)


def empty(what: str, what_to_do: str) -> None:
    """Say in place of a figure that there is nothing to show, and what to do next."""
    st.info(f"{plain(what)} {plain(what_to_do)}")


def warn(text: str) -> None:
    """Show a message that something differs from what was asked; the page goes on."""
    st.warning(plain(text))


def show_error(error: CoreError) -> None:
    """Show what is wrong, what was got and what to do, as the error says it."""
    st.error(plain(error))


@contextmanager
def guard() -> Iterator[None]:
    """Turn an error inside the block into one message; also a decorator, for fragments.

    A `CoreError` is shown as it is. Anything else is our fault: the visitor gets a reference, and
    the server's log the traceback under the same reference.
    """
    try:
        yield
    except CoreError as error:
        show_error(error)
    except Exception:
        reference = secrets.token_hex(4)
        LOGGER.exception("unexpected error, reference %s", reference)
        show_reference(reference)


def show_reference(reference: str) -> None:
    """Say that something unexpected failed, and under which reference the log has it."""
    st.error(
        f"Something went wrong here; the rest of the app still works. Reference {reference}: "
        "the server's log has the details under it."
    )


def lengths_of(metric: Metric) -> str:
    """What the lengths of an intrinsic dimension are under a metric."""
    return {
        "cosine": "chords between unit vectors",
        "euclidean": "Euclidean distances",
        "inner_product": "Euclidean distances, for those of inner product are no lengths",
    }[metric]


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
    """A share in [0, 1] as per cent, three significant digits.

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
