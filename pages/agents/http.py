"""The calls over HTTP, below `/api/v1`: a POST for each, jobs of those that take long.

A call that does not end within the time that who asks will wait (`Prefer: wait=SECONDS`, RFC 7240)
is answered 202 with the address of its job, which says how far it is and can be deleted: stopped.
An error is a sentence with a status, in the form of RFC 9457.
"""

import hmac
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from core.errors import CoreError, ParameterError
from core.limits import API, API_TOKEN
from core.service import CALLS, Holdings
from core.service.answers import short
from pages.agents.openapi import described
from pages.agents.problems import Problem, problem_of
from pages.agents.work import Asked, Work, ended
from pages.ui.jobs.runner import Runner
from pages.ui.session.access import LOCAL_OWNER, Way, is_loopback
from pages.ui.session.visitor import is_at_this_machine

LOGGER = logging.getLogger("nearfield")
BELOW = "/api/v1"
OWNER = "api"  # of what is asked with the token
LEAST_TOKEN = 32  # characters
LARGEST_BODY = 2_000_000  # bytes: a vector of 65,536 numbers and its names
PATIENCE, MOST_PATIENCE = 10.0, 60.0  # seconds that a call waits for its answer
WAIT = re.compile(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})")
PROBLEM = "application/problem+json"


def token(environment: Mapping[str, str]) -> str | None:
    """The token that the deployment sets, or None; raises ParameterError for one that is short."""
    stated = environment.get(API_TOKEN, "").strip()
    if stated and len(stated) < LEAST_TOKEN:
        raise ParameterError(
            f"{API_TOKEN} has {len(stated)} characters, and must have at least {LEAST_TOKEN}: "
            "whoever guesses it reads all that this server offers. Make one with: python3 -c "
            "'import secrets; print(secrets.token_urlsafe(32))'"
        )
    return stated or None


def check_token(stated: str | None, address: str, way: Way) -> None:
    """Raise ParameterError where others reach the server, and no token keeps them out."""
    if stated is None and (not is_loopback(address) or way != "open"):
        raise ParameterError(
            f"{API} is on, and others reach this server: set {API_TOKEN}, which callers send as "
            f"Authorization: Bearer TOKEN, or unset {API}."
        )


