"""The rows in JSON of any shape, found by what stands where, not by who wrote it.

A document is searched for tables; the one of the most rows that hold vectors is taken:

| shape                                    | written by, for example                               |
|------------------------------------------|-------------------------------------------------------|
| objects one after another, or in a list  | JSON lines, records of pandas, scroll and search      |
|                                          | answers of Qdrant, Elasticsearch, Pinecone, Milvus    |
| lists side by side, of as many elements  | Chroma's get; with a list around each, its query      |
| names to vectors, or names to objects    | word vectors; Pinecone's fetch, LangChain's dump      |
| objects side by side with the same names | pandas' default; LlamaIndex's vector store            |
| names of columns, and lists of as many   | pandas' "split", answers of SQL services              |
| numbers in one list, and their shape     | tensors of transformers.js, answers of Triton         |
| action lines between documents           | bulk files of Elasticsearch and OpenSearch            |

Where an object in a line holds a list of such rows deeper down (a batch answer of OpenAI, for
example), each becomes a row with the other fields of its line.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.data.column_names import vector_name_rank
from core.data.readers.nested_names import OPAQUE, counted, is_leaf
from core.data.readers.table.cells import may_hold_vector
from core.data.readers.table.coded import BASE64

Row = dict[str, Any]
VECTOR = "vector"
NAME = "name"
ACTIONS = ("index", "create", "update", "delete")
ACTION_FIELDS = ("routing", "pipeline", "require_alias", "retry_on_conflict", "dynamic_templates")
SAMPLE = 50
SHORTEST_CODED = 32  # letters of base64
HALF = 0.5
TENSOR_FROM = 4  # numbers: fewer are a shape themselves
NAMED = 5
NUMBERS = {int, float, type(None)}


NUMBERS_HELD, TEXT_HELD, NOTHING_HELD = 2, 1, 0


@dataclass(frozen=True)
class Table:
    """Rows found in a document. path: the names on the way to them. note: what to say, or "".

    held: whether the rows hold vectors of numbers, texts that may be vectors, or neither. around:
    the objects that the rows are in, from inside, each with the name of the part that they are in.
    """

    rows: list[Row]
    path: tuple[str, ...] = ()
    note: str = ""
    held: int = NUMBERS_HELD
    around: tuple[tuple[Row, str], ...] = ()

    def with_siblings(self) -> list[Row]:
        """The rows with lists of the objects around that have one element for each of them.

        Asked for the table that is taken alone: of thousands side by side each has all the others
        as siblings.
        """
        rows = self.rows
        for parent, name in self.around:
            rows = _with_siblings(parent, name, rows)
        return rows


def rows_of(values: list[Any]) -> tuple[list[Row], list[str]]:
    """The rows of the values of a file, and notes on how they were found."""
    if len(values) == 1:
        return _rows_of_document(values[0])
    if all(isinstance(value, list) for value in values):
        return _rows_of_document(values)
    if (words := _lines_of_words(values)) is not None:
        return words.rows, []
    joined, notes = _without_actions(values)
    return _with_vectors([_as_row(value) for value in joined], notes)


def _rows_of_document(value: Any) -> tuple[list[Row], list[str]]:
    tables = list(_tables(value, ()))
    table = _best(tables)
    if isinstance(value, dict):
        own = _held(value)
        if table is None or (table.held, len(table.rows)) <= (own, 1) or table.held < own:
            return [value], []
    if table is None:
        rows = value if value and all(isinstance(part, list) for part in value) else [value]
        return [_as_row(row) for row in rows], []
    where = f"rows taken from {'.'.join(table.path)!r}" if table.path else ""
    said = (where, table.note, _not_used(tables, table))
    return _with_vectors(table.with_siblings(), [note for note in said if note])


def _not_used(tables: list[Table], taken: Table) -> str:
    """The other tables that hold vectors, as a note; "" where there are none."""
    others = [
        f"{'.'.join(each.path)!r} ({len(each.rows):,} row{'' if len(each.rows) == 1 else 's'})"
        for each in tables
        if each is not taken and each.held == NUMBERS_HELD
    ]
    if not others:
        return ""
    more = f" and {len(others) - NAMED:,} more" if len(others) > NAMED else ""
    return f"not used: {', '.join(others[:NAMED])}{more}, which hold vectors as well"


def _with_vectors(rows: list[Row], notes: list[str]) -> tuple[list[Row], list[str]]:
    """The rows, or where the vectors stand in lists within them, one row for each vector."""
    own = _most_held(rows)
    if own == NUMBERS_HELD or all(_held_within(row) <= own for row in rows[:SAMPLE]):
        return rows, notes
    inner = [_best(_tables(row, ())) for row in rows]
    pairs = [
        part
        for row, table in zip(rows, inner, strict=True)
        for part in (
            [row] if table is None else [_placed(row, table.path, r) for r in table.with_siblings()]
        )
    ]
    if len(pairs) != len(rows):
        notes = [*notes, f"{len(rows):,} objects hold {len(pairs):,} rows"]
    return pairs, notes


def _held_within(row: Row) -> int:
    table = _best(_tables(row, ()))
    return NOTHING_HELD if table is None else table.held


def _lines_of_words(values: list[Any]) -> Table | None:
    """Objects that each hold only vectors, by names that stand once in the file."""
    if not all(isinstance(value, dict) and value for value in values):
        return None
    names = [name for value in values for name in value]
    if len(set(names)) < len(names):
        return None
    return _named_vectors({name: part for value in values for name, part in value.items()})


def _placed(row: Row, path: tuple[str, ...], part: Row) -> Row:
    """`row` with `part` in the place of what stands at `path`."""
    if not path:
        return part
    below = row.get(path[0])
    return {
        **row,
        path[0]: _placed(below, path[1:], part) if isinstance(below, dict) else part,
    }


def _as_row(value: Any) -> Row:
    return value if isinstance(value, dict) else {VECTOR: value}


def _without_actions(values: list[Any]) -> tuple[list[Any], list[str]]:
    """Each document with the fields of the action line before it."""
    rows: list[Any] = []
    action: Row | None = None
    n_actions = 0
    for value in values:
        found = _action(value)
        if found is not None and action is None:
            action, n_actions = found, n_actions + 1
            if "delete" in value:
                action = None
        elif action is not None and isinstance(value, dict):
            rows.append({**action, **value.get("doc", value)})
            action = None
        else:
            rows.append(value)
    return rows, [f"{n_actions:,} action lines joined with their documents"] if n_actions else []


def _action(value: Any) -> Row | None:
    """The fields of an action line of a bulk file; None for any other value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    (name, fields), *_ = value.items()
    if name not in ACTIONS or not isinstance(fields, dict):
        return None
    known = all(field.startswith("_") or field in ACTION_FIELDS for field in fields)
    return fields if known else None


