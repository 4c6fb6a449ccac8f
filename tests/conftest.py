"""What all tests share: wild input is the same at every run, and slow machines are no failures."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

settings.register_profile("nearfield", deadline=None, derandomize=True)
settings.load_profile("nearfield")

BROWSER = "tests/browser/"
LOOPS = "hostile"  # in the name of a file: the same lines for thousands of damaged files


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave loops over damaged files out of the coverage, which doubles their time."""
    for item in items:
        if LOOPS in item.path.name:
            item.add_marker(pytest.mark.no_cover)


class WholeFiles(LoadFileScheduling):  # type: ignore[misc]
    """A file stays with one worker, and so do all of the browser: one server and one Chromium."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    """Replace what xdist does of itself for `--dist=loadfile`."""
    return WholeFiles(config, log) if config.getvalue("dist") == "loadfile" else None
