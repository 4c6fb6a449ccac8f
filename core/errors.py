"""Every error a user can cause.

CoreError
 ├─ DataError        the vectors or their metadata cannot be used
 │   ├─ ChoiceError    several columns could be meant: one must be chosen
 │   └─ BadRowsError   some rows cannot be used: they can be left out
 ├─ IndexFileError   an index file is damaged, foreign or contradicts what was said of it
 ├─ EncoderError     the folder of a text encoder is damaged or of a kind that is not run
 ├─ StoreError       the store, or something that is kept in it, cannot be read or written
 │   ├─ NotHereError   it holds no such thing, or none that this person may see
 │   ├─ ConflictError  somebody else changed it in the meantime
 │   ├─ QuotaError     an owner keeps as much as one may
 │   └─ FullError      there is no room left for what was to be written
 ├─ ClusterError     the cluster cannot be reached, is not fit for the work, or was lost
 ├─ MissingExtraError  a library that only some features need is not installed
 └─ ParameterError   a setting is out of its range

A message says what is wrong, what was got and what to do, so that a page can show it as it is.
"""

from collections.abc import Iterable


class CoreError(Exception):
    """Base of all errors that the user of the library can cause and correct."""


class DataError(CoreError):
    """The vectors or their metadata cannot be used."""


class ChoiceError(DataError):
    """Several columns could be meant; candidates: their names.

    Of vectors, it is what `vector_column` may be; of judged pairs, what a role of these may be.
    """

    def __init__(self, message: str, candidates: Iterable[str]) -> None:
        super().__init__(message)
        self.candidates = tuple(candidates)


class BadRowsError(DataError):
    """Some rows cannot be used; rows: their numbers from 0, ascending."""

    def __init__(self, message: str, rows: Iterable[int]) -> None:
        super().__init__(message)
        self.rows = tuple(rows)


class IndexFileError(CoreError):
    """An index file is damaged, of another kind, or contradicts what was said of it."""


class EncoderError(CoreError):
    """The folder of a text encoder is damaged, incomplete, or of a kind that is not run."""


class StoreError(CoreError):
    """The store, or something that is kept in it, is damaged, or cannot be read or written."""


class NotHereError(StoreError):
    """The store holds no such thing, or none that the person who asks may see."""


class ConflictError(StoreError):
    """What was to be saved has been changed by somebody else since it was read."""


class QuotaError(StoreError):
    """An owner keeps as much as one may."""


class FullError(StoreError):
    """There is no room left for what was to be written; nothing was changed."""


class ClusterError(CoreError):
    """The cluster cannot be reached, is not fit for the work, or was lost on the way."""


class MissingExtraError(CoreError):
    """A library that only some features need is not installed; the message names how to install it.

    extra: the name of the extra that brings it.
    """

    def __init__(self, feature: str, library: str, extra: str) -> None:
        super().__init__(
            f"{feature} needs {library}, which is not installed here. Run "
            f".venv/bin/python -m pip install -e '.[{extra}]' in Nearfield's folder, then start "
            "Nearfield again."
        )
        self._made_of, self.extra = (feature, library, extra), extra

    def __reduce__(self) -> tuple[type["MissingExtraError"], tuple[str, str, str]]:
        return type(self), self._made_of  # it may come out of another process


class ParameterError(CoreError, ValueError):
    """A setting is out of its range."""