def _best(tables: Iterable[Table]) -> Table | None:
    """The table that holds vectors with the most rows, the first of equals."""
    return max(tables, key=lambda table: (table.held, len(table.rows)), default=None)


def _tables(value: Any, path: tuple[str, ...]) -> Iterable[Table]:
    """All tables with vectors in a value."""
    if isinstance(value, list):
        yield from _tables_of_list(value, path)
    elif isinstance(value, dict):
        yield from _tables_of_dict(value, path)


def _tables_of_list(value: list[Any], path: tuple[str, ...]) -> Iterable[Table]:
    if value and all(isinstance(part, list) for part in value):
        inner = [row for part in value for row in part]
        if inner and all(isinstance(row, dict) for row in inner):  # a list of answers
            yield from _tables_of_list(inner, path)
            return
    if value and all(isinstance(part, dict) for part in value):
        rows, notes = _with_vectors(_without_actions(value)[0], [])
        yield Table(rows, path, "; ".join(notes), _most_held(rows))
        if len(value) == 1:  # the one output of a server, for example
            yield from _tables_of_dict(value[0], path)
    elif _is_matrix(value):
        yield Table([{VECTOR: part} for part in value], path)
    elif _is_nested_matrix(value):
        yield Table([{VECTOR: row} for part in value for row in part], path)
    elif value and all(isinstance(part, list) and len(part) == len(value[0]) for part in value):
        names = list(map(str, range(len(value[0]))))
        yield Table([dict(zip(names, part, strict=True)) for part in value], path)


def _tables_of_dict(value: Row, path: tuple[str, ...]) -> Iterable[Table]:
    if is_leaf(value):
        return
    kinds = (_tensor, _split, _named_objects, _columns, _named_vectors)
    for table in (kind(value) for kind in kinds):
        if table is not None:
            yield Table(table.rows, path, table.note)
            return
    for name, part in value.items():
        for table in _tables(part, (*path, name)):
            inside = len(table.path) > len(path)
            yield replace(table, around=(*table.around, (value, name))) if inside else table


def _with_siblings(parent: Row, name: str, rows: list[Row]) -> list[Row]:
    """The rows with lists of `parent` that have one element for each of them.

    name: of the part of `parent` that the rows are in.
    """
    beside = {
        key: part
        for key, part in parent.items()
        if key != name and isinstance(part, list | np.ndarray) and len(part) == len(rows)
    }
    if not beside or len(rows) < 2:
        return rows
    return [{**{key: part[i] for key, part in beside.items()}, **row} for i, row in enumerate(rows)]


