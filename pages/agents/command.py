"""`nearfield mcp`: the calls as tools for a program that starts this command and speaks MCP."""

import argparse
import contextlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from core.data.places import allowed_folders
from core.encoders import load_encoder
from core.errors import CoreError, MissingExtraError
from core.limits import ENCODER, FOLDERS, encoder_folder

NAME = "mcp"
REFUSED = 2


def main(arguments: Sequence[str]) -> int:
    """Serve until the input ends; the exit status is 2 where a setting cannot be used.

    Nothing but the protocol is written to standard output.
    """
    asked = _parser().parse_args(arguments)
    try:
        _settle(asked)
    except CoreError as error:
        print(f"nearfield: {error}", file=sys.stderr)
        return REFUSED
    from pages.agents import tools

    with contextlib.suppress(KeyboardInterrupt):
        tools.serve()
    return 0


def _settle(asked: argparse.Namespace) -> None:
    """Take the arguments into the settings, and check these; raises CoreError."""
    if importlib.util.find_spec("mcp") is None:
        raise MissingExtraError("nearfield mcp", "mcp", "agents")
    if asked.folder:
        named = [str(Path(folder).resolve()) for folder in asked.folder]
        os.environ[FOLDERS] = os.pathsep.join(filter(None, [os.environ.get(FOLDERS), *named]))
    allowed_folders()
    encoder = asked.encoder or encoder_folder()
    if encoder is not None:
        load_encoder(encoder)
        os.environ[ENCODER] = str(Path(encoder).resolve())


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"nearfield {NAME}", description="Serve the calls of docs/agents.md as tools of MCP."
    )
    parser.add_argument(
        "--folder",
        action="append",
        metavar="FOLDER",
        help=f"whose files may be loaded, beside those of {FOLDERS}; may be given several times",
    )
    parser.add_argument("--encoder", metavar="FOLDER", help="a model that turns text into a query")
    return parser
