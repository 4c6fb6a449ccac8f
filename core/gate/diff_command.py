"""`nearfield diff`: two index files side by side, in the terminal."""

import argparse
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from core.data.read import read_embeddings
from core.distances import METRICS
from core.errors import CoreError
from core.gate import diff_words
from core.gate.index_files import open_index
from core.studies import diff_indexes, diff_noise
from core.studies.inspection.index_diff import QUERIES
from core.visible import marked

NAME = "diff"
SAME, DIFFERENT, NOT_COMPARED = 0, 1, 2
SHOWN = 10
REMEDY = "Pass --metric cosine, euclidean or inner_product."


def main(arguments: Sequence[str]) -> int:
    """Compare, and say what changed; the statuses are those of diff(1)."""
    asked = _parser().parse_args(arguments)
    try:
        first, second = (open_index(path, asked.metric, REMEDY) for path in (asked.a, asked.b))
        queries = None if asked.queries is None else read_embeddings(asked.queries).vectors
        found = diff_indexes(
            first, second, queries, asked.k, asked.ef, size=asked.size, seed=asked.seed
        )
        rebuilt = None
        if asked.rebuilds:
            rebuilt = diff_noise(first, found, queries, rebuilds=asked.rebuilds)
        if asked.json is not None:
            text = diff_words.json_text(found, Path(asked.a).name, Path(asked.b).name, rebuilt)
            Path(asked.json).write_text(text, encoding="utf-8")
    except CoreError as error:
        print(f"nearfield: {marked(str(error))}", file=sys.stderr)
        return NOT_COMPARED
    except OSError as error:
        print(f"nearfield: {error.filename}: {error.strerror}.", file=sys.stderr)
        return NOT_COMPARED
    except Exception:  # else Python would end with the status of a difference
        traceback.print_exc()
        return NOT_COMPARED
    noise = "" if rebuilt is None else diff_words.noise(found, rebuilt)
    lines = [diff_words.answer(found, noise)]
    if not found.is_empty:
        lines += [f"  {each}" for each in diff_words.reasons(found)]
        for table in (diff_words.layer_table(found), diff_words.moved_table(found, most=SHOWN)):
            lines += ["", *table.to_string(index=False).splitlines()] if len(table) else []
    print("\n".join(marked(line) for line in lines))
    return SAME if found.is_empty else DIFFERENT


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nearfield diff",
        description="Compare two index files: items and links by label, and what they answer.",
        epilog="Exit status: 0 they are the same, 1 they differ, 2 they cannot be compared.",
    )
    parser.add_argument("a", help="an index file")
    parser.add_argument("b", help="another one of the same items, or of some of them")
    parser.add_argument(
        "--queries",
        metavar="FILE",
        help=f"vectors to search with; without them {QUERIES:,} items of both are searched for",
    )
    parser.add_argument("--metric", choices=METRICS, help="where the files do not state it")
    parser.add_argument("--k", type=int, default=10, help="neighbors of each query; 10")
    parser.add_argument("--ef", type=int, default=64, help="beam of the searches; 64")
    parser.add_argument("--size", type=int, default=QUERIES, help="items that are searched for")
    parser.add_argument("--seed", type=int, default=0, help="that they are drawn with")
    parser.add_argument(
        "--rebuilds",
        type=int,
        default=0,
        metavar="R",
        help="build the first index's setting R times again, to tell a change from chance",
    )
    parser.add_argument("--json", metavar="FILE", help="write all of it as JSON")
    return parser
