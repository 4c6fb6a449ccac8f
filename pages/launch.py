"""`nearfield FILE`: check a file in the terminal, then serve the app on it and open the browser.

The server runs in this process, so that what was read here is what the sessions get. `nearfield
check` and the other `COMMANDS` serve no app; a file of such a name is opened as `./check`.
"""

import argparse
import os
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from core.data import EmbeddingSet, Look, ReadSettings, watch
from core.data.limits import raise_limits
from core.data.read import found_in, to_set, with_queries
from core.distances import METRICS
from core.encoders import load_encoder
from core.errors import BadRowsError, ChoiceError, CoreError
from core.gate import check_command, diff_command
from core.limits import ENCODER, encoder_folder
from core.projection import picture_of
from core.visible import marked
from pages import serving
from pages.agents import command as agents_command
from pages.ui import jobs
from pages.ui.jobs import progress_bar
from pages.ui.results import ahead
from pages.ui.session import opened
from pages.ui.session.opened import Opening

COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {
    check_command.NAME: check_command.main,
    diff_command.NAME: diff_command.main,
    agents_command.NAME: agents_command.main,
}
AT_MOST = 1.0  # seconds of reading until the server starts beside it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 2 where the file cannot be used."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given and given[0] in COMMANDS:
        return COMMANDS[given[0]](given[1:])
    asked = _parser().parse_args(given)
    if not take_encoder(asked.encoder):
        return serving.REFUSED
    reading = None
    if asked.file is not None:
        reading = Reading(asked)
        reading.start()
        threading.Thread(target=prepare, args=(Path(asked.file),), daemon=True).start()
        reading.join(AT_MOST)
        if reading.error is not None:
            return serving.REFUSED
        if reading.is_alive():
            print(f"{Path(asked.file).name}: is being read; the browser shows it meanwhile")
    status = serving.serve(asked.address, asked.port, opens_browser=not asked.no_browser)
    return status if reading is None or reading.error is None else serving.REFUSED


def prepare(path: Path) -> None:
    """Have a process ready while a large file is read, whose index is asked for right after it."""
    size = path.stat().st_size if path.is_file() else 0
    if size >= progress_bar.LARGE:
        import pages.ui.results.indexes  # noqa: F401 - of its jobs a process knows what to import

        jobs.prepare_for(size)


def take_encoder(folder: str | None) -> bool:
    """Check the text encoder that was named, here or in the environment; False if it cannot run."""
    named = folder or encoder_folder()
    if named is None:
        return True
    try:
        encoder = load_encoder(named)
    except CoreError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return False
    os.environ[ENCODER] = str(Path(named).resolve())  # the server changes its folder
    print(f"{encoder.name}: encodes texts, {encoder.dim:,} dimensions")
    return True


class Reading(threading.Thread):
    """Reads the file that the arguments name, and lets sessions open with it.

    error: why it cannot be used, once that is known.
    """

    def __init__(self, asked: argparse.Namespace) -> None:
        super().__init__(name="reading", daemon=True)
        self.error: CoreError | None = None
        self._asked = asked
        raise_limits(Path(asked.file))

    def run(self) -> None:
        """Read, say in the terminal what was found, and do what the first page needs."""
        try:
            with watch.heard(opened.report):
                embeddings = read(self._asked)
        except CoreError as error:
            self._refuse(refusal(error))
            return
        except BaseException as error:
            self._refuse(f"{self._asked.file} could not be read: {type(error).__name__}.")
            raise
        print(found(embeddings))
        ahead.work(embeddings, opened.report)
        opened.open_with(embeddings)

    def _refuse(self, reason: str) -> None:
        self.error = CoreError(reason)
        print(f"nearfield: {marked(reason)}", file=sys.stderr)
        opened.tell(replace(_begun(self._asked), error=self.error))


def read(asked: argparse.Namespace) -> EmbeddingSet:
    """The set that the arguments name, which sessions see on its way; raises CoreError."""
    begun = _begun(asked)
    opened.tell(begun)
    settings = ReadSettings(asked.vectors, asked.label, drop_bad_rows=asked.drop_bad_rows)
    inside, title = found_in(asked.file, begun.name, settings.options, metadata=asked.metadata)
    look = Look(inside, title, settings)
    opened.tell(replace(begun, look=look, picture=picture_of(look)))
    if asked.queries is not None:
        inside = with_queries(inside, asked.queries)
    embeddings = to_set(inside, title, asked.label, "drop" if asked.drop_bad_rows else "error")
    return embeddings if asked.metric is None else replace(embeddings, metric=asked.metric)


def _begun(asked: argparse.Namespace) -> Opening:
    path = Path(asked.file)
    return Opening(path.name, path.stat().st_size if path.is_file() else 0)


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
    return "\n".join(marked(line) for line in [*lines, *(f"  {each}" for each in embeddings.notes)])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nearfield",
        description="See an embedding space, and the HNSW index that searches it.",
        epilog=f"Commands that serve no app: nearfield {', nearfield '.join(COMMANDS)} (--help).",
    )
    parser.add_argument("file", nargs="?", help="vectors, of any format that the README lists")
    parser.add_argument("metadata", nargs="?", help="a table with one row for each vector")
    parser.add_argument("--vectors", metavar="COLUMN", help="the column or array with the vectors")
    parser.add_argument("--label", metavar="COLUMN", help="the column with the classes")
    parser.add_argument("--metric", choices=METRICS, help="of the index, in place of the file's")
    parser.add_argument("--queries", metavar="FILE", help="vectors to search with")
    parser.add_argument(
        "--encoder", metavar="FOLDER", help="a model that turns text into a query; see the README"
    )
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
