"""The description of the API for programs: OpenAPI 3.1, made of the calls themselves."""

from typing import Any

from core.service import CALLS, Call
from pages.ui.server import state

JSON, PROBLEM = "application/json", "application/problem+json"
ERRORS = {
    "400": "The arguments are no JSON.",
    "401": "The token is missing or wrong.",
    "403": "Who asks may not call this server.",
    "404": "The data, the index or the job is not here (any more).",
    "409": "The job was stopped.",
    "413": "The arguments are too large.",
    "415": "The arguments are not sent as JSON.",
    "422": "An argument, or what it names, cannot be used; the sentence says what to do.",
    "429": "Too many jobs wait or run already.",
    "500": "Something unexpected happened, which the log of the server has.",
}
JOB = {
    "type": "object",
    "properties": {
        "job": {"type": "string", "description": "its id"},
        "call": {"type": "string"},
        "state": {"enum": ["queued", "running", "done", "failed", "stopped"]},
        "share": {"type": "number", "description": "of the work that is done, from 0 to 1"},
        "words": {"type": "string", "description": "what is being done"},
        "seconds": {"type": "number"},
        "address": {"type": "string"},
        "answer": {"type": "object", "description": "once it is done"},
        "problem": {"$ref": "#/components/schemas/Problem"},
    },
    "required": ["job", "call", "state", "share", "words", "seconds", "address"],
}
WAIT = {
    "name": "Prefer",
    "in": "header",
    "schema": {"type": "string", "examples": ["wait=30"]},
    "description": "How many seconds the answer is waited for (RFC 7240), at most 60.",
}
ID = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}


def described(root: str, *, has_token: bool) -> dict[str, Any]:
    """The description of the API below the path `root`."""
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Nearfield",
            "version": state.release() or "0",
            "description": "Load vectors, build or open their HNSW index, and ask what it finds "
            "and loses. A call that takes longer than is waited for is answered 202.",
        },
        "servers": [{"url": root}],
        "paths": {f"/{name}": {"post": _call(call)} for name, call in CALLS.items()}
        | {"/jobs/{id}": {"get": _job("ask"), "delete": _job("stop"), "parameters": [ID]}},
        "components": {
            "schemas": {
                **{f"{name}_arguments": call.arguments.schema() for name, call in CALLS.items()},
                "Job": JOB,
                "Problem": _problem(),
            }
        },
    }
    if has_token:
        bearer = {"type": "http", "scheme": "bearer"}
        found["components"]["securitySchemes"] = {"token": bearer}
        found["security"] = [{"token": []}]
    return found


def _call(call: Call) -> dict[str, Any]:
    arguments = {"$ref": f"#/components/schemas/{call.name}_arguments"}
    return {
        "operationId": call.name,
        "summary": call.title,
        "description": call.says,
        "parameters": [WAIT],
        "requestBody": {"required": True, "content": {JSON: {"schema": arguments}}},
        "responses": {
            "200": {
                "description": "The answer.",
                "content": {JSON: {"schema": {"type": "object"}}},
            },
            "202": {"description": "Its job, which goes on.", "content": _content("Job", JSON)},
            **_errors("400", "401", "403", "404", "409", "413", "415", "422", "429", "500"),
        },
    }


def _job(what: str) -> dict[str, Any]:
    summary = {"ask": "How far a job is, or its answer", "stop": "Stop a job"}[what]
    found = {
        "operationId": f"{what}_job",
        "summary": summary,
        "responses": {
            "200": {"description": "Where it stands.", "content": _content("Job", JSON)},
            **_errors("401", "403", "404"),
        },
    }
    return found | ({"parameters": [WAIT]} if what == "ask" else {})


def _errors(*statuses: str) -> dict[str, Any]:
    return {
        status: {"description": ERRORS[status], "content": _content("Problem", PROBLEM)}
        for status in statuses
    }


def _content(schema: str, kind: str) -> dict[str, Any]:
    return {kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _problem() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail")}
    return {
        "type": "object",
        "description": "RFC 9457. detail: the sentence that says what is wrong and what to do.",
        "properties": {**texts, "status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    }
