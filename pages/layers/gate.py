"""What the graph loses and takes, as bounds for a pipeline."""

import math

from core.gate import Bounds, LostBound, MemoryBound
from core.index import Census, HnswGraph, hnswlib_bytes
from pages.ui.display import gate_file
from pages.ui.session.workspace import Workspace

NAME = "index_bounds.toml"
MEGABYTE = 1_000_000


def show(work: Workspace, graph: HnswGraph, census: Census) -> None:
    """Offer the bounds of the census and of the graph's size."""
    run = gate_file.command(work, NAME)
    gate_file.offer(bounds_of(work, graph, census), margins(graph, census), work, NAME, run)


def bounds_of(work: Workspace, graph: HnswGraph, census: Census) -> Bounds:
    """At most a tenth more lost items and memory than now."""
    return Bounds(
        (
            LostBound(ef=census.ef, at_most=most_lost(census)),
            MemoryBound(at_most_mb=most_memory(graph)),
        ),
        index=gate_file.index_settings(work),
    )


def lost(census: Census) -> int:
    """Items lost now; of a sample, as many as the upper end of its interval lets expect."""
    known = len(census.lost)
    if not census.is_sample:
        return known
    live = census.n - int(census.deleted.sum())
    return max(known, math.ceil(live * census.interval[1]))


def most_lost(census: Census) -> int:
    """A tenth more than now, rounded up; none where none is lost."""
    return math.ceil(round(gate_file.MORE * lost(census), 6))


def most_memory(graph: HnswGraph) -> float:
    """A tenth more MB than now, rounded up to 0.01."""
    return gate_file.rounded_up(gate_file.MORE * hnswlib_bytes(graph) / MEGABYTE, 2)


def margins(graph: HnswGraph, census: Census) -> list[str]:
    """What may be lost and taken, beside what is now."""
    now, estimated = lost(census), " by the upper end of the sample's interval"
    items = f"Lost items at ef {census.ef:,}: none now, and none may be."
    if now:
        items = (
            f"Lost items at ef {census.ef:,}: {now:,} now{estimated if census.is_sample else ''}, "
            f"at most {most_lost(census):,} (a tenth more)."
        )
    return [
        items,
        f"Memory as hnswlib saves it: {hnswlib_bytes(graph) / MEGABYTE:,.2f} MB now, at most "
        f"{most_memory(graph):,.2f} MB (a tenth more).",
    ]
