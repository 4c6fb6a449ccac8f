"""The documentation: what it names exists; every page, study, format and system stands in it."""

import re
from pathlib import Path

import pytest

from core.data import SUPPORTED_ENDINGS
from core.engines import ENGINES
from core.limits import ACCESS, ONE_USER, PROXY_ADDRESSES, USER_HEADER
from pages import PAGES
from pages.recall.studies.chooser import STUDIES

ROOT = Path(__file__).resolve().parents[1]
DOCS = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md")}
OF_THE_CODE = ("adding.md", "architecture.md")
DEPLOYED = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "deploy").iterdir()}
README = (ROOT / "README.md").read_text(encoding="utf-8")
IN_SOURCES = {
    word
    for folder in ("core", "pages", "tests")
    for path in (ROOT / folder).rglob("*.py")
    for word in re.findall(r"\w+", path.read_text(encoding="utf-8"))
}
# Made up in the recipes: files and names of a newcomer's own thing.
INVENTED = (
    "outliers",
    "pruning",
    "avro",
    "voyager",
    "turbopuffer",
    "silhouette",
    "trimap",
    "staleness",
    "fatigue",
)


def quoted(text: str) -> list[str]:
    return [
        each for each in re.findall(r"`([^`\n]+)`", text) if not any(x in each for x in INVENTED)
    ]


def is_path(text: str) -> bool:
    return bool(re.fullmatch(r"[\w./]+/|[\w./]+\.(py|md|toml)|[\w]+/[\w./]+", text))


@pytest.mark.parametrize("name", OF_THE_CODE)
def test_files_that_are_named_exist(name: str) -> None:
    paths = [each for each in quoted(DOCS[name]) if is_path(each)]
    assert len(paths) > 5
    missing = [path for path in paths if not (ROOT / path).exists()]
    assert missing == []


@pytest.mark.parametrize("name", OF_THE_CODE)
def test_names_that_are_mentioned_are_in_the_code(name: str) -> None:
    found = {
        word
        for each in quoted(DOCS[name])
        if not is_path(each)
        for word in re.findall(r"[A-Za-z_]{4,}", each)
    }
    assert sorted(found - IN_SOURCES) == []


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_to_files(name: str) -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", DOCS[name]):
        assert (ROOT / "docs" / target).exists(), target


def test_settings_of_a_deployment_exist() -> None:
    named = set(re.findall(r"NEARFIELD_[A-Z_]+", "\n".join([*DOCS.values(), *DEPLOYED.values()])))
    settings = (ROOT / "core/limits.py").read_text(encoding="utf-8")
    assert [name for name in named if f'"{name}"' not in settings] == []
    assert set(ACCESS) <= named
    example = set(re.findall(r"^#? ?(NEARFIELD_\w+)=", DEPLOYED["example.env"], re.MULTILINE))
    assert example == set(ACCESS) - {USER_HEADER, PROXY_ADDRESSES, ONE_USER}


def test_an_example_of_secrets_holds_none() -> None:
    for line in DEPLOYED["example.env"].splitlines():
        name, equals, value = line.removeprefix("# ").partition("=")
        if equals and name.isupper():
            assert value in ("", "nearfield"), name


def test_the_files_of_a_deployment_are_named() -> None:
    for name in DEPLOYED.keys() - {".env"}:
        texts = [DOCS["deployment.md"], DEPLOYED["compose.yaml"], (ROOT / "Dockerfile").read_text()]
        assert any(f"deploy/{name}" in text for text in texts), name


def test_every_room_stands_in_the_picture() -> None:
    picture = DOCS["architecture.md"].split("```")[1]
    for page in PAGES:
        assert re.search(rf"\b{page.folder}\b", picture), page.folder
    for parent in ("core", "pages/ui"):
        for room in (ROOT / parent).iterdir():
            if room.is_dir() and room.name != "__pycache__":
                assert re.search(rf"\b{room.name}\b", picture), room.name


def test_every_page_study_format_and_system_is_in_the_readme() -> None:
    for page in PAGES:
        assert f"| {page.title} |" in README
    for study in STUDIES:
        assert study.title.casefold() in README.casefold(), study.title
    for ending in SUPPORTED_ENDINGS:
        assert f"`{ending}`" in README
    for engine in ENGINES:
        assert engine.casefold() in README.casefold(), engine
