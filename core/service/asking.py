"""One query: what the index finds, and what became of each true neighbor that it misses.

A query is an item, a vector, or a text, where the deployment names an encoder.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from core.distances import Floats
from core.encoders import TextEncoder, fit_of, load_encoder
from core.encoders.folder import Folder
from core.errors import EncoderError, ParameterError
from core.index import beam_search, row_distances, trace_search
from core.limits import ENCODER, encoder_folder
from core.progress import Progress, counted, part, unheard
from core.service.answers import Answer, items, plain, short
from core.service.arguments import Arguments, said
from core.service.holdings import Holdings, Indexed
from core.service.indexing import INDEX
from core.studies import NEIGHBOR_FATES, Misses, QueryTruth, explain_misses, query_truth
from core.studies.inspection.neighbor_check import FOUND

WAYS = ("row", "vector", "text")


@dataclass(frozen=True, kw_only=True)
class Query(Arguments):
    """What is searched for: one of row, vector and text."""

    index: str = said(INDEX)
    row: int | None = said(
        "an item of the index, left out of its own answer", default=None, low=0, high=2**31 - 1
    )
    vector: tuple[float, ...] | None = said("a vector of as many dimensions", default=None)
    text: str | None = said(
        "a text, for the encoder of this server, which must have made the data", default=None
    )
    k: int = said("neighbors that are asked for", default=10, low=1, high=1_000)
    ef: int = said("beam of the search, at least k", default=64, low=1, high=4_096)


@dataclass(frozen=True, kw_only=True)
class Search(Query):
    """Of `search`."""


@dataclass(frozen=True, kw_only=True)
class ExplainMiss(Query):
    """Of `explain_miss`."""

    ef_max: int = said(
        "the largest ef that is tried for a missed neighbor", default=512, low=1, high=4_096
    )


@dataclass(frozen=True, eq=False)
class Asked:
    """A query as a vector (d,). row: that it is and that is left out. words: about a text."""

    vector: Floats
    row: int | None
    words: Answer


def search(holdings: Holdings, asked: Search, progress: Progress = unheard) -> Answer:
    """The k nearest that the index finds at ef; raises CoreError."""
    index = holdings.indexes.get(asked.index)
    query = _query(holdings, index, asked, progress)
    exclude = None if query.row is None else [query.row]
    found = beam_search.search(index.graph, query.vector[None], asked.k, asked.ef, exclude=exclude)
    ids, distances = found.ids[0], found.distances[0]
    here = ids >= 0
    return {
        "index": index.name,
        "query": query.words,
        "k": asked.k,
        "ef": asked.ef,
        "found": plain(
            [
                each | {"distance": distance}
                for each, distance in zip(
                    items(index.items, ids[here]), distances[here], strict=True
                )
            ]
        ),
        "distance_computations": int(found.distance_computations[0]),
    }


def explain_miss(holdings: Holdings, asked: ExplainMiss, progress: Progress = unheard) -> Answer:
    """The fate of each true neighbor at ef, and the least ef that returns it; raises CoreError."""
    index = holdings.indexes.get(asked.index)
    query = _query(holdings, index, asked, part(progress, 0.0, 0.5))
    graph, vectors = index.graph, index.items.vectors
    progress(0.5, "true neighbors")
    truth = query_truth(
        graph, vectors, query.vector, asked.k, ef_max=max(asked.ef_max, asked.k), exclude=query.row
    )
    progress(0.8, "the search")
    trace = trace_search(graph, query.vector, asked.k, asked.ef, exclude=query.row)
    misses = explain_misses(graph, vectors, truth, trace, row_distances(graph, query.vector))
    fates = [str(fate) for fate in misses.fate]
    missed = sum(fate != FOUND for fate in fates)
    return {
        "index": index.name,
        "query": query.words,
        "k": asked.k,
        "ef": asked.ef,
        "missed": missed,
        "neighbors": _neighbors(index, truth, misses),
        "means": {fate: NEIGHBOR_FATES[fate] for fate in dict.fromkeys(fates)},
        "distance_computations": trace.distance_computations,
        "sentence": sentence(missed, asked.k, asked.ef, misses),
    }


def sentence(missed: int, k: int, ef: int, misses: Misses) -> str:
    """How many of the true neighbors are missed, and which ef returns all that some ef returns."""
    if missed == 0:
        return f"ef {ef:,} returns all {k:,} true neighbors."
    needed = misses.smallest_ef[misses.fate != FOUND]
    never = int((needed < 0).sum())
    larger = needed[needed > ef]
    words = [f"ef {ef:,} misses {missed:,} of the {k:,} true neighbors."]
    if len(larger):
        words.append(f"ef {int(larger.max()):,} returns {len(larger):,} of those.")
    if never:
        words.append(f"No ef up to {misses.ef_max:,} returns {never:,} of them.")
    return " ".join(words)


def _neighbors(index: Indexed, truth: QueryTruth, misses: Misses) -> list[Answer]:
    ids, distances = truth.exact.ids[0], truth.exact.distances[0]
    found = []
    for place, each in enumerate(items(index.items, ids)):
        needed = int(misses.smallest_ef[place])
        found.append(
            each
            | {
                "rank": place + 1,
                "distance": float(distances[place]),
                "fate": str(misses.fate[place]),
                "smallest_ef": None if needed < 0 else needed,
                "path": items(index.items, misses.paths[place]),
            }
        )
    return [plain(each) for each in found]


def _query(holdings: Holdings, index: Indexed, asked: Query, progress: Progress) -> Asked:
    given = [way for way in WAYS if getattr(asked, way) is not None]
    if len(given) != 1:
        got = " and ".join(given) or "none"
        raise ParameterError(f"Give one of row, vector and text; got {got}.")
    vectors = index.items.vectors
    if asked.row is not None:
        if asked.row >= len(vectors):
            raise ParameterError(f"row must be below n = {len(vectors):,}; got {asked.row:,}.")
        return Asked(vectors[asked.row], asked.row, items(index.items, [asked.row])[0])
    if asked.vector is not None:
        if len(asked.vector) != index.items.dim:
            raise ParameterError(
                f"vector must have {index.items.dim:,} dimensions; got {len(asked.vector):,}."
            )
        with np.errstate(over="ignore"):  # a value that float32 does not hold is refused later
            vector = np.array(asked.vector, dtype=np.float32)
        return Asked(vector, None, {"vector": True})
    return _encoded(holdings, index, asked.text or "", progress)


def _encoded(holdings: Holdings, index: Indexed, text: str, progress: Progress) -> Asked:
    """A text as the encoder of this server has it, and how well that one fits the data."""
    folder = encoder_folder()
    if folder is None:
        raise EncoderError(
            f"This server has no encoder for texts. {ENCODER} must name the folder of the model "
            "that made the vectors."
        )
    encoder = _loaded(folder, Folder(Path(folder)).fingerprint)
    if encoder.dim != index.items.dim:
        raise EncoderError(
            f"{encoder.name} gives {encoder.dim:,} dimensions, and the data has "
            f"{index.items.dim:,}: it comes from another model."
        )
    vector = encoder.encode([text])[0].astype(np.float32)
    if not vector.any():
        raise EncoderError(
            f"{encoder.name} knows no part of this text, which has no vector. Try other words."
        )
    name = f"{encoder.fingerprint} {index.items.identity}"
    fit = holdings.fits.find(name)
    if fit is None:
        fit = fit_of(encoder, index.items, progress=counted(progress, "{:,} of {:,} texts"))
        holdings.fits.put(name, fit)
    words = {
        "text": short(text),
        "encoder": short(encoder.name),
        "fit": fit.verdict,
        "median_cosine": plain(fit.median),
    }
    return Asked(vector, None, words)


@lru_cache(maxsize=1)
def _loaded(folder: str, _fingerprint: str) -> TextEncoder:
    """The encoder of a folder, read anew where a file of it has changed."""
    return load_encoder(folder)
