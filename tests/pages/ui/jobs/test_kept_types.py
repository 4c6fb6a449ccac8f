"""What jobs give can be kept in the store: values of core, or with parts that are."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
import pytest

import pages
from core.data import EmbeddingSet
from core.index import HnswParams, build_hnsw
from core.store import open_store
from pages.layers import scene
from pages.map import filter as map_filter
from pages.ui.controls.queries import ROWS
from pages.ui.jobs import JobKind
from pages.ui.jobs.runner import WORTH_KEEPING, Runner
from pages.ui.results import tradeoffs
from pages.ui.results.query_sources import QuerySource
from tests.core.store.sameness import assert_same

DATA = EmbeddingSet.from_arrays(
    np.random.default_rng(0).normal(size=(300, 4)),
    metadata=pd.DataFrame({"size": np.arange(300.0), "kind": ["a", "b", "c"] * 100}),
    name="rows",
)
SOURCE = QuerySource(ROWS, DATA, build_hnsw(DATA.vectors, HnswParams(m=4)))
CALLS: dict[str, tuple[JobKind[..., Any], tuple[Any, ...]]] = {
    "curves": (tradeoffs._made, (SOURCE, (1, 5), "200", 200)),
    "beside": (tradeoffs._of_rows, (SOURCE, (1, 5))),
    "first look": (tradeoffs._first_look, (DATA, HnswParams(m=4), (1, 5), 290)),
    "histograms": (map_filter._histograms, (DATA,)),
    "asked": (scene._asked, (DATA, SOURCE.graph, DATA.vectors[3], 3, 5)),
}


def job_kinds() -> dict[str, JobKind[..., Any]]:
    found = {}
    for module in pkgutil.walk_packages(pages.__path__, "pages."):
        last = module.name.rpartition(".")[2]
        if last == "page" or not last.isidentifier():
            continue
        for each in vars(importlib.import_module(module.name)).values():
            if isinstance(each, JobKind):
                found[f"{each.__module__}.{each.__qualname__}"] = each
    return found


def of_pages(kind: Any, seen: set[Any]) -> Iterator[str]:
    """The types of pages in a type, and in the fields of its dataclasses."""
    for part in (*get_args(kind), get_origin(kind)):
        if isinstance(part, type) or get_args(part):
            yield from of_pages(part, seen)
    if not isinstance(kind, type) or kind in seen:
        return
    seen.add(kind)
    if kind.__module__.startswith("pages."):
        yield kind.__qualname__
    elif is_dataclass(kind):
        hints = get_type_hints(kind)
        for each in fields(kind):
            yield from of_pages(hints[each.name], seen)


def test_each_job_gives_what_can_be_kept() -> None:
    found = job_kinds()
    assert len(found) > 60
    given = {name: get_type_hints(each._function)["return"] for name, each in found.items()}
    assert [
        name
        for name, each in found.items()
        if list(of_pages(given[name], set())) and not (each.kept_as or each._is_private)
    ] == []


@pytest.mark.parametrize("name", CALLS)
def test_a_result_comes_back_from_its_parts(name: str, tmp_path: Path) -> None:
    kind, args = CALLS[name]
    assert kind.kept_as is not None
    result = kind(*args, progress=lambda *_: None)
    store = open_store(str(tmp_path))
    back = kind.kept_as.from_parts(store.get(store.put(kind.kept_as.to_parts(result))), *args)
    assert type(back) is type(result)
    if name in ("curves", "beside"):
        assert back.source is SOURCE
    assert_same(vars(result), vars(back))


class Shelf:
    """A keeper in memory."""

    def __init__(self) -> None:
        self.held: dict[Any, Any] = {}

    def get(self, key: Any) -> Any:
        return self.held.get(key)

    def put(self, key: Any, value: Any, _owner: str, seconds: float) -> None:
        self.held[key] = value, seconds


def test_parts_are_kept_of_a_job_inside_of_another_too() -> None:
    shelf, (kind, args) = Shelf(), CALLS["histograms"]
    now = iter(np.arange(100) * WORTH_KEEPING)
    runner = Runner(inline=True, results=shelf, clock=lambda: float(next(now)))
    key = kind.key(*args)
    made = runner.within(lambda *_: None, key, "A", kind, *args, lane="long", owner="ann")
    ((parts, seconds),) = shelf.held.values()
    assert parts is made.value
    assert seconds >= WORTH_KEEPING
    again = Runner(inline=True, results=shelf)
    found = again.submit(key, "A", kind, *args)
    assert found.result.value is parts
    assert found.result.fingerprint == made.fingerprint
    assert found.elapsed >= seconds
