"""The limits of a deployment: what the environment says, else the default; the README has them."""

from pathlib import Path

import pytest

from core.data.limits import max_bytes
from core.errors import ParameterError
from core.limits import BUILD_THREADS, LIMITS, MAX_UPLOAD_MB, Limit

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.variable)
def test_the_readme_has_each_limit(limit: Limit) -> None:
    assert f"| `{limit.variable}` | {limit.words} | {limit.what} |" in README


def test_no_variable_stands_for_two() -> None:
    assert len({limit.variable for limit in LIMITS}) == len(LIMITS)


def test_the_environment_wins_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(MAX_UPLOAD_MB.variable, raising=False)
    assert (MAX_UPLOAD_MB.value, max_bytes()) == (2_000, 2_000_000_000)
    monkeypatch.setenv(MAX_UPLOAD_MB.variable, "3")
    assert (MAX_UPLOAD_MB.value, max_bytes()) == (3, 3_000_000)


@pytest.mark.parametrize("text", ["0", "-1", "2.5", "many", " "])
def test_what_is_no_whole_number_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_UPLOAD_MB.variable, text)
    with pytest.raises(ParameterError, match=rf"NEARFIELD_MAX_UPLOAD_MB .*; got '{text}'"):
        _ = MAX_UPLOAD_MB.value


@pytest.mark.parametrize(("cores", "threads"), [(1, 1), (2, 1), (8, 4), (None, 1)])
def test_builds_take_half_the_cores(
    cores: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert BUILD_THREADS.value == threads
