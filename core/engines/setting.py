"""A setting that was chosen on data, and what it becomes in a system's own words."""

import textwrap
from dataclasses import dataclass

from core.distances import Metric
from core.index.graph import BUILT

WIDTH = 98  # of a line of comment
HNSWLIB = "hnswlib"
LEAST_M = 2


@dataclass(frozen=True)
class Setting:
    """An index and a search setting, and what they were measured to give.

    n, dim: size of the data. m, ef_construction: of the build; ef_construction is None where the
    index was read from a file that does not hold it. k, ef: of the search.
    recall: mean recall@k measured on `queries` queries at this ef, strict by id. graph: where the
    graph that was measured comes from, in the words of `HnswGraph.source`. asked: what the queries
    are, in words. in_index: whether they are rows of the index, which flatter it. measured_n: rows
    of the index that was searched, where some were held out of it.
    """

    metric: Metric
    n: int
    dim: int
    m: int
    ef_construction: int | None
    k: int
    ef: int
    recall: float
    queries: int
    graph: str = BUILT
    asked: str = "queries"
    in_index: bool = False
    measured_n: int | None = None

    @property
    def promise(self) -> str:
        """What was measured, in one sentence.

        >>> Setting("cosine", 1000, 64, 16, 200, 10, 40, 0.98765, 500).promise
        'Measured: recall@10 of 0.9877 at ef 40, over 500 queries on 1,000 x 64 vectors.'
        """
        rows = self.n if self.measured_n is None else self.measured_n
        return (
            f"Measured: recall@{self.k} of {self.recall:.4f} at ef {self.ef:,}, over "
            f"{self.queries:,} {self.asked} on {rows:,} x {self.dim:,} vectors."
        )


@dataclass(frozen=True)
class Recipe:
    """A setting written for one system.

    language: of the code, as a highlighter names it. code: ready to paste; its comments give the
    system's defaults, limits and traps, each with the page that says so. warnings: what of the
    setting this system cannot hold, and what was written in its place; shown beside the code.
    """

    engine: str
    language: str
    file_name: str
    code: str
    warnings: tuple[str, ...] = ()


def measured(
    setting: Setting, engine: str, default: int, comment: str = "#", *, exact: str = ""
) -> str:
    """The first comment of a recipe: what was measured, on which graph, and what is not known.

    default: the engine's own ef_construction, written where that of the setting is not known.
    comment: what begins a line of comment; the first line has it from the template.
    exact: how the engine gives the true neighbors, in a clause.

    >>> one = Setting("cosine", 1000, 64, 16, None, 10, 40, 0.98765, 500, "hnswlib file")
    >>> print(measured(one, "pgvector", 64, comment="--"))
    Measured: recall@10 of 0.9877 at ef 40, over 500 queries on 1,000 x 64 vectors.
    -- The ef_construction of the measured index is not known: it is not in the file. pgvector's
    -- default is 64; the value below follows it, and what it gives was not measured.
    -- It was measured on the graph of an opened file (hnswlib file). pgvector builds another, which
    -- differs even where M and ef_construction are the same: check recall there, too.
    """
    notes = []
    if setting.in_index:
        notes.append(
            "Those queries are rows of the index, each linked among its own neighbors. New queries "
            "need a larger ef, as a rule: measure with a log of them."
        )
    if setting.ef_construction is None:
        notes.append(
            "The ef_construction of the measured index is not known: it is not in the file. "
            f"{engine}'s default is {default:,}; the value below follows it, and what it gives was "
            "not measured."
        )
    if engine != HNSWLIB or setting.graph != BUILT:
        notes.append(_other_graph(setting, engine, exact))
    lines = [line for note in notes for line in textwrap.wrap(note, WIDTH - len(comment) - 1)]
    return "\n".join([setting.promise, *(f"{comment} {line}" for line in lines)])


def _other_graph(setting: Setting, engine: str, exact: str) -> str:
    """That what was measured is not the graph that the recipe builds."""
    built = setting.graph == BUILT
    where = (
        "a graph that hnswlib built" if built else f"the graph of an opened file ({setting.graph})"
    )
    own = "its own" if built else "another"
    how = f" ({exact})" if exact else ""
    return (
        f"It was measured on {where}. {engine} builds {own}, which differs even where M and "
        f"ef_construction are the same: check recall there, too{how}."
    )


def construction(setting: Setting, engine: str, default: int, warnings: list[str]) -> int:
    """The ef_construction to write; the engine's default, noted in `warnings`, where not known."""
    if setting.ef_construction is not None:
        return setting.ef_construction
    warnings.append(
        f"The ef_construction of the measured index is not in the file. {engine}'s default of "
        f"{default:,} was taken, and what it gives was not measured."
    )
    return default


def clamped(name: str, value: int, low: int, high: int, engine: str, warnings: list[str]) -> int:
    """`value` within what the system takes; a value that is not is noted in `warnings`.

    >>> notes: list[str] = []
    >>> clamped("m", 128, 2, 100, "pgvector", notes), notes[0]
    (100, 'pgvector takes m from 2 to 100; 128 became 100, so the measured recall may not hold.')
    """
    kept = min(max(value, low), high)
    if kept != value:
        warnings.append(
            f"{engine} takes {name} from {low:,} to {high:,}; {value:,} became {kept:,}, so the "
            "measured recall may not hold."
        )
    return kept
