"""Index files that a command names."""

from pathlib import Path

from core.distances import check_metric
from core.errors import IndexFileError, ParameterError
from core.index import HnswGraph, read_index


def open_index(path: str | Path, metric: str | None, remedy: str) -> HnswGraph:
    """The graph of an index file; raises CoreError in words that name the file.

    metric: for a file that states none. remedy: said where it is needed and not given.
    """
    stated = None if metric is None else check_metric(metric)
    try:
        return read_index(str(path), metric=stated)
    except ParameterError as error:
        if stated is not None:
            raise
        name = Path(path).name
        raise ParameterError(f"{name}: the file does not state its metric. {remedy}") from error
    except OSError as error:
        name = Path(path).name
        raise IndexFileError(f"{name} could not be read: {error.strerror}.") from error
