"""What all tests share: wild input is the same at every run, and slow machines are no failures."""

import pytest
from hypothesis import settings

settings.register_profile("nearfield", deadline=None, derandomize=True)
settings.load_profile("nearfield")

LOOPS = "hostile"  # in the name of a file: the same lines for thousands of damaged files


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave loops over damaged files out of the coverage, which doubles their time."""
    for item in items:
        if LOOPS in item.path.name:
            item.add_marker(pytest.mark.no_cover)
