"""`nearfield mcp`: what it takes, and that nothing but the protocol reaches standard output."""

import os
from pathlib import Path

import pytest

from core.limits import ENCODER, FOLDERS
from pages import launch
from pages.agents import command, tools


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str | None, str | None]]:
    """The folders and the encoder that each server started with; none runs."""
    found = list[tuple[str | None, str | None]]()
    for name in (FOLDERS, ENCODER):
        monkeypatch.setenv(name, "")  # put back after the test
    monkeypatch.setattr(
        tools, "serve", lambda: found.append((os.environ[FOLDERS], os.environ[ENCODER]))
    )
    monkeypatch.setattr(command, "load_encoder", lambda folder: folder)
    return found


def test_the_command_serves_with_its_folders_and_its_encoder(
    served: list[tuple[str | None, str | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folders = [tmp_path / name for name in ("one", "two", "three")]
    for each in folders:
        each.mkdir()
    monkeypatch.setenv(FOLDERS, str(folders[0]))
    monkeypatch.chdir(tmp_path)
    given = ["mcp", "--folder", "two", "--folder", str(folders[2]), "--encoder", "one"]
    assert launch.main(given) == 0
    assert served == [(os.pathsep.join(map(str, folders)), str(folders[0]))]
    assert capsys.readouterr().out == ""


def test_what_cannot_be_used_is_said_before_anything_is_served(
    served: list[tuple[str | None, str | None]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert launch.main(["mcp", "--folder", str(tmp_path / "none")]) == command.REFUSED
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("nearfield: NEARFIELD_FOLDERS names ")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "mcp" else name)
    assert launch.main(["mcp"]) == command.REFUSED
    assert "nearfield mcp needs mcp, which is not installed here. Run " in capsys.readouterr().err
    assert served == []


def test_what_a_person_interrupts_ends_well(
    served: list[tuple[str | None, str | None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tools, "serve", interrupted)
    assert launch.main(["mcp"]) == 0
    assert served == []
