"""`nearfield FILE`: check a file in the terminal, then serve the app on it and open the browser.

The server runs in this process, so that what was read here is what the sessions get.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.data import EmbeddingSet, read_embeddings
from core.distances import METRICS
from core.errors import BadRowsError, ChoiceError, CoreError
from core.limits import MAX_UPLOAD_MB, MAX_VALUES
from pages.ui.session import opened

APP = Path(__file__).resolve().parents[1] / "app.py"
REFUSED = 2
PER_BYTE = 10  # a packed file holds more than its own bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 2 where the file cannot be used."""
    asked = _parser().parse_args(arguments)
    if asked.file is not None:
        try:
            embeddings = read(asked)
        except CoreError as error:
            print(f"nearfield: {refusal(error)}", file=sys.stderr)
            return REFUSED
        print(found(embeddings))
        opened.open_with(embeddings)
    return serve(asked.address, asked.port, opens_browser=not asked.no_browser)


def read(asked: argparse.Namespace) -> EmbeddingSet:
    """The set that the arguments name; raises CoreError."""
    raise_limits(Path(asked.file))
    embeddings = read_embeddings(
        asked.file,
        vector_column=asked.vectors,
        label_column=asked.label,
        bad_rows="drop" if asked.drop_bad_rows else "error",
        metadata=asked.metadata,
        queries=asked.queries,
    )
    return embeddings if asked.metric is None else replace(embeddings, metric=asked.metric)


def raise_limits(path: Path) -> None:
    """Let a person's own file of any size in, where the environment states no limit itself."""
    size = path.stat().st_size if path.is_file() else 0
    for limit, least in ((MAX_UPLOAD_MB, PER_BYTE * size // 10**6), (MAX_VALUES, PER_BYTE * size)):
        if limit.variable not in os.environ and least > limit.value:
            os.environ[limit.variable] = str(least)


def refusal(error: CoreError) -> str:
    """Why the file cannot be used, and which argument of the command mends it."""
    if isinstance(error, ChoiceError):
        return f"{error} Here: --vectors NAME, one of {', '.join(error.candidates)}."
    if isinstance(error, BadRowsError):
        return f"{error} Here: --drop-bad-rows."
    return str(error)


def found(embeddings: EmbeddingSet) -> str:
    """What was read, in lines for the terminal."""
    lines = [f"{embeddings.name}: {embeddings.n:,} vectors of {embeddings.dim:,} dimensions"]
    if embeddings.label_column is not None:
        classes = len(embeddings.class_names)
        lines.append(f"  labels: {embeddings.label_column}, {classes:,} classes")
    if embeddings.queries is not None:
        lines.append(f"  queries: {len(embeddings.queries):,}")
    return "\n".join([*lines, *(f"  {note}" for note in embeddings.notes)])


def serve(address: str, port: int | None, *, opens_browser: bool) -> int:
    """Run the app until it is stopped; without a port, on the first free one from 8501 on."""
    from streamlit.web import cli

    os.chdir(APP.parent)  # where the server looks for its settings
    flags = [f"--server.address={address}", "--browser.gatherUsageStats=false"]
    flags.append(f"--server.headless={'false' if opens_browser else 'true'}")
    if port is not None:
        flags.append(f"--server.port={port}")
    result = cli.main(["run", str(APP), *flags], standalone_mode=False)
    return result if isinstance(result, int) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nearfield", description="See an embedding space, and the HNSW index that searches it."
    )
    parser.add_argument("file", nargs="?", help="vectors, of any format that the README lists")
    parser.add_argument("metadata", nargs="?", help="a table with one row for each vector")
    parser.add_argument("--vectors", metavar="COLUMN", help="the column or array with the vectors")
    parser.add_argument("--label", metavar="COLUMN", help="the column with the classes")
    parser.add_argument("--metric", choices=METRICS, help="of the index, in place of the file's")
    parser.add_argument("--queries", metavar="FILE", help="vectors to search with")
    parser.add_argument(
        "--drop-bad-rows", action="store_true", help="leave out rows that are not finite"
    )
    parser.add_argument("--address", default="localhost", help="that the server listens at")
    parser.add_argument("--port", type=_port, help="the first free one from 8501 on by default")
    parser.add_argument("--no-browser", action="store_true", help="serve, and open no browser")
    return parser


def _port(text: str) -> int:
    if not (text.isdecimal() and 0 < int(text) < 65_536):
        raise argparse.ArgumentTypeError(f"must be a number from 1 to 65535; got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
