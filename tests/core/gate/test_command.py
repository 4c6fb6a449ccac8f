"""`nearfield check`: statuses, files, the pipeline of the documentation, and pytest's plugin."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from core.gate import check_command, diff_command
from pages import launch
from tests.core.gate.made import cut_off, graph_of, vectors, write

ROOT = Path(__file__).resolve().parents[3]
DOCS = (ROOT / "docs" / "gate.md").read_text("utf-8")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data, an index of it, one with nodes cut off, queries, and the bounds of the docs."""
    made = tmp_path_factory.mktemp("gate")
    rows = vectors()
    graph = graph_of(rows)
    np.save(made / "vectors.npy", rows)
    np.save(made / "queries.npy", vectors(40) + 0.01)
    write(graph, made / "index.bin")
    write(cut_off(graph), made / "broken.bin")
    (made / "bounds.toml").write_text(code("toml"))
    return made


def code(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOCS, re.DOTALL)
    assert found is not None
    return found[1]


def arguments(folder: Path, index: str, *more: str) -> list[str]:
    return [
        "check",
        str(folder / "vectors.npy"),
        f"--index={folder / index}",
        f"--queries={folder / 'queries.npy'}",
        f"--bounds={folder / 'bounds.toml'}",
        *more,
    ]


def test_an_index_that_serves_passes(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = [f"--{kind}={tmp_path / kind}" for kind in ("json", "junit", "html")]
    assert launch.main(arguments(folder, "index.bin", *written)) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "All 5 bounds hold for vectors."
    assert sum(line.startswith("  passed  ") for line in out) == 5
    assert json.loads((tmp_path / "json").read_text())["passed"] is True
    assert ElementTree.parse(tmp_path / "junit").getroot()[0].get("failures") == "0"
    assert (tmp_path / "html").read_text().startswith("<!doctype html>")


def test_the_pipeline_of_the_documentation_stops_a_broken_index(folder: Path) -> None:
    """The lines of its shell, run by a shell, on an index with nodes cut off."""
    shell = code("sh")
    step = re.search(r"- run: \|\n((?: {10}.*\n)+)", DOCS)
    assert step is not None
    assert re.sub(r"^ {10}", "", step[1], flags=re.MULTILINE) == shell  # the same on GitHub
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    script = bin_folder / "nearfield"
    script.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pages.launch "$@"\n')
    script.chmod(0o755)
    done = subprocess.run(
        ["sh", "-e", "-c", shell.replace("index.bin", "broken.bin")],
        cwd=folder,
        env={
            **os.environ,
            "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("1 of 5 bounds broken for vectors: lost items at ef 64.\n")
    assert "            row 7\n            row 70\n            row 300\n" in done.stdout
    suite = ElementTree.parse(folder / "gate.xml").getroot()[0]
    failed = [case.get("name") for case in suite if case.find("failure") is not None]
    assert failed == ["lost items at ef 64"]
    assert json.loads((folder / "gate.json").read_text())["bounds"][1]["named"][0] == "row 7"
    assert "BROKEN" not in (folder / "gate.html").read_text()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"data": "none.npy"}, "none.npy"),
        ({"bounds": "none.toml"}, "none.toml could not be read"),
        ({"index": "vectors.npy"}, "vectors.npy"),
        ({"json": "no/such/folder.json"}, "No such file or directory."),
    ],
)
def test_what_cannot_be_checked_has_a_status_of_its_own(
    changed: dict[str, str],
    said: str,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    asked = {"bounds": "bounds.toml", "junit": str(tmp_path / "gate.xml"), **changed}
    data = asked.pop("data", "vectors.npy")
    given = [data, *(f"--{name}={value}" for name, value in asked.items())]
    if "json" in changed or "index" in changed:
        (tmp_path / "b.toml").write_text("[duplicates]\nat_most = 0")
        given.append(f"--bounds={tmp_path / 'b.toml'}")
    assert check_command.main(given) == 2
    error = capsys.readouterr().err
    assert error.startswith("nearfield: ")
    assert error.count("\n") == 1
    assert said in error
    suite = ElementTree.parse(tmp_path / "gate.xml").getroot()[0]
    assert (suite.get("errors"), suite[0][0].tag) == ("1", "error")
    assert f"nearfield: {suite[0][0].get('message')}\n" == error


def test_a_fault_of_ours_is_no_broken_bound(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(check_command, "check_files", fail)
    junit = tmp_path / "gate.xml"
    assert launch.main(arguments(folder, "index.bin", f"--junit={junit}")) == 2
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.endswith("nearfield: The check failed: ZeroDivisionError.\n")
    assert ElementTree.parse(junit).getroot()[0].get("errors") == "1"
    monkeypatch.setattr(diff_command, "open_index", fail)
    assert launch.main(["diff", "a", "b"]) == 2


def test_a_command_without_its_bounds_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        launch.main(["check", "vectors.npy"])
    assert ended.value.code == 2
    assert "--bounds" in capsys.readouterr().err


TESTS = """
from core.gate import Bounds, DuplicatesBound, IndexSettings, LostBound

def test_serves(nearfield_gate):
    report = nearfield_gate("vectors.npy", bounds=Bounds((DuplicatesBound(at_most=0),)))
    assert report.checks[0].items == 600

def test_broken(nearfield_gate):
    lost = Bounds((LostBound(ef=40, at_most=1),), index=IndexSettings(metric="cosine"))
    nearfield_gate("vectors.npy", bounds=lost, index="broken.bin")

def test_no_file(nearfield_gate):
    nearfield_gate("none.npy", bounds="bounds.toml")
"""


def test_the_plugin_fails_a_test_in_words(folder: Path) -> None:
    (folder / "test_gate.py").write_text(TESTS + code("python"))  # with that of the docs
    options = "-q -p no:cacheprovider -p core.pytest_plugin --rootdir=. --junitxml=pytest.xml"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options.split(), "test_gate.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "2 failed, 2 passed" in done.stdout
    assert "Traceback" not in done.stdout
    assert "1 of 1 bound broken for vectors: lost items at ef 40." in done.stdout
    assert (
        "- lost items at ef 40: 3 of 600 items of the index, 3 unreachable, 0 more" in done.stdout
    )
    assert "The gate could not be checked: " in done.stdout
    ours = ElementTree.parse(folder / "pytest.xml").getroot()
    assert (ours.tag, ours[0].tag, ours[0][0].tag) == ("testsuites", "testsuite", "testcase")


def test_the_plugin_is_an_entry_point() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["entry-points"]["pytest11"] == {"nearfield": "core.pytest_plugin"}
    program = "import sys, core.pytest_plugin; print('numpy' in sys.modules)"  # at each start
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "False\n"
