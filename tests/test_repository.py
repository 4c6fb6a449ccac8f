"""What holds for the repository as a whole: sizes, layering at run time, nothing of one machine."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 2**20
LIBRARY = ["data", "figures", "gate", "index", "metrics", "projection", "studies"]
# Slow to load, or no part of the library: a session of the app or a notebook may never need them.
LATE = ["numba", "openTSNE", "pacmap", "scipy.stats", "streamlit", "umap"]


def _tracked() -> list[Path]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a clone: git cannot list the files")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def _sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def _named(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


def test_no_file_is_over_5_mb_and_all_are_under_40_mb() -> None:
    sizes = {path: path.stat().st_size for path in _tracked()}
    assert _named([path for path, size in sizes.items() if size > 5 * MEGABYTE]) == []
    assert sum(sizes.values()) < 40 * MEGABYTE


def test_no_file_names_a_folder_of_one_machine() -> None:
    folder = re.compile(rb"(?<![\w.)}>~/-])/(?:root|work|tmp|home|Users)/\w")
    text = [path for path in _tracked() if not _is_binary(path)]
    assert _named([path for path in text if folder.search(path.read_bytes())]) == []


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return b"\0" in file.read(8192)


def test_a_server_does_not_watch_its_code() -> None:
    settings = tomllib.loads((ROOT / ".streamlit/config.toml").read_text(encoding="utf-8"))
    assert settings["server"]["fileWatcherType"] == "none"  # 0.4 s of CPU in each new session


def test_constraints_pin_versions_and_name_no_address() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.!+]+", pin)] == []
    names = [pin.split("==")[0].lower().replace("_", "-") for pin in pins]
    assert names == sorted(set(names))
    assert "nearfield" not in names


def test_only_pages_ui_touches_session_state_and_the_caches() -> None:
    streamlit_state = re.compile(r"\bst\.(?:session_state|cache_\w+)")
    ui = ROOT / "pages" / "ui"
    others = [path for path in _sources("core", "pages") if not path.is_relative_to(ui)]
    others.append(ROOT / "app.py")
    assert (
        _named([path for path in others if streamlit_state.search(path.read_text("utf-8"))]) == []
    )


def test_importing_the_library_loads_nothing_slow() -> None:
    program = "import sys\n"
    program += "".join(f"import core.{name}\n" for name in LIBRARY)
    program += f"print(*[name for name in {LATE} if name in sys.modules])"
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == []


def test_every_csv_is_guarded_and_every_table_marks_what_is_hidden() -> None:
    """`core.data.sheets.csv_text` and `pages.ui.display.tables.show` are the only ways out."""
    csv_writer, table = re.compile(r"\.to_csv\("), re.compile(r"\bst\.(?:dataframe|table)\(")
    sources = [*_sources("core", "pages"), ROOT / "app.py"]
    texts = {path: path.read_text("utf-8") for path in sources}
    found = [path for path, text in texts.items() if csv_writer.search(text)]
    assert _named(found) == ["core/data/sheets.py"]
    found = [path for path, text in texts.items() if table.search(text)]
    assert _named(found) == ["pages/ui/display/tables.py"]
