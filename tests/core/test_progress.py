"""Reports of parts and of counts, as reports of the whole."""

import pytest

from core.progress import Progress, counted, counted_from, part, wordless


def noted() -> tuple[Progress, list[tuple[float, str]]]:
    """A progress, and what was reported to it."""
    heard: list[tuple[float, str]] = []
    return lambda share, words: heard.append((share, words)), heard


def test_a_part_goes_from_its_start_to_its_end() -> None:
    progress, heard = noted()
    report = part(progress, 0.2, 0.6)
    for share in (0.0, 0.25, 1.0):
        report(share, f"at {share}")
    assert [share for share, _ in heard] == [pytest.approx(share) for share in (0.2, 0.3, 0.6)]
    assert [words for _, words in heard] == ["at 0.0", "at 0.25", "at 1.0"]


def test_a_part_of_a_part() -> None:
    # 0.5 of [0.5, 1.0] is 0.75; of the whole [0.2, 0.6] that is 0.2 + 0.4 x 0.75 = 0.5.
    progress, heard = noted()
    part(part(progress, 0.2, 0.6), 0.5, 1.0)(0.5, "")
    assert [share for share, _ in heard] == [pytest.approx(0.5)]


def test_counts_become_shares_and_words() -> None:
    progress, heard = noted()
    report = counted(part(progress, 0.2, 0.6), "{:,} of {:,} queries")
    report(500, 2000)
    report(2000, 2000)
    report(0, 0)  # nothing to do
    assert [share for share, _ in heard] == [pytest.approx(share) for share in (0.3, 0.6, 0.2)]
    assert [words for _, words in heard][:2] == ["500 of 2,000 queries", "2,000 of 2,000 queries"]


def test_counts_of_a_part_are_counts_of_the_whole() -> None:
    heard: list[tuple[int, int]] = []
    report = counted_from(lambda done, total: heard.append((done, total)), 20, 100)
    report(0, 10)
    report(10, 10)
    assert heard == [(20, 100), (30, 100)]


def test_shares_without_words() -> None:
    heard: list[float] = []
    part(wordless(heard.append), 0.5, 1.0)(0.5, "layout")
    assert heard == [0.75]


def test_no_report_is_wanted() -> None:
    part(None, 0.0, 1.0)(0.5, "")
    counted(None, "{}")(1, 2)
    counted_from(None, 1, 2)(1, 2)
    wordless(None)(0.5, "")


def test_what_the_report_raises_comes_out() -> None:
    def stop(_share: float, _words: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        counted(part(stop, 0.0, 1.0), "{} of {}")(1, 2)
