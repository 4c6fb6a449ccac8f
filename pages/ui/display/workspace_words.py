"""What is said of workspaces: who can see them, how large they are, what becomes of changes."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from core.store import Visibility
from core.store import Workspace as Record
from pages.ui.display.text import count, size

VISIBLE: dict[Visibility, str] = {
    "private": "Only me",
    "link": "Whoever has the link",
    "everyone": "Everybody here",
}
SEEN: dict[Visibility, str] = {
    "private": "Only you can open it",
    "link": "Whoever has its link can open it",
    "everyone": "Everybody here can open it",
}
GUEST = "You see it as a guest: what you change stays in this session, until you keep a copy."
KEY = (
    "This server has no login. The address in your browser holds the key of this workspace: "
    "whoever has that address can change and delete it. Keep it for yourself."
)
LINK = "The link for others opens exactly this view. They can look around, and change nothing here."
DELETED = (
    "was deleted: its data, its selections and all that was kept with it are gone from this "
    "server. Copies that others have kept are theirs."
)
HOUR, DAY = 3600, 86_400


def state(record: Record, *, mine: bool, writing: bool, problem: str) -> str:
    """The line under the title in the side bar."""
    if not mine:
        return "Read-only: your changes stay in this session."
    if problem:
        return problem
    return "Saving." if writing else f"Saved. {SEEN[record.visibility]}."


def facts(record: Record, now: datetime) -> str:
    """A workspace in the list: its size, when it was opened last, who can see it."""
    seen = "" if record.visibility == "private" else f", {VISIBLE[record.visibility].lower()}"
    opened = ago((now - record.opened).total_seconds())
    return f"{size(record.bytes)}, opened {opened}{seen}"


def ago(seconds: float) -> str:
    """How long ago something was.

    >>> ago(30), ago(7200), ago(3 * 86400)
    ('just now', '2 h ago', '3 days ago')
    """
    if seconds < 60:
        return "just now"
    if seconds < HOUR:
        return f"{round(seconds / 60)} min ago"
    if seconds < 2 * DAY:
        return f"{round(seconds / HOUR)} h ago"
    return f"{count(round(seconds / DAY), 'day')} ago"


def until(record: Record) -> str:
    """When a workspace goes that nobody opens any more."""
    day = f"{record.expires.day} {record.expires:%B %Y}"
    return f"It is kept until {day}; each time that it is opened puts this off."


def quota(used: int, most: int) -> str:
    """How much of what one may keep is in use.

    >>> quota(12_000_000, 1_000_000_000)
    '12 MB of 1 GB in use.'
    """
    return f"{size(used)} of {size(most)} in use."


def asking(title: str, visibility: Visibility) -> str:
    """The question before a workspace is deleted."""
    others = "" if visibility == "private" else " Its link then opens nothing."
    return f"Delete {title} for good?{others}"


def link(page: str, query: Sequence[tuple[str, str]], token: str) -> str:
    """The address for others: of this page with its view, and without the owner's key."""
    view = [(name, value) for name, value in query if name != "workspace"]
    return f"{page.split('?')[0]}?{urlencode([('workspace', token), *view])}"
