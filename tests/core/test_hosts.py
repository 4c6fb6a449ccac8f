"""Names of hosts in the environment: what is one, and which hosts are meant."""

import pytest

from core.errors import ParameterError
from core.hosts import is_listed, listed_hosts
from core.limits import REMOTE_IMAGES, remote_image_hosts


def test_hosts_are_separated_by_blanks_or_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(REMOTE_IMAGES, raising=False)
    assert remote_image_hosts() == ()
    monkeypatch.setenv(REMOTE_IMAGES, " Example.org,*.example.com  127.0.0.1 ::1 my_host ")
    assert remote_image_hosts() == ("example.org", "*.example.com", "127.0.0.1", "::1", "my_host")


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org",
        "example.org:443",
        "example.org/pictures",
        "*",
        "a.*.org",
        "*.",
        "a..org",
        "-a.org",
        "a.org; script-src",
        "'self'",
    ],
)
def test_what_is_no_host_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(REMOTE_IMAGES, text)
    with pytest.raises(ParameterError, match="NEARFIELD_REMOTE_IMAGES must name hosts"):
        remote_image_hosts()


def test_other_words_may_stand_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANY", "* example.org")
    assert listed_hosts("ANY", others=("*",)) == ("*", "example.org")


def test_all_below_a_host_is_not_the_host() -> None:
    assert is_listed("a.b.org", ["*.b.org"])
    assert not is_listed("b.org", ["*.b.org"])
    assert not is_listed("ab.org", ["*.b.org"])
    assert not is_listed("", ["*.b.org", "a.org"])