class Api:
    """The routes. address: that the server listens at. token: that callers send, None for nobody's.

    runner: of the server's jobs. root: the path of all routes. below: the path below which the
    server answers, "" for none.
    """

    def __init__(
        self,
        runner: Callable[[], Runner],
        *,
        address: str,
        token: str | None,
        below: str = "",
    ) -> None:
        self._address, self._token = address, token
        self.root = (f"/{below.strip('/')}" if below else "") + BELOW
        self._work = Work(runner, Holdings(), LOCAL_OWNER if token is None else OWNER)

    def routes(self) -> list[Route]:
        """All of them; what is not there is said in the same form as other errors."""
        root = self.root
        every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        return [
            Route(f"{root}/openapi.json", self._guarded(self._describe), methods=["GET"]),
            Route(f"{root}/jobs/{{id}}", self._guarded(self._job), methods=["GET", "DELETE"]),
            Route(f"{root}/{{call}}", self._guarded(self._call), methods=["POST"]),
            Route(f"{root}/{{rest:path}}", self._guarded(self._nothing), methods=every),
        ]

    def _guarded(
        self, answer: Callable[[Request], Awaitable[Response]]
    ) -> Callable[[Request], Awaitable[Response]]:
        """Answer who may ask; every error becomes a sentence with a status."""

        async def guarded(request: Request) -> Response:
            try:
                self._check(request)
                found = await answer(request)
            except (Problem, CoreError) as error:
                found = _problem(problem_of(error))
            except Exception as error:
                reference = secrets.token_hex(4)
                LOGGER.exception("a call of the API failed, reference %s", reference)
                found = _problem(problem_of(error, reference))
            found.headers["cache-control"] = "no-store"
            return found

        return guarded

    def _check(self, request: Request) -> None:
        """Raise Problem for who may not ask.

        A page of another site can make a browser send a request, to this machine as well: it says
        its origin, and cannot send JSON without having asked first.
        """
        origin = request.headers.get("origin")
        if origin is not None and origin.split("//", 1)[-1] != request.headers.get("host"):
            raise Problem(403, "A page of another site may not call this server.")
        if self._token is None:
            if not is_at_this_machine(self._address, request.headers):
                raise Problem(403, f"Without {API_TOKEN} this machine alone may call this server.")
            return
        scheme, _, sent = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(sent.strip().encode(), self._token.encode())
        if scheme.casefold() != "bearer" or not same:
            raise Problem(
                401,
                "Send the token of this server: Authorization: Bearer TOKEN.",
                www_authenticate="Bearer",
            )

    async def _describe(self, _request: Request) -> Response:
        return JSONResponse(described(self.root, has_token=self._token is not None))

    async def _call(self, request: Request) -> Response:
        call = CALLS.get(request.path_params["call"])
        if call is None:
            raise self._unknown(request)
        asked = self._work.start(call, call.arguments.read(await _body(request)))
        if await ended(asked.job, _patience(request, PATIENCE)):
            return self._answered(asked)
        return self._told(asked, 202)

    async def _job(self, request: Request) -> Response:
        asked = self._work.find(request.path_params["id"])
        if request.method == "DELETE":
            asked.job.stop()
        else:
            await ended(asked.job, _patience(request, 0.0))
        return self._told(asked, 200)

    async def _nothing(self, request: Request) -> Response:
        raise self._unknown(request)

    def _unknown(self, request: Request) -> Problem:
        name = request.path_params.get("call")
        if name in CALLS or request.path_params.get("rest") in CALLS:
            return Problem(405, "A call is a POST with its arguments as JSON.", allow="POST")
        return Problem(
            404,
            f"There is no such call. POST {self.root}/NAME, where NAME is one of "
            f"{', '.join(CALLS)}; {self.root}/openapi.json describes them.",
        )

    def _answered(self, asked: Asked) -> Response:
        """The answer of a call that has ended; raises what it raised."""
        problem = _failure(asked)
        if problem is not None:
            raise problem
        return JSONResponse(asked.job.result)

    def _told(self, asked: Asked, status: int) -> Response:
        """Where a job stands, with its answer once it has one."""
        job, address = asked.job, f"{self.root}/jobs/{asked.id}"
        told: dict[str, Any] = {
            "job": asked.id,
            "call": asked.call.name,
            "state": job.state,
            "share": round(job.fraction, 4),
            "words": short(job.message),
            "seconds": round(job.elapsed, 3),
            "address": address,
        }
        problem = _failure(asked) if job.ended is not None else None
        if problem is not None:
            told["problem"] = _described(problem)
        elif job.ended is not None:
            told["answer"] = job.result
        headers = {"location": address, "retry-after": "1"} if status == 202 else {}
        return JSONResponse(told, status, headers)


async def _body(request: Request) -> object:
    """The JSON of a request; raises Problem."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json":
        raise Problem(415, "The arguments are sent as JSON, with Content-Type: application/json.")
    content = bytearray()
    async for piece in request.stream():
        content += piece
        if len(content) > LARGEST_BODY:
            raise Problem(
                413, f"A call has at most {LARGEST_BODY:,} bytes; data are loaded by name."
            )
    try:
        return json.loads(content or b"{}")
    except (ValueError, RecursionError) as error:  # UnicodeDecodeError is a ValueError
        raise Problem(400, f"The arguments are no JSON: {short(error)}.") from error


def _patience(request: Request, usual: float) -> float:
    """Seconds that who asks will wait."""
    stated = WAIT.search(request.headers.get("prefer", ""))
    return usual if stated is None else min(float(stated[1]), MOST_PATIENCE)


def _failure(asked: Asked) -> Problem | None:
    """Why a job that has ended has no answer; None where it has one."""
    error = asked.job.error
    return None if error is None else problem_of(error, asked.job.reference)


def _described(problem: Problem) -> dict[str, Any]:
    return {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }


def _problem(problem: Problem) -> Response:
    return JSONResponse(_described(problem), problem.status, problem.headers, media_type=PROBLEM)
