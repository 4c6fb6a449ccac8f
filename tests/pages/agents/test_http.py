"""The API: who may call it, what it answers, how errors read, and jobs that take long."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from core.errors import MissingExtraError, ParameterError
from core.limits import API_JOBS, API_TOKEN
from core.progress import Progress
from core.service import CALLS, Answer, Arguments, Call, Holdings
from core.service.arguments import said
from pages.agents.http import BELOW, LARGEST_BODY, Api, check_token, token
from pages.ui.jobs.runner import Runner
from tests.patience import PATIENCE

TOKEN = "0123456789abcdef0123456789abcdef"
PROBLEM = "application/problem+json"


@dataclass(frozen=True, kw_only=True)
class Slow(Arguments):
    fails: str | None = said("with what", default=None)


class Gate:
    """A call that tells when it runs, and goes on once it may."""

    def __init__(self) -> None:
        self.running, self.may_end = threading.Event(), threading.Event()

    def slow(self, _holdings: Holdings, asked: Slow, progress: Progress) -> Answer:
        self.running.set()
        while not self.may_end.wait(0.005):
            progress(0.25, "waiting")
        progress(0.5, "ending")
        if asked.fails == "core":
            raise MissingExtraError("This", "that", "maps")
        if asked.fails is not None:
            raise RuntimeError("of somebody's data")
        return {"slow": True}


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    made = Runner(threads=2)
    yield made
    made.close()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    made = Gate()
    monkeypatch.setitem(CALLS, "slow", Call("Slow", "Waits.", Slow, made.slow))
    yield made
    made.may_end.set()


def client(runner: Runner, api: Api | None = None, **headers: str) -> TestClient:
    api = api or Api(lambda: runner, address="localhost", token=None)
    made = TestClient(Starlette(routes=api.routes()), base_url="http://localhost:8501")
    made.headers.update(headers)
    return made


@pytest.fixture
def local(runner: Runner) -> TestClient:
    return client(runner)


def asked(client: TestClient, call: str, wait: float | None = None, **given: Any) -> Any:
    headers = {} if wait is None else {"prefer": f"respond-async, wait={wait:g}"}
    return client.post(f"{BELOW}/{call}", json=given, headers=headers)


def test_calls_are_answered_one_after_another(local: TestClient) -> None:
    data = asked(local, "load", PATIENCE, source="sample:digits").json()
    assert (data["rows"], data["dimensions"]) == (1797, 64)
    made = {"data": data["data"], "m": 4, "ef_construction": 10}
    index = asked(local, "build", PATIENCE, **made).json()["index"]
    found = asked(local, "search", PATIENCE, index=index, row=3, k=2)
    assert found.status_code == 200
    assert found.headers["content-type"] == "application/json"
    assert found.headers["cache-control"] == "no-store"
    assert [each["label"] for each in found.json()["found"]] == ["3", "3"]


@pytest.mark.parametrize(
    ("call", "given", "status", "words"),
    [
        ("search", {"index": "index-1", "row": 0}, 404, "There is no index 'index-1' here."),
        ("search", {"row": 0}, 422, "The argument index is missing: the name that"),
        ("load", {"source": "sample:mnist"}, 422, "There is no sample 'mnist'. Choose wordnet or"),
        ("load", {"source": "/etc/passwd"}, 422, "'/etc/passwd' cannot be loaded here"),
        ("load", {"source": "x" * 5_000}, 422, "source must have 1 to 4,000 characters"),
        ("destroy", {}, 404, "There is no such call. POST /api/v1/NAME, where NAME is one of"),
        ("jobs/1/2", {}, 404, "There is no such call."),
        ("openapi.json", {}, 404, "There is no such call."),
    ],
)
def test_an_error_is_a_sentence_with_a_status(
    local: TestClient, call: str, given: dict[str, Any], status: int, words: str
) -> None:
    refused = asked(local, call, **given)
    assert refused.status_code == status
    assert refused.headers["content-type"] == PROBLEM
    assert refused.json()["status"] == status
    assert refused.json()["detail"].startswith(words)
    assert len(refused.json()["detail"]) < 400


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"source": 1e999}', "application/json; charset=utf-8", 422),
        (b"[]", "application/json", 422),
        (b'{"source": "sample:digits"}', "text/plain", 415),
        (b'{"source": "sample:digits"}', "", 415),
        (b" " * (LARGEST_BODY + 1), "application/json", 413),
    ],
)
def test_what_is_no_json_is_refused(
    local: TestClient, content: bytes, kind: str, status: int
) -> None:
    headers = {"content-type": kind}
    refused = local.post(f"{BELOW}/load", content=content, headers=headers)
    assert refused.status_code == refused.json()["status"] == status


def test_a_call_is_a_post(local: TestClient) -> None:
    for method in ("GET", "PUT", "DELETE"):
        refused = local.request(method, f"{BELOW}/load")
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
    assert local.get(f"{BELOW}/").status_code == 404


def test_without_a_token_this_machine_alone_may_call(runner: Runner, local: TestClient) -> None:
    assert asked(local, "sources").status_code == 200
    for headers in (
        {"host": "near.example.org"},
        {"x-forwarded-for": "10.0.0.9"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        refused = local.post(f"{BELOW}/sources", json={}, headers=headers)
        assert refused.status_code == 403
    same = local.post(f"{BELOW}/sources", json={}, headers={"origin": "http://localhost:8501"})
    assert same.status_code == 200
    beyond = client(runner, Api(lambda: runner, address="0.0.0.0", token=None))
    assert asked(beyond, "sources").status_code == 403


def test_with_a_token_whoever_sends_it_may_call(runner: Runner) -> None:
    api = Api(lambda: runner, address="0.0.0.0", token=TOKEN)
    for wrong in (b"", b"Bearer", f"Bearer {TOKEN}x".encode(), f"Basic {TOKEN}".encode(), b"\xe9"):
        headers = [(b"authorization", wrong)] if wrong else []
        for path, method in (("sources", "POST"), ("openapi.json", "GET"), ("jobs/1", "DELETE")):
            refused = client(runner, api).request(method, f"{BELOW}/{path}", headers=headers)
            assert refused.status_code == 401
            assert refused.headers["www-authenticate"] == "Bearer"
    allowed = client(runner, api, authorization=f"bearer {TOKEN}", host="near.example.org")
    assert asked(allowed, "sources").status_code == 200
    assert "token" in allowed.get(f"{BELOW}/openapi.json").json()["components"]["securitySchemes"]


def test_a_token_is_needed_where_others_reach_the_server() -> None:
    assert token({}) is None
    assert token({API_TOKEN: f" {TOKEN} "}) == TOKEN
    with pytest.raises(ParameterError, match="has 5 characters, and must have at least 32"):
        token({API_TOKEN: "short"})
    check_token(None, "localhost", "open")
    check_token(TOKEN, "0.0.0.0", "login")
    for address, way in (("0.0.0.0", "open"), ("localhost", "login"), ("127.0.0.1", "header")):
        with pytest.raises(ParameterError, match=f"set {API_TOKEN}, which callers send as"):
            check_token(None, address, way)  # type: ignore[arg-type]


def test_a_long_call_has_a_job_that_tells_its_answer(local: TestClient, gate: Gate) -> None:
    begun = asked(local, "slow", 0)
    assert begun.status_code == 202
    address = begun.headers["location"]
    assert begun.json()["address"] == address == f"{BELOW}/jobs/{begun.json()['job']}"
    assert gate.running.wait(PATIENCE)
    told = local.get(address).json()
    assert (told["state"], told["call"]) == ("running", "slow")
    assert "answer" not in told
    gate.may_end.set()
    told = local.get(address, headers={"prefer": "wait=60"}).json()
    assert told["state"] == "done"
    assert told["answer"] == {"slow": True}
    assert local.get(address).json()["answer"] == {"slow": True}


def test_a_job_is_stopped(local: TestClient, gate: Gate) -> None:
    address = asked(local, "slow", 0).headers["location"]
    assert gate.running.wait(PATIENCE)
    assert local.delete(address).json()["state"] == "stopped"
    told = local.get(address, headers={"prefer": "wait=60"}).json()
    assert told["state"] == "stopped"
    assert told["problem"]["status"] == 409
    assert told["problem"]["detail"] == "The job was stopped."
    assert local.get(f"{BELOW}/jobs/unknown").status_code == 404


@pytest.mark.parametrize(("fails", "status"), [("core", 422), ("else", 500)])
def test_a_job_that_fails_says_why_but_nothing_of_the_data(
    local: TestClient, gate: Gate, fails: str, status: int
) -> None:
    gate.may_end.set()
    refused = asked(local, "slow", PATIENCE, fails=fails)
    assert refused.status_code == status
    words = {"core": "This needs that", "else": "Something unexpected happened; the log has it"}
    assert refused.json()["detail"].startswith(words[fails])
    assert "somebody" not in refused.text


def test_so_many_jobs_at_once(
    local: TestClient, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(API_JOBS.variable, "2")
    jobs = [asked(local, "slow", 0).headers["location"] for _ in range(2)]
    refused = asked(local, "slow", 0)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
    assert refused.json()["detail"].startswith("2 jobs wait or run already, as many as this server")
    gate.may_end.set()
    for address in jobs:
        assert local.get(address, headers={"prefer": "wait=60"}).json()["state"] == "done"
    assert asked(local, "slow", PATIENCE).status_code == 200


def test_the_runner_lets_go_of_what_has_ended(
    runner: Runner, local: TestClient, gate: Gate
) -> None:
    gate.may_end.set()
    before = len(runner.jobs())
    for _ in range(3):
        assert asked(local, "slow", PATIENCE).status_code == 200
    assert len(runner.jobs()) == before + 1  # the last one, until the next call


def test_the_server_answers_below_its_path(runner: Runner) -> None:
    api = Api(lambda: runner, address="localhost", token=None, below="tools/nearfield")
    answer = client(runner, api).post("/tools/nearfield/api/v1/sources", json={})
    assert answer.json()["samples"] == ["sample:wordnet", "sample:digits"]


def test_the_description_names_every_call_and_refers_to_what_is_there(local: TestClient) -> None:
    found = local.get(f"{BELOW}/openapi.json").json()
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": BELOW}]
    assert set(found["paths"]) == {*(f"/{name}" for name in CALLS), "/jobs/{id}"}
    assert "security" not in found
    schemas = found["components"]["schemas"]
    for name, call in CALLS.items():
        assert found["paths"][f"/{name}"]["post"]["summary"] == call.title
        assert schemas[f"{name}_arguments"] == call.arguments.schema()
    for reference in references(found):
        assert reference.removeprefix("#/components/schemas/") in schemas


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, each in value.items():
            if name == "$ref":
                yield each
            yield from references(each)
    elif isinstance(value, list):
        for each in value:
            yield from references(each)
