"""Find what a package offers: one file, one thing, no list to keep in step."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Mapping, Sequence
from types import MappingProxyType, ModuleType
from typing import Any

from optim_core.hyper import is_spec


def discover(package: ModuleType, requires: Sequence[str]) -> Mapping[str, type[Any]]:
    """Map the file stem of every module in `package` to the one spec class the module defines.

    Modules whose name begins with an underscore are helpers and are left out, and so are packages within the package.

    Args:
        package: an imported package.
        requires: attributes that every class must have.

    Returns:
        A read-only mapping, sorted by name.

    Raises:
        TypeError: a module defines no spec or several, or its spec lacks an attribute. Nothing is skipped in silence.
    """
    found: dict[str, type[Any]] = {}
    for info in sorted(pkgutil.iter_modules(package.__path__), key=lambda info: info.name):
        if info.name.startswith("_") or info.ispkg:
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        specs = [
            value
            for name, value in vars(module).items()
            if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_") and is_spec(value)
        ]
        if len(specs) != 1:
            raise TypeError(f"{module.__name__} must define exactly one public @spec class, found {len(specs)}")
        missing = [name for name in requires if not hasattr(specs[0], name)]
        if missing:
            raise TypeError(f"{module.__name__}.{specs[0].__name__} lacks {', '.join(missing)}")
        if not inspect.getdoc(specs[0]):
            raise TypeError(f"{module.__name__}.{specs[0].__name__} has no docstring")
        found[info.name] = specs[0]
    return MappingProxyType(found)


def key_of(registry: Mapping[str, type[Any]], instance: Any) -> str:
    """The registry key of a spec instance.

    Raises:
        KeyError: its class is not in the registry.
    """
    for key, cls in registry.items():
        if type(instance) is cls:
            return key
    raise KeyError(f"{type(instance).__name__} is not in the registry")
