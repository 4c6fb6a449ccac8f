"""What is said of workspaces."""

from datetime import UTC, datetime, timedelta

import pytest

from core.store import Visibility, Workspace
from pages.ui.display import workspace_words

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)


def record(visibility: Visibility = "private", opened: timedelta = timedelta(0)) -> Workspace:
    return Workspace(
        token="T",
        owner="ann",
        title="Birds",
        visibility=visibility,
        state={},
        holdings={},
        created=NOW,
        changed=NOW,
        opened=NOW - opened,
        expires=datetime(2027, 2, 3, tzinfo=UTC),
        bytes=12_300_000,
    )


@pytest.mark.parametrize(
    ("visibility", "said"),
    [
        ("private", "Saved. Only you can open it."),
        ("link", "Saved. Whoever has its link can open it."),
        ("everyone", "Saved. Everybody here can open it."),
    ],
)
def test_the_card_says_who_can_open_it(visibility: Visibility, said: str) -> None:
    shown = record(visibility)
    assert workspace_words.state(shown, mine=True, writing=False, problem="") == said
    assert workspace_words.state(shown, mine=True, writing=True, problem="") == "Saving."
    assert workspace_words.state(shown, mine=True, writing=True, problem="No.") == "No."
    assert workspace_words.state(shown, mine=False, writing=False, problem="") == (
        "Read-only: your changes stay in this session."
    )


@pytest.mark.parametrize(
    ("visibility", "opened", "said"),
    [
        ("private", timedelta(seconds=20), "12.3 MB, opened just now"),
        ("link", timedelta(minutes=5), "12.3 MB, opened 5 min ago, whoever has the link"),
        ("everyone", timedelta(hours=30), "12.3 MB, opened 30 h ago, everybody here"),
        ("private", timedelta(days=9), "12.3 MB, opened 9 days ago"),
    ],
)
def test_a_line_of_the_list(visibility: Visibility, opened: timedelta, said: str) -> None:
    assert workspace_words.facts(record(visibility, opened), NOW) == said


def test_until_when_it_is_kept() -> None:
    assert workspace_words.until(record()) == (
        "It is kept until 3 February 2027; each time that it is opened puts this off."
    )


def test_the_question_before_it_is_deleted() -> None:
    assert workspace_words.asking("Birds", "private") == "Delete Birds for good?"
    assert workspace_words.asking("Birds", "link") == (
        "Delete Birds for good? Its link then opens nothing."
    )


def test_the_link_for_others_has_the_view_and_not_the_key() -> None:
    query = [("workspace", "T.key"), ("data", "k 1"), ("k", "3")]
    assert workspace_words.link("http://host/sub/map?x=1", query, "T") == (
        "http://host/sub/map?workspace=T&data=k+1&k=3"
    )
