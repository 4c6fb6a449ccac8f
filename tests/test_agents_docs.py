"""docs/agents.md: every example runs as it stands, by real clients of a real server and command."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.limits import API
from core.service import CALLS
from tests import servers

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs/agents.md").read_text(encoding="utf-8")
HTTP, MCP, PYTHON = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
(COMMANDS,) = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
STATED = "http://localhost:8501"
COMMAND = 'command=".venv/bin/nearfield", args=["mcp"]'


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    with servers.app(home, settings={API: "on", "NEARFIELD_STORE": "off"}) as (address, _):
        yield address


def run(example: str) -> None:
    exec(compile(example, "docs/agents.md", "exec"), {})


def asked(url: str, line: str) -> httpx.Response:
    """The answer to a line of curl."""
    program, *words = shlex.split(line)
    assert program == "curl"
    address = words[-1].replace(STATED, url)
    if words[0] != "--json":
        return httpx.get(address)
    return httpx.post(address, json=json.loads(words[1]), headers={"prefer": "wait=60"}, timeout=90)


def test_each_line_of_curl_is_answered(url: str) -> None:
    lines = COMMANDS.strip().splitlines()
    found: dict[str, Any] = {}
    for line in lines:
        answer = asked(url, line)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-security-policy"]  # as all answers of this server
        found[line.rsplit("/", 1)[-1]] = answer.json()
    assert found["load"]["data"] in lines[1]
    assert found["build"]["index"] in lines[2]
    assert found["recall"]["target"]["mean_recall"] == 0.99
    assert len(found["lost_items"]["items"]) == min(3, found["lost_items"]["lost"])
    assert found["threshold"]["far"]["value"] <= 0.001
    assert found["explain_miss"]["query"]["row"] == 17
    assert set(found["openapi.json"]["paths"]) >= {f"/{name}" for name in CALLS}
    assert found.keys() >= CALLS.keys() - {"sources", "open_index", "search"}


def test_the_script_over_http_runs(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert STATED in HTTP
    run(HTTP.replace(STATED, url))
    recall, lost, threshold = capsys.readouterr().out.splitlines()
    assert re.match(r"ef \d+ is the least with mean recall@10 of at least 0.99 for 179 que", recall)
    assert "lost" in lost
    assert threshold.startswith("A pair with cosine similarity >= 0.")


def test_another_name_and_another_method_are_refused_by_the_server(url: str) -> None:
    elsewhere = httpx.post(f"{url}/api/v1/sources", json={}, headers={"host": "evil.example"})
    assert elsewhere.status_code == 421
    page = httpx.post(f"{url}/api/v1/sources", json={}, headers={"origin": "http://evil.example"})
    assert page.status_code == 403
    assert httpx.get(f"{url}/api/v1/load").status_code == 405


def test_the_agent_over_standard_input_runs() -> None:
    assert COMMAND in MCP
    started = (
        'command=sys.executable, args=["-m", "pages.launch", "mcp"], env=dict(os.environ), '
        f"cwd={str(ROOT)!r}"
    )
    program = f"import os, sys\n{MCP.replace(COMMAND, started)}"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    index, *neighbors = ran.stdout.splitlines()
    assert index in COMMANDS  # over HTTP the same data and settings have the same name
    assert [line.split()[0] for line in neighbors] == [str(rank) for rank in range(1, 11)]


def test_the_functions_run(capsys: pytest.CaptureFixture[str]) -> None:
    run(PYTHON)
    sentence, curve = capsys.readouterr().out.splitlines()
    assert "mean recall@10" in sentence
    assert curve.startswith("[10, ")


def test_every_call_and_setting_is_named() -> None:
    for name in CALLS:
        assert f"| `{name}` |" in TEXT
