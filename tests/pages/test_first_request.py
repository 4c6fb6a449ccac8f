"""Each page has a script for a server's first request, and all of them run the router."""

from pathlib import Path

from pages import PAGES, STATUS

FOLDER = Path(__file__).resolve().parents[2] / "pages"


def test_each_page_has_a_script_and_all_are_the_same() -> None:
    scripts = sorted(path.name for path in FOLDER.glob("[0-9]*.py"))
    assert scripts == [
        f"{place}_{info.folder}.py" for place, info in enumerate((*PAGES, STATUS), 1)
    ]
    assert len({(FOLDER / name).read_text(encoding="utf-8") for name in scripts}) == 1
