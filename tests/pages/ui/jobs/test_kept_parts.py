"""The finished parts of a stopped study: found again after a restart, and gone with their data."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.data import EmbeddingSet
from core.errors import DataError
from core.index import HnswParams
from core.store import Store
from core.studies import BuildGrid
from pages.recall.studies import build_grid, runs
from pages.recall.studies.runs import Part, finished_parts
from pages.ui.jobs import kept_parts
from pages.ui.jobs.kept import ledger
from pages.ui.jobs.kept_parts import KeptParts
from pages.ui.jobs.kept_results import KeptResults
from pages.ui.session import stores

ROWS = np.random.default_rng(3).normal(size=(160, 4)).astype(np.float32)
DATA = EmbeddingSet.from_arrays(ROWS, name="rows")
SMALL = build_grid.Settings(5, 0.9, (4, 6), (20, 24), 1)


@pytest.fixture(autouse=True)
def long_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has begun has taken long enough."""
    monkeypatch.setattr(kept_parts, "WORTH_KEEPING", 0.0)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Store:
    monkeypatch.setenv("NEARFIELD_STORE", str(tmp_path / "store"))
    found = stores.store()
    assert found is not None
    return found


def parts(name: str = "grid of rows", kind: str = "grid") -> KeptParts:
    return KeptParts(
        KeptResults(inline=True), kind, name, source=DATA.bare.fingerprint, owner="ann"
    )


def test_a_part_is_found_by_its_key_after_a_restart(store: Store) -> None:
    held = parts()
    assert ("m", 8) not in held
    held["m", 8] = {"recall": ROWS[0]}
    again = parts()
    assert ("m", 8) in again
    assert again["m", 8]["recall"].tolist() == ROWS[0].tolist()
    assert list(again) == [("m", 8)]
    assert ("m", 9) not in again
    assert ("m", 8) not in parts("grid of others")
    assert ("m", 8) not in parts(kind="growth")
    made = store.create("ann", "Mine", {}, {"k": store.put(DATA)})
    store.delete(made.token, "ann")
    assert ("m", 8) not in parts()


@pytest.mark.usefixtures("store")
def test_parts_are_written_once_the_whole_has_taken_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_parts, "WORTH_KEEPING", 2.0)
    now = [10.0]
    held = KeptParts(
        KeptResults(inline=True), "grid", "x", source="s", owner="ann", clock=lambda: now[0]
    )
    now[0] = 11.9
    held["a"] = 1

    def again() -> KeptParts:
        return KeptParts(KeptResults(inline=True), "grid", "x", source="s", owner="ann")

    assert "a" not in again()
    now[0] = 12.0
    held["b"] = 2
    found = again()
    assert ("a" in found, "b" in found, dict(found)) == (True, True, {"a": 1, "b": 2})


class Broken:
    def get(self, _key: object) -> None:
        raise OSError("no disk")

    put = get


@pytest.mark.usefixtures("store")
def test_a_part_that_cannot_be_named_or_written_is_kept_here_alone() -> None:
    nameless = frozenset({np.sum})
    held = parts()
    held[nameless] = 1
    broken = KeptParts(Broken(), "grid", "x", source="s", owner="ann")  # type: ignore[arg-type]
    broken["a"] = 2
    assert (nameless in held, "a" in broken, "b" in broken) == (True, True, False)
    assert (held[nameless], broken["a"]) == (1, 2)
    assert nameless not in parts()


class Calls:
    """A progress that ends the study after a number of finished parts."""

    def __init__(self, most: float) -> None:
        self.most, self.words = most, list[str]()

    def __call__(self, fraction: float, message: str = "", partial: Any = None) -> None:  # noqa: ARG002
        self.words.append(message)
        if fraction > self.most:
            raise DataError("enough")


def run(part: Part, settings: build_grid.Settings, progress: Calls) -> BuildGrid:
    return build_grid.run(part, settings, progress=progress)


@pytest.mark.usefixtures("store")
def test_a_stopped_study_goes_on_from_the_parts_in_the_store() -> None:
    part, settings = Part(DATA, HnswParams(threads=1), 160), SMALL
    with pytest.raises(DataError, match="enough"):
        run(part, settings, Calls(0.6))
    before = finished_parts(part, settings)
    assert 0 < len(before.done) < 4
    runs._parts.clear()  # a restart
    again = Calls(2.0)
    result = run(part, settings, again)
    after = finished_parts(part, settings)
    assert after is not before
    told = next(words for words in again.words if " of 4 done" in words)
    assert told.startswith(f"{len(before.done)} of 4 done")
    assert len(after.done) == 4
    assert result.k == settings.k


def test_parts_count_among_results_and_go_with_their_data() -> None:
    part, settings = Part(DATA, HnswParams(), 160), SMALL
    finished = finished_parts(part, settings)
    before = ledger.bytes
    finished.done["cell"] = np.zeros(50_000)
    finished.note()
    assert ledger.bytes - before >= 400_000
    ledger.forget([DATA.bare.fingerprint])
    assert ledger.bytes <= before
    assert finished_parts(part, settings).done == {}
