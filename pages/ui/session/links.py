"""A session's choice of data and index settings, to and from the query of a URL.

    ?data=wordnet&metric=cosine&m=16&efc=200&seed=100
    ?data=5f0c...&index=93ab...&metric=euclidean

Only what differs from the defaults is written. A value that cannot be used is replaced by its
default and reported, so that a stale or hand-edited link always opens.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from core.errors import ParameterError
from core.index import HnswParams
from core.limits import BUILD_THREADS

FIELDS = {"metric": "metric", "m": "m", "efc": "ef_construction", "seed": "seed"}
NAMES = ("data", "index", "queries", *FIELDS)


@dataclass(frozen=True)
class Choice:
    """data: the name of a sample or the key of an upload; params: how its index is built.

    index: the key of an index read from a file, which is used in place of a build; else "".
    queries: the key of an uploaded set of queries; else "".
    """

    data: str
    params: HnswParams
    index: str = ""
    queries: str = ""


def to_parts(choice: Choice) -> dict[str, Any]:
    """The choice as plain values, all of them, for a saved workspace."""
    params = asdict(choice.params)
    return {"data": choice.data, "index": choice.index, "queries": choice.queries, **params}


def from_parts(parts: Mapping[str, Any]) -> Choice:
    """The choice again; raises ParameterError or TypeError where the parts are none of today's."""
    params = {name: value for name, value in parts.items() if name not in NAMES[:3]}
    params["threads"] = min(params["threads"], BUILD_THREADS.value)  # of this server
    return Choice(parts["data"], HnswParams(**params), parts["index"], parts["queries"])


def to_query(choice: Choice, default: Choice) -> dict[str, str]:
    """The query parameters of `choice`, without those that equal `default`'s."""
    everything = {"data": choice.data, "index": choice.index, "queries": choice.queries} | {
        name: str(getattr(choice.params, field)) for name, field in FIELDS.items()
    }
    usual = {"data": default.data, "index": default.index, "queries": default.queries} | {
        name: str(getattr(default.params, field)) for name, field in FIELDS.items()
    }
    return {name: value for name, value in everything.items() if value != usual[name]}


def from_query(query: Mapping[str, str], default: Choice) -> tuple[Choice, list[str]]:
    """The choice that `query` names, and a sentence for each value that could not be used.

    `data`, `index` and `queries` are taken as they are: whether the server holds them is not known
    here.
    """
    data, index = query.get("data", default.data), query.get("index", default.index)
    choice = Choice(data, default.params, index, query.get("queries", default.queries))
    problems: list[str] = []
    for name, field in FIELDS.items():
        if name not in query:
            continue
        try:
            value = query[name] if name == "metric" else _whole_number(name, query[name])
            params = _with(choice.params, field, value)
        except ParameterError as error:
            kept = getattr(default.params, field)
            problems.append(f"The link's {name} was not used: {error} Using {kept}.")
        else:
            choice = replace(choice, params=params)
    return choice, problems


def _with(params: HnswParams, field: str, value: Any) -> HnswParams:
    return replace(params, **{field: value})


def _whole_number(name: str, text: str) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 18:
        raise ParameterError(f"{name} must be a whole number; got {text[:40]!r}.")
    return int(text)
