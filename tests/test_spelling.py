"""One spelling in all that people read: American, as in the code."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("core", "pages", "docs", "sample_data", "benchmarks", ".streamlit")
ENDINGS = (".py", ".md", ".js", ".css", ".toml")
# Stems, with what American English writes instead; endings may follow.
BRITISH = {
    "analys(e|ed|es|ing)": "analyze",
    "artefact": "artifact",
    "behaviour": "behavior",
    "cancell(ed|ing)": "canceled",
    "catalogue": "catalog",
    "centr(e|ed|es|ing)(?![a-z])": "center",
    "colour": "color",
    "defence": "defense",
    "dialogue": "dialog",
    "favour": "favor",
    "fulfil(s|ment)?(?![a-z])": "fulfill",
    "(auth|categ|character|custom|emphas|final|general|initial|maxim|memor|minim|normal|optim"
    "|organ|quant|random|real|recogn|serial|special|standard|summar|symbol|synchron|token"
    "|util|vector|visual)is(e|ed|er|es|ing|ation)": "-ize",
    "grey": "gray",
    "honour": "honor",
    "judgement": "judgment",
    "labell(ed|ing)": "labeled",
    "licence": "license",
    "modell(ed|ing)": "modeled",
    "neighbour": "neighbor",
    "per cent": "percent",
    "practise": "practice",
    "signall(ed|ing)": "signaled",
    "towards": "toward",
    "travell(ed|ing)": "traveled",
    "whilst": "while",
}
WORDS = {
    re.compile(rf"(?<![a-z]){stem}", re.IGNORECASE): better for stem, better in BRITISH.items()
}
QUOTED = (
    "not yellow or grey",  # Qdrant's name of a status
    '"license", "licence",',  # names of files that people have
    "judgment judgement judged",  # names of columns that people have
    ".cancelled()",  # of the standard library's futures
)


def texts() -> list[Path]:
    """What users read, and the sources of what they read."""
    below = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    paths = [*below, ROOT / "app.py", ROOT / "README.md", ROOT / "CHANGELOG.md"]
    return sorted(path for path in paths if path.suffix in ENDINGS)


def british(text: str) -> list[str]:
    """Each British word of a text, with its line and the American one."""
    for quoted in QUOTED:
        text = text.replace(quoted, "")
    return [
        f"line {text.count(chr(10), 0, found.start()) + 1}: {found.group()} ({better})"
        for pattern, better in WORDS.items()
        for found in pattern.finditer(text)
    ]


def test_everything_is_in_american_spelling() -> None:
    paths = texts()
    assert len(paths) > 300
    found = {
        str(path.relative_to(ROOT)): said
        for path in paths
        if (said := british(path.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize(
    "word",
    [
        "Neighbours",
        "NEIGHBOURS",
        "colours",
        "behaviour",
        "centred",
        "grey_level",
        "optimisation",
        "quantised",
        "labelled",
        "visualising",
        "fulfils",
        "per cent",
    ],
)
def test_british_words_are_found(word: str) -> None:
    assert british(f"of {word}, and") != []


@pytest.mark.parametrize(
    "word",
    [
        "neighbors four hours your colors gray center percentile fulfilled fulfill precise raised"
        " promise otherwise analysis licensed concentrate resource organism optimist normals"
    ],
)
def test_other_words_are_left_alone(word: str) -> None:
    assert british(word) == []
