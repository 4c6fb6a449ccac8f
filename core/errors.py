"""Every error a user can cause.

CoreError
 ├─ DataError        the vectors or their metadata cannot be used
 ├─ IndexFileError   an index file is damaged, foreign or contradicts what was said of it
 └─ ParameterError   a setting is out of its range

A message says what is wrong, what was got and what to do, so that a page can show it as it is.
"""


class CoreError(Exception):
    """Base of all errors that the user of the library can cause and correct."""


class DataError(CoreError):
    """The vectors or their metadata cannot be used."""


class IndexFileError(CoreError):
    """An index file is damaged, of another kind, or contradicts what was said of it."""


class ParameterError(CoreError, ValueError):
    """A setting is out of its range."""
