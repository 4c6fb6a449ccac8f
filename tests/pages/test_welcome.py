"""What a newcomer is told beside the first map, and that it goes away for good."""

import pytest
from streamlit.testing.v1 import AppTest

from pages import OPENING, PAGES, SUBTITLE
from tests.pages.test_answers import open_page
from tests.pages.test_app import complaints

DISMISS = "Do not show this again"


def told(app: AppTest) -> str:
    return "\n".join(each.value for each in app.main.markdown).replace("\\", "")


def test_it_says_what_each_page_answers_with_one_action(app: AppTest) -> None:
    app.run()
    assert complaints(app) == []
    assert f"**Nearfield.** {SUBTITLE}" in told(app)
    links = [link.proto.label for link in app.get("page_link")]
    buttons = [button.label for button in app.main.button]
    for info in PAGES:
        assert f"**{info.title}.** {info.question}" in told(app)
        assert info.action in (buttons if info.folder == OPENING else links)
    assert DISMISS in buttons


def test_the_action_of_the_open_page_sets_its_controls(app: AppTest) -> None:
    app.run()
    next(each for each in app.main.button if each.label == "Mark what is musical").click().run()
    assert complaints(app) == []
    assert app.text_input(key="mark").value == "musical"
    assert "items hold these letters" in " ".join(note.value for note in app.caption)


def test_who_dismisses_it_does_not_see_it_again(app: AppTest) -> None:
    app.run()
    next(each for each in app.main.button if each.label == DISMISS).click().run()
    assert "Nearfield" not in told(app)
    app.switch_page("pages/data/page.py").run()
    app.switch_page("pages/map/page.py").run()
    assert "Nearfield" not in told(app)
    assert complaints(app) == []


def test_who_dismissed_it_on_an_earlier_visit_does_not_see_it(
    app: AppTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    from streamlit.runtime.context import ContextProxy

    cookies = {"nearfield_welcome": "dismissed"}
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: cookies))
    app.run()
    assert "Nearfield" not in told(app)
    cookies["nearfield_welcome"] = "something else"
    app.run()
    assert "Nearfield" in told(app)


def test_beside_other_data_it_is_not_shown(app: AppTest) -> None:
    open_page(app, "map", data="digits")
    assert "Nearfield" not in told(app)


def test_it_gives_way_to_what_was_chosen(app: AppTest) -> None:
    app.query_params["item"] = "3"
    app.run()
    assert complaints(app) == []
    assert "Nearfield" not in told(app)
