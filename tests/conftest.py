"""What all tests share: wild input is the same at every run, and slow machines are no failures."""

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

settings.register_profile("nearfield", deadline=None, derandomize=True)
settings.load_profile("nearfield")

BROWSER = "tests/browser/"
# In the name of a file: the same lines again for thousands of files, damaged or drawn.
LOOPS = ("hostile", "json_shapes", "every_dialect", "index_file_places")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave loops over files out of the coverage, which doubles their time."""
    for item in items:
        if any(loop in item.path.name for loop in LOOPS):
            item.add_marker(pytest.mark.no_cover)


class WholeFiles(LoadFileScheduling):  # type: ignore[misc]
    """A file stays with one worker, and so do all of the browser: one server and one Chromium."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    """Replace what xdist does of itself for `--dist=loadfile`."""
    return WholeFiles(config, log) if config.getvalue("dist") == "loadfile" else None
