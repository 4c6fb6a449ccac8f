"""One module per system, `recipe(setting) -> Recipe`; a new one is a module and a line."""

from collections.abc import Callable

from core.engines import hnswlib
from core.engines.setting import Recipe, Setting

ENGINES: dict[str, Callable[[Setting], Recipe]] = {
    hnswlib.NAME: hnswlib.recipe,
}

__all__ = ["ENGINES", "Recipe", "Setting"]
