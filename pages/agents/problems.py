"""Why a call has no answer: a sentence, with the status that HTTP gives it."""

from core.errors import CoreError, NotHereError
from core.service.answers import short
from pages.ui.jobs.executors import Stopped

LONGEST = 2_000  # characters of a sentence


class Problem(Exception):  # noqa: N818 - an answer
    """A call that cannot be answered. status: of HTTP. detail: the sentence. headers: of HTTP."""

    def __init__(self, status: int, detail: str, **headers: str) -> None:
        super().__init__(detail)
        self.status, self.detail = status, short(detail, LONGEST)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class TooManyError(CoreError):
    """As many jobs wait or run as one server takes from its callers."""


def problem_of(error: BaseException, reference: str = "") -> Problem:
    """The problem that an error is. reference: under which the log has an unexpected one.

    What an unexpected error says may hold data, and is not told.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, Stopped):
        return Problem(409, "The job was stopped.")
    if isinstance(error, NotHereError):
        return Problem(404, str(error))
    if isinstance(error, TooManyError):
        return Problem(429, str(error), retry_after="5")
    if isinstance(error, CoreError):
        return Problem(422, str(error))
    return Problem(500, f"Something unexpected happened; the log has it under {reference}.")