def _tensor(value: Row) -> Table | None:
    """The rows of one list of numbers beside its shape, (n, d) or (n, 1, d)."""
    shapes = [_shape(part) for part in value.values() if isinstance(part, list)]
    for part in value.values():
        numbers = list(part.values()) if isinstance(part, dict) and is_leaf(part) else part
        if not _is_numbers(numbers) or len(numbers) < TENSOR_FROM:
            continue
        for n, d in filter(None, shapes):
            if n > 1 and n * d == len(numbers):
                rows = [{VECTOR: numbers[start : start + d]} for start in range(0, n * d, d)]
                return Table(rows, note=f"{n * d:,} numbers taken as {n:,} rows of {d:,}")
    return None


def _shape(part: list[Any]) -> tuple[int, int] | None:
    whole = all(type(length) is int and length > 0 for length in part)
    if not whole or len(part) not in (2, 3) or (len(part) == 3 and part[1] != 1):
        return None
    return part[0], part[-1]


def _split(value: Row) -> Table | None:
    """Names of columns, and lists of as many cells."""
    for names in value.values():
        if not isinstance(names, list) or len(names) < 2:
            continue
        said = [part.get(NAME) if isinstance(part, dict) else part for part in names]
        texts = [text for text in said if isinstance(text, str)]
        if len(set(texts)) < len(names):
            continue
        for rows in value.values():
            if (
                rows is not names
                and isinstance(rows, list)
                and rows
                and all(isinstance(row, list) and len(row) == len(texts) for row in rows)
                and not _is_matrix(rows)
            ):
                return Table([dict(zip(texts, row, strict=True)) for row in rows])
    return None


def _columns(value: Row) -> Table | None:
    """Lists side by side, or objects side by side with the same names."""
    lists = {name: part for name, part in value.items() if isinstance(part, list | np.ndarray)}
    maps = {
        name: part
        for name, part in value.items()
        if isinstance(part, dict) and part and set(part) not in OPAQUE
    }
    return _parallel_lists(lists, maps) or _parallel_maps(maps)


def _parallel_lists(lists: Row, maps: Row) -> Table | None:
    """Lists of one length; those in objects beside them as well, such as attributes by name."""
    nested = [name for name, part in lists.items() if _is_nested_matrix(part)]
    if nested:
        counts = [len(part) for part in lists[nested[0]]]
        flat = {name: _concatenated(part, counts) for name, part in lists.items()}
        lists = {name: part for name, part in flat.items() if part is not None}
        note = f"{len(counts):,} lists of answers put one after another" if len(counts) > 1 else ""
    else:
        note = ""
    matrices = [name for name, part in lists.items() if _is_matrix(part)]
    n = len(lists[matrices[0]]) if matrices else _common_length(lists)
    same = {name: part for name, part in lists.items() if len(part) == n}
    if n < 1 or not (matrices or _are_columns(same)):
        return None
    if matrices and len(same) == 1 and n == 1:
        return None  # one vector in a list around it
    if matrices:
        same = {**_lists_within(maps, n), **same}
    rows = [{name: part[i] for name, part in same.items()} for i in range(n)]
    others = [f"{name} ({len(part):,})" for name, part in lists.items() if 0 < len(part) != n]
    unused = f"not used, for they have not {n:,} elements: {', '.join(others)}" if others else ""
    return Table(rows, note="; ".join(filter(None, (note, unused))))


def _lists_within(maps: Row, n: int) -> Row:
    """The lists of n elements, by their names, of objects that hold only such lists."""
    columns = (
        part
        for part in maps.values()
        if all(isinstance(cells, list) and len(cells) == n for cells in part.values())
    )
    return {name: cells for part in columns for name, cells in part.items()}


def _parallel_maps(maps: Row) -> Table | None:
    alike, holders = defaultdict[frozenset[str], list[str]](list), defaultdict[str, list[str]](list)
    for name, part in maps.items():
        alike[frozenset(part)].append(name)
        for key in part:
            holders[key].append(name)
    columns = {
        keys: len(names) > 1 and _are_map_columns(maps, names) for keys, names in alike.items()
    }
    for part in maps.values():
        if len(part) < 2 or not (columns[frozenset(part)] or all(map(_is_vector, part.values()))):
            continue
        shared = Counter(other for key in part for other in holders[key])
        if sum(held > HALF * len(part) for held in shared.values()) < 2:
            continue
        joined = [other for other in maps if shared[other] > HALF * len(part)]
        return Table(
            [{NAME: key, **{other: maps[other].get(key) for other in joined}} for key in part]
        )
    return None


