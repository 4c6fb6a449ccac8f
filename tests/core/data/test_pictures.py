"""What a browser may draw of a cell: pixels in the data, addresses of hosts that are allowed."""

import pytest

from core.data.pictures import drawable

HOSTS = ("good.org", "*.good.net")
ALLOWED = (
    "https://good.org/a.png",
    "https://GOOD.org/a/b.JPG?size=2#x",
    "HTTPS://img.good.net/a.webp",
)
REFUSED = (
    "http://good.org/a.png",  # anybody on the way may read and change it
    "https://evil.org/a.png",
    "https://good.net/a.png",
    "https://good.org.evil.org/a.png",
    "https://evil.org/good.org/a.png",
    "https://good.org@evil.org/a.png",
    "https://evil.org\\@good.org/a.png",  # a browser asks evil.org
    "https://good.org\\.evil.org/a.png",
    "https://good.org:8443/a.png",
    "https://good.org",
    "https://good.org/sign-out",
    "https://good.org/a .png",
    " https://good.org/a.png",
    "//good.org/a.png",
    "javascript:alert(1)//a.png",
    "file:///a.png",
    "/srv/a.png",
    "a.png",
    "",
)


@pytest.mark.parametrize("link", ALLOWED)
def test_a_listed_host_is_drawn(link: str) -> None:
    assert drawable(link, HOSTS) == link
    assert drawable(link) == ""


@pytest.mark.parametrize("link", REFUSED)
def test_another_address_is_not(link: str) -> None:
    assert drawable(link, HOSTS) == ""


@pytest.mark.parametrize("kind", ["png", "jpeg", "jpg", "gif", "webp"])
def test_pixels_in_the_data_are_drawn(kind: str) -> None:
    uri = f"data:image/{kind};base64,AA=="
    assert drawable(uri) == uri


@pytest.mark.parametrize(
    "cell",
    [
        "data:image/svg+xml;base64,AA==",
        "data:image/svg+xml,<svg onload=alert(1)>",
        "data:image/bmp;base64,AA==",
        "data:image/png+xml,<svg/>",
        "data:text/html,<script>alert(1)</script>",
        "<svg/>",
        None,
        b"data:image/png;base64,AA==",
        float("nan"),
    ],
)
def test_nothing_else_is(cell: object) -> None:
    assert drawable(cell, HOSTS) == ""
