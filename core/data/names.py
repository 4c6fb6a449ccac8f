"""Names of columns."""

from collections import Counter
from collections.abc import Iterable

from core.errors import DataError

NAMED = 5


def check_distinct(names: Iterable[str]) -> None:
    """Raise DataError where a name stands more than once."""
    doubled = sorted(name for name, count in Counter(names).items() if count > 1)
    if doubled:
        raise DataError(
            f"Column names must differ; {', '.join(map(repr, doubled[:NAMED]))} stand more than "
            "once. Rename them."
        )
