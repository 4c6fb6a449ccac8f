"""Numbers, shares, times and sizes in words, at the ends of their units."""

import pytest

from pages.ui.display.text import count, lengths_of, number, percent, plain, seconds, size


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"),
        (12345.0, "12,345"),
        (1234.5, "1,234"),
        (12.345, "12.3"),
        (-0.04567, "-0.0457"),
        (0.000456, "4.56e-04"),
        (float("nan"), "not defined"),
        (float("inf"), "infinite"),
        (float("-inf"), "-infinite"),
    ],
)
def test_numbers(value: float, words: str) -> None:
    assert number(value) == words


def test_numbers_of_two_digits() -> None:
    assert (number(3.14159, 2), number(31.4159, 2), number(0.00314, 2)) == ("3.1", "31", "3.1e-03")


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0613, "6.13 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.5, "50 %"),
        (0.00012345, "0.0123 %"),
        (float("nan"), "not defined"),
    ],
)
def test_shares_are_given_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.parametrize(
    ("taken", "words"),
    [
        (0.0123, "12.3 ms"),
        (0.9996, "1,000 ms"),
        (1.0, "1 s"),
        (2.345, "2.35 s"),
        (59.9, "59.9 s"),
        (60.0, "1 min 0 s"),
        (754.9, "12 min 34 s"),
    ],
)
def test_times_have_the_unit_that_fits(taken: float, words: str) -> None:
    assert seconds(taken) == words


@pytest.mark.parametrize(
    ("count_of_bytes", "words"),
    [
        (999, "999 B"),
        (1000, "1 kB"),
        (2200.0, "2.20 kB"),
        (7_680_000, "7.68 MB"),
        (1_500_000_000, "1.50 GB"),
        (2e12, "2,000 GB"),
    ],
)
def test_sizes_are_powers_of_1000(count_of_bytes: float, words: str) -> None:
    assert size(count_of_bytes) == words


def test_one_is_singular() -> None:
    assert [count(n, "item") for n in (0, 1, 2, 5000)] == [
        "0 items",
        "1 item",
        "2 items",
        "5,000 items",
    ]
    assert (count(1, "query", "queries"), count(2, "query", "queries")) == ("1 query", "2 queries")


def test_text_of_users_is_shown_letter_by_letter() -> None:
    assert plain("a *b* [c](d)\n$x$ <i>") == r"a \*b\* \[c\]\(d\) \$x\$ \<i\>"


def test_lengths_are_named_by_metric() -> None:
    assert lengths_of("cosine") == "chords between unit vectors"
    assert lengths_of("euclidean") == "Euclidean distances"
    assert lengths_of("inner_product").startswith("Euclidean distances, for those of inner product")


@pytest.mark.parametrize(
    "text",
    [
        "www|.a.org",
        "WWW|.a.org",
        "https://|a.org",
        "http://|[::1]",
        "someone|@a.org",
        "mailto:a.b|@c.org",
        ":|material/home:",
        ":|smile: and :|+1:",
        "-|-help",
        "a -|> b",
        "<|-",
    ],
)
def test_what_streamlit_would_make_of_escaped_text_is_kept_apart(text: str) -> None:
    """| stands for a joiner, which is not seen."""
    shown = plain(text.replace("|", ""))
    assert shown.replace("\\", "").replace("\u2060", "|") == text


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "12:30:45",
        "a.b",
        "x @ y",
        "recall@10. Then",
        "a - b",
        "a = b",
        "5 > 4",
        "cosine >= 0.5",
    ],
)
def test_other_text_has_no_joiner(text: str) -> None:
    assert "\u2060" not in plain(text)