def _are_map_columns(maps: Row, alike: list[str]) -> bool:
    columns = {name: list(maps[name].values()) for name in alike}
    return not any(isinstance(cell, dict) for part in columns.values() for cell in part) and (
        _are_columns(columns)
    )


def _are_columns(lists: Row) -> bool:
    """Whether lists of one length are columns, not each a vector.

    They are where some hold texts, or where they are numbered as dimensions are.
    """
    if len(lists) < 2:
        return False
    numbers = [name for name, part in lists.items() if _is_numbers(part)]
    if len(numbers) < len(lists):
        return any(_is_texts(part) for part in lists.values())
    stems = {name.rstrip("0123456789") for name in lists}
    return len(stems) == 1 and vector_name_rank(stems.pop().rstrip("_-. ")) > 0


def _named_vectors(value: Row) -> Table | None:
    """Names to vectors of one length."""
    vectors = {name: part for name, part in value.items() if _is_vector(part)}
    if len(vectors) < 2 or len(vectors) < len(value):
        return None
    if len({_length(part) for part in vectors.values()}) > 1:
        return None
    return Table([{NAME: name, VECTOR: part} for name, part in vectors.items()])


def _named_objects(value: Row) -> Table | None:
    """Names to objects that each hold a vector."""
    parts = list(value.values())
    if len(parts) < 2 or not all(isinstance(part, dict) for part in parts):
        return None
    if any(is_leaf(part) or set(part) == counted(len(part)) for part in parts[:SAMPLE]):
        return None
    if any(_held(part) != NUMBERS_HELD for part in parts[:SAMPLE]):
        return None
    named = NAME if not any(NAME in part for part in parts) else f"{NAME} of the object"
    return Table([{named: name, **part} for name, part in value.items()])


def _concatenated(part: Any, counts: list[int]) -> list[Any] | None:
    """The elements of lists of so many elements, one after another; None for another value."""
    if not isinstance(part, list) or len(part) != len(counts):
        return None
    if any(not isinstance(inner, list) for inner in part):
        return None
    if [len(inner) for inner in part] != counts:
        return None
    return [cell for inner in part for cell in inner]


def _common_length(lists: Row) -> int:
    lengths = [len(part) for part in lists.values()]
    return max(lengths, key=lengths.count, default=0)


def _most_held(rows: list[Row]) -> int:
    return max(map(_held, rows[:SAMPLE]), default=NOTHING_HELD)


def _held(row: Any) -> int:
    """Whether some field of an object, at any depth of objects alone, is a vector."""
    if not isinstance(row, Mapping):
        return NOTHING_HELD
    return max(
        (_held_by(part) if is_leaf(part) else _held(part) for part in row.values()),
        default=NOTHING_HELD,
    )


def _held_by(part: Any) -> int:
    if isinstance(part, str):
        written = part.startswith(("[", "{")) and may_hold_vector(part)
        coded = len(part) >= SHORTEST_CODED and BASE64.match(part) is not None
        return TEXT_HELD if written or coded else NOTHING_HELD
    return NUMBERS_HELD if _is_vector(part) else NOTHING_HELD


def _is_vector(part: Any) -> bool:
    """A list of at least two numbers, such a list within a list, or a typed array."""
    if isinstance(part, dict):
        return len(part) > 1 and is_leaf(part) and _is_numbers(list(part.values()))
    if isinstance(part, list) and len(part) == 1 and isinstance(part[0], list | np.ndarray):
        return _is_vector(part[0])
    return isinstance(part, list | np.ndarray) and len(part) > 1 and _is_numbers(part)


def _length(part: Any) -> int:
    nested = isinstance(part, list) and len(part) == 1
    return len(part[0]) if nested else len(part)


def _is_numbers(part: Any) -> bool:
    if isinstance(part, np.ndarray):
        return part.ndim == 1
    kinds = set(map(type, part)) if isinstance(part, list) else set()
    return bool(kinds) and kinds <= NUMBERS and kinds != {type(None)}


def _is_texts(part: Any) -> bool:
    return isinstance(part, list) and bool(part) and any(isinstance(cell, str) for cell in part)


def _is_matrix(part: Any) -> bool:
    """A list of vectors of one length."""
    if not isinstance(part, list) or not part or not all(map(_is_flat_vector, part)):
        return False
    return len({len(vector) for vector in part}) == 1


def _is_flat_vector(part: Any) -> bool:
    return isinstance(part, list | np.ndarray) and len(part) > 1 and _is_numbers(part)


def _is_nested_matrix(part: Any) -> bool:
    """A list of lists of vectors, such as one list for each query."""
    return isinstance(part, list) and bool(part) and all(map(_is_matrix, part))
