"""How work reports what is done: the forms of a report, and the report of a part.

Two forms, for two kinds of functions. A study knows what it is doing and says so: it calls
`progress(share, words)`, the share from 0 to 1. A function of core.index goes through rows or
queries and knows only how many: it calls `progress(done, total)`, and its caller has the words.
`counted` makes the second form of the first, `part` makes a report of a part of one of the whole:

    build_hnsw(vectors, params, progress=counted(part(progress, 0.0, 0.8), "{:,} of {:,} rows"))

In both an exception that the report raises stops the work and comes out of it.
"""

from collections.abc import Callable

Progress = Callable[[float, str], None]
CountProgress = Callable[[int, int], None]
ShareProgress = Callable[[float], None]
ROWS_INSERTED = "{:,} of {:,} rows inserted"  # for `counted`


def unheard(_done: float, _more: object) -> None:
    """The report, of either form, where none is wanted."""


def part(progress: Progress | None, start: float, end: float) -> Progress:
    """The report of a part that goes from the share `start` of the whole to the share `end`.

    >>> part(print, 0.5, 0.75)(0.5, "half of the third quarter")
    0.625 half of the third quarter
    """
    if progress is None:
        return unheard
    return lambda share, words: progress(start + (end - start) * share, words)


def counted(progress: Progress | None, words: str) -> CountProgress:
    """The report of things done, of which there are `total`, as one of shares.

    words: a format of the two numbers. Nothing to do is a share of 0.

    >>> counted(print, "{:,} of {:,} rows")(500, 2000)
    0.25 500 of 2,000 rows
    """
    if progress is None:
        return unheard
    return lambda done, total: progress(done / max(total, 1), words.format(done, total))


def counted_from(progress: CountProgress | None, start: int, total: int) -> CountProgress:
    """The report of a part that begins after `start` of the `total` things of the whole.

    >>> counted_from(print, 20, 100)(5, 10)
    25 100
    """
    if progress is None:
        return unheard
    return lambda done, _: progress(start + done, total)


def wordless(progress: ShareProgress | None) -> Progress:
    """The report of shares and words, as one of shares only.

    >>> wordless(print)(0.5, "epoch 100 of 200")
    0.5
    """
    if progress is None:
        return unheard
    return lambda share, _: progress(share)
