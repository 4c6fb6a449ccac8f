"""Libraries of layouts, imported at their first use: it takes seconds, and two are extras."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib.util import find_spec
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from core.compiled import CACHE_SETTING, code_folder
from core.errors import MissingExtraError
from core.projection.result import NAMES, Method

EXTRA = "maps"
LIBRARIES: dict[Method, str] = {"tsne": "openTSNE", "pacmap": "pacmap"}  # that EXTRA brings


def check_extra(method: Method) -> None:
    """Raise a MissingExtraError that names how to install what `method` needs, if that is missing.

    Nothing is imported.
    """
    library = LIBRARIES.get(method)
    if library is not None and find_spec(library) is None:
        raise MissingExtraError(NAMES[method], library, EXTRA)


@contextmanager
def kept_code(library: str) -> Iterator[None]:
    """Functions compiled with `cache=True` inside are kept where this user can write.

    umap-learn, pynndescent and pacmap ask for a cache as they are imported, and fail where numba
    finds no folder for one. Where there is none at all, they are compiled without.
    """
    from numba import config

    settings: Any = config
    source = _folder(library)
    folder = code_folder(source)
    with CACHE_SETTING:
        before = settings.CACHE_DIR
        if folder not in (None, source / "__pycache__"):
            settings.CACHE_DIR = str(folder)
        try:
            with _no_cache() if folder is None else nullcontext(), warnings.catch_warnings():
                # umap warns that TensorFlow is missing, which only its neural variant needs.
                warnings.simplefilter("ignore", ImportWarning)
                yield
        finally:
            settings.CACHE_DIR = before


def copied(function: Any, module: ModuleType, **names: Any) -> FunctionType:
    """A copy of a module's function that finds other things under these names.

    The module stays as it is: a change in it would reach every thread.
    """
    return FunctionType(function.__code__, {**vars(module), **names}, argdefs=function.__defaults__)


def _folder(library: str) -> Path:
    """The library's folder, without importing it."""
    spec = find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


@contextmanager
def _no_cache() -> Iterator[None]:
    """numba compiles without keeping the code, also where `cache=True` is given."""
    from numba.core.dispatcher import Dispatcher
    from numba.np.ufunc.ufuncbuilder import UFuncDispatcher

    kinds: tuple[Any, ...] = (Dispatcher, UFuncDispatcher)
    before = [kind.enable_caching for kind in kinds]
    for kind in kinds:
        kind.enable_caching = _keep_nothing
    try:
        yield
    finally:
        for kind, method in zip(kinds, before, strict=True):
            kind.enable_caching = method


def _keep_nothing(_: Any) -> None:
    """Stands for the method that would look for a folder."""
